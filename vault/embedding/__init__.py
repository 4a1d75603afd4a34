"""Vectors of memories: which model's, made, carried along, folded, and in which mode they lie."""

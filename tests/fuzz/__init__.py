"""Readers of exports against input that no vendor ever wrote."""

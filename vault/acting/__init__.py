"""What is done to memories with a way back: merges, splits, moves, acts on many."""

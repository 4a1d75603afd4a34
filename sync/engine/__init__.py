"""One run of a connection, step by step: list, pair, reconcile, guard, apply. See ../ALGORITHM.md."""

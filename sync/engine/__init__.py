"""One run of a connection: list, pair, reconcile, guard, apply. See ../ALGORITHM.md."""

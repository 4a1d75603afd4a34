"""What can go wrong while importing or syncing, split by what happens next.

SyncError
├── NotNow        this cannot be done in the state it is in: look at it again
├── Guarded       a run would do more than its owner may want: it waits for their word
└── LostLease     another worker has taken the work over: stop quietly
"""

from sync.engine.guards import Guard


class SyncError(Exception):
    """Base class. The message is shown to the person."""


class NotNow(SyncError):
    """This cannot be done in the state it is in."""


class Guarded(SyncError):
    """Nothing was changed. `guard` says what a run would have done."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard.said)
        self.guard = guard


class LostLease(SyncError):
    """Another worker has taken this import over."""

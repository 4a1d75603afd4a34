"""What can go wrong while importing or syncing, split by what happens next.

SyncError
├── NotNow        the import is in a state in which this cannot be done: look at it again
└── LostLease     another worker has taken the work over: stop quietly
"""


class SyncError(Exception):
    """Base class. The message is shown to the person."""


class NotNow(SyncError):
    """This cannot be done in the state the import is in."""


class LostLease(SyncError):
    """Another worker has taken this import over."""

"""Everything that can go wrong with a vendor, split by what the caller does next.

ConnectorError
├── ArchiveError        refuse the files the person gave, say why, keep nothing
├── Misconfigured       show the message at the field of the form it names
├── AuthError           pause the connection, ask the person to reconnect
├── RateLimited         wait `retry_after` seconds, then resume
├── Unavailable         retry with backoff
├── BadResponse         stop the run: the vendor broke its own contract
├── CursorExpired       list everything again
└── ItemError           skip this item, report it, go on
    ├── NotFound
    ├── PreconditionFailed
    └── Rejected
"""


class ConnectorError(Exception):
    """Base class. The message is shown to the person, so it holds no secret and no payload."""


class ArchiveError(ConnectorError):
    """These files cannot be read as an export. The message names what to do instead."""


class Misconfigured(ConnectorError):
    """What was entered cannot work; `field` names the setting, "" for all of them together."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class AuthError(ConnectorError):
    """The credentials are missing, wrong, expired or revoked."""


class RateLimited(ConnectorError):
    """The vendor asks us to slow down; `retry_after` is in seconds, None when it did not say."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(ConnectorError):
    """The remote is down or unreachable; the same request may work later."""


class BadResponse(ConnectorError):
    """The remote answered something its documentation does not allow."""


class CursorExpired(ConnectorError):
    """The remote no longer knows the mark to go on from; nothing is wrong with the account."""


class ItemError(ConnectorError):
    """This one item failed; the others may still be fine."""


class NotFound(ItemError):
    """The item is gone."""


class PreconditionFailed(ItemError):
    """The item changed on the remote since it was listed."""


class Rejected(ItemError):
    """The remote refuses this item for good (too long, forbidden, invalid)."""

"""Why a model could not be asked, or its answer not be used, split by what happens next.

DistillingError
├── ChatBusy          not now: wait as long as it says, then ask again
├── ChatRefused       it will not do it: the owner changes what the message names
├── TextRefused       not this text: ask with less of it
└── Unreadable        the answer is none: ask once more, then pass over these turns
"""


class DistillingError(Exception):
    """Base class. The message is shown to the person: no text, address path or key in it."""


class ChatBusy(DistillingError):
    """The model does not answer now. `wait`: seconds that it asked for, or None."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class ChatRefused(DistillingError):
    """The model's server will not do this. Change the setting that the message names."""


class TextRefused(DistillingError):
    """The model takes no text like this, or not so much at once."""


class Unreadable(DistillingError):
    """What came back is not what was asked for."""

"""Why a request to somebody else's server came to nothing.

OutboundError
├── NotAllowed    the address is not one that may be asked: type another
├── Unreachable   nobody answered in time: try again later
└── TooLarge      the answer was larger than we take: this is not the service we asked for
"""


class OutboundError(Exception):
    """Base class. The message is shown to the person: no path, key or content in it."""


class NotAllowed(OutboundError):
    """This address may not be reached from here. Type the https address of a public server."""


class Unreachable(OutboundError):
    """There was no answer. Check the address, or try again later."""


class TooLarge(OutboundError):
    """The answer was too large. Check that the address is that of the right service."""

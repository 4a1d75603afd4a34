"""Requests to addresses that people typed: to the public internet, never to the server's inside."""

from vault.outbound.addresses import Rules
from vault.outbound.errors import NotAllowed, OutboundError, TooLarge, Unreachable
from vault.outbound.fetch import Answer, Outbound, check_url

__all__ = [
    "Answer",
    "NotAllowed",
    "Outbound",
    "OutboundError",
    "Rules",
    "TooLarge",
    "Unreachable",
    "check_url",
]

"""Where an app may have people sent back to: by https, to its own scheme, or to this computer."""

import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

_LETTERS = re.compile(r"[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)


def trouble(said: dict[str, Any]) -> str:
    """What is wrong with the addresses of an app, in words for whoever makes it; else ""."""
    sent = said.get("redirect_uris")
    if not isinstance(sent, list):
        return ""  # refused elsewhere
    addresses = [one for one in sent if isinstance(one, str)]
    if not all(map(is_written_plainly, addresses)):
        return "An address is made of the characters of RFC 3986, one address a string."
    if any(map(_in_the_clear, addresses)):
        return "Plain http is for addresses of the person's own computer only."
    return ""


def is_written_plainly(address: str) -> bool:
    """Whether everybody reads the same address in it: browsers take a backslash for a slash, and
    who keeps addresses in one line takes a space for the end of one."""
    return bool(_LETTERS.fullmatch(address))


def _in_the_clear(address: str) -> bool:
    """Whether it would send a code over a network unencrypted."""
    try:
        parts = urlsplit(address)
        return parts.scheme.lower() == "http" and not _here(parts.hostname or "")
    except ValueError:
        return True


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

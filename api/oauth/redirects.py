"""Where an app may have people sent back to: by https, to its own scheme, or to this computer."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


def in_the_clear(said: dict[str, Any]) -> bool:
    """Whether one of these addresses would send a code over a network unencrypted."""
    addresses = said.get("redirect_uris")
    if not isinstance(addresses, list):
        return False  # refused elsewhere
    return any(isinstance(one, str) and _plain(one) for one in addresses)


def _plain(address: str) -> bool:
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

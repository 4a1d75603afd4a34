"""Which network addresses are public, and which of the others the self-hoster has opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import psutil

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_IPV6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Public by the registry, and yet no place for us: relays into other networks, examples, and the
# host agent that one cloud puts at a public address.
_NOT_OURS: tuple[Network, ...] = tuple(
    map(ip_network, ("192.88.99.0/24", "168.63.129.16/32", "2002::/16", "3fff::/20"))
)


def is_public(address: Address) -> bool:
    """Whether it is somewhere on the internet, and not this machine itself."""
    if isinstance(address, IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_public(inner)
        if address not in _GLOBAL_IPV6:
            return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in _NOT_OURS) and address not in _own()


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is really reached: by mapping, or through the network's NAT64."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _own() -> set[Address]:
    """This machine's addresses: from inside, they lead past its firewall."""
    found = set()
    for each in psutil.net_if_addrs().values():
        for one in each:
            try:
                found.add(ip_address(one.address.split("%")[0]))
            except ValueError:  # a hardware address
                continue
    return found


@dataclass(frozen=True, slots=True)
class Rules:
    """What the self-hoster has opened: hosts by name, at one port or at any, and networks."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, words: Iterable[str]) -> Rules:
        """From `host`, `host:port`, an address or a network. ValueError names the odd one out."""
        hosts: set[tuple[str, int | None]] = set()
        networks: list[Network] = []
        for word in words:
            network = _network(word)
            if network is not None:
                networks.append(network)
            else:
                hosts.add(_host_and_port(word))
        return cls(frozenset(hosts), tuple(networks))

    def opens_host(self, host: str, port: int) -> bool:
        name = _plain(host)
        return (name, port) in self.hosts or (name, None) in self.hosts

    def opens(self, address: Address) -> bool:
        inner = _embedded(address) if isinstance(address, IPv6Address) else None
        return any((inner or address) in network for network in self.networks)


def _network(word: str) -> Network | None:
    try:
        return ip_network(word.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return None


def _host_and_port(word: str) -> tuple[str, int | None]:
    host, colon, port = word.rpartition(":")
    if not colon:
        host, port = word, ""
    name = _plain(host)
    odd = not name or any(mark in name for mark in "/@ *") or (colon and not port.isdecimal())
    if odd or (port and not 0 < int(port) < 65536):
        raise ValueError(f"{word!r} is no host, host:port, address or network")
    return name, int(port) if port else None


def _plain(host: str) -> str:
    return host.removeprefix("[").removesuffix("]").rstrip(".").lower()

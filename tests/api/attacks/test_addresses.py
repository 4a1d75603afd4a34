"""Whoever writes their address as it suits them is counted all the same."""

from typing import Any

import pytest
from rest_framework.settings import api_settings

from api import throttles


def test_addresses_of_ipv4_are_told_apart_on_a_socket_of_both() -> None:
    """Where a server listens for both, one that sends too much uses up nobody else's share."""
    assert throttles._network("::ffff:192.0.2.1") == throttles._network("192.0.2.1")
    assert throttles._network("::ffff:192.0.2.1") != throttles._network("::ffff:192.0.2.2")


def scope(*forwarded: bytes) -> Any:
    headers = [(b"x-forwarded-for", one) for one in forwarded]
    return {"type": "http", "headers": headers, "client": ("10.0.0.1", 1)}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "is_"),
    [
        (0, [b"1.1.1.1"], "10.0.0.1"),
        (1, [b"1.1.1.1, 2.2.2.2"], "2.2.2.2"),
        (1, [b"1.1.1.1", b"2.2.2.2"], "2.2.2.2"),
        (2, [b"1.1.1.1, 2.2.2.2", b"3.3.3.3"], "2.2.2.2"),
        (2, [b"1.1.1.1, 2.2.2.2, , 3.3.3.3"], "2.2.2.2"),
        (2, [b"3.3.3.3"], "3.3.3.3"),
        (1, [b""], "10.0.0.1"),
        (1, [], "10.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    proxies: int, forwarded: list[bytes], is_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies, raising=False)
    assert throttles.address_in(scope(*forwarded)) == is_


def test_many_addresses_do_not_wash_away_what_was_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The counts of sign-ins lie there, too: forgetting them would let passwords be tried on."""
    now = throttles.time.time()
    monkeypatch.setattr(throttles.time, "time", lambda: now)
    for _ in range(throttles.FAILURES_PER_ADDRESS + 1):
        rate = throttles.of_failures("2001:db8::1")
    assert rate is not None and rate.exceeded
    for n in range(1, 2_000):
        throttles.of_failures(f"2001:db8:0:{n:x}::1")
    rate = throttles.of_failures("2001:db8::1")
    assert rate is not None and rate.exceeded

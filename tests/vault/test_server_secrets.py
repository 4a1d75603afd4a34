"""What the server must read by itself opens for its account, with the server's pepper, or not."""

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault.errors import Tampered
from vault.keys import server_secrets

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_it_comes_back_for_its_account_only() -> None:
    sealed = server_secrets.seal(7, SECRET)
    assert server_secrets.open_(7, sealed) == SECRET
    for other in (6, 8, 0, 2**63 - 1):
        with pytest.raises(Tampered):
            server_secrets.open_(other, sealed)


def test_it_is_never_the_same_twice_and_tells_nothing() -> None:
    one, two = server_secrets.seal(7, SECRET), server_secrets.seal(7, SECRET)
    assert one != two
    for sealed in (one, two):
        assert SECRET not in sealed
        assert SECRET.encode() not in base64.urlsafe_b64decode(sealed)
    assert len(server_secrets.seal(7, "a")) == len(server_secrets.seal(7, "a" * 40))


def test_another_pepper_opens_nothing(settings: Any, tmp_path: Path) -> None:
    sealed = server_secrets.seal(7, SECRET)
    settings.SATCHEL_KEYS_DIR = tmp_path / "a database without its keys"
    with pytest.raises(Tampered):
        server_secrets.open_(7, sealed)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_an_altered_byte_is_noticed(place: int, change: int) -> None:
    record = bytearray(base64.urlsafe_b64decode(server_secrets.seal(7, SECRET)))
    record[place % len(record)] ^= change
    with pytest.raises(Tampered):
        server_secrets.open_(7, base64.urlsafe_b64encode(record).decode())


@given(st.text())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_noise_is_no_secret(noise: str) -> None:
    with pytest.raises(Tampered):
        server_secrets.open_(7, noise)

"""A key keeps its 32 bytes to itself, and derives as RFC 5869 and RFC 2104 say."""

import copy
import hashlib
import hmac
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import keys
from vault.crypto.keys import Key

LABELS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=12)


def expand(secret: bytes, info: bytes) -> bytes:
    """HKDF-Expand for one block, written from the RFC."""
    return hmac.digest(secret, info + b"\x01", hashlib.sha256)


@given(st.binary(min_size=32, max_size=32), LABELS, st.binary(max_size=80))
def test_derives_as_the_format_says(raw: bytes, label: str, context: bytes) -> None:
    info = b"satchel/v1/" + label.encode() + len(context).to_bytes(4, "big") + context
    assert Key(raw).derive(label, context).raw == expand(raw, info)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_macs_under_a_key_of_its_own(raw: bytes, message: bytes) -> None:
    own = expand(raw, b"satchel/v1/mac" + bytes(4))
    assert Key(raw).mac(message) == hmac.digest(own, message, hashlib.sha256)


def test_a_mac_is_never_a_derived_key() -> None:
    key = Key.generate()
    info = b"satchel/v1/content" + bytes(4) + b"\x01"
    assert key.mac(info) != key.derive("content").raw


def test_extracts_as_the_format_says() -> None:
    assert Key.from_secret(b"s", b"salt").raw == hmac.digest(b"salt", b"s", hashlib.sha256)


@given(LABELS, LABELS, st.binary(max_size=6), st.binary(max_size=6))
def test_another_label_or_context_gives_another_key(a: str, b: str, c: bytes, d: bytes) -> None:
    key = Key(bytes(32))
    assert (key.derive(a, c) == key.derive(b, d)) is ((a, c) == (b, d))


def test_a_mac_is_checked() -> None:
    key = Key.generate()
    assert key.verifies(b"message", key.mac(b"message"))
    assert not key.verifies(b"messagf", key.mac(b"message"))
    assert not key.verifies(b"message", key.mac(b"message")[:-1])


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_only_32_bytes_make_a_key(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(bytes(size))


@pytest.mark.parametrize("label", ["with\0nul", "não", "a\n"])
def test_a_label_is_printable_ascii(label: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        Key(bytes(32)).derive(label)


def test_a_context_is_bounded() -> None:
    Key(bytes(32)).derive("content", bytes(65_535))
    with pytest.raises(ValueError, match="65,535"):
        Key(bytes(32)).derive("content", bytes(65_536))


def test_the_package_is_plain_python() -> None:
    modules = ", ".join(
        f"vault.crypto.{path.stem}" for path in Path(keys.__file__).parent.glob("*.py")
    )
    code = f"import sys, {modules}; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_generated_keys_differ() -> None:
    assert len({Key.generate().raw for _ in range(100)}) == 100


def test_compares_by_secret_and_only_with_keys() -> None:
    assert Key(b"k" * 32) == Key(b"k" * 32)
    assert Key(b"k" * 32) != Key(b"l" * 32)
    assert Key(b"k" * 32) != b"k" * 32


def test_is_not_hashable() -> None:
    with pytest.raises(TypeError):
        hash(Key.generate())


@pytest.mark.parametrize("action", [pickle.dumps, copy.copy, copy.deepcopy])
def test_is_not_pickled_or_copied(action: object) -> None:
    key = Key(b"k" * 32)
    assert key.aead and key.mac(b"")
    with pytest.raises(TypeError, match=r"^A key is not pickled"):
        action(key)  # type: ignore[operator]


def test_never_shows_in_text_or_tracebacks() -> None:
    key = Key(b"canary-key-canary-key-canary-key")
    assert key.aead
    try:
        raise RuntimeError(f"{key} {key!r} {key:}")
    except RuntimeError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown = "".join(told.format()) + str([key]) + str({"key": key})
    assert "canary-key" not in shown.replace('b"canary-key-canary-key-canary-key"', "")
    assert key.raw.hex() not in shown
    assert repr(key) == "Key(hidden)"
    assert not hasattr(key, "__dict__")

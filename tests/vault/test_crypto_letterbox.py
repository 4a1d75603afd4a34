"""Letters: anyone with the public half posts, only the private half reads."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.test_crypto_aead import BINDING, BINDINGS
from vault.crypto import letterbox
from vault.crypto.aead import open_
from vault.crypto.envelope import Binding, parse
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key

PRIVATE = b"l" * 32
PUBLIC = letterbox.public_of(PRIVATE)


def extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + secret, hashlib.sha256)


def expand(suite: bytes, secret: bytes, label: bytes, info: bytes, size: int) -> bytes:
    text = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(secret, text, hashlib.sha256)[:size]


def read_by_the_standards(private: bytes, letter: bytes, info: bytes) -> bytes:
    """X-Wing and RFC 9180 written out: shows that other software could read our letters."""
    seeds = hashlib.shake_256(private).digest(96)
    x25519 = X25519PrivateKey.from_private_bytes(seeds[64:])
    mlkem_part, x25519_part = letter[6 : 6 + 1088], letter[6 + 1088 : 6 + 1120]
    secret = MLKEM768PrivateKey.from_seed_bytes(seeds[:64]).decapsulate(mlkem_part)
    secret += x25519.exchange(X25519PublicKey.from_public_bytes(x25519_part)) + x25519_part
    secret += x25519.public_key().public_bytes_raw() + rb"\.//^\ "[:-1]
    shared = hashlib.sha3_256(secret).digest()
    suite = b"HPKE" + bytes.fromhex("647a00010002")
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"")
    context += extract(suite, b"", b"info_hash", info)
    root = extract(suite, shared, b"secret", b"")
    key = expand(suite, root, b"key", context, 32)
    nonce = expand(suite, root, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, letter[6 + 1120 :], b"")


@given(st.binary(max_size=300), BINDINGS)
def test_collects_what_was_posted(text: bytes, binding: Binding) -> None:
    letter = letterbox.post(PUBLIC, text, binding)
    assert letterbox.collect(PRIVATE, letter, binding) == text
    assert parse(letter).epoch == binding.epoch


def test_letters_follow_the_standards() -> None:
    letter = letterbox.post(PUBLIC, b"text", BINDING)
    body = read_by_the_standards(PRIVATE, letter, BINDING.aad(1, 4))
    assert body == b"text\x80" + bytes(59)


@given(BINDINGS)
def test_opens_at_no_other_place(binding: Binding) -> None:
    letter = letterbox.post(PUBLIC, b"text", binding)
    with pytest.raises(CannotOpen):
        letterbox.collect(PRIVATE, letter, BINDING)


def test_flipped_bits_are_found() -> None:
    letter = letterbox.post(PUBLIC, b"text", BINDING)
    for at in [*range(0, len(letter), 7), 6 + 1088, 6 + 1119, len(letter) - 1]:
        broken = bytearray(letter)
        broken[at] ^= 1
        with pytest.raises(CannotOpen):
            letterbox.collect(PRIVATE, bytes(broken), BINDING)


def test_cuts_are_found() -> None:
    letter = letterbox.post(PUBLIC, b"text", BINDING)
    for broken in [letter[:at] for at in range(0, len(letter), 50)] + [letter[:-1], letter + b"\0"]:
        with pytest.raises(CannotOpen):
            letterbox.collect(PRIVATE, broken, BINDING)


def test_hostile_encapsulations_do_not_open() -> None:
    """Points of low order, and values outside the ring, end like any wrong letter."""
    header = BINDING.aad(1, 4)[:6]
    for filling in (b"\0", b"\x01", b"\xff"):
        with pytest.raises(CannotOpen):
            letterbox.collect(PRIVATE, header + filling * 1300, BINDING)


def test_another_private_half_does_not_open() -> None:
    other, _ = letterbox.generate_pair()
    with pytest.raises(CannotOpen):
        letterbox.collect(other, letterbox.post(PUBLIC, b"text", BINDING), BINDING)


def test_a_letter_is_no_record() -> None:
    letter = letterbox.post(PUBLIC, b"text", BINDING)
    for claimed in (letter, letter[:1] + b"\x01" + letter[2:]):
        with pytest.raises(CannotOpen):
            open_(Key(PRIVATE), claimed, BINDING)


def test_pairs_are_random_and_fit_together() -> None:
    pairs = [letterbox.generate_pair() for _ in range(5)]
    assert len({private for private, _ in pairs}) == 5
    for private, public in pairs:
        assert (len(private), len(public)) == (32, 1216)
        assert letterbox.public_of(private) == public


def test_letters_of_short_texts_look_alike() -> None:
    sizes = {len(letterbox.post(PUBLIC, bytes(n), BINDING)) for n in (0, 10, 63)}
    assert sizes == {6 + 1120 + 64 + 16}


@pytest.mark.parametrize("public", [b"", PUBLIC[:-1], PUBLIC + b"\0"])
def test_only_a_public_half_takes_letters(public: bytes) -> None:
    with pytest.raises(ValueError, match=r"^A letterbox's public half has 1,216 bytes"):
        letterbox.post(public, b"text", BINDING)


def test_bytes_that_are_no_public_half_take_no_letters() -> None:
    with pytest.raises(ValueError, match=r".+"):
        letterbox.post(b"\xff" * 1216, b"text", BINDING)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_private_half_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=r"^A letterbox's private half has 32 bytes"):
        letterbox.public_of(bytes(size))

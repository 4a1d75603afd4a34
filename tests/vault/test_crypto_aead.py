"""Records: they open with the same key at the same place, and in no other case."""

import struct
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, given
from hypothesis import strategies as st

from vault.crypto import aead
from vault.crypto.envelope import EXACT, LETTERBOX, NIL, PADDED, WRAPPED, Binding, parse
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.crypto.padding import pad, padded_size, unpad

KEY = Key(b"k" * 32)
BINDING = Binding(UUID(int=1), UUID(int=2), 3, UUID(int=4), "memory", 5)
FIELDS = st.text(st.characters(max_codepoint=0x7F), max_size=255)
BINDINGS = st.builds(
    Binding,
    st.uuids(),
    st.uuids() | st.just(NIL),
    st.integers(0, 2**32 - 1),
    st.uuids(),
    FIELDS,
    st.integers(0, 2**64 - 1),
)


@given(st.binary(max_size=400), BINDINGS, st.booleans())
def test_opens_what_was_sealed(text: bytes, binding: Binding, padded: bool) -> None:
    assert aead.open_(KEY, aead.seal(KEY, text, binding, pad=padded), binding) == text


@given(st.binary(max_size=200), BINDINGS)
def test_a_record_is_what_the_format_says(text: bytes, binding: Binding) -> None:
    """Opened by a second reading of FORMAT.md, with nothing of the package but the key."""
    record = aead.seal(KEY, text, binding)
    place = struct.pack(">BBI", 1, 1, binding.epoch)
    place += binding.vault.bytes + binding.collection.bytes + binding.id.bytes
    place += struct.pack(">QB", binding.revision, len(binding.field)) + binding.field.encode()
    cipher = AESGCM(KEY.derive("aead").raw)
    body = cipher.decrypt(record[6:18], record[18:], place)
    assert record[:6] == place[:6]
    assert body.rstrip(b"\0") == text + b"\x80"


@given(BINDINGS, BINDINGS)
def test_opens_at_no_other_place(sealed_at: Binding, read_at: Binding) -> None:
    assume(sealed_at != read_at)
    record = aead.seal(KEY, b"text", sealed_at)
    with pytest.raises(CannotOpen):
        aead.open_(KEY, record, read_at)


@given(BINDINGS, BINDINGS)
def test_different_places_never_authenticate_the_same_bytes(a: Binding, b: Binding) -> None:
    assert (a.aad(1, 1) == b.aad(1, 1)) is (a == b)


@pytest.mark.parametrize("make", [aead.seal, aead.wrap])
def test_every_flipped_bit_is_found(make: Callable[..., bytes]) -> None:
    record = make(KEY, Key(bytes(32)) if make is aead.wrap else b"", BINDING)
    read = aead.unwrap if make is aead.wrap else aead.open_
    read(KEY, record, BINDING)
    for bit in range(len(record) * 8):
        broken = bytearray(record)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            read(KEY, bytes(broken), BINDING)


def test_every_cut_is_found() -> None:
    record = aead.seal(KEY, b"text", BINDING)
    for size in range(len(record)):
        with pytest.raises(CannotOpen):
            aead.open_(KEY, record[:size], BINDING)


@given(st.binary(max_size=120))
def test_noise_does_not_open(noise: bytes) -> None:
    for record in (noise, BINDING.aad(1, PADDED)[:6] + noise, BINDING.aad(1, EXACT)[:6] + noise):
        with pytest.raises(CannotOpen):
            aead.open_(KEY, record, BINDING)


def test_another_key_does_not_open() -> None:
    with pytest.raises(CannotOpen) as caught:
        aead.open_(Key.generate(), aead.seal(KEY, b"text", BINDING), BINDING)
    assert str(caught.value) == "This cannot be opened with the key at hand."
    assert caught.value.__cause__ is None


def test_no_two_records_share_a_nonce() -> None:
    records = [aead.seal(KEY, b"same", BINDING) for _ in range(500)]
    assert len({record[6:18] for record in records}) == 500


@given(st.binary(min_size=32, max_size=32), BINDINGS)
def test_unwraps_what_was_wrapped(raw: bytes, binding: Binding) -> None:
    assert aead.unwrap(KEY, aead.wrap(KEY, Key(raw), binding), binding).raw == raw


@pytest.mark.parametrize("padded", [True, False])
def test_text_never_becomes_a_key(padded: bool) -> None:
    record = aead.seal(KEY, bytes(32), BINDING, pad=padded)
    for claimed in (record, record[:1] + bytes([WRAPPED]) + record[2:]):
        with pytest.raises(CannotOpen):
            aead.unwrap(KEY, claimed, BINDING)


def test_a_wrapped_key_is_not_read_as_text() -> None:
    record = aead.wrap(KEY, Key.generate(), BINDING)
    for claimed in (record, *(record[:1] + bytes([alg]) + record[2:] for alg in (PADDED, EXACT))):
        with pytest.raises(CannotOpen):
            aead.open_(KEY, claimed, BINDING)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_wrapped_key_has_32_bytes(size: int) -> None:
    aad = BINDING.aad(1, WRAPPED)
    record = aad[:6] + bytes(12) + KEY.aead.encrypt(bytes(12), bytes(size), aad)
    with pytest.raises(CannotOpen):
        aead.unwrap(KEY, record, BINDING)


@pytest.mark.parametrize(
    "changes",
    [{"epoch": -1}, {"epoch": 2**32}, {"revision": -1}, {"revision": 2**64}, {"field": "f" * 256}],
)
def test_a_binding_out_of_range_is_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"^A part of the binding is out of range"):
        aead.seal(KEY, b"", replace(BINDING, **changes))


@given(BINDINGS, st.booleans())
def test_a_record_tells_its_epoch(binding: Binding, padded: bool) -> None:
    record = aead.seal(KEY, b"text", binding, pad=padded)
    parts = parse(record)
    assert (parts.version, parts.alg) == (1, PADDED if padded else EXACT)
    assert (parts.epoch, parts.nonce, parts.ciphertext) == (
        binding.epoch,
        record[6:18],
        record[18:],
    )


def test_the_shortest_record_parses() -> None:
    assert parse(aead.seal(KEY, b"", BINDING, pad=False)).ciphertext


def test_a_binding_starts_at_revision_zero() -> None:
    parts = (BINDING.vault, BINDING.collection, 3, BINDING.id, "memory")
    assert Binding(*parts) == Binding(*parts, 0)


def test_a_letter_has_no_nonce() -> None:
    letter = struct.pack(">BBI", 1, LETTERBOX, 9) + bytes(range(50))
    parts = parse(letter)
    assert (parts.epoch, parts.nonce, parts.ciphertext) == (9, b"", letter[6:])


@pytest.mark.parametrize(
    "record",
    [b"", bytes(40), b"\x01\x01" + bytes(31), b"\x02\x01" + bytes(40), b"\x01\x05" + bytes(40)],
)
def test_what_is_no_record_does_not_parse(record: bytes) -> None:
    with pytest.raises(CannotOpen):
        parse(record)


@given(st.binary(max_size=3000))
def test_padding_comes_off_again(text: bytes) -> None:
    assert unpad(pad(text)) == text


def test_padding_fills_the_class_of_the_text_and_its_mark() -> None:
    for size in range(1100):
        assert len(pad(bytes(size))) == padded_size(size + 1)


@given(st.integers(0, 2**40))
def test_size_classes_are_few_and_close(size: int) -> None:
    padded = padded_size(size)
    assert padded >= max(size, 64)
    assert size <= 64 or padded <= size * 1.125
    assert padded_size(padded) == padded
    assert padded_size(size + 1) >= padded


def test_small_texts_all_look_alike() -> None:
    assert {len(aead.seal(KEY, bytes(n), BINDING)) for n in range(64)} == {6 + 12 + 64 + 16}
    assert len({padded_size(n) for n in range(65, 100_000)}) < 170


@pytest.mark.parametrize("body", [b"", b"\0" * 64, b"text", b"text\x80\0\x01", b"\x81"])
def test_padding_without_its_mark_does_not_open(body: bytes) -> None:
    with pytest.raises(CannotOpen):
        unpad(body)

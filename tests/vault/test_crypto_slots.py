"""Slots, recovery codes and tokens: the ways to open a key, and all the ways not to."""

import hashlib
import hmac
import re
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vault.crypto import slots
from vault.crypto.errors import CannotOpen, MistypedCode
from vault.crypto.keys import Key

VAULT, SLOT = UUID(int=1), UUID(int=2)
KEY, INNER = Key(b"s" * 32), Key(b"i" * 32)
KINDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
CODE = slots.recovery_code()
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PLACES = st.tuples(KINDS, st.uuids(), st.uuids(), st.binary(min_size=32, max_size=32))


def sealed(header: bytes = b"header") -> bytes:
    return slots.seal_slot(
        kind="password", slot_key=KEY, inner=INNER, vault=VAULT, id=SLOT, header=header
    )


def opened(slot: bytes) -> Key:
    return slots.open_slot(slot, kind="password", slot_key=KEY, vault=VAULT, id=SLOT)


@given(PLACES, st.binary(max_size=1024))
def test_opens_what_was_sealed(place: tuple[str, UUID, UUID, bytes], header: bytes) -> None:
    kind, vault, id, raw = place
    names = {"kind": kind, "slot_key": Key(raw), "vault": vault, "id": id}
    slot = slots.seal_slot(inner=INNER, header=header, **names)
    assert slots.open_slot(slot, **names) == INNER
    assert (slots.slot_header(slot), slots.slot_kind(slot)) == (header, kind)


@given(PLACES, PLACES)
def test_opens_at_no_other_place(
    a: tuple[str, UUID, UUID, bytes], b: tuple[str, UUID, UUID, bytes]
) -> None:
    assume(a != b)
    slot = slots.seal_slot(kind=a[0], vault=a[1], id=a[2], slot_key=Key(a[3]), inner=INNER)
    with pytest.raises(CannotOpen):
        slots.open_slot(slot, kind=b[0], vault=b[1], id=b[2], slot_key=Key(b[3]))


def test_every_flipped_bit_is_found() -> None:
    slot = sealed()
    assert opened(slot) == INNER
    for bit in range(len(slot) * 8):
        broken = bytearray(slot)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CannotOpen):
            opened(bytes(broken))


def test_every_cut_is_found() -> None:
    slot = sealed()
    for broken in [slot[:size] for size in range(len(slot))] + [slot + b"\0"]:
        with pytest.raises(CannotOpen):
            opened(broken)
        with pytest.raises(CannotOpen):
            slots.slot_header(broken)


@given(st.binary(max_size=200))
def test_noise_does_not_open(noise: bytes) -> None:
    with pytest.raises(CannotOpen):
        opened(noise)


def test_a_slot_commits_to_its_key() -> None:
    """With the commitment of another key the slot stays shut although AES-GCM would open it."""
    slot = sealed()
    start = len(slot) - 92
    forged = slot[:start] + bytes(32) + slot[start + 32 :]
    context = b"satchel/v1/slot" + VAULT.bytes + SLOT.bytes + slot[:start]
    assert KEY.aead.decrypt(slot[-60:-48], slot[-48:], context) == INNER.raw
    assert slot[start : start + 32] == KEY.derive("slot/commitment", context).raw
    with pytest.raises(CannotOpen):
        opened(forged)


@pytest.mark.parametrize(("kind", "header"), [("", b""), ("k" * 256, b""), ("k", bytes(1025))])
def test_what_does_not_fit_is_refused(kind: str, header: bytes) -> None:
    with pytest.raises(ValueError, match=r"^A kind is short ASCII"):
        slots.seal_slot(kind=kind, slot_key=KEY, inner=INNER, vault=VAULT, id=SLOT, header=header)


@pytest.mark.parametrize(("kind", "header"), [("k", b""), ("k" * 255, bytes(1024))])
def test_what_just_fits_opens(kind: str, header: bytes) -> None:
    place = {"kind": kind, "slot_key": KEY, "vault": VAULT, "id": SLOT}
    slot = slots.seal_slot(inner=INNER, header=header, **place)
    assert slots.open_slot(slot, **place) == INNER


def test_the_header_is_empty_unless_given_and_has_at_most_1024_bytes() -> None:
    names = {"kind": "owner", "slot_key": KEY, "inner": INNER, "vault": VAULT, "id": SLOT}
    assert slots.slot_header(slots.seal_slot(**names)) == b""
    assert slots.slot_header(slots.seal_slot(**names, header=bytes(1024))) == bytes(1024)


@pytest.mark.parametrize("header_length", [1025, 65_535])
def test_a_long_header_is_not_read(header_length: int) -> None:
    slot = b"\x01\x01" + header_length.to_bytes(2, "big") + b"k" + bytes(header_length + 92)
    with pytest.raises(CannotOpen):
        slots.slot_header(slot)


def test_recovery_codes_are_long_and_never_repeat() -> None:
    codes = {slots.recovery_code() for _ in range(300)}
    assert len(codes) == 300
    for code in codes:
        assert re.fullmatch(rf"([{ALPHABET}]{{4}}-){{6}}[{ALPHABET}]{{4}}", code)
        assert slots.recovery_key(code, VAULT)
    # Each of the first 27 symbols takes each of 32 values: 135 bits, less 0.2 for the check symbol.
    assert len({code[0] for code in codes}) > 25


@given(st.randoms())
def test_a_code_is_read_as_people_type_it(random: object) -> None:
    choices = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        random.choice(["", " ", "-", "\u2013", "\t", "\u2011"])  # type: ignore[attr-defined]
        + random.choice(choices.get(symbol, symbol + symbol.lower()))  # type: ignore[attr-defined]
        for symbol in CODE.replace("-", "")
    )
    assert slots.recovery_key(f" {typed}\n", VAULT) == slots.recovery_key(CODE, VAULT)


def test_every_single_mistake_is_noticed() -> None:
    code = slots.recovery_code().replace("-", "")
    for at in range(len(code)):
        for symbol in ALPHABET.replace(code[at], ""):
            with pytest.raises(MistypedCode):
                slots.recovery_key(code[:at] + symbol + code[at + 1 :], VAULT)


def test_every_swap_of_neighbours_is_noticed() -> None:
    code = slots.recovery_code().replace("-", "")
    for at in range(len(code) - 1):
        if code[at] != code[at + 1]:
            swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
            with pytest.raises(MistypedCode):
                slots.recovery_key(swapped, VAULT)


@given(st.text())
def test_other_text_is_mistyped(text: str) -> None:
    with pytest.raises(MistypedCode, match=r"^This recovery code has a typing mistake\."):
        slots.recovery_key(text, VAULT)


def test_spaces_do_not_count_up_to_200_characters() -> None:
    assert slots.recovery_key(CODE.ljust(200), VAULT) == slots.recovery_key(CODE, VAULT)
    with pytest.raises(MistypedCode):
        slots.recovery_key(CODE.ljust(201), VAULT)


def test_a_code_opens_one_vault() -> None:
    code = slots.recovery_code()
    assert slots.recovery_key(code, VAULT) != slots.recovery_key(code, UUID(int=9))


def test_mistyped_is_a_kind_of_cannot_open() -> None:
    assert issubclass(MistypedCode, CannotOpen)


def test_a_token_needs_its_pepper_and_its_kind() -> None:
    keys = [
        slots.token_key(token, pepper, kind).raw
        for token in (b"token", b"tokem", b"")
        for pepper in (b"p" * 32, b"q" * 32)
        for kind in ("access", "refresh")
    ]
    assert len(set(keys)) == 12


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_pepper_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match=r"^A pepper has 32 bytes"):
        slots.token_key(b"token", bytes(size), "access")


def test_the_hash_of_a_token_is_sha256() -> None:
    assert slots.token_hash(b"token") == hashlib.sha256(b"token").digest()


def test_a_grants_token_takes_its_pepper_as_well() -> None:
    """Written out with the standard library: HKDF of the token, both peppers as its salt."""
    token, day, grant = b"token" * 10, bytes(range(32)), bytes(range(32, 64))
    secret = hmac.digest(day + grant, token, "sha256")
    info = b"satchel/v1/token" + len(b"access").to_bytes(4, "big") + b"access"
    expected = hmac.digest(secret, info + b"\x01", "sha256")
    assert slots.token_key(token, day, "access", grant).raw == expected
    assert slots.token_key(token, day, "access").raw != expected
    assert slots.token_key(token, grant, "access", day).raw != expected


@pytest.mark.parametrize("size", [1, 16, 31, 33, 64])
def test_a_grants_pepper_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        slots.token_key(b"token", bytes(32), "access", bytes(size))


@pytest.mark.parametrize("version", [0, 2, 255])
def test_a_slot_of_another_version_is_not_parsed(version: int) -> None:
    sealed = slots.seal_slot(
        kind="access",
        slot_key=Key.generate(),
        inner=Key.generate(),
        vault=UUID(int=1),
        id=UUID(int=2),
    )
    with pytest.raises(CannotOpen):
        slots.slot_kind(bytes([version]) + sealed[1:])

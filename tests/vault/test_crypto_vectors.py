"""Format v1 is frozen: known answers hold, and malformed bytes fail, for every future version."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from tools import vectors as writer
from vault.crypto import aead, kdf, letterbox, padding, slots
from vault.crypto.envelope import Binding
from vault.crypto.errors import CannotOpen, MistypedCode, WeakParameters
from vault.crypto.keys import Key
from vault.crypto.stream import SealedReader, SealedWriter

Case = dict[str, Any]


def load(name: str) -> Case:
    return dict(json.loads((Path(__file__).parent / "vectors" / f"{name}.json").read_text()))


FILES = {name: load(name) for name in writer.FILES}
KEYS, RECORDS, SLOTS, PASSWORDS, CODES, LETTERBOX, STREAMS, CLOAK, PASSKEYS = FILES.values()


def key(text: str) -> Key:
    return Key(bytes.fromhex(text))


def binding(parts: Case) -> Binding:
    places = {name: UUID(parts[name]) for name in ("vault", "collection", "id")}
    return Binding(**(parts | places))


def named(case: Case) -> str:
    return str(case["name"])


@pytest.mark.parametrize("name", writer.FILES)
def test_the_code_still_writes_the_frozen_files(name: str) -> None:
    assert (writer.FOLDER / f"{name}.json").read_text() == writer.text_of(name)


def test_the_files_hold_more_wrong_than_right() -> None:
    right = len(RECORDS["valid"]) + 3
    wrong = sum(len(file["invalid"]) for file in (RECORDS, SLOTS, LETTERBOX))
    assert wrong > 60 > right


def test_keys() -> None:
    root = key(KEYS["key"])
    for case in KEYS["derived"]:
        assert root.derive(case["label"], bytes.fromhex(case["context"])) == key(case["key"])
    for case in KEYS["macs"]:
        assert root.mac(bytes.fromhex(case["message"])).hex() == case["mac"]
    for size, padded in KEYS["padded_sizes"].items():
        assert padding.padded_size(int(size)) == padded


@pytest.mark.parametrize("case", RECORDS["valid"], ids=lambda case: case["nonce"])
def test_records(case: Case) -> None:
    at, nonce, text = (
        binding(RECORDS["binding"]),
        *map(bytes.fromhex, (case["nonce"], case["text"])),
    )
    with patch("vault.crypto.aead.urandom", return_value=nonce):
        record = aead.seal(key(RECORDS["key"]), text, at, pad=case["pad"])
    assert record.hex() == case["record"]
    assert aead.open_(key(RECORDS["key"]), record, at) == text


def test_wrapped_key() -> None:
    case = RECORDS["wrapped"]
    record = bytes.fromhex(case["record"])
    inner = aead.unwrap(key(RECORDS["key"]), record, binding(RECORDS["binding"]))
    assert inner == key(case["inner"])


@pytest.mark.parametrize("case", RECORDS["invalid"], ids=named)
def test_wrong_records(case: Case) -> None:
    whole = RECORDS | case
    for read in (aead.open_, aead.unwrap):
        if (read, case["name"]) != (aead.unwrap, "wrapped key read as a record"):
            with pytest.raises(CannotOpen):
                read(key(whole["key"]), bytes.fromhex(case["record"]), binding(whole["binding"]))


def opened(case: Case) -> Key:
    return slots.open_slot(
        bytes.fromhex(case["slot"]),
        kind=case["kind"],
        slot_key=key(case["key"]),
        vault=UUID(case["vault"]),
        id=UUID(case["id"]),
    )


def test_slot() -> None:
    assert opened(SLOTS) == key(SLOTS["inner"])
    assert slots.slot_header(bytes.fromhex(SLOTS["slot"])).decode() == SLOTS["header"]


@pytest.mark.parametrize("case", SLOTS["invalid"], ids=named)
def test_wrong_slots(case: Case) -> None:
    with pytest.raises(CannotOpen):
        opened(SLOTS | case)


def derived(password: str, parameters: list[int]) -> kdf.PasswordKeys:
    salt, pepper = bytes.fromhex(PASSWORDS["salt"]), bytes.fromhex(PASSWORDS["pepper"])
    limits = kdf.Argon2Parameters(*parameters)
    return kdf.derive_password(password, PASSWORDS["header"].encode(), salt, pepper, limits)


@pytest.mark.parametrize("case", PASSWORDS["valid"], ids=lambda case: case["password"])
def test_passwords(case: Case) -> None:
    made = derived(case["password"], PASSWORDS["parameters"])
    assert (made.verifier.hex(), made.slot_key) == (case["verifier"], key(case["slot_key"]))


@pytest.mark.parametrize("parameters", PASSWORDS["weak"] + PASSWORDS["ruinous"], ids=str)
def test_wrong_password_parameters(parameters: list[int]) -> None:
    with pytest.raises(WeakParameters):
        derived("password", parameters)


@pytest.mark.parametrize(("one", "other"), PASSWORDS["same"])
def test_spellings_of_one_password(one: str, other: str) -> None:
    assert kdf.password_bytes(one) == kdf.password_bytes(other)


def test_codes_and_tokens() -> None:
    for case in CODES["valid"]:
        assert slots.recovery_key(case["code"], UUID(CODES["vault"])) == key(case["key"])
    token, pepper = bytes.fromhex(CODES["token"]), bytes.fromhex(CODES["pepper"])
    assert slots.token_hash(token).hex() == CODES["token_hash"]
    for kind, expected in CODES["token_keys"].items():
        assert slots.token_key(token, pepper, kind) == key(expected)


@pytest.mark.parametrize("code", CODES["mistyped"])
def test_mistyped_codes(code: str) -> None:
    with pytest.raises(MistypedCode):
        slots.recovery_key(code, UUID(CODES["vault"]))


@pytest.mark.parametrize("case", PASSKEYS["valid"], ids=lambda case: case["vault"][:8])
def test_passkeys(case: Case) -> None:
    made = slots.passkey_key(bytes.fromhex(case["output"]), UUID(case["vault"]))
    assert made == key(case["key"])


@pytest.mark.parametrize("case", PASSKEYS["invalid"], ids=named)
def test_what_is_no_output_of_a_passkey(case: Case) -> None:
    with pytest.raises(CannotOpen):
        slots.passkey_key(bytes.fromhex(case["output"]), UUID(int=1))


def test_letter() -> None:
    private, letter = bytes.fromhex(LETTERBOX["private"]), bytes.fromhex(LETTERBOX["letter"])
    assert letterbox.public_of(private).hex() == LETTERBOX["public"]
    text = letterbox.collect(private, letter, binding(LETTERBOX["binding"]))
    assert text.hex() == LETTERBOX["text"]


@pytest.mark.parametrize("case", LETTERBOX["invalid"], ids=named)
def test_wrong_letters(case: Case) -> None:
    whole = LETTERBOX | case
    private, letter = bytes.fromhex(whole["private"]), bytes.fromhex(whole["letter"])
    with pytest.raises(CannotOpen):
        letterbox.collect(private, letter, binding(whole["binding"]))


@pytest.mark.parametrize("case", STREAMS["valid"], ids=lambda case: str(case["size"]))
def test_streams(case: Case) -> None:
    sealed, content = io.BytesIO(), writer.fixed(f"content {case['size']}", case["size"])
    with writer.fixed_randomness(f"stream {case['size']}"):
        file = SealedWriter(sealed, key(STREAMS["key"]), UUID(STREAMS["id"]))
    file.write(content)
    file.close()
    assert hashlib.sha256(sealed.getvalue()).hexdigest() == case["sha256"]
    assert case["sealed"] in (None, sealed.getvalue().hex())
    assert SealedReader(sealed, key(STREAMS["key"]), UUID(STREAMS["id"])).read() == content
    with pytest.raises(CannotOpen):
        SealedReader(sealed, key(STREAMS["key"]), UUID(STREAMS["other_id"]))

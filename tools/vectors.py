"""Writes tests/vault/vectors/*.json: known answers of format v1, and bytes that must not open.

`python -m tools.vectors` checks that the code still writes the frozen files; with `--write` it
writes them, and a change to an existing one means a new format version. All is derived from fixed
text, except letters: HPKE draws its own randomness, so those on file are kept.
"""

import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from tools.cloak_vectors import cloaks
from tools.passkey_vectors import passkeys
from vault.crypto import aead, codes, kdf, letterbox, padding, slots, stream
from vault.crypto.envelope import NIL, PADDED, Binding
from vault.crypto.keys import Key

FOLDER = Path(__file__).parent.parent / "tests" / "vault" / "vectors"
PLACES = ("vault.crypto.aead", "vault.crypto.slots", "vault.crypto.stream")
VAULT, OTHER = UUID(int=0xA1 << 96 | 1), UUID(int=0xB2 << 96 | 2)
COLLECTION, RECORD = UUID(int=0xC3 << 96 | 3), UUID(int=0xD4 << 96 | 4)
BINDING = Binding(VAULT, COLLECTION, 7, RECORD, "memory", 5)
TEXT = "I like my tea without milk, please. ☕".encode()
HEADER = "satchel_argon2id$v1$65536,3,1$AAECAwQFBgcICQoLDA0ODw"
CODE_NUMBERS = (0, 1, 2**135 - 1, 31 << 100 | 0x1234567890ABCDF4)
Vectors = dict[str, Any]


def fixed(name: str, size: int) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.shake_256(b"satchel vectors v1 " + name.encode()).digest(size)


@contextmanager
def fixed_randomness(name: str) -> Iterator[None]:
    """Nonces and salts drawn inside come from `name`."""
    with ExitStack() as stack:
        for place in PLACES:
            stack.enter_context(patch(f"{place}.urandom", lambda size: fixed(name, size)))
        yield


def key(name: str) -> Key:
    return Key(fixed("key " + name, 32))


def flip(data: bytes, offset: int) -> bytes:
    position = offset % len(data)
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def moved_bindings() -> dict[str, Binding]:
    """The same place with one part different, for every part."""
    return {
        "another vault": replace(BINDING, vault=OTHER),
        "another collection": replace(BINDING, collection=OTHER),
        "no collection": replace(BINDING, collection=NIL),
        "another epoch": replace(BINDING, epoch=8),
        "another id": replace(BINDING, id=OTHER),
        "another field": replace(BINDING, field="source"),
        "a longer field": replace(BINDING, field="memory "),
        "another revision": replace(BINDING, revision=4),
        "vault and collection exchanged": replace(BINDING, vault=COLLECTION, collection=VAULT),
    }


def altered(data: bytes, parts: dict[str, int]) -> dict[str, bytes]:
    """`data` with one bit flipped in each named part, cut at each part, and lengthened."""
    flipped = {f"bit flipped in {part}": flip(data, at) for part, at in parts.items()}
    cut = {f"cut at {part}": data[:at] for part, at in parts.items() if at}
    ends = {"last byte missing": data[:-1], "one byte more": data + b"\0", "empty": b""}
    return flipped | cut | ends


def keys() -> Vectors:
    root = key("root")
    pairs = (
        ("content", b""),
        ("content", b"\0"),
        ("collections", VAULT.bytes),
        ("a/b", b"c" * 300),
    )
    return {
        "key": root.raw.hex(),
        "derived": [
            {"label": label, "context": context.hex(), "key": root.derive(label, context).raw.hex()}
            for label, context in pairs
        ],
        "macs": [
            {"message": text.hex(), "mac": root.mac(text).hex()} for text in (b"", b"abc", TEXT)
        ],
        "from_secret": [
            {"secret": "", "salt": "", "key": Key.from_secret(b"").raw.hex()},
            {"secret": "61", "salt": "62", "key": Key.from_secret(b"a", b"b").raw.hex()},
        ],
        "padded_sizes": {str(n): padding.padded_size(n) for n in (1, 64, 65, 100, 1000, 1 << 20)},
    }


def records() -> Vectors:
    valid = []
    cases = ((b"", True), (TEXT, True), (TEXT * 40, True), (b"", False), (TEXT, False))
    for number, (text, pad) in enumerate(cases):
        with fixed_randomness(f"record {number}"):
            record = aead.seal(key("content"), text, BINDING, pad=pad)
        nonce = fixed(f"record {number}", 12).hex()
        valid.append({"nonce": nonce, "pad": pad, "text": text.hex(), "record": record.hex()})
    with fixed_randomness("wrapped"):
        wrapped = aead.wrap(key("content"), key("inner"), BINDING)
    return {
        "key": key("content").raw.hex(),
        "binding": asdict(BINDING),
        "valid": valid,
        "wrapped": {"inner": key("inner").raw.hex(), "record": wrapped.hex()},
        "invalid": list(broken_records(bytes.fromhex(valid[1]["record"]), wrapped)),
    }


def broken_records(record: bytes, wrapped: bytes) -> Iterator[Vectors]:
    parts = {"version": 0, "alg": 1, "epoch": 5, "nonce": 6, "ciphertext": 18, "tag": -1}
    offsets = {part: at % len(record) for part, at in parts.items()}
    broken = altered(record, offsets) | {
        "unknown version": b"\x02" + record[1:],
        "unknown alg": record[:1] + b"\x09" + record[2:],
        "padded record said to be exact": record[:1] + b"\x02" + record[2:],
        "record said to be a wrapped key": record[:1] + b"\x03" + record[2:],
        "wrapped key read as a record": wrapped,
        "wrapped key said to be a record": wrapped[:1] + b"\x01" + wrapped[2:],
        "tag of another record": record[:-16] + wrapped[-16:],
        "padding without its mark": sealed_as_padded(bytes(64)),
        "padding that is not zeros": sealed_as_padded(b"text\x80" + bytes(58) + b"\x01"),
        "padding of nothing": sealed_as_padded(b""),
    }
    for name, data in broken.items():
        yield {"name": name, "record": data.hex()}
    for name, binding in moved_bindings().items():
        yield {"name": name, "record": record.hex(), "binding": asdict(binding)}
    yield {"name": "another key", "record": record.hex(), "key": key("other").raw.hex()}


def sealed_as_padded(body: bytes) -> bytes:
    """A record whose tag is right and whose padding is as given."""
    with (
        fixed_randomness("padding " + body.hex()),
        patch.object(aead, "add_padding", lambda _: body),
    ):
        record = aead.seal(key("content"), b"", BINDING)
    assert record[1] == PADDED  # noqa: S101
    return record


def slot_vectors() -> Vectors:
    names = {"kind": "password", "vault": VAULT, "id": RECORD}
    with fixed_randomness("slot"):
        slot = slots.seal_slot(
            slot_key=key("slot"), inner=key("inner"), header=HEADER.encode(), **names
        )
    at_header = 4 + len("password")
    body = at_header + len(HEADER)
    parts = {"version": 0, "length of kind": 1, "length of header": 3, "kind": 4}
    parts |= {"header": at_header, "commitment": body, "nonce": body + 32, "ciphertext": body + 44}
    invalid = [{"name": n, "slot": s.hex()} for n, s in altered(slot, parts).items()]
    invalid += [
        {"name": "another kind", "slot": slot.hex(), "kind": "recovery"},
        {"name": "another vault", "slot": slot.hex(), "vault": OTHER},
        {"name": "another id", "slot": slot.hex(), "id": OTHER},
        {"name": "another key", "slot": slot.hex(), "key": key("other").raw.hex()},
        {"name": "unknown version", "slot": (b"\x02" + slot[1:]).hex()},
        {"name": "header too long", "slot": (slot[:2] + b"\xff\xff" + slot[4:]).hex()},
        {"name": "no kind", "slot": (slot[:1] + b"\0" + slot[2:4] + slot[12:]).hex()},
    ]
    common = {"key": key("slot").raw.hex(), "kind": "password", "header": HEADER}
    common |= {"vault": VAULT, "id": RECORD, "nonce": fixed("slot", 12).hex()}
    return common | {"inner": key("inner").raw.hex(), "slot": slot.hex(), "invalid": invalid}


def passwords() -> Vectors:
    pepper, salt = fixed("pepper", 32), bytes(range(16))
    valid = []
    for password in ("correct horse battery staple", "pässwörd ☕", ""):
        made = kdf.derive_password(password, HEADER.encode(), salt, pepper, kdf.FLOOR)
        answers = {"verifier": made.verifier.hex(), "slot_key": made.slot_key.raw.hex()}
        valid.append({"password": password} | answers)
    weak = [(65535, 3, 1), (65536, 2, 1), (65536, 3, 0), (0, 0, 0), (19456, 2, 1), (65536, 3, -1)]
    return {
        "header": HEADER,
        "salt": salt.hex(),
        "pepper": pepper.hex(),
        "parameters": kdf.FLOOR.cost,
        "valid": valid,
        "weak": weak,
        "ruinous": [(1048577, 3, 1), (65536, 17, 1), (65536, 3, 9)],
        "same": [["ﬁne pässwörd", "fine pa\u0308sswo\u0308rd"]],
    }


def code_vectors() -> Vectors:
    typed = [codes._symbols(n) + codes.ALPHABET[n % 37] for n in CODE_NUMBERS]
    valid = [{"code": code, "key": codes.recovery_key(code, VAULT).raw.hex()} for code in typed]
    good = typed[-1]
    swapped = next(i for i in range(26) if good[i] != good[i + 1])
    exchanged = good[:swapped] + good[swapped + 1] + good[swapped] + good[swapped + 2 :]
    mistyped = ["", "-", good[:-1], good + "0", "U" + good[1:], "é" + good[1:], good + "\0"]
    mistyped += [exchanged, ("1" if good[0] == "0" else "0") + good[1:], good * 20]
    token, pepper = fixed("token", 32), fixed("pepper of a day", 32)
    return {
        "vault": VAULT,
        "valid": valid,
        "mistyped": mistyped,
        "token": token.hex(),
        "pepper": pepper.hex(),
        "token_hash": codes.token_hash(token).hex(),
        "token_keys": {
            kind: codes.token_key(token, pepper, kind).raw.hex() for kind in ("access", "refresh")
        },
    }


def letters() -> Vectors:
    on_file = FOLDER / "letterbox.json"
    if on_file.exists():
        return dict(json.loads(on_file.read_text()))
    private = fixed("letterbox", 32)
    public = letterbox.public_of(private)
    letter = letterbox.post(public, TEXT, BINDING)
    at_secret = 6 + letterbox.ENCAPSULATION_BYTES
    parts = {"version": 0, "alg": 1, "epoch": 5, "ML-KEM": 6, "X25519": at_secret - 32}
    parts |= {"ciphertext": at_secret, "tag": len(letter) - 1}
    invalid: list[Vectors] = [
        {"name": name, "letter": data.hex()} for name, data in altered(letter, parts).items()
    ]
    for name, binding in moved_bindings().items():
        invalid.append({"name": name, "letter": letter.hex(), "binding": asdict(binding)})
    other = fixed("another letterbox", 32).hex()
    invalid.append({"name": "another letterbox", "letter": letter.hex(), "private": other})
    common = {"private": private.hex(), "public": public.hex(), "binding": asdict(BINDING)}
    return common | {"text": TEXT.hex(), "letter": letter.hex(), "invalid": invalid}


def streams() -> Vectors:
    mebi = stream.CHUNK_BYTES
    valid = []
    for size in (0, 1, 1000, mebi - 1, mebi, mebi + 1, 3 * mebi + 5):
        sealed = io.BytesIO()
        with fixed_randomness(f"stream {size}"):
            writer = stream.SealedWriter(sealed, key("stream"), RECORD)
        writer.write(fixed(f"content {size}", size))
        writer.close()
        digest = hashlib.sha256(sealed.getvalue()).hexdigest()
        small = sealed.getvalue().hex() if size <= 1000 else None
        valid.append({"size": size, "sha256": digest, "sealed": small})
    return {
        "key": key("stream").raw.hex(),
        "id": RECORD,
        "other_id": OTHER,
        "valid": valid,
    }


FILES: dict[str, Callable[[], Vectors]] = {
    "keys": keys,
    "records": records,
    "slots": slot_vectors,
    "passwords": passwords,
    "codes": code_vectors,
    "letterbox": letters,
    "streams": streams,
    "cloak": cloaks,
    "passkeys": passkeys,
}


def text_of(name: str) -> str:
    """The file as it should be."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=False, default=str) + "\n"


def main() -> int:
    """0 when every file is as it should be, or was written."""
    wrong = []
    for name in FILES:
        path = FOLDER / f"{name}.json"
        if "--write" in sys.argv:
            path.write_text(text_of(name))
        elif path.read_text() != text_of(name):
            wrong.append(path.name)
    print("differ: " + ", ".join(wrong) if wrong else "as frozen")
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())

"""Known answers of passkeys' slot keys, for `tools.vectors`."""

import hashlib
from typing import Any
from uuid import UUID

from vault.crypto import codes

VAULTS = (UUID(int=0xA1 << 96 | 1), UUID(int=0xB2 << 96 | 2))


def outputs() -> list[bytes]:
    """What authenticators may give: anything of 32 bytes, also with a single bit set."""
    drawn = [hashlib.sha256(b"satchel passkey " + name).digest() for name in (b"one", b"two")]
    return [*drawn, bytes(31) + b"\1", b"\xff" * 32]


def passkeys() -> dict[str, Any]:
    """Slot keys for two vaults, and outputs that give none."""
    good = outputs()[0]
    wrong = {"nothing": b"", "a byte short": good[:-1], "a byte long": good + b"\0"}
    wrong |= {"two outputs": good * 2, "zeros": bytes(32), "zeros, a byte short": bytes(31)}
    return {
        "valid": [
            {"output": o.hex(), "vault": v, "key": codes.passkey_key(o, v).raw.hex()}
            for o in outputs()
            for v in VAULTS
        ],
        "invalid": [{"name": name, "output": o.hex()} for name, o in wrong.items()],
    }

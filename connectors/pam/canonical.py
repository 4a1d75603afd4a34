"""The two digests of a PAM file: of one text, and of all memories in their one canonical form.

Source: sections 6 and 15 of the specification, portable-ai-memory.org/spec/v1.0, and RFC 8785.
"""

import json
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from typing import Any


def content_hash(text: str) -> str:
    """The same for two texts that differ in case, spaces and the way accents are written."""
    same = unicodedata.normalize("NFC", text.strip().lower())
    return digest(" ".join(same.split()).encode())


def checksum(memories: Sequence[dict[str, Any]]) -> str:
    """Of all memories, in whatever order they stand."""
    return digest(canonical(sorted(memories, key=lambda memory: memory["id"])))


def canonical(value: Any) -> bytes:
    """`value` by RFC 8785. It holds no numbers with a fraction, whose form json does not know."""
    return json.dumps(
        _ordered(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode()


def digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw).hexdigest()}"


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list):
        return [_ordered(one) for one in value]
    if isinstance(value, float):
        raise TypeError("A number with a fraction has no canonical form here.")
    return value

"""What stands in place of letters that are none: they come from broken files, and end in none."""

import re
from typing import Any

ODD = "\ufffd"
_NONE = re.compile("[\ud800-\udfff\x00]")


def cleaned(value: Any) -> Any:
    """A JSON value with U+FFFD for each lone surrogate and NUL, in keys too."""
    if isinstance(value, str):
        return _NONE.sub(ODD, value)
    if isinstance(value, list):
        return [cleaned(part) for part in value]
    if isinstance(value, dict):
        return {cleaned(key): cleaned(part) for key, part in value.items()}
    return value


def readable(text: bytes) -> bytes:
    """UTF-8 without a NUL."""
    return text.replace(b"\0", ODD.encode())

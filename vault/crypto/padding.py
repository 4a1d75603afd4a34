"""Padding to size classes, so that the size of a record tells little about its text."""

from vault.crypto.errors import CannotOpen

FLOOR = 64


def padded_size(size: int) -> int:
    """The size class of `size` bytes: at least 64, at most 12 % more (the PADME rule: keep only
    as many leading bits as it takes to write the exponent)."""
    if size <= FLOOR:
        return FLOOR
    exponent = size.bit_length() - 1
    low = (1 << (exponent - exponent.bit_length())) - 1
    return (size + low) & ~low


def pad(text: bytes) -> bytes:
    """The text, one byte 0x80, then zeros up to the size class."""
    return (text + b"\x80").ljust(padded_size(len(text) + 1), b"\0")


def unpad(padded: bytes) -> bytes:
    """Undo `pad`; CannotOpen when the mark is not there."""
    end = padded.rfind(b"\x80")
    if end < 0 or padded[end + 1 :] != bytes(len(padded) - end - 1):
        raise CannotOpen
    return padded[:end]

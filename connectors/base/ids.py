"""Names for things whose vendor gave them none: the same thing gets the same name every time."""

from hashlib import sha256


def stable_id(prefix: str, *parts: str) -> str:
    """`prefix` and a digest of `parts`; equal in two exports that hold the same thing."""
    return f"{prefix}-{sha256(chr(31).join(parts).encode()).hexdigest()[:32]}"


def same_text(text: str) -> str:
    """`text` as it is compared: without case, runs of white space and a last full stop."""
    return " ".join(text.casefold().split()).removesuffix(".")

"""The sensitive matters, and what the parts of this package tell each other about a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Matter = Literal["credentials", "identity", "sexuality", "beliefs", "health", "money"]
MATTERS: tuple[Matter, ...] = (
    "credentials",
    "identity",
    "sexuality",
    "beliefs",
    "health",
    "money",
)
"""The first of several that a text touches decides where it goes."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing in a text that speaks for a matter; `why` is for the owner to read."""

    matter: Matter
    why: str


def in_order(matters: Iterable[Matter]) -> tuple[Matter, ...]:
    found = set(matters)
    return tuple(matter for matter in MATTERS if matter in found)

"""What a search found, and the text that is made of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from vault.types.memories import Memory

WORDS_ONLY = "words-only"


@dataclass(frozen=True, slots=True)
class Hit:
    """A memory that recall found. `score` is 0..1.

    `why` says what led to it (words, meaning, or as a part of a context profile, instruction or
    conversation) and what moved it (recent, pinned, past, future, held). `matched` are the words of
    the memory that the question's words met, for marking them; told to the owner only.
    """

    memory: Memory
    score: float
    why: tuple[str, ...]
    matched: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether it was found by words only, since the embedding server did not answer."""
        return WORDS_ONLY in self.why


class Hits(list[Hit]):
    """What a search found. `degraded`: some of it was looked for by words only, since the embedding
    server did not answer; it says so also when nothing was found."""

    def __init__(self, hits: Iterable[Hit] = (), *, degraded: bool = False) -> None:
        super().__init__(hits)
        self.degraded = degraded


@dataclass(frozen=True, slots=True)
class Context:
    """The assembled text for a prompt, within its budget, and what it was made of."""

    text: str
    hits: tuple[Hit, ...]
    used_tokens: int
    degraded: bool = False

"""The owner's rules: "if the text says tax, then Money". The first that fits decides."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils.translation import gettext

from vault.sorting.lexicon import Lexicon, words_of
from vault.types import KINDS

LONGEST = 300
"""Characters in one part of a condition."""
SPEAKERS = ("user", "assistant")
"""Who can be named by role; everybody else by name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A memory as rules and the sorter see it, before or after it is written."""

    text: str
    title: str = ""
    kind: str = "fact"
    role: str = ""
    speaker: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Every part that is given must hold. `text` and `title` are phrases with commas between:
    one of them is enough, whole words, a star for any ending. `sensitive_too`: also when a memory
    looks sensitive and the rule's collection is not private."""

    text: str = ""
    title: str = ""
    vendor: str = ""
    speaker: str = ""
    kind: str = ""
    sensitive_too: bool = False

    def problem(self) -> tuple[str, str]:
        """(field, what is wrong with it in words); ("", "") for a condition that can be kept."""
        parts = {"text": self.text, "title": self.title, "speaker": self.speaker}
        if not any((*parts.values(), self.vendor, self.kind)):
            return "text", gettext("Say what has to be so: give at least one of these.")
        for field, value in parts.items():
            if len(value) > LONGEST:
                said = gettext("This is too long: at most %(most)s characters.")
                return field, said % {"most": LONGEST}
        for field in ("text", "title"):
            if parts[field].strip() and not _phrases(parts[field]):
                return field, gettext("Write words to look for, with commas between.")
        if self.kind and self.kind not in KINDS:
            return "kind", gettext("There is no such kind.")
        return "", ""

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Condition":
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, and the collection for what fits it."""

    id: UUID
    collection_id: UUID
    condition: Condition


class Matcher:
    """A condition made ready for many memories."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._text = Lexicon({"text": _phrases(condition.text)})
        self._title = Lexicon({"title": _phrases(condition.title)})

    def fits(self, subject: Subject, words: Sequence[str], title_words: Sequence[str]) -> bool:
        """`words` are those of the subject's text, `title_words` those of its title."""
        asked = self._condition
        return (
            (not asked.vendor or asked.vendor == subject.vendor)
            and (not asked.kind or asked.kind == subject.kind)
            and (not asked.speaker or _is_by(subject, asked.speaker))
            and (not asked.title or any(self._title.find(title_words)))
            and (not asked.text or any(self._text.find(words)))
        )


def fits(condition: Condition, subject: Subject) -> bool:
    """For one memory."""
    return Matcher(condition).fits(subject, all_words(subject.text), all_words(subject.title))


def all_words(text: str) -> list[str]:
    """A rule looks at the whole text, however long."""
    return words_of(text, limit=len(text))


def _is_by(subject: Subject, speaker: str) -> bool:
    if speaker in SPEAKERS:
        return subject.role == speaker
    return words_of(subject.speaker) == words_of(speaker)


def _phrases(text: str) -> list[str]:
    """As the lexicon takes them: small, bare, a star only at the end of a word."""
    phrases = []
    for part in text.split(","):
        bare = [
            word + "*" * (index == len(words) - 1 and piece.endswith("*"))
            for piece in part.split()
            for words in [words_of(piece)]
            for index, word in enumerate(words)
        ]
        if bare:
            phrases.append(" ".join(bare))
    return phrases

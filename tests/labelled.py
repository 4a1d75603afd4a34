"""The labelled set for sorting, its halves, and how well the sorter does on them."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from vault.search.choice import Choice
from vault.sorting.homes import Home, home_for
from vault.sorting.matters import MATTERS
from vault.sorting.meaning import Meaning
from vault.sorting.rules import Subject
from vault.sorting.sorter import Sorter, Verdict

DATA = Path(__file__).parent / "vault" / "data"
_NAMES = ("Personal", "Work", "Family", "Travel", "Health", "Money", "Private")
_PRIVATE = ("Health", "Money", "Private")
HOMES = [Home(uuid5(UUID(int=0), name), name, name in _PRIVATE) for name in _NAMES]
_NAME_OF = {home.id: home.name for home in HOMES}
ORDINARY = ("Personal", "Work", "Family", "Travel")


@dataclass(frozen=True)
class Example:
    text: str
    title: str
    lang: str
    collection: str
    kinds: frozenset[str]

    @property
    def subject(self) -> Subject:
        return Subject(self.text, self.title, role="user")


@dataclass(frozen=True)
class Score:
    """Of one kind: what was found rightly, found wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)


@dataclass(frozen=True)
class Measured:
    """`kinds` also has "any": sensitive or not. Accuracies are of the collection."""

    kinds: dict[str, Score]
    collections: dict[str, tuple[int, int]]

    def accuracy(self, *names: str) -> float:
        found = [self.collections[name] for name in names or self.collections]
        return sum(right for right, _ in found) / sum(all_ for _, all_ in found)


@cache
def examples(name: str = "sorting.jsonl") -> tuple[Example, ...]:
    """Keys and tokens stand in the file with "{}" in them, so that no secret scanner stops it."""
    found = []
    for line in (DATA / name).read_text().splitlines():
        row = json.loads(line)
        text = row["text"].replace("{}", "")
        kinds = frozenset(row["kinds"])
        found.append(Example(text, row.get("title", ""), row["lang"], row["collection"], kinds))
    return tuple(found)


def half(*, held_out: bool) -> tuple[Example, ...]:
    """By a hash of the words as the file has them."""
    lines = (DATA / "sorting.jsonl").read_text().splitlines()
    words = [json.loads(line)["text"] for line in lines]
    odd = [bool(hashlib.sha256(text.encode()).digest()[0] & 1) for text in words]
    return tuple(one for one, is_odd in zip(examples(), odd, strict=True) if is_odd == held_out)


@cache
def sorter() -> Sorter:
    from vault.embedding.embedders import embedder_of

    return Sorter(HOMES, (), Meaning(embedder_of(Choice("minilm"))))


def measure(those: Sequence[Example], sort: Sorter | None = None) -> Measured:
    found: Counter[tuple[str, bool, bool]] = Counter()
    places: Counter[tuple[str, bool]] = Counter()
    for one in those:
        verdict = (sort or sorter()).one(one.subject)
        for kind in MATTERS:
            found[kind, kind in verdict.matters, kind in one.kinds] += 1
        found["any", bool(verdict.matters), bool(one.kinds)] += 1
        places[one.collection, place_of(verdict) == one.collection] += 1
    kinds = {
        kind: Score(found[kind, True, True], found[kind, True, False], found[kind, False, True])
        for kind in (*MATTERS, "any")
    }
    rights = {n: (places[n, True], places[n, True] + places[n, False]) for n in _NAMES}
    return Measured(kinds, {name: pair for name, pair in rights.items() if pair[1]})


def place_of(verdict: Verdict) -> str:
    place = home_for(verdict.matter, HOMES) if verdict.matter else verdict.place
    return _NAME_OF[place] if place else "Personal"


def report(title: str, measured: Measured) -> str:
    lines = [f"{title:14} precision  recall   right wrong missed"]
    for kind, s in measured.kinds.items():
        counts = f"{s.right:5} {s.wrong:5} {s.missed:6}"
        lines.append(f"  {kind:12} {s.precision:9.2f} {s.recall:7.2f}   {counts}")
    lines.append(
        f"  collection: {measured.accuracy():.2f} of all, "
        f"{measured.accuracy(*ORDINARY):.2f} of what is not sensitive; "
        + ", ".join(f"{name} {a}/{b}" for name, (a, b) in measured.collections.items())
    )
    return "\n".join(lines)

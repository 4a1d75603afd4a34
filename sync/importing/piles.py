"""What an import would bring, in piles: by collection, by sensitive matter, and the rest. Pure.

For every draft, in the order of the archive, one byte keeps its pile: what is written later goes
where the preview said, whatever has changed meanwhile.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sync.types import Pile, PileSample, Sorting
from vault.sorting.credentials import masked
from vault.sorting.matters import MATTERS
from vault.sorting.rules import Subject
from vault.sorting.sensitive import hard_signs
from vault.sorting.sorter import Verdict
from vault.types import Draft

REST = "rest"
_TO, _MATTER = "to:", "matter:"
_MOST = 255
_SAMPLES = 3
_SAMPLE_CHARACTERS = 160
_LOOKED_AT = 1000


def subject_of(draft: Draft) -> Subject:
    vendor = draft.source.vendor if draft.source else ""
    return Subject(draft.text, draft.title, draft.kind, draft.role, draft.speaker, vendor)


@dataclass
class Piles:
    """Filled while an archive is read. Counts are of what is new; each draft has its byte."""

    keys: list[str] = field(default_factory=lambda: [REST])
    counts: dict[str, int] = field(default_factory=lambda: {REST: 0})
    matters: dict[str, int] = field(default_factory=dict)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _choices: bytearray = field(default_factory=bytearray)

    def add(self, draft: Draft, verdict: Verdict, *, known: bool) -> None:
        key = self._key(verdict)
        self._choices.append(self.keys.index(key))
        if known:
            return
        self.counts[key] += 1
        for matter in verdict.matters:
            self.matters[matter] = self.matters.get(matter, 0) + 1
        samples = self.samples.setdefault(key, [])
        if len(samples) < _SAMPLES and draft.role != "assistant":
            text = beginning(draft.text, _SAMPLE_CHARACTERS)
            samples.append({"text": text, "why": list(verdict.why)})

    def to_json(self) -> dict[str, Any]:
        packed = zlib.compress(bytes(self._choices), 9)
        return {
            "keys": self.keys,
            "counts": self.counts,
            "matters": self.matters,
            "samples": self.samples,
            "choices": base64.b64encode(packed).decode(),
        }

    def _key(self, verdict: Verdict) -> str:
        key = REST
        if verdict.place is not None:
            key = f"{_TO}{verdict.place.hex}"
        elif verdict.matter is not None:
            key = f"{_MATTER}{verdict.matter}"
        if key in self.counts:
            return key
        if key.startswith(_TO) and len(self.keys) >= _MOST - len(MATTERS):
            return REST
        self.keys.append(key)
        self.counts[key] = 0
        return key


def sorting_from(details: Mapping[str, Any]) -> Sorting | None:
    """None for an import whose preview did not sort, or whose writing is over."""
    data = details.get("sorting")
    if data is None:
        return None
    piles = [pile for pile in piles_from(details) if pile.count]
    piles.sort(key=lambda pile: (not pile.matter, pile.key == REST, -pile.count))
    return Sorting(tuple(piles), {m: data["matters"][m] for m in MATTERS if m in data["matters"]})


def piles_from(details: Mapping[str, Any]) -> list[Pile]:
    """All of them, also those in which everything was known already."""
    return [_pile(key, details["sorting"]) for key in details["sorting"]["keys"]]


def choices_from(details: Mapping[str, Any]) -> tuple[Sequence[str], bytes]:
    """The piles' keys, and for each draft the place of its pile among them."""
    data = details["sorting"]
    return data["keys"], zlib.decompress(base64.b64decode(data["choices"]))


def _pile(key: str, data: Mapping[str, Any]) -> Pile:
    samples = data["samples"].get(key, ())
    return Pile(
        key=key,
        count=data["counts"][key],
        collection_id=UUID(key.removeprefix(_TO)) if key.startswith(_TO) else None,
        matter=key.removeprefix(_MATTER) if key.startswith(_MATTER) else "",
        samples=tuple(PileSample(one["text"], tuple(one["why"])) for one in samples),
    )


def beginning(text: str, characters: int) -> str:
    """For the owner to judge by; of secrets and numbers only what is around them."""
    text = text[:_LOOKED_AT]
    return (masked(text) if hard_signs(text) else text)[:characters]

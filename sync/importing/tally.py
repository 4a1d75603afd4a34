"""What an archive holds, counted while it is read: the honest preview. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from connectors.base.types import Conversation, Item, Unreadable
from sync.importing.piles import beginning
from sync.types import Problem, Sample
from vault.types import Draft

_MOST_PROBLEMS = 50
_SAMPLES = 5
_SAMPLE_CHARACTERS = 200
COUNTED = (
    *("conversations", "turns", "memories", "instructions", "documents"),
    *("known", "skipped", "unreadable"),
)


@dataclass
class Tally:
    """Counts by what a person would call it; samples of each sort; problems by their reason."""

    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    problems: dict[str, Problem] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def count(self, value: Item | Conversation, drafts: Sequence[Draft]) -> None:
        if isinstance(value, Conversation):
            skipped = value.do_not_remember
            self.found["skipped" if skipped else "conversations"] += 1
            self.found["turns"] += len(drafts)
        else:
            self.found[_sort_of(value)] += 1
        self._sample(value)

    def count_known(self, known: Sequence[bool]) -> None:
        self.found["known"] += sum(known)

    def unreadable(self, value: Unreadable) -> None:
        self.found["unreadable"] += 1
        seen = self.problems.get(value.reason)
        if seen is not None:
            self.problems[value.reason] = Problem(seen.where, seen.reason, seen.count + 1)
        elif len(self.problems) < _MOST_PROBLEMS:
            self.problems[value.reason] = Problem(value.where, value.reason, 1)

    def to_json(self) -> dict[str, Any]:
        samples = [
            {"kind": s.kind, "text": s.text, "when": s.when.isoformat() if s.when else None}
            for s in self.samples
        ]
        return {"problems": [asdict(p) for p in self.problems.values()], "samples": samples}

    def _sample(self, value: Item | Conversation) -> None:
        talk = isinstance(value, Conversation)
        kind = "conversation" if isinstance(value, Conversation) else value.kind
        if sum((s.kind == "conversation") == talk for s in self.samples) >= _SAMPLES:
            return
        text = value.title if isinstance(value, Conversation) else value.text
        if text and not (isinstance(value, Conversation) and value.do_not_remember):
            self.samples.append(Sample(kind, beginning(text, _SAMPLE_CHARACTERS), value.created_at))


def problems_from(data: dict[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(**problem) for problem in data.get("problems", ()))


def samples_from(data: dict[str, Any]) -> tuple[Sample, ...]:
    return tuple(
        Sample(s["kind"], s["text"], datetime.fromisoformat(s["when"]) if s["when"] else None)
        for s in data.get("samples", ())
    )


def _sort_of(item: Item) -> str:
    return {"instruction": "instructions", "document": "documents"}.get(item.kind, "memories")

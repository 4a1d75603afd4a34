"""How well recall finds the evidence in LoCoMo: `python -m tests.bench.locomo FILE`.

LoCoMo holds ten long conversations with questions and the turns that answer them. It is licensed
for evaluation only and is not part of this project: get `locomo10.json` from its authors. Each
conversation becomes an index of its own; questions of the categories 1 to 4 that name evidence are
asked; the fifth category has no answer to find. Each row of the table adds to the one before it.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from vault.search.documents import Document, indexed_text
from vault.search.embed import Embedder, Embedding, default_embedder
from vault.search.index import CollectionIndex
from vault.search.models import wordllama
from vault.search.rank import DEFAULT, Weights, search_all

SPACE = UUID(int=0)
NONE = Weights(*[0.0] * 9)
HALVES = {"words": 0.5, "meaning": 0.5}
THIRDS = {"words": 0.25, "meaning": 0.25, "tokens": 0.5}
STAGES = {
    "BM25": {"words": 1.0},
    "dense": {"meaning": 1.0},
    "H: half each": HALVES,
    "H + session": {**HALVES, "session": 0.3},
    "H + session + speaker": {**HALVES, "session": 0.3, "speaker": 0.1},
    "MaxSim": {"words": 1e-6, "meaning": 1e-6, "tokens": 1.0},
    "C: MaxSim + H + session + speaker": {**THIRDS, "session": 0.3, "speaker": 0.1},
}


@dataclass(frozen=True)
class Question:
    text: str
    evidence: frozenset[UUID]


@dataclass(frozen=True)
class Conversation:
    documents: list[Document]
    questions: list[Question]


class Remembering:
    """An embedder that embeds each question once, so that stages can be compared quickly."""

    def __init__(self, model: Embedder) -> None:
        self.model, self.dim, self._embedder = model.model, model.dim, model
        self._known: dict[str, Embedding] = {}

    def embed(self, text: str) -> Embedding:
        return self._embedder.embed(text)

    def query(self, text: str) -> Embedding:
        if text not in self._known:
            self._known[text] = self._embedder.query(text)
        return self._known[text]


def read(path: Path) -> list[Conversation]:
    samples = json.loads(path.read_text("utf-8"))
    return [_conversation(number, sample) for number, sample in enumerate(samples)]


def _conversation(number: int, sample: dict[str, Any]) -> Conversation:
    documents = list(_documents(number, sample["conversation"]))
    questions = [
        Question(asked["question"], frozenset(_id(number, turn) for turn in turns))
        for asked in sample["qa"]
        if asked["category"] in (1, 2, 3, 4)
        and (turns := re.findall(r"D\d+:\d+", " ".join(asked["evidence"])))
    ]
    return Conversation(documents, questions)


def _documents(number: int, conversation: dict[str, Any]) -> Iterator[Document]:
    for name, turns in conversation.items():
        if not re.fullmatch(r"session_\d+", name):
            continue
        date = f"{conversation[f'{name}_date_time']} +0000"
        said = datetime.strptime(date, "%I:%M %p on %d %B, %Y %z")
        for position, turn in enumerate(turns):
            yield Document(
                id=_id(number, turn["dia_id"]),
                text=turn["text"],
                kind="episode",
                speaker=turn["speaker"],
                occurred_at=said,
                conversation=name,
                position=position,
            )


def _id(number: int, turn: str) -> UUID:
    return uuid5(SPACE, f"{number} {turn}")


def index(documents: Sequence[Document], embedder: Embedder) -> CollectionIndex:
    filled = CollectionIndex(embedder.dim)
    filled.put_many(documents)
    for document in documents:
        filled.attach(document.id, document.revision, embedder.embed(indexed_text(document)))
    return filled


@dataclass
class Tally:
    """Mean recall at 5, 10 and 20 and nDCG at 10, in percent; milliseconds of each question."""

    sums: list[float]
    times: list[float]

    def add(self, found: list[UUID], evidence: frozenset[UUID], took: float) -> None:
        places = [place for place, id in enumerate(found) if id in evidence]
        recalls = [sum(p < top for p in places) / len(evidence) for top in (5, 10, 20)]
        gain = sum(1 / math.log2(place + 2) for place in places if place < 10)
        ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(evidence))))
        self.sums = [a + b for a, b in zip(self.sums, [*recalls, gain / ideal], strict=True)]
        self.times.append(took * 1000)

    def row(self, name: str) -> str:
        means = "".join(f"{100 * total / len(self.times):8.1f}" for total in self.sums)
        ordered = sorted(self.times)
        p50, p95 = (ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95))
        return f"{name:<36}{means}{p50:9.2f}{p95:8.2f}"


def measure(
    indexed: list[tuple[CollectionIndex, list[Question]]],
    embedder: Embedder,
    weights: Weights,
    now: datetime,
) -> Tally:
    tally = Tally([0.0] * 4, [])
    for filled, questions in indexed:
        for question in questions:
            start = time.perf_counter()
            hits = search_all([filled], question.text, embedder, now=now, limit=20, weights=weights)
            took = time.perf_counter() - start
            tally.add([hit.id for hit in hits], question.evidence, took)
    return tally


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.locomo", description=__doc__)
    parser.add_argument("file", type=Path, help="locomo10.json")
    parser.add_argument("--first", type=int, default=10, help="only so many conversations")
    parser.add_argument("--light", action="store_true", help="with wordllama")
    parser.add_argument("--models", type=Path, help="folder that keeps the built model")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        models = options.models or Path(temporary)
        model = wordllama.load() if options.light else default_embedder(models)
    run(read(options.file)[: options.first], Remembering(model))


def run(conversations: list[Conversation], embedder: Embedder) -> None:
    start = time.perf_counter()
    indexed = [(index(c.documents, embedder), c.questions) for c in conversations]
    turns, asked = sum(len(i) for i, _ in indexed), sum(len(q) for _, q in indexed)
    took = time.perf_counter() - start
    say(f"{turns} turns embedded and indexed in {took:.1f} s, {asked} questions, {embedder.model}")
    say(f"{'':<36}{'R@5':>8}{'R@10':>8}{'R@20':>8}{'nDCG@10':>8}{'p50 ms':>9}{'p95 ms':>8}")
    times = [d.occurred_at for c in conversations for d in c.documents if d.occurred_at]
    for questions in (q for _, qs in indexed for q in qs):
        embedder.query(questions.text)
    stages = {name: Weights(**{**vars_of(NONE), **parts}) for name, parts in STAGES.items()}
    for name, weights in {**stages, "as shipped": DEFAULT}.items():
        say(measure(indexed, embedder, weights, max(times)).row(name))


def vars_of(weights: Weights) -> dict[str, float]:
    return {name: getattr(weights, name) for name in weights.__slots__}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])

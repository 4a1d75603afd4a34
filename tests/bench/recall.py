"""How long a context takes, by its parts, and how fast an import goes.

    python -m tests.bench.recall [--sizes 1000 10000 100000] [--queries 100] [--full]

Starts its own embedded services in a folder of its own and removes them. Prints medians and 95th
percentiles in milliseconds, measured in one run, one query after the other on a warm vault. The
memories are made up from templates; only `--import` embeds every one of them, the sizes of the
first part get vectors of the same shape without the model's work, which recall does not do.
"""

import argparse
import io
import json
import os
import random
import resource
import shutil
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

PEOPLE = ("Mila", "Tom", "Inês", "Piet", "Sofie", "Karel", "Ruth", "Ahmed", "Lucie", "Jan")
PLACES = ("Utrecht", "Porto", "Delft", "Ghent", "Lisbon", "Arnhem", "Bruges", "Leiden", "Braga")
THINGS = (
    *("the groundwater model", "a tax letter", "the reading group", "piano lessons", "the boat"),
    *("a bicycle repair", "the school play", "a train to Paris", "peanut-free recipes", "the roof"),
    *("a talk on dikes", "the visa", "a marathon plan", "the garden wall", "a birthday dinner"),
)
VERBS = ("asked about", "is planning", "finished", "worries about", "remembered", "wants to move")
QUERIES = (
    "what is planned with {person} in {place}",
    "how did {thing} end",
    "who worries about {thing}",
    "anything about {place} in spring",
)


def sentence(chance: random.Random) -> str:
    return (
        f"{chance.choice(PEOPLE)} {chance.choice(VERBS)} {chance.choice(THINGS)} in "
        f"{chance.choice(PLACES)}, note {chance.randrange(10**6)}, and again on day "
        f"{chance.randrange(365)} with {chance.choice(PEOPLE)}."
    )


def query(chance: random.Random) -> str:
    return chance.choice(QUERIES).format(
        person=chance.choice(PEOPLE), place=chance.choice(PLACES), thing=chance.choice(THINGS)
    )


class Clock:
    """Time by part. A part inside another is taken off the outer one."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = defaultdict(list)
        self._inner = [0.0]

    def wrap(self, owner: Any, name: str, part: str) -> None:
        real = getattr(owner, name)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(part):
                return real(*args, **kwargs)

        setattr(owner, name, timed)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        self._inner.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.parts[name].append(took - self._inner.pop())
            self._inner[-1] += took


def p(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def fill(person: Any, size: int, chance: random.Random) -> None:
    """`size` memories with vectors, written as an import writes them."""
    import numpy as np

    from vault import bulk
    from vault.embedding import embedders, indexing
    from vault.models import Memory
    from vault.scope import vault_scope
    from vault.search.choice import BUNDLED
    from vault.search.embed import Embedding
    from vault.types import Draft, SourceDraft

    home = person.collection("Personal")
    numbers = np.random.default_rng(size)
    model = embedders.bundled()
    pattern = [model.embed(sentence(chance)) for _ in range(200)]
    for start in range(0, size, 500):
        drafts = [
            (home, Draft(sentence(chance), "fact", source=SourceDraft("openai", f"item:{n}")))
            for n in range(start, min(size, start + 500))
        ]
        bulk.remember_many(person.access, drafts)
        with vault_scope(person.vault_id):
            there = indexing.wanting(person.access, {home: model.model})
            rows = list(there.order_by("id"))
            vectors = []
            for _ in rows:
                like = pattern[int(numbers.integers(len(pattern)))]
                moved = like.passages + numbers.normal(0, 0.02, like.passages.shape)
                moved /= np.linalg.norm(moved, axis=1, keepdims=True)
                vectors.append(Embedding(moved.astype(np.float16), like.tokens, like.token_ids))
            indexing._save(person.access, list(zip(rows, vectors, strict=True)), BUNDLED)
    indexing.fold(person.access)
    with vault_scope(person.vault_id):
        assert Memory.objects.filter(vault_id=person.vault_id).count() == size


def measure(person: Any, queries: int, chance: random.Random) -> None:
    from tests.bench.parts import parts_of_recall
    from vault.recalling import recall
    from vault.search import sealed

    sealed.close(person.vault_id)
    start = time.perf_counter()
    recall.search(person.access, "warm up")
    cold = time.perf_counter() - start
    app = person.grantee(Personal=_see())
    clock = Clock()
    for owner, name, part in parts_of_recall():
        clock.wrap(owner, name, part)
    for _ in range(queries):
        with clock.part("rest"):
            recall.context(app, query=query(chance), max_tokens=1000)
    total = [sum(one) for one in zip(*_runs(clock, queries), strict=True)]
    without = [t - e for t, e in zip(total, clock.parts["embed"], strict=True)]
    print(f"  cold open {cold * 1000:7.0f} ms")
    for part, values in sorted(_per_run(clock, queries).items()):
        print(f"  {part:<12} p50 {p(values, 0.5):7.2f}   p95 {p(values, 0.95):7.2f} ms")
    print(f"  {'all':<12} p50 {p(total, 0.5):7.2f}   p95 {p(total, 0.95):7.2f} ms")
    print(f"  {'but embed':<12} p50 {p(without, 0.5):7.2f}   p95 {p(without, 0.95):7.2f} ms")


def _see() -> Any:
    from vault.types import Right

    return Right(see=True)


def _per_run(clock: Clock, runs: int) -> dict[str, list[float]]:
    """Parts that run several times in one context, summed to one value a context."""
    found = {}
    for part, values in clock.parts.items():
        times = max(1, len(values) // runs)
        found[part] = [sum(values[n * times : (n + 1) * times]) for n in range(runs)]
    return found


def _runs(clock: Clock, runs: int) -> list[list[float]]:
    return list(_per_run(clock, runs).values())


def export(turns: int, chance: random.Random) -> bytes:
    """A ChatGPT export with this many messages, ten to a conversation."""
    conversations = []
    for number in range(turns // 10):
        mapping: dict[str, Any] = {
            "root": {"id": "root", "parent": None, "children": [], "message": None}
        }
        parent = "root"
        for place in range(10):
            id = f"m{number}-{place}"
            mapping[id] = {
                "id": id,
                "parent": parent,
                "message": {
                    "id": id,
                    "author": {"role": "user" if place % 2 == 0 else "assistant"},
                    "create_time": 1735689600.0 + number * 3600 + place,
                    "content": {"content_type": "text", "parts": [sentence(chance)]},
                    "recipient": "all",
                    "metadata": {},
                },
            }
            parent = id
        conversations.append(
            {
                "id": f"c{number}",
                "conversation_id": f"c{number}",
                "title": f"Talk {number}",
                "create_time": 1735689600.0,
                "update_time": 1735689700.0,
                "current_node": parent,
                "mapping": mapping,
            }
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps(conversations))
    return packed.getvalue()


def import_throughput(person: Any, turns: int, chance: random.Random) -> None:
    from sync.importing import imports, reading
    from sync.management.commands.demo import _sealed

    data = export(turns, chance)
    steps: dict[str, float] = {}
    for step, name in (("read", "_read"), ("write", "_write"), ("embed", "_index")):
        _time_step(reading, step, name, steps)
    found = imports.begin(person.access, [_sealed("export.zip", data)], start=reading.run)
    done = imports.accept(person.access, found.id, start=reading.run)
    assert done.state == "done", done
    assert done.written == turns, done
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"import of {turns:,} messages ({len(data) / 1e6:.0f} MB zipped), peak RSS {rss:.0f} MB")
    for step, seconds in steps.items():
        print(f"  {step:<6} {seconds:7.1f} s   {turns / seconds:9.0f} messages/s")


def _time_step(module: Any, step: str, name: str, steps: dict[str, float]) -> None:
    for state, real in list(module._STEPS.items()):
        if real.__name__ == name:

            def timed(work: Any, real: Callable[[Any], None] = real) -> None:
                start = time.perf_counter()
                real(work)
                steps[step] = time.perf_counter() - start

            timed.__name__ = name
            module._STEPS[state] = timed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--import", dest="turns", type=int, default=5_000)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.people import new_person
    from tests.stack import Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            chance = random.Random(7)
            for size in options.sizes:
                person = new_person()
                start = time.perf_counter()
                fill(person, size, chance)
                print(f"{size:,} memories (filled in {time.perf_counter() - start:.0f} s)")
                measure(person, options.queries, chance)
            if options.turns:
                import_throughput(new_person(), options.turns, chance)
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


if __name__ == "__main__":
    main()

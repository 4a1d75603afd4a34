"""How search does with very many memories: how long, how well, in how much memory.

    python -m tests.bench.search [--sizes 10000,100000,500000] [--indexed 1000000]

Starts its own embedded services in a folder of its own and removes them. The memories are made up
(see `corpus.py`) and put in as rows that the application's own code sealed: one collection that
grows from size to size, and is then indexed. Times are of one query after the other through
`vault.recalling.recall`, without the embedding of the question, in milliseconds.

    CPU         of this process, without the database: less shaken by what else the machine does
    meaning@10  of the ten nearest in meaning, by brute force over the vectors as they were made,
                how many are among the ten nearest that the collection gives
    ranked@10   of the ten hits that full ranking gives, when 2,000 candidates each way are looked
                at and all are compared token by token, how many of the ten that search gives;
                token vectors here belong to other texts, so this is worse than with real memories
    memory      what the process grew by while the collection was opened, and what it accounts for
"""

import argparse
import gc
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

FULLY = 2_000
BACK_MOST = (
    200_000  # of what is larger, the way back is left out: it takes as long as the way there
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=_numbers, default=[10_000, 100_000, 500_000])
    parser.add_argument("--indexed", type=_numbers, default=[1_000_000])
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    django.setup()
    with _services():
        from tests.bench.corpus import Corpus
        from vault.embedding.embedders import bundled

        corpus, first = Corpus(bundled()), list[float]()
        bench = Bench(corpus, options.queries)
        for size in sorted(options.sizes):
            bench.fill(size)
            bench.cold("cold open, from rows")
            bench.keep()
            bench.cold("cold open, from the kept shelf")
            first.append(bench.ask())
            _say(f"{'times the first size':<34}{first[-1] / first[0]:9.1f}")
        for size in sorted(options.indexed):
            if size < bench.size or bench.indexed:
                bench.close()
                bench = Bench(corpus, options.queries)
            _indexed(bench, size)
        bench.close()


def _indexed(bench: "Bench", size: int) -> None:
    bench.fill(size)
    bench.switch(indexed=True)
    bench.keep()
    bench.cold("indexed, from the kept shelf")
    with _large_from(10**9):
        bench.ask("exact", few=30)
    with _large_from(min(150_000, size // 2)):  # a small one is to have its HNSW index as well
        bench.tend()
        bench.cold("with its HNSW index")
        for wide in (100, 200, 400, 800):
            with patch("vault.search.turned.LOOKED_AT", wide):
                bench.ask(f"ef {wide}")
    if size <= BACK_MOST:
        bench.switch(indexed=False)


@contextmanager
def _large_from(rows: int) -> Iterator[None]:
    with (
        patch("vault.search.turned.EXACT_MOST", rows),
        patch("vault.search.indexed.EXACT_MOST", rows),
    ):
        yield


class Bench:
    """One collection, which grows."""

    def __init__(self, corpus: Any, queries: int) -> None:
        from tests.bench.filling import Truth
        from tests.people import new_person

        self.corpus, self.truth, self.indexed = corpus, Truth([], []), False
        self.person = new_person()
        self.home: UUID = self.person.collection("Personal")
        self.questions: list[str] = corpus.queries(queries)
        self._expected: dict[str, list[set[bytes]]] = {}

    @property
    def size(self) -> int:
        return len(self.truth.ids)

    def fill(self, size: int) -> None:
        from tests.bench.filling import fill
        from vault.scope import vault_scope
        from vault.search import kept

        _say(f"\n{size:,} memories")
        more = size - self.size
        seconds = fill(self.person.access, self.home, self.corpus, size, self.truth)
        _say(f"{f'{more:,} more filled in':<34}{seconds:9.1f} s")
        with vault_scope(self.person.vault_id):
            kept.forget(self.person.access, self.home)
        self._expected.clear()

    def keep(self) -> None:
        from vault.search import sealed

        def kept() -> int:
            model = self.corpus.model
            access = self.person.access
            return sealed.keep_shelf(access, self.home, model=model.model, dim=model.dim)

        seconds, size = _timed(kept)
        _say(f"{'shelf kept in':<34}{seconds:9.1f} s, {size / 1e6:.0f} MB")

    def cold(self, what: str) -> None:
        from vault.recalling import recall
        from vault.search import sealed

        sealed.close(self.person.vault_id)
        gc.collect()
        before = _resident()
        seconds, _ = _timed(lambda: recall.search(self.person.access, self.questions[0]))
        grown, told = _resident() - before, sum(o.nbytes for o in sealed._cache.values())
        _say(f"{what:<34}{seconds:9.2f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        _say(f"{'memory':<34}{grown:9.0f} MB, accounted {told / 1e6:.0f}, peak {peak:.0f}")

    def ask(self, what: str = "", few: int = 1000) -> float:
        """The median, of the first `few` questions."""
        from vault.recalling import recall

        with _embedding_apart(self.corpus.model) as embedding:
            times, worked = [], []
            for question in self.questions[:few]:
                before = time.process_time()
                seconds, _ = _timed(lambda q=question: recall.search(self.person.access, q))  # type: ignore[misc]
                took = embedding.pop()
                worked.append(1000 * (time.process_time() - before - took))
                times.append(1000 * (seconds - took))
        times.sort()
        cpu = sorted(worked)[len(worked) // 2]
        p50, p95 = (times[int(share * (len(times) - 1))] for share in (0.5, 0.95))
        _say(
            f"{f'search {what}':<34}{p50:9.1f} p50 {p95:8.1f} p95 ms, {cpu:.1f} of p50 our own CPU"
        )
        _say(f"{'meaning@10':<34}{self._meaning(few):9.3f}")
        _say(f"{'ranked@10':<34}{self._ranked():9.3f}")
        return p50

    def switch(self, *, indexed: bool) -> None:
        from tests.bench.filling import vacuum
        from tests.vault.modes import switch

        seconds, _ = _timed(lambda: switch(self.person, "Personal", indexed=indexed))
        vacuum("turnedvector", "vector", "segment")
        self.indexed = indexed
        self._expected.pop("ranked", None)
        _say(f"{'indexed in' if indexed else 'sealed again in':<34}{seconds:9.1f} s")

    def tend(self) -> None:
        from vault.embedding import indexes

        seconds, _ = _timed(indexes.tend)
        _say(f"{'HNSW index built in':<34}{seconds:9.1f} s")

    def close(self) -> None:
        from vault.search import sealed

        sealed.close(self.person.vault_id)

    def _meaning(self, few: int) -> float:
        from vault.scope import vault_scope
        from vault.search import sealed
        from vault.search.documents import QueryText

        model, found = self.corpus.model, []
        asked = [model.query(question) for question in self.questions]
        with vault_scope(self.person.vault_id):
            (opened,) = sealed.open_collections(
                self.person.access, [self.home], model=model.model, dim=model.dim
            )
            for embedding in asked[:few]:
                near = opened.index.search(QueryText("", embedding), limit=100)
                near.sort(key=lambda c: -(c.meaning or -1))
                found.append({one.document.id.bytes for one in near[:10]})
        return _shared(self._nearest(asked)[:few], found)

    def _nearest(self, asked: Sequence[Any]) -> list[set[bytes]]:
        import numpy as np

        if "nearest" not in self._expected:
            vectors = np.stack([one.passages[0] for one in asked]).astype(np.float32)
            self._expected["nearest"] = self.truth.nearest(vectors, 10)
        return self._expected["nearest"]

    def _ranked(self) -> float:
        some = self.questions[:20]
        if "ranked" not in self._expected:
            with (
                patch("vault.search.rank.CANDIDATES", FULLY),
                patch("vault.search.rank.COMPARED", 2 * FULLY),
                patch("vault.search.indexed.WORDED", 10**6),
                patch("vault.search.indexed.EXACT_MOST", 10**9),
            ):
                self._expected["ranked"] = [self._hits(question) for question in some]
        return _shared(self._expected["ranked"], [self._hits(question) for question in some])

    def _hits(self, question: str) -> set[bytes]:
        from vault.recalling import recall

        return {hit.memory.id.bytes for hit in recall.search(self.person.access, question)}


def _shared(wanted: Sequence[set[bytes]], found: Sequence[set[bytes]]) -> float:
    parts = [len(w & f) / len(w) for w, f in zip(wanted, found, strict=True) if w]
    return sum(parts) / len(parts)


@contextmanager
def _embedding_apart(model: Any) -> Iterator[list[float]]:
    """Seconds that the embedding of each question took."""
    real, took = type(model).query, list[float]()

    def query(self: Any, text: str) -> Any:
        seconds, embedding = _timed(lambda: real(self, text))
        took.append(seconds)
        return embedding

    with patch.object(type(model), "query", query):
        yield took


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _resident() -> float:
    """MB of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


@contextmanager
def _services() -> Iterator[None]:
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.stack import Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            yield
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()

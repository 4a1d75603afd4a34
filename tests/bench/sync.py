"""What keeping a remote in step costs: the first run, and one in which nothing changed.

    python -m tests.bench.sync [--memories 10000] [--latency 20] [--remotes plain forgetful]

Starts its own embedded services in a folder of its own and removes them. Half of the memories are
in the vault at first, half at a remote in this process that takes `latency` milliseconds for each
request and lists a hundred entries a page. Three remotes: one that tells of changes, one that does
not, and one that keeps neither keys nor kinds. Times in seconds, and those of the processor in this
process, without the database's; memory is how far this process rose above what it held when the run
began. The same at a tenth of the size is printed beside it: it also warms up what is loaded once.
"""

import argparse
import ctypes
import gc
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

PER_PAGE = 100
KINDS = ("telling", "plain", "forgetful")


@dataclass(frozen=True)
class Cost:
    seconds: float
    processor: float
    requests: int
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=20.0)
    parser.add_argument("--remotes", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args()
    django.setup()
    with _services():
        for kind in options.remotes:
            small = _measured(kind, options.memories // 10, options.latency / 1000)
            large = _measured(kind, options.memories, options.latency / 1000)
            _print(kind, options.memories, small, large)


def _measured(kind: str, count: int, latency: float) -> dict[str, Cost]:
    from sync.connections import connections, runs
    from sync.connections.connections import Settings
    from sync.engine import bridge
    from tests.bench import slowremote
    from tests.people import new_person
    from tests.sync.remotes import let_something_in, nowhere
    from vault import bulk, memories
    from vault.types import Draft, Right

    person, remote = new_person(), slowremote.make(kind, latency, PER_PAGE)
    home = person.collection("Personal")
    drafts = [Draft(f"Ours is number {n}: she saw {n} gulls.") for n in range(count // 2)]
    for start in range(0, len(drafts), 500):
        bulk.remember_many(person.access, [(home, one) for one in drafts[start : start + 500]])
    remote.fill(f"Theirs is number {n}: he saw {n} terns." for n in range(count - count // 2))
    with patch.object(bridge, "connectors", lambda: {remote.slug: remote}):
        made = connections.add(
            person.access,
            person.owner_key,
            remote.slug,
            {},
            name="Bench",
            rights={home: Right(see=True, add="yes")},
            settings=Settings(into_id=home, background=True),
            account=connections.try_out(remote.slug, {}, nowhere),
        )
        let_something_in(person.vault_id, made.grant)

        def run(what: str) -> Cost:
            remote.requests = 0
            before, began, worked = _held(), time.perf_counter(), time.process_time()
            record = runs.run(person.vault_id, made.id, transport=nowhere)
            assert record is not None and record.outcome == "done", record and record.said
            if what.startswith("nothing"):
                assert record.counts == {}, record.counts
            took, worked = time.perf_counter() - began, time.process_time() - worked
            return Cost(took, worked, remote.requests, _most() - before)

        found = {"first": run("first"), "sees its own writes": run("own")}
        found["nothing changed"] = run("nothing changed")
        memories.remember(person.access, home, Draft("One more of ours."))
        remote.fill(["One more of theirs."])
        found["two changes"] = run("two changes")
        assert len(remote.entries) == count + 2
    return found


def _print(kind: str, count: int, small: dict[str, Cost], large: dict[str, Cost]) -> None:
    print(f"\n{kind}, {count:,} memories", flush=True)
    print(f"{'':<30}seconds processor  requests memory MB   a tenth of them")
    for what, cost in large.items():
        then = small[what]
        print(
            f"  {what:<26}{cost.seconds:9.2f}{cost.processor:10.2f}{cost.requests:10,}"
            f"{cost.megabytes:10.0f}"
            f"{then.seconds:12.2f} s,{then.processor:8.2f} s, {then.requests:,} requests"
        )


def _held() -> float:
    """Megabytes held now, what is free given back; the peak counts from here on. Linux (glibc)."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    return _megabytes("VmRSS")


def _most() -> float:
    """The peak since `_held`, in megabytes."""
    return _megabytes("VmHWM")


def _megabytes(which: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{which}:")) / 1024


@contextmanager
def _services() -> Iterator[None]:
    from django.conf import settings

    from config.home import Home
    from tests.stack import Stack

    home = Home(settings.SATCHEL_HOME)
    try:
        with Stack(home):
            yield
    finally:
        shutil.rmtree(Path(settings.SATCHEL_HOME), ignore_errors=True)


if __name__ == "__main__":
    main()

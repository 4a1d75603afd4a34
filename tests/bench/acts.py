"""How long it takes to do the same to many memories: `python -m tests.bench.acts [--size 10000]`.

Starts its own embedded services in a folder of its own and removes them. For each act: seconds to
do and to undo it, the longest portion, and the search after it, which takes in every change.
"""

import argparse
import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.bench.recall import fill
    from tests.people import new_person
    from tests.stack import Stack

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            person = new_person()
            fill(person, options.size, random.Random(7))
            measure(person)
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


def measure(person: Any) -> None:
    from vault.acting import acts
    from vault.recalling import recall
    from vault.visible import Selection

    recall.search(person.access, "warm up")
    params = {
        **{"pin": "", "confirm": "", "forget": "", "kind": "event"},
        **{"until": "2024-03-01T00:00:00+00:00", "move": str(person.collection("Travel"))},
    }
    print(f"{'':<10}{'do s':>8}{'portion ms':>12}{'undo s':>8}{'search ms':>11}{'all CPU s':>11}")
    for verb, param in params.items():
        cpu = time.process_time()
        act = acts.begin(person.access, verb, Selection(), param=param)
        done, longest = finish(person, act)
        undone, _ = finish(person, acts.undo(person.access, act.id))
        start = time.perf_counter()
        recall.search(person.access, "a boat in Porto")
        search, cpu = time.perf_counter() - start, time.process_time() - cpu
        row = f"{done:8.1f}{longest * 1000:12.0f}{undone:8.1f}{search * 1000:11.0f}{cpu:11.1f}"
        print(f"{verb:<10}{row}", flush=True)


def finish(person: Any, act: Any) -> tuple[float, float]:
    """(seconds in all, seconds of the longest portion)"""
    from vault.acting import acts

    times = []
    while act.working:
        start = time.perf_counter()
        act = acts.go_on(person.access, act.id)
        times.append(time.perf_counter() - start)
    return sum(times), max(times, default=0.0)


if __name__ == "__main__":
    main()

"""What the access log costs: writing a line, checking it, exporting it, finding a memory in it.

    python -m tests.bench.log [--lines 100000] [--records 500]

Starts its own embedded services in a folder of its own and removes them. Prints medians, and 95th
percentiles in milliseconds.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django


def p(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


def records(access: Any, count: int) -> list[float]:
    """How long each of `count` lines took, of ten memories each."""
    from vault.log import access_log

    took = []
    for _ in range(count):
        ids = [uuid4() for _ in range(10)]
        start = time.perf_counter()
        access_log.record(access, "search", ids, "a purpose")
        took.append(time.perf_counter() - start)
    return took


def _in_a_process(token: str, count: int, answer: Any) -> None:
    django.setup()
    from vault.access import open_token

    answer.put(records(open_token(token), count))


def at_once(token: str, count: int) -> list[float]:
    """The same by two processes on one vault."""
    context = multiprocessing.get_context("fork")
    answers: Any = context.Queue()
    both = [context.Process(target=_in_a_process, args=(token, count, answers)) for _ in range(2)]
    for one in both:
        one.start()
    took = [each for _ in both for each in answers.get()]
    for one in both:
        one.join()
    return took


def fill(vault_id: UUID, lines: int) -> None:
    """Real lines, but for what they seal: the same bytes in all, which no check opens."""
    from vault.log.log_chain import Chain, _message
    from vault.models import LogEntry
    from vault.scope import vault_scope

    with vault_scope(vault_id):
        chain = Chain(vault_id, writing=True)
        like = LogEntry.objects.filter(vault_id=vault_id).order_by("seq")[0]
        batch = []
        for seq in range(chain.head.count + 1, chain.head.count + lines + 1):
            line = LogEntry(vault_id=vault_id, seq=seq, count=10, sealed=bytes(like.sealed))
            line.at, line.asker_kind, line.asker_id = like.at, "token", like.asker_id
            line.action = "search"
            line.chain = chain.link = chain._line_key.mac(_message(chain.link, line))
            batch.append(line)
            if len(batch) == 5000:
                LogEntry.objects.bulk_create(batch)
                batch = []
        LogEntry.objects.bulk_create(batch)
        chain.head.count += lines
        chain.save()


def timed(words: str, act: Callable[[], Any], per: int) -> Any:
    start = time.perf_counter()
    answer = act()
    took = time.perf_counter() - start
    print(f"  {words:<34} {took:7.2f} s   {per / took:10,.0f} lines/s")
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--records", type=int, default=500)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.db import connections

    from config.home import Home
    from tests.people import new_person
    from tests.stack import Stack
    from vault.access import open_token
    from vault.log import access_log, anchors
    from vault.log.log_export import export
    from vault.types import Right

    home = Home(Path(settings.SATCHEL_HOME))
    try:
        with Stack(home):
            person = new_person()
            token = person.token(Personal=Right(see=True))[1]
            records(open_token(token), 50)
            took = records(open_token(token), options.records)
            print(f"record       p50 {p(took, 0.5):6.2f}   p95 {p(took, 0.95):6.2f} ms")
            connections.close_all()
            connections["default"].close_pool()
            took = at_once(token, options.records)
            print(f"two at once  p50 {p(took, 0.5):6.2f}   p95 {p(took, 0.95):6.2f} ms")
            count = access_log.verify(person.access)
            timed("export, opening each line", lambda: sum(map(len, export(person.access))), count)
            timed("look for a memory", lambda: access_log.readings(person.access, uuid4()), count)
            anchor = anchors.look(person.access, "").anchor
            assert anchor is not None
            kept = anchors.sealed(person.access, anchor)
            looks = []
            for _ in range(100):
                start = time.perf_counter()
                anchors.look(person.access, kept)
                looks.append(time.perf_counter() - start)
            print(f"look         p50 {p(looks, 0.5):6.2f}   p95 {p(looks, 0.95):6.2f} ms")
            fill(person.vault_id, options.lines)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            total = count + options.lines
            timed(f"verify {total:,} lines", lambda: access_log.verify(person.access), total)
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            print(f"  and the process grew by {grown:.0f} MB")
            connections.close_all()
            connections["default"].close_pool()
    finally:
        shutil.rmtree(home.path, ignore_errors=True)


if __name__ == "__main__":
    main()

"""How fast "Go to, or do" answers: `python -m tests.bench.palette [--size 10000] [--lists 200]`.

One vault with that many memories, 20 grants and a few connections; each list is asked for as a
browser does, through all middleware, one after the other, for the beginnings of words that
somebody types. Milliseconds; the budget of a list is 80 at the 95th percentile. CPU is this
process's, without the database: less shaken by what else the machine does.
"""

import argparse
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
from django.test.utils import setup_test_environment

from tests.bench.search import _services


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--lists", type=int, default=200)
    options = parser.parse_args()
    django.setup()
    setup_test_environment()
    with _services():
        _measure(options.size, options.lists)


def _measure(size: int, lists: int) -> None:
    from tests.bench.corpus import Corpus
    from tests.bench.filling import Truth, fill
    from tests.frontend.connectionshow import connection_pages
    from tests.people import new_person, signed_in
    from vault.embedding.embedders import bundled
    from vault.types import Right

    person, corpus = new_person(), Corpus(bundled())
    fill(person.access, person.collection("Personal"), corpus, size, Truth([], []))
    for number in range(20):
        person.token(f"App {number}", Personal=Right(see=True))
    connection_pages(person)
    owner = signed_in(person)
    words = corpus.queries(max(1, lists // 4))
    typed = [words[n // 4][: 3 + 3 * (n % 4)] for n in range(lists)]
    owner.get("/go/", {"q": "warm up"}, headers={"HX-Request": "true"})
    took, busy = [], []
    for text in typed:
        began, worked = time.perf_counter(), time.process_time()
        answer = owner.get("/go/", {"q": text}, headers={"HX-Request": "true"})
        busy.append(1000 * (time.process_time() - worked))
        took.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise SystemExit(f"answered {answer.status_code}")
    for name, values in (("time", took), ("CPU", busy)):
        ranked = sorted(values)
        half, most = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95)]
        print(f"{name:<6} p50 {half:6.1f}   p95 {most:6.1f} ms", flush=True)


if __name__ == "__main__":
    main()

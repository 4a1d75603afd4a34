"""How well and how fast sorting works. From the project's folder: `python -m tests.bench.sorting`.

The tests hold floors on "held out" and "fresh"; from the others the weights were learnt.
"""

import os
import time
from collections.abc import Sequence

from tests import labelled
from vault.sorting.rules import Subject


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    for title, those in (
        ("development", labelled.half(held_out=False)),
        ("held out", labelled.half(held_out=True)),
        ("second", labelled.examples("sorting-second.jsonl")),
        ("third", labelled.examples("sorting-third.jsonl")),
        ("fresh", labelled.examples("sorting-fourth.jsonl")),
    ):
        print(labelled.report(f"{title} {len(those)}", labelled.measure(those)), end="\n\n")
    every = [one.subject for one in labelled.examples()]
    calm = [one.subject for one in labelled.examples() if not one.kinds]
    _memories(every)
    _talks("every second turn sensitive", every)
    _talks("nothing sensitive", calm)


def _memories(subjects: Sequence[Subject]) -> None:
    sort, began = labelled.sorter(), time.perf_counter()
    for subject in subjects:
        sort.one(subject)
    each = (time.perf_counter() - began) / len(subjects)
    print(f"saved memories: {1 / each:,.0f}/s, {each * 1000:.2f} ms each")


def _talks(title: str, subjects: Sequence[Subject], size: int = 20) -> None:
    talks = [subjects[start : start + size] for start in range(0, len(subjects), size)]
    sort, began = labelled.sorter(), time.perf_counter()
    turns = sum(len(list(sort.talk(talk))) for talk in talks)
    spent = time.perf_counter() - began
    each = spent / len(talks) * 1000
    print(f"turns of talks of {size}, {title}: {turns / spent:,.0f}/s, {each:.1f} ms a talk")


if __name__ == "__main__":
    main()

"""The fuzzer's targets for a moment in each run of the tests, without coverage: see archives.py."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base.archive import Archive, Record
from connectors.base.reading.files import Files
from connectors.base.types import Conversation, Item, Turn, Unreadable
from tests.connectors.shapes import calmly
from tests.fuzz import breaking
from tests.fuzz.bundle import Contents, files_of, packed, unpacked
from tests.fuzz.invariants import read_twice
from tests.fuzz.targets import targets

briefly = settings(calmly, max_examples=400 if os.environ.get("SATCHEL_FULL") else 15)


@pytest.mark.parametrize("name", targets())
@briefly
@given(st.data())
def test_nothing_that_is_broken_breaks_a_reader(name: str, data: st.DataObject) -> None:
    target = targets()[name]
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    contents = unpacked(data.draw(st.sampled_from(target.seeds)))
    for _ in range(data.draw(st.integers(1, 3))):
        contents = breaking.broken(contents, chance)
    target.check(contents)


@pytest.mark.parametrize("name", targets())
def test_what_it_begins_with_is_sound(name: str) -> None:
    for seed in targets()[name].seeds:
        targets()[name].check(unpacked(seed))
        assert packed(unpacked(seed)) == seed


def test_the_same_chance_breaks_the_same() -> None:
    whole: Contents = {"a.json": b'{"a": [1, {"b": "c"}]}', "b.txt": b"hello"}
    broken = [breaking.broken(whole, random.Random(n)) for n in range(200)]
    assert broken == [breaking.broken(whole, random.Random(n)) for n in range(200)]
    assert len({packed(one) for one in broken}) > 100


class Faulty(Archive):
    vendor = what = "faulty"

    def __init__(self, records: Callable[[], list[Any]]) -> None:
        self._records = records

    def recognise(self, files: Files) -> bool:
        return True

    def records(self, files: Files) -> Iterator[Record]:
        yield from self._records()


TURN = Turn("m1", "user", "hello", 0)
TALK = Conversation("c1", "A talk", (TURN,))
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
COUNTER = iter(range(100))


@pytest.mark.parametrize(
    "records",
    [
        lambda: [Item(7)],  # type: ignore[arg-type]
        lambda: [Item("a\0b")],
        lambda: [Item("a\ud800b")],
        lambda: [Item("a", kind="mood")],  # type: ignore[arg-type]
        lambda: [Item("a", created_at=NAIVE)],
        lambda: [Item("a", metadata={"a": 7})],  # type: ignore[dict-item]
        lambda: [Item("a" * 100_000)],
        lambda: [Item("a")] * 1_000,
        lambda: [Item(f"a{next(COUNTER)}")],
        lambda: [replace(TALK, turns=(replace(TURN, role="ghost"),))],  # type: ignore[arg-type]
        lambda: [replace(TALK, do_not_remember=True)],
        lambda: [Unreadable("", "x")],
        lambda: [{"text": "a"}],
        lambda: [TALK, 1 / 0],
    ],
)
def test_a_faulty_reader_is_found(records: Callable[[], list[Any]]) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError, ZeroDivisionError)):
        read_twice(Faulty(records), files_of({"a": b"x"}), 1)
    read_twice(Faulty(lambda: [Item("a"), TALK, Unreadable("x", "y")]), files_of({}), 0)

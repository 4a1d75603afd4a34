"""What a run may cost: so many statements a memory, and nothing opened a second time."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import Person, new_person
from tests.sync.remotes import Place, connected, run, shelves
from vault import bulk
from vault.search import opening
from vault.types import Draft

EACH_SENT = 15
"""Statements: before the call whether it still may be sent, after it the link."""
EACH_TAKEN = 1
"""They come in portions; what is left is of a portion."""


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def places() -> Iterator[dict[str, Place]]:
    with shelves("A", "B") as found:
        yield found


def ours(person: Person, count: int) -> None:
    home = person.collection("Personal")
    drafts = [(home, Draft(f"On day {n} she saw {n} gulls.")) for n in range(count)]
    bulk.remember_many(person.access, drafts)


def statements(person: Person, place: str) -> int:
    made = connected(person, place)
    with CaptureQueriesContext(connection) as asked:
        assert run(person, made).outcome == "done"
    return len(asked)


def test_each_memory_sent_takes_a_few_statements(places: dict[str, Place]) -> None:
    few, more = new_person(), new_person()
    ours(few, 5)
    ours(more, 25)
    of_few, of_more = statements(few, "A"), statements(more, "B")
    assert len(places["B"].entries) == 25
    assert of_more - of_few <= 20 * EACH_SENT


def test_each_entry_taken_takes_no_statement_of_its_own(places: dict[str, Place]) -> None:
    few, more = new_person(), new_person()
    for n in range(45):
        places["B"].put(f"On day {n} he saw {n} terns.")
        if n < 5:
            places["A"].put(f"On day {n} he saw {n} terns.")
    of_few, of_more = statements(few, "A"), statements(more, "B")
    assert of_more - of_few <= 40 * EACH_TAKEN


def test_no_vector_is_opened_twice_while_many_have_none(
    ana: Person, places: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of what was imported before come later: each portion taken looks for them."""
    monkeypatch.setattr(opening, "_RETRY_MISSING", 0.0)
    opened, real = [], opening.CollectionIndex.attach

    def attach(index: opening.CollectionIndex, *found: object) -> bool:
        opened.append(found[0])
        return real(index, *found)  # type: ignore[arg-type]

    monkeypatch.setattr(opening.CollectionIndex, "attach", attach)
    ours(ana, opening._FEW + 1)
    for n in range(120):
        places["A"].put(f"On day {n} he saw {n} terns.")
    assert run(ana, connected(ana, "A")).counts["taken"] == 120
    assert len(opened) == len(set(opened)) == 120

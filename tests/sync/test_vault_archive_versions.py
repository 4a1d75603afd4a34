"""Archives of every version of the format: what a version brought, and that older ones open."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from tests import archives as made
from tests.archives import export, quick_locks, reopened, restore, told
from tests.people import new_person
from vault import memories, suggestions
from vault.archive import lines
from vault.archive.codec import dump
from vault.archive.errors import Damaged
from vault.types import Draft, Right

FIRST = "satchel-vault/1"
LINE = {
    "id": "01a1fcba-439e-7be8-8471-b9f37ec00630",
    "collection_id": "",
    "grant_id": "01a1fcba-439e-7be8-8471-b9f37ec00631",
    "action": "remember",
    "memory_id": None,
    "text": "The owner likes jazz",
    "memory_kind": "preference",
    "settled": False,
    "suggested_at": "2026-11-21T06:12:08.795062Z",
}
"""A suggestion as the first version had it."""


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


def of_version_1(home: UUID, line: dict[str, object]) -> bytes:
    here = made.collection(id=home)
    said = {"collections": [here], "suggestions": [line | {"collection_id": str(home)}]}
    return made.made_of(said, format=FIRST)


def test_the_title_of_a_suggestion_comes_back() -> None:
    ana, ben = new_person(), new_person()
    reader, work = ana.grantee(Work=Right(see=True, add="ask")), ana.collection("Work")
    memories.remember(reader, work, Draft("Oolong, three minutes", title="Tea"))
    tea = memories.remember(ana.access, work, Draft("Green", title="Leaves"))
    assert not isinstance(tea, suggestions.Suggestion)
    memories.revise(reader, tea.id, title="Tea leaves")
    assert restore(ben, export(ana)).state == "done"
    there = suggestions.listing(reopened(ben).access)
    assert [(one.title, one.text) for one in there] == [
        ("Tea", "Oolong, three minutes"),
        ("Tea leaves", ""),
    ]


def test_an_archive_of_the_first_version_opens() -> None:
    ana, home = new_person(), uuid4()
    done = restore(ana, of_version_1(home, LINE))
    assert (done.state, done.error) == ("done", "")
    there = reopened(ana)
    (one,) = suggestions.listing(there.access)
    assert (one.title, one.text) == ("", "The owner likes jazz")
    (now,) = told(export(there))["suggestions"]
    assert now["title"] == ""


@pytest.mark.parametrize("version", [FIRST, lines.FORMAT])
def test_each_version_has_exactly_its_own_fields(version: str) -> None:
    """One of the first that has what came later is no archive of ours, nor the other way round."""
    ana, home = new_person(), uuid4()
    line = LINE | {"title": "Tea"} if version == FIRST else LINE
    archive = of_version_1(home, line)
    if version != FIRST:
        archive = made.altered(archive, {"manifest.json": dump(made.replaced({}))})
    done = restore(ana, archive)
    assert (done.state, done.error) == ("failed", str(Damaged()))

"""Archives of every version of the format: what a version brought, and that older ones open."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from tests import archives as made
from tests.archives import export, quick_locks, reopened, restore, told
from tests.people import new_person
from tests.sync.distil import talk, wanted
from vault import memories, savedviews, talks
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.ids import NIL
from vault.reviewing import distilled, suggestions
from vault.scope import vault_scope
from vault.types import Draft, Evidence, Right

FIRST, SECOND, THIRD = (f"satchel-vault/{number}" for number in (1, 2, 3))
LINE: dict[str, Any] = {
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


def of_version(version: str, home: UUID, line: dict[str, object]) -> bytes:
    here = made.collection(id=home)
    said = {"collections": [here], "suggestions": [line | {"collection_id": str(home)}]}
    return made.made_of(said, format=version)


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


def test_what_a_distilled_suggestion_rests_on_comes_back() -> None:
    ana, ben = new_person(), new_person()
    talk(ana, "tea", "I like oolong.", "Good.", "And rye.")
    home = ana.collection("Personal")
    (there,) = talks.listing(ana.access, wanted(ana))
    turns = talks.turns(ana.access, wanted(ana), there)
    rests = Evidence("small-model", (turns[0].id, turns[2].id), turns[0].when)
    with vault_scope(ana.vault_id):
        distilled.post(ana.access, home, Draft("Oolong and rye", "preference"), rests)
    assert restore(ben, export(ana)).state == "done"
    after = reopened(ben)
    (one,) = suggestions.listing(after.access)
    assert (one.text, one.grant_name, one.evidence) == ("Oolong and rye", "Distilling", rests)
    cited = talks.cited(after.access, rests.lines)
    assert [turn.text for turn in cited] == ["I like oolong.", "And rye."]
    kept = suggestions.accept(after.access, one.id)
    assert {source.account for source in kept.sources} == {"distilled by small-model"}


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_id": UUID(LINE["grant_id"])},  # a grantee's, which no model distilled
        {"settled": True},
        {"action": "forget", "memory_id": uuid4()},
        {"evidence": lines.Evidence("", (), None)},
    ],
)
def test_only_what_was_distilled_and_waits_has_evidence(changes: dict[str, Any]) -> None:
    home = made.collection()
    line = lines.Suggestion(
        id=uuid4(),
        collection_id=home.id,
        grant_id=NIL,
        action="remember",
        memory_id=None,
        title="",
        text="Oolong and rye",
        memory_kind="fact",
        settled=False,
        suggested_at=timezone.now(),
        evidence=lines.Evidence("small-model", (), None),
    )
    for one, state in ((replace(line, **changes), "failed"), (line, "done")):
        done = restore(new_person(), made.made_of({"collections": [home], "suggestions": [one]}))
        assert done.state == state, done


@pytest.mark.parametrize(("version", "line"), [(FIRST, LINE), (SECOND, LINE | {"title": "Tea"})])
def test_an_archive_of_an_older_version_opens(version: str, line: dict[str, object]) -> None:
    ana, home = new_person(), uuid4()
    done = restore(ana, of_version(version, home, line))
    assert (done.state, done.error) == ("done", "")
    there = reopened(ana)
    (one,) = suggestions.listing(there.access)
    assert (one.title, one.text) == (line.get("title", ""), "The owner likes jazz")
    assert one.evidence is None
    (now,) = told(export(there))["suggestions"]
    assert (now["title"], now["evidence"]) == (line.get("title", ""), None)


def test_saved_views_come_back_and_an_older_archive_has_none() -> None:
    ana, ben, cleo = new_person(), new_person(), new_person()
    savedviews.save(ana.access, "Boats & co", {"q": "boat & co", "learnt": "7"})
    assert restore(ben, export(ana)).state == "done"
    (view,) = savedviews.listing(reopened(ben).access)
    assert (view.name, dict(view.query)) == ("Boats & co", {"q": "boat & co", "learnt": "7"})
    older = made.made_of({"collections": [made.collection()]}, format=THIRD)
    assert restore(cleo, older).state == "done"
    assert savedviews.listing(reopened(cleo).access) == []


def test_more_views_than_anybody_can_have_are_no_archive_of_ours() -> None:
    some = [
        lines.View(uuid4(), f"Boats {number}", "q=boat", timezone.now())
        for number in range(savedviews.MOST * 2 + 1)
    ]
    there = made.made_of({"collections": [made.collection()], "views": some})
    ana = new_person()
    assert restore(ana, there).state == "failed"
    assert savedviews.listing(reopened(ana).access) == []


@pytest.mark.parametrize("search", ["", "&&", "q="])
def test_a_view_that_looks_for_nothing_is_no_view(search: str) -> None:
    line = lines.View(uuid4(), "Boats", search, timezone.now())
    there = made.made_of({"collections": [made.collection()], "views": [line]})
    ana = new_person()
    assert restore(ana, there).state == "failed"
    assert savedviews.listing(reopened(ana).access) == []


@pytest.mark.parametrize(
    ("version", "line"),
    [
        (FIRST, LINE | {"title": "Tea"}),
        (SECOND, LINE),
        (SECOND, LINE | {"title": "Tea", "evidence": None}),
        (lines.FORMAT, LINE | {"title": "Tea"}),
    ],
)
def test_each_version_has_exactly_its_own_fields(version: str, line: dict[str, object]) -> None:
    """One of the first that has what came later is no archive of ours, nor the other way round."""
    ana = new_person()
    done = restore(ana, of_version(version, uuid4(), line))
    assert (done.state, done.error) == ("failed", str(Damaged()))

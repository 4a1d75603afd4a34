"""Was true until: found as past, below what is true now, and in no context as if it were."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.people import Person
from vault import browse, memories
from vault.embedding import indexing
from vault.errors import Invalid, Refused
from vault.models import Vector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Memory, Right, Suggestion
from vault.visible import Selection

MARCH = datetime(2024, 3, 1, tzinfo=UTC)
NEXT_YEAR = timezone.now() + timedelta(days=365)


def remember(person: Person, text: str, place: str = "Personal", **more: object) -> Memory:
    draft = Draft(text, **more)  # type: ignore[arg-type]
    made = memories.remember(person.access, person.collection(place), draft)
    assert isinstance(made, Memory)
    return made


@pytest.fixture
def moved(ana: Person) -> tuple[UUID, UUID]:
    """Ana lived in one town and lives in another."""
    old = remember(ana, "Lives in Utrecht, near the station", valid_until=MARCH)
    new = remember(ana, "Lives in Porto, near the river")
    return old.id, new.id


def test_the_past_is_found_marked_and_below_the_present(
    ana: Person, moved: tuple[UUID, UUID]
) -> None:
    old, new = moved
    for query in ("where does she live", "lives near the station or the river"):
        hits = recall.search(ana.access, query)
        assert [hit.memory.id for hit in hits] == [new, old]
        assert "past" in hits[1].why
        assert "past" not in hits[0].why
    assert hits[1].memory.valid_until == MARCH


def test_what_is_not_yet_true_is_marked_as_well(ana: Person) -> None:
    soon = remember(ana, "Works in Lisbon", valid_from=NEXT_YEAR)
    (hit,) = recall.search(ana.access, "where does she work")
    assert (hit.memory.id, "future" in hit.why) == (soon.id, True)
    text = recall.context(ana.access, query="where does she work").text
    assert f"from {NEXT_YEAR:%B %Y}" in text


def test_a_context_tells_the_past_as_past(ana: Person, moved: tuple[UUID, UUID]) -> None:
    text = recall.context(ana.access, query="where does she live").text
    (old,) = (line for line in text.splitlines() if "Utrecht" in line)
    (new,) = (line for line in text.splitlines() if "Porto" in line)
    assert "(fact, until March 2024)" in old
    assert "(fact)" in new


def test_no_profile_or_instruction_of_the_past_stands_in_a_context(ana: Person) -> None:
    remember(ana, "Is a student", kind="profile", valid_until=MARCH)
    remember(ana, "Is a hydrologist", kind="profile")
    remember(ana, "Answer in Dutch", kind="instruction", valid_until=MARCH)
    remember(ana, "Answer in English", kind="instruction", valid_from=MARCH)
    found = recall.context(ana.access)
    assert {hit.memory.text for hit in found.hits} == {"Is a hydrologist", "Answer in English"}
    asked = recall.context(ana.access, query="is she a student, does she want Dutch answers?").text
    standing, bearing = asked.split("## What bears on this")
    assert "student" not in standing
    assert "(profile, until March 2024) Is a student" in bearing
    assert "Dutch" not in asked  # an old instruction would only be followed by mistake


def test_it_ends_and_begins_on_the_dot(ana: Person) -> None:
    now = timezone.now()
    over = remember(ana, "Rents a boat", valid_until=now)
    not_over = remember(ana, "Rents a garage", valid_until=now + timedelta(hours=1))
    why = {hit.memory.id: hit.why for hit in recall.search(ana.access, "rents")}
    assert "past" in why[over.id]
    assert "past" not in why[not_over.id]
    found = browse.selected(ana.access, Selection(past=True)).memories
    assert [memory.id for memory in found] == [over.id]
    assert browse.counts(ana.access).past == 1


def test_setting_and_clearing_it_is_a_revision_like_any_other(ana: Person) -> None:
    made = remember(ana, "Has a library card")
    memories.revise(ana.access, made.id, valid_until=MARCH)
    now = memories.revise(ana.access, made.id, valid_until=None)
    assert isinstance(now, Memory)
    assert (now.revision, now.valid_until) == (3, None)
    newest, oldest = memories.history(ana.access, made.id)
    assert (newest.revision, newest.valid_until) == (2, MARCH)
    assert (oldest.revision, oldest.valid_until) == (1, None)
    same = memories.revise(ana.access, made.id, text="Has two library cards")
    assert isinstance(same, Memory)
    assert same.valid_until is None


def test_the_embedding_goes_along_when_only_the_dates_or_the_kind_change(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = remember(ana, "Plays the cello on Thursdays")
    with vault_scope(ana.vault_id):
        (before,) = Vector.objects.filter(vault_id=ana.vault_id)
    monkeypatch.setattr(indexing, "index_now", lambda *_: None)  # what is not carried is missing
    memories.revise(ana.access, made.id, valid_until=MARCH, kind="event")
    sealed.close(ana.vault_id)
    with vault_scope(ana.vault_id):
        (after,) = Vector.objects.filter(vault_id=ana.vault_id)
    assert (before.id, before.revision) == (after.id, after.revision - 1)
    hits = recall.search(ana.access, "which instrument does she play")
    assert [(hit.memory.id, "meaning" in hit.why) for hit in hits] == [(made.id, True)]


def test_the_end_comes_after_the_beginning(ana: Person) -> None:
    made = remember(ana, "Rents a boat", valid_from=MARCH)
    with pytest.raises(Invalid) as refused:
        memories.revise(ana.access, made.id, valid_until=MARCH)
    assert refused.value.field == "valid_until"
    with pytest.raises(Invalid):
        remember(ana, "Rents a car", valid_from=NEXT_YEAR, valid_until=MARCH)


def test_the_same_words_of_another_time_are_another_memory(ana: Person) -> None:
    then = remember(ana, "Lives in Utrecht", valid_until=MARCH)
    again = remember(ana, "Lives in Utrecht")
    assert again.id != then.id
    assert remember(ana, "lives in utrecht").id == again.id
    shown = recall.search(ana.access, "lives in Utrecht")
    assert [hit.memory.id for hit in shown] == [again.id, then.id]


def test_an_app_that_may_add_may_also_say_that_something_ended(ana: Person) -> None:
    made = remember(ana, "Lives in Utrecht")
    app = ana.grantee(Personal=Right(see=True, add="yes"))
    ended = memories.revise(app, made.id, valid_until=MARCH)
    assert isinstance(ended, Memory)
    assert not ended.trusted
    (before,) = memories.history(ana.access, made.id)
    assert (before.changed_by, before.grant_id) == ("my assistant", app.asker.id)


def test_a_suggestion_never_loses_a_date_on_its_way(ana: Person) -> None:
    made = remember(ana, "Lives in Utrecht")
    app = ana.grantee(Personal=Right(see=True, add="ask"))
    place = ana.collection("Personal")
    attempts: list[Callable[[], object]] = [
        lambda: memories.revise(app, made.id, valid_until=MARCH),
        lambda: memories.remember(app, place, Draft("Lived in Delft", valid_until=MARCH)),
    ]
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()
    said = memories.revise(app, made.id, text="Lives in Porto")
    assert isinstance(said, Suggestion)

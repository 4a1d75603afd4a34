"""Sort what is here: found, moved after a word, undone; never out of a private collection."""

import pytest

from tests.people import PASSWORD, Person
from vault import collections, memories, vaults
from vault.access import Access, open_session
from vault.errors import Invalid, NotFound, Refused
from vault.reviewing import misplaced
from vault.sorting.matters import Matter
from vault.types import Draft, Memory, Right


def remember(person: Person, text: str, home: str = "Personal", **more: object) -> Memory:
    draft = Draft(text=text, **more)  # type: ignore[arg-type]
    made = memories.remember(person.access, person.collection(home), draft)
    assert isinstance(made, Memory)
    return made


def proposed(person: Person, home: str = "Personal") -> dict[str, str]:
    names = {c.id: c.name for c in collections.listing(person.access)}
    found = misplaced.find(person.access, person.collection(home))
    return {one.memory.text: names[one.collection_id] for one in found.misplaced}


def reopened(person: Person) -> Access:
    user = person.user
    opened = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def test_what_belongs_elsewhere_is_found_moved_and_put_back(ana: Person) -> None:
    sick = remember(ana, "I take insulin for my diabetes")
    trip = remember(ana, "Book a flight and a hotel in Lisbon")
    remember(ana, "My favourite colour is green")
    assert proposed(ana) == {sick.text: "Health", trip.text: "Travel"}
    found = misplaced.find(ana.access, ana.collection("Personal")).misplaced
    matters: dict[str, tuple[Matter, ...]] = {one.memory.text: one.matters for one in found}
    assert matters[sick.text] == ("health",)
    acts = misplaced.move(ana.access, {one.memory.id: one.collection_id for one in found})
    assert memories.get(ana.access, sick.id).collection_id == ana.collection("Health")
    assert memories.get(ana.access, trip.id).collection_id == ana.collection("Travel")
    assert proposed(ana) == {}
    assert misplaced.undo(ana.access, [act.id for act in acts]) == 2
    for one in (sick, trip):
        assert memories.get(ana.access, one.id).collection_id == ana.collection("Personal")


def test_nothing_is_proposed_to_leave_a_private_collection_for_an_open_one(ana: Person) -> None:
    trip = remember(ana, "Book a flight and a hotel in Lisbon", "Health")
    salary = remember(ana, "My salary is 84,000 a year", "Health")
    assert proposed(ana, "Health") == {salary.text: "Money"}
    with pytest.raises(Refused):
        misplaced.move(ana.access, {trip.id: ana.collection("Travel")})
    assert memories.get(ana.access, trip.id).collection_id == ana.collection("Health")


def test_sensitive_memories_without_a_home_are_counted_until_there_is_one(ana: Person) -> None:
    remember(ana, "My PIN is 4821")
    found = misplaced.find(ana.access, ana.collection("Personal"))
    assert (found.misplaced, found.homeless) == ((), 1)
    collections.create(ana.access, ana.owner_key, name="Private", private=True)
    access = reopened(ana)
    (one,) = misplaced.find(access, ana.collection("Personal")).misplaced
    assert one.matters == ("credentials",)


def test_turns_of_a_conversation_are_looked_at_together(ana: Person) -> None:
    talk = {"kind": "episode", "conversation": "c1", "title": "Four days in Kyoto"}
    remember(ana, "Which sights?", position=0, role="user", **talk)
    remember(ana, "Many.", position=1, role="assistant", **talk)
    assert proposed(ana) == {"Which sights?": "Travel", "Many.": "Travel"}


def test_a_large_collection_is_looked_at_in_portions(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misplaced, "PORTION", 3)
    for number in range(7):
        remember(ana, f"Flight number {number} to Lisbon leaves the airport")
    seen, cursor, looked = 0, None, []
    while True:
        found = misplaced.find(ana.access, ana.collection("Personal"), cursor=cursor)
        seen, cursor = seen + len(found.misplaced), found.cursor
        looked.append(found.looked_at)
        if cursor is None:
            break
    assert (seen, looked) == (7, [3, 3, 1])


def test_moving_nothing_too_much_or_to_nowhere_is_refused(
    ana: Person, ben: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = remember(ana, "x")
    with pytest.raises(Invalid):
        misplaced.move(ana.access, {})
    with pytest.raises(NotFound):
        misplaced.move(ana.access, {mine.id: ben.collection("Work")})
    with pytest.raises(Invalid):
        misplaced.move(ben.access, {mine.id: ben.collection("Work")})
    monkeypatch.setattr(misplaced, "PORTION", 0)
    with pytest.raises(Invalid):
        misplaced.move(ana.access, {mine.id: ana.collection("Work")})
    grantee = ana.grantee(Personal=Right(see=True, add="yes"))
    with pytest.raises(Refused):
        misplaced.find(grantee, ana.collection("Personal"))


def test_a_collection_is_suggested_for_new_words(ana: Person) -> None:
    found = misplaced.suggest(ana.access, "I am allergic to penicillin")
    assert found is not None
    assert found.collection_id == ana.collection("Health")
    assert "allergic" in found.why[0]
    assert misplaced.suggest(ana.access, "Qwrtz") is None

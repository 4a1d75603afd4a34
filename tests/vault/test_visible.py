"""What waits for the owner, and what the owner did not confirm, is out of grantees' sight."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.people import Person
from tests.vault.modes import switch
from vault import browse, bulk, collections, history, memories
from vault.access import Access
from vault.errors import NotFound
from vault.granting import grants
from vault.models import Grant
from vault.models import Memory as Row
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Memory, Right, SourceDraft
from vault.visible import Selection

SEE = Right(see=True)


def hold(person: Person, memory_id: UUID, why: str = "review") -> None:
    """As a review does that finds something odd."""
    with vault_scope(person.vault_id):
        row = Row.objects.select_for_update().get(vault_id=person.vault_id, id=memory_id)
        row.held = why
        history.save(person.access, [row], "held")


def remember(person: Person, text: str, **more: Any) -> Memory:
    made = memories.remember(person.access, person.collection("Work"), Draft(text, **more))
    assert isinstance(made, Memory)
    return made


def brought(person: Person, text: str) -> UUID:
    """As an import brings it: nobody confirmed it."""
    place, source = person.collection("Work"), SourceDraft("openai", key=text)
    memories.remember(person.access, place, Draft(text, source=source), confirmed=False)
    with vault_scope(person.vault_id):
        newest = Row.objects.filter(vault_id=person.vault_id).order_by("-seq")[0]
    return newest.id


def confirmed_only(person: Person, right: Right = SEE) -> Access:
    access = person.grantee(Work=right)
    with vault_scope(person.vault_id):
        Grant.objects.filter(vault_id=person.vault_id, id=access.asker.id).update(
            confirmed_only=True
        )
    return Access(
        access.vault_id,
        access.asker,
        access.rights,
        access.keyring,
        access.letterboxes,
        confirmed_only=True,
    )


def seen_everywhere(access: Access, query: str) -> dict[str, set[str]]:
    """The words that each way of looking shows."""
    context = recall.context(access, query=query)
    return {
        "search": {hit.memory.text for hit in recall.search(access, query)},
        "typing": {hit.memory.text for hit in recall.search(access, query, prefix=True)},
        "context": {hit.memory.text for hit in context.hits},
        "listing": {memory.text for memory in browse.listing(access).memories},
        "filtered": {m.text for m in browse.listing(access, vendors=["you", "openai"]).memories},
    }


@pytest.fixture
def two(ana: Person) -> tuple[UUID, UUID]:
    fine, odd = remember(ana, "Inspects dikes near Lek"), remember(ana, "Inspects dikes near Waal")
    hold(ana, odd.id)
    return fine.id, odd.id


def test_a_grantee_sees_nothing_that_is_held(ana: Person, two: tuple[UUID, UUID]) -> None:
    app = ana.grantee(Work=Right(see=True, add="yes"))
    for way, words in seen_everywhere(app, "inspects dikes").items():
        assert words == {"Inspects dikes near Lek"}, way
    assert browse.counts(app).total == 1
    assert browse.counts(app).held == 0
    assert next(c for c in collections.listing(app) if c.name == "Work").count == 1
    attempts: list[Callable[[], object]] = [
        lambda: memories.get(app, two[1]),
        lambda: memories.history(app, two[1]),
        lambda: memories.revise(app, two[1], text="Obey"),
        lambda: memories.forget(app, two[1]),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()


def test_the_owner_finds_it_marked_but_not_in_a_context(
    ana: Person, two: tuple[UUID, UUID]
) -> None:
    seen = seen_everywhere(ana.access, "inspects dikes")
    both = {"Inspects dikes near Lek", "Inspects dikes near Waal"}
    assert seen == {**dict.fromkeys(seen, both), "context": {"Inspects dikes near Lek"}}
    hits = {hit.memory.id: hit for hit in recall.search(ana.access, "inspects dikes")}
    assert "held" in hits[two[1]].why
    assert hits[two[1]].memory.held == "review"
    assert "held" not in hits[two[0]].why
    waiting = browse.selected(ana.access, Selection(held=True)).memories
    assert [memory.id for memory in waiting] == [two[1]]
    assert browse.counts(ana.access).held == 1


def test_what_is_held_while_a_vault_is_open_is_gone_from_the_next_search(ana: Person) -> None:
    made, app = remember(ana, "Inspects dikes near Lek"), ana.grantee(Work=SEE)
    assert recall.search(app, "dikes")
    hold(ana, made.id)
    assert recall.search(app, "dikes") == []
    assert recall.context(app, query="dikes").text == ""
    assert recall.context(ana.access, query="dikes").text == ""
    memories.revise(ana.access, made.id)  # the owner's word
    assert recall.search(app, "dikes")


def test_profiles_that_are_held_stand_in_no_context(ana: Person) -> None:
    made = remember(ana, "Is a duke", kind="profile")
    hold(ana, made.id)
    for access in (ana.access, ana.grantee(Work=SEE)):
        assert recall.context(access, query="who").hits == ()


def test_neighbours_in_a_conversation_are_checked_like_hits(ana: Person) -> None:
    place, at = ana.collection("Work"), datetime(2026, 3, 1, tzinfo=UTC)
    turns = ["Which dike should I inspect first?", "Begin with the secret one at Lek."]
    drafts = [
        Draft(
            text,
            "episode",
            role=role,
            conversation="talk",
            position=number,
            occurred_at=at,
            source=SourceDraft("openai", f"turn:{number}"),
        )
        for number, (role, text) in enumerate(zip(("user", "assistant"), turns, strict=True))
    ]
    bulk.remember_many(ana.access, [(place, draft) for draft in drafts])
    ids = [hit.memory.id for hit in recall.search(ana.access, "secret one at Lek")]
    hold(ana, ids[0])
    app = ana.grantee(Work=SEE)
    for access in (app, ana.access):
        assert "secret" not in recall.context(access, query="which dike to inspect first").text


def test_the_same_words_as_something_held_tell_an_app_nothing(
    ana: Person, two: tuple[UUID, UUID]
) -> None:
    app = ana.grantee(Work=Right(see=True, add="yes"))
    made = memories.remember(app, ana.collection("Work"), Draft("Inspects dikes near Waal"))
    assert isinstance(made, Memory)
    assert made.id != two[1]
    assert len(made.sources) == 1


def test_the_owner_saying_it_again_lets_it_go(ana: Person, two: tuple[UUID, UUID]) -> None:
    again = remember(ana, "Inspects dikes near Waal")
    assert (again.id, again.held) == (two[1], "")
    assert memories.get(ana.grantee(Work=SEE), two[1]).text == "Inspects dikes near Waal"


def test_confirmed_only_shows_what_the_owner_wrote_or_confirmed(ana: Person) -> None:
    mine = remember(ana, "Inspects dikes near Lek")
    theirs = brought(ana, "Inspects dikes near Waal")
    app = confirmed_only(ana)
    for way, words in seen_everywhere(app, "inspects dikes").items():
        assert words == {mine.text}, way
    assert browse.counts(app).total == 1
    assert next(c for c in collections.listing(app) if c.name == "Work").count == 1
    for attempt in (memories.get, memories.history):
        with pytest.raises(NotFound):
            attempt(app, theirs)
    memories.revise(ana.access, theirs)
    assert memories.get(app, theirs).trusted
    assert len(recall.search(app, "inspects dikes")) == 2


def test_confirmed_only_does_not_cost_a_place_among_the_best(ana: Person) -> None:
    """The filter comes before the best are chosen, not after."""
    for number in range(30):
        brought(ana, f"Inspects dike {number} near Waal")
    mine = remember(ana, "A dike near Lek is on her list")
    hits = recall.search(confirmed_only(ana), "inspects dike near Waal", limit=3)
    assert [hit.memory.id for hit in hits] == [mine.id]


def test_confirmed_only_shows_no_earlier_words(ana: Person) -> None:
    theirs = brought(ana, "Is a duke")
    memories.revise(ana.access, theirs, text="Is a hydrologist")
    assert memories.history(confirmed_only(ana), theirs) == []
    assert len(memories.history(ana.grantee(Work=SEE), theirs)) == 1


def test_what_a_confirmed_only_grantee_writes_it_gets_back_once(ana: Person) -> None:
    app = confirmed_only(ana, Right(see=True, add="yes"))
    made = memories.remember(app, ana.collection("Work"), Draft("Likes tea"))
    assert isinstance(made, Memory)
    assert (made.text, made.trusted) == ("Likes tea", False)
    with pytest.raises(NotFound):
        memories.get(app, made.id)
    mine = remember(ana, "Likes coffee")
    revised = memories.revise(app, mine.id, text="Likes cocoa")
    assert isinstance(revised, Memory)
    assert revised.text == "Likes cocoa"
    with pytest.raises(NotFound):
        memories.get(app, mine.id)


@pytest.mark.parametrize("indexed", [False, True])
def test_one_index_serves_owner_and_grantees_alike(
    ana: Person, two: tuple[UUID, UUID], indexed: bool
) -> None:
    if indexed:
        switch(ana, "Work", indexed=True)
    app, strict = ana.grantee(Work=SEE), confirmed_only(ana)
    theirs = brought(ana, "Inspects dikes near IJssel")
    sealed.close(ana.vault_id)
    for _ in range(2):
        assert len(recall.search(ana.access, "inspects dikes")) == 3
        assert {h.memory.id for h in recall.search(app, "inspects dikes")} == {two[0], theirs}
        assert {h.memory.id for h in recall.search(strict, "inspects dikes")} == {two[0]}


def test_an_open_token_of_such_a_grant_is_bound_by_it(ana: Person) -> None:
    from vault.access import open_token

    brought(ana, "Is a duke")
    grant, token = ana.token(Work=SEE)
    assert len(recall.search(open_token(token), "duke")) == 1
    with vault_scope(ana.vault_id):
        Grant.objects.filter(vault_id=ana.vault_id, id=grant.id).update(confirmed_only=True)
    assert recall.search(open_token(token), "duke") == []
    assert grants.get(ana.access, grant.id).confirmed_only

"""Remember, revise, forget, restore, move: by the owner and by grantees."""

from uuid import uuid4

import pytest

from tests.people import Person
from vault import memories
from vault.access import open_token
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.reviewing import suggestions
from vault.types import Draft, Memory, Right, Suggestion


def test_what_is_remembered_is_read_back(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Prefers short answers"))
    assert isinstance(made, Memory)
    read = memories.get(ana.access, made.id)
    assert read.text == "Prefers short answers"
    assert read.sources[0].vendor == "you"
    assert read.trusted


def test_the_same_words_are_one_memory_with_another_source(ana: Person) -> None:
    work = ana.collection("Work")
    first = memories.remember(ana.access, work, Draft("Likes tea"))
    again = memories.remember(ana.access, work, Draft("  likes TEA. "))
    assert again.id == first.id
    assert len(memories.get(ana.access, first.id).sources) == 2
    assert memories.counts(ana.access).total == 1


def test_a_revision_keeps_what_was_before(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Lives in Utrecht"))
    revised = memories.revise(ana.access, made.id, text="Lives in Porto", if_revision=1)
    assert (revised.text, revised.revision) == ("Lives in Porto", 2)
    (old,) = memories.history(ana.access, made.id)
    assert (old.text, old.revision, old.changed_by) == ("Lives in Utrecht", 1, "You")
    with pytest.raises(Stale):
        memories.revise(ana.access, made.id, text="Lives in Lyon", if_revision=1)


def test_forgotten_is_out_of_sight_and_can_be_restored(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Likes tea"))
    app = ana.grantee(Work=Right(see=True, add="yes"))
    memories.forget(ana.access, made.id)
    assert memories.listing(ana.access).total == 0
    with pytest.raises(NotFound):
        memories.get(app, made.id)
    memories.restore(ana.access, made.id)
    assert memories.get(app, made.id).text == "Likes tea"


def test_moving_seals_everything_anew(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Has asthma"))
    memories.revise(ana.access, made.id, text="Has mild asthma")
    app = ana.grantee(Work=Right(see=True))
    moved = memories.move(ana.access, made.id, ana.collection("Health"))
    assert moved.text == "Has mild asthma"
    assert memories.history(ana.access, made.id)[0].text == "Has asthma"
    with pytest.raises(NotFound):
        memories.get(app, made.id)


def test_an_app_that_may_only_read_cannot_write(ana: Person) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Likes tea"))
    app = ana.grantee(Work=Right(see=True))
    for attempt in (
        lambda: memories.remember(app, ana.collection("Work"), Draft("Likes coffee")),
        lambda: memories.revise(app, made.id, text="Likes coffee"),
        lambda: memories.forget(app, made.id),
    ):
        with pytest.raises(Refused):
            attempt()
    assert memories.get(ana.access, made.id).text == "Likes tea"


def test_an_app_that_asks_first_makes_a_suggestion(ana: Person) -> None:
    work = ana.collection("Work")
    app = ana.grantee(Work=Right(see=True, add="ask"))
    said = memories.remember(app, work, Draft("Likes tea"))
    assert isinstance(said, Suggestion)
    assert memories.counts(ana.access).total == 0
    (waiting,) = suggestions.listing(ana.access)
    assert (waiting.text, waiting.grant_name) == ("Likes tea", "my assistant")
    memory = suggestions.accept(ana.access, waiting.id)
    assert memory.sources[0].vendor == "app"
    assert suggestions.count(ana.access) == 0


def test_an_app_that_may_add_but_not_see_learns_nothing(ana: Person) -> None:
    work = ana.collection("Work")
    made = memories.remember(ana.access, work, Draft("Likes tea"))
    app = ana.grantee(Work=Right(see=False, add="yes"))
    assert app.keyring.collections == frozenset()
    with pytest.raises(NotFound):
        memories.get(app, made.id)
    same, other = (memories.remember(app, work, Draft(t)) for t in ("Likes tea", "Likes rain"))
    assert isinstance(same, Suggestion)
    assert isinstance(other, Suggestion)
    assert suggestions.take_in(ana.access) == 2
    assert memories.counts(ana.access).total == 2


def test_collections_out_of_sight_do_not_exist(ana: Person, ben: Person) -> None:
    app = ana.grantee(Work=Right(see=True, add="yes"))
    for place in (ana.collection("Health"), ben.collection("Work"), uuid4()):
        with pytest.raises(NotFound):
            memories.remember(app, place, Draft("Likes tea"))


def test_another_persons_ids_are_not_found(ana: Person, ben: Person) -> None:
    made = memories.remember(ben.access, ben.collection("Work"), Draft("Ben's"))
    for attempt in (memories.get, memories.forget, memories.restore, memories.history):
        with pytest.raises(NotFound):
            attempt(ana.access, made.id)


def test_an_expired_token_opens_nothing(ana: Person) -> None:
    from vault.errors import Locked
    from vault.models import Grant
    from vault.scope import vault_scope

    grant, token = ana.token(Work=Right(see=True))
    with vault_scope(ana.vault_id):
        Grant.objects.filter(vault_id=ana.vault_id, id=grant.id).update(
            expires_at="2026-01-01T00:00:00Z"
        )
    with pytest.raises(Locked):
        open_token(token)


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u202e", "x" * 100_001])
def test_words_that_cannot_be_remembered_say_why(ana: Person, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        memories.remember(ana.access, ana.collection("Work"), Draft(text))
    assert refused.value.field == "text"


def test_pages_follow_each_other_without_gap_or_double(ana: Person) -> None:
    work = ana.collection("Work")
    made = {memories.remember(ana.access, work, Draft(f"Number {n}")).id for n in range(7)}
    seen, cursor = [], None
    while True:
        page = memories.listing(ana.access, limit=3, cursor=cursor)
        assert page.total == 7
        seen += [memory.id for memory in page.memories]
        cursor = page.cursor
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made
    with pytest.raises(Invalid):
        memories.listing(ana.access, cursor="nonsense")

"""The queue of what waits, and taking back a word on a suggestion."""

import json

import pytest

from tests.people import Person
from tests.vault.test_sorting_rules import renewed
from vault import memories
from vault.access import Access
from vault.errors import KeyChanged, NotFound, Refused, Stale
from vault.reviewing import review, suggestions
from vault.reviewing.review import Letter, Waiting
from vault.types import Draft, Memory, Right

ASK = Right(see=True, add="ask")
FULL = Right(see=True, add="yes")


def remember(person: Person, text: str) -> Memory:
    made = memories.remember(person.access, person.collection("Work"), Draft(text))
    assert isinstance(made, Memory)
    return made


def posted(app: Access, person: Person, text: str) -> None:
    memories.remember(app, person.collection("Work"), Draft(text))


def first(person: Person) -> review.Item:
    return review.queue(person.access)[0]


def kept(letter: Letter) -> Letter:
    """As the session keeps it."""
    return Letter.from_json(json.loads(json.dumps(letter.to_json())))


def test_the_queue_has_everything_once_in_order(ana: Person) -> None:
    assert review.counts(ana.access) == Waiting(0, 0, 0, 0) and review.queue(ana.access) == []
    remember(ana, "Has two cats")
    remember(ana, "The user has 2 cats")
    remember(ana, "Lives in Utrecht")
    remember(ana, "Lives in Porto")
    posted(ana.grantee(Work=FULL, new=True), ana, "Likes tea")
    posted(ana.grantee(Work=ASK), ana, "Likes rum")
    assert review.counts(ana.access) == Waiting(1, 1, 1, 1)
    assert [item.kind for item in review.queue(ana.access)] == list(review.KINDS)
    for kind in review.KINDS:
        (item,) = review.queue(ana.access, kind)
        assert item.kind == kind and review.counts(ana.access).of(kind) == 1


def test_a_declined_suggestion_can_wait_again(ana: Person) -> None:
    posted(ana.grantee(Work=ASK), ana, "Likes rum")
    (before,) = suggestions.listing(ana.access)
    letter = kept(review.decline(ana.access, first(ana).id))
    assert b"rum" not in letter.letter and review.queue(ana.access) == []
    review.take_back(ana.access, letter)
    review.take_back(ana.access, letter)  # twice is once
    assert suggestions.listing(ana.access) == [before]


def test_a_suggestion_does_not_come_back_under_a_key_that_is_gone(ana: Person) -> None:
    posted(ana.grantee(Work=ASK), ana, "Likes rum")
    letter = kept(review.decline(ana.access, first(ana).id))
    renewed(ana, "Work")
    with pytest.raises(Stale, match="got a new key since, so this cannot be undone") as refused:
        review.take_back(ana.access, letter)
    assert not isinstance(refused.value, KeyChanged)  # that says to repeat it, which helps never
    assert review.queue(ana.access) == []


def test_accepting_is_undone_for_each_action(ana: Person) -> None:
    app, mine = ana.grantee(Work=ASK), remember(ana, "Likes tea")
    posted(app, ana, "Likes rum")
    made, letter = review.accept(ana.access, first(ana).id)
    review.take_back(ana.access, kept(letter))
    assert memories.get(ana.access, made.id).forgotten_at is not None
    review.decline(ana.access, first(ana).id)

    memories.revise(app, mine.id, text="Likes green tea", kind="preference")
    _, letter = review.accept(ana.access, first(ana).id)
    assert memories.get(ana.access, mine.id).text == "Likes green tea"
    review.take_back(ana.access, kept(letter))
    now = memories.get(ana.access, mine.id)
    assert (now.text, now.kind) == ("Likes tea", "fact")
    review.decline(ana.access, first(ana).id)

    memories.forget(app, mine.id)
    _, letter = review.accept(ana.access, first(ana).id)
    review.take_back(ana.access, kept(letter))
    assert memories.get(ana.access, mine.id).forgotten_at is None
    assert first(ana).kind == "suggestion"


def test_undoing_touches_nothing_that_accepting_did_not(ana: Person) -> None:
    app, mine = ana.grantee(Work=ASK), remember(ana, "Likes tea")
    posted(app, ana, "Likes tea")  # words that are there
    _, letter = review.accept(ana.access, first(ana).id)
    review.take_back(ana.access, kept(letter))
    assert memories.get(ana.access, mine.id).forgotten_at is None
    review.decline(ana.access, first(ana).id)

    memories.revise(ana.access, mine.id, text="Likes black tea")
    memories.revise(app, mine.id, text="Likes black tea")  # nothing new
    _, letter = review.accept(ana.access, first(ana).id)
    review.take_back(ana.access, kept(letter))
    assert memories.get(ana.access, mine.id).text == "Likes black tea"
    review.decline(ana.access, first(ana).id)

    memories.revise(app, mine.id, text="Likes white tea")
    _, letter = review.accept(ana.access, first(ana).id)
    memories.revise(ana.access, mine.id, text="Likes oolong")
    with pytest.raises(Refused):
        review.take_back(ana.access, kept(letter))
    assert memories.get(ana.access, mine.id).text == "Likes oolong"
    assert review.queue(ana.access) == []


def test_only_the_owner_reviews_and_only_their_own(ana: Person, ben: Person) -> None:
    app = ana.grantee(Work=ASK)
    posted(app, ana, "Likes rum")
    item = first(ana)
    for act in (review.counts, review.queue):
        with pytest.raises(Refused):
            act(app)
    assert review.counts(ben.access).total == 0
    for decide in (review.accept, review.decline):
        with pytest.raises(NotFound):
            decide(ben.access, item.id)
        with pytest.raises(Refused):
            decide(app, item.id)
    letter = review.decline(ana.access, item.id)
    with pytest.raises(NotFound):
        review.take_back(ben.access, letter)
    assert review.queue(ben.access) == []

"""The same word on many pairs at once, and taking it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.people import Person
from tests.vault.test_pairs import remember
from vault import memories
from vault.acting import merging
from vault.errors import Invalid
from vault.models import Memory
from vault.reviewing import pairs, settling, settling_many
from vault.reviewing.settling_many import Batch
from vault.scope import vault_scope

CATS = ("Has two cats", "The user has 2 cats")
HOMES = ("Lives in Utrecht", "Lives in Porto")


def twins(person: Person, count: int) -> None:
    """So many pairs that say the same, about different things."""
    things = ("cats", "dogs", "bicycles", "sisters", "gardens", "guitars")
    for thing in things[:count]:
        one, other = (
            remember(person, f"Has two {thing}"),
            remember(person, f"The user has 2 {thing}"),
        )
        pairs.find(person.access, [one.id, other.id])


def texts(person: Person) -> set[str]:
    return {one.text for one in memories.listing(person.access, limit=100).memories}


def all_of(person: Person, kind: pairs.Kind, word: settling_many.Word) -> Batch:
    """In steps of one."""
    at, steps = timezone.now(), 0
    now = settling_many.settle(person.access, kind, word, at)
    while now.after is not None:
        now = settling_many.settle(person.access, kind, word, at, after=now.after)
        steps += 1
    assert steps < 20
    return now


def test_what_is_suggested_for_each_is_done_in_steps_and_taken_back(ana: Person) -> None:
    twins(ana, 4)
    before = texts(ana)
    done = all_of(ana, "duplicate", "suggested")
    assert (done.done, done.left) == (4, 0)
    assert len(texts(ana)) == 4 and pairs.listing(ana.access).total == 0
    now = settling_many.reopen(ana.access, done.at)
    assert now.left == 3
    while now.left:
        now = settling_many.reopen(ana.access, done.at)
    assert texts(ana) == before and pairs.listing(ana.access).total == 4


def test_that_both_stay_is_remembered_and_taken_back(ana: Person) -> None:
    twins(ana, 2)
    done = settling_many.settle(ana.access, "duplicate", "both", timezone.now(), seconds=9)
    assert (done.done, done.left, done.after) == (2, 0, None)
    ids = [one.id for one in memories.listing(ana.access).memories]
    assert pairs.find(ana.access, ids) == 0 and len(texts(ana)) == 4
    settling_many.reopen(ana.access, done.at, seconds=9)
    assert pairs.listing(ana.access).total == 2


def test_three_that_say_the_same_become_one_and_three_again(ana: Person) -> None:
    said = [remember(ana, f"{text} at home") for text in (*CATS, "Has 2 cats")]
    pairs.find(ana.access, [one.id for one in said])
    before, waiting = texts(ana), pairs.listing(ana.access).total
    assert waiting >= 2
    done = all_of(ana, "duplicate", "suggested")
    assert len(texts(ana)) == 1
    settling_many.reopen(ana.access, done.at, seconds=9)
    assert texts(ana) == before


def test_the_newer_of_those_that_disagree_holds_and_no_more(ana: Person) -> None:
    one, other = (remember(ana, text) for text in HOMES)
    pairs.find(ana.access, [one.id, other.id])
    twins(ana, 1)
    done = settling_many.settle(ana.access, "disagreement", "suggested", timezone.now(), seconds=9)
    assert done.done == 1 and pairs.listing(ana.access).total == 1  # the other kind waits on
    assert memories.get(ana.access, one.id).valid_until is not None
    settling_many.reopen(ana.access, done.at, seconds=9)
    assert memories.get(ana.access, one.id).valid_until is None


def test_what_comes_later_is_not_drawn_in_nor_what_was_settled_before(ana: Person) -> None:
    twins(ana, 2)
    first = pairs.listing(ana.access).pairs[0]
    settling.dismiss(ana.access, first.id)
    at = timezone.now()
    one, other = remember(ana, HOMES[0]), remember(ana, f"The user lives in {HOMES[0][9:]}")
    pairs.find(ana.access, [one.id, other.id])
    done = settling_many.settle(ana.access, "duplicate", "suggested", at, seconds=9)
    assert done.done == 1 and len(texts(ana)) == 5
    settling_many.reopen(ana.access, at, seconds=9)
    assert first.id not in {one.id for one in pairs.listing(ana.access).pairs}


def test_a_batch_cannot_be_said_to_begin_tomorrow(ana: Person) -> None:
    with pytest.raises(Invalid):
        tomorrow = timezone.now() + timedelta(days=1)
        settling_many.settle(ana.access, "duplicate", "both", tomorrow)


def test_what_cannot_come_back_does_not_keep_a_batch_open(ana: Person) -> None:
    one, other = (remember(ana, text) for text in HOMES)
    pairs.find(ana.access, [one.id, other.id])
    done = settling_many.settle(ana.access, "disagreement", "suggested", timezone.now(), seconds=9)
    with vault_scope(ana.vault_id):  # as it is when its 30 days are over
        Memory.objects.filter(vault_id=ana.vault_id, id=one.id).update(sealed=b"")
    assert settling_many.reopen(ana.access, done.at, seconds=9).left == 0


def test_taking_a_batch_back_leaves_a_merge_that_came_later(ana: Person) -> None:
    one, other = (remember(ana, text) for text in HOMES)
    pairs.find(ana.access, [one.id, other.id])
    done = settling_many.settle(ana.access, "disagreement", "suggested", timezone.now(), seconds=9)
    third = remember(ana, "A home with a garden")
    merging.merge(ana.access, one.id, [third.id])
    settling_many.reopen(ana.access, done.at, seconds=9)
    assert third.text not in texts(ana)
    assert memories.get(ana.access, one.id).valid_until is None

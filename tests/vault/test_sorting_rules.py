"""The owner's rules: kept sealed, in their order, tried on what is there; nobody else's."""

import json
from uuid import uuid4

import pytest

from tests.people import Person
from vault import memories, rules
from vault.errors import Invalid, NotFound, Refused, Stale
from vault.keys import rotation
from vault.models import SortingRule
from vault.scope import vault_scope
from vault.sorting.rules import Condition
from vault.types import Draft, Right, SourceDraft


def names(person: Person) -> list[str]:
    return [rule.condition.text for rule in rules.listing(person.access)]


def make(person: Person, *texts: str) -> list[rules.Rule]:
    work = person.collection("Work")
    return [rules.create(person.access, work, Condition(text=text)) for text in texts]


def test_rules_are_made_changed_ordered_and_deleted(ana: Person) -> None:
    first, second, third = make(ana, "one", "two", "three")
    rules.shift(ana.access, third.id, up=True)
    assert names(ana) == ["one", "three", "two"]
    rules.shift(ana.access, first.id, up=True)  # it is the first already
    rules.shift(ana.access, first.id, up=False)
    assert names(ana) == ["three", "one", "two"]
    money = ana.collection("Money")
    rules.update(ana.access, second.id, money, Condition(text="2", sensitive_too=True))
    changed = rules.get(ana.access, second.id)
    assert (changed.collection_id, changed.condition.sensitive_too) == (money, True)
    rules.delete(ana.access, first.id)
    rules.delete(ana.access, third.id)
    assert names(ana) == ["2"]
    (after,) = make(ana, "new")
    assert names(ana) == ["2", after.condition.text]


def test_a_change_and_a_deletion_are_taken_back(ana: Person) -> None:
    first, second, third = make(ana, "one", "two", "three")
    money = ana.collection("Money")
    before = rules.update(ana.access, second.id, money, Condition(text="2"))
    assert b"two" not in json.dumps(before.to_json()).encode()
    rules.put_back(ana.access, rules.Before.from_json(before.to_json()))
    assert rules.get(ana.access, second.id) == second
    gone = rules.delete(ana.access, second.id)
    assert names(ana) == ["one", "three"]
    assert rules.put_back(ana.access, gone) == second
    assert [one.id for one in rules.listing(ana.access)] == [first.id, second.id, third.id]


def test_a_rule_whose_collection_is_gone_does_not_come_back(ana: Person, ben: Person) -> None:
    (rule,) = make(ana, "one")
    gone = rules.delete(ana.access, rule.id)
    with pytest.raises((NotFound, Refused)):
        rules.put_back(ben.access, gone)
    assert rules.listing(ben.access) == []


def renewed(person: Person, name: str) -> None:
    """The collection's key, with everything sealed anew and the old one destroyed."""
    place = person.collection(name)
    rotation.rotate(person.access, person.owner_key, place)
    while rotation.reseal_next(person.access, place):
        pass
    assert rotation.finish(person.access, place, lambda _: False)


def test_a_rule_does_not_come_back_under_a_key_that_is_gone(ana: Person) -> None:
    one, two = make(ana, "one", "two")
    before = rules.update(ana.access, one.id, ana.collection("Work"), Condition(text="1"))
    gone = rules.delete(ana.access, two.id)
    renewed(ana, "Work")
    for kept in (before, gone):
        with pytest.raises(Stale, match="cannot be undone any more"):
            rules.put_back(ana.access, kept)
    assert names(ana) == ["1"]


def test_an_order_that_is_not_of_these_rules_is_refused(ana: Person) -> None:
    first, second = make(ana, "one", "two")
    for wrong in ([first.id], [first.id, first.id], [first.id, second.id, uuid4()]):
        with pytest.raises(Invalid):
            rules.reorder(ana.access, wrong)
    rules.reorder(ana.access, [second.id, first.id])
    assert names(ana) == ["two", "one"]


def test_a_condition_that_says_nothing_is_not_kept(ana: Person) -> None:
    with pytest.raises(Invalid) as wrong:
        make(ana, "")
    assert wrong.value.field == "text"
    assert names(ana) == []


def test_a_condition_is_not_readable_in_the_database(ana: Person) -> None:
    make(ana, "canary-oncologist")
    with vault_scope(ana.vault_id):
        row = SortingRule.objects.filter(vault_id=ana.vault_id).get()
    assert b"canary" not in bytes(row.sealed)
    assert "canary" not in str(vars(row))


def test_rules_survive_a_new_key_of_their_collection(ana: Person) -> None:
    work = ana.collection("Work")
    make(ana, "one")
    rotation.rotate(ana.access, ana.owner_key, work)
    while rotation.reseal_next(ana.access, work):
        pass
    assert names(ana) == ["one"]
    with vault_scope(ana.vault_id):
        assert SortingRule.objects.get(vault_id=ana.vault_id).epoch == 2


def test_rules_are_their_owners_alone(ana: Person, ben: Person) -> None:
    (mine,) = make(ana, "one")
    with pytest.raises(NotFound):
        rules.get(ben.access, mine.id)
    with pytest.raises(NotFound):
        rules.delete(ben.access, mine.id)
    with pytest.raises(NotFound):
        rules.create(ben.access, ana.collection("Work"), Condition(text="x"))
    grantee = ana.grantee(Work=Right(see=True, add="yes"))
    for attempt in (
        lambda: rules.listing(grantee),
        lambda: rules.create(grantee, ana.collection("Work"), Condition(text="x")),
        lambda: rules.try_out(grantee, Condition(text="x")),
        lambda: rules.delete(grantee, mine.id),
    ):
        with pytest.raises(Refused):
            attempt()
    assert names(ana) == ["one"]


def test_a_rule_is_tried_on_what_is_there(ana: Person) -> None:
    def remember(text: str, vendor: str) -> None:
        draft = Draft(text=text, source=SourceDraft(vendor=vendor, conversation_title="Plans"))
        memories.remember(ana.access, ana.collection("Personal"), draft)

    for number in range(7):
        remember(f"Invoice {number} of Acme", "openai" if number % 2 else "anthropic")
    remember("Likes trains", "openai")
    all_of_them = rules.try_out(ana.access, Condition(text="invoice"))
    assert (all_of_them.fitting, all_of_them.looked_at) == (7, 8)
    assert len(all_of_them.examples) == 5
    assert rules.try_out(ana.access, Condition(text="invoice", vendor="openai")).fitting == 3
    assert rules.try_out(ana.access, Condition(title="plans")).fitting == 8
    assert rules.try_out(ana.access, Condition(text="nothing")).examples == ()

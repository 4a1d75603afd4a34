"""What an undo gives back, whoever meddled and whatever was done in between: no more, no less."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F
from django.utils import timezone

from tests.people import Person
from vault import history, memories
from vault.acting import act_verbs, acts, merging, relations, splitting
from vault.errors import NotFound, Tampered
from vault.history import UNDO_FOR
from vault.models import Act
from vault.models import Memory as Row
from vault.scope import vault_scope
from vault.types import Draft, Memory, SourceDraft
from vault.visible import Selection


def brought(person: Person, text: str, **more: Any) -> UUID:
    """As an import brings it: nobody confirmed it."""
    place, source = person.collection("Personal"), SourceDraft("openai", key=text)
    memories.remember(person.access, place, Draft(text, source=source, **more), confirmed=False)
    with vault_scope(person.vault_id):
        return Row.objects.filter(vault_id=person.vault_id).order_by("-seq")[0].id


def written(person: Person, text: str) -> UUID:
    made = memories.remember(person.access, person.collection("Personal"), Draft(text))
    assert isinstance(made, Memory)
    return made.id


def pin(person: Person, memory_id: UUID, verb: str = "pin") -> None:
    act = acts.begin(person.access, verb, Selection(ids=[memory_id]))
    assert acts.go_on(person.access, act.id, seconds=60).state == "done"


def last_act(person: Person) -> UUID:
    with vault_scope(person.vault_id):
        return Act.objects.filter(vault_id=person.vault_id).latest("made_at").id


def merged(person: Person, keep: UUID, other: UUID, text: str | None = None) -> UUID:
    merging.merge(person.access, keep, [other], text=text)
    return last_act(person)


def aged(person: Person, by: timedelta) -> None:
    """As if all acts had been done that much earlier."""
    with vault_scope(person.vault_id):
        Act.objects.filter(vault_id=person.vault_id).update(made_at=F("made_at") - by)


def test_a_pin_set_after_a_merge_stays_when_the_merge_is_taken_back(ana: Person) -> None:
    keep, other = brought(ana, "Has a dog"), brought(ana, "Has a cat")
    act = merged(ana, keep, other)
    pin(ana, keep)
    assert merging.unmerge(ana.access, act).pinned


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_merges_undone_in_any_order_leave_nothing_confirmed_or_pinned_that_was_not(
    ana: Person, order: tuple[int, int]
) -> None:
    keep, one, two = (brought(ana, f"Has a {pet}") for pet in ("dog", "cat", "hen"))
    pin(ana, one)
    done = (merged(ana, keep, one), merged(ana, keep, two))
    assert memories.get(ana.access, keep).trusted
    for which in order:
        merging.unmerge(ana.access, done[which])
    now = memories.get(ana.access, keep)
    assert (now.trusted, now.pinned) == (False, False)


def test_what_two_merges_hold_stays_confirmed_while_one_of_them_does(ana: Person) -> None:
    keep, one, two = (brought(ana, f"Has a {pet}") for pet in ("dog", "cat", "hen"))
    first, _ = merged(ana, keep, one), merged(ana, keep, two)
    assert merging.unmerge(ana.access, first).trusted


def test_whoever_writes_the_database_cannot_have_another_memory_confirmed(ana: Person) -> None:
    keep, other, poison = written(ana, "Has a dog"), written(ana, "Has a cat"), brought(ana, "Obey")
    act = merged(ana, keep, other)
    with vault_scope(ana.vault_id):
        Act.objects.filter(vault_id=ana.vault_id, id=act).update(memory_id=poison)
    with pytest.raises(Tampered):
        merging.unmerge(ana.access, act)
    assert not memories.get(ana.access, poison).trusted


def test_what_is_older_than_can_be_undone_is_told_so(ana: Person) -> None:
    keep, other, whole = (written(ana, text) for text in ("A dog", "A cat", "Sails. Runs"))
    done = [merged(ana, keep, other, "A dog and a cat")]
    splitting.split(ana.access, whole, ["Sails", "Runs"])
    done.append(last_act(ana))
    aged(ana, UNDO_FOR + timedelta(hours=1))
    for act in done:
        with pytest.raises(NotFound):
            acts.undo(ana.access, act)
    assert memories.get(ana.access, keep).text == "A dog and a cat"
    assert relations.relations(ana.access, keep) == []
    assert acts.unfinished(ana.access) == []


def test_a_restore_that_is_undone_late_leaves_time_to_restore_again(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgotten 29 days ago, restored, and two days later the restoring is taken back."""
    one = written(ana, "Has a dog")
    with vault_scope(ana.vault_id):
        row = Row.objects.select_for_update().get(vault_id=ana.vault_id, id=one)
        row.forgotten_at = timezone.now() - timedelta(days=29)
        history.save(ana.access, [row], "forgotten_at")
    act = acts.begin(ana.access, "restore", Selection(forgotten=True))
    acts.go_on(ana.access, act.id, seconds=60)
    assert memories.get(ana.access, one).forgotten_at is None
    monkeypatch.setattr(act_verbs, "UNDO_FOR", UNDO_FOR - timedelta(days=2))
    acts.undo(ana.access, act.id)
    acts.go_on(ana.access, act.id, seconds=60)
    gone = memories.get(ana.access, one).forgotten_at
    assert gone is not None
    assert timezone.now() - gone < timedelta(hours=1)

"""Merging, splitting and undoing: nothing is lost, and every source stays with what it is of."""

import os
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.people import Person, new_person
from tests.vault.database import written
from vault import bulk, memories
from vault.acting import acts, merging, splitting
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.integrity import manifests
from vault.models import Act, ActPart, Source
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Draft, Memory, Right, SourceDraft


def remember(person: Person, text: str, place: str = "Personal", **more: Any) -> Memory:
    source = SourceDraft("openai", key=uuid4().hex, account="ana", message_id=text[:20])
    draft = Draft(text, source=source, **more)
    made = memories.remember(person.access, person.collection(place), draft)
    assert isinstance(made, Memory)
    return made


def last_act(person: Person) -> UUID:
    with vault_scope(person.vault_id):
        return Act.objects.filter(vault_id=person.vault_id).latest("made_at").id


def messages(memory: Memory) -> list[str]:
    return [source.message_id for source in memory.sources]


def test_a_merge_keeps_every_source_and_forgets_the_others(ana: Person) -> None:
    keep = remember(ana, "Lives in Porto")
    others = [remember(ana, "Home is Porto", "Travel"), remember(ana, "Porto is where she lives")]
    kept = merging.merge(ana.access, keep.id, [other.id for other in others])
    assert kept.text == "Lives in Porto"
    assert messages(kept) == ["Lives in Porto", "Home is Porto", "Porto is where she li"[:20]]
    assert kept.collection_id == ana.collection("Personal")
    for other in others:
        assert memories.get(ana.access, other.id).forgotten_at is not None
    assert [hit.memory.id for hit in recall.search(ana.access, "Porto")] == [keep.id]
    app = ana.grantee(Personal=Right(see=True))
    assert len(memories.get(app, keep.id).sources) == 3  # sealed for those who may see it here


def test_a_merge_may_say_it_in_other_words_and_keeps_the_former(ana: Person) -> None:
    keep, other = remember(ana, "Has a dog"), remember(ana, "Has a cat")
    kept = merging.merge(ana.access, keep.id, [other.id], text="Has a dog and a cat")
    assert (kept.text, kept.revision, kept.trusted) == ("Has a dog and a cat", 2, True)
    assert memories.history(ana.access, keep.id)[0].text == "Has a dog"
    assert recall.search(ana.access, "does she have pets")[0].memory.id == keep.id


def test_taking_a_merge_back_gives_exactly_what_was_there(ana: Person) -> None:
    keep = remember(ana, "Has a dog", pinned=False)
    other = remember(ana, "Has a cat", "Travel", pinned=True)
    merged = merging.merge(ana.access, keep.id, [other.id], text="Has a dog and a cat")
    assert merged.pinned
    back = merging.unmerge(ana.access, last_act(ana))
    again = memories.get(ana.access, other.id)
    assert (back.text, back.pinned, messages(back)) == ("Has a dog", False, ["Has a dog"])
    assert (again.text, again.pinned, messages(again)) == ("Has a cat", True, ["Has a cat"])
    assert (again.collection_id, again.forgotten_at) == (other.collection_id, None)
    assert {hit.memory.id for hit in recall.search(ana.access, "dog cat")} == {keep.id, other.id}
    with pytest.raises(NotFound):
        merging.unmerge(ana.access, last_act(ana))


def test_words_written_after_a_merge_survive_its_undoing(ana: Person) -> None:
    keep, other = remember(ana, "Has a dog"), remember(ana, "Has a cat")
    merging.merge(ana.access, keep.id, [other.id], text="Has a dog and a cat")
    memories.revise(ana.access, keep.id, text="Has a dog called Rex and a cat")
    back = merging.unmerge(ana.access, last_act(ana))
    assert back.text == "Has a dog called Rex and a cat"
    assert messages(memories.get(ana.access, other.id)) == ["Has a cat"]


def test_restoring_one_that_was_merged_away_brings_its_sources(ana: Person) -> None:
    keep, one, two = (remember(ana, f"Has a {pet}") for pet in ("dog", "cat", "hen"))
    merging.merge(ana.access, keep.id, [one.id, two.id])
    assert messages(memories.restore(ana.access, one.id)) == ["Has a cat"]
    assert messages(memories.get(ana.access, keep.id)) == ["Has a dog", "Has a hen"]
    merging.unmerge(ana.access, last_act(ana))
    assert messages(memories.get(ana.access, two.id)) == ["Has a hen"]
    assert messages(memories.get(ana.access, one.id)) == ["Has a cat"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_merges_of_merges_are_undone_in_any_order(ana: Person, order: tuple[int, int]) -> None:
    a, b, c = (remember(ana, f"Has a {pet}") for pet in ("dog", "cat", "hen"))
    merging.merge(ana.access, a.id, [b.id])
    first = last_act(ana)
    merging.merge(ana.access, c.id, [a.id])
    acts_done = (first, last_act(ana))
    assert len(memories.get(ana.access, c.id).sources) == 3
    for which in order:
        merging.unmerge(ana.access, acts_done[which])
    for memory in (a, b, c):
        now = memories.get(ana.access, memory.id)
        assert (messages(now), now.forgotten_at) == ([memory.text], None)


def test_an_import_that_was_undone_does_not_come_back_by_undoing_a_merge(ana: Person) -> None:
    place, import_id = ana.collection("Personal"), uuid4()
    draft = Draft("Has a cat", source=SourceDraft("openai", "cat", import_id=import_id))
    bulk.remember_many(ana.access, [(place, draft)])
    (row,) = written(ana.access, trusted=False)
    keep = remember(ana, "Has a dog")
    merging.merge(ana.access, keep.id, [row.id])
    while bulk.undo_import(ana.access, import_id):
        pass
    merging.unmerge(ana.access, last_act(ana))
    assert memories.get(ana.access, row.id).forgotten_at is not None
    assert [m.id for m in memories.listing(ana.access).memories] == [keep.id]


def test_a_split_gives_every_part_all_sources_and_is_undone(ana: Person) -> None:
    whole = remember(ana, "Has a dog. Lives in Porto.", "Travel", kind="profile", pinned=True)
    parts = splitting.split(ana.access, whole.id, ["Has a dog", "Lives in Porto"])
    assert [part.text for part in parts] == ["Has a dog", "Lives in Porto"]
    for part in parts:
        assert messages(part) == messages(whole)
        assert (part.kind, part.pinned, part.collection_id) == (
            "profile",
            True,
            whole.collection_id,
        )
    assert memories.get(ana.access, whole.id).forgotten_at is not None
    assert recall.search(ana.access, "where does she live")[0].memory.id == parts[1].id
    back = splitting.unsplit(ana.access, last_act(ana))
    assert (back.text, back.forgotten_at, messages(back)) == (whole.text, None, messages(whole))
    listed = memories.listing(ana.access).memories
    assert [memory.id for memory in listed] == [whole.id]


def test_an_export_told_again_finds_what_was_split(ana: Person) -> None:
    place = ana.collection("Personal")
    draft = Draft("Has a dog. Has a cat.", source=SourceDraft("openai", "m1"))
    bulk.remember_many(ana.access, [(place, draft)])
    (whole,) = memories.listing(ana.access).memories
    splitting.split(ana.access, whole.id, ["Has a dog.", "Has a cat."])
    assert bulk.remember_many(ana.access, [(place, draft)]).written == 0
    assert memories.counts(ana.access).total == 2


def test_a_part_changed_since_survives_the_undoing(ana: Person) -> None:
    whole = remember(ana, "Has a dog. Lives in Porto.")
    dog, _ = splitting.split(ana.access, whole.id, ["Has a dog", "Lives in Porto"])
    memories.revise(ana.access, dog.id, text="Has a dog called Rex")
    splitting.unsplit(ana.access, last_act(ana))
    texts = {memory.text for memory in memories.listing(ana.access).memories}
    assert texts == {"Has a dog called Rex", whole.text}


@pytest.mark.parametrize("texts", [[], ["One"], ["One", "  one. "], ["One", ""], ["x"] * 2])
def test_a_split_needs_two_parts_that_differ(ana: Person, texts: list[str]) -> None:
    whole = remember(ana, "Says two things. At once.")
    with pytest.raises(Invalid):
        splitting.split(ana.access, whole.id, texts)


def test_nobody_but_the_owner_merges_or_splits(ana: Person, ben: Person) -> None:
    one, two = remember(ana, "Has a dog"), remember(ana, "Has a cat")
    app = ana.grantee(Personal=Right(see=True, add="yes"))
    for attempt in (
        lambda: merging.merge(app, one.id, [two.id]),
        lambda: splitting.split(app, one.id, ["Has", "a dog"]),
        lambda: merging.same_words(app, one.id),
    ):
        with pytest.raises(Refused):
            attempt()
    with pytest.raises(NotFound):
        merging.merge(ben.access, one.id, [two.id])
    with pytest.raises(NotFound):
        merging.merge(ana.access, one.id, [remember(ben, "Has a hen").id])
    for others in ([], [one.id]):
        with pytest.raises(Invalid):
            merging.merge(ana.access, one.id, others)


def test_exact_duplicates_after_a_change_are_offered(ana: Person) -> None:
    one, two = remember(ana, "Has a dog"), remember(ana, "Has a big dog", "Travel")
    assert merging.same_words(ana.access, two.id) == []
    memories.revise(ana.access, two.id, text="has a DOG.")
    assert [memory.id for memory in merging.same_words(ana.access, two.id)] == [one.id]
    memories.forget(ana.access, one.id)
    assert merging.same_words(ana.access, two.id) == []


def test_whoever_writes_the_database_cannot_choose_what_an_undo_brings(ana: Person) -> None:
    keep, other = remember(ana, "Has a dog"), remember(ana, "Has a cat")
    merging.merge(ana.access, keep.id, [other.id])
    with vault_scope(ana.vault_id):
        (head, _) = ActPart.objects.filter(vault_id=ana.vault_id).order_by("number")
        head.data = bytes(head.data).replace(b'"trusted":true', b'"trusted":null')
        head.save(update_fields=["data"])
    with pytest.raises(Tampered):
        merging.unmerge(ana.access, last_act(ana))
    assert memories.get(ana.access, other.id).forgotten_at is not None  # nothing was done by half


FULL = os.environ.get("SATCHEL_FULL") == "1"
PLACES = ("Personal", "Work", "Travel")


class Rearranging(RuleBasedStateMachine):
    """Whatever an owner does in whatever order, each source is there once and opens; undoing all
    of it, the latest first, brings back exactly the beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.person = new_person()
        self.homes = [self.person.collection(place) for place in PLACES]
        self.first = [
            remember(self.person, f"Fact number {number}. And another.", PLACES[number % 3])
            for number in range(5)
        ]
        self.done: list[UUID] = []
        self.by_hand = False

    @property
    def kept(self) -> list[Memory]:
        return sorted(memories.listing(self.person.access).memories, key=lambda m: m.text)

    def undo(self, act_id: UUID) -> None:
        """A merge is over, too, when all that it took away was restored one by one."""
        if acts.get(self.person.access, act_id).state != "undone":
            acts.undo(self.person.access, act_id)

    @rule(data=st.data(), text=st.sampled_from([None, "Said together"]))
    def merge(self, data: st.DataObject, text: str | None) -> None:
        kept = self.kept
        if len(kept) > 1:
            chosen = data.draw(st.permutations(range(len(kept))))[: 2 + len(kept) // 3]
            keep, *others = (kept[place].id for place in chosen)
            merging.merge(self.person.access, keep, others, text=text)
            self.done.append(last_act(self.person))

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        kept = [memory for memory in self.kept if ". " in memory.text]
        if kept:
            one = data.draw(st.sampled_from(range(len(kept))))
            half, other = kept[one].text.split(". ", 1)
            splitting.split(self.person.access, kept[one].id, [f"{half} (a)", f"{other} (b)"])
            self.done.append(last_act(self.person))

    @rule()
    def undo_the_last(self) -> None:
        if self.done:
            self.undo(self.done.pop())

    @rule(data=st.data(), to=st.sampled_from(range(3)))
    def move(self, data: st.DataObject, to: int) -> None:
        kept = self.kept
        if kept:
            one = data.draw(st.sampled_from(range(len(kept))))
            memories.move(self.person.access, kept[one].id, self.homes[to])
            self.by_hand = True

    @rule(data=st.data())
    def forget_and_restore(self, data: st.DataObject) -> None:
        kept = self.kept
        if kept:
            one = kept[data.draw(st.sampled_from(range(len(kept))))]
            memories.forget(self.person.access, one.id)
            back = memories.restore(self.person.access, one.id)
            assert (back.text, len(back.sources)) == (one.text, len(one.sources))

    @precondition(lambda self: self.by_hand)
    @rule(data=st.data())
    def restore_one_of_the_forgotten(self, data: st.DataObject) -> None:
        gone = memories.listing(self.person.access, forgotten=True).memories
        if gone:
            one = sorted(gone, key=lambda m: m.text)[data.draw(st.sampled_from(range(len(gone))))]
            memories.restore(self.person.access, one.id)

    @invariant()
    def every_source_is_there_and_opens(self) -> None:
        access = self.person.access
        everything = [
            *memories.listing(access, limit=100).memories,
            *memories.listing(access, limit=100, forgotten=True).memories,
        ]
        found = Counter(source.message_id for one in everything for source in one.sources)
        assert set(found) == {memory.text[:20] for memory in self.first}
        with vault_scope(self.person.vault_id):
            keyed = Source.objects.filter(vault_id=self.person.vault_id).exclude(key=None)
            assert keyed.count() == len(self.first)  # copies have no names of their own
            for home in self.homes:
                manifests.check(access, home)

    def teardown(self) -> None:
        for act in reversed(self.done):
            self.undo(act)
        if not self.by_hand:
            now = {(m.id, m.text, m.collection_id, tuple(messages(m))) for m in self.kept}
            assert now == {(m.id, m.text, m.collection_id, tuple(messages(m))) for m in self.first}


TestRearranging = Rearranging.TestCase
TestRearranging.settings = settings(
    max_examples=60 if FULL else 6,
    stateful_step_count=12 if FULL else 7,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("which", ["the head", "all"])
def test_a_merge_whose_parts_were_deleted_is_not_undone(ana: Person, which: str) -> None:
    keep, other = remember(ana, "Lives in Porto"), remember(ana, "Lives in Porto, Portugal")
    merging.merge(ana.access, keep.id, [other.id])
    with vault_scope(ana.vault_id):
        parts = ActPart.objects.filter(vault_id=ana.vault_id)
        (parts if which == "all" else parts.filter(memory_id=None)).delete()
    with pytest.raises(Tampered):
        acts.undo(ana.access, last_act(ana))
    assert memories.get(ana.access, other.id).forgotten_at is not None

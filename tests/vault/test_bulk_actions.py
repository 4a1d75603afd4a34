"""The same done to many memories: in portions, with counts, and one undo for all of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.people import Person
from tests.vault.database import written
from tests.vault.modes import switch
from vault import browse, bulk, memories
from vault.access import Access
from vault.acting import acts, merging
from vault.embedding import indexing
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.integrity import manifests
from vault.models import Act, ActPart
from vault.models import Memory as Row
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Act as Done
from vault.types import Draft, Memory, Right, SourceDraft
from vault.visible import Selection

MARCH = datetime(2024, 3, 1, tzinfo=UTC)
EVERYTHING = Selection()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "PORTION", 3)


def many(person: Person, count: int, place: str = "Personal", **more: Any) -> list[UUID]:
    import_id = uuid4()
    drafts = [
        Draft(
            f"Note {number} from {place}",
            source=SourceDraft("openai", f"{place}:{number}", import_id=import_id),
            **more,
        )
        for number in range(count)
    ]
    bulk.remember_many(person.access, [(person.collection(place), draft) for draft in drafts])
    with vault_scope(person.vault_id):
        rows = Row.objects.filter(vault_id=person.vault_id).order_by("seq")
        return list(rows.values_list("id", flat=True))[-count:]


def do(access: Access, verb: str, wanted: Selection = EVERYTHING, param: str = "") -> Done:
    act = acts.begin(access, verb, wanted, param=param)
    while act.working:
        before, act = act, acts.go_on(access, act.id)
        assert act.done > before.done
    assert act.done == act.total
    return act


def undo(access: Access, act: Done) -> None:
    now = acts.undo(access, act.id)
    while now.working:
        now = acts.go_on(access, act.id)
    assert now.state == "undone"


def states(person: Person) -> dict[UUID, tuple[Any, ...]]:
    """All that a person sees of each memory but the number of its revision."""
    access = person.access
    kept = browse.listing(access, limit=100).memories
    gone = browse.listing(access, limit=100, forgotten=True).memories
    with vault_scope(person.vault_id):
        for home in access.visible:
            manifests.check(access, home)
    seen: dict[UUID, tuple[Any, ...]] = {}
    for m in (*kept, *gone):
        words = (m.text, m.kind, m.collection_id, m.sources)
        seen[m.id] = (*words, m.pinned, m.trusted, m.held, m.valid_until, m.forgotten_at)
    return seen


CASES: dict[str, tuple[str, Callable[[Memory], object], object]] = {
    "forget": ("", lambda m: m.forgotten_at is not None, True),
    "pin": ("", lambda m: m.pinned, True),
    "confirm": ("", lambda m: m.trusted, True),
    "kind": ("event", lambda m: m.kind, "event"),
    "until": (MARCH.isoformat(), lambda m: m.valid_until, MARCH),
}


@pytest.mark.parametrize("verb", CASES)
def test_each_is_done_to_all_that_is_meant_and_undone_exactly(ana: Person, verb: str) -> None:
    ids = many(ana, 8)
    other = many(ana, 2, "Work")
    written(ana.access, trusted=False)  # as a vendor brought them: nobody confirmed them
    before = states(ana)
    param, look, expected = CASES[verb]
    act = do(ana.access, verb, Selection(collections=[ana.collection("Personal")]), param)
    assert (act.total, act.changed) == (8, 8)
    for memory_id in ids:
        assert look(memories.get(ana.access, memory_id)) == expected
    for memory_id in other:
        assert look(memories.get(ana.access, memory_id)) != expected
    undo(ana.access, act)
    assert states(ana) == before
    with pytest.raises(NotFound):
        acts.undo(ana.access, act.id)


@pytest.mark.parametrize(("home", "target"), [(True, False), (False, True), (True, True)])
def test_moving_between_indexed_and_sealed_collections(
    ana: Person, home: bool, target: bool
) -> None:
    ids = many(ana, 4)
    for memory_id in ids:
        memories.revise(ana.access, memory_id, pinned=True)  # embeds them
    for name, indexed in (("Personal", home), ("Travel", target)):
        if indexed:
            switch(ana, name, indexed=True)
    before = states(ana)
    act = do(ana.access, "move", EVERYTHING, str(ana.collection("Travel")))
    for _ in range(2):
        hits = recall.search(ana.access, "notes")
        assert {hit.memory.id for hit in hits} == set(ids)
        assert all("meaning" in hit.why for hit in hits)
        context = recall.context(ana.access, query="notes")
        assert all(f"Note {number} from Personal" in context.text for number in range(4))
        assert recall.holding(ana.access, "note 2") == {ids[2]}
        assert recall.holding(ana.access, "pers") == set(ids)
        sealed.close(ana.vault_id)
    assert indexing.waiting(ana.access) == 0
    undo(ana.access, act)
    assert states(ana) == before
    assert len(recall.search(ana.access, "notes")) == 4


def test_moving_many_takes_everything_along_and_back(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(ana, 5)
    memories.revise(ana.access, ids[0], text="Other words by now")
    recall.search(ana.access, "note")
    for memory_id in ids:
        memories.revise(ana.access, memory_id, pinned=True)  # embeds them
    before = states(ana)
    monkeypatch.setattr(indexing, "index_now", lambda *_: None)  # what is not carried is missing
    act = do(ana.access, "move", EVERYTHING, str(ana.collection("Travel")))
    sealed.close(ana.vault_id)
    app = ana.grantee(Travel=Right(see=True))
    assert browse.listing(app).total == 5
    assert memories.history(app, ids[0])[0].text == "Note 0 from Personal"
    hits = recall.search(app, "notes")
    assert len(hits) == 5
    assert any("meaning" in hit.why for hit in hits)
    assert indexing.waiting(app) == 0
    undo(ana.access, act)
    assert states(ana) == before
    assert browse.listing(app).total == 0


def test_restoring_many(ana: Person) -> None:
    many(ana, 4)
    before = states(ana)
    do(ana.access, "forget")
    gone = states(ana)
    act = do(ana.access, "restore", Selection(forgotten=True))
    assert states(ana) == before
    undo(ana.access, act)
    assert states(ana) == gone


def test_a_memory_merged_away_gets_its_sources_back_when_many_are_restored(ana: Person) -> None:
    keep, other = many(ana, 2)
    merging.merge(ana.access, keep, [other])
    do(ana.access, "restore", Selection(forgotten=True))
    assert [len(memories.get(ana.access, one).sources) for one in (keep, other)] == [1, 1]


def test_an_act_that_was_broken_off_goes_on_or_is_undone(ana: Person) -> None:
    many(ana, 8)
    before = states(ana)
    act = acts.begin(ana.access, "forget", EVERYTHING)
    act = acts.go_on(ana.access, act.id)
    assert (act.state, act.done, act.total) == ("running", 3, 8)
    assert [one.id for one in acts.unfinished(ana.access)] == [act.id]
    assert browse.counts(ana.access).forgotten == 3
    undo(ana.access, act)
    assert states(ana) == before
    assert acts.unfinished(ana.access) == []
    again = acts.begin(ana.access, "forget", EVERYTHING)
    assert acts.go_on(ana.access, again.id, seconds=60).state == "done"
    assert browse.counts(ana.access).total == 0


def test_what_comes_after_the_beginning_is_not_drawn_in(ana: Person) -> None:
    many(ana, 4)
    act = acts.begin(ana.access, "forget", EVERYTHING)
    (late,) = many(ana, 1, "Work")
    acts.go_on(ana.access, act.id, seconds=60)
    assert memories.get(ana.access, late).forgotten_at is None


def test_what_was_changed_since_stays_as_it_was_changed(ana: Person) -> None:
    ids = many(ana, 4)
    act = do(ana.access, "kind", EVERYTHING, "event")
    memories.revise(ana.access, ids[0], kind="skill")
    undo(ana.access, act)
    kinds = [memories.get(ana.access, memory_id).kind for memory_id in ids]
    assert kinds == ["skill", "fact", "fact", "fact"]

    act = do(ana.access, "forget")
    memories.restore(ana.access, ids[1])
    memories.forget(ana.access, ids[1])
    undo(ana.access, act)
    assert memories.get(ana.access, ids[1]).forgotten_at is not None


def test_a_span_that_was_changed_since_stays_as_it_was_changed(ana: Person) -> None:
    """Its end of before may even lie before the beginning that it has by now."""
    ids, long_ago = many(ana, 4), datetime(2020, 1, 1, tzinfo=UTC)
    memories.revise(ana.access, ids[1], valid_until=long_ago)
    act = do(ana.access, "until", EVERYTHING, MARCH.isoformat())
    later = datetime(2022, 1, 1, tzinfo=UTC)
    for memory_id in ids[1:3]:
        memories.revise(ana.access, memory_id, valid_from=later)
    memories.revise(ana.access, ids[3], text="Other words")
    undo(ana.access, act)
    now = [memories.get(ana.access, memory_id) for memory_id in ids]
    spans = [(one.valid_from, one.valid_until) for one in now]
    assert spans == [(None, None), (later, MARCH), (later, MARCH), (None, None)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Selection(kinds=["event"]), {3}),
        (Selection(kinds=[]), set()),
        (Selection(vendors=["openai"]), {0, 1, 2, 3}),
        (Selection(words="lighthouse"), {4}),
        (Selection(words="from personal"), {0, 1, 2, 3}),
        (Selection(words="note 2"), {2}),
        (Selection(words="lighth"), {4}),
        (Selection(words="lighthaus"), set()),
        (Selection(words="note 2", kinds=["event"]), set()),
        (Selection(past=True), {3}),
        (Selection(past=False), {0, 1, 2, 4}),
        (Selection(held=True), set()),
    ],
    ids=str,
)
def test_a_selection_is_exactly_what_fits(ana: Person, wanted: Selection, found: set[int]) -> None:
    ids = many(ana, 4)
    memories.revise(ana.access, ids[3], kind="event", valid_until=MARCH)
    made = memories.remember(ana.access, ana.collection("Work"), Draft("Keeps a lighthouse"))
    ids.append(made.id)
    if not found:
        with pytest.raises(Invalid):
            acts.begin(ana.access, "pin", wanted)
        return
    do(ana.access, "pin", wanted)
    pinned = {n for n, one in enumerate(ids) if memories.get(ana.access, one).pinned}
    assert pinned == found


def test_only_the_owner_acts_on_many_and_only_on_their_own(ana: Person, ben: Person) -> None:
    many(ana, 2)
    app = ana.grantee(Personal=Right(see=True, add="yes"))
    with pytest.raises(Refused):
        acts.begin(app, "forget", EVERYTHING)
    act = do(ana.access, "pin")
    for attempt in (acts.get, acts.go_on, acts.undo):
        with pytest.raises(Refused):
            attempt(app, act.id)
        with pytest.raises(NotFound):
            attempt(ben.access, act.id)
    (mine,) = many(ben, 1)
    with pytest.raises(Invalid):  # nothing of that is Ana's
        acts.begin(ana.access, "forget", Selection(ids=[mine]))
    with pytest.raises(NotFound):
        acts.begin(ana.access, "move", EVERYTHING, param=str(ben.collection("Work")))
    with pytest.raises(NotFound):
        acts.begin(ana.access, "pin", Selection(collections=[ben.collection("Work")]))


@pytest.mark.parametrize(
    ("verb", "param"),
    [
        *(("erase", ""), ("kind", "dream"), ("kind", ""), ("move", ""), ("move", "x")),
        *(("until", "soon"), ("until", "2024-03-01T00:00:00"), ("until", "0001-01-01T00:00+00:00")),
    ],
)
def test_a_verb_or_param_that_cannot_be_is_refused_before_anything(
    ana: Person, verb: str, param: str
) -> None:
    many(ana, 1)
    before = states(ana)
    with pytest.raises(Invalid):
        acts.begin(ana.access, verb, EVERYTHING, param=param)
    assert states(ana) == before


def test_an_end_before_the_beginning_leaves_that_memory_alone(ana: Person) -> None:
    ids = many(ana, 2)
    memories.revise(ana.access, ids[0], valid_from=datetime(2025, 1, 1, tzinfo=UTC))
    act = do(ana.access, "until", EVERYTHING, MARCH.isoformat())
    assert (act.total, act.changed) == (2, 1)
    assert memories.get(ana.access, ids[0]).valid_until is None


def test_whoever_writes_the_database_cannot_steer_an_act(ana: Person) -> None:
    ids = many(ana, 4)
    act = do(ana.access, "forget", Selection(ids=ids[:1]))
    with vault_scope(ana.vault_id):
        parts = ActPart.objects.filter(vault_id=ana.vault_id)
        data = bytes(parts.get().data).replace(ids[0].hex.encode(), ids[1].hex.encode())
        parts.update(data=data)
    with pytest.raises(Tampered):
        undo(ana.access, act)
    other = do(ana.access, "kind", Selection(ids=ids[2:]), "event")
    with vault_scope(ana.vault_id):
        Act.objects.filter(vault_id=ana.vault_id, id=other.id).update(param="fact")
    with pytest.raises(Tampered):
        undo(ana.access, other)
    with vault_scope(ana.vault_id):  # the same portion again, as if it were not done yet
        Act.objects.filter(vault_id=ana.vault_id).update(state="running", param="event")
        ActPart.objects.filter(vault_id=ana.vault_id, act_id=other.id).update(done=False)
    with pytest.raises(Tampered):
        acts.go_on(ana.access, other.id)


def test_acts_are_cleared_away_when_they_cannot_be_undone_any_more(ana: Person) -> None:
    many(ana, 2)
    old = do(ana.access, "pin")
    with vault_scope(ana.vault_id):
        Act.objects.filter(vault_id=ana.vault_id).update(made_at=MARCH)
    do(ana.access, "unpin")
    with pytest.raises(NotFound):
        acts.undo(ana.access, old.id)
    with vault_scope(ana.vault_id):
        assert ActPart.objects.filter(vault_id=ana.vault_id).count() == 1


def test_a_merge_is_undone_like_any_other_act(ana: Person) -> None:
    keep, other = many(ana, 2)
    before = states(ana)
    merging.merge(ana.access, keep, [other], text="Both notes")
    with vault_scope(ana.vault_id):
        act = Act.objects.get(vault_id=ana.vault_id)
    assert acts.undo(ana.access, act.id).state == "undone"
    after = states(ana)
    # The owner's own words came between, and what they say now was written anew: by nobody else.
    assert {id: state[0] for id, state in after.items()} == {
        id: state[0] for id, state in before.items()
    }

"""A grant without "later memories too": what was there when it was given, its own, and no more."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.people import Person, let_something_in, new_person
from tests.vault.modes import switch
from vault import browse, bulk, collections, feed, folder, known, memories
from vault.access import Access, open_token
from vault.acting import acts, merging, splitting
from vault.embedding.embedders import bundled
from vault.errors import KeyNeeded, NotFound, Tampered
from vault.filepaths import title_of
from vault.granting import grants, seen, terms, tokens
from vault.granting.grant_seals import seal_terms
from vault.keys import rotation
from vault.models import GrantRight, Vault
from vault.models import Memory as Row
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Grant, Memory, Right, SourceDraft
from vault.visible import Selection

World = tuple[Person, dict[str, str], dict[str, dict[str, str]], list[UUID]]
SEES = Right(see=True)
ADDS = Right(see=True, add="yes")
OLD, LATE = "heron", "walrus"
"""A word of everything that was there, and one of everything that came later."""


def remember(access: Access, place: UUID, text: str, **more: object) -> Memory:
    made = memories.remember(access, place, Draft(text, **more))  # type: ignore[arg-type]
    assert isinstance(made, Memory)
    return made


def given(person: Person, later: bool = False, **rights: Right) -> tuple[Grant, str]:
    grant, token = grants.create_token(
        person.access,
        person.owner_key,
        name="Eyes",
        rights={person.collection(name): right for name, right in rights.items()},
        expires_at=timezone.now() + timedelta(days=30),
        later=later,
    )
    let_something_in(person.vault_id, grant)
    return grant, token


def before(person: Person) -> list[UUID]:
    work = person.collection("Work")
    for kind, text in (
        ("profile", "Studies every heron"),
        ("instruction", "Call a heron by its Latin name"),
        ("fact", "The heron nests in reeds"),
        ("document", "All about the heron"),
    ):
        title = title_of(("birds", "heron.md")) if kind == "document" else "heron"
        remember(person.access, work, text, kind=kind, title=title)
    _talk(person, ["Where does the heron sleep?", "The heron sleeps on one leg."], 0)
    return [memory.id for memory in browse.listing(person.access).memories]


def after(person: Person) -> list[UUID]:
    """In every way in which something comes into a collection."""
    work, home = person.collection("Work"), person.collection("Personal")
    for kind, text in (
        ("profile", "Studies every walrus"),
        ("instruction", "Call a walrus by its Latin name"),
        ("fact", "The walrus nests in reeds"),
        ("document", "All about the walrus"),
    ):
        title = title_of(("birds", "walrus.md")) if kind == "document" else "walrus"
        remember(person.access, work, text, kind=kind, title=title)
    _talk(person, ["And the walrus?", "The walrus sleeps on ice."], 2)
    one, many = (
        remember(person.access, home, f"The walrus of {place}, from long ago", title="walrus")
        for place in ("Oslo", "Bergen")
    )
    memories.move(person.access, one.id, work)
    act = acts.begin(person.access, "move", Selection(ids=[many.id]), param=work.hex)
    while act.working:
        act = acts.go_on(person.access, act.id)
    others = browse.listing(person.access, collections=[work], limit=100).memories
    return [memory.id for memory in others if LATE in memory.text.lower()]


def _talk(person: Person, turns: list[str], start: int) -> None:
    at, place = datetime(2026, 3, 1, tzinfo=UTC), person.collection("Work")
    drafts = [
        Draft(
            text,
            "episode",
            role=("user", "assistant")[number % 2],
            conversation="talk",
            position=number,
            occurred_at=at,
            source=SourceDraft("openai", f"turn:{number}"),
        )
        for number, text in enumerate(turns, start)
    ]
    bulk.remember_many(person.access, [(place, draft) for draft in drafts])


def _files(access: Access) -> object:
    place = min(access.visible)
    with vault_scope(access.vault_id):
        files = [(f.parts, f.text) for f in folder.walk(access, place)]
        return files, known.sizes(access, place, []), folder.read(access, place, ("birds",))


def _kinds(access: Access) -> object:
    place = min(access.visible)
    return [known.text(access, place, kind) for kind in ("fact", "profile", "episode", "document")]


def _searched(access: Access) -> object:
    asked = ("heron", "walrus", "nests in reeds", "sleeps on", "wal", "Latin name", "long ago")
    return [
        [(hit.memory.text, hit.memory.id) for hit in recall.search(access, one, prefix=typing)]
        for one in asked
        for typing in (False, True)
    ]


def _gone_on(access: Access) -> object:
    found, cursor, more = [], None, True
    while more:
        page = feed.since(access, cursor, limit=3)
        found += [(one.id, one.memory and one.memory.text) for one in page.changes]
        cursor, more = page.cursor, page.more
    return found


SURFACES: dict[str, Callable[[Access], object]] = {
    "search": _searched,
    "holding": lambda access: recall.holding(access, "walrus") | recall.holding(access, "heron"),
    "context": lambda access: recall.context(access, query="where do heron and walrus sleep").text,
    "profile": lambda access: recall.context(access).text,
    "turns": lambda access: recall.context(access, query="where does the heron sleep").text,
    "listing": lambda access: browse.listing(access, limit=100),
    "narrowed": lambda access: browse.listing(access, kinds=["fact"], vendors=["you", "openai"]),
    "words": lambda access: browse.selected(access, Selection(past=False, held=False)),
    "counts": browse.counts,
    "collections": collections.listing,
    "changes": _gone_on,
    "files": _files,
    "kinds": _kinds,
}
"""Each way of reading, with all that it tells."""


@pytest.fixture(scope="module")
def world(database: None) -> World:
    """A person, what a grantee is told before and after later memories came, and the ids of these.
    Asked by a process that had the collection open, and by one that had not."""
    person = new_person()
    before(person)
    token = given(person, Work=SEES)[1]
    told = {name: repr(read(open_token(token))) for name, read in SURFACES.items()}
    ids = after(person)
    mine = seen.seen_by(person.access, grants.listing(person.access)[0].id)
    open_before = {name: repr(read(open_token(token))) for name, read in SURFACES.items()}
    looked = {name: repr(read(mine)) for name, read in SURFACES.items() if name != "changes"}
    sealed.close(person.vault_id)
    anew = {name: repr(read(open_token(token))) for name, read in SURFACES.items()}
    home, model = person.collection("Work"), bundled()
    sealed.keep_shelf(person.access, home, model=model.model, dim=model.dim)
    sealed.close(person.vault_id)
    kept = {name: repr(read(open_token(token))) for name, read in SURFACES.items()}
    switch(person, "Work", indexed=True)
    indexed = {name: repr(read(open_token(token))) for name, read in SURFACES.items()}
    states = {"open": open_before, "see as": looked, "anew": anew, "kept": kept, "indexed": indexed}
    return person, told, states, ids


@pytest.mark.parametrize("state", ["open", "see as", "anew", "kept", "indexed"])
@pytest.mark.parametrize("surface", SURFACES)
def test_no_way_of_reading_tells_of_what_came_later(
    world: World,
    surface: str,
    state: str,
) -> None:
    _, told, states, ids = world
    if surface == "changes" and state == "see as":
        return  # nobody follows changes with another's eyes
    said = states[state][surface]
    assert len(ids) >= 8
    assert LATE not in said.lower()
    assert not [id for id in ids if str(id) in said]
    if surface in ("counts", "collections"):
        assert said == told[surface]
    else:
        assert OLD in said.lower() or surface == "holding"


def test_who_sees_what_comes_later_sees_all_of_it(
    world: World,
) -> None:
    """The test above would find it."""
    person, *_, ids = world
    app = open_token(given(person, True, Work=SEES)[1])
    for name, read in SURFACES.items():
        said = repr(read(app))
        found = LATE in said.lower() or any(str(id) in said for id in ids)
        assert found or name in ("counts", "collections", "turns"), name


def test_what_came_later_does_not_exist(ana: Person) -> None:
    old = before(ana)
    app = open_token(given(ana, Work=ADDS)[1])
    attempts: list[Callable[[UUID], object]] = [
        lambda id: memories.get(app, id),
        lambda id: memories.written(app, id),
        lambda id: memories.history(app, id),
        lambda id: memories.revise(app, id, text="Obey"),
        lambda id: memories.forget(app, id),
    ]
    for id in after(ana):
        for attempt in attempts:
            with pytest.raises(NotFound):
                attempt(id)
    assert memories.get(app, old[0]).id == old[0]


def test_later_ones_do_not_cost_a_place_among_the_best(ana: Person) -> None:
    place = ana.collection("Work")
    mine = remember(ana.access, place, "A dike near Lek is on her list")
    app = open_token(given(ana, Work=SEES)[1])
    for number in range(30):
        remember(ana.access, place, f"Inspects dike {number} near Waal")
    hits = recall.search(app, "inspects dike near Waal", limit=3)
    assert [hit.memory.id for hit in hits] == [mine.id]


@pytest.mark.parametrize("indexed", [False, True])
def test_an_edit_of_what_was_there_is_seen(ana: Person, indexed: bool) -> None:
    place = ana.collection("Work")
    one = remember(ana.access, place, "Lives in Porto")
    app = open_token(given(ana, Work=SEES)[1])
    if indexed:
        switch(ana, "Work", indexed=True)
    memories.revise(ana.access, one.id, text="Lives in Lisbon")
    assert [hit.memory.text for hit in recall.search(app, "Lisbon")] == ["Lives in Lisbon"]
    assert memories.get(app, one.id).text == "Lives in Lisbon"
    memories.forget(ana.access, one.id)
    assert recall.search(app, "Lisbon") == []
    memories.restore(ana.access, one.id)
    assert len(recall.search(app, "Lisbon")) == 1


def test_parts_of_what_was_there_are_seen_and_mergers_tell_no_more(ana: Person) -> None:
    place = ana.collection("Work")
    whole = remember(ana.access, place, "Lives in Porto. Keeps bees.")
    app = open_token(given(ana, Work=ADDS)[1])
    parts = splitting.split(ana.access, whole.id, ["Lives in Porto.", "Keeps bees."])
    later = remember(ana.access, place, "Keeps two hives in the secret garden")
    own = remember(app, place, "Has hives")
    shown = {memory.text for memory in browse.listing(app).memories}
    assert shown == {"Lives in Porto.", "Keeps bees.", "Has hives"}
    merging.merge(ana.access, later.id, [own.id])  # its source goes along, the words are not its
    merging.merge(ana.access, parts[0].id, [parts[1].id])
    assert {memory.text for memory in browse.listing(app).memories} == {"Lives in Porto."}
    with pytest.raises(NotFound):
        memories.get(app, later.id)


@pytest.mark.parametrize("indexed", [False, True])
def test_what_it_wrote_itself_it_sees(ana: Person, indexed: bool) -> None:
    place = ana.collection("Work")
    token = given(ana, Work=ADDS)[1]
    other = open_token(given(ana, Work=ADDS)[1])
    if indexed:
        switch(ana, "Work", indexed=True)
    app = open_token(token)
    mine = remember(app, place, "Likes oolong tea")
    remember(other, place, "Likes oolong tea and biscuits")
    for _ in range(2):
        assert [hit.memory.id for hit in recall.search(app, "oolong tea")] == [mine.id]
        assert [memory.id for memory in browse.listing(app).memories] == [mine.id]
        sealed.close(ana.vault_id)
    memories.revise(ana.access, mine.id, text="Likes pu-erh tea")
    assert memories.get(app, mine.id).text == "Likes pu-erh tea"
    memories.revise(app, mine.id, text="Likes green tea")


def test_the_same_words_as_something_later_tell_nothing(ana: Person) -> None:
    place = ana.collection("Work")
    app = open_token(given(ana, Work=ADDS)[1])
    later = remember(ana.access, place, "Inspects dikes near Waal")
    made = remember(app, place, "Inspects dikes near Waal")
    assert (made.id == later.id, len(made.sources)) == (False, 1)


def test_each_collection_counts_from_when_it_was_given(ana: Person) -> None:
    work, travel = ana.collection("Work"), ana.collection("Travel")
    grant, token = given(ana, Work=SEES)
    remember(ana.access, work, "late work")
    remember(ana.access, travel, "early travel")
    both = {work: SEES, travel: SEES}
    assert not grants.change(ana.access, grant.id, rights=both, owner=ana.owner_key).later
    remember(ana.access, travel, "late travel")
    assert [m.text for m in browse.listing(open_token(token)).memories] == ["early travel"]
    grants.change(ana.access, grant.id, rights=both, later=True, owner=ana.owner_key)
    assert browse.listing(open_token(token)).total == 3


def test_switching_it_off_needs_no_key_and_on_again_does(ana: Person) -> None:
    work = ana.collection("Work")
    grant, token = given(ana, True, Work=SEES)
    early = remember(ana.access, work, "early")
    assert not grants.change(ana.access, grant.id, rights=grant.rights, later=False).later
    remember(ana.access, work, "late")
    assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]
    with pytest.raises(KeyNeeded):
        grants.change(ana.access, grant.id, rights=grant.rights, later=True)
    for _ in range(2):  # what else is changed leaves it as it is
        grants.change(ana.access, grant.id, rights=grant.rights, owner=ana.owner_key)
        grants.change(ana.access, grant.id, rights=grant.rights, later=False)
        assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]
    grants.pause(ana.access, grant.id)
    grants.resume(ana.access, grant.id, ana.owner_key)
    assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]


def test_an_empty_vault_is_given_as_empty(ana: Person) -> None:
    with vault_scope(ana.vault_id):
        assert Vault.objects.get(id=ana.vault_id).seq == 0
    app = given(ana, Work=SEES)[1]
    remember(ana.access, ana.collection("Work"), "the very first")
    assert browse.listing(open_token(app)).total == 0


def test_a_new_key_of_the_collection_changes_nothing(ana: Person) -> None:
    work = ana.collection("Work")
    early = remember(ana.access, work, "early")
    token = given(ana, Work=SEES)[1]
    remember(ana.access, work, "late")
    rotation.rotate(ana.access, ana.owner_key, work)
    assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]
    while rotation.reseal_next(ana.access, work):
        pass
    assert rotation.finish(ana.access, work, lambda _: False)
    assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]


def test_the_terms_bind_whatever_the_columns_say(ana: Person) -> None:
    work = ana.collection("Work")
    early = remember(ana.access, work, "early")
    grant, token = given(ana, Work=SEES)
    remember(ana.access, work, "late")
    with vault_scope(ana.vault_id):
        mine = GrantRight.objects.filter(vault_id=ana.vault_id, grant_id=grant.id)
        for upto in (None, 1_000):
            mine.update(upto=upto)
            assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]
        grants.change(ana.access, grant.id, rights=grant.rights, later=False, owner=ana.owner_key)
    assert [m.id for m in browse.listing(open_token(token)).memories] == [early.id]


@pytest.mark.parametrize("way", ["listing", "search", "anew"])
def test_a_memory_that_was_made_older_in_the_database_does_not_open(ana: Person, way: str) -> None:
    work = ana.collection("Work")
    remember(ana.access, work, "early")
    app = open_token(given(ana, Work=SEES)[1])
    late = remember(ana.access, work, "late")
    recall.search(app, "late")
    with vault_scope(ana.vault_id):
        Row.objects.filter(vault_id=ana.vault_id, id=late.id).update(arrived=0)
    if way == "anew":
        sealed.close(ana.vault_id)
    said: list[object] = []
    with contextlib.suppress(Tampered):
        said.append(browse.listing(app) if way == "listing" else recall.search(app, "late"))
    assert "late" not in repr([getattr(one, "memories", one) for one in said])


def test_terms_of_before_let_it_see_what_came_later(ana: Person) -> None:
    grant, token = given(ana, True, Work=SEES)
    remember(ana.access, ana.collection("Work"), "late")
    with vault_scope(ana.vault_id):
        slot = tokens.slot_of(token, tokens.API)
        assert slot is not None
        key = tokens.opened(token, slot).key
        row = GrantRight.objects.get(vault_id=ana.vault_id, grant_id=grant.id)
        told = terms.read(key, row)
        fields = [told.name, told.public.hex(), True, "no", False, told.until]
        place = (ana.vault_id, grant.id, row.collection_id)
        row.terms = seal_terms(key, *place, json.dumps(fields).encode())
        row.save(update_fields=["terms"])
    assert browse.listing(open_token(token)).total == 1

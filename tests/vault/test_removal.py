"""Deleting a collection: never with anything live in it, and then with all that hangs on it."""

from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection

from tests.people import Person
from tests.vault.modes import switch
from tests.vault.test_bulk_actions import do, undo
from tests.vault.test_key_races import Other, meanwhile, opened, unlock
from vault import bulk, collections, feed, memories, removal, rules, vaults
from vault.access import Access, open_session, open_token
from vault.acting import acts
from vault.embedding import indexing
from vault.errors import Locked, NotFound, Refused, Stale, Tampered
from vault.granting import grants
from vault.integrity import checkup, manifests
from vault.keys import rotation
from vault.log import access_log
from vault.models import Grant, Manifest, Memory, Source, TenantModel
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.search import turned
from vault.sorting.rules import Condition
from vault.types import Draft, Right, SourceDraft
from vault.visible import Selection

SEE, ADD, ASK = Right(see=True), Right(see=True, add="yes"), Right(see=True, add="ask")


def remember(access: Access, place: UUID, text: str) -> UUID:
    made = memories.remember(access, place, Draft(text, source=SourceDraft("openai", key=text)))
    return made.id


def reopened(person: Person) -> Person:
    session = opened(unlock(person))
    return Person(person.user, person.vault_id, person.recovery_code, session)


def rows_of(person: Person, collection: UUID) -> dict[str, int]:
    """In which tables anything names this collection."""
    found = {}
    with vault_scope(person.vault_id):
        for model in (m for m in apps.get_models() if issubclass(m, TenantModel)):
            names = {field.attname for field in model._meta.concrete_fields}
            for column in ("collection_id", "target_id"):
                if column in names:
                    rows = model._default_manager.filter(vault_id=person.vault_id)
                    if count := rows.filter(**{column: collection}).count():
                        found[model.__name__] = count
    return found


@pytest.fixture
def travel(ana: Person) -> UUID:
    return ana.collection("Travel")


def test_an_empty_one_goes_with_its_keys(ana: Person, travel: UUID) -> None:
    removal.remove(ana.access, ana.owner_key, travel)
    with pytest.raises(Locked):
        open_session(ana.access.asker.id, ana.vault_id, "whatever")
    there = reopened(ana)
    names = [one.name for one in collections.listing(there.access)]
    assert names == ["Personal", "Work", "Family", "Health", "Money"]
    assert travel not in there.access.visible
    assert rows_of(ana, travel) == {}
    with vault_scope(ana.vault_id):
        assert not Manifest.objects.filter(vault_id=ana.vault_id, id=travel).exists()
    assert checkup.check_vault(there.owner_key) == ()
    line = access_log.listing(there.access)[0]
    assert (line.action, line.purpose) == ("deleted", "Travel")
    with pytest.raises(NotFound):
        removal.look(there.access, travel)


def test_anything_live_keeps_it(ana: Person, travel: UUID) -> None:
    remember(ana.access, travel, "Has been to Porto")
    assert removal.look(ana.access, travel).live == 1
    for shred in (False, True):
        with pytest.raises(Refused, match="1 memory is in it"):
            removal.remove(ana.access, ana.owner_key, travel, shred=shred)
    assert memories.counts(ana.access).total == 1


def test_the_only_one_stays(ana: Person) -> None:
    *others, last = sorted(ana.access.visible)
    for one in others:
        removal.remove(ana.access, ana.owner_key, one)
        ana = reopened(ana)
    assert removal.look(ana.access, last).last
    with pytest.raises(Refused, match="your only collection"):
        removal.remove(ana.access, ana.owner_key, last)


def test_what_was_forgotten_goes_for_good_and_only_when_that_is_said(
    ana: Person, travel: UUID
) -> None:
    kept = remember(ana.access, ana.collection("Work"), "Works in Delft")
    gone = remember(ana.access, travel, "Has been to Porto")
    memories.revise(ana.access, gone, text="Has been to Porto twice")
    memories.forget(ana.access, gone)
    assert removal.look(ana.access, travel).forgotten == 1
    with pytest.raises(Refused, match="could still be restored"):
        removal.remove(ana.access, ana.owner_key, travel)
    assert memories.restore(ana.access, gone).text == "Has been to Porto twice"
    memories.forget(ana.access, gone)
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    there = reopened(ana)
    assert rows_of(ana, travel) == {"Memory": 1}
    with vault_scope(ana.vault_id):
        row = Memory.objects.get(vault_id=ana.vault_id, id=gone)
        assert (bytes(row.sealed), bytes(row.digest), bytes(row.entry)) == (b"", b"", b"")
        sources = Source.objects.filter(vault_id=ana.vault_id, memory_id=gone)
        assert [bytes(source.sealed) for source in sources] == [b""]
    for look in (memories.get, memories.restore):
        with pytest.raises(NotFound):
            look(there.access, gone)
    assert [hit.memory.id for hit in recall.search(there.access, "Delft Porto")] == [kept]
    assert manifests.check(there.access, ana.collection("Work")) == 1
    assert checkup.check_vault(there.owner_key) == ()


def test_moved_or_forgotten_as_a_whole_it_becomes_empty(ana: Person, travel: UUID) -> None:
    """And what was moved stays where it went, when it is undone after the collection is gone."""
    work, family = ana.collection("Work"), ana.collection("Family")
    ids = [remember(ana.access, travel, f"Note {number}") for number in range(3)]
    other = remember(ana.access, family, "Another note")
    both = Selection(collections=[travel, family])
    act = do(ana.access, "move", both, str(work))
    with vault_scope(ana.vault_id):
        home = act_home(ana)
    removal.remove(ana.access, ana.owner_key, travel)
    there = reopened(ana)
    if home == travel:
        with pytest.raises(NotFound):
            acts.undo(there.access, act.id)
        assert memories.get(there.access, other).collection_id == work
    else:
        undo(there.access, act)
        assert memories.get(there.access, other).collection_id == family
    assert {memories.get(there.access, one).collection_id for one in ids} == {work}


def act_home(person: Person) -> UUID:
    from vault.models import Act

    return Act.objects.get(vault_id=person.vault_id).collection_id


def test_an_undo_leaves_what_came_from_a_deleted_collection(ana: Person, travel: UUID) -> None:
    work, family = ana.collection("Work"), ana.collection("Family")
    gone = remember(ana.access, travel, "From Porto")
    kept = remember(ana.access, family, "From Delft")  # the newest: the act is kept by its key
    act = do(ana.access, "move", Selection(collections=[travel, family]), str(work))
    removal.remove(ana.access, ana.owner_key, travel)
    there = reopened(ana)
    undo(there.access, act)
    assert memories.get(there.access, kept).collection_id == family
    assert memories.get(there.access, gone).collection_id == work
    assert manifests.check(there.access, work) == manifests.check(there.access, family) == 1


def test_grants_on_it_end_and_others_only_lose_it(ana: Person, travel: UUID) -> None:
    both, both_token = ana.token("Planner", Travel=ADD, Work=SEE)
    only, only_token = ana.token("Booker", Travel=SEE)
    apart, apart_token = ana.token("Writer", Work=SEE)
    found = removal.look(ana.access, travel)
    assert (found.ending, found.narrowed) == (("Booker",), ("Planner",))
    assert found.possible
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    there = reopened(ana)
    with pytest.raises(Locked):
        open_token(only_token)
    assert open_token(both_token).rights == {ana.collection("Work"): SEE}
    assert open_token(apart_token).asker.version == apart.version
    assert grants.get(there.access, both.id).version == both.version + 1
    assert grants.get(there.access, only.id).state == "revoked"
    assert grants.get(there.access, only.id).rights == {}
    said = {(line.action, line.purpose) for line in access_log.listing(there.access)[:3]}
    assert said == {("revoked", "Booker"), ("changed", "Planner"), ("deleted", "Travel")}


def test_apps_are_told_what_is_gone(ana: Person, travel: UUID) -> None:
    work = ana.collection("Work")
    token = ana.token("Planner", Travel=SEE, Work=SEE)[1]
    gone, kept = remember(ana.access, travel, "To Porto"), remember(ana.access, work, "In Delft")
    first = feed.since(open_token(token))
    assert {change.id for change in first.changes} == {gone, kept}
    memories.forget(ana.access, gone)
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    changes = feed.since(open_token(token), first.cursor).changes
    assert {(change.id, change.memory is None) for change in changes} == {
        (gone, True),
        (kept, False),
    }
    mirror = feed.since(reopened(ana).access)
    assert {change.id for change in mirror.changes if change.memory is None} >= {gone}


def test_letters_rules_and_acts_go_along(ana: Person, travel: UUID) -> None:
    work = ana.collection("Work")
    asks = ana.grantee(Travel=ASK, Work=ASK)
    memories.remember(asks, travel, Draft("Likes trains"))
    memories.remember(asks, work, Draft("Likes tea"))
    rules.create(ana.access, travel, Condition(text="train"))
    rules.create(ana.access, work, Condition(text="tea"))
    found = removal.look(ana.access, travel)
    assert (found.suggestions, found.rules) == (1, 1)
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    there = reopened(ana).access
    assert [one.text for one in suggestions.listing(there)] == ["Likes tea"]
    assert [rule.collection_id for rule in rules.listing(there)] == [work]


def test_what_an_app_added_is_taken_in_first(ana: Person, travel: UUID) -> None:
    blind = ana.grantee(Travel=Right(add="yes"))
    memories.remember(blind, travel, Draft("Likes trains"))
    assert removal.look(ana.access, travel).arriving == 1
    with pytest.raises(Refused, match="still being taken in"):
        removal.remove(ana.access, ana.owner_key, travel, shred=True)
    suggestions.take_in(ana.access)
    assert removal.look(ana.access, travel).live == 1


def test_an_indexed_one_leaves_nothing_in_the_index(ana: Person, travel: UUID) -> None:
    remember(ana.access, travel, "Has been to Porto")
    switch(ana, "Travel", indexed=True)
    do(ana.access, "forget", Selection(collections=[travel]))
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    assert rows_of(ana, travel) == {"Memory": 1}
    with vault_scope(ana.vault_id):
        assert turned.indexes(travel) == []


def test_one_that_is_being_sealed_anew_goes_with_all_its_keys(ana: Person, travel: UUID) -> None:
    memories.forget(ana.access, remember(ana.access, travel, "Has been to Porto"))
    rotation.rotate(ana.access, ana.owner_key, travel)
    removal.remove(ana.access, ana.owner_key, travel, shred=True)
    assert rows_of(ana, travel) == {"Memory": 1}
    assert checkup.check_vault(reopened(ana).owner_key) == ()


def test_one_that_is_not_as_it_was_left_stays(ana: Person, travel: UUID) -> None:
    """Or whoever writes the database could have its owner destroy what looks forgotten."""
    memory = remember(ana.access, travel, "Has been to Porto")
    with vault_scope(ana.vault_id), connection.cursor() as cursor:
        cursor.execute("UPDATE vault_memory SET forgotten_at = now() WHERE id = %s", [memory])
    assert removal.look(ana.access, travel).forgotten == 1
    with pytest.raises(Tampered):
        removal.remove(ana.access, ana.owner_key, travel, shred=True)


def test_only_the_owner_deletes_and_only_their_own(ana: Person, ben: Person, travel: UUID) -> None:
    with pytest.raises(Refused):
        removal.remove(ana.grantee(Travel=ADD), ana.owner_key, travel)
    with pytest.raises(NotFound):
        removal.remove(ben.access, ben.owner_key, travel)
    assert collections.get(ana.access, travel).name == "Travel"


# --- at the same time ----------------------------------------------------------------------------


def test_who_writes_there_meanwhile_is_not_lost(
    ana: Person, travel: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer holds the key and waits for the vault: deleting gives way."""
    second = reopened(ana).access
    other = Other(lambda: removal.remove(second, ana.owner_key, travel))
    real = memories.next_seqs

    def later(access: Access, count: int) -> range:
        if other.ident is None:
            other.start()
            other.join(timeout=5)
        return real(access, count)

    with monkeypatch.context() as patch:
        patch.setattr(memories, "next_seqs", later)
        remember(ana.access, travel, "Has been to Porto")
    other.join(timeout=20)
    assert isinstance(other.wrong, Stale)
    assert removal.look(ana.access, travel).live == 1
    assert manifests.check(ana.access, travel) == 1


@pytest.mark.parametrize("blind", [False, True])
def test_who_comes_too_late_is_told_that_it_is_gone(
    ana: Person, travel: UUID, monkeypatch: pytest.MonkeyPatch, blind: bool
) -> None:
    app = ana.grantee(Travel=Right(see=not blind, add="yes"))

    def add() -> object:
        return memories.remember(app, travel, Draft("Has been to Porto"))

    with meanwhile(monkeypatch, removal, "_take_from_grants", add) as adding:
        removal.remove(ana.access, ana.owner_key, travel, shred=True)
    assert isinstance(adding.wrong, NotFound | Stale)
    assert rows_of(ana, travel).keys() <= {"Memory"}


def test_restoring_meanwhile_is_not_lost(
    ana: Person, travel: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = remember(ana.access, travel, "Has been to Porto")
    memories.forget(ana.access, memory)
    second = reopened(ana).access
    with (
        meanwhile(
            monkeypatch, removal.remaking, "hold", lambda: memories.restore(second, memory)
        ) as restoring,
        pytest.raises(Refused, match="1 memory is in it"),
    ):
        removal.remove(ana.access, ana.owner_key, travel, shred=True)
    assert restoring.answer
    assert memories.get(ana.access, memory).text == "Has been to Porto"


def test_a_suggestion_accepted_meanwhile(
    ana: Person, travel: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a grant that ends, to another collection: accepting holds it and waits for the vault."""
    work = ana.collection("Work")
    asks, token = ana.token("Planner", Travel=ASK, Work=ASK)
    memories.remember(open_token(token), work, Draft("Likes tea"))
    grants.change(ana.access, asks.id, rights={travel: ASK})
    (letter,) = suggestions.listing(ana.access)
    second = reopened(ana).access
    with meanwhile(
        monkeypatch, removal, "_must_be_possible", lambda: suggestions.accept(second, letter.id)
    ) as accepting:
        removal.remove(ana.access, ana.owner_key, travel, shred=True)
    assert isinstance(accepting.wrong, NotFound) or accepting.answer
    assert rows_of(ana, travel).keys() <= {"Memory"}
    with vault_scope(ana.vault_id):
        assert Grant.objects.get(vault_id=ana.vault_id, id=asks.id).revoked_at


def test_two_tabs_delete_two_at_once(
    ana: Person, travel: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, money = reopened(ana).access, ana.collection("Money")
    with meanwhile(
        monkeypatch,
        removal,
        "_drop_keys",
        lambda: removal.remove(second, ana.owner_key, money) or True,
    ) as other:
        removal.remove(ana.access, ana.owner_key, travel)
    assert other.answer
    there = reopened(ana)
    assert len(there.access.visible) == 4
    assert checkup.check_vault(there.owner_key) == ()


def test_embedding_goes_on_after_it(ana: Person, travel: UUID) -> None:
    remember(ana.access, ana.collection("Work"), "Works in Delft")
    bulk.remember_many(ana.access, [(ana.collection("Work"), Draft("Likes tea"))])
    removal.remove(ana.access, ana.owner_key, travel)
    there = reopened(ana).access
    while indexing.waiting(there):
        indexing.index_next(there, None, 10)
    assert vaults.recovery_confirmed(there) in (True, False)
    assert len(recall.search(there, "tea Delft")) == 2

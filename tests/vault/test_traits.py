"""A collection's plain columns (private, how it is searched, with what) changed in the database."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import PASSWORD, Person
from tests.vault.database import copy_of, put_back
from tests.vault.modes import switch
from vault import collections, memories, vaults
from vault.access import Access
from vault.embedding import embedders, indexing, modes, switching
from vault.errors import Tampered
from vault.integrity import manifests
from vault.keys import rotation
from vault.keys.keyring import Keyring
from vault.models import Collection, CollectionKey, Manifest, TurnedVector, Vector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search import sealed
from vault.search.choice import Choice
from vault.types import Draft, Right

LIGHT = Choice("wordllama")


def alter(person: Person, collection: UUID, **columns: object) -> None:
    with vault_scope(person.vault_id):
        mine = Collection.objects.filter(vault_id=person.vault_id, id=collection)
        assert mine.update(**columns) == 1


def filled(person: Person, name: str = "Work") -> UUID:
    home = person.collection(name)
    memories.remember(person.access, home, Draft("The bees are blue."))
    return home


@pytest.mark.parametrize(
    "columns",
    [
        {"indexed": True},
        {"becoming": "indexed"},
        {"indexed": True, "becoming": "sealed"},
        {"private": True},
        {"sealed_name": b"\1" * 90},
        {"epoch": 2},
    ],
    ids="+".join,
)
def test_a_changed_column_is_reported(ana: Person, columns: dict[str, object]) -> None:
    work = filled(ana)
    app = ana.grantee(Work=Right(see=True))
    alter(ana, work, **columns)
    for asker in (ana.access, app):
        with pytest.raises(Tampered):
            recall.search(asker, "bees")


def test_nobody_makes_a_sealed_collection_write_into_the_index(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.embedding.folding.FOLD_FROM", 1)
    work = filled(ana)
    alter(ana, work, indexed=True)
    with pytest.raises(Tampered):
        indexing.fold(ana.access)
    alter(ana, work, indexed=False, becoming="indexed")
    with pytest.raises(Tampered):
        modes.go_on(ana.access, work, modes.Step())
    with vault_scope(ana.vault_id):
        assert not TurnedVector.objects.filter(vault_id=ana.vault_id).exists()
        assert Vector.objects.filter(vault_id=ana.vault_id, passages__isnull=False).exists()


def test_an_earlier_embedder_put_back_is_not_asked(ana: Person) -> None:
    work = ana.collection("Work")
    switching.switch(ana.access, LIGHT)
    before = copy_of(ana.vault_id, "collection")
    switching.switch(ana.access, embedders.BUNDLED)
    put_back(ana.vault_id, before)
    with pytest.raises(Tampered):
        embedders.choice(ana.access, work)
    with pytest.raises(Tampered):
        recall.search(ana.access, "bees")


def test_an_embedder_taken_away_is_noticed(ana: Person) -> None:
    work = ana.collection("Work")
    switching.switch(ana.access, LIGHT)
    alter(ana, work, sealed_embedder=b"")
    with pytest.raises(Tampered):
        embedders.choice(ana.access, work)


def test_what_is_written_meanwhile_does_not_make_it_good(ana: Person) -> None:
    work = filled(ana)
    alter(ana, work, private=True)
    with pytest.raises(Tampered):
        memories.remember(ana.access, work, Draft("The sea is red."))
    with pytest.raises(Tampered):
        collections.rename(ana.access, work, name="Office")
    with pytest.raises(Tampered):
        rotation.rotate(ana.access, ana.owner_key, work)
    with pytest.raises(Tampered):
        modes.begin(ana.access, work, indexed=True)


def test_the_other_collections_go_on(ana: Person) -> None:
    work, family = filled(ana), ana.collection("Family")
    alter(ana, work, private=True)
    memories.remember(ana.access, family, Draft("My sister is Ana."))
    found = recall.search(ana.access, "sister", collections={family})
    assert [hit.memory.text for hit in found] == ["My sister is Ana."]


def test_an_altered_collection_is_shown_as_such_and_as_private(ana: Person) -> None:
    money = ana.collection("Money")
    alter(ana, money, private=False)
    shown = collections.get(ana.access, money)
    assert (shown.altered, shown.private) == (True, True)


def test_no_grant_is_made_for_an_altered_collection(ana: Person) -> None:
    work = ana.collection("Work")
    old = copy_of(ana.vault_id, "collection")
    collections.rename(ana.access, work, name="Secrets")
    put_back(ana.vault_id, old)
    with pytest.raises(Tampered):
        ana.token(Work=Right(see=True))
    ana.token(Family=Right(see=True))


def begin_and_stop(person: Person, home: UUID) -> None:
    modes.begin(person.access, home, indexed=True)
    modes.begin(person.access, home, indexed=False)


PROPERLY: dict[str, Callable[[Person, UUID], object]] = {
    "rename": lambda p, c: collections.rename(p.access, c, name="Office", private=True),
    "rotate": lambda p, c: rotation.rotate(p.access, p.owner_key, c),
    "embedder": lambda p, c: switching.switch(p.access, LIGHT),
    "cancel": lambda p, c: (switching.switch(p.access, LIGHT), switching.cancel_switch(p.access)),
    "turn round": begin_and_stop,
    "index": lambda p, c: switch(p, "Work", indexed=True),
    "new": lambda p, c: collections.create(p.access, p.owner_key, name="New"),
}


@pytest.mark.parametrize("act", PROPERLY)
def test_what_its_owner_changes_is_vouched_for(ana: Person, act: str) -> None:
    work = filled(ana)
    PROPERLY[act](ana, work)
    sealed.close(ana.vault_id)
    assert [hit.memory.text for hit in recall.search(ana.access, "bees")] == ["The bees are blue."]
    assert not [one for one in collections.listing(ana.access) if one.altered]
    memories.remember(ana.access, work, Draft("The sea is red."))
    vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)


def test_the_head_is_that_of_the_format(ana: Person) -> None:
    """As FORMAT.md says it, written anew."""
    work = ana.collection("Work")
    switching.switch(ana.access, LIGHT)
    with vault_scope(ana.vault_id):
        key = manifests.key_of(ana.access, work)
        row = Collection.objects.get(vault_id=ana.vault_id, id=work)
        head = Manifest.objects.get(vault_id=ana.vault_id, id=work)
        own = Manifest.objects.get(vault_id=ana.vault_id, id=ana.vault_id)
    parts = [b"", row.sealed_name, row.sealed_embedder, row.sealed_next_embedder]
    plain = row.epoch.to_bytes(4) + bytes([row.private, row.indexed])
    traits = sha256(plain + b"".join(sha256(bytes(part)).digest() for part in parts)).digest()
    numbers = head.seq.to_bytes(8) + head.count.to_bytes(8) + bytes(head.total)
    assert key.mac(b"head" + work.bytes + numbers + traits) == bytes(head.mac)
    numbers = own.seq.to_bytes(8) + own.count.to_bytes(8) + bytes(own.total)
    words = b"head" + ana.vault_id.bytes + numbers + bytes(32)
    assert ana.owner_key.key.derive("manifest").mac(words) == bytes(own.mac)


@pytest.mark.parametrize("how", ["altered", "gone"])
def test_the_list_of_collections_is_shown_whatever_was_done_to_a_key(ana: Person, how: str) -> None:
    work = ana.collection("Work")
    access = open_session_again(ana)
    with vault_scope(ana.vault_id):
        keys = CollectionKey.objects.filter(vault_id=ana.vault_id, collection_id=work)
        keys.delete() if how == "gone" else keys.update(names_key=b"\1" * 90)
    shown = {one.id: one.altered for one in collections.listing(access)}
    assert shown.pop(work) and not any(shown.values())


def open_session_again(person: Person) -> Access:
    """With a keyring that has not learnt any names key yet."""
    ring = Keyring.from_bytes(person.vault_id, person.access.keyring.to_bytes())
    return replace(person.access, keyring=ring)


def test_what_its_manifest_says_is_shown_without_a_look_at_the_rows(ana: Person) -> None:
    home = filled(ana)
    with CaptureQueriesContext(connection) as asked:
        counts = {one.id: one.count for one in collections.listing(ana.access)}
    assert (counts[home], sum(filter(None, counts.values()))) == (1, 1)
    assert not [one for one in asked if '"vault_memory"' in one["sql"]]


def test_a_manifest_that_nothing_vouches_for_counts_nothing(ana: Person) -> None:
    home = filled(ana)
    with vault_scope(ana.vault_id):
        Manifest.objects.filter(vault_id=ana.vault_id, id=home).update(count=7)
    one = collections.get(ana.access, home)
    assert (one.count, one.altered) == (1, True)

"""Deleting a collection under whose key imports are kept, and while something is at work."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from sync.archives import archives, restores
from sync.errors import NotNow
from sync.importing import import_views, imports, reading
from sync.models import ImportFile
from sync.upkeep import removals
from tests.archives import export, quick_locks, reopened, restore, told, unlocked
from tests.exports import conversation, upload, zipped
from tests.people import Person, new_person
from tests.sync.test_imports import bring_in
from vault import collections, memories
from vault.acting import acts
from vault.errors import Refused
from vault.files import path_of
from vault.integrity import checkup
from vault.models import CollectionKey
from vault.scope import vault_scope
from vault.types import Draft
from vault.visible import Selection

EXPORT = zipped([conversation("c1", ["Where is Foz?", "In Porto."], title="Porto")])


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def first(ana: Person) -> UUID:
    """The first: imports are kept under its key."""
    return collections.listing(ana.access)[0].id


def emptied(person: Person, first: UUID) -> None:
    if memories.counts(person.access).by_collection.get(first):
        acts.go_on(
            person.access,
            acts.begin(person.access, "forget", Selection(collections=[first])).id,
            seconds=60,
        )


def test_past_imports_are_still_known_and_can_be_undone(ana: Person, first: UUID) -> None:
    bring_in(ana, EXPORT)
    moved = acts.begin(
        ana.access, "move", Selection(collections=[first]), param=str(ana.collection("Work"))
    )
    acts.go_on(ana.access, moved.id, seconds=60)
    before = imports.listing(ana.access)
    removals.remove(ana.access, ana.owner_key, first)
    there = reopened(ana)
    assert imports.listing(there.access) == before
    assert memories.counts(there.access).total
    imports.undo(there.access, before[0].id, start=reading.run)
    assert memories.counts(there.access).total == 0


def test_an_import_that_waits_keeps_it(ana: Person, first: UUID) -> None:
    begun = imports.begin(ana.access, [upload(EXPORT)], start=reading.run)
    assert imports.get(ana.access, begun.id).state == "preview"
    assert "import" in removals.busy(ana.access)
    with pytest.raises(NotNow, match="An import is not finished"):
        removals.remove(ana.access, ana.owner_key, first)
    assert collections.get(ana.access, first).id == first
    imports.cancel(ana.access, begun.id)
    removals.remove(ana.access, ana.owner_key, first)
    assert [one.state for one in imports.listing(reopened(ana).access)] == ["cancelled"]


def test_files_of_a_broken_import_can_still_be_deleted(ana: Person, first: UUID) -> None:
    begun = imports.begin(ana.access, [upload(b"no export at all")], start=reading.run)
    assert imports.get(ana.access, begun.id).state == "failed"
    removals.remove(ana.access, ana.owner_key, first)
    there = reopened(ana)
    with vault_scope(ana.vault_id):
        files = list(ImportFile.objects.filter(vault_id=ana.vault_id))
    if files:
        imports.cancel(there.access, begun.id)
    folder = Path(settings.SATCHEL_UPLOADS_DIR)
    assert not any(path_of(folder, file.id).exists() for file in files)


def test_an_archive_at_work_keeps_it(ana: Person, first: UUID) -> None:
    archive = export(ana)
    begun = restores.begin(ana.access, upload(archive, "vault.age"))
    with pytest.raises(NotNow, match="An archive is being"):
        removals.remove(ana.access, ana.owner_key, first)
    archives.cancel(ana.access, begun.id)
    removals.remove(ana.access, ana.owner_key, first)
    assert len(collections.listing(reopened(ana).access)) == 5


def test_a_vault_with_a_deleted_collection_is_taken_out_and_brought_back(
    ana: Person, first: UUID
) -> None:
    bring_in(ana, EXPORT)
    memories.remember(ana.access, ana.collection("Work"), Draft("Works in Delft"))
    emptied(ana, first)
    with pytest.raises(Refused, match="could still be restored"):
        removals.remove(ana.access, ana.owner_key, first)
    removals.remove(ana.access, ana.owner_key, first, shred=True)
    archive = export(reopened(ana))
    assert len(told(archive)["collections"]) == 5
    assert len(told(archive)["imports"]) == 1
    ben = new_person()
    assert restore(ben, archive).state == "done"
    there = reopened(ben)
    assert memories.counts(there.access).total == 1
    assert len(imports.listing(there.access)) == 1


def test_imports_outlive_a_collection_that_was_given_up(ana: Person, first: UUID) -> None:
    """Its key was lost: they are shown without their names, and left out of archives."""
    bring_in(ana, EXPORT)
    with vault_scope(ana.vault_id):
        CollectionKey.objects.filter(vault_id=ana.vault_id, collection_id=first).delete()
    checkup.accept_vault(ana.owner_key)
    there = reopened(ana)
    (one,) = imports.listing(there.access)
    assert (one.state, one.file_names) == ("done", (import_views.UNREADABLE,))
    archive = export(there)
    assert told(archive)["imports"] == []
    assert json.loads(unlocked(archive)["totals.json"])["left_out"]["imports"] == 1

"""Work in the background whose keys its owner takes away stops, and goes on when she says so."""

import threading
from typing import Any

import pytest
from django.db import connections

from sync.archives import archives, archiving, exporting, exports
from sync.importing import imports, reading
from tests.exports import talks, upload, zipped
from tests.people import PASSWORD, Person, new_person
from vault import bulk, memories, vaults
from vault.access import Access, open_session

PASSPHRASE = "seven loud bees by the calm sea"


@pytest.fixture
def ana() -> Person:
    return new_person()


def locked_first(monkeypatch: pytest.MonkeyPatch, person: Person, place: object, name: str) -> None:
    """She locks her vault on every device while this is called for the first time."""
    real, locked = getattr(place, name), list[bool]()

    def lock() -> None:
        vaults.lock_everywhere(person.access)
        connections.close_all()

    def watched(*args: Any, **options: Any) -> Any:
        if not locked:
            locked.append(True)
            other = threading.Thread(target=lock)
            other.start()
            other.join()
        return real(*args, **options)

    monkeypatch.setattr(place, name, watched)


def again(person: Person) -> Access:
    user = person.user
    opened = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def test_an_import_stops_at_its_next_portion_and_goes_on(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = imports.begin(ana.access, [upload(zipped(talks(3)))], start=reading.run)
    locked_first(monkeypatch, ana, bulk, "remember_many")
    assert imports.accept(ana.access, found.id, start=reading.run).state == "writing"
    assert memories.counts(ana.access).total == 0
    access = again(ana)
    assert imports.get(access, found.id).stalled
    done = imports.resume(access, found.id, start=reading.run)
    assert (done.state, done.written) == ("done", 30)


def test_an_archive_is_not_finished_without_keys(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked_first(monkeypatch, ana, exporting, "_total")
    words = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    begun = exports.begin(ana.access, ana.owner_key, **words, start=archiving.run)
    assert (begun.state, begun.stalled) == ("making", True)
    done = archives.resume(again(ana), ana.owner_key, begun.id, start=archiving.run)
    assert done.state == "done"
    archives.cancel(ana.access, begun.id)

"""No word, passphrase or key of a vault lies anywhere after it was taken out and put back."""

from collections.abc import Iterator

import pytest

from config.home import Home
from sync.archives import archives, exports, restores
from tests.archives import quick_locks, reopened
from tests.exports import conversation, upload, zipped
from tests.people import Person, new_person
from tests.stack import Worker
from tests.sync.test_imports import bring_in
from tests.sync.test_vault_archive_crashes import wait_for
from tests.test_canaries import Aviary, forms, places
from vault import collections, memories, rules
from vault.archive import locks
from vault.keys import epochs
from vault.recalling import recall
from vault.scope import vault_scope
from vault.sorting.rules import Condition
from vault.types import Draft, Right

PASSPHRASE = "kanárek canary quartz umbrella"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


def fill(person: Person, bird: Aviary) -> Person:
    access, work = person.access, person.collection("Work")
    collections.create(access, person.owner_key, name=bird("collection"))
    kept = memories.remember(access, work, Draft(bird("memory"), title=bird("title")))
    memories.revise(access, kept.id, text=bird("revision"))
    memories.forget(access, memories.remember(access, work, Draft(bird("forgotten"))).id)
    rules.create(access, work, Condition(text=bird("rule")))
    talk = conversation(bird("conversation"), [bird("turn")], title=bird("talk"))
    bring_in(person, zipped([talk]))
    reader = person.grantee(Work=Right(see=True, add="ask"))
    memories.remember(reader, work, Draft(bird("suggestion")))
    recall.search(reader, bird("query"), purpose=bird("purpose"))
    return reopened(person)


def keys(person: Person, where: str, bird: Aviary) -> None:
    ring = person.access.keyring
    with vault_scope(person.vault_id):
        for home in ring.collections:
            bird.secret(f"{where}: key of {home}", ring.root(home, 1).raw)
            bird.secret(f"{where}: names key of {home}", epochs.names_key(person.access, home).raw)


def test_nothing_is_left_in_the_clear(home: Home, worker: Worker) -> None:
    bird = Aviary()
    ana, ben = fill(new_person(), bird), new_person()
    bird.secret("passphrase", PASSPHRASE)
    begun = exports.begin(
        ana.access, ana.owner_key, passphrase=PASSPHRASE, again=PASSPHRASE, vectors=True
    )
    wait_for(ana, begun.id, "done")
    file, _ = exports.open_file(ana.access, begun.id)
    with file:
        lock = locks.open_lock(file, PASSPHRASE)
        bird.secret("file key", lock.file_key)
        bird.secret("half a file key", lock.file_key[:8])
        file.seek(0)
        brought = restores.begin(ben.access, upload(file.read()))
    restores.start(ben.access, ben.owner_key, brought.id, PASSPHRASE)
    wait_for(ben, brought.id, "done")
    there = reopened(ben)
    assert bird.birds["revision"].decode() in {
        one.text for one in memories.listing(there.access).memories
    }
    waiting = exports.begin(there.access, there.owner_key, passphrase=PASSPHRASE, again=PASSPHRASE)
    wait_for(there, waiting.id, "done")
    left = restores.begin(new_person().access, upload(b"x" * 100))
    assert left.state == "waiting"
    keys(ana, "old", bird)
    keys(there, "new", bird)
    at_rest = dict(places(home))
    assert any(name.endswith(".age") for name in at_rest)
    assert any(name.endswith(".restore") for name in at_rest)
    found = [
        (where, name)
        for where, value in bird.birds.items()
        for form in set(forms(value))
        for name, content in at_rest.items()
        if form in content
    ]
    assert not found
    assert archives.get(ana.access, begun.id).state == "done"

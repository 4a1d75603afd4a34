"""`kill -9` while a vault is taken out, put back or erased: nothing lost, doubled or half there."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from sync import erasing
from sync.archives import archives, archiving, exports, restores
from sync.archives.archive_types import Archive
from sync.models import ArchiveJob, Erasure
from tests import archives as made
from tests.archives import PASSPHRASE, quick_locks, reopened, told
from tests.exports import upload
from tests.people import Person, new_person
from tests.stack import ROOT, Worker, environment
from vault import bulk, collections
from vault.archive import lines
from vault.log import access_log
from vault.models import LogEntry, Memory, Source, TenantModel
from vault.scope import vault_scope
from vault.types import Draft

MANY = 1000


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


@pytest.fixture
def ana() -> Person:
    return new_person()


def killed(code: str, when: Callable[[], bool]) -> None:
    """Run this in a process of its own; kill it as a power cut would, once it is so far."""
    setup = "import django; django.setup()\n"
    child = subprocess.Popen(
        [sys.executable, "-c", setup + code], cwd=ROOT, env=environment(SATCHEL_ARGON2="65536,3,1")
    )
    deadline = time.monotonic() + 60
    while not when():
        assert child.poll() is None, "it was done before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    child.kill()
    child.wait()


# Small portions, and a pause before the last file: else it may be over before it can be killed.
SLOWED = """
import time
from uuid import UUID
from sync.archives import archiving, exporting, restoring
def late(taking):
    time.sleep(60)
    yield from ()
restoring.PORTION = 100
exporting._TAKES["log"] = late
"""


def work(job: UUID, token: str) -> str:
    return f"{SLOWED}archiving.run(UUID({str(job)!r}), {token!r})"


def silence(model: type[ArchiveJob] | type[Erasure], person: Person) -> None:
    """What time does: whoever was killed is taken for dead."""
    with vault_scope(person.vault_id):
        model.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def remember(person: Person, count: int) -> None:
    home = person.collection("Work")
    for start in range(0, count, 500):
        drafts = [(home, Draft(f"Thing {start + n} to remember")) for n in range(500)]
        bulk.remember_many(person.access, drafts)


def row(person: Person) -> ArchiveJob:
    with vault_scope(person.vault_id):
        return ArchiveJob.objects.get(vault_id=person.vault_id)


def count(person: Person, model: type[TenantModel]) -> int:
    with vault_scope(person.vault_id):
        return model._default_manager.filter(vault_id=person.vault_id).count()


def test_an_export_that_was_killed_is_made_anew(ana: Person) -> None:
    remember(ana, MANY)
    tokens: list[str] = []
    begun = exports.begin(
        ana.access,
        ana.owner_key,
        passphrase=PASSPHRASE,
        again=PASSPHRASE,
        start=lambda job, token: tokens.append(token),
    )
    half = archives.path_of("export", row(ana).file_id).with_suffix(".part")
    killed(work(begun.id, tokens[0]), lambda: archives.get(ana.access, begun.id).done > MANY)
    assert half.exists()
    assert archives.get(ana.access, begun.id).state == "making"
    with pytest.raises(Exception, match="Make a new one"):
        exports.open_file(ana.access, begun.id)
    silence(ArchiveJob, ana)
    assert archiving.run(begun.id, tokens[0])
    assert archives.get(ana.access, begun.id).state == "done"
    assert not half.exists()
    file, _ = exports.open_file(ana.access, begun.id)
    with file:
        assert len(told(file.read())["memories"]) == MANY


def archive_of(count: int) -> bytes:
    """Memories that are forgotten, so that nothing has to be embedded."""
    home, now = made.collection(), timezone.now()
    kept = [made.memory(home.id, f"Thing {n}", forgotten_at=now) for n in range(count)]
    detail = lines.Details("", "", "", "")
    seen = [lines.Source(uuid4(), one.id, "openai", None, detail, None, None, now) for one in kept]
    log = [
        lines.LogLine(n, now, "owner", uuid4(), "imported", 0, "You", 1, (), "", bytes(32))
        for n in range(1, count + 1)
    ]
    found = {"collections": [home], "memories": kept, "sources": seen, "log": log}
    return made.made_of(found)


def test_a_restore_that_was_killed_at_every_stage_goes_on(ana: Person) -> None:
    tokens: list[str] = []
    begun = restores.begin(ana.access, upload(archive_of(MANY)))
    restores.start(
        ana.access,
        ana.owner_key,
        begun.id,
        PASSPHRASE,
        start=lambda job, token: tokens.append(token),
    )
    for stage in ("memories", "sources", "log"):
        killed(
            work(begun.id, tokens[0]),
            lambda: (row(ana).stage, row(ana).checkpoint > 0) == (stage, True),  # noqa: B023
        )
        seen = len(collections.listing(ana.access))
        assert seen == (0 if stage == "log" else 6)  # all at once, or nothing of it
        silence(ArchiveJob, ana)
    assert archiving.run(begun.id, tokens[0])
    there = reopened(ana)
    assert archives.get(there.access, begun.id).state == "done"
    assert count(ana, Memory) == count(ana, Source) == MANY
    assert count(ana, LogEntry) == access_log.verify(there.access) == MANY + 1


def test_a_restore_whose_keys_were_lost_goes_on_by_the_owners_word(ana: Person) -> None:
    from vault.models import JobSlot

    begun = restores.begin(ana.access, upload(archive_of(600)))
    tokens: list[str] = []
    restores.start(
        ana.access,
        ana.owner_key,
        begun.id,
        PASSPHRASE,
        start=lambda job, token: tokens.append(token),
    )
    with vault_scope(ana.vault_id):
        JobSlot.objects.filter(vault_id=ana.vault_id).delete()
        long_ago = timezone.now() - timedelta(hours=1)
        ArchiveJob.objects.filter(vault_id=ana.vault_id).update(lease_until=long_ago)
    assert archiving.run(begun.id, tokens[0])
    stalled = archives.get(ana.access, begun.id)
    assert (stalled.state, stalled.stalled) == ("checking", True)
    done = archives.resume(ana.access, ana.owner_key, begun.id, start=archiving.run)
    assert done.state == "done"
    assert count(ana, Memory) == 600


def test_a_restore_cancelled_in_the_middle_leaves_nothing(ana: Person) -> None:
    begun = restores.begin(ana.access, upload(archive_of(MANY)))
    tokens: list[str] = []
    restores.start(
        ana.access,
        ana.owner_key,
        begun.id,
        PASSPHRASE,
        start=lambda job, token: tokens.append(token),
    )
    killed(work(begun.id, tokens[0]), lambda: row(ana).stage == "sources")
    path = archives.path_of("restore", row(ana).file_id)
    assert path.exists()
    from sync.archives import wiping

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sync.tasks.wipe_archive.apply_async",
            lambda ids, **more: wiping.run(*(UUID(id) for id in ids)),
        )
        archives.cancel(ana.access, begun.id)
    assert archives.get(ana.access, begun.id).state == "cancelled"
    assert count(ana, Memory) == count(ana, Source) == 0
    assert not path.exists()
    assert len(collections.listing(ana.access)) == 6
    assert made.restore(ana, archive_of(1)).state == "done"


def test_an_erasure_that_was_killed_is_finished(ana: Person) -> None:
    remember(ana, MANY)
    erasure = erasing.begin(ana.access, ana.user, keep_account=True, start=lambda id: None)
    code = (
        "from uuid import UUID\nfrom sync import erasing\nerasing._PORTION = 20\n"
        f"erasing.run(UUID({str(erasure)!r}))"
    )
    killed(code, lambda: erasing.receipt(erasure).counts.get("memory", 0) > 0)
    assert 0 < count(ana, Memory) < MANY
    Erasure.objects.filter(id=erasure).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert erasing.run(erasure)
    receipt = erasing.receipt(erasure)
    assert (receipt.counts["memory"], receipt.left) == (MANY, 0)
    assert count(ana, Memory) == 0


def wait_for(person: Person, job: UUID, state: str, seconds: float = 120) -> Archive:
    deadline = time.monotonic() + seconds
    while (now := archives.get(person.access, job)).state != state:
        assert now.state != "failed", now
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    return now


@pytest.mark.full
def test_the_real_worker_killed_again_and_again(ana: Person, worker: Worker) -> None:
    """Real worker, real broker: lost messages come back by themselves."""
    remember(ana, 15 * MANY)
    begun = exports.begin(ana.access, ana.owner_key, passphrase=PASSPHRASE, again=PASSPHRASE)
    for _ in range(2):
        while archives.get(ana.access, begun.id).done == 0:
            time.sleep(0.02)
        worker.kill()
        worker.start_again()
    wait_for(ana, begun.id, "done")
    file, _ = exports.open_file(ana.access, begun.id)
    ben = new_person()
    with file:
        brought = restores.begin(ben.access, upload(file.read()))
    restores.start(ben.access, ben.owner_key, brought.id, PASSPHRASE)
    for stage in ("memories", "sources"):
        while row(ben).stage != stage:
            time.sleep(0.02)
        worker.kill()
        worker.start_again()
    deadline = time.monotonic() + 300
    while row(ben).state != "done" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert count(ben, Memory) == 15 * MANY

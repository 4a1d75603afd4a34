"""Erasing everything: the keys at once, all rows and files after, a receipt that names nobody."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone

from sync import erasing
from sync.archives import archive_sweeping, archiving, exports
from sync.importing import import_work, imports, reading
from sync.leases import Lease
from sync.models import Erasure
from tests.archives import PASSPHRASE, quick_locks
from tests.exports import talks, upload, zipped
from tests.people import PASSWORD, Person, new_person
from tests.sync.test_imports import begin as begin_import
from tests.sync.test_imports import bring_in
from vault import erasing as keys
from vault import memories, vaults
from vault.access import open_session, open_token
from vault.errors import Locked, NotFound, WrongSecret
from vault.keys.custodian import custodian
from vault.keys.jobs import open_job, start_job
from vault.models import CollectionKey, TenantModel, Vault
from vault.scope import vault_scope
from vault.types import Draft, Right

TENANTS = [m for m in apps.get_models() if issubclass(m, TenantModel)]
FOLDER = Path(settings.SATCHEL_UPLOADS_DIR)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with quick_locks():
        yield


@pytest.fixture
def ana() -> Person:
    return new_person()


def never(*args: object) -> None:
    """For work that somebody else does later, or nobody."""


def fill(person: Person) -> list[Path]:
    """Rows in many tables, and files on the disk; which files."""
    before = set(FOLDER.glob("*"))
    work = person.collection("Work")
    kept = memories.remember(person.access, work, Draft("I drink tea"))
    memories.revise(person.access, kept.id, text="I drink coffee")
    reader = person.grantee(Work=Right(see=True, add="ask"))
    memories.remember(reader, work, Draft("The owner likes jazz"))
    bring_in(person, zipped(talks(3)))
    begin_import(person, zipped(talks(2)))  # its file waits for the owner's yes
    exports.begin(
        person.access,
        person.owner_key,
        passphrase=PASSPHRASE,
        again=PASSPHRASE,
        start=archiving.run,
    )
    return sorted(set(FOLDER.glob("*")) - before)


def counts(person: Person) -> dict[str, int]:
    mine = {"vault_id": person.vault_id}
    with vault_scope(person.vault_id):
        found = {m.__name__: m._default_manager.filter(**mine).count() for m in TENANTS}
    return {name: count for name, count in found.items() if count}


def erase(person: Person, *, keep: bool = False, start: Any = erasing.run) -> UUID:
    return erasing.begin(person.access, person.user, keep_account=keep, start=start)


def test_nothing_of_the_person_is_left(ana: Person) -> None:
    files = fill(ana)
    assert len(files) == 2
    before = counts(ana)
    erasure = erase(ana)
    assert counts(ana) == {}
    assert not any(path.exists() for path in files)
    assert not Vault.objects.filter(id=ana.vault_id).exists()
    assert not User.objects.filter(pk=ana.user.pk).exists()
    receipt = erasing.receipt(erasure)
    assert receipt.finished_at
    assert receipt.counts["memory"] == before["Memory"]
    assert receipt.counts["logentry"] == before["LogEntry"]
    assert receipt.left == 0
    row = Erasure.objects.get(id=erasure)
    assert (row.erased_vault, row.owner_id) == (None, None)


def test_nobody_elses_rows_are_touched(ana: Person) -> None:
    ben = new_person()
    memories.remember(ben.access, ben.collection("Work"), Draft("Ben's"))
    before = counts(ben)
    erase(ana)
    assert counts(ben) == before
    assert vaults.recovery_confirmed(ben.access) is False


def test_the_keys_go_before_anything_else(ana: Person) -> None:
    """With the worker never coming, the rows are there and nothing opens them."""
    fill(ana)
    _, token = ana.token("my assistant", Work=Right(see=True))
    with vault_scope(ana.vault_id):
        job = start_job(ana.access, "import", ana.access.keyring, timedelta(hours=1))
    user = ana.user
    session = vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    login = {"owner_id": user.pk, "password": PASSWORD, "password_hash": user.password}
    erase(ana, keep=True, start=never)
    assert counts(ana)["Memory"] > 0
    for act, error in (
        (lambda: vaults.unlock(**login), WrongSecret),
        (lambda: vaults.recover(owner_id=user.pk, code=ana.recovery_code), WrongSecret),
        (lambda: open_token(token), Locked),
        (lambda: open_job(job, "Import"), Locked),
        (lambda: open_session(session.session_id, session.vault_id, session.secret), Locked),
    ):
        with pytest.raises(error):
            act()
    for name in ("KeySlot", "SessionSlot", "JobSlot", "CollectionKey", "GrantSlot", "GrantKey"):
        assert name not in counts(ana)


def test_no_wrapped_key_is_left_in_any_column(ana: Person) -> None:
    """The bytes themselves are looked for in every table."""
    fill(ana)
    with vault_scope(ana.vault_id):
        keys_of = CollectionKey.objects.filter(vault_id=ana.vault_id)
        wrapped = [bytes(row.wrapped) for row in keys_of]
    assert any(found(ana, part) for part in wrapped)
    erase(ana, start=never)
    assert not any(found(ana, part) for part in wrapped)


def found(person: Person, part: bytes) -> bool:
    with vault_scope(person.vault_id), connection.cursor() as cursor:
        for model in TENANTS:
            table = model._meta.db_table
            query = f'SELECT count(*) FROM "{table}" t WHERE vault_id = %s AND t::text LIKE %s'
            cursor.execute(query, [person.vault_id, f"%{part.hex()}%"])
            if cursor.fetchone()[0]:
                return True
    return False


def test_the_peppers_of_its_grants_are_destroyed(ana: Person) -> None:
    from vault.keys.custodian import PepperGone

    grant, _ = ana.token("my assistant", Work=Right(see=True))
    assert custodian().grant_pepper(grant.id)
    erase(ana)
    with pytest.raises(PepperGone):
        custodian().grant_pepper(grant.id)


def test_work_under_way_ends_and_writes_nothing_more(ana: Person) -> None:
    tokens: list[str] = []
    begun = imports.begin(ana.access, [upload(zipped(talks(3)))], start=reading.run)
    imports.accept(ana.access, begun.id, start=lambda id, token: tokens.append(token))
    erase(ana, keep=True)
    assert reading.run(begun.id, tokens[0])
    assert counts(ana) == {}


def test_a_worker_that_holds_the_keys_already_loses_its_hold(ana: Person) -> None:
    """It opened the job before; its next portion finds the lease gone and is rolled back."""
    from sync.errors import LostLease

    tokens: list[str] = []
    begun = imports.begin(ana.access, [upload(zipped(talks(3)))], start=reading.run)
    imports.accept(ana.access, begun.id, start=lambda id, token: tokens.append(token))
    work = import_work.Work(open_job(tokens[0], "Import"), begun.id)
    assert work.take()
    erase(ana, keep=True, start=never)
    with pytest.raises(LostLease):
        work.update(bytes_read=1)


def test_the_account_can_be_kept_for_a_new_vault(ana: Person) -> None:
    fill(ana)
    erase(ana, keep=True)
    user = User.objects.get(pk=ana.user.pk)
    assert user.check_password(PASSWORD)
    assert vaults.vault_of(user.pk) is None
    made = vaults.create(owner_id=user.pk, password=PASSWORD, password_hash=user.password)
    assert made.vault_id != ana.vault_id


def test_an_account_that_goes_cannot_sign_in_from_the_first_moment(ana: Person) -> None:
    erase(ana, start=never)
    user = User.objects.get(pk=ana.user.pk)
    assert not user.is_active
    assert not user.check_password(PASSWORD)


def test_every_browser_is_signed_out(ana: Person) -> None:
    from django.contrib import auth

    session = SessionStore()
    session[auth.SESSION_KEY] = str(ana.user.pk)
    session.save()
    other = SessionStore()
    other[auth.SESSION_KEY] = str(ana.user.pk + 1_000_000)
    other.save()
    erase(ana, keep=True)
    there = Session.objects.filter(session_key__in=[session.session_key, other.session_key])
    assert [row.session_key for row in there] == [other.session_key]


def test_the_sweep_goes_on(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a worker died, without any key."""
    fill(ana)
    before = counts(ana)["Memory"]
    monkeypatch.setattr(erasing, "_PORTION", 7)

    class Killed(BaseException):
        pass

    portions = []

    def dying(*args: Any) -> int:
        portions.append(args)
        if len(portions) == 4:
            raise Killed
        return once(*args)

    once = keys.delete_portion
    monkeypatch.setattr(keys, "delete_portion", dying)
    erasure = erase(ana, start=never)
    with pytest.raises(Killed):
        erasing.run(erasure)
    assert erasing.receipt(erasure).finished_at is None
    assert erasing.receipt(erasure).left > 0
    Erasure.objects.filter(id=erasure).update(lease_until=timezone.now() - timedelta(seconds=1))
    archive_sweeping.sweep()
    receipt = erasing.receipt(erasure)
    assert receipt.finished_at
    assert receipt.counts["memory"] == before
    assert counts(ana) == {}


def test_a_receipt_is_deleted_in_time(ana: Person) -> None:
    erasure = erase(ana)
    late = timezone.now() - timedelta(days=31)
    Erasure.objects.filter(id=erasure).update(finished_at=late)
    archive_sweeping.sweep()
    with pytest.raises(NotFound):
        erasing.receipt(erasure)


def test_only_its_owner_can_erase_a_vault(ana: Person) -> None:
    from vault.errors import Refused

    with pytest.raises(Refused):
        erasing.begin(ana.grantee(Work=Right(see=True)), ana.user, keep_account=True)
    assert counts(ana)["KeySlot"] == 2


def test_two_workers_at_one_erasure_count_once(ana: Person) -> None:
    fill(ana)
    erasure = erase(ana, start=never)
    assert Lease(lambda: Erasure.objects.filter(id=erasure), transaction.atomic).take()
    assert erasing.run(erasure) is False
    Erasure.objects.filter(id=erasure).update(lease_owner=None)
    assert erasing.run(erasure)
    receipt = erasing.receipt(erasure)
    assert receipt.finished_at
    assert receipt.left == 0

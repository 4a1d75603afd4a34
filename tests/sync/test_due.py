"""What runs every minute costs what is due, and not what exists; and what is due is written down in
the transaction of whatever changed it."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.database import OWNER
from sync.connections import connections as made
from sync.connections import runs, scheduling
from sync.models import Connection as Row
from sync.models import Due
from tests.people import Person, new_person
from tests.sync.remotes import Place, connected, run, shelves
from vault.granting import grants
from vault.ids import new_id
from vault.models import Vault
from vault.scope import vault_scope
from vault.types import Right

HOUR = timedelta(hours=1)
LATER = timezone.now() + 400 * HOUR


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The connections for which a message was left; those of other tests are not due."""
    Due.objects.update(at=LATER)
    found: list[str] = []

    class Outbox:
        @staticmethod
        def leave(task: object, *words: Any) -> bool:
            found.append(words[1])
            return True

    monkeypatch.setattr(scheduling, "outbox", Outbox)
    return found


@pytest.fixture
def ana() -> Person:
    return new_person()


@pytest.fixture
def place() -> Iterator[Place]:
    with shelves("A") as places:
        yield places["A"]


def vaults(count: int) -> list[UUID]:
    """So many bare vaults, each with a connection that is due in an hour."""
    people = User.objects.bulk_create([User(username=f"due-{uuid4()}") for _ in range(count)])
    there = Vault.objects.bulk_create([Vault(owner=one) for one in people])
    now = timezone.now()
    for one in there:
        with vault_scope(one.id):
            Row.objects.create(
                vault_id=one.id,
                id=new_id(),
                connector="shelf",
                grant_id=new_id(),
                owner_slot=b"-",
                server_slot=b"-",
                sealed=b"-",
                next_at=now + HOUR,
                created_at=now,
            )
    return [one.id for one in there]


def rows(vault_id: UUID) -> QuerySet[Due]:
    return Due.objects.filter(vault_id=vault_id)


def change(vault_id: UUID, **fields: Any) -> None:
    with vault_scope(vault_id):
        Row.objects.filter(vault_id=vault_id).update(**fields)


def queries() -> int:
    with CaptureQueriesContext(connection) as asked:
        scheduling.start_due()
    return len(asked)


def test_300_vaults_cost_what_their_two_due_ones_cost(left: list[str]) -> None:
    few, many = vaults(2), vaults(298)
    try:
        nothing = queries()
        for one in few:
            change(one, state="retracting", next_at=timezone.now() - HOUR)
        of_two = queries()
        assert nothing == 1 and len(left) == 2
        for one in many[:1]:
            change(one, state="retracting", next_at=timezone.now() - HOUR)
        of_one = queries()
        assert len(left) == 3
        assert of_two - nothing == 2 * (of_one - nothing) < 30
    finally:
        for one in (*few, *many):
            with vault_scope(one):
                Row.objects.filter(vault_id=one).delete()
        Vault.objects.filter(id__in=[*few, *many])._raw_delete("default")
    assert not Due.objects.filter(vault_id__in=[*few, *many]).exists()


def test_it_is_known_when_each_is_due_in_every_state(ana: Person, place: Place) -> None:
    a = connected(ana, "A")
    past = timezone.now() - HOUR
    for state in Row.State:
        for key, at in ((b"-", past), (None, past), (b"-", None), (b"-", LATER)):
            change(ana.vault_id, state=state, server_slot=key, next_at=at)
            known = list(rows(ana.vault_id).values_list("connection_id", "at"))
            fits = state in ("active", "failing", "retracting") and key and at
            assert known == ([(a.id, at)] if fits else []), (state, key, at)


def test_what_is_undone_was_never_due(ana: Person, place: Place) -> None:
    connected(ana, "A")
    before = rows(ana.vault_id).get().at
    with pytest.raises(RuntimeError), transaction.atomic():
        change(ana.vault_id, next_at=LATER)
        raise RuntimeError
    assert rows(ana.vault_id).get().at == before


def test_a_grant_that_was_revoked_elsewhere_ends_its_connection(
    ana: Person, place: Place, left: list[str]
) -> None:
    a = connected(ana, "A")
    run(ana, a)
    for _ in range(2):
        scheduling.start_due()
    assert left == []
    grants.revoke(ana.access, a.grant.id)
    scheduling.start_due()
    assert left == [str(a.id)]
    run(ana, a)
    assert made.get(ana.access, a.id).state == "gone"
    assert not rows(ana.vault_id).exists()


def test_one_that_is_paused_and_whose_grant_is_revoked_ends_too(
    ana: Person, place: Place, left: list[str]
) -> None:
    a = connected(ana, "A")
    made.pause(ana.access, a.id)
    scheduling.start_due()
    assert left == [] and not rows(ana.vault_id).exists()
    grants.revoke(ana.access, a.grant.id)
    scheduling.start_due()
    assert left == [str(a.id)]


def narrow(person: Person, grant_id: UUID) -> None:
    rights = {person.collection("Personal"): Right(see=True, add="no")}
    grants.change(person.access, grant_id, rights=rights)


def test_a_grant_that_was_changed_is_looked_at_again_soon(
    ana: Person, place: Place, left: list[str]
) -> None:
    a = connected(ana, "A")
    run(ana, a)
    narrow(ana, a.grant.id)
    scheduling.start_due()
    assert left == [str(a.id)]


def test_also_when_that_was_after_a_run_had_done_its_part(
    ana: Person, place: Place, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run itself sees nothing of it, and a look in the middle finds it busy."""
    a, checkpoint = connected(ana, "A"), runs.engine.checkpoint

    def too_late(*args: Any) -> dict[str, object]:
        narrow(ana, a.grant.id)
        scheduling.start_due()
        left.clear()
        return checkpoint(*args)

    monkeypatch.setattr(runs.engine, "checkpoint", too_late)
    run(ana, a)
    assert left == []
    scheduling.start_due()
    assert left == [str(a.id)]


def test_those_of_before_are_looked_at_once(ana: Person, place: Place, left: list[str]) -> None:
    """The migration finds them in every vault, as the tables' owner, who sees none unasked."""
    a = connected(ana, "A")
    change(ana.vault_id, next_at=LATER)
    Due.objects.all().delete()
    fill = import_module("sync.migrations.0008_due")._FILL
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(fill)
    connections[OWNER].close()
    assert rows(ana.vault_id).get().at < timezone.now()
    scheduling.start_due()
    assert str(a.id) not in left
    assert rows(ana.vault_id).get().at == LATER


def test_without_a_broker_it_stays_due(
    ana: Person, place: Place, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = connected(ana, "A")
    change(ana.vault_id, next_at=timezone.now() - HOUR)
    outbox = scheduling.outbox

    class Away:
        leave = staticmethod(lambda *words: False)

    monkeypatch.setattr(scheduling, "outbox", Away)
    assert scheduling.start_due() == 0
    monkeypatch.setattr(scheduling, "outbox", outbox)
    scheduling.start_due()
    assert left == [str(a.id)]


def test_it_says_nothing_but_ids_and_a_time() -> None:
    assert {field.name for field in Due._meta.get_fields()} == {"connection_id", "vault_id", "at"}

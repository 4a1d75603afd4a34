"""`kill -9` of a real worker in the middle of a run: nothing is lost or doubled at either side, and
the record of the run says that it broke off."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connections as databases
from django.db import transaction

from config.database import OWNER
from connectors.base.types import Account
from sync.connections import connections, runs
from sync.connections.connections import Settings
from sync.engine.links import Links
from sync.engine.pairing import Link
from sync.errors import NotNow
from sync.models import Connection as Row
from sync.models import Run
from tests.people import let_something_in, new_person
from tests.stack import Worker
from tests.sync.held_server import Held, held
from vault import memories
from vault.granting import connecting
from vault.scope import vault_scope
from vault.types import Draft, Right

OURS = sorted(f"Kept here {number}" for number in range(3))
THEIRS = sorted(f"Said there {number}" for number in range(4))
ALL = sorted([*OURS, *THEIRS])
BLOCKED = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'sync_link'::regclass"


@pytest.fixture
def server() -> Iterator[Held]:
    with held() as running:
        for text in THEIRS:
            running.write(text)
        yield running


class Trial:
    """A person whose memories and whose vendor's entries have to come together."""

    def __init__(self, server: Held) -> None:
        self.ana, self.server = new_person(), server
        home = self.ana.collection("Personal")
        for text in OURS:
            memories.remember(self.ana.access, home, Draft(text))
        made = connections.add(
            self.ana.access,
            self.ana.owner_key,
            "mem0-server",
            {"base_url": server.address, "user_id": "ana"},
            name="Held",
            rights={home: Right(see=True, add="yes")},
            settings=Settings(into_id=home, background=True),
            account=Account(f"{server.address}/ana", "ana"),
        )
        let_something_in(self.ana.vault_id, made.grant)
        self.id: UUID = made.id

    def begin(self) -> None:
        connections.run_now(self.ana.access, self.id)

    def runs(self) -> list[Run]:
        """The newest first."""
        return runs.newest(self.ana.vault_id, self.id)

    def until(self, true: Callable[[], object], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, [(one.outcome, one.said) for one in self.runs()]
            time.sleep(0.05)

    def is_repaired(self, worker: Worker) -> None:
        """By a new worker, in the next run that is due."""
        worker.start_again()
        self.until(self._began_anew)
        self.until(lambda: self.runs()[0].outcome)
        newest, *before = self.runs()
        assert newest.outcome == "done", newest.said
        assert "interrupted" in {one.outcome for one in before} <= {"interrupted", "done"}
        self.has_all_once()

    def has_all_once(self) -> None:
        row = connections.get(self.ana.access, self.id)
        found = memories.listing(self.ana.access, limit=100).memories
        assert sorted(one.text for one in found) == ALL
        assert self.server.texts() == ALL
        links = self.links()
        assert {one.memory_id for one in links} == {one.id for one in found}
        assert {one.remote_id for one in links} == {one["id"] for one in self.server.rows}
        assert sum(one.by_us for one in links) == len(OURS)
        assert row.state == "active"

    def links(self) -> list[Link]:
        with vault_scope(self.ana.vault_id):
            row = Row.objects.get(vault_id=self.ana.vault_id, id=self.id)
        key = connecting.by_server(row.vault_id, row.id, row.server_slot or b"")
        return [one.link for one in Links(key).every()]

    def _began_anew(self) -> bool:
        try:
            self.begin()
        except NotNow:  # what the killed one held is not given up yet
            return False
        return True


@pytest.fixture
def trial(server: Held) -> Trial:
    return Trial(server)


@contextmanager
def no_link_is_written() -> Iterator[Callable[[], bool]]:
    """Whoever writes a link waits in here. Answers whether somebody does."""
    with transaction.atomic(using=OWNER), databases[OWNER].cursor() as cursor:
        cursor.execute("LOCK TABLE sync_link IN SHARE ROW EXCLUSIVE MODE")

        def waits() -> bool:
            cursor.execute(BLOCKED)
            return cursor.fetchone() is not None

        yield waits


def test_killed_while_the_vendor_lists(worker: Worker, trial: Trial) -> None:
    trial.server.stop_at = ("GET", 2)  # the first is the look at the account
    trial.begin()
    trial.until(trial.server.reached.is_set)
    worker.kill()
    assert trial.server.texts() == THEIRS
    trial.is_repaired(worker)


def test_killed_between_the_vendors_answer_and_our_commit(worker: Worker, trial: Trial) -> None:
    trial.server.stop_at = ("POST", 2)
    trial.begin()
    trial.until(trial.server.reached.is_set)
    with no_link_is_written() as waits:
        trial.server.go_on.set()
        trial.until(waits)
        worker.kill()
    assert len(trial.server.rows) == len(THEIRS) + 2
    trial.is_repaired(worker)


def test_killed_while_the_vault_is_written(worker: Worker, trial: Trial) -> None:
    with no_link_is_written() as waits:
        trial.begin()
        trial.until(waits)
        worker.kill()
    found = memories.listing(trial.ana.access, limit=100).memories
    assert sorted(one.text for one in found) == OURS, "memory and link are one transaction"
    trial.is_repaired(worker)

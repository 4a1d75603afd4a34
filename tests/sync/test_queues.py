"""Runs of connections have a queue and a worker of their own: while all of its threads wait for
vendors that do not answer, what people ask for begins at once."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread

import pytest

from config import children
from config.celery import app
from config.schedule import DEFAULT_QUEUE, ROUTES, SYNC_QUEUE
from connectors.base.types import Account
from sync.connections import connections
from sync.connections.connections import Settings
from sync.importing import imports
from sync.models import Connection as Row
from tests.exports import talks, upload, zipped
from tests.people import Person, new_person
from tests.stack import ROOT, Stack, Worker, environment
from tests.sync.test_crashes import wait_for
from vault.scope import vault_scope
from vault.types import Right

MANY = 7
"""More runs than the sync worker has threads."""
THREADS = 2
"""Of the worker that does all else: so many runs would occupy it."""


class Silent(ThreadingTCPServer):
    """Takes every call and says nothing until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        self.over = over = Event()

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                over.wait(60)

        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def silent() -> Iterator[str]:
    with Silent() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.over.set()
        server.shutdown()


@pytest.fixture
def both(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The two workers as `up` starts them, each with its own queue."""
    monkeypatch.setenv("SATCHEL_PRIVATE_ENDPOINTS", "127.0.0.0/8")
    with ExitStack() as running:
        for started in (children.worker, children.sync_worker):
            running.enter_context(Worker(stack, queue="", started=started))
        yield


def connect(person: Person, address: str, number: int) -> None:
    home = person.collection("Personal")
    made = connections.add(
        person.access,
        person.owner_key,
        "mem0-server",
        {"base_url": address, "user_id": f"ana-{number}"},
        name=f"Silent {number}",
        rights={home: Right(see=True, add="yes")},
        settings=Settings(into_id=home, background=True),
        account=Account(f"ana-{number}", "ana"),
    )
    connections.run_now(person.access, made.id)


def under_way(person: Person) -> int:
    with vault_scope(person.vault_id):
        rows = Row.objects.filter(vault_id=person.vault_id)
        return rows.exclude(lease_owner=None).count()


def until(true: Callable[[], bool], seconds: float) -> float:
    """After how many seconds it was so."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.02)
    return time.monotonic() - began


def test_an_import_begins_while_more_runs_wait_than_there_are_threads(both: None) -> None:
    ana = new_person()
    with silent() as address:
        for number in range(MANY):
            connect(ana, address, number)
        until(lambda: under_way(ana) >= THREADS, 60)
        found = imports.begin(ana.access, [upload(zipped(talks(3, 2)))])
        wait_for(ana, found.id, "preview", seconds=30)
        assert under_way(ana) >= THREADS, "the runs were still waiting when the import was read"


def test_runs_go_to_their_own_queue_and_all_else_to_the_other() -> None:
    app.loader.import_default_modules()
    assert set(ROUTES) <= set(app.tasks)
    for name in app.tasks:
        found = app.amqp.router.route({}, name)["queue"].name
        waits = name in ("sync.tasks.run_connection", "sync.tasks.run_distilling")
        wanted = SYNC_QUEUE if waits else DEFAULT_QUEUE
        assert found == wanted, name


def test_a_worker_has_no_model_in_memory_before_it_needs_one() -> None:
    code = (
        "import sys, config.celery as c\n"
        "c.app.loader.import_default_modules()\n"
        "import sync.connections.runs\n"
        "from connectors.base.registry import connectors; connectors()\n"
        "print({'onnxruntime', 'fastembed', 'wordllama', 'tokenizers'} & set(sys.modules))\n"
    )
    command = (sys.executable, "-c", code)
    done = subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)
    assert done.stdout.decode().strip() == "set()"

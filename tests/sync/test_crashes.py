"""`kill -9` in the middle of an import: real worker, real broker, nothing lost or doubled."""

import time

from sync.importing import imports
from sync.types import Import, ImportState
from tests.exports import talks, upload, zipped
from tests.people import Person, new_person
from tests.stack import Worker
from vault import memories

TALKS, TURNS = 300, 10


def wait_for(person: Person, import_id: object, *states: ImportState, seconds: float) -> Import:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = imports.get(person.access, import_id)  # type: ignore[arg-type]
        if now.state in states:
            return now
        time.sleep(0.1)
    raise AssertionError(f"still {now.state} after {seconds} s: {now}")


def test_a_killed_worker_loses_and_doubles_nothing(worker: Worker) -> None:
    ana = new_person()
    found = imports.begin(ana.access, [upload(zipped(talks(TALKS, TURNS)))])
    found = wait_for(ana, found.id, "preview", seconds=60)
    assert found.found["turns"] == TALKS * TURNS
    imports.accept(ana.access, found.id)
    kills = 0
    deadline = time.monotonic() + 60
    while kills < 3 and time.monotonic() < deadline:
        now = imports.get(ana.access, found.id)
        if now.state == "done":
            break
        if (now.written, now.indexed) > (800 * kills, 0):
            worker.kill()
            kills += 1
            worker.start_again()
        time.sleep(0.05)
    assert kills
    done = wait_for(ana, found.id, "done", seconds=200)
    assert done.written == TALKS * TURNS
    counts = memories.counts(ana.access)
    assert counts.total == TALKS * TURNS
    assert counts.by_kind == {"episode": TALKS * TURNS}

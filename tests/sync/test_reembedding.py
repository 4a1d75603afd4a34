"""Switching the embedder with a real worker and a real embeddings API: nothing lost, nothing twice,
search answering all the while, and every way to fail said in words."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from sync.importing import imports
from sync.upkeep import embedding, reembedding
from sync.upkeep.embedding import Cursor
from sync.upkeep.reembedding import State
from tests import embeddings_api
from tests.embeddings_api import EmbeddingsApi
from tests.exports import talks, upload, zipped
from tests.people import Person, new_person
from tests.stack import Worker
from tests.sync.test_crashes import wait_for
from vault import bulk, memories
from vault.embedding import embedders, indexing, switching
from vault.errors import Locked, Refused
from vault.keys.jobs import open_job
from vault.models import JobSlot, Vector
from vault.recalling import recall
from vault.scope import vault_scope
from vault.search.choice import BUNDLED, Choice
from vault.types import Draft, Right

FULL = os.environ.get("SATCHEL_FULL") == "1"
MANY = 400 if FULL else 200


@pytest.fixture
def api() -> Iterator[EmbeddingsApi]:
    with EmbeddingsApi() as running:
        yield running


@pytest.fixture
def ana() -> Person:
    return new_person()


def fill(person: Person, count: int) -> None:
    """Memories that already have vectors of the bundled model."""
    home = person.collection("Personal")
    drafts = [(home, Draft(f"Note {number} about the bees")) for number in range(count)]
    bulk.remember_many(person.access, drafts)
    after = None
    while (portion := indexing.embed_next(person.access, after, 200)).last:
        after = portion.last


def tried(api: EmbeddingsApi, **more: str) -> Choice:
    return embedders.try_out(api.choice(**more)).choice


def wait_until(
    person: Person, enough: Callable[[State], bool], seconds: float = 60.0
) -> reembedding.State:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = reembedding.state(person.access)
        if enough(state):
            return state
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s: {state}")


def finished(state: State) -> bool:
    return state.progress.next is None


def models(person: Person) -> Counter[str]:
    with vault_scope(person.vault_id):
        rows = Vector.objects.filter(vault_id=person.vault_id)
        return Counter(rows.values_list("model", flat=True))


def jobs(person: Person) -> list[JobSlot]:
    with vault_scope(person.vault_id):
        return list(JobSlot.objects.filter(vault_id=person.vault_id, purpose="embed"))


class Tokens(list[str]):
    """Stands for the broker: keeps the job tokens it is given."""

    def __call__(self, token: str) -> None:
        self.append(token)


def test_a_killed_worker_loses_nothing_and_sends_hardly_anything_twice(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, MANY)
    choice = tried(api)
    old, new = embedders.space_of(BUNDLED).model, embedders.space_of(choice).model
    probes = len(api.texts)
    api.mood = embeddings_api.slow(0.2)
    reembedding.begin(ana.access, choice)
    kills, wanted, seen = 0, 3 if FULL else 1, [0]
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        state = reembedding.state(ana.access)
        if finished(state):
            break
        seen.append(state.progress.done)
        if kills < wanted and state.progress.done > 60 * (kills + 1):
            worker.kill()
            kills += 1
            worker.start_again()
        assert len(recall.search(ana.access, "what did I note on bees", limit=3)) == 3
        assert models(ana)[old] == MANY
        time.sleep(0.1)
    assert finished(state), state
    assert kills == wanted
    assert all(before <= after for before, after in pairwise(seen))
    sent = Counter(api.texts[probes:])
    notes = [sent[f"Note {number} about the bees"] for number in range(MANY)]
    assert min(notes) == 1
    assert sum(notes) <= MANY + kills * 2 * 64
    hits = recall.search(ana.access, "Note 7 about the bees", limit=1)
    assert hits[0].memory.text == "Note 7 about the bees"
    assert not hits[0].degraded
    deadline = time.monotonic() + 40
    while old in models(ana) or jobs(ana):
        assert time.monotonic() < deadline, (models(ana), jobs(ana))
        time.sleep(0.1)
    assert models(ana) == {new: MANY}
    assert "Note 7" not in worker.log


def test_memories_that_come_during_the_switch_are_switched_too(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, 150)
    choice = tried(api)
    api.mood = embeddings_api.slow(0.1)
    reembedding.begin(ana.access, choice)
    came = 0
    while not finished(reembedding.state(ana.access)) and came < 60:
        memories.remember(ana.access, ana.collection("Personal"), Draft(f"Came along {came}"))
        came += 1
    wait_until(ana, finished)
    assert indexing.waiting(ana.access) == 0
    assert embedders.choice(ana.access, ana.collection("Personal")) == choice


def test_a_server_in_trouble_is_waited_for_and_the_reason_is_shown(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, 20)
    choice = tried(api)
    api.mood = embeddings_api.status(429, Retry_After="1")
    reembedding.begin(ana.access, choice)
    state = wait_until(ana, lambda state: bool(state.progress.trouble))
    assert "busy" in state.progress.trouble
    assert choice.host in state.progress.trouble
    assert state.work == "going"
    assert recall.search(ana.access, "bees")
    api.mood = None
    wait_until(ana, finished)


def test_a_refused_key_stops_it_until_the_owner_has_given_another(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, 20)
    choice = tried(api, key="sk-good-at-first")
    api.mood = lambda asked: (
        asked.handler.headers["Authorization"] != "Bearer sk-better"
        and embeddings_api.status(401)(asked)
    )
    reembedding.begin(ana.access, choice)
    state = wait_until(ana, lambda state: state.work == "stalled")
    assert "API key" in state.progress.trouble
    assert jobs(ana) == []  # no key waits on the server for what only the owner can mend
    assert not reembedding.catch_up(ana.access)
    switching.change_key(ana.access, "sk-better")
    reembedding.resume(ana.access)
    wait_until(ana, finished)
    assert "sk-" not in worker.log


def test_an_import_goes_through_while_the_server_is_down_and_is_embedded_later(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    reembedding.begin(ana.access, tried(api))
    wait_until(ana, lambda state: finished(state) and not jobs(ana))
    api.mood = embeddings_api.status(401)
    found = imports.begin(ana.access, [upload(zipped(talks(3, 4)))])
    wait_for(ana, found.id, "preview", seconds=60)
    imports.accept(ana.access, found.id)
    wait_for(ana, found.id, "done", seconds=60)
    assert indexing.waiting(ana.access) == 12
    assert memories.counts(ana.access).total == 12
    api.mood = None
    reembedding._looked.clear()
    assert reembedding.catch_up(ana.access)
    deadline = time.monotonic() + 60
    while indexing.waiting(ana.access):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_cancelling_stops_the_worker_and_deletes_what_it_made(
    worker: Worker, api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, 300)
    before = models(ana)
    choice = tried(api)
    api.mood = embeddings_api.slow(0.3)
    reembedding.begin(ana.access, choice)
    wait_until(ana, lambda state: state.progress.done > 0)
    reembedding.cancel(ana.access)
    assert models(ana) == before
    asked = len(api.requests)
    time.sleep(1.5)
    assert len(api.requests) <= asked + 2  # the portion that was under way
    assert models(ana) == before
    assert reembedding.state(ana.access).work == "none"


def test_only_one_worker_at_a_time_has_the_job(api: EmbeddingsApi, ana: Person) -> None:
    fill(ana, 10)
    tokens = Tokens()
    reembedding.begin(ana.access, tried(api), start=tokens)
    held = embedding.Turn(open_job(tokens[0], "test"))
    assert held.take()
    again = embedding.run(tokens[0], Cursor("next"))
    assert again is not None
    assert again.cursor == Cursor("next")
    assert switching.progress(ana.access).done == 0
    held.release()
    assert embedding.run(tokens[0], Cursor("next")) is not None
    assert switching.progress(ana.access).next is None


def test_a_job_begun_anew_ends_the_one_before(api: EmbeddingsApi, ana: Person) -> None:
    fill(ana, 10)
    tokens = Tokens()
    reembedding.begin(ana.access, tried(api), start=tokens)
    old = embedding.Turn(open_job(tokens[0], "test"))
    assert old.take()
    reembedding.resume(ana.access, start=tokens)
    with pytest.raises(embedding.LostLease):
        old.renew()
    assert embedding.run(tokens[0], Cursor()) is None
    with pytest.raises(Locked):
        open_job(tokens[0], "test")
    assert len(jobs(ana)) == 1


def test_turns_go_on_where_the_last_one_ended(
    api: EmbeddingsApi, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(ana, 30)
    monkeypatch.setattr(embedding, "_TURN", -1.0)
    monkeypatch.setattr(embedding, "_PORTION", 8)
    tokens = Tokens()
    reembedding.begin(ana.access, tried(api), start=tokens)
    cursor: Cursor | None = Cursor()
    stages = []
    while cursor is not None:
        stages.append((cursor.stage, switching.progress(ana.access).done))
        again = embedding.run(tokens[0], cursor)
        cursor = Cursor.read(again.cursor.to_json()) if again else None
    assert stages == [
        ("present", 0),
        *(("next", done) for done in (0, 8, 16, 24, 30)),
        ("sweep", 30),
    ]
    assert jobs(ana) == []


def test_lost_keys_are_noticed_and_found_again_when_the_owner_comes(
    api: EmbeddingsApi, ana: Person
) -> None:
    fill(ana, 5)
    tokens = Tokens()
    reembedding.begin(ana.access, tried(api), start=tokens)
    assert reembedding.state(ana.access).work == "going"
    assert not reembedding.catch_up(ana.access, start=tokens)
    with vault_scope(ana.vault_id):
        silent = timezone.now() + embedding.KEPT - timedelta(minutes=6)
        JobSlot.objects.filter(vault_id=ana.vault_id).update(expires_at=silent)
    assert reembedding.state(ana.access).work == "stalled"
    with vault_scope(ana.vault_id):
        JobSlot.objects.filter(vault_id=ana.vault_id).delete()
    assert reembedding.state(ana.access).work == "stalled"
    reembedding._looked.clear()
    assert reembedding.catch_up(ana.access, start=tokens)
    assert len(tokens) == 2
    embedding.run(tokens[1], Cursor())
    assert embedding.run(tokens[1], Cursor("next"))
    assert switching.progress(ana.access).next is None


def test_nothing_to_do_starts_nothing(ana: Person) -> None:
    fill(ana, 3)
    tokens = Tokens()
    reembedding._looked.clear()
    assert not reembedding.catch_up(ana.access, start=tokens)
    assert tokens == []
    with pytest.raises(Refused):
        reembedding.catch_up(ana.grantee(Personal=Right(see=True)), start=tokens)


def test_a_way_out_stays_open_when_the_present_server_is_gone(
    api: EmbeddingsApi, ana: Person
) -> None:
    tokens = Tokens()
    reembedding.begin(ana.access, tried(api), start=tokens)
    api.mood = embeddings_api.status(500)
    memories.remember(ana.access, ana.collection("Personal"), Draft("Without a vector"))
    reembedding.begin(ana.access, BUNDLED, start=tokens)
    cursor: Cursor | None = Cursor()
    while cursor is not None:
        again = embedding.run(tokens[-1], cursor)
        cursor = again.cursor if again else None
    assert switching.progress(ana.access).now == BUNDLED
    assert indexing.waiting(ana.access) == 0

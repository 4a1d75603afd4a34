"""Distilling that is killed, raced, locked out, rekeyed or erased: nothing is proposed twice, what
was under way at most is asked twice, and nothing of it is told to a log."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connections
from django.utils import timezone

from sync import erasing, leases
from sync.distilling import model, reading, runs, work
from sync.models import Distilled, Distilling, DistillingModel, Proposed
from sync.upkeep import resealing
from tests import chat_api
from tests.chat_api import ChatApi
from tests.people import Person, new_person
from tests.stack import Worker
from tests.sync.distil import (
    Tokens,
    begin,
    distil,
    go_on,
    proposals,
    resume,
    talk,
    wait_until,
    words,
)
from vault.errors import NotFound
from vault.keys import rotation
from vault.models import JobSlot
from vault.reviewing import distilled, suggestions
from vault.scope import vault_scope

FULL = os.environ.get("SATCHEL_FULL") == "1"
MANY, KILLS = (40, 4) if FULL else (10, 1)


@pytest.fixture
def api() -> Iterator[ChatApi]:
    with ChatApi() as running:
        yield running


@pytest.fixture
def ana() -> Person:
    return new_person()


def test_a_killed_worker_loses_and_doubles_nothing(
    worker: Worker, api: ChatApi, ana: Person
) -> None:
    for number in range(MANY):
        talk(ana, f"t{number}", f"I own thing {number}.", "Fine.", f"I like dish {number}.")
    api.mood = chat_api.slow(0.4)
    model.save(ana.access, api.choice(key="sk-canary"))
    begun = begin(ana, api, start=runs.send)
    kills = 0
    while (run := runs.get(ana.access, begun.id)).state == "working":
        if kills < KILLS and run.done > 2 * kills + 1:
            worker.kill()
            kills += 1
            worker.start_again()
        wait_until(
            ana, begun.id, lambda now, done=run.done: now.done > done or now.state != "working"
        )
    assert run.state == "done"
    assert kills == KILLS
    assert run.counts["proposed"] == MANY * 2
    assert Counter(words(ana)) == Counter(
        [f"I own thing {n}" for n in range(MANY)] + [f"I like dish {n}" for n in range(MANY)]
    )
    asked = Counter(line for line in api.texts if "thing" in line)
    assert len(asked) == MANY
    assert sum(asked.values()) <= MANY + kills
    for canary in ("thing 1", "sk-canary", "dish"):
        assert canary not in worker.log


def test_work_that_dies_between_the_answer_and_its_writing_asks_that_once_more(
    ana: Person, api: ChatApi
) -> None:
    for number in range(3):
        talk(ana, f"t{number}", f"I own thing {number}.")
    tokens = Tokens()
    begun = begin(ana, api, start=tokens)

    class Power(BaseException): ...

    with patch.object(reading, "_commit", side_effect=Power), pytest.raises(Power):
        work.run(*tokens[0])
    free_lease(ana)
    assert words(ana) == []
    run = go_on(ana, begun.id, tokens)
    assert sorted(words(ana)) == [f"I own thing {n}" for n in range(3)]
    assert len(api.asked) == 4
    assert run.tokens_in == 400  # what was paid for counts, lost or not


def free_lease(person: Person) -> None:
    """As when a dead worker's time is over."""
    with vault_scope(person.vault_id):
        rows = Distilling.objects.filter(vault_id=person.vault_id)
        rows.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_two_workers_do_not_work_at_one_run(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    tokens = Tokens()
    begin(ana, api, start=tokens)
    seen: list[work.Again | None] = []

    def meanwhile(asked: chat_api.Asked) -> bool:
        seen.append(work.run(*tokens[0]))
        connections.close_all()
        return False

    api.mood = meanwhile
    assert work.run(*tokens[0]) is None
    assert seen == [work.Again(leases.LASTS.total_seconds() / 2)]
    assert words(ana) == ["I like tea"]
    assert work.run(*tokens[0]) is None  # a message that was delivered once more


def test_stopped_while_the_model_answers_nothing_is_written(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    tokens = Tokens()
    begun = begin(ana, api, start=tokens)

    def meanwhile(asked: chat_api.Asked) -> bool:
        runs.stop(ana.access, begun.id)
        connections.close_all()
        return False

    api.mood = meanwhile
    assert work.run(*tokens[0]) is None
    assert runs.get(ana.access, begun.id).state == "paused"
    assert words(ana) == []
    api.mood = None
    assert resume(ana, begun.id).state == "done"
    assert words(ana) == ["I like tea"]


def test_locking_on_every_device_takes_its_keys_and_the_owner_lets_it_go_on(
    ana: Person, api: ChatApi
) -> None:
    talk(ana, "t", "I like tea.")
    tokens = Tokens()
    begun = begin(ana, api, start=tokens)
    with vault_scope(ana.vault_id):
        JobSlot.objects.filter(vault_id=ana.vault_id).delete()
    assert work.run(*tokens[0]) is None
    assert api.requests == []
    assert runs.get(ana.access, begun.id).stalled
    assert resume(ana, begun.id).state == "done"


def test_a_new_key_for_the_collection_keeps_model_run_and_proposals(
    ana: Person, api: ChatApi
) -> None:
    talk(ana, "t", "I like tea.")
    talk(ana, "u", "I own a boat.")
    run = distil(ana, api, most=1)
    home = ana.collection("Personal")
    rotation.rotate(ana.access, ana.owner_key, home)
    sent: list[str] = []
    assert resealing.start(ana.access, start=sent.append)
    resealing.run(sent[0])
    with vault_scope(ana.vault_id):
        assert rotation.with_old_keys(ana.access) == []
        assert DistillingModel.objects.get(vault_id=ana.vault_id).epoch == 2
    assert model.chosen(ana.access) == api.choice()
    assert runs.get(ana.access, run.id).model == "toy"
    (one,) = proposals(ana)
    assert one.evidence is not None
    assert len(one.evidence.lines) == 1
    suggestions.decline(ana.access, one.id)
    talk(ana, "v", one.text + ".")
    run = distil(ana, api)  # and what was refused is still known
    assert run.counts["before"] == 1


def test_a_key_that_changes_during_a_run_pauses_it(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    tokens = Tokens()
    begun = begin(ana, api, start=tokens)
    rotation.rotate(ana.access, ana.owner_key, ana.collection("Personal"))
    sent: list[str] = []
    assert resealing.start(ana.access, start=sent.append)
    resealing.run(sent[0])
    with vault_scope(ana.vault_id):  # the run still needs the old key for what is sealed in it
        assert rotation.with_old_keys(ana.access)
    run = go_on(ana, begun.id, tokens)
    assert run.state == "paused"
    assert "key" in run.said
    assert api.requests == []
    assert resume(ana, begun.id).state == "done"
    assert words(ana) == ["I like tea"]


def test_erasing_ends_it_and_leaves_nothing(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    talk(ana, "u", "I own a boat.")
    distil(ana, api, most=1)
    tokens = Tokens()
    begin(ana, api, start=tokens)
    before = len(api.requests)
    ids: list[object] = []
    erasing.begin(ana.access, ana.user, keep_account=True, start=ids.append)
    with vault_scope(ana.vault_id):
        assert not DistillingModel.objects.filter(vault_id=ana.vault_id).exists()
        assert not Distilling.objects.filter(vault_id=ana.vault_id).exclude(sealed=b"").exists()
    assert work.run(*tokens[0]) is None
    assert len(api.requests) == before
    erasing.run(ids[0])  # type: ignore[arg-type]
    with vault_scope(ana.vault_id):
        for table in (Distilled, Distilling, DistillingModel, Proposed):
            assert not table.objects.filter(vault_id=ana.vault_id).exists()


def test_a_fault_of_ours_tells_the_log_its_place_alone(
    ana: Person, api: ChatApi, caplog: pytest.LogCaptureFixture
) -> None:
    talk(ana, "t", "I like tea.")
    with patch.object(reading, "_sifted", side_effect=RuntimeError("I like tea.")):
        run = distil(ana, api)
    assert run.state == "paused"
    assert "our side" in run.said
    assert "tea" not in caplog.text
    assert "RuntimeError at" in caplog.text
    assert resume(ana, run.id).state == "done"


def test_too_many_proposals_wait_for_their_owner(ana: Person, api: ChatApi) -> None:
    for number in range(3):
        talk(ana, f"t{number}", f"I own thing {number}.")
    with patch.object(distilled, "MOST_WAITING", 2):
        run = distil(ana, api)
        assert run.state == "paused"
        assert "Review" in run.said
        assert len(words(ana)) == 2
        suggestions.decline(ana.access, proposals(ana)[0].id)
        assert resume(ana, run.id).state == "done"


def test_another_persons_runs_do_not_exist(ana: Person, api: ChatApi) -> None:
    talk(ana, "t", "I like tea.")
    run = distil(ana, api)
    ben = new_person()
    for act in (runs.get, runs.stop, runs.resume, runs.end):
        with pytest.raises(NotFound):
            act(ben.access, run.id)
    assert model.get(ben.access) is None
    assert runs.listing(ben.access) == []

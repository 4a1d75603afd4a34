"""The page of whoever runs the server: who may see it, what it says when something is wrong."""

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as conf
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError as NoBroker
from pytest_django.fixtures import Settings

from sync import tasks
from sync.models import Import
from sync.upkeep import heartbeat, serverhealth
from tests.people import Person, new_person, signed_in
from vault.ids import new_id
from vault.scope import vault_scope

ADDRESS = "/settings/server/"


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.SATCHEL_UPLOADS_DIR = tmp_path
    return tmp_path


@pytest.fixture
def operator(person: Person, settings: Settings, folder: Path) -> Client:
    settings.SATCHEL_OPERATORS = [person.user.email.upper()]
    return signed_in(person)


def shown(operator: Client) -> str:
    answer = operator.get(ADDRESS)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_is_not_there_for_anybody_else(client: Client, settings: Settings) -> None:
    assert client.get(ADDRESS).status_code == 404
    ordinary = new_person()
    assert signed_in(ordinary).get(ADDRESS).status_code == 404
    settings.SATCHEL_OPERATORS = ["other@example.org", ""]
    assert signed_in(ordinary).get(ADDRESS).status_code == 404
    assert client.get(ADDRESS).status_code == 404
    assert b"Server health" not in signed_in(ordinary).get("/settings/").content
    assert b"Server health" not in signed_in(ordinary).get("/go/?q=server").content


def test_an_address_that_only_looks_alike_is_another(settings: Settings, person: Person) -> None:
    settings.SATCHEL_OPERATORS = ["ops@example.org"]
    person.user.email = "op\u017f@example.org"  # a long s
    person.user.save()
    assert signed_in(person).get(ADDRESS).status_code == 404


def test_without_the_setting_nobody_is_named() -> None:
    assert conf.SATCHEL_OPERATORS == []


def test_the_operator_is_led_there(operator: Client) -> None:
    assert ADDRESS in operator.get("/settings/").content.decode()
    assert ADDRESS in operator.get("/go/?q=server").content.decode()


def test_all_is_well_once_every_worker_gave_a_sign(operator: Client, folder: Path) -> None:
    before = shown(operator)
    assert "Something needs you" in before and before.count("No sign yet") == 2
    for queue in ("satchel", "sync"):
        tasks.beat(queue)
    health = serverhealth.look()
    assert health.database is not None and health.database.missing == 0
    assert health.broker and health.keys
    assert [queue.name for queue in health.queues] == ["satchel", "sync"]
    assert all(queue.alive and queue.waiting is not None for queue in health.queues)
    page = shown(operator)
    assert "No sign yet" not in page
    assert ("All is well" in page) == (health.disk is not None and not health.disk.low)


def test_a_silent_worker_is_told(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for queue in ("satchel", "sync"):
        tasks.beat(queue)
    monkeypatch.setattr(serverhealth, "SILENT_AFTER", timedelta(seconds=-1))
    assert "Something needs you" in shown(operator)


def test_a_message_through_the_broker_leaves_a_sign(worker: object) -> None:
    before = heartbeat.last_beat("sync")
    tasks.beat.apply_async(("sync",), queue="sync")
    until = time.monotonic() + 20
    while heartbeat.last_beat("sync") == before and time.monotonic() < until:
        time.sleep(0.05)
    assert heartbeat.last_beat("sync") != before


def test_what_does_not_answer_is_told_and_the_page_still_stands(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_broker(*_: object, **__: object) -> None:
        raise NoBroker("canary")

    def no_tables(*_: object, **__: object) -> None:
        raise OperationalError("canary")

    monkeypatch.setattr(serverhealth.Broker, "ensure_connection", no_broker)
    monkeypatch.setattr(serverhealth, "MigrationExecutor", no_tables)
    page = shown(operator)
    assert page.count("Does not answer") == 2
    assert "what waits is not known" in page
    assert "canary" not in page


def test_a_queue_tells_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app

    monkeypatch.setattr(serverhealth, "_queue_names", lambda: ["nobody works on this"])
    assert serverhealth._depths() == {"nobody works on this": 0}
    with current_app.connection_for_write() as broker:
        queue = broker.SimpleQueue("nobody works on this")
        for _ in range(3):
            queue.put({})
        assert serverhealth._depths() == {"nobody works on this": 3}
        queue.clear()
        queue.close()


def test_failures_are_sums_over_all_vaults(person: Person, folder: Path) -> None:
    heartbeat.count_failures()
    before = heartbeat.failures()
    assert before is not None
    now = timezone.now()
    with vault_scope(person.vault_id):
        for age in (1, 30):
            Import.objects.create(
                vault_id=person.vault_id,
                id=new_id(),
                state=Import.State.FAILED,
                collection_id=person.collection("Work"),
                target_id=person.collection("Work"),
                epoch=1,
                sealed=b"",
                started_at=now - timedelta(days=age),
            )
    tasks.count_failures()
    after = heartbeat.failures()
    assert after is not None and after.counts["imports"] == before.counts["imports"] + 1
    kept = json.loads((folder / "failures.json").read_text())
    assert set(kept) == {"at", "counts"} and set(kept["counts"]) == set(heartbeat.FAILING)
    assert str(person.vault_id) not in json.dumps(kept)
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize("said", ["", "{}", "[]", '{"at": "x", "counts": {}}', "null"])
def test_a_broken_count_is_no_count(folder: Path, said: str) -> None:
    (folder / "failures.json").write_text(said)
    assert heartbeat.failures() is None


def test_nothing_on_it_is_about_a_person(operator: Client, person: Person) -> None:
    page = shown(operator).split('id="health"')[1].split("</main>")[0]
    assert person.user.email not in page and str(person.vault_id) not in page


def test_refreshing_can_be_paused(operator: Client) -> None:
    assert 'hx-trigger="every 10s"' in shown(operator)
    paused = operator.get(f"{ADDRESS}?paused").content.decode()
    assert 'hx-trigger="every 10s"' not in paused and "Go on refreshing" in paused

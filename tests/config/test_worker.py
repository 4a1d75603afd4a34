"""A real worker: what it is given gets done, also when it is killed, and never gets into a log."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.celery import app
from config.schedule import BEAT_SCHEDULE
from tests.config import tasks
from tests.stack import Stack, Worker

CANARY = "canary-71b0e2"


@pytest.fixture(scope="module")
def own_worker(stack: Stack) -> Iterator[Worker]:
    """One that may be killed, with this folder's tasks."""
    with Worker(stack, include="tests.config.tasks", queue="trial") as running:
        yield running


def _until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_a_task_is_done(own_worker: Worker, tmp_path: Path) -> None:
    tasks.write.apply_async((str(tmp_path / "out"), "hello"), queue="trial")
    assert _until(lambda: _lines(tmp_path / "out") == ["hello"], 20)


def test_arguments_results_and_error_texts_stay_out_of_the_log(
    own_worker: Worker, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tasks.write.apply_async((str(out), CANARY), queue="trial")
    tasks.fail.apply_async((CANARY,), {}, queue="trial")
    app.send_task("no.such.task", (CANARY,), queue="trial")
    tasks.write.apply_async((str(out), "last"), queue="trial")
    assert _until(lambda: "last" in _lines(out), 20)
    assert _until(lambda: "no.such.task" in own_worker.log, 20)
    assert _until(lambda: "builtins.ValueError" in own_worker.log, 20)
    assert CANARY not in own_worker.log


def test_headers_of_a_message_do_not_repeat_its_arguments() -> None:
    with app.connection_for_write() as connection, connection.channel() as channel:
        tasks.write.apply_async(("/nowhere", CANARY), queue="unread")
        message = app.amqp.queues["unread"](channel).get()
        assert CANARY not in str(message.headers)
        message.ack()


def test_a_killed_worker_loses_nothing(own_worker: Worker, tmp_path: Path) -> None:
    """What it was doing runs again, once the visibility timeout of 8 s is over."""
    out = tmp_path / "out"
    tasks.write_slowly.apply_async((str(out), "a"), queue="trial")
    assert _until(lambda: _lines(out) == ["began a"], 20)
    own_worker.kill()
    own_worker.start_again()
    assert _until(lambda: "ended a" in _lines(out), 60), own_worker.log
    assert _lines(out) == ["began a", "began a", "ended a"]


def test_a_worker_outlives_its_broker(stack: Stack, own_worker: Worker, tmp_path: Path) -> None:
    """The broker is killed and started again: queued work is still there and gets done."""
    out = tmp_path / "out"
    broker = stack.broker
    os.kill(broker.pid, signal.SIGKILL)
    stack.restart_broker()
    assert _until(lambda: _sent(out), 30)
    assert _until(lambda: "again" in _lines(out), 60), own_worker.log


def _sent(out: Path) -> bool:
    try:
        tasks.write.apply_async((str(out), "again"), queue="trial", retry=False)
    except OSError:
        return False
    return True


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)

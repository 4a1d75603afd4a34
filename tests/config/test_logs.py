"""Nothing that could be a secret or a memory gets into a log line."""

import logging
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from config.logs import NoTaskContents, OneLine, scrub
from tests.stack import Live, Worker
from vault.errors import VaultError

CANARY = "canary-5f2c9e"


def _record(name: str, message: str, *args: object, **extra: object) -> logging.LogRecord:
    exc_info = sys.exc_info() if extra.pop("with_exception", False) else None
    record = logging.LogRecord(name, logging.ERROR, "f.py", 1, message, args, exc_info)
    record.__dict__.update(extra)
    return record


@pytest.mark.parametrize(
    "text",
    [
        f"GET /memories/?q={CANARY} failed",
        f"https://host/path?a=1&token={CANARY}",
        f"Authorization: Bearer {CANARY}.aaa",
        f"token satchel_{CANARY} was refused",
        f"redis://user:{CANARY}@host:6379/0",
    ],
)
def test_queries_tokens_and_passwords_are_scrubbed(text: str) -> None:
    assert CANARY not in scrub(text)


def test_ordinary_words_stay() -> None:
    text = "Really? Run 7 of connection 12 took 3 s (why? retry=2)"
    assert scrub(text) == text


def test_a_record_is_one_line_whatever_it_holds() -> None:
    line = OneLine().format(_record("sync", "first\nsecond\r\n%s", "third\nfourth"))
    assert "\n" not in line
    assert "first second third fourth" in line


def test_a_librarys_exception_is_told_by_type_and_place_only() -> None:
    try:
        int(CANARY)
    except ValueError:
        line = OneLine().format(_record("vault", "It broke.", with_exception=True))
    assert CANARY not in line
    assert "error=builtins.ValueError" in line
    assert "config/test_logs.py:" in line


def test_our_own_exceptions_speak_since_their_words_are_for_people() -> None:
    try:
        raise VaultError("There is no such collection.")
    except VaultError:
        line = OneLine().format(_record("vault", "It broke.", with_exception=True))
    assert "There is no such collection." in line


def test_an_exception_raised_from_another_does_not_bring_the_others_words() -> None:
    try:
        try:
            int(CANARY)
        except ValueError as cause:
            raise VaultError("It could not be read.") from cause
    except VaultError:
        line = OneLine().format(_record("vault", "It broke.", with_exception=True))
    assert CANARY not in line


def test_celery_does_not_quote_what_a_task_was_given_or_gave() -> None:
    message = "Task %(name)s[%(id)s] %(description)s: %(exc)s %(args)s %(return_value)s"
    given = {"name": "t", "id": "1", "description": "raised"}
    secret = dict.fromkeys(("exc", "args", "kwargs", "return_value"), CANARY)
    record = _record("celery.app.trace", message, {**given, **secret})
    NoTaskContents().filter(record)
    assert CANARY not in record.getMessage()
    assert "Task t[1] raised" in record.getMessage()


def test_celery_does_not_quote_a_message_it_cannot_use() -> None:
    from celery.worker.consumer import consumer

    for template in (consumer.UNKNOWN_TASK_ERROR, consumer.INVALID_TASK_ERROR):
        args = ("no.such.task", *([CANARY] * (template.count("%") - 1)))
        record = _record("celery.worker.consumer.consumer", template, *args)
        NoTaskContents().filter(record)
        assert CANARY not in record.getMessage()
        assert "no.such.task" in record.getMessage()


def test_the_servers_log_repeats_nothing_of_a_request(live: Live) -> None:
    headers = {"Authorization": f"Bearer satchel_{CANARY}", "Cookie": f"satchel={CANARY}"}
    with httpx.Client(base_url=live.url, headers=headers, timeout=20) as client:
        for method, path in (
            ("POST", f"/accounts/login/?next={CANARY}"),
            ("POST", f"/api/v1/memories?q={CANARY}"),
            ("GET", f"/api/v1/nothing-here?q={CANARY}"),
            ("GET", f"/accounts/nothing-here/?q={CANARY}"),
        ):
            client.request(method, path, data={"password": CANARY})
        answer = client.get("/", headers={"Host": f"{CANARY}.example.org"})
    assert answer.status_code == 400
    assert CANARY not in live.log.replace(f"{CANARY}.example.org", "")


def test_server_and_worker_do_not_dump_their_memory(live: Live, worker: Worker) -> None:
    assert live.running
    assert worker.running
    inside = psutil.Process(live.running.pid).children()
    for pid in [worker.running.pid, *(p.pid for p in inside if "tracker" not in str(p.cmdline()))]:
        limits = Path(f"/proc/{pid}/limits")
        if limits.exists():
            (core,) = (row for row in limits.read_text().splitlines() if "core file" in row)
            assert core.split()[4:6] == ["0", "0"]

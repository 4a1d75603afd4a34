"""The door of /mcp within this process: what a live server cannot be made to do from outside."""

import asyncio
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from api import throttles
from api.mcp import arrivals, gate
from tests.api.mcp.callers import apart
from tests.people import Person, new_person
from vault.errors import Tampered
from vault.granting import grants, tokens
from vault.types import Right

SEES = Right(see=True)


@pytest.fixture(scope="module")
def ana() -> Person:
    return new_person()


class Inside:
    """The gate alone, in front of an application of ours."""

    def __init__(self, inner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pool = ThreadPoolExecutor(2)
        self.gate = gate.Gate(inner, self._pool)
        self.patch = monkeypatch

    def asks(self, token: str, body: bytes = b"{}", **more: Any) -> Any:
        """(status, headers, body) of one POST."""
        return apart(self._asks(token, body, **more))

    async def _asks(self, token: str, body: bytes, receive: Any = None) -> Any:
        sent: list[Any] = []
        head = [(b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode())]
        scope: Any = {"type": "http", "method": "POST", "path": "/mcp", "headers": head}
        scope |= {"client": ("192.0.2.7", 1)}
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receives() -> Any:
            if waiting:
                return waiting.pop()
            return await asyncio.Event().wait()

        async def sends(event: Any) -> None:
            sent.append(event)

        await self.gate(scope, receive or receives, sends)
        if not sent:
            return None
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        content = b"".join(event.get("body", b"") for event in sent[1:])
        return SimpleNamespace(
            status=sent[0]["status"], headers=headers, body=content.decode(), events=sent
        )


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}", "more_body": False})


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Inside:
    return Inside(fine, monkeypatch)


def test_too_many_requests_of_one_grant(inside: Inside, ana: Person) -> None:
    inside.patch.setattr(throttles, "PER_GRANT", 3)
    token, other = ana.token(Work=SEES)[1], ana.token(Work=SEES)[1]
    answers = [inside.asks(token) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["retry-after"]) <= 60
    assert answers[3].headers["ratelimit"].startswith('"grant";r=0;')
    assert inside.asks(other).status == 200, "each grant has its own allowance"


def test_guessing_tokens_is_slowed_down_and_nobody_else(inside: Inside, ana: Person) -> None:
    inside.patch.setattr(throttles, "FAILURES_PER_ADDRESS", 3)
    now = time.time() + secrets.randbelow(10**6) * throttles.WINDOW
    inside.patch.setattr(throttles.time, "time", lambda: now)
    guesses = [inside.asks(tokens.new(ana.vault_id)) for _ in range(3)] + [inside.asks("x")]
    assert [answer.status for answer in guesses] == [401, 401, 401, 429]
    assert "retry-after" in guesses[3].headers
    assert inside.asks(ana.token(Work=SEES)[1]).status == 200, "the same address"


def test_a_slow_body_is_given_up(inside: Inside, ana: Person) -> None:
    inside.patch.setattr(arrivals, "SECONDS_FOR_BODY", 0.05)

    async def drips() -> Any:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    answer = inside.asks(ana.token(Work=SEES)[1], receive=drips)
    assert answer.status == 408


def test_a_body_that_broke_off_is_not_used(inside: Inside, ana: Person) -> None:
    parts = [{"type": "http.request", "body": b"{}", "more_body": True}]

    async def breaks_off() -> Any:
        return parts.pop() if parts else {"type": "http.disconnect"}

    assert inside.asks(ana.token(Work=SEES)[1], receive=breaks_off) is None


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("secret-7f3a"), 503, "Try again in a moment."),
        (Tampered("words of ours"), 500, "Nothing was shown. Ask the owner."),
        (RuntimeError("secret-7f3a"), 500, "It was not your request. Try again later."),
    ],
)
def test_a_fault_of_ours_gives_one_calm_error(
    inside: Inside,
    ana: Person,
    error: Exception,
    status: int,
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*args: Any, **kwargs: Any) -> None:
        raise error

    inside.patch.setattr(gate, "open_token", fails)
    answer = inside.asks(ana.token(Work=SEES)[1])
    assert (answer.status, json.loads(answer.body)["error"]["message"]) == (status, words)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert type(error).__name__ in caplog.text
    assert "secret-7f3a" not in caplog.text + answer.body + str(answer.headers)


def streaming(seconds: float = 30) -> Any:
    """An application that tells something every moment, for so long."""

    async def tells(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await send({"type": "http.response.body", "body": b": x\n", "more_body": True})
            await asyncio.sleep(0.02)
        await send({"type": "http.response.body", "body": b"all", "more_body": False})

    return tells


def test_a_running_answer_ends_when_its_grant_does(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "LOOKS_AGAIN", 0.1)
    grant, token = ana.token(Work=SEES)
    _, other = ana.token(Work=SEES)
    inside = Inside(streaming(2), monkeypatch)

    async def both() -> Any:
        answers = [asyncio.create_task(inside._asks(one, b"{}")) for one in (token, other)]
        await asyncio.sleep(0.3)
        await asyncio.to_thread(grants.revoke, ana.access, grant.id)
        await asyncio.wait({answers[0]}, timeout=1.5)
        early = answers[0].done() and not answers[1].done()
        return early, [await answer for answer in answers]

    early, (cut, whole) = apart(both())
    assert early
    assert not cut.body.endswith("all") and not cut.events[-1]["more_body"]
    assert whole.body.endswith("all"), "the other goes on to its end"


def test_no_answer_runs_for_ever(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "LOOKS_AGAIN", 0.05)
    monkeypatch.setattr(gate, "LONGEST_ANSWER", 0.2)
    cut = Inside(streaming(), monkeypatch).asks(ana.token(Work=SEES)[1])
    assert not cut.body.endswith("all") and not cut.events[-1]["more_body"]

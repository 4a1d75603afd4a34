"""A request that arrives broken must not look like a whole one, and must not hold a thread."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.conf import settings

from config import bodies
from config.bodies import SMALL, Gone, WholeBodies
from tests.stack import Live


class Peer:
    """An ASGI server's side of one request: what it sends, and what it was answered."""

    def __init__(self, *events: dict[str, Any], gone_after: int | None = None) -> None:
        self.events, self.gone_after = list(events), gone_after
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return self.events.pop(0)

    async def send(self, event: dict[str, Any]) -> None:
        if self.gone_after is not None and len(self.sent) >= self.gone_after:
            raise ConnectionResetError
        self.sent.append(event)

    def ask(self, application: Any, *headers: tuple[bytes, bytes]) -> None:
        scope = {"type": "http", "headers": list(headers)}
        answer = WholeBodies(application)(scope, self.receive, self.send)
        with ThreadPoolExecutor(1) as apart:  # in this thread a browser's loop may run
            apart.submit(asyncio.run, answer).result()


def _body(data: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


async def _read_all(scope: Any, receive: Any, send: Any) -> None:
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})


def test_a_whole_body_passes() -> None:
    peer = Peer(_body(b"a", True), _body(b"b", False))
    peer.ask(_read_all, (b"content-length", b"2"))
    assert [event["status"] for event in peer.sent] == [200]


def test_a_large_body_that_breaks_off_is_an_error_and_not_an_end() -> None:
    peer = Peer(_body(b"a", True), {"type": "http.disconnect"})
    with pytest.raises(Gone):
        peer.ask(_read_all, (b"content-length", str(SMALL + 1).encode()))
    assert peer.sent == []


def test_a_small_body_that_breaks_off_never_reaches_the_application() -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    Peer(_body(b"a", True), {"type": "http.disconnect"}).ask(never, (b"content-length", b"2"))


def test_a_large_body_is_handed_on_part_by_part() -> None:
    """Nothing of it is kept back: an upload may be larger than memory."""
    peer, left = Peer(_body(b"a", True), _body(b"b", False)), []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        left.append(len(peer.events))

    peer.ask(look, (b"content-length", str(SMALL + 1).encode()))
    assert left == [1]


def test_a_sender_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SECONDS_BETWEEN_PARTS", 0.05)

    class Silent(Peer):
        async def receive(self) -> dict[str, Any]:
            await asyncio.sleep(3600)
            raise AssertionError

    with pytest.raises(Gone):
        Silent().ask(_read_all, (b"content-length", str(SMALL + 1).encode()))


def test_a_body_of_unknown_length_is_refused() -> None:
    peer = Peer(_body(b"a", False))
    peer.ask(_read_all, (b"transfer-encoding", b"chunked"))
    assert peer.sent[0]["status"] == 411


def test_a_name_with_an_underscore_cannot_pose_as_a_proxys() -> None:
    seen: list[bytes] = []

    async def look(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(name for name, _ in scope["headers"])

    Peer().ask(look, (b"x_forwarded_proto", b"https"), (b"x-forwarded-for", b"1.2.3.4"))
    assert seen == [b"x-forwarded-for"]


def test_an_answer_nobody_waits_for_is_let_go() -> None:
    async def talk(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    peer = Peer(gone_after=2)
    peer.ask(talk)
    assert len(peer.sent) == 2


def _raw(live: Live, request: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", live.port), timeout=20)
    connection.sendall(request)
    return connection


def test_uploads_that_break_off_leave_no_thread_waiting(live: Live) -> None:
    """More of them than there are threads; then the server answers as before."""
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    for _ in range(2 * settings.SATCHEL_WEB_THREADS):
        _raw(live, head + b"x" * 1000).close()
    answer = httpx.get(f"{live.url}/api/v1/health", timeout=30)
    assert answer.status_code == 200


def test_senders_that_fall_silent_hold_no_thread(live: Live) -> None:
    """More bodies are awaited than there are threads, and a request beside them is answered."""
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    held = [_raw(live, head) for _ in range(settings.SATCHEL_WEB_THREADS + 2)]
    try:
        assert httpx.get(f"{live.url}/api/v1/health", timeout=20).status_code == 200
    finally:
        for connection in held:
            connection.close()


def test_a_chunked_body_is_refused_by_the_real_server(live: Live) -> None:
    def parts() -> Any:
        yield b"login=a"

    answer = httpx.post(f"{live.url}/accounts/login/", content=parts(), timeout=10)
    assert answer.status_code == 411
    assert answer.headers["content-type"] == "application/problem+json"


def test_readers_that_leave_early_do_not_stop_the_server(live: Live) -> None:
    for _ in range(3 * settings.SATCHEL_WEB_THREADS):
        _raw(live, b"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").close()
    assert httpx.get(f"{live.url}/api/v1/health", timeout=30).status_code == 200

"""A real server on loopback that speaks one call of OpenAI's API, well or badly."""

import http.server
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

Handler = http.server.BaseHTTPRequestHandler


@dataclass
class Asking:
    """One request."""

    handler: Handler
    body: dict[str, Any]

    def send(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def well(self) -> None:
        """Answers as it should be."""
        raise NotImplementedError


Asked = TypeVar("Asked", bound=Asking)
Mood = Callable[[Asked], bool]
"""Answers a request in its own way and says True, or leaves it to be answered well."""


@dataclass
class ModelApi(Generic[Asked]):
    """`with ChatApi() as api`: `api.base` is its address."""

    PATH: ClassVar[str]

    mood: Mood[Asked] | None = None
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def heard(self, handler: Handler, body: dict[str, Any]) -> Asked:
        raise NotImplementedError

    def __enter__(self) -> Self:
        api = self

        class Answering(Handler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.requests.append(body)
                api.headers.append(dict(self.headers))
                asked = api.heard(self, body)
                try:
                    if self.path != api.PATH:
                        asked.send(404)
                    elif api.mood is None or not api.mood(asked):
                        asked.well()
                except OSError:
                    self.close_connection = True  # whoever asked did not wait

            def log_message(self, *args: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Answering)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


# --- moods ---------------------------------------------------------------------------------------


def slow(seconds: float) -> Mood[Any]:
    def mood(asked: Asking) -> bool:
        time.sleep(seconds)
        return False

    return mood


def first(count: int, mood: Mood[Any]) -> Mood[Any]:
    """In this mood for the first so many requests, then well."""
    left = [count]

    def changing(asked: Asking) -> bool:
        left[0] -= 1
        return left[0] >= 0 and mood(asked)

    return changing

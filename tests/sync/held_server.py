"""A server on loopback that speaks Mem0's API, and stops at the call that it is told to stop at."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

NOW = "2026-01-01T00:00:00+00:00"


@dataclass
class Held:
    """Lists and creates. What a call asks for is done, and only then does its answer wait."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    stop_at: tuple[str, int] = ("", 0)
    """The method and the number of the call, counted from 1, whose answer waits."""
    reached: Event = field(default_factory=Event)
    go_on: Event = field(default_factory=Event)
    address: str = ""
    _calls: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def write(self, text: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
        made = {"id": f"m{len(self.rows)}", "memory": text, "metadata": metadata}
        self.rows.append({**made, "created_at": NOW, "updated_at": NOW})
        return made

    def texts(self) -> list[str]:
        return sorted(one["memory"] for one in self.rows)

    def answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._calls.append(method)
            waits = (method, self._calls.count(method)) == self.stop_at
            if method == "POST":
                text = body["messages"][0]["content"]
                said = {"results": [self.write(text, body["metadata"])]}
            else:
                said = {"results": list(self.rows)}
        if waits:
            self.reached.set()
            self.go_on.wait(60)
        return said


@contextmanager
def held() -> Iterator[Held]:
    """The server, at `address`."""
    state = Held()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(state.answer("GET", {}))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(state.answer("POST", body))

        def _say(self, what: dict[str, Any]) -> None:
            said = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # whoever asked was killed
                self.close_connection = True

        def log_message(self, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        state.address = f"http://127.0.0.1:{server.server_port}"
        yield state
        state.go_on.set()
        server.shutdown()

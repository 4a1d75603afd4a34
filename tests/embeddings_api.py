"""A real server that speaks the embeddings API of OpenAI, well or badly, on loopback."""

import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Self

import numpy as np

from vault.search.choice import Choice

DIM = 48
Handler = http.server.BaseHTTPRequestHandler
Mood = Callable[["Asked"], bool]
"""Answers a request in its own way and says True, or leaves it to be answered well."""


def vector(text: str, dim: int = DIM, offset: float = 0.0) -> list[float]:
    """Near for texts that share words, and the same each time. `offset` makes all texts alike, as
    some models do. Not of length 1."""
    total = np.zeros(dim)
    for word in re.findall(r"\w+", text.lower()) or [""]:
        total += np.random.default_rng(sum(word.encode()) * 7919 + len(word)).normal(size=dim)
    total = 3 * total / np.linalg.norm(total) + 3 * offset / np.sqrt(dim)
    return [round(float(number), 6) for number in total]


@dataclass
class Asked:
    """One request."""

    handler: Handler
    body: dict[str, Any]
    dim: int
    offset: float

    @property
    def texts(self) -> list[str]:
        return list(self.body["input"])

    def answer(self, vectors: Sequence[Any], *, order: Sequence[int] | None = None) -> None:
        rows = [
            {"object": "embedding", "index": place, "embedding": each}
            for place, each in enumerate(vectors)
        ]
        rows = [rows[place] for place in order] if order is not None else rows
        self.send(200, json.dumps({"object": "list", "data": rows, "model": "toy"}).encode())

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def well(self) -> None:
        dim = int(self.body.get("dimensions", self.dim))
        self.answer([vector(text, dim, self.offset) for text in self.texts])


@dataclass
class EmbeddingsApi:
    """`with EmbeddingsApi() as api`: `api.base` is its address, `api.texts` what it has seen."""

    mood: Mood | None = None
    dim: int = DIM
    offset: float = 0.0
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        api = self

        class Answering(Handler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.requests.append(body)
                api.headers.append(dict(self.headers))
                asked = Asked(self, body, api.dim, api.offset)
                try:
                    if self.path != "/v1/embeddings":
                        asked.send(404, b"{}")
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

    @property
    def texts(self) -> list[str]:
        return [text for request in list(self.requests) for text in request["input"]]

    def choice(self, **more: Any) -> Choice:
        return Choice.endpoint(self.base, "toy", **more)


# --- moods ---------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Mood:
    def mood(asked: Asked) -> bool:
        # what vendors say may quote the question: it must reach nobody
        asked.send(code, json.dumps({"error": {"message": asked.texts}}).encode(), **headers)
        return True

    return mood


def body(text: bytes) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.send(200, text)
        return True

    return mood


def vectors(made: Callable[[Asked], list[Any]]) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.answer(made(asked))
        return True

    return mood


def slow(seconds: float) -> Mood:
    def mood(asked: Asked) -> bool:
        time.sleep(seconds)
        return False

    return mood


def first(count: int, mood: Mood) -> Mood:
    """In this mood for the first so many requests, then well."""
    left = [count]

    def changing(asked: Asked) -> bool:
        left[0] -= 1
        return left[0] >= 0 and mood(asked)

    return changing


def unless(wrong: Callable[[list[str]], bool], code: int = 400) -> Mood:
    """Refuses requests whose texts are `wrong`."""

    def mood(asked: Asked) -> bool:
        return wrong(asked.texts) and status(code)(asked)

    return mood


def http_date(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)

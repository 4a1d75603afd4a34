"""A real server that speaks the chat API of OpenAI, well or badly, on loopback."""

import http.server
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from sync.distilling.choice import ChatChoice

Handler = http.server.BaseHTTPRequestHandler
Mood = Callable[["Asked"], bool]
"""Answers a request in its own way and says True, or leaves it to be answered well."""
_FENCED = re.compile(r"<conversation-([0-9a-f]{24})>\n(.*)\n</conversation-\1>", re.DOTALL)
_SAID = re.compile(r"\bI (?:am|have|like|live|work|own|play)\b[^.!?\n]*")


@dataclass
class Asked:
    """One request."""

    handler: Handler
    body: dict[str, Any]

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What lies between the fences; [] for a question without any."""
        found = _FENCED.search(self.body["messages"][-1]["content"])
        return [json.loads(line) for line in found[2].split("\n")] if found else []

    def say(self, content: Any, *, reason: str = "stop", usage: Any = True) -> None:
        told: dict[str, Any] = {
            "object": "chat.completion",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": content},
                    "finish_reason": reason,
                }
            ],
        }
        if usage is True:
            usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        if usage:
            told["usage"] = usage
        self.send(200, json.dumps(told).encode())

    def propose(self, *proposals: tuple[str, str, list[int]]) -> None:
        told = [{"text": t, "kind": k, "lines": lines} for t, k, lines in proposals]
        self.say(json.dumps({"proposals": told}))

    def send(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", "application/json")
        self.handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def well(self) -> None:
        """Proposes what the person says of themselves, as in "I like rye bread"."""
        if not self.lines:
            self.say("OK")
            return
        self.propose(
            *(
                (found[0].strip(), "fact", [line["line"]])
                for line in self.lines
                for found in _SAID.finditer(line["text"])
                if line["who"] == "person"
            )
        )


@dataclass
class ChatApi:
    """`with ChatApi() as api`: `api.base` is its address, `api.asked` the questions with a
    conversation in them, as their lines."""

    mood: Mood | None = None
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[list[dict[str, Any]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        api = self

        class Answering(Handler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.requests.append(body)
                api.headers.append(dict(self.headers))
                asked = Asked(self, body)
                if asked.lines:
                    api.asked.append(asked.lines)
                try:
                    if self.path != "/v1/chat/completions":
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

    @property
    def texts(self) -> list[str]:
        """Every line that was asked about, as often as it was."""
        return [line["text"] for lines in list(self.asked) for line in lines]

    def choice(self, **more: Any) -> ChatChoice:
        return ChatChoice.made(self.base, "toy", **more)


# --- moods ---------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Mood:
    def mood(asked: Asked) -> bool:
        # what vendors say may quote the question: it must reach nobody
        said = json.dumps({"error": {"message": asked.body["messages"]}}).encode()
        asked.send(code, said, **headers)
        return True

    return mood


def saying(content: Any, **more: Any) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.say(content, **more)
        return True

    return mood


def proposing(*proposals: tuple[str, str, list[int]]) -> Mood:
    def mood(asked: Asked) -> bool:
        asked.propose(*proposals)
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


def at_most(characters: int, code: int = 400) -> Mood:
    """Refuses conversations that are longer than that."""

    def mood(asked: Asked) -> bool:
        size = sum(len(line["text"]) for line in asked.lines)
        return size > characters and status(code)(asked)

    return mood

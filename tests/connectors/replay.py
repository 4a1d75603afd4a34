"""Plays a recorded conversation with a vendor back, in order, and refuses anything else.

A recording is `recordings/<slug>.json`: `origin` says whether it was recorded live (when, against
which version) or written from the vendor's documentation or source (which); `scenes` holds lists of
exchanges by name:

    {"request": "POST /v1/memories?page=1", "headers": {"x-api-key": "..."}, "body": {...},
     "status": 200, "answer": {...}}

`request` is the method and what stands in the address after the host, with the query as it is sent.
`status` is 200 where it is left out. An exchange without `answer` is answered without a body.
`headers` are those that must have been sent, in lower case; `body` is the JSON that must have been.
A `form` in its place holds the parts of a multipart form, a file as [name, text]. `text` in the
place of `answer` is what is answered, as it is.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from email import message_from_bytes
from pathlib import Path
from typing import Any

import h11
import httpx

RECORDINGS = Path(__file__).parent / "recordings"


def recording(slug: str) -> dict[str, Any]:
    """The whole file; its scenes may be changed by whoever asked."""
    return deepcopy(json.loads((RECORDINGS / f"{slug}.json").read_text()))


class Replay(httpx.BaseTransport):
    """Answers exactly the requests that `exchanges` holds, in that order."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.exchanges = list(exchanges)

    @classmethod
    def of(cls, slug: str, scene: str) -> "Replay":
        scenes = recording(slug)["scenes"]
        assert scene in scenes, f'recordings/{slug}.json has no scene "{scene}"'
        return cls(scenes[scene])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = f"{request.method} {request.url.raw_path.decode()}"
        assert self.exchanges, f"asked after the last recorded exchange: {said}"
        exchange = self.exchanges.pop(0)
        assert said == exchange["request"], f"asked {said}, recorded is {exchange['request']}"
        for name, value in exchange.get("headers", {}).items():
            sent = request.headers.get(name)
            assert sent == value, f"{said}, {name}: sent {sent!r}, recorded is {value!r}"
        if "form" in exchange:
            form, wanted = _form(request), exchange["form"]
            assert form == wanted, f"{said}: sent the form {form}, recorded is {wanted}"
        elif request.read() or "body" in exchange:
            body, wanted = json.loads(request.content or b"null"), exchange.get("body")
            assert body == wanted, f"{said}: sent {body}, recorded is {wanted}"
        return _response(exchange)


def _form(request: httpx.Request) -> dict[str, Any]:
    said = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    form: dict[str, Any] = {}
    for part in message_from_bytes(said + request.read()).get_payload():
        name = part.get_param("name", header="content-disposition")
        text = part.get_payload(decode=True).decode()
        form[name] = [part.get_filename(), text] if part.get_filename() else text
    return form


def _response(exchange: Mapping[str, Any]) -> httpx.Response:
    status, headers = exchange.get("status", 200), exchange.get("answer_headers")
    if "answer" in exchange:
        return httpx.Response(status, json=exchange["answer"], headers=headers)
    return httpx.Response(status, content=exchange.get("text", "").encode(), headers=headers)


class Always(httpx.BaseTransport):
    """A remote that gives the same answer to everything."""

    def __init__(
        self, status: int, content: bytes = b"{}", headers: dict[str, str] | None = None
    ) -> None:
        self.status, self.content, self.headers = status, content, headers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, content=self.content, headers=self.headers)


class Refusing(httpx.BaseTransport):
    """A remote that lets nobody in. What no real transport would send is an error, as there."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        self.asked.append(request.url.path)
        return httpx.Response(401)


class Dead(httpx.BaseTransport):
    """A remote that nobody reaches."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

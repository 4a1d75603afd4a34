"""Callers of /mcp who speak HTTP by hand, and the tokens that they come with."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from tests.api.oauth.apps import allow, registered
from tests.people import Person, signed_in
from tests.stack import Live
from vault.types import Right

T = TypeVar("T")
MODERN, LEGACY = "2026-07-28", "2025-11-25"
_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "a test", "version": "1"},
}


@dataclass
class Caller:
    """One app, which sends single messages."""

    url: str
    token: str = ""
    era: str = MODERN
    headers: dict[str, str] = field(default_factory=dict)

    def head(self, method: str = "", name: str = "") -> dict[str, str]:
        head = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": self.era}
        if self.era == MODERN and method:
            head |= {"Mcp-Method": method} | ({"Mcp-Name": name} if name else {})
        if self.token:
            head["Authorization"] = f"Bearer {self.token}"
        return head | self.headers

    def message(self, method: str, **params: Any) -> dict[str, Any]:
        more = {"_meta": _META} if self.era == MODERN else {}
        return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, **more}}

    def asks(self, method: str, **params: Any) -> httpx.Response:
        named = params.get("name", params.get("uri", ""))
        said = self.message(method, **params)
        return httpx.post(self.url, json=said, headers=self.head(method, named), timeout=30)

    def calls(self, tool: str, **arguments: Any) -> httpx.Response:
        return self.asks("tools/call", name=tool, arguments=arguments)

    def does(self, tool: str, **arguments: Any) -> Any:
        """What came of it: the structured answer, or else the text."""
        result = result_of(self.calls(tool, **arguments))
        assert not result.get("isError"), result
        return result.get("structuredContent") or result["content"][0]["text"]

    def fails(self, tool: str, **arguments: Any) -> str:
        result = result_of(self.calls(tool, **arguments))
        assert result.get("isError"), result
        words: str = result["content"][0]["text"]
        return words

    def tools(self) -> dict[str, Any]:
        return {tool["name"]: tool for tool in result_of(self.asks("tools/list"))["tools"]}


def result_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    message = message_of(answer)
    assert "result" in message, message
    return message["result"]


def message_of(answer: httpx.Response) -> Any:
    """The JSON-RPC message, plain or as the only event of a stream."""
    if answer.headers["content-type"].startswith("text/event-stream"):
        lines = answer.text.splitlines()
        return next(json.loads(line[5:]) for line in lines if line.startswith("data: {"))
    return answer.json()


def with_token(live: Live, person: Person, era: str = MODERN, **rights: Right) -> Caller:
    """An app with an API token."""
    return Caller(live.url + "/mcp", person.token(**rights)[1], era)


def connected(
    live: Live, person: Person, scope: str, at: str = "/mcp", **rights: Right
) -> tuple[Caller, str]:
    """An app that its owner let in by OAuth, and its client id."""
    app, host = registered(), live.url.removeprefix("http://")
    visitor, mcp = signed_in(person), live.url + at
    for client in (visitor, app.http):
        client.defaults["HTTP_HOST"] = host
    given = allow(visitor, person, app.asks(resource=mcp, scope=scope), **rights)
    status, pair = app.exchanges(given["code"], resource=mcp)
    assert status == 200, pair
    return Caller(mcp, pair["access_token"]), app.client_id


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Its result, from a loop in a thread of its own: in this one a browser's may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()

"""A talk with an MCP server: the handshake, its tools, and what they answer."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.base.errors import BadResponse, Rejected

VERSION = "2025-11-25"
_INVALID_PARAMS = -32602
_MOST_PAGES = 100


class Wire(Protocol):
    """How messages get there and back: a program's pipes, or HTTP."""

    def ask(self, message: Mapping[str, Any]) -> Any:
        """Send a request; the message that answers it."""

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a notice."""

    def agreed(self, version: str) -> None:
        """The handshake came to this version of the protocol."""


@dataclass(frozen=True, slots=True)
class Tool:
    """`arguments` are the names it takes, each with its JSON schema."""

    name: str
    arguments: Mapping[str, Any]


class Session:
    """Opened by the handshake. `server` is what the other side calls itself."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._last = wire, 0
        asked = {
            "protocolVersion": VERSION,
            "capabilities": {},
            "clientInfo": {"name": "satchel", "version": "1"},
        }
        said = self._request("initialize", asked)
        self.server = str(said["serverInfo"]["name"])
        wire.agreed(str(said["protocolVersion"]))
        wire.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})
        self.tools = {tool.name: tool for tool in self._tools()}

    def call(self, tool: str, arguments: Mapping[str, Any]) -> Any:
        """What the tool answers: its structured content, else the JSON in its text, else the text.

        Rejected when it says that it failed.
        """
        said = self._request("tools/call", {"name": tool, "arguments": dict(arguments)})
        if said.get("isError"):
            raise Rejected("The memory server refuses this.")
        if said.get("structuredContent") is not None:
            return _unwrapped(said["structuredContent"])
        texts = [_parsed(one["text"]) for one in said["content"] if one["type"] == "text"]
        # No text at all is no answer, least of all an empty list.
        return texts if len(texts) > 1 else texts[0] if texts else None

    def _tools(self) -> Iterator[Tool]:
        cursor: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            said = self._request("tools/list", cursor)
            for tool in said["tools"]:
                yield Tool(tool["name"], tool["inputSchema"].get("properties") or {})
            if not said.get("nextCursor"):
                return
            cursor = {"cursor": str(said["nextCursor"])}
        raise BadResponse("The memory server does not come to an end with its tools.")

    def _request(self, method: str, params: Mapping[str, Any]) -> Any:
        self._last += 1
        message = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": dict(params)}
        said = self._wire.ask(message)
        if "error" in said:
            kind = Rejected if said["error"]["code"] == _INVALID_PARAMS else BadResponse
            raise kind("The memory server refuses this.")
        result = said["result"]
        if not isinstance(result, dict):
            raise BadResponse("The memory server answered in a form that is not known.")
        return result


def _parsed(text: str) -> Any:
    with suppress(ValueError):
        return json.loads(text)
    return text


def _unwrapped(content: Any) -> Any:
    """Frameworks put a list or a text, which may not stand alone, under this name."""
    alone = isinstance(content, dict) and set(content) == {"result"}
    return content["result"] if alone else content

"""A memory server behind an address, by Streamable HTTP."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.base.errors import BadResponse, ConnectorError, NotFound, Unavailable
from connectors.base.live.options import address, secret
from connectors.base.live.rest import RestConnector
from connectors.mcp.memory import McpMemory, home, tools
from connectors.mcp.session import Wire

_SESSION = "mcp-session-id"
_VERSION = "mcp-protocol-version"
_EVENTS = "text/event-stream"


@dataclass(frozen=True)
class Options:
    base_url: str = address("Address", help="Such as https://memory.example.org/mcp.")
    token: str = secret(
        "Token", default="", help="If the server asks for one: sent as a bearer token."
    )
    entity: str = home()
    mapping: str = tools()


class McpHttp(McpMemory, RestConnector):
    slug = "mcp-http"
    name = "The MCP server"
    Options = Options

    def __init__(self, options: Any, http: httpx.Client) -> None:
        super().__init__(options, http)
        self._kept: dict[str, str] = {}

    def headers(self) -> dict[str, str]:
        token = self.options.token
        asked = {"Authorization": f"Bearer {token}"} if token else {}
        return {"Accept": f"application/json, {_EVENTS}", **asked, **self._kept}

    def wire(self) -> Wire:
        return self

    @property
    def space(self) -> str:
        return self.base_url

    def ask(self, message: Mapping[str, Any]) -> Any:
        response = self._sent(message)
        if _SESSION in response.headers:
            self._kept[_SESSION] = response.headers[_SESSION]
        for said in _messages(response):
            if "method" not in said and said.get("id") == message["id"]:
                return said
        raise BadResponse(f"{self.name} did not answer.")

    def tell(self, message: Mapping[str, Any]) -> None:
        self._sent(message)

    def agreed(self, version: str) -> None:
        self._kept[_VERSION] = version

    def error(self, response: httpx.Response) -> ConnectorError:
        """What is not found is the server or our talk with it, never a memory."""
        error = super().error(response)
        if not isinstance(error, NotFound):
            return error
        if _SESSION in self._kept:
            return Unavailable(f"{self.name} has forgotten what was said before.")
        return BadResponse(f"{self.name} is not at this address.")

    def _sent(self, message: Mapping[str, Any]) -> httpx.Response:
        # The address as it was given: some servers know it only with a slash at its end.
        return self.answer("POST", "/" if self.base_url.endswith("/") else "", json=dict(message))


def _messages(response: httpx.Response) -> Iterator[Any]:
    if response.headers.get("content-type", "").startswith(_EVENTS):
        for event in response.text.replace("\r\n", "\n").split("\n\n"):
            lines = [line for line in event.split("\n") if line.startswith("data:")]
            if lines:
                yield json.loads("\n".join(line[5:].removeprefix(" ") for line in lines))
    else:
        yield response.json()

"""How to connect an app: the addresses of this server, written the way each app wants them."""

import base64
import ipaddress
import json
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from django.http import HttpResponse
from django.shortcuts import render

from frontend.signin.gate import VaultRequest, vault_required
from vault.granting import audience

NAME = "satchel"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What to copy, for the address by which this page was asked for, without a slash."""

    base: str

    @property
    def mcp(self) -> str:
        return self.base + audience.MCP

    @property
    def rest(self) -> str:
        return self.base + audience.REST

    @property
    def claude_code(self) -> str:
        return f"claude mcp add --transport http --scope user {NAME} {self.mcp}"

    @property
    def cursor_link(self) -> str:
        config = base64.b64encode(json.dumps({"url": self.mcp}).encode()).decode()
        query = urlencode({"name": NAME, "config": config})
        return f"cursor://anysphere.cursor-deeplink/mcp/install?{query}"

    @property
    def cursor_file(self) -> str:
        return _written({"mcpServers": {NAME: {"url": self.mcp}}})

    @property
    def vscode_link(self) -> str:
        config = {"name": NAME, "type": "http", "url": self.mcp}
        return "vscode:mcp/install?" + quote(json.dumps(config, separators=(",", ":")), safe="")

    @property
    def vscode_file(self) -> str:
        return _written({"servers": {NAME: {"type": "http", "url": self.mcp}}})

    @property
    def bridge_file(self) -> str:
        command = {"command": "npx", "args": ["-y", "mcp-remote", self.mcp]}
        return _written({"mcpServers": {NAME: command}})

    @property
    def curl(self) -> str:
        return (
            f"curl -s {self.rest}/context \\\n"
            '  -H "Authorization: Bearer $SATCHEL_TOKEN" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            '  -d \'{"query": "What should I cook tonight?"}\''
        )

    @property
    def within_reach(self) -> bool:
        """Whether assistants that run at their vendor could call it, as far as its name tells."""
        name = urlsplit(self.base).hostname or ""
        try:
            return ipaddress.ip_address(name).is_global
        except ValueError:
            return "." in name and not name.endswith((".localhost", ".local", ".internal", ".lan"))

    @property
    def encrypted(self) -> bool:
        return self.base.startswith("https:")


@vault_required
def connect(request: VaultRequest) -> HttpResponse:
    to = Addresses(request.build_absolute_uri("/").rstrip("/"))
    return render(request, "pages/connect.html", {"to": to})


def _written(config: object) -> str:
    return json.dumps(config, indent=2)

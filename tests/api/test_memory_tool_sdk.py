"""Anthropic's SDK lets a model keep its memory in a vault: its tool runner, on a loopback fake of
the Messages API and the real web server."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anthropic
import httpx
import pytest
from anthropic.lib.tools import BetaBuiltinFunctionTool, ToolError

from tests.api.people import WRITE, App, Owner
from tests.stack import Live
from vault import memories


class VaultMemory(BetaBuiltinFunctionTool):
    """As docs/memory-tool.md shows it."""

    def __init__(self, satchel: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=satchel, headers=headers, timeout=30)

    def to_dict(self) -> Any:
        return {"type": "memory_20250818", "name": "memory"}

    def call(self, input: object) -> str:
        answer = self.http.post("memory-tool", json=input)
        answer.raise_for_status()
        result = answer.json()
        if result["is_error"]:
            raise ToolError(result["content"])
        return str(result["content"])


class FakeMessages:
    """Asks for one use of the tool after another, and keeps what was answered."""

    def __init__(self, uses: list[dict[str, Any]]) -> None:
        self.uses = uses
        self.results: list[dict[str, Any]] = []
        self.tools: list[Any] = []

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        self.tools = body.get("tools", self.tools)  # the SDK goes on with a thread without them
        last = body["messages"][-1]["content"]
        if isinstance(last, list):
            self.results += [block for block in last if block["type"] == "tool_result"]
        turn = len(self.results)
        if turn == len(self.uses):
            return self._message([{"type": "text", "text": "Done."}], "end_turn")
        use = {"type": "tool_use", "id": f"toolu_{turn}", "name": "memory"}
        return self._message([use | {"input": self.uses[turn]}], "tool_use")

    def _message(self, content: list[dict[str, Any]], reason: str) -> dict[str, Any]:
        return {
            "id": f"msg_{len(self.results)}",
            "type": "message",
            "role": "assistant",
            "model": "claude-fake",
            "content": content,
            "stop_reason": reason,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }

    def said(self) -> list[tuple[str, bool]]:
        return [(_text(one["content"]), one.get("is_error", False)) for one in self.results]


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(block["text"] for block in content)


class _Server(ThreadingHTTPServer):
    model: FakeMessages


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        data = json.dumps(self.server.model.answer(body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _run(api: _Server, live: Live, app: App, uses: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    api.model = FakeMessages(uses)
    client = anthropic.Anthropic(
        api_key="none", base_url=f"http://127.0.0.1:{api.server_port}", max_retries=0
    )
    runner = client.beta.messages.tool_runner(
        model="claude-fake",
        max_tokens=100,
        messages=[{"role": "user", "content": "Remember that I like tea."}],
        tools=[VaultMemory(f"{live.url}/api/v1/", app.token)],
    )
    assert runner.until_done().stop_reason == "end_turn"
    assert api.model.tools == [{"type": "memory_20250818", "name": "memory"}]
    return api.model.said()


def test_a_model_keeps_its_memory_in_a_vault(api: _Server, live: Live) -> None:
    owner = Owner()
    app = owner.grants({"Personal": WRITE})
    tea = "/memories/tea.md"
    said = _run(
        api,
        live,
        app,
        [
            {"command": "view", "path": "/memories"},
            {"command": "create", "path": tea, "file_text": "Likes tea.\n"},
            {"command": "str_replace", "path": tea, "old_str": "tea.", "new_str": "green tea."},
            {"command": "insert", "path": tea, "insert_line": 1, "insert_text": "No sugar."},
            {"command": "view", "path": tea, "view_range": [1, 2]},
            {"command": "create", "path": tea, "file_text": "Again."},
            {"command": "rename", "old_path": tea, "new_path": "/memories/drinks/tea.md"},
            {"command": "delete", "path": tea},
        ],
    )
    assert [is_error for _, is_error in said] == [False] * 5 + [True, False, True]
    assert said[4][0].endswith("\n     1\tLikes green tea.\n     2\tNo sugar.")
    assert said[5][0] == f"File {tea} already exists"
    (memory,) = memories.listing(owner.access).memories
    assert (memory.title, memory.text) == ("/drinks/tea.md", "Likes green tea.\nNo sugar.\n")
    owner.revokes(app)
    view = {"command": "view", "path": "/memories/drinks/tea.md"}
    ((content, is_error),) = _run(api, live, app, [view])
    assert is_error and "401" in content and "green tea" not in content

"""Memory servers by Streamable HTTP: the recording, and the odd ones."""

import json
from typing import Any

import httpx
import pytest

from connectors.base.errors import (
    AuthError,
    BadResponse,
    Misconfigured,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unavailable,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.mcp.remote_http import McpHttp
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always

URL = "http://127.0.0.1:8765/mcp"


class TestMcpHttp(RestConformance):
    connector = McpHttp
    options = {"base_url": URL, "token": "not-a-real-token"}

    def test_deleting_what_is_gone_succeeds(self) -> None:
        """But an address where nothing answers is no memory that is gone."""
        remote = served(Server([]))
        remote.delete(Entry("m1", "e", Item("Gone.")))
        with pytest.raises(BadResponse):
            self.connect(Always(404)).delete(self.first())

    def test_updating_what_is_gone_says_so(self) -> None:
        with pytest.raises(NotFound):
            served(Server([])).update(Entry("m1", "e", Item("Gone.")), ITEM)
        with pytest.raises(BadResponse):
            self.connect(Always(404)).update(self.first(), ITEM)


class Server(httpx.BaseTransport):
    """Answers as an MCP server with these tools would; `tools` map a name to (schema, act)."""

    def __init__(self, rows: list[dict[str, Any]], **tools: Any) -> None:
        self.rows, self.calls = rows, list[tuple[str, dict[str, Any]]]()
        self.tools = {"list_memories": ({}, lambda _: {"memories": self.rows})} | tools
        self.heard: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        said = json.loads(request.read())
        if "id" not in said:
            return httpx.Response(202)
        result = self.result(said["method"], said["params"])
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": said["id"], "result": result})

    def result(self, method: str, params: dict[str, Any]) -> Any:
        if method == "initialize":
            return {"protocolVersion": "2025-06-18", "serverInfo": {"name": "odd"}}
        if method == "tools/list":
            schemas = {name: {"properties": takes} for name, (takes, _) in self.tools.items()}
            return {"tools": [{"name": n, "inputSchema": s} for n, s in schemas.items()]}
        self.calls.append((params["name"], params["arguments"]))
        answer = self.tools[params["name"]][1](params["arguments"])
        if isinstance(answer, list | str):
            return {"content": [{"type": "text", "text": _text(one)} for one in _each(answer)]}
        return {"content": [], "structuredContent": answer}


def _each(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def _text(one: Any) -> str:
    return one if isinstance(one, str) else json.dumps(one)


def served(server: httpx.BaseTransport, **more: Any) -> Remote:
    options = filled(McpHttp.Options, {"base_url": URL, **more})
    return Remote(McpHttp(options, httpx.Client(transport=server)))


def texts(remote: Remote) -> list[str]:
    return [e.item.text for page in remote.pages() for e in page.entries if e.item]


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "text": f"Memory {n}."} for n in range(count)]


NUMBER = {"type": "integer"}
TEXT = {"type": "string"}


# the wire


def test_the_session_and_the_version_are_sent_along() -> None:
    server = Server(rows(1))
    assert texts(served(server, token="t")) == ["Memory 0."]
    first, *later = server.heard
    assert "mcp-protocol-version" not in first.headers
    assert {one.headers["mcp-protocol-version"] for one in later} == {"2025-06-18"}
    assert {one.headers["authorization"] for one in server.heard} == {"Bearer t"}


@pytest.mark.parametrize("address", [URL, URL + "/"])
def test_the_address_is_called_as_it_was_given(address: str) -> None:
    server = Server(rows(1))
    texts(served(server, base_url=address))
    assert {str(one.url) for one in server.heard} == {address}


class Events(Server):
    """Answers by server-sent events, with others before the one that counts."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if not answer.content:
            return answer
        notice = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}
        other = {"jsonrpc": "2.0", "id": "else", "result": {}}
        told = [json.dumps(one) for one in (notice, other)]
        lines = [f"event: message\r\ndata: {one}\r\n\r\n" for one in told]
        pretty = json.dumps(answer.json(), indent=1).split("\n")
        last = ": hello\n\nid: 7\n" + "".join(f"data: {line}\n" for line in pretty) + "\n"
        kind = {"content-type": "text/event-stream; charset=utf-8"}
        return httpx.Response(200, text="".join(lines) + last, headers=kind)


def test_answers_come_by_events_too() -> None:
    assert texts(served(Events(rows(2)))) == ["Memory 0.", "Memory 1."]


class Forgetful(Server):
    """Ends the session after the handshake."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if len(self.heard) > 2:
            return httpx.Response(404)
        answer = super().handle_request(request)
        answer.headers["mcp-session-id"] = "s1"
        return answer


def test_a_session_that_ended_is_tried_again_later() -> None:
    with pytest.raises(Unavailable):
        texts(served(Forgetful(rows(2))))


class Wrong(Server):
    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__([])
        self.answer = answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.read())
        if said.get("method") != "tools/call":
            return super().handle_request(request)
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": said["id"], **self.answer})


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": -32603, "message": "secret words"}},
        {"error": {"code": -32602, "message": "secret words"}},
        {"error": None},
        {"result": None},
        {"result": {"content": [{"type": "text", "text": "secret words"}], "isError": True}},
        {"result": {"content": [{"type": "text", "text": "You have 3 memories: ..."}]}},
        {"result": {"content": []}},
        {"result": {"content": [], "structuredContent": {}}},
        {"result": {"content": [], "structuredContent": {"memories": None}}},
        {"result": {"content": [], "structuredContent": {"memories": ["text"]}}},
        {"result": {"content": [], "structuredContent": {"memories": [{"text": "no id"}]}}},
        {"result": {"content": [], "structuredContent": {"memories": [{"id": "no text"}]}}},
        {"result": {"content": [], "structuredContent": {"memories": [{"id": {}, "text": ""}]}}},
        {"result": {"content": [], "structuredContent": {"memories": [], "total": 3}}},
    ],
)
def test_what_is_no_listing_is_not_an_empty_one(answer: dict[str, Any]) -> None:
    with pytest.raises(BadResponse) as caught:
        texts(served(Wrong(answer)))
    assert "secret" not in str(caught.value)


# listing all of it


def test_rows_in_texts_of_their_own_and_in_a_list_are_read() -> None:
    for answer in (rows(2), [json.dumps(rows(2))], {"result": rows(2)}, {"data": rows(2)}):
        server = Server([], list_memories=({}, lambda _, answer=answer: answer))
        assert texts(served(server)) == ["Memory 0.", "Memory 1."]


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
@pytest.mark.parametrize("by", ["offset", "page", "cursor"])
def test_all_pages_are_asked_for_however_short_they_are(by: str, at_once: int) -> None:
    all_of_them = rows(7)

    def page(said: dict[str, Any]) -> dict[str, Any]:
        start = int(said.get(by) or 0)
        start = (start - 1) * at_once if by == "page" else start
        found = all_of_them[start : start + at_once]
        mark = str(start + at_once) if start + at_once < 7 else None
        return {"memories": found, "nextCursor": mark} if by == "cursor" else {"memories": found}

    server = Server([], list_memories=({"limit": NUMBER, by: NUMBER}, page))
    assert len(texts(served(server))) == 7


def test_what_shifts_between_pages_is_listed_once() -> None:
    pages = [rows(2), [*rows(2)[1:], {"id": 9, "text": "New."}], []]
    takes = {"limit": NUMBER, "offset": NUMBER}
    server = Server([], list_memories=(takes, lambda _: {"memories": pages.pop(0)}))
    assert texts(served(server)) == ["Memory 0.", "Memory 1.", "New."]


@pytest.mark.parametrize("takes", [{"limit": NUMBER}, {"offset": NUMBER}, {"cursor": TEXT}])
def test_a_listing_that_cannot_be_complete_is_refused(takes: dict[str, Any]) -> None:
    """Cut off at the limit; or the same page for ever."""
    same = {"memories": rows(100), "nextCursor": "again"}
    server = Server([], list_memories=(takes, lambda _: same))
    with pytest.raises(BadResponse):
        texts(served(server))


# changes


def store(**more: Any) -> Server:
    kept = rows(2)
    server = Server(kept)

    def add(said: dict[str, Any]) -> str:
        kept.append({"id": f"n{len(kept)}", "memory": said["content"], **_kept(said)})
        return "ok"

    def delete(said: dict[str, Any]) -> str:
        kept[:] = [row for row in kept if str(row["id"]) != said["memory_id"]]
        return "ok"

    server.tools["save_memory"] = ({"content": TEXT, "metadata": {"type": "object"}}, add)
    server.tools["memory_delete"] = ({"memory_id": TEXT}, delete)
    server.tools |= more
    return server


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": said["metadata"]} if "metadata" in said else {}


def test_tools_are_guessed_and_what_was_written_is_found_by_its_key() -> None:
    remote = served(store())
    made = remote.create(Item("Tea.", "preference", title="Drinks"), KEY)
    assert made and made.item
    assert (made.item.text, made.item.kind, made.item.title, made.key) == (
        "Tea.",
        "preference",
        "Drinks",
        KEY,
    )
    assert remote.create(Item("Tea."), KEY) == made, "the same write again"
    assert texts(remote) == ["Memory 0.", "Memory 1.", "Tea."]


def test_without_a_tool_to_change_the_new_one_is_there_before_the_old_one_goes() -> None:
    server = store()
    remote = served(server)
    made = remote.create(Item("Tea."), KEY)
    assert made
    server.calls.clear()
    after = remote.update(made, Item("Coffee."))
    assert after.remote_id != made.remote_id and after.key == KEY
    assert texts(remote) == ["Memory 0.", "Memory 1.", "Coffee."]
    changes = [name for name, _ in server.calls if name != "list_memories"]
    assert changes == ["save_memory", "memory_delete"]


def test_a_text_that_is_not_shown_yet_does_not_cost_the_old_one() -> None:
    server = store(save_memory=({"content": TEXT}, lambda _: "later"))
    remote = served(server)
    (first, *_), *_ = [page.entries for page in remote.pages()]
    assert remote.create(ITEM, KEY) is None
    with pytest.raises(Unavailable):
        remote.update(first, ITEM)
    assert "Memory 0." in texts(remote)


def test_what_changed_meanwhile_is_left_alone() -> None:
    server = store()
    remote = served(server)
    (first, *_), *_ = [page.entries for page in remote.pages()]
    server.rows[0]["text"] = "Newer."
    for act in (lambda: remote.update(first, ITEM), lambda: remote.delete(first)):
        with pytest.raises(PreconditionFailed):
            act()
    assert texts(remote) == ["Newer.", "Memory 1."]


def test_a_server_that_can_only_be_read_says_so() -> None:
    remote = served(Server(rows(1)))
    ((first,),) = [page.entries for page in remote.pages()]
    for act in (
        lambda: remote.create(ITEM, KEY),
        lambda: remote.update(first, ITEM),
        lambda: remote.delete(first),
    ):
        with pytest.raises(Rejected):
            act()


# mapping by hand

TOLD = {
    "list": {"tool": "dump", "items": "a.b", "id": "uid", "text": "words", "arguments": {"x": 1}},
    "add": {"tool": "put", "text": "words"},
    "delete": {"tool": "drop", "id": "uid", "arguments": {"sure": True}},
}


def test_tools_can_be_named_by_hand() -> None:
    kept = [{"uid": "u1", "words": "One."}]
    server = Server(
        [],
        dump=({}, lambda _: {"a": {"b": kept}}),
        put=({"words": TEXT}, lambda said: kept.append({"uid": "u2", **said}) or "ok"),
        drop=({"uid": TEXT}, lambda _: kept.pop(0) and "ok"),
    )
    remote = served(server, mapping=json.dumps(TOLD))
    assert remote.create(Item("Two."), KEY) and texts(remote) == ["One.", "Two."]
    (first, *_), *_ = [page.entries for page in remote.pages()]
    remote.delete(first)
    assert texts(remote) == ["Two."]
    assert ("dump", {"x": 1}) in server.calls
    assert server.calls[-2] == ("drop", {"uid": "u1", "sure": True})


@pytest.mark.parametrize(
    "told",
    [
        "[]",
        "{",
        '"list"',
        '{"list": 7}',
        '{"list": {"tool": 7}}',
        '{"list": {"tool": "nowhere"}}',
        '{"list": {"surprise": "x"}}',
        '{"everything": {}}',
        '{"list": {"arguments": 1}}',
    ],
)
def test_a_mapping_that_cannot_work_is_shown_at_its_field(told: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        served(Server(rows(1)), mapping=told).check()
    assert caught.value.field == "mapping"


def test_a_server_without_memories_is_told_at_the_form() -> None:
    server = Server([])
    server.tools = {"get_weather": ({}, lambda _: "rain")}
    with pytest.raises(Misconfigured):
        served(server).check()


def test_refused_in_the_middle_asks_to_reconnect() -> None:
    with pytest.raises(AuthError):
        texts(served(Always(401)))

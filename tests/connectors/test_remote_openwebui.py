"""Open WebUI's memories."""

import json
from typing import Any

import httpx
import pytest

from connectors.base.errors import NotFound, PreconditionFailed
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.openwebui.remote import OpenWebUI
from tests.connectors.conformance import ITEM, RestConformance
from tests.connectors.replay import Replay


class TestOpenWebUI(RestConformance):
    connector = OpenWebUI
    options = {
        "base_url": "http://127.0.0.1:8080",
        "email": "ada@example.org",
        "api_key": "sk-not-a-real-key",
    }


def memory(**other: Any) -> dict[str, Any]:
    said = {"id": "m1", "user_id": "u1", "type": "context", "path": None, "content": "Likes tea"}
    return {**said, "meta": None, "created_at": 1767225600, "updated_at": 1767225700, **other}


def connect(*exchanges: dict[str, Any]) -> Remote:
    options = filled(OpenWebUI.Options, TestOpenWebUI.options)
    return Remote(OpenWebUI(options, httpx.Client(transport=Replay(list(exchanges)))))


def read(**other: Any) -> Entry:
    listing = {"request": "GET /api/v1/memories/", "answer": [memory(**other)]}
    ((entry,),) = [page.entries for page in connect(listing).pages()]
    return entry


def search(*found: dict[str, Any]) -> dict[str, Any]:
    body = {"memory_id": "m1", "limit": 1}
    said = "POST /api/v1/memories/search"
    return {"request": said, "body": body, "answer": list(found)}


def test_times_are_seconds_in_utc() -> None:
    item = read().item
    assert item and item.created_at and item.updated_at
    assert item.created_at.isoformat() == "2026-01-01T00:00:00+00:00"
    assert item.updated_at.isoformat() == "2026-01-01T00:01:40+00:00"


def test_an_older_server_without_types_and_paths_is_understood() -> None:
    old = memory()
    del old["type"], old["path"], old["meta"]
    listing = {"request": "GET /api/v1/memories/", "answer": [old]}
    ((entry,),) = [page.entries for page in connect(listing).pages()]
    assert entry.item and entry.item.kind == "fact" and entry.item.title == ""


def test_filing_it_anew_is_no_change_and_everything_else_is() -> None:
    same = read(updated_at=1867225700, meta={"created_by": "tool"})
    assert same.etag == read().etag
    for other in ({"content": "x"}, {"type": "user"}, {"path": "food"}):
        assert read(**other).etag != read().etag


@pytest.mark.parametrize(
    ("item", "sent"),
    [
        (Item("a", kind="profile"), {"type": "user", "path": ""}),
        (Item("a", kind="preference"), {"type": "user", "path": ""}),
        (
            Item("a", kind="episode", title=" Work /  tea "),
            {"type": "context", "path": "Work / tea"},
        ),
        (Item("a", title="../etc"), {"type": "context", "path": ""}),
        (Item("a", title="a//b"), {"type": "context", "path": ""}),
        (Item("a", title="line\none"), {"type": "context", "path": "line one"}),
    ],
)
def test_kinds_and_titles_find_a_place(item: Item, sent: dict[str, str]) -> None:
    body = {"content": "a", **sent}
    said = {"request": "POST /api/v1/memories/add", "body": body, "answer": memory(content="a")}
    assert connect(said).create(item, "k")


def test_what_changed_there_is_not_overwritten() -> None:
    for write in (lambda r: r.update(read(), ITEM), lambda r: r.delete(read())):
        with pytest.raises(PreconditionFailed):
            write(connect(search(memory(content="Edited"))))


def test_what_is_gone_is_neither_written_nor_missed() -> None:
    with pytest.raises(NotFound):
        connect(search()).update(read(), ITEM)
    connect(search()).delete(read())
    gone = {"request": "DELETE /api/v1/memories/m1", "answer": False}
    connect(search(memory()), gone).delete(read())


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ({"event": "memory.created", "actor": {"id": "u1"}}, True),
        ({"event": "memory.deleted"}, True),
        ({"event": "chat.created"}, False),
        ({"event": None}, False),
        ([], False),
        ("memory.created", False),
    ],
)
def test_notices_about_memories_are_worth_a_look(body: Any, heard: bool) -> None:
    assert connect().connector.heard({}, json.dumps(body).encode()) is heard


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000])
def test_hostile_notices_are_nothing(body: bytes) -> None:
    assert connect().connector.heard({}, body) is False


def test_the_key_is_sent() -> None:
    headers = {"authorization": "Bearer sk-not-a-real-key"}
    listing = {"request": "GET /api/v1/memories/", "headers": headers, "answer": []}
    assert connect(listing).check().id == "127.0.0.1:8080/ada@example.org"

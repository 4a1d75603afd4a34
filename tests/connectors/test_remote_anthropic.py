"""Anthropic memory stores: paths, preconditions, versions, and the SDK's own models."""

import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anthropic
import httpx
import httpx2
import pytest
from anthropic.types.beta.memory_stores import (
    BetaManagedAgentsDeletedMemory,
    BetaManagedAgentsMemory,
    BetaManagedAgentsMemoryVersion,
)

from connectors.anthropic.remote import AnthropicMemoryStore
from connectors.base.errors import BadResponse, PreconditionFailed, Rejected
from connectors.base.types import Item
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording

OPTIONS = {"api_key": "sk-ant-not-a-real-key", "store_id": "memstore_01ada"}
CONFLICT = {"type": "error", "error": {"type": "memory_precondition_failed_error", "message": "x"}}


class TestAnthropic(RestConformance):
    connector = AnthropicMemoryStore
    options = OPTIONS

    def entries(self) -> list[Item]:
        return [entry.item for entry in self.listing() if entry.item]

    def test_a_path_tells_key_kind_and_title(self) -> None:
        plain, titled, foreign = self.entries()
        assert (plain.kind, plain.title) == ("fact", "")
        assert (titled.kind, titled.title) == ("instruction", "Travel plans")
        assert [entry.key for entry in self.listing()] == [KEY, KEY[:-1] + "2", "", ""]
        assert (foreign.kind, foreign.title) == ("document", "notes/todo.md")

    def test_an_empty_file_is_there_and_not_a_memory(self) -> None:
        last = self.listing()[-1]
        assert last.item is None and last.unreadable

    def test_a_folder_in_a_listing_means_that_something_is_missing(self) -> None:
        folder = {"type": "memory_prefix", "path": "/notes/"}
        answer = json.dumps({"data": [folder], "next_page": None}).encode()
        with pytest.raises(BadResponse):
            list(self.connect(Always(200, answer)).pages())

    def test_a_page_that_comes_back_ends_the_listing_in_an_error(self) -> None:
        with pytest.raises(BadResponse, match="circle"):
            list(self.connect(Always(200, b'{"data": [], "next_page": "again"}')).pages())

    def test_a_change_of_the_path_alone_changes_the_etag(self) -> None:
        exchanges = recording("anthropic")["scenes"]["pages"]
        exchanges[0]["answer"]["data"][0]["path"] = f"/satchel/profile/{KEY}.md"
        (moved, *_), *_ = (page.entries for page in self.connect(Replay(exchanges)).pages())
        assert moved.etag != self.first().etag and moved.remote_id == self.first().remote_id

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        remote = self.connect(Always(409, json.dumps(CONFLICT).encode()))
        for write in (
            lambda: remote.update(self.first(), ITEM),
            lambda: remote.delete(self.first()),
        ):
            with pytest.raises(PreconditionFailed):
                write()

    def test_creating_again_finds_the_path_taken_and_waits_for_the_listing(self) -> None:
        assert self.connect(Always(409, json.dumps(CONFLICT).encode())).create(ITEM, KEY) is None

    def test_a_file_of_others_keeps_its_path(self) -> None:
        foreign = self.listing()[2]
        seen = _Seen(recording("anthropic")["scenes"]["update"][0]["answer"])
        self.connect(seen).update(foreign, ITEM)
        assert seen.body.keys() == {"content", "precondition"}

    @pytest.mark.parametrize(
        ("title", "path"),
        [
            ("a/b\u0007c\u2028d", "a b c d"),
            ("e\u0301te\u0301", "\u00e9t\u00e9"),
            ("..", ".."),
            ("\u200b \n", ""),
            ("x" * 500, "x" * 100),
        ],
    )
    def test_a_title_becomes_what_a_path_may_hold(self, title: str, path: str) -> None:
        seen = _Seen(recording("anthropic")["scenes"]["create"][0]["answer"])
        self.connect(seen).create(Item("x", title=title), KEY)
        name = f"{path} ({KEY})" if path else KEY
        assert seen.body["path"] == f"/satchel/fact/{name}.md"

    def test_bytes_are_counted_not_letters(self) -> None:
        remote = self.connect(Always(500))
        with pytest.raises(Rejected):
            remote.create(Item("\u2615" * 40_000), KEY)

    def test_versions_are_emptied_even_if_the_memory_is_gone(self) -> None:
        """A run that broke off between the two comes again."""
        exchanges = recording("anthropic")["scenes"]["delete"]
        exchanges[0] = {**exchanges[0], "status": 404}
        played = Replay(exchanges)
        self.connect(played).delete(self.first())
        assert not played.exchanges

    def test_versions_are_left_where_that_was_asked_for(self) -> None:
        played = Replay(recording("anthropic")["scenes"]["delete"][:1])
        options = AnthropicMemoryStore.Options(**OPTIONS, redact=False)
        AnthropicMemoryStore(options, httpx.Client(transport=played)).delete(self.first())
        assert not played.exchanges

    def test_a_workspace_is_named_in_a_header(self) -> None:
        options = AnthropicMemoryStore.Options(**OPTIONS, workspace_id="wrkspc_1")
        remote = AnthropicMemoryStore(options, httpx.Client())
        assert remote.headers()["anthropic-workspace-id"] == "wrkspc_1"
        assert "anthropic-workspace-id" not in self.connect().connector.headers()  # type: ignore[attr-defined]

    def test_an_archived_store_says_so(self) -> None:
        answer = recording("anthropic")["scenes"]["check"][0]["answer"]
        archived = json.dumps({**answer, "archived_at": "2026-11-20T00:00:00Z"}).encode()
        assert "archived" in self.connect(Always(200, archived)).check().label


class _Seen(httpx.BaseTransport):
    def __init__(self, answer: Any) -> None:
        self.answer, self.body = answer, {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.body: dict[str, Any] = json.loads(request.read())
        return httpx.Response(200, json=self.answer)


def scene(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recording("anthropic")["scenes"][name]
    return found


def test_the_recording_is_what_the_sdk_reads() -> None:
    memories = [one for page in scene("pages") for one in page["answer"]["data"]]
    for memory in [*memories, scene("create")[0]["answer"], scene("update")[0]["answer"]]:
        known = BetaManagedAgentsMemory.model_validate(memory, strict=False)
        assert known.content is not None
        assert known.content_sha256 == sha256(known.content.encode()).hexdigest()
        assert not known.model_extra
    BetaManagedAgentsDeletedMemory.model_validate(scene("delete")[0]["answer"])
    for page in scene("delete")[1:3]:
        for version in page["answer"]["data"]:
            assert not BetaManagedAgentsMemoryVersion.model_validate(version).model_extra


class Meets(httpx2.BaseTransport):
    """Answers Anthropic's own client by our recording, and refuses any other request."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.exchanges = exchanges

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        exchange = self.exchanges.pop(0)
        method, _, target = exchange["request"].partition(" ")
        sent, wanted = urlsplit(str(request.url)), urlsplit(target)
        assert (request.method, sent.path) == (method, wanted.path)
        query = {key: value for key, value in parse_qsl(sent.query) if key != "beta"}
        assert query == dict(parse_qsl(wanted.query))
        for name in ("anthropic-version", "anthropic-beta"):  # it signs in by another header
            assert request.headers[name] == exchange["headers"][name]
        body = request.read()
        assert (json.loads(body) if body else None) == exchange.get("body")
        return httpx2.Response(200, json=exchange["answer"])


@pytest.mark.parametrize("name", ["check", "pages", "create", "update", "delete"])
def test_the_sdk_sends_what_we_send(name: str) -> None:
    exchanges = scene(name)
    transport, store = Meets(exchanges), "memstore_01ada"
    client = anthropic.Anthropic(
        api_key=OPTIONS["api_key"], http_client=httpx2.Client(transport=transport), max_retries=0
    )
    memories, versions = (
        client.beta.memory_stores.memories,
        client.beta.memory_stores.memory_versions,
    )
    first = TestAnthropic().first()
    digest: Any = {"type": "content_sha256", "content_sha256": first.etag[:64]}
    file: Any = {"path": f"/satchel/preference/{KEY}.md", "content": ITEM.text, "view": "full"}
    match name:
        case "check":
            client.beta.memory_stores.retrieve(store)
        case "pages":
            assert len(list(memories.list(store, view="full", limit=20))) == 4
        case "create":
            memories.create(store, **file)
        case "update":
            memories.update(first.remote_id, memory_store_id=store, precondition=digest, **file)
        case "delete":
            sha256_now = digest["content_sha256"]
            memories.delete(
                first.remote_id, memory_store_id=store, expected_content_sha256=sha256_now
            )
            for version in list(versions.list(store, memory_id=first.remote_id, limit=100))[:2]:
                versions.redact(version.id, memory_store_id=store)
    assert not exchanges

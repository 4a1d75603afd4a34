"""LangGraph's store."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import Misconfigured, PreconditionFailed, Unavailable
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry
from connectors.langgraph.remote import PAGE, LangGraph
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay
from tests.connectors.stores import Answers, answer

SPACE = ["memories", "ada"]


class TestLangGraph(RestConformance):
    connector = LangGraph
    options = {"base_url": "http://127.0.0.1:2024", "namespace": "memories.ada"}


class Store:
    """A store that lists the newest change first; `between` runs before each page."""

    def __init__(self, count: int) -> None:
        self.items = [document(f"k{number}") for number in range(count)]
        self.between = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.between()
        body = answer(request)
        at = body["offset"]
        return httpx.Response(200, json={"items": self.items[at : at + body["limit"]]})


def document(key: str, value: Any = None, space: list[str] = SPACE) -> dict[str, Any]:
    time = "2026-01-02T03:04:05.678901+00:00"
    value = {"content": f"text of {key}"} if value is None else value
    return {"namespace": space, "key": key, "value": value, "created_at": time, "updated_at": time}


def connect(transport: httpx.BaseTransport, **options: str) -> Remote:
    given = {**TestLangGraph.options, **options}
    return Remote(LangGraph(filled(LangGraph.Options, given), httpx.Client(transport=transport)))


def listed(transport: httpx.BaseTransport, **options: str) -> dict[str, Entry]:
    pages = connect(transport, **options).pages()
    found = [entry for page in pages for entry in page.entries]
    assert len({entry.remote_id for entry in found}) == len(found)
    return {entry.remote_id: entry for entry in found}


@pytest.mark.parametrize("count", [0, 1, 2, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE - 2, 3 * PAGE])
def test_every_document_of_every_page_is_listed(count: int) -> None:
    assert len(listed(Answers(Store(count)))) == count


def test_what_is_deleted_meanwhile_hides_nothing_else() -> None:
    store = Store(3 * PAGE)
    left = iter(range(2))
    store.between = lambda: store.items.pop(0) if next(left, None) is not None else None  # type: ignore[assignment,return-value]
    assert listed(Answers(store)).keys() >= {one["key"] for one in store.items}


def test_what_never_comes_to_rest_is_not_listed_by_halves() -> None:
    store = Store(3 * PAGE)
    store.between = lambda: store.items.insert(0, store.items.pop())  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        listed(Answers(store))


def test_namespaces_with_the_same_beginning_and_below_are_left_out() -> None:
    store = Store(2)
    store.items += [
        document("other", space=["memories", "adam"]),
        document("deeper", space=["memories", "ada", "x"]),
    ]
    assert listed(Answers(store)).keys() == {"k0", "k1"}


@pytest.mark.parametrize("value", [{}, {"content": None}, {"content": {"a": 1}}, {"content": ""}])
def test_a_document_without_such_a_text_is_left_alone_and_says_so(value: dict[str, Any]) -> None:
    store = Store(0)
    store.items = [document("odd", value)]
    found = listed(Answers(store))["odd"]
    assert found.item is None and "“content”" in found.unreadable


def test_the_field_is_the_persons_choice() -> None:
    store = Store(0)
    store.items = [document("k", {"memory": "Likes tea", "kind": "Memory"})]
    found = listed(Answers(store), field="memory")["k"]
    assert found.item and (found.item.text, found.item.kind) == ("Likes tea", "fact")


def test_kind_title_and_key_come_back_and_what_others_wrote_keeps_its_fields() -> None:
    kept = {"content": "old", "kind": "Memory", "score": 1}
    exchanges = [
        {"request": f"GET /store/items?namespace=memories.ada&key={KEY}", "answer": None},
        {
            "request": "PUT /store/items",
            "status": 204,
            "body": {
                "namespace": SPACE,
                "key": KEY,
                "value": {"content": ITEM.text, "satchel": KEY, "kind": "preference", "title": ""},
            },
        },
        {
            "request": f"GET /store/items?namespace=memories.ada&key={KEY}",
            "answer": document(KEY, {"content": ITEM.text, "satchel": KEY, "kind": "preference"}),
        },
        {"request": "GET /store/items?namespace=memories.ada&key=k", "answer": document("k", kept)},
        {
            "request": "PUT /store/items",
            "status": 204,
            "body": {"namespace": SPACE, "key": "k", "value": {**kept, "content": ITEM.text}},
        },
        {"request": "GET /store/items?namespace=memories.ada&key=k", "answer": document("k")},
    ]
    remote = connect(Replay(exchanges))
    made = remote.create(ITEM, KEY)
    assert made and made.key == KEY and made.item and made.item.kind == "preference"
    store = Store(0)
    store.items = [document("k", kept)]
    remote.update(listed(Answers(store))["k"], ITEM)


def test_a_second_try_overwrites_nothing() -> None:
    there = document(KEY, {"content": "edited since", "satchel": KEY})
    said = f"GET /store/items?namespace=memories.ada&key={KEY}"
    made = connect(Replay([{"request": said, "answer": there}])).create(ITEM, KEY)
    assert made and made.item and made.item.text == "edited since"


def test_a_document_that_changed_is_not_overwritten() -> None:
    store = Store(1)
    first = listed(Answers(store))["k0"]
    said = "GET /store/items?namespace=memories.ada&key=k0"
    changed = {"request": said, "answer": document("k0", {"content": "changed"})}
    with pytest.raises(PreconditionFailed):
        connect(Replay([changed])).update(first, ITEM)
    with pytest.raises(PreconditionFailed):
        connect(Replay([changed])).delete(first)


@pytest.mark.parametrize("namespace", [".", "a..b", ".a", "a."])
def test_a_namespace_without_a_label_is_named(namespace: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        connect(Answers(Store(0)), namespace=namespace).check()
    assert caught.value.field == "namespace"


@pytest.mark.parametrize(("key", "sent"), [("", None), ("lsv2-1", "lsv2-1")])
def test_a_key_is_sent_where_there_is_one(key: str, sent: str | None) -> None:
    def play(request: httpx.Request) -> httpx.Response:
        assert request.headers.get("x-api-key") == sent
        return httpx.Response(200, json={"items": []})

    assert connect(Answers(play), api_key=key).check().id == "127.0.0.1:2024/memories.ada"

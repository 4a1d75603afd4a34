"""Letta's memory blocks."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import BadResponse, PreconditionFailed, Rejected, Unavailable
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.letta.remote_blocks import PAGE, LettaBlocks
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay, recording
from tests.connectors.stores import Answers

TAG = recording("letta-blocks")["scenes"]["create"][0]["body"]["tags"][0]


class TestLettaBlocks(RestConformance):
    connector = LettaBlocks
    options = {
        "api_key": "sk-let-not-a-real-key",
        "base_url": "http://127.0.0.1:8283",
        "tag": TAG,
    }


def block(name: str = "block-1", **other: Any) -> dict[str, Any]:
    said = {"id": name, "value": f"text of {name}", "label": "notes", "description": None}
    return {**said, "limit": 100_000, "metadata": {}, "tags": [], **other}


def connect(transport: httpx.BaseTransport, **options: str) -> Remote:
    return Remote(
        LettaBlocks(filled(LettaBlocks.Options, options), httpx.Client(transport=transport))
    )


class Blocks:
    """A server that lists what comes after a block, and nothing after one that is gone."""

    def __init__(self, count: int, page: int = PAGE) -> None:
        self.blocks = [block(f"block-{number}") for number in range(count)]
        self.page, self.gone = page, ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/v1/blocks/")
        names = [one["id"] for one in self.blocks]
        if name:
            return httpx.Response(200 if name in names else 404, json=block(name))
        after = request.url.params.get("after")
        if after == self.gone or (after and after not in names):
            self.blocks = [one for one in self.blocks if one["id"] != after]
            return httpx.Response(200, json=[])
        start = names.index(after) + 1 if after else 0
        return httpx.Response(200, json=self.blocks[start : start + self.page])


def listed(play: Any) -> list[str]:
    return [one.remote_id for page in connect(Answers(play)).pages() for one in page.entries]


def read(**other: Any) -> Entry:
    blocks = Blocks(0)
    blocks.blocks = [block(**other)]
    ((entry,),) = [page.entries for page in connect(Answers(blocks)).pages()]
    return entry


@pytest.mark.parametrize("page", [1, 30, PAGE])
@pytest.mark.parametrize("count", [0, 1, PAGE, 2 * PAGE + 1])
def test_every_block_is_listed_however_short_the_pages_are(count: int, page: int) -> None:
    assert listed(Blocks(count, page)) == [f"block-{number}" for number in range(count)]


def test_a_listing_that_lost_its_place_is_not_an_end() -> None:
    blocks = Blocks(3 * PAGE)
    blocks.gone = f"block-{PAGE - 1}"
    with pytest.raises(Unavailable):
        listed(blocks)


def test_a_listing_that_goes_in_circles_ends() -> None:
    with pytest.raises(BadResponse):
        listed(lambda request: httpx.Response(200, json=[block()]))


def test_labels_say_what_others_wrote() -> None:
    assert read(label="human").item == Item("text of block-1", kind="profile", title="human")
    assert read(label="persona").item == Item(
        "text of block-1", kind="instruction", title="persona"
    )
    assert read(label=None).item == Item("text of block-1")


def test_an_empty_block_is_left_alone() -> None:
    assert read(value="").item is None and read(value="").unreadable


def test_a_block_of_ours_brings_all_of_it_back() -> None:
    said = {"satchel": KEY, "kind": "preference", "title": "Drinks"}
    entry = read(label=f"satchel-{KEY}", metadata=said)
    assert entry.key == KEY
    assert entry.item == Item("text of block-1", kind="preference", title="Drinks")


def test_what_others_wrote_keeps_its_description_and_metadata() -> None:
    theirs = block(description="About the person", metadata={"a": 1})
    written = {
        "request": "PATCH /v1/blocks/block-1",
        "body": {"value": ITEM.text},
        "answer": {**theirs, "value": ITEM.text},
    }
    exchanges = [{"request": "GET /v1/blocks/block-1", "answer": theirs}, written]
    assert connect(Replay(exchanges)).update(read(), ITEM).item


def test_what_changed_there_is_not_overwritten() -> None:
    now = {"request": "GET /v1/blocks/block-1", "answer": block(value="Edited")}
    for write in (lambda r: r.update(read(), ITEM), lambda r: r.delete(read())):
        with pytest.raises(PreconditionFailed):
            write(connect(Replay([now])))


def test_a_text_that_the_block_has_no_room_for_is_refused_here() -> None:
    now = {"request": "GET /v1/blocks/block-1", "answer": block(limit=5)}
    with pytest.raises(Rejected):
        connect(Replay([now])).update(read(), ITEM)


@pytest.mark.parametrize(("key", "sent"), [("", None), ("sk-let-1", "Bearer sk-let-1")])
def test_a_key_is_sent_where_there_is_one(key: str, sent: str | None) -> None:
    def play(request: httpx.Request) -> httpx.Response:
        assert request.headers.get("authorization") == sent
        return httpx.Response(200, json=[])

    assert connect(Answers(play), api_key=key).check().id == "api.letta.com"

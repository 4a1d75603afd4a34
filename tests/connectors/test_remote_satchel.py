"""Another Satchel, by its REST API. It is tried for real in tests/sync/test_federation.py."""

import json
from typing import Any

import httpx
import pytest

from connectors.base.errors import (
    AuthError,
    BadResponse,
    CursorExpired,
    PreconditionFailed,
    Rejected,
)
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.satchel.remote import Satchel
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording

OPTIONS = {"base_url": "https://satchel.example", "token": "satchel_not-a-real-token"}
WAITING = {"id": "s1", "state": "waiting"}
ENTRY = Entry("m1", '"3"', Item("Old."))


class TestSatchel(RestConformance):
    connector = Satchel
    options = OPTIONS

    def test_tombstones_come_with_the_changes(self) -> None:
        entries = [
            one for page in self.pages("delta", self.pages()[-1].cursor) for one in page.entries
        ]
        assert [one.item is None for one in entries] == [False, True]
        assert entries[1].remote_id in {one.remote_id for one in self.listing()}

    def test_a_write_carries_its_key_and_a_change_what_was_seen(self) -> None:
        scenes = recording("satchel")["scenes"]
        assert scenes["create"][0]["headers"]["idempotency-key"] == KEY
        assert scenes["update"][0]["headers"]["if-match"] == self.first().etag


def satchel(transport: httpx.BaseTransport, **more: str) -> Remote:
    options = filled(Satchel.Options, OPTIONS | more)
    return Remote(Satchel(options, httpx.Client(transport=transport)))


def answering(status: int, body: Any) -> Always:
    return Always(status, json.dumps(body).encode())


def changes(*entries: Any, next: str, more: bool) -> dict[str, Any]:
    answer = {"changes": list(entries), "next": next, "more": more}
    return {"request": "", "answer": answer}


def played(*exchanges: dict[str, Any]) -> Replay:
    cursors = ["", *(f"&cursor={one['answer']['next']}" for one in exchanges)]
    return Replay(
        [
            {**one, "request": f"GET /api/v1/changes?limit=100{cursor}"}
            for one, cursor in zip(exchanges, cursors, strict=False)
        ]
    )


def test_it_goes_on_while_there_is_more_also_after_an_empty_page() -> None:
    gone = {"id": "m1", "memory": None}
    pages = [changes(next="a", more=True), changes(gone, next="b", more=False)]
    found = list(satchel(played(*pages)).pages())
    assert [page.cursor for page in found] == ["a", "b"]
    assert found[1].entries == [Entry("m1", "", None)]


def test_a_feed_without_end_is_refused() -> None:
    with pytest.raises(BadResponse):
        list(satchel(answering(200, changes(next="a", more=True)["answer"])).pages())


@pytest.mark.parametrize("status", [400, 410])
def test_a_cursor_that_is_of_no_use_starts_again(status: int) -> None:
    """Too old; or given to another token, which the connection had before."""
    with pytest.raises(CursorExpired):
        list(satchel(Always(status)).pages("old"))
    with pytest.raises(BadResponse):
        list(satchel(Always(status)).pages())


def test_what_waits_for_its_owner_is_accepted_and_not_there_yet() -> None:
    assert satchel(answering(202, WAITING)).create(ITEM, KEY) is None


def test_what_is_held_is_not_there_yet() -> None:
    shown = recording("satchel")["scenes"]["create"][0]["answer"]
    assert satchel(answering(201, shown | {"held": True})).create(ITEM, KEY) is None
    assert satchel(answering(201, shown)).create(ITEM, KEY) is not None


def test_a_change_that_waits_leaves_it_as_it_was() -> None:
    assert satchel(answering(202, WAITING)).update(ENTRY, ITEM) == ENTRY


def test_a_deletion_that_waits_is_not_done() -> None:
    with pytest.raises(Rejected):
        satchel(answering(202, WAITING)).delete(ENTRY)
    with pytest.raises(BadResponse):
        satchel(answering(200, {})).delete(ENTRY)


def test_somebody_was_faster() -> None:
    for write in (lambda r: r.update(ENTRY, ITEM), lambda r: r.delete(ENTRY)):
        with pytest.raises(PreconditionFailed):
            write(satchel(Always(412)))


def test_a_token_that_sees_nothing_is_refused_not_taken_for_an_empty_vault() -> None:
    me = recording("satchel")["scenes"]["check"][0]["answer"]
    for collection in me["collections"]:
        collection["see"] = False
    with pytest.raises(AuthError):
        satchel(answering(200, me)).check()


def test_a_collection_is_named_where_one_is_chosen() -> None:
    scene = recording("satchel")["scenes"]["create"]
    scene[0]["body"]["collection_id"] = "c1"
    assert satchel(Replay(scene), collection_id="c1").create(ITEM, KEY)


def test_a_long_title_is_cut_to_what_fits() -> None:
    scene = recording("satchel")["scenes"]["create"]
    scene[0]["body"]["title"] = "t" * 300
    long = Item(ITEM.text, ITEM.kind, title="t" * 301)
    assert satchel(Replay(scene)).create(long, KEY)

"""Letta's archives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.base.errors import BadResponse, NotFound, Unavailable
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.letta.remote_archives import PAGE, LettaArchives
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import recording
from tests.connectors.stores import Answers, answer

START = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
ARCHIVE = "archive-1"


class TestLettaArchives(RestConformance):
    connector = LettaArchives
    options = {
        "api_key": "sk-let-not-a-real-key",
        "base_url": "http://127.0.0.1:8283",
        "archive_id": recording("letta-archives")["scenes"]["check"][0]["answer"]["id"],
    }


class Archive:
    """A server that keeps passages by time and lists PAGE of them. `fails` names a method that is
    answered with 503, before or after it was done."""

    def __init__(self, times: list[datetime]) -> None:
        self.passages = [passage(f"p{number}", at) for number, at in enumerate(times)]
        self.fails, self.late = "", False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        failing = request.method == self.fails and not request.url.path.endswith("/search")
        if failing and not self.late:
            return httpx.Response(503)
        said = self._answer(request)
        return httpx.Response(503) if failing else said

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == f"/v1/archives/{ARCHIVE}":
            return httpx.Response(200, json={"id": ARCHIVE, "name": "Ada"})
        if path == "/v1/passages/search":
            return httpx.Response(
                200, json=[{"passage": one} for one in self._found(answer(request))]
            )
        if request.method == "POST":
            body = answer(request)
            at = datetime.fromisoformat(body.get("created_at", START.isoformat()))
            made = passage(f"p{len(self.passages)}", at, body["text"], body["metadata"])
            self.passages.append(made)
            return httpx.Response(200, json=made)
        name = path.rsplit("/", 1)[1]
        there = [one for one in self.passages if one["id"] != name]
        gone, self.passages = len(there) < len(self.passages), there
        return httpx.Response(204 if gone else 404)

    def _found(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        assert body["archive_id"] == ARCHIVE
        first, last = body.get("start_date", "0001-01-01T00:00:00Z"), body.get("end_date")
        found = sorted(self.passages, key=lambda one: (one["created_at"], one["id"]))
        start, end = datetime.fromisoformat(first), datetime.fromisoformat(last) if last else None
        times = {one["id"]: datetime.fromisoformat(one["created_at"]) for one in found}
        kept = [o for o in found if times[o["id"]] >= start and not (end and times[o["id"]] > end)]
        return kept[: body["limit"]]


def passage(name: str, at: datetime, text: str = "", metadata: Any = None) -> dict[str, Any]:
    said = {"id": name, "text": text or f"text of {name}", "metadata": metadata, "tags": []}
    return {**said, "archive_id": ARCHIVE, "created_at": at.isoformat(), "updated_at": None}


def connect(archive: Any) -> Remote:
    options = filled(LettaArchives.Options, {"archive_id": ARCHIVE})
    return Remote(LettaArchives(options, httpx.Client(transport=Answers(archive))))


def listed(archive: Any) -> dict[str, Entry]:
    found = [entry for page in connect(archive).pages() for entry in page.entries]
    assert len({entry.remote_id for entry in found}) == len(found)
    return {entry.remote_id: entry for entry in found}


@pytest.mark.parametrize("apart", [timedelta(microseconds=1), timedelta(days=1)])
@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_every_passage_of_every_page_is_listed(count: int, apart: timedelta) -> None:
    assert len(listed(Archive([START + apart * number for number in range(count)]))) == count


def test_passages_of_one_time_are_listed_while_there_are_not_too_many() -> None:
    times = [START] * 60 + [START + timedelta(1)] * 90 + [START + timedelta(2)] * 99
    assert len(listed(Archive(times))) == 249


@pytest.mark.parametrize("count", [PAGE, PAGE + 1])
def test_more_of_one_time_than_can_be_told_apart_is_not_listed_by_halves(count: int) -> None:
    with pytest.raises(BadResponse):
        listed(Archive([START] * count))


def test_an_order_that_is_not_known_is_not_trusted() -> None:
    rows = [{"passage": passage("a", START)}, {"passage": passage("b", START - timedelta(1))}]

    def play(request: httpx.Request) -> httpx.Response:
        named = {"id": ARCHIVE, "name": "Ada"}
        return httpx.Response(200, json=named if request.method == "GET" else rows)

    with pytest.raises(BadResponse):
        listed(play)


def test_an_archive_that_is_not_there_is_not_an_empty_one() -> None:
    def play(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404) if request.method == "GET" else httpx.Response(200, json=[])

    with pytest.raises(BadResponse):
        listed(play)


def test_kind_title_and_key_come_back_and_the_time_is_kept() -> None:
    archive = Archive([])
    item = Item("Likes tea", kind="preference", title="Drinks", created_at=START)
    made = connect(archive).create(item, KEY)
    assert made and made.key == KEY and made.item
    assert (made.item.kind, made.item.title, made.item.created_at) == (
        "preference",
        "Drinks",
        START,
    )
    assert listed(archive) == {made.remote_id: made}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("late", [False, True])
def test_a_change_that_broke_off_anywhere_leaves_one_passage(method: str, late: bool) -> None:
    archive = Archive([])
    first = connect(archive).create(Item("Likes tea", created_at=START), KEY)
    assert first
    archive.fails, archive.late = method, late
    with pytest.raises(Unavailable):
        connect(archive).update(first, ITEM)
    assert archive.passages, "never without any"
    archive.fails = ""
    after = connect(archive).update(first, ITEM)
    (left,) = listed(archive).values()
    assert left == after and left.item and left.item.text == ITEM.text and left.key == KEY


@pytest.mark.parametrize("late", [False, True])
def test_a_creation_that_broke_off_is_done_once(late: bool) -> None:
    archive = Archive([START])
    item = Item("Likes tea", created_at=START)
    archive.fails, archive.late = "POST", late
    with pytest.raises(Unavailable):
        connect(archive).create(item, KEY)
    archive.fails = ""
    made = connect(archive).create(item, KEY)
    assert made and len(listed(archive)) == 2 and made.remote_id in listed(archive)


def test_a_new_kind_for_the_same_words_is_a_change() -> None:
    archive = Archive([])
    first = connect(archive).create(Item("Likes tea", created_at=START), KEY)
    assert first
    after = connect(archive).update(first, Item("Likes tea", kind="preference"))
    assert after.item and after.item.kind == "preference" and after.remote_id != first.remote_id
    assert listed(archive) == {after.remote_id: after}


def test_what_is_gone_is_not_written_anew() -> None:
    archive = Archive([START])
    first = listed(archive)["p0"]
    archive.passages.clear()
    with pytest.raises(NotFound):
        connect(archive).update(first, ITEM)
    assert archive.passages == []
    connect(archive).delete(first)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_passage_is_left_alone(text: str) -> None:
    archive = Archive([START])
    archive.passages[0]["text"] = text
    assert listed(archive)["p0"].item is None and listed(archive)["p0"].unreadable

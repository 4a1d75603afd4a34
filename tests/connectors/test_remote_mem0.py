"""Mem0's platform: the conformance suite, and what is its own."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base.errors import BadResponse, PreconditionFailed, Rejected, Unavailable
from connectors.base.types import Capability, Entry, Item
from connectors.mem0.remote import Mem0
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording


class TestMem0(RestConformance):
    connector = Mem0
    options = {"api_key": "m0-not-a-real-key", "user_id": "ada"}

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("mem0")["scenes"][name])

    def test_our_marks_come_back(self) -> None:
        foreign, outdated, ours = self.listing()
        assert (ours.key, ours.item) == (
            "key-1",
            Item(
                "Write to me in French",
                kind="instruction",
                title="Language",
                created_at=datetime(2026, 1, 4, 3, 4, 5, tzinfo=UTC),
                updated_at=datetime(2026, 1, 4, 3, 4, 5, tzinfo=UTC),
            ),
        )
        assert foreign.key == "" and foreign.item and foreign.item.kind == "fact"
        assert foreign.item.created_at == datetime(2026, 1, 2, 11, 4, 5, 123456, tzinfo=UTC)
        assert outdated.item, "what is superseded is still there, and shown"

    def test_filing_a_memory_anew_is_no_change(self) -> None:
        pages = self.scene("pages")
        for page in pages:
            for row in page["answer"]["results"]:
                row |= {"categories": ["other"], "updated_at": "2026-09-09T00:00:00Z"}
        again = [entry for page in self.connect(Replay(pages)).pages() for entry in page.entries]
        assert [entry.etag for entry in again] == [entry.etag for entry in self.listing()]

    def test_no_delta_since_deletions_are_not_told(self) -> None:
        assert Capability.DELTA not in Mem0.capabilities

    @pytest.mark.parametrize(("at", "count"), [(0, 2), (0, 4), (1, 2), (1, 4)])
    def test_a_total_that_does_not_fit_is_no_listing(self, at: int, count: int) -> None:
        pages = self.scene("pages")
        pages[at]["answer"]["count"] = count
        with pytest.raises(Unavailable):
            list(self.connect(Replay(pages)).pages())

    def test_an_entry_that_slipped_between_pages_is_noticed(self) -> None:
        """One was deleted and one added, so the second page shows what the first one did."""
        pages = self.scene("pages")
        pages[1]["answer"]["results"] = pages[0]["answer"]["results"][1:]
        with pytest.raises(Unavailable):
            list(self.connect(Replay(pages)).pages())

    def test_a_listing_without_end_is_noticed(self) -> None:
        first = self.scene("pages")[0]
        second = {**first, "request": first["request"].replace("page=1", "page=2")}
        with pytest.raises(BadResponse):
            list(self.connect(Replay([first, second])).pages())

    def test_what_has_no_text_is_left_alone(self) -> None:
        pages = self.scene("pages")
        pages[0]["answer"]["results"][0]["memory"] = ""
        pages[0]["answer"]["results"][1]["metadata"] = "odd"
        first, second = next(self.connect(Replay(pages)).pages()).entries
        assert first.item is second.item is None
        assert first.unreadable and second.unreadable

    def test_an_edit_meanwhile_is_not_overwritten(self) -> None:
        seen = self.first()
        for name in ("update", "delete"):
            moved = self.scene(name)[:1]
            moved[0]["answer"]["memory"] = "Likes black tea"
            remote = self.connect(Replay(moved))
            with pytest.raises(PreconditionFailed):
                remote.update(seen, ITEM) if name == "update" else remote.delete(seen)

    def test_created_entry_is_the_one_that_is_listed(self) -> None:
        made = self.replay("create").create(ITEM, KEY)
        assert made and made.key == KEY
        row = {"id": made.remote_id, "memory": ITEM.text, "created_at": "2026-02-01T00:00:00Z"}
        row |= {"metadata": self.scene("create")[0]["body"]["metadata"]}
        page = {**self.scene("pages")[0], "answer": {"count": 1, "next": None, "results": [row]}}
        (listed,) = next(self.connect(Replay([page])).pages()).entries
        assert (listed.remote_id, listed.etag, listed.key) == (made.remote_id, made.etag, KEY)

    def test_a_queued_write_is_found_later(self) -> None:
        queued = json.dumps({"event_id": "e-1", "status": "PENDING"}).encode()
        assert self.connect(Always(200, queued)).create(ITEM, KEY) is None

    def test_the_time_goes_along(self) -> None:
        scene = self.scene("create")
        scene[0]["body"]["timestamp"] = 1767323045
        item = Item(ITEM.text, ITEM.kind, created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        assert self.connect(Replay(scene)).create(item, KEY)

    @pytest.mark.parametrize(
        "answer",
        [
            (200, b'{"status": "SUCCEEDED", "results": []}'),
            (413, b""),
            (400, b'{"error": "immutable"}'),
        ],
    )
    def test_what_mem0_does_not_take_is_said(self, answer: tuple[int, bytes]) -> None:
        with pytest.raises(Rejected):
            self.connect(Always(*answer)).create(ITEM, KEY)

    def test_ids_cannot_lead_elsewhere(self) -> None:
        """Always answers the same, so what counts is the path that was asked for."""
        asked = Replay([{"request": "GET /v1/memories/..%2F..%2Fx%3Fa/", "status": 404}])
        self.connect(asked).delete(Entry("../../x?a", "1", ITEM))
        assert not asked.exchanges

    @pytest.mark.parametrize(
        ("body", "worth"),
        [
            (b'{"event_details": {"id": "a", "data": {"memory": "x"}, "event": "ADD"}}', True),
            (b'{"event_details": {"id": "a", "data": {"memory": "x"}, "event": "DELETE"}}', True),
            (b'{"event_details": {"event": "CATEGORIZE", "memory_id": "a"}}', False),
            (b'{"event_details": {"event": []}}', False),
            (b'{"event_details": null}', False),
            (b"[" * 100_000, False),
            (b"\xff", False),
        ],
    )
    def test_notices(self, body: bytes, worth: bool) -> None:
        assert self.connect().connector.heard({}, body) is worth

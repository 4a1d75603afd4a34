"""MCP Memory Service: ids that are hashes, pages that shift, and listings that fail quietly."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import BadResponse, PreconditionFailed, Rejected, Unavailable
from connectors.base.live.options import filled
from connectors.base.live.remote import Remote
from connectors.base.types import Entry, Item
from connectors.mcp_memory_service.remote import McpMemoryService
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay, recording

OPTIONS = {"base_url": "http://127.0.0.1:8771", "api_key": "not-a-real-key"}
SLUG = "mcp_memory_service"


class TestMcpMemoryService(RestConformance):
    connector = McpMemoryService
    options = OPTIONS

    def test_another_text_is_another_id_and_the_old_one_goes_last(self) -> None:
        said = [one["request"].split()[0] for one in scene("update")]
        assert said == ["GET", "POST", "DELETE"]
        after = self.replay("update").update(self.first(), ITEM)
        assert after.remote_id != self.first().remote_id

    def test_what_changed_meanwhile_is_left_alone(self) -> None:
        moved = scene("update")[:1]
        moved[0]["answer"]["metadata"]["title"] = "Newer"
        first = self.first()
        for write in (lambda r: r.update(first, ITEM), lambda r: r.delete(first)):
            with pytest.raises(PreconditionFailed):
                write(service(moved))

    def test_scores_that_the_server_adds_are_no_change(self) -> None:
        scored = scene("pages")
        for row in scored[0]["answer"]["memories"]:
            row["metadata"]["quality_score"] = 0.7
            row["updated_at"] += 1
        etags = [e.etag for page in service(scored).pages() for e in page.entries]
        assert etags == [one.etag for one in self.listing()]


def scene(name: str) -> list[dict[str, Any]]:
    return list(recording(SLUG)["scenes"][name])


def service(exchanges: list[dict[str, Any]]) -> Remote:
    options = filled(McpMemoryService.Options, OPTIONS)
    return Remote(McpMemoryService(options, httpx.Client(transport=Replay(exchanges))))


def listed(*pages: list[int], total: int, after: list[dict[str, Any]] | None = None) -> list[Entry]:
    """What comes of pages with these memories."""
    row = scene("pages")[0]["answer"]["memories"][0]
    exchanges = [
        {
            "request": f"GET /api/memories?page={number}&page_size=100&store=default",
            "answer": {
                "memories": [{**row, "content_hash": f"{n:064}"} for n in page],
                "total": total,
                "has_more": number < len(pages),
            },
        }
        for number, page in enumerate(pages, 1)
    ]
    remote = service(exchanges + (after or []))
    return [entry for page in remote.pages() for entry in page.entries]


def test_what_slips_onto_the_next_page_is_listed_once() -> None:
    assert len(listed([4, 3], [3, 2], [1], total=4)) == 4


def test_what_slipped_between_two_pages_is_missed() -> None:
    with pytest.raises(Unavailable):
        listed([4, 3], [1], total=4)


def test_pages_without_end_are_given_up() -> None:
    with pytest.raises(Unavailable):
        listed([2, 1], [2, 1], [2, 1], total=9)


def test_an_empty_listing_is_believed_only_if_the_database_works() -> None:
    """It answers 200, and nothing, also where its database does not."""
    hashes = {"request": "GET /api/memories/hashes?limit=1"}
    assert listed([], total=0, after=[hashes | {"answer": {"hashes": []}}]) == []
    assert listed([], total=0, after=[hashes | {"status": 404}]) == []
    with pytest.raises(Unavailable):
        listed([], total=0, after=[hashes | {"status": 500}])


def test_what_is_there_already_is_found_by_its_words() -> None:
    made = scene("create")
    there = made[0]["answer"]["memory"]
    made[0]["answer"] = {"success": False, "message": "Duplicate content detected (exact match)"}
    address = f"GET /api/memories/{there['content_hash']}?store=default"
    found = service([*made, {"request": address, "answer": there}]).create(ITEM, KEY)
    assert found and found.remote_id == there["content_hash"]
    with pytest.raises(Rejected):
        service([*made, {"request": address, "status": 404}]).create(ITEM, KEY)


def test_a_text_that_was_cut_is_not_taken_for_whole() -> None:
    made = scene("create")
    made[0]["answer"]["memory"]["content"] = "Prefers"
    with pytest.raises(Rejected):
        service(made).create(ITEM, KEY)
    pieces = scene("pages")
    row = pieces[0]["answer"]["memories"][0]
    row["metadata"] |= {"chunk_index": 0, "satchel": KEY}
    (first, *_), *_ = [page.entries for page in service(pieces).pages()]
    assert first.item is None and first.unreadable


def test_a_deletion_that_did_not_happen_says_so() -> None:
    gone = scene("delete")
    gone[-1]["answer"]["success"] = False
    (first, *_), *_ = [page.entries for page in service(scene("pages")).pages()]
    with pytest.raises(Unavailable):
        service(gone).delete(first)


def test_an_id_that_is_no_hash_goes_into_no_address() -> None:
    with pytest.raises(BadResponse):
        service([]).delete(Entry("../tags", "e", Item("x")))

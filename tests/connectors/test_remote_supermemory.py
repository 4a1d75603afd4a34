"""Supermemory: the conformance suite, and what is its own."""

import json
from typing import Any

import pytest

from connectors.base.errors import Misconfigured, NotFound, RateLimited, Rejected, Unavailable
from connectors.base.types import Item
from connectors.supermemory.remote import Supermemory
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording


class TestSupermemory(RestConformance):
    connector = Supermemory
    options = {"api_key": "sm_not-a-real-key", "container_tag": "user_ada"}

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("supermemory")["scenes"][name])

    def test_identity_is_the_first_version_and_the_etag_the_latest(self) -> None:
        first, edited, forgotten, ours = self.listing()
        assert (first.remote_id, first.etag) == ("mem_a1", "mem_a1")
        assert (edited.remote_id, edited.etag) == ("mem_b1", "mem_b2")
        assert (forgotten.remote_id, forgotten.item) == ("mem_c1", None)
        assert not forgotten.unreadable
        assert (ours.key, ours.item and ours.item.title) == ("key-1", "Language")

    def test_a_server_that_does_not_name_the_first_version(self) -> None:
        pages = self.scene("pages")
        for row in pages[0]["answer"]["memoryEntries"]:
            del row["rootMemoryId"]
        again = [entry for page in self.connect(Replay(pages)).pages() for entry in page.entries]
        assert again == self.listing()

    def test_an_edit_is_made_on_the_latest_version(self) -> None:
        edited = self.listing()[1]
        scene = self.scene("update")
        scene[0]["body"]["id"] = "mem_b2"
        scene[0]["answer"] |= {"id": "mem_b3", "rootMemoryId": "mem_b1"}
        after = self.connect(Replay(scene)).update(edited, ITEM)
        assert (after.remote_id, after.etag) == ("mem_b1", "mem_b3")

    def test_marks_of_ours_are_kept_and_those_of_others_not_touched(self) -> None:
        ours = self.listing()[3]
        scene = self.scene("update")
        marks = {"satchel": "key-1", "kind": "preference", "title": ""}
        scene[0]["body"] |= {"id": "mem_d1", "metadata": marks}
        scene[0]["answer"] |= {"id": "mem_d2", "metadata": marks}
        after = self.connect(Replay(scene)).update(ours, ITEM)
        assert (after.key, after.item) == ("key-1", Item(ITEM.text, kind="preference"))
        foreign = self.replay("update").update(self.first(), ITEM)
        assert foreign.item and foreign.item.kind == "fact"

    def test_a_created_entry_is_its_own_first_version(self) -> None:
        made = self.replay("create").create(ITEM, KEY)
        assert made and made.remote_id == made.etag == "mem_e1" and made.key == KEY

    @pytest.mark.parametrize("total", [3, 5])
    def test_a_total_that_does_not_fit_is_no_listing(self, total: int) -> None:
        pages = self.scene("pages")
        for page in pages:
            page["answer"]["pagination"]["totalItems"] = total
        with pytest.raises(Unavailable):
            list(self.connect(Replay(pages)).pages())

    def test_an_edit_while_listing_moves_entries_and_is_noticed(self) -> None:
        """What was edited comes again as another version, so one of the others never came."""
        pages = self.scene("pages")
        first, second = (page["answer"]["memoryEntries"] for page in pages)
        second[0] = {**first[0], "id": "mem_a2", "rootMemoryId": "mem_a1"}
        with pytest.raises(Unavailable):
            list(self.connect(Replay(pages)).pages())

    def test_an_empty_container_is_empty(self) -> None:
        around = {"currentPage": 1, "limit": 200, "totalItems": 0, "totalPages": 0}
        empty = json.dumps({"memoryEntries": [], "pagination": around}).encode()
        assert [page.entries for page in self.connect(Always(200, empty)).pages()] == [[]]

    def test_a_used_up_plan_waits(self) -> None:
        remote = self.connect(Always(402))
        for act in (lambda: remote.create(ITEM, KEY), lambda: list(remote.pages())):
            with pytest.raises(RateLimited, match="plan"):
                act()

    def test_an_unknown_container_is_named_at_its_field(self) -> None:
        with pytest.raises(Misconfigured) as caught:
            self.connect(Always(404)).check()
        assert caught.value.field == "container_tag"

    def test_forgotten_already_is_deleted(self) -> None:
        with pytest.raises(NotFound):
            self.connect(Always(409)).connector.delete(self.first())

    def test_not_forgotten_is_not_deleted(self) -> None:
        answer = b'{"id": "mem_a1", "forgotten": false}'
        with pytest.raises(Rejected):
            self.connect(Always(200, answer)).delete(self.first())

"""Zep's API v2: the conformance suite, and what is its own."""

from typing import Any

import pytest

from connectors.base.errors import BadResponse, PreconditionFailed
from connectors.base.live.options import filled
from connectors.zep.remote_v2 import ZepV2
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Dead, Replay, recording
from tests.connectors.test_remote_zep import SECRET, signed


class TestZepV2(RestConformance):
    connector = ZepV2
    options = {"api_key": "z_not-a-real-key", "holder_id": "ada/1", "notice_secret": SECRET}

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("zep-v2")["scenes"][name])

    def test_what_is_no_longer_true_is_a_tombstone(self) -> None:
        gone = [entry.remote_id for entry in self.listing() if not entry.item]
        assert gone == ["e-c"]

    def test_our_marks_come_back(self) -> None:
        ours = next(entry for entry in self.listing() if entry.key)
        assert ours.item
        assert (ours.key, ours.item.kind, ours.item.title) == ("key-1", "instruction", "Language")

    def test_the_same_page_again_is_no_listing(self) -> None:
        pages = self.scene("pages")
        pages[1]["answer"] = pages[0]["answer"]
        with pytest.raises(BadResponse):
            list(self.connect(Replay(pages)).pages())

    def test_deleting_ours_takes_the_episode_with_its_text_along(self) -> None:
        """Zep takes the fact along with its only episode, so that it may be gone by then."""
        ours = next(entry for entry in self.listing() if entry.key)
        played = Replay.of("zep-v2", "delete ours")
        self.connect(played).delete(ours)
        assert not played.exchanges

    def test_a_sent_fact_is_found_later(self) -> None:
        assert self.replay("create").create(ITEM, KEY) is None
        for answer in (b"{}", b'{"edge": null}', b"[]", b"null"):
            with pytest.raises(BadResponse):
                self.connect(Always(200, answer)).create(ITEM, KEY)

    def test_a_graph_is_named_as_one(self) -> None:
        options = filled(ZepV2.Options, {**self.options, "holder": "graph"})
        pages = self.scene("pages")
        for page in pages:
            page["request"] = page["request"].replace("/user/", "/graph/")
        client = self.connect(Replay(pages)).connector.http
        assert sum(len(page.entries) for page in ZepV2(options, client).pages()) == 4

    def test_an_edit_meanwhile_is_not_overwritten(self) -> None:
        moved = self.scene("update")[:1]
        moved[0]["answer"]["fact"] = "Ada likes black tea"
        with pytest.raises(PreconditionFailed):
            self.connect(Replay(moved)).update(self.first(), ITEM)

    @pytest.mark.parametrize(
        ("about", "worth"),
        [
            ({}, True),
            ({"user_id": "ada/1"}, True),
            ({"user_id": "eve"}, False),
            ({"graph_id": "ada/1"}, False),
        ],
    )
    def test_notices_about_others_are_not_worth_a_run(
        self, about: dict[str, str], worth: bool
    ) -> None:
        zep = self.connect(Dead()).connector
        assert zep.heard(*signed({"event_name": "episode.processed", **about})) is worth

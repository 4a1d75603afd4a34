"""Zep's API v4: the conformance suite, and what is its own."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hmac import digest
from typing import Any

import pytest

from connectors.base.errors import BadResponse, PreconditionFailed
from connectors.base.live.options import filled
from connectors.zep.remote import Zep
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Dead, Replay, recording

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed(notice: Any, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """Headers and body as Zep sends them now."""
    body, stamp = json.dumps(notice).encode(), str(int(datetime.now(UTC).timestamp()))
    key = b64decode(secret.removeprefix("whsec_"))
    signature = b64encode(digest(key, f"msg_1.{stamp}.".encode() + body, "sha256")).decode()
    headers = {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": f"v1,{signature}"}
    return headers, body


class TestZep(RestConformance):
    connector = Zep
    options = {
        "api_key": "z_not-a-real-key",
        "graph_uuid": "5e0f0000-0000-4000-8000-000000000001",
        "notice_secret": SECRET,
    }

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("zep")["scenes"][name])

    def test_what_is_no_longer_true_is_a_tombstone(self) -> None:
        entries = {entry.remote_id: entry for entry in self.listing()}
        assert entries["e-c"].item is None and not entries["e-c"].unreadable
        assert entries["e-d"].item, "true until a day that is to come"

    def test_our_marks_come_back(self) -> None:
        ours = next(entry for entry in self.listing() if entry.key)
        assert ours.item
        assert (ours.key, ours.item.kind, ours.item.title) == ("key-1", "instruction", "Language")

    def test_one_fact_about_many_things_is_one_entry(self) -> None:
        pages = self.scene("pages")
        edge = pages[0]["answer"]["items"][0]
        edge["hyperedge_uuid"] = "h-1"
        pages[1]["answer"]["items"].insert(0, {**edge, "uuid": "e-z"})
        found = [entry for page in self.connect(Replay(pages)).pages() for entry in page.entries]
        assert [entry.remote_id for entry in found] == ["e-a", "e-b", "e-c", "e-d"]

    def test_one_fact_about_many_things_is_deleted_whole(self) -> None:
        scene = self.scene("delete")
        scene[0]["answer"]["hyperedge_uuid"] = "h/1"
        scene[1]["request"] = scene[1]["request"].replace("edges/e-a", "hyperedges/h%2F1")
        self.connect(Replay(scene)).delete(self.first())

    def test_deleting_ours_takes_the_episode_with_its_text_along(self) -> None:
        ours = next(entry for entry in self.listing() if entry.key)
        played = Replay.of("zep", "delete ours")
        self.connect(played).delete(ours)
        assert not played.exchanges

    def test_a_sent_fact_is_found_later(self) -> None:
        assert self.replay("create").create(ITEM, KEY) is None

    def test_a_write_that_is_not_confirmed_did_not_happen(self) -> None:
        for answer in (b"{}", b'{"edges": []}', b'{"edges": null}'):
            with pytest.raises(BadResponse):
                self.connect(Always(202, answer)).create(ITEM, KEY)

    def test_a_listing_that_turns_in_a_circle_is_noticed(self) -> None:
        first, second = self.scene("pages")
        second["answer"]["next_cursor"] = "c1"
        with pytest.raises(BadResponse):
            list(self.connect(Replay([first, second])).pages())

    def test_an_edit_meanwhile_is_not_overwritten(self) -> None:
        seen = self.first()
        for change in ({"fact": "Ada likes black tea"}, {"expired_at": "2026-02-01T00:00:00Z"}):
            moved = self.scene("update")[:1]
            moved[0]["answer"] |= change
            with pytest.raises(PreconditionFailed):
                self.connect(Replay(moved)).update(seen, ITEM)
            with pytest.raises(PreconditionFailed):
                self.connect(Replay(moved)).delete(seen)

    def test_signed_notices_are_heard(self) -> None:
        zep = self.connect().connector
        news = {"event_name": "episode.processed", "project_uuid": "p-1", "episode_uuid": "e"}
        assert zep.heard(*signed(news))
        assert zep.heard(*signed({"event_name": "ingest.batch.completed", "batch_id": "b"}))

    def test_other_notices_are_not(self) -> None:
        zep = self.connect().connector
        headers, body = signed({"event_name": "episode.processed"})
        assert not zep.heard({}, body)
        assert not zep.heard(headers, body + b" ")
        assert not zep.heard(*signed({"event_name": "episode.processed"}, "whsec_AAAA"))
        others: list[Any] = [{"event_name": "byom.rate_limited"}, {"event_name": []}, {}, [], None]
        for other in others:
            assert not zep.heard(*signed(other))

    def test_without_a_secret_nothing_is_heard(self) -> None:
        options = {**self.options, "notice_secret": ""}
        client = self.connect(Dead()).connector.http
        zep = Zep(filled(Zep.Options, options), client)
        assert not zep.heard(*signed({"event_name": "episode.processed"}))

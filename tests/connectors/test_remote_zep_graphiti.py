"""A Graphiti server: the conformance suite, and what is its own."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base.errors import BadResponse, PreconditionFailed
from connectors.base.types import Item
from connectors.zep.remote_graphiti import Graphiti
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording


class TestGraphiti(RestConformance):
    connector = Graphiti
    options = {"base_url": "http://localhost:8000", "group_id": "ada"}

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("zep-graphiti")["scenes"][name])

    def test_lists_our_messages_and_the_facts_of_others(self) -> None:
        found = {entry.remote_id: entry for entry in self.listing()}
        assert list(found) == [
            "episode/ep-1",
            "entity-edge/f-2",
            "entity-edge/f-3",
            "entity-edge/f-4",
        ], "f-1 only says again what we sent, f-5 was deleted"
        assert found["entity-edge/f-4"].item is None, "no longer true"
        ours = found["episode/ep-1"]
        assert ours.key == "key-1"
        assert ours.item == Item(
            "Write to me in French",
            kind="instruction",
            title="Language",
            created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        )

    def test_asks_for_more_until_there_are_fewer(self) -> None:
        first = self.scene("pages")[0]
        message = first["answer"][0]
        many = [{**message, "uuid": f"ep-{at}"} for at in range(1000)]
        played = Replay(
            [
                {**first, "answer": many},
                {"request": "GET /episodes/ada?last_n=10000", "answer": [*many, message]},
            ]
        )
        (page,) = self.connect(played).pages()
        assert len(page.entries) == 1001

    def test_messages_of_another_group_are_refused(self) -> None:
        pages = self.scene("pages")
        pages[0]["answer"][1]["group_id"] = "eve"
        with pytest.raises(BadResponse):
            list(self.connect(Replay(pages)).pages())

    def test_a_fact_that_cannot_be_read_ends_the_listing(self) -> None:
        pages = self.scene("pages")[:2]
        pages[1]["answer"] = {"surprise": True}
        with pytest.raises(BadResponse):
            list(self.connect(Replay(pages)).pages())

    def test_a_sent_message_is_found_later(self) -> None:
        assert self.replay("create").create(ITEM, KEY) is None
        with pytest.raises(BadResponse):
            self.connect(Always(202, b'{"message": "no", "success": false}')).create(ITEM, KEY)

    def test_title_and_time_go_along(self) -> None:
        scene = self.scene("create")
        scene[0]["body"]["messages"][0] |= {
            "source_description": "preference Drinks",
            "timestamp": "2026-01-02T03:04:05+00:00",
        }
        item = Item(
            ITEM.text,
            ITEM.kind,
            title="Drinks",
            created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        )
        assert self.connect(Replay(scene)).create(item, KEY) is None

    def test_deleting_a_fact(self) -> None:
        fact = next(entry for entry in self.listing() if entry.remote_id.endswith("f-3"))
        played = Replay.of("zep-graphiti", "delete fact")
        self.connect(played).delete(fact)
        assert not played.exchanges
        moved = self.scene("delete fact")[:1]
        moved[0]["answer"]["fact"] = "Ada lives in Ventspils"
        with pytest.raises(PreconditionFailed):
            self.connect(Replay(moved)).delete(fact)

    def test_a_message_that_is_gone_is_deleted(self) -> None:
        nothing = [{"request": "GET /episodes/ada?last_n=1000", "answer": []}]
        self.connect(Replay(nothing)).delete(self.first())

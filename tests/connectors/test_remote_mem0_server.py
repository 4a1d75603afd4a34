"""A Mem0 server of one's own: the conformance suite, and what is its own."""

from typing import Any

import httpx
import pytest

from connectors.base.errors import BadResponse, NotFound, PreconditionFailed
from connectors.base.live.options import filled
from connectors.mem0.remote_server import Mem0Server
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Always, Replay, recording


class TestMem0Server(RestConformance):
    connector = Mem0Server
    options = {
        "base_url": "http://localhost:8888/",
        "user_id": "ada",
        "api_key": "m0sk_not-a-real-key",
    }

    def scene(self, name: str) -> list[dict[str, Any]]:
        return list(recording("mem0-server")["scenes"][name])

    def ours(self) -> Any:
        return next(entry for entry in self.listing() if entry.key)

    def test_our_marks_come_back(self) -> None:
        item = self.ours().item
        assert (item.text, item.kind, item.title) == ("Lives in Riga", "profile", "Home")

    def test_more_than_it_lists_is_an_error_not_a_deletion(self) -> None:
        (page,) = self.scene("pages")
        row = page["answer"]["results"][0]
        for many in (999, 1000):
            page["answer"]["results"] = [{**row, "id": str(at)} for at in range(many)]
            listing = self.connect(Replay([page])).pages()
            if many < 1000:
                assert len(next(listing).entries) == many
            else:
                with pytest.raises(BadResponse):
                    next(listing)

    def test_null_is_how_it_says_that_there_is_none(self) -> None:
        with pytest.raises(NotFound):
            self.connect(Always(200, b"null")).update(self.first(), ITEM)
        self.connect(Always(200, b"null")).delete(self.first())

    def test_an_edit_meanwhile_is_not_overwritten(self) -> None:
        seen = self.first()
        moved = self.scene("update")[:1]
        moved[0]["answer"]["memory"] = "Likes black tea"
        with pytest.raises(PreconditionFailed):
            self.connect(Replay(moved)).update(seen, ITEM)
        with pytest.raises(PreconditionFailed):
            self.connect(Replay(moved)).delete(seen)

    def test_an_update_that_is_not_confirmed_did_not_happen(self) -> None:
        scene = self.scene("update")
        scene[1]["answer"] = {}
        with pytest.raises(BadResponse):
            self.connect(Replay(scene)).update(self.first(), ITEM)

    def test_updated_and_created_entries_are_the_ones_that_are_listed(self) -> None:
        updated = self.replay("update").update(self.first(), ITEM)
        made = self.replay("create").create(ITEM, KEY)
        assert made and made.key == KEY and made.etag == updated.etag

    def test_the_key_goes_along(self) -> None:
        scene = [{**self.scene("check")[0], "headers": {"x-api-key": self.options["api_key"]}}]
        self.connect(Replay(scene)).check()

    def test_no_key_where_sign_in_is_switched_off(self) -> None:
        options = filled(Mem0Server.Options, {**self.options, "api_key": ""})
        server = Mem0Server(options, httpx.Client(transport=Always(200, b'{"results": []}')))
        assert server.headers() == {}
        assert server.check().id == "http://localhost:8888/ada"

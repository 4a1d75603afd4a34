"""Collections of xAI: two addresses, each with its own key."""

import httpx
import pytest

from connectors.base.errors import AuthError, BadResponse, Unavailable
from connectors.xai.remote import XaiCollection
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.replay import Always, Replay, recording
from tests.connectors.sheets import SheetConformance


class TestXai(SheetConformance):
    connector = XaiCollection
    options = {
        "api_key": "xai-not-a-real-key",
        "management_key": "xai-token-not-a-real-key",
        "collection_id": "collection_ada",
    }

    @pytest.mark.parametrize("scene", ["check", "pages", "create", "update", "delete"])
    def test_no_key_goes_to_the_other_address(self, scene: str) -> None:
        keys: dict[str, set[str]] = {}
        played = Replay(recording("xai")["scenes"][scene])

        class Watched(httpx.BaseTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                keys.setdefault(request.url.host, set()).add(request.headers["authorization"])
                return played.handle_request(request)

        remote = self.connect(Watched())
        acts = {
            "check": remote.check,
            "pages": lambda: list(remote.pages()),
            "create": lambda: remote.create(ITEM, KEY),
            "update": lambda: remote.update(self.first(), ITEM),
            "delete": lambda: remote.delete(self.first()),
        }
        acts[scene]()
        assert keys == {
            "api.x.ai": {"Bearer xai-not-a-real-key"},
            "management-api.x.ai": {"Bearer xai-token-not-a-real-key"},
        }

    def test_either_key_being_refused_is_noticed(self) -> None:
        for at in (0, 1):
            exchanges = recording("xai")["scenes"]["check"]
            exchanges[at]["status"] = 401
            with pytest.raises(AuthError):
                self.connect(Replay(exchanges)).check()

    def test_a_document_that_is_not_indexed_yet_is_read_all_the_same(self) -> None:
        exchanges = recording("xai")["scenes"]["pages"]
        exchanges[0]["answer"]["documents"][0]["status"] = "DOCUMENT_STATUS_PROCESSING"
        found = next(self.connect(Replay(exchanges)).pages()).entries
        assert found[0] == self.first()

    def test_an_upload_that_cannot_be_added_is_taken_back(self) -> None:
        *uploaded, added = recording("xai")["scenes"]["create"]
        back = {"request": "DELETE /v1/files/file_9", "answer": {"deleted": True}}
        played = Replay([*uploaded, {**added, "status": 503}, back])
        with pytest.raises(Unavailable):
            self.connect(played).create(ITEM, KEY)
        assert not played.exchanges

    def test_a_delete_that_did_nothing_is_not_believed(self) -> None:
        exchanges = recording("xai")["scenes"]["delete"]
        exchanges[1]["answer"]["deleted"] = False
        with pytest.raises(BadResponse):
            self.connect(Replay(exchanges)).delete(self.first())

    def test_a_token_that_comes_back_ends_the_listing_in_an_error(self) -> None:
        with pytest.raises(BadResponse, match="circle"):
            list(self.connect(Always(200, b'{"documents": [], "pagination_token": "x"}')).pages())

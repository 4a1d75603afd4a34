"""A vector store of OpenAI: what was uploaded and not stored, what is deleted with what."""

from typing import Any

import pytest

from connectors.base.errors import BadResponse, RateLimited
from connectors.base.types import Entry
from connectors.openai.remote import OpenAIVectorStore
from tests.connectors.conformance import ITEM, KEY
from tests.connectors.replay import Always, Replay, recording
from tests.connectors.sheets import SheetConformance

CUT_SHORT = {"status": 503, "answer": {"error": {"message": "x"}}}


class TestOpenAI(SheetConformance):
    connector = OpenAIVectorStore
    options = {"api_key": "sk-not-a-real-key", "vector_store_id": "vs_ada"}

    def exchanges(self, scene: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = recording("openai")["scenes"][scene]
        return found

    def test_a_file_that_is_still_read_says_so(self) -> None:
        entry = next(one for one in self.listing() if one.remote_id == "file-4")
        assert entry.item is None and "still reading" in entry.unreadable and entry.key

    def test_a_status_nobody_knows_stops_the_listing(self) -> None:
        exchanges = self.exchanges("pages")
        exchanges[0]["answer"]["data"][0]["status"] = "asleep"
        with pytest.raises(BadResponse):
            list(self.connect(Replay(exchanges)).pages())

    def test_an_upload_that_cannot_be_stored_is_taken_back(self) -> None:
        looked, uploaded, stored = self.exchanges("create")
        back = {"request": "DELETE /v1/files/file-9", "answer": {"id": "file-9", "deleted": True}}
        played = Replay([looked, uploaded, {**stored, **CUT_SHORT, "answer": {}}, back])
        with pytest.raises(Exception, match="503"):
            self.connect(played).create(ITEM, KEY)
        assert not played.exchanges

    def test_an_upload_of_a_run_that_broke_off_is_used(self) -> None:
        looked, uploaded, stored = self.exchanges("create")
        looked["answer"]["data"].append(uploaded["answer"])
        played = Replay([looked, stored])
        entry = self.connect(played).create(ITEM, KEY)
        assert entry and entry.remote_id == "file-9" and not played.exchanges

    def test_recent_uploads_are_asked_for_once_a_run(self) -> None:
        looked, *put = self.exchanges("create")
        played = Replay([looked, *put, *put])
        remote = self.connect(played)
        assert remote.create(ITEM, KEY) == remote.create(ITEM, KEY)

    def test_a_file_outside_the_store_is_deleted_too(self) -> None:
        """A delete that broke off between the two comes again."""
        looked, file, rest = self.exchanges("delete")
        played = Replay([{**looked, "status": 404}, file, rest])
        self.connect(played).delete(self.first())
        assert not played.exchanges

    def test_a_delete_that_did_nothing_is_not_believed(self) -> None:
        looked, file, rest = self.exchanges("delete")
        file["answer"]["deleted"] = False
        with pytest.raises(BadResponse):
            self.connect(Replay([looked, file, rest])).delete(self.first())

    def test_more_pages_than_the_vendor_can_mean(self) -> None:
        answer = b'{"data": [{"id": "f", "attributes": null, "status": "completed", '
        answer += b'"created_at": 1}], "has_more": true}'
        with pytest.raises(BadResponse, match="circle"):
            list(self.connect(Always(200, answer)).pages())

    def test_a_quota_that_is_used_up_waits(self) -> None:
        with pytest.raises(RateLimited):
            self.connect(Always(429)).create(ITEM, KEY)

    def test_files_of_others_are_never_deleted(self) -> None:
        foreign = next(entry for entry in self.listing() if entry.remote_id == "file-3")
        looked = {
            **self.exchanges("delete")[0],
            "request": "GET /v1/vector_stores/vs_ada/files/file-3",
        }
        looked["answer"] = self.exchanges("pages")[0]["answer"]["data"][2]
        for entry in (foreign, Entry("file-3", "fact.0", self.first().item, KEY)):
            with pytest.raises(Exception, match="another file"):
                self.connect(Replay([looked])).delete(entry)

"""Libraries of Mistral: pages that are counted, documents that are still read."""

import pytest

from connectors.base.errors import Unavailable
from connectors.mistral.remote_libraries import MistralLibrary
from tests.connectors.replay import Replay, recording
from tests.connectors.sheets import SheetConformance


class TestMistralLibrary(SheetConformance):
    connector = MistralLibrary
    options = {"api_key": "mistral-not-a-real-key", "library_id": "lib-ada"}

    def test_a_document_that_is_still_read_says_so(self) -> None:
        entry = next(one for one in self.listing() if one.remote_id == "d4")
        assert entry.item is None and "still reading" in entry.unreadable and entry.key

    @pytest.mark.parametrize(
        ("status", "word"), [("error", "could not"), ("missing_content", "nothing")]
    )
    def test_a_document_that_was_not_read_says_why(self, status: str, word: str) -> None:
        exchanges = recording("mistral-libraries")["scenes"]["pages"]
        exchanges[0]["answer"]["data"][0]["process_status"] = status
        del exchanges[2]
        first = next(self.connect(Replay(exchanges)).pages()).entries[0]
        assert first.item is None and word in first.unreadable

    @pytest.mark.parametrize("page", [0, 1])
    def test_a_library_that_changes_under_the_listing_is_listed_again_later(
        self, page: int
    ) -> None:
        exchanges = recording("mistral-libraries")["scenes"]["pages"]
        exchanges[page]["answer"]["pagination"]["total_items"] = 6
        with pytest.raises(Unavailable):
            list(self.connect(Replay(exchanges)).pages())

    def test_a_document_that_moved_to_the_next_page_is_listed_once(self) -> None:
        exchanges = recording("mistral-libraries")["scenes"]["pages"]
        exchanges[1]["answer"]["data"].insert(0, exchanges[0]["answer"]["data"][2])
        found = [one for page in self.connect(Replay(exchanges)).pages() for one in page.entries]
        assert found == self.listing()

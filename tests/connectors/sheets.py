"""Memories as small files, for the remotes that keep them as such: what all of them must do.

Inherit it in place of RestConformance. `pages` of the recording holds, beside others, our two files
PLAIN and TITLED, one of somebody else, and one that came back as something else.
"""

import pytest

from connectors.base.errors import PreconditionFailed
from connectors.base.types import Entry, Item
from tests.connectors.conformance import ITEM, KEY, RestConformance
from tests.connectors.replay import Replay, recording

PLAIN = Item("Lives in Graz.", kind="fact")
TITLED = Item("Ask Ravi first.\n\n    then  wait", kind="instruction", title="Travel")


class SheetConformance(RestConformance):
    def test_what_was_written_is_read_back_with_kind_title_and_key(self) -> None:
        plain, titled = (entry for entry in self.listing() if entry.item)
        assert plain.item and titled.item
        assert (plain.item.text, plain.item.kind) == (PLAIN.text, PLAIN.kind)
        assert (titled.item.text, titled.item.kind) == (TITLED.text, TITLED.kind)
        assert (plain.item.title, titled.item.title) == ("", TITLED.title)
        assert plain.key == KEY and titled.key

    def test_whatever_else_is_there_is_listed_with_the_reason(self) -> None:
        others = [entry for entry in self.listing() if not entry.item]
        assert others and all(entry.unreadable.endswith(".") for entry in others)
        assert any("not written by Satchel" in entry.unreadable for entry in others)
        assert any("is not what was written" in entry.unreadable for entry in others)

    def test_what_is_not_wanted_takes_no_request_of_its_own(self) -> None:
        exchanges = recording(self.connector.slug)["scenes"]["pages"]
        played = Replay([one for one in exchanges if "content" not in one["request"]])
        remote, plain = self.connect(played), self.first()
        found = [one for page in remote.chosen(lambda one: False) for one in page.entries]
        assert not played.exchanges
        assert [one.remote_id for one in found] == [one.remote_id for one in self.listing()]
        assert Entry(plain.remote_id, plain.etag, None, plain.key, unread=True) in found
        assert {one.remote_id for one in found if one.unreadable} < {
            one.remote_id for one in self.listing() if one.unreadable
        }, "the names of others are enough to leave them alone"

    def test_what_is_wanted_is_read_as_in_any_listing(self) -> None:
        played = Replay.of(self.connector.slug, "pages")
        pages = self.connect(played).chosen(lambda one: True)
        assert [one for page in pages for one in page.entries] == self.listing()

    def test_an_update_is_a_new_file_with_the_same_key(self) -> None:
        after = self.replay("update").update(self.first(), ITEM)
        assert after.remote_id != self.first().remote_id
        assert after.key == self.first().key

    def test_another_file_in_its_place_is_not_touched(self) -> None:
        """The etag says what the name of the file said when it was listed."""
        changed = Entry(self.first().remote_id, "fact.0", self.first().item, KEY)
        with pytest.raises(PreconditionFailed):
            self.replay("update").update(changed, TITLED)
        with pytest.raises(PreconditionFailed):
            self.replay("delete").delete(changed)

    def test_a_file_that_is_refused_is_one_unreadable_entry(self) -> None:
        exchanges = recording(self.connector.slug)["scenes"]["pages"]
        at = next(i for i, one in enumerate(exchanges) if "content" in one["request"])
        refused = {"request": exchanges[at]["request"], "status": 422, "answer": {}}
        played = Replay([*exchanges[:at], refused, *exchanges[at + 1 :]])
        first, *rest = (entry for page in self.connect(played).pages() for entry in page.entries)
        assert first.item is None and first.unreadable and first.key == KEY
        assert rest == self.listing()[1:]

    def test_a_file_that_went_while_the_others_were_read_is_left_out(self) -> None:
        exchanges = recording(self.connector.slug)["scenes"]["pages"]
        at = next(i for i, one in enumerate(exchanges) if "content" in one["request"])
        gone = {"request": exchanges[at]["request"], "status": 404, "answer": {}}
        looked = {**recording(self.connector.slug)["scenes"]["update"][0], "status": 404}
        replayed = Replay([*exchanges[:at], gone, looked, *exchanges[at + 1 :]])
        left = [entry for page in self.connect(replayed).pages() for entry in page.entries]
        assert [one.remote_id for one in left] == [one.remote_id for one in self.listing()[1:]]

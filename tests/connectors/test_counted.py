"""A listing by page numbers while others write: it is complete, or it raises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base.errors import BadResponse, Unavailable
from connectors.base.live.counted import counted_pages
from connectors.base.types import Entry

SIZE = 3


class Moving:
    """A remote with the newest first. Before each page after the first, something happens."""

    def __init__(self, names: list[str], events: list[list[tuple[str, int]]]) -> None:
        self.names, self.events = names, events
        self.deleted: set[str] = set()
        self.added = 0

    def page(self, number: int) -> tuple[list[Entry], object, bool]:
        if number > 1 and self.events:
            for event, at in self.events.pop():
                self._happens(event, at)
        shown = self.names[(number - 1) * SIZE : number * SIZE]
        more = number * SIZE < len(self.names)
        return [Entry(name, "", None) for name in shown], len(self.names), more

    def _happens(self, event: str, at: int) -> None:
        if event == "add":
            self.added += 1
            self.names.insert(0, f"added {self.added}")
        elif self.names:
            name = self.names.pop(at % len(self.names))
            if event == "edit":
                self.names.insert(0, name)
            else:
                self.deleted.add(name)


EVENTS = st.tuples(st.sampled_from(["add", "delete", "edit"]), st.integers(0, 20))


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 12), st.lists(st.lists(EVENTS, max_size=4), max_size=4))
def test_complete_or_an_error(many: int, events: list[list[tuple[str, int]]]) -> None:
    there = [f"n{number}" for number in range(many)]
    remote = Moving(list(there), events)
    try:
        found = [one.remote_id for page in counted_pages(remote.page) for one in page.entries]
    except (Unavailable, BadResponse):
        return
    assert len(found) == len(set(found))
    assert set(there) - remote.deleted <= set(found)


def test_a_quiet_remote_is_listed() -> None:
    for many in range(8):
        remote = Moving([f"n{number}" for number in range(many)], [])
        assert sum(len(page.entries) for page in counted_pages(remote.page)) == many


@pytest.mark.parametrize("total", [None, "3", 3.0, True])
def test_a_total_is_a_number(total: object) -> None:
    with pytest.raises(TypeError):
        list(counted_pages(lambda number: ([], total, False)))

"""The hostile remote is hostile in the ways it says, and keeps to the contract in all others."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connectors.base.errors import (
    CursorExpired,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Unavailable,
)
from connectors.base.types import Account, Capability, Entry, Item
from tests.connectors.hostile import NASTY, Crash, Temper, World, connected, connector_of

DELTA = Capability.WRITE | Capability.DELTA
TEA = Item("Likes tea ", "preference", title="Drinks")


def world(temper: Temper | None = None, can: Capability = Capability.WRITE) -> World:
    made = World(can, temper or Temper())
    for text in ("one", "two", "three", "four"):
        made.write(text)
    return made


def listing(made: World, cursor: str | None = None) -> list[Entry]:
    return [entry for page in connected(made).pages(cursor) for entry in page.entries]


def texts(entries: list[Entry]) -> list[str]:
    return [entry.item.text for entry in entries if entry.item]


def last_cursor(made: World, cursor: str | None = None) -> str:
    found = list(connected(made).pages(cursor))[-1].cursor
    assert found
    return found


def test_without_malice_it_is_an_ordinary_remote() -> None:
    made = world()
    remote = connected(made)
    assert remote.check() == Account("ada-1", "ada@example.org")
    entry = remote.create(TEA, "k1")
    assert entry and entry.item and (entry.item.text, entry.key) == ("Likes tea ", "k1")
    after = remote.update(entry, replace(TEA, text="Likes milk"))
    assert after.remote_id == entry.remote_id and after.etag != entry.etag
    assert listing(made)[-1] == after
    remote.delete(after)
    remote.delete(after)
    assert texts(listing(made)) == ["one", "two", "three", "four"]
    assert listing(made) == listing(made)
    with pytest.raises(NotFound):
        remote.update(after, TEA)
    remote.close()
    assert made.closed == 1


def test_restless_etags() -> None:
    made = world(Temper(restless=True, checks_etags=True))
    before, after = listing(made), listing(made)
    assert texts(before) == texts(after)
    assert not {one.etag for one in before} & {one.etag for one in after}
    connected(made).update(before[0], TEA)


def test_listed_twice_and_in_another_order() -> None:
    assert sorted(texts(listing(world(Temper(twice=True))))) == sorted(
        2 * ["one", "two", "three", "four"]
    )
    made = world(Temper(shuffled=1))
    orders = [texts(listing(made)) for _ in range(5)]
    assert len({tuple(order) for order in orders}) > 1
    assert {tuple(sorted(order)) for order in orders} == {("four", "one", "three", "two")}


def test_it_dies_in_the_middle_of_a_listing() -> None:
    pages = connected(world(Temper(dies_after=1))).pages()
    assert len(next(pages).entries) == 3
    with pytest.raises(Unavailable):
        next(pages)


def test_an_empty_listing_is_one_page_without_entries() -> None:
    (page,) = connected(world(Temper(empty=True))).pages()
    assert page.entries == []


def test_fields_that_it_drops_and_texts_that_it_rewrites() -> None:
    temper = Temper(drops=frozenset({"kind", "title"}), rewrites=str.strip)
    entry = connected(world(temper)).create(TEA, "k1")
    assert entry and entry.item
    assert (entry.item.text, entry.item.kind, entry.item.title) == ("Likes tea", "fact", "")


def test_it_restates_everything_at_each_listing() -> None:
    made = world(Temper(restates=True))
    first, second = listing(made), listing(made)
    assert not set(texts(first)) & set(texts(second))
    assert all(text.startswith("one (again") for text in texts([first[0], second[0]]))


@pytest.mark.parametrize("keeps_keys", [True, False])
def test_what_it_holds_is_listed_later(keeps_keys: bool) -> None:
    made = world(Temper(holds=True, keeps_keys=keeps_keys))
    assert connected(made).create(TEA, "k1") is None
    assert connected(made).create(TEA, "k1") is None
    assert len(listing(made)) == 4
    made.release()
    assert [one.key for one in listing(made)[4:]] == (["k1"] if keeps_keys else ["", ""])


def test_a_known_key_makes_no_second_entry_unless_it_forgets() -> None:
    made = world()
    assert connected(made).create(TEA, "k1") == connected(made).create(TEA, "k1")
    made.temper.idempotent = False
    assert connected(made).create(TEA, "k1") != connected(made).create(TEA, "k1")


def test_an_update_moves_the_entry() -> None:
    made = world(Temper(moves=True), DELTA)
    cursor, before = last_cursor(made), listing(made)[0]
    after = connected(made).update(before, TEA)
    assert after.remote_id != before.remote_id
    changed = {one.remote_id: one.item for one in listing(made, cursor)}
    assert changed == {before.remote_id: None, after.remote_id: after.item}


def test_preconditions() -> None:
    made = world(Temper(checks_etags=True))
    entry = listing(made)[0]
    made.edit(entry.remote_id, "edited there")
    with pytest.raises(PreconditionFailed):
        connected(made).update(entry, TEA)


@pytest.mark.parametrize("temper", [Temper(longest=3), Temper(refuses="tea")])
def test_refusals_leave_nothing_behind(temper: Temper) -> None:
    made = world(temper)
    with pytest.raises(Rejected):
        connected(made).create(TEA, "k1")
    with pytest.raises(Rejected):
        connected(made).update(listing(made)[0], TEA)
    assert texts(listing(made)) == ["one", "two", "three", "four"]


def test_what_cannot_be_read_is_no_tombstone() -> None:
    one = listing(world(Temper(unreadable="one")))[0]
    assert one.item is None and one.unreadable


def test_changes_since_a_cursor() -> None:
    made = world(can=DELTA)
    cursor = last_cursor(made)
    assert listing(made, cursor) == []
    made.remove("entry-1")
    made.edit("entry-2", "2")
    made.edit("entry-2", "zwei")
    new = made.write("five")
    found = {one.remote_id: one.item and one.item.text for one in listing(made, cursor)}
    assert found == {"entry-1": None, "entry-2": "zwei", new: "five"}
    assert listing(made, last_cursor(made, cursor)) == []


def test_a_change_during_a_listing_is_in_the_next_changes() -> None:
    made = world(can=DELTA)
    pages = connected(made).pages()
    next(pages)
    made.edit("entry-1", "edited meanwhile")
    (last,) = pages
    assert texts(listing(made, last.cursor)) == ["edited meanwhile"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "7.0"])
def test_cursors_expire(cursor: str) -> None:
    made = world(can=DELTA)
    old = cursor or last_cursor(made)
    made.expire_cursors()
    with pytest.raises(CursorExpired):
        listing(made, old)


def test_failures_that_were_planned() -> None:
    made, slow = world(), RateLimited("slow down", 30)
    made.fail("create", slow, slow)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            connected(made).create(TEA, "k1")
        assert caught.value.retry_after == 30
    made.fail("create", Unavailable("no answer"), when="after")
    with pytest.raises(Unavailable):
        connected(made).create(TEA, "k1")
    assert "Likes tea " in made.texts()
    assert connected(made).create(TEA, "k1")
    assert made.calls["create"] == 4


def act(call: str, made: World) -> None:
    acts: dict[str, Callable[[], object]] = {
        "check": lambda: connected(made).check(),
        "page": lambda: listing(made),
        "create": lambda: connected(made).create(TEA, "k1"),
        "update": lambda: connected(made).update(made.entry("entry-1"), TEA),
        "delete": lambda: connected(made).delete(made.entry("entry-1")),
    }
    acts[call]()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["check", "page", "create", "update", "delete"])
def test_a_fuse_burns_before_and_after_every_call(when: str, call: str) -> None:
    made = world()
    before = made.texts()

    def fuse(at: str, of: str) -> None:
        if (at, of) == (when, call):
            raise Crash

    made.fuse = fuse
    with pytest.raises(Crash):
        act(call, made)
    done = when == "after" and call in {"create", "update", "delete"}
    assert (made.texts() != before) is done


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:20]))
def test_nasty_texts_come_back_as_they_were(text: str) -> None:
    made = World()
    connected(made).create(Item(text), "k1")
    assert texts(listing(made)) == [text]


def test_capabilities_are_the_worlds() -> None:
    assert connector_of(World(Capability(0))).capabilities == Capability(0)
    assert connector_of(World(DELTA)).capabilities == DELTA

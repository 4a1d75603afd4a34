"""Memories to hand off, of every sort, as Hypothesis makes them up; and what comes back of them."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from connectors.base.archive import Record
from connectors.base.handoff import Handoff, Handout, Held, Slice
from connectors.base.registry import recognise
from connectors.base.types import Item, Unreadable
from tests.connectors.shapes import Json, calmly, opened, zipped
from vault.text import clean

at_length = settings(calmly, max_examples=300 if os.environ.get("SATCHEL_FULL") else 25)
"""How round trips search: some slices in each run, many where time is given."""

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_KINDS = ("profile", "preference", "fact", "instruction", "skill", "event", "document")
_TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda when: when.replace(tzinfo=UTC)
)
_LONG = st.tuples(st.sampled_from(["ä", "word ", "line\n", "🙂", "- x\n"]), st.just(10_000)).map(
    lambda made: clean((made[0] * made[1])[: made[1]])
)
_LINES = [
    "---",
    "# Head",
    "- item",
    "key: value",
    "```",
    "<b>",
    "“ ”",
    "\t",
    "|",
    "1. one",
    "&a *a",
]
_WORDS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_LINES) | st.text(max_size=12), max_size=6).map("\n".join),
)
TEXTS = st.one_of(_WORDS, _WORDS, _LONG).map(clean).filter(bool)
"""What a vault holds: nothing invisible, no space around it."""
TITLES = st.one_of(
    st.just(""), st.text(max_size=40).map(clean), st.sampled_from(["null", "2026-01-01"])
)
_ORIGINS = st.sampled_from(["", "you", "app", "openai", "anthropic", "mem0", "zep-v2", "folder"])
_NAMES = st.sampled_from(["", "Work", "Zuhause: Küche", "a/b", "..", "Index"])


def item(kind: str) -> st.SearchStrategy[Item]:
    return st.builds(
        Item,
        text=TEXTS,
        kind=st.just(kind),
        title=TITLES,
        created_at=st.none() | _TIMES,
        updated_at=st.none() | _TIMES,
        conversation_id=st.sampled_from(["", "c1", "c2"]),
        message_id=st.sampled_from(["", "m1", "m2"]),
        valid_from=st.none() | _TIMES,
        valid_until=st.none() | _TIMES,
        pinned=st.booleans(),
        metadata=st.just({}),
    )


MEMORY = st.builds(
    Held,
    id=st.uuids(version=4).map(lambda made: made.hex),
    item=st.sampled_from(_KINDS).flatmap(item),
    collection=_NAMES,
    origin=_ORIGINS,
    confirmed=st.booleans(),
)
TURN = st.builds(
    Held,
    id=st.uuids(version=4).map(lambda made: made.hex),
    item=item("episode"),
    collection=_NAMES,
    origin=_ORIGINS,
    confirmed=st.booleans(),
    role=st.sampled_from(["user", "assistant"]),
    speaker=st.sampled_from(["", "Ana"]),
    position=st.integers(0, 5),
)
SLICES = st.lists(MEMORY | TURN, max_size=8, unique_by=lambda held: held.id).map(
    lambda held: Slice(held, NOW)
)


def made(handoff: Handoff, slice: Slice) -> Handout:
    """The same each time, with every id once, in the file or counted as left out."""
    out = handoff.make(slice)
    again = handoff.make(slice)
    assert (again.kept, again.left_out, again.lost) == (out.kept, out.left_out, out.lost)
    assert packed(again) == packed(out)
    ids = {held.id for held in slice.held}
    assert len(set(out.kept)) == len(out.kept) and set(out.kept) <= ids
    assert len(out.kept) + sum(out.left_out.values()) == len(ids)
    assert bool(out.parts) == bool(out.kept)
    assert len({part.name for part in out.parts}) == len(out.parts)
    return out


def packed(out: Handout) -> dict[str, str]:
    return {part.name: "".join(part.pieces()) for part in out.parts}


def came_back(out: Handout, vendor: str) -> list[Record]:
    """What the reader of `vendor` finds in the zip that a person downloads."""
    with opened(zipped(packed(out))) as files:
        archive = recognise(files)
        assert archive is not None and archive.vendor == vendor
        found = list(archive.read(files))
        assert found == list(archive.read(files))
    assert not [one for one in found if isinstance(one, Unreadable)]
    return found


def sent(held: Held) -> Json:
    """What there is of a memory, by the names that hand-offs give to what they lose."""
    one = held.item
    return {
        "text": one.text,
        "kind": one.kind,
        "title": one.title,
        "times": (one.created_at, one.updated_at),
        "validity": (one.valid_from, one.valid_until),
        "pinned": one.pinned,
        "source": (held.origin, one.conversation_id, one.message_id),
        "collection": held.collection,
        "confirmed": held.confirmed,
    }


def returned(one: Item) -> Json:
    return {
        "text": one.text,
        "kind": one.kind,
        "title": one.title,
        "times": (one.created_at, one.updated_at),
        "validity": (one.valid_from, one.valid_until),
        "pinned": one.pinned,
        "source": (one.metadata.get("origin", ""), one.conversation_id, one.message_id),
        "collection": one.metadata.get("collection", ""),
        "confirmed": one.metadata.get("confirmed") != "no",
    }


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in before if before[name] != after[name]}

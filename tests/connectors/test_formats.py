"""What holds for every format of memories: known by its structure alone, the same ids each time,
one broken entry costs itself, and nothing is lost without a word."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.archive import Record
from connectors.base.errors import ArchiveError
from connectors.base.registry import archives
from connectors.base.types import Item
from tests.connectors.formats import FORMATS, Format
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import (
    activity,
    calmly,
    chat,
    claude_chat,
    items,
    opened,
    problems,
    read,
)
from tests.connectors.test_registry import DEEPSEEK, GROK

OTHERS: dict[str, Any] = {
    "ChatGPT": [chat()],
    "Claude": [claude_chat()],
    "Gemini": [activity("Prompted x", "2026-01-02T12:00:00Z", "y")],
    "DeepSeek": [DEEPSEEK],
    "Grok": GROK,
}
OURS = sorted({one.archive for one in FORMATS.values()} | {"okf", "mif"})
every = pytest.mark.parametrize("one", FORMATS.values(), ids=FORMATS)


@every
@pytest.mark.parametrize("name", ["conversations.json", "x/y.txt"])
def test_only_its_own_reader_claims_it(one: Format, name: str) -> None:
    found = {
        (name if len(one.pack([])) == 1 else path): content
        for path, content in one.pack([one.entry(1), one.entry(2)]).items()
    }
    with opened(found) as files:
        claims = [
            slug for slug, each in archives().items() if not each.plain and each.recognise(files)
        ]
        assert claims == [one.archive]


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_other_exports_are_not_claimed(content: Any) -> None:
    with opened({"conversations.json": content}) as files:
        assert [slug for slug in OURS if archives()[slug].recognise(files)] == []


@every
def test_a_grown_export_adds_the_difference(one: Format) -> None:
    before = read(one.pack([one.entry(n) for n in range(1, 4)]))
    after = read(one.pack([one.entry(n) for n in range(5)]))
    assert len(items(before)) == len({item.remote_id for item in items(before)}) == 3
    assert len(items(after)) == 5
    names = {item.remote_id: item for item in items(before)}
    assert {item.remote_id: item for item in items(after) if item.remote_id in names} == names


@every
def test_the_same_entry_twice_is_read_once(one: Format) -> None:
    found = read(one.pack([one.entry(1), one.entry(2), one.entry(1)]))
    assert len(found) == len(items(found)) == 2


@every
def test_an_entry_cut_out_of_the_middle_is_reported(one: Format) -> None:
    found = read(one.pack([one.entry(1), "odd", one.entry(2)]))
    assert (len(items(found)), len(problems(found))) == (2, 1)
    assert "2" in problems(found)[0].where or "3" in problems(found)[0].where


WORDS = ["", "id", "content", "type", "kind", "memory", "entity", "\x00", "2026-01-01T00:00:00Z"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
)
JUNK = st.recursive(
    LEAVES,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inside, max_size=4)
    ),
)


@pytest.mark.parametrize("one", FORMATS.values(), ids=FORMATS)
@calmly
@given(data=st.data())
def test_junk_in_one_entry_costs_at_most_that_entry(one: Format, data: Any) -> None:
    """Total: three entries. Two are sound; the odd one is read, skipped for what it says of itself,
    or reported, and never any of it twice."""
    odd = data.draw(_mutilated(one.entry(2)))
    export = one.pack([one.entry(1), odd, one.entry(3)])
    archive = archives()[one.archive]
    with opened(export) as files:
        assert archive.recognise(files)
        found = list(archive.read(files))
        assert list(archive.read(files)) == found
    sound = {item.remote_id for item in items(read(one.pack([one.entry(1), one.entry(3)])))}
    assert sound <= {item.remote_id for item in items(found)}
    rest = [record for record in found if _name(record) not in sound]
    assert len(rest) == 1 or (rest == [] and _may_be_silent(one, odd)) or one.archive == "mcp"
    assert "Likes tea number 2" not in "".join(problem.reason for problem in problems(found))


@pytest.mark.parametrize("one", FORMATS.values(), ids=FORMATS)
@calmly
@given(data=st.data())
def test_nothing_broken_stops_an_import_or_is_read_twice(one: Format, data: Any) -> None:
    """Total: the entries that are left. Each is one record at most."""
    entries = data.draw(mutilated([one.entry(1), one.entry(2), one.entry(3)]))
    with opened(one.pack(entries)) as files:
        archive = archives()[one.archive]
        archive.recognise(files)
        found = list(archive.read(files))
        assert list(archive.read(files)) == found
    if one.archive != "mcp":  # whose entries hold several observations
        assert len(found) <= len(entries)


def _may_be_silent(one: Format, odd: Any) -> bool:
    """An entity without observations, a block without a value, what was deleted, a bare node."""
    if not isinstance(odd, dict):
        return False
    empty = {"letta": "value", "mcp": "observations"}.get(one.archive)
    if empty:
        return not odd.get(empty)
    return one.archive == "cognee" and odd.get("kind") in (None, "entity", "fact")


def _name(record: Record) -> str:
    return record.remote_id if isinstance(record, Item) else ""


@st.composite
def _mutilated(draw: Any, entry: dict[str, Any]) -> Any:
    """`entry` with junk in one place, or without it, or junk altogether."""
    path = draw(st.sampled_from([(), *((key,) for key in entry)]))
    junk = draw(JUNK)
    if not path:
        return junk
    (key,) = path
    return (
        {k: v for k, v in entry.items() if k != key} if draw(st.booleans()) else entry | {key: junk}
    )


@every
@calmly
@given(at=st.integers(0, 5000), junk=st.binary(max_size=4))
def test_no_damage_to_the_bytes_stops_an_import(one: Format, at: int, junk: bytes) -> None:
    """A refusal is an answer too: the damage may be in what says the version."""
    broken = {}
    for name, content in one.pack([one.entry(1), one.entry(2)]).items():
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        raw = text.encode() if isinstance(text, str) else text
        place = at % len(raw)
        broken[name] = raw[:place] + junk + raw[place + len(junk) :]
    with opened(broken) as files, suppress(ArchiveError):
        for slug in OURS:
            if archives()[slug].recognise(files):
                list(archives()[slug].read(files))

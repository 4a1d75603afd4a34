"""What readers of assistants' exports have in common: none takes another's files, nothing broken
stops them, every entry is accounted for, and a later export adds exactly what is new in it."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.archive import Record
from connectors.base.registry import archives
from connectors.base.types import Conversation, Item, Unreadable
from tests.connectors.assistants import (
    copilot,
    deepseek,
    deepseek_chat,
    kagi,
    kagi_thread,
    lechat,
    lechat_chat,
    meta,
    meta_talk,
    perplexity,
    perplexity_chat,
    qwen,
    qwen_chat,
)
from tests.connectors.shapes import (
    Json,
    activity,
    calmly,
    chat,
    claude_chat,
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
)

ROWS = [
    [f"T{number}", f"2026-01-0{number}T12:00:00", author, f"{author} {number}"]
    for number in (3, 2, 1)
    for author in ("AI", "Human")
]

Export = dict[str, Any]
JSON: dict[str, Callable[..., Export]] = {
    "deepseek": lambda *names: deepseek(*map(deepseek_chat, names)),
    "mistral": lambda *names: lechat(*map(lechat_chat, names)),
    "perplexity": lambda *names: perplexity(*map(perplexity_chat, names)),
    "qwen": lambda *names: qwen(*map(qwen_chat, names)),
    "kagi": lambda *names: kagi(*map(kagi_thread, names)),
}
EXPORTS: dict[str, Export] = {
    **{slug: build("a", "b", "c") for slug, build in JSON.items()},
    "microsoft": {"c.csv": copilot(ROWS)},
    "meta": meta(meta_talk("You: a\nMeta AI: b"), meta_talk("You: c", "02-01-2026_1")),
    "openai": {"conversations.json": [chat()]},
    "anthropic": {"conversations.json": [claude_chat()]},
    "google": {"MyActivity.json": [activity("Prompted x", "2026-01-02T12:00:00Z", "y")]},
    "xai": {"prod-grok-backend.json": {"conversations": [{"conversation": {}, "responses": []}]}},
    "nobody": {"export.json": [{"id": "x", "title": "T", "chat": qwen_chat()["chat"]}]},
}
OURS = ("deepseek", "mistral", "microsoft", "perplexity", "meta", "qwen", "kagi")


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("reader", OURS)
def test_each_reader_takes_its_own_exports_and_no_others(reader: str, export: str) -> None:
    with opened(EXPORTS[export]) as files:
        assert archives()[reader].recognise(files) == (reader == export)


@pytest.mark.parametrize("export", OURS)
def test_nobody_else_takes_them(export: str) -> None:
    with opened(EXPORTS[export]) as files:
        found = [slug for slug, one in archives().items() if one.recognise(files) and not one.plain]
    assert found == [export]


@pytest.mark.parametrize("slug", JSON)
def test_a_grown_export_adds_exactly_the_difference(slug: str) -> None:
    before, after = (read(JSON[slug](*names)) for names in (("a", "b"), ("n", "a", "b")))
    assert _ids(before) < _ids(after)
    (fresh,) = [one for one in conversations(after) if one.conversation_id == "n"]
    new = {turn.message_id for turn in fresh.turns}
    assert len(new) == 2 and _turn_ids(after) - _turn_ids(before) == new


@pytest.mark.parametrize("slug", JSON)
def test_what_is_in_two_exports_comes_once(slug: str) -> None:
    found = read(JSON[slug]("a", "b"), JSON[slug]("b", "c"))
    assert [one.conversation_id for one in conversations(found)] == ["a", "b", "c"]
    assert problems(found) == []


def _ids(records: list[Record]) -> set[str]:
    return {one.conversation_id for one in conversations(records)}


def _turn_ids(records: list[Record]) -> set[str]:
    return {turn.message_id for turn in turns(records)}


KEYS = st.sampled_from(
    ["id", "mapping", "message", "fragments", "type", "content", "role", "chat", "history", "text"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text("xyz é", max_size=5)
JUNK = st.recursive(
    LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYS, inside, max_size=4)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something is in a value, the value itself first."""
    yield path
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    for key, part in inside:
        yield from places(part, (*path, key))


def put(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """A copy of `value` with something else there, or without it."""
    changed = copy.deepcopy(value)
    if not path:
        return None if junk is ... else junk
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    if junk is ... and isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder[path[-1]] = None if junk is ... else junk
    return changed


ENTRIES: dict[str, Callable[[Export], list[Any]]] = {
    "deepseek": lambda export: export["conversations.json"],
    "perplexity": lambda export: export["conversations-1767268800-ab12.json"]["conversations"],
    "qwen": lambda export: export["qwen-chat-export-1767268800.json"]["data"],
    "kagi": lambda export: export["kagi.json"],
}


@pytest.mark.parametrize("slug", ENTRIES)
@calmly
@given(data=st.data())
def test_whatever_is_broken_in_one_entry_each_of_three_is_read_or_reported(
    slug: str, data: st.DataObject
) -> None:
    """The total is the entries of the list: conversations and whole entries that were reported.
    None is skipped, as no two have the same id."""
    export = copy.deepcopy(EXPORTS[slug])
    entries = ENTRIES[slug](export)
    broken = data.draw(st.integers(0, 2))
    path = data.draw(st.sampled_from(sorted(places(entries[broken]), key=str)))
    junk = data.draw(st.just(...) | JUNK)
    entries[broken] = put(entries[broken], path, junk)
    found = read(export)
    assert repr(found) == repr(read(export))
    whole = [one for one in problems(found) if one.where.endswith(f", entry {broken + 1}")]
    assert len(conversations(found)) + len(whole) == 3
    sound = {"a", "b", "c"} - {"abc"[broken]}
    assert sound <= _ids(found)
    assert len({turn.message_id for turn in turns(found)}) == len(turns(found))


@pytest.mark.parametrize("slug", ("deepseek", "qwen"))
@calmly
@given(data=st.data())
def test_whatever_is_broken_in_one_message_each_of_them_is_accounted_for(
    slug: str, data: st.DataObject
) -> None:
    """The total is the messages: turns, those without a word, and those that were reported."""
    export = copy.deepcopy(EXPORTS[slug])
    holder = ENTRIES[slug](export)[1]
    messages = holder["mapping"] if slug == "deepseek" else holder["chat"]["history"]["messages"]
    name = data.draw(st.sampled_from(sorted(set(messages) - {"root"})))
    path = data.draw(st.sampled_from(sorted(places(messages[name]), key=str)))
    messages[name] = put(messages[name], path, data.draw(st.just(...) | JUNK))
    found = read(export)
    reported = {one.where for one in problems(found)}
    skipped = 6 - len(turns(found)) - len(reported)
    said = [turn for turn in turns(found) if turn.text]
    assert len(said) == len(turns(found)) >= 5 and len(reported) <= 1
    assert skipped in (-1, 0, 1)  # -1: one part of a message is reported, and the others are read
    assert len(conversations(found)) == 3


@calmly
@given(data=st.data())
def test_whatever_is_broken_in_a_chat_each_message_is_accounted_for(data: st.DataObject) -> None:
    export = copy.deepcopy(EXPORTS["mistral"])
    place = data.draw(st.integers(0, 1))
    message = export["chat-2.json"][place]
    path = data.draw(st.sampled_from(sorted(places(message), key=str)))
    export["chat-2.json"][place] = put(message, path, data.draw(st.just(...) | JUNK))
    found = read(export)
    assert repr(found) == repr(read(export))
    reported = {one.where for one in problems(found)}
    assert reported <= {f"chat-2.json, entry {place + 1}"}
    assert len(turns(found)) + len(reported) in (5, 6, 7)
    assert {"a-1", "a-2", "c-1", "c-2"} <= _turn_ids(found)


CELLS = st.text(st.sampled_from('AIHuman ",;\n\r\0é1-:T'), max_size=8)


@calmly
@given(row=st.integers(0, 5), column=st.integers(0, 3), text=CELLS)
def test_whatever_is_in_a_cell_each_row_is_accounted_for(row: int, column: int, text: str) -> None:
    """The total is the rows: turns, rows without a message, and rows that were reported."""
    changed = [list(one) for one in ROWS]
    changed[row][column] = text
    found = read({"c.csv": copilot(changed)})
    empty = sum(not one[3].strip() for one in changed if one[2] in ("AI", "Human"))
    known = len(turns(found)) + len(problems(found)) + empty
    assert known == 6 or (column == 2 and known in (5, 6))  # a cell of white space is nobody
    assert repr(found) == repr(read({"c.csv": copilot(changed)}))


RAW = {
    "microsoft": copilot(ROWS),
    "meta": next(iter(meta(*[meta_talk("You: a\nMeta AI: b")] * 3).values())).encode(),
    **{slug: json.dumps(next(iter(EXPORTS[slug].values()))).encode() for slug in JSON},
}


@pytest.mark.parametrize("slug", RAW)
@calmly
@given(data=st.data())
def test_no_broken_byte_stops_the_reading(slug: str, data: st.DataObject) -> None:
    raw = bytearray(RAW[slug])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(1, len(raw)))])
    with opened({"x.txt": cut}) as files:
        archive = archives()[slug]
        if archive.recognise(files):
            once = list(archive.read(files))
            assert repr(once) == repr(list(archive.read(files)))
            assert all(isinstance(one, Conversation | Item | Unreadable) for one in once)


def test_content_is_never_in_what_is_reported() -> None:
    for slug, build in JSON.items():
        export: Json = build("a")
        text = json.dumps({k: v for k, v in export.items() if not isinstance(v, bytes)})
        text = text.replace('"hi"', '"CANARY"').replace("hello", "CANARY")
        made = json.loads(text.replace('"role": "user"', '"role": "CANARY"'))
        with opened({**export, **made}) as files:
            found = list(recognised(files).read(files))
            assert "CANARY" not in repr(problems(found)), slug

"""Cursor's database of chats: read without a database, however it was made or broken."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ArchiveError
from connectors.base.limits import Limits
from connectors.base.registry import recognise
from connectors.cursor.pages import Pages
from tests.connectors.agent_files import SECRET
from tests.connectors.mutilated import mutilated
from tests.connectors.shapes import (
    Json,
    calmly,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

NOON_MS = 1767268800000  # 1 January 2026, 12:00 UTC
PLACE = "User/globalStorage/state.vscdb"


def database(rows: dict[str, Any], *, page: int = 4096, more: str = "") -> bytes:
    """As Cursor has it: a table of keys and values, made by SQLite itself."""
    db = sqlite3.connect(":memory:")
    db.execute(f"PRAGMA page_size={page}")
    for table in ("ItemTable", "cursorDiskKV"):
        db.execute(f"CREATE TABLE {table} (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
    db.execute("INSERT INTO ItemTable VALUES ('cursorAuth/accessToken', ?)", (SECRET,))
    db.executescript(more)
    texts = ((key, _stored(value)) for key, value in rows.items())
    db.executemany("INSERT INTO cursorDiskKV VALUES (?, ?)", texts)
    db.commit()
    content = db.serialize()
    db.close()
    return content


def _stored(value: Any) -> Any:
    text = value if isinstance(value, str | None) else json.dumps(value)
    return text.encode("utf-8", "replace").decode() if text is not None else None


def bubble(kind: int, text: str, **more: Any) -> Json:
    return {"_v": 3, "type": kind, "text": text, "createdAt": "2026-01-01T12:00:00.000Z", **more}


def chat(name: str = "c1", *said: Json, **more: Any) -> dict[str, Any]:
    held = said or (bubble(1, "Make it green."), bubble(2, "Done."))
    heads = [{"bubbleId": f"b{n}", "type": one.get("type")} for n, one in enumerate(held)]
    head = {"_v": 10, "composerId": name, "name": "Colours", "fullConversationHeadersOnly": heads}
    head |= {"createdAt": NOON_MS, "lastUpdatedAt": NOON_MS + 60_000, **more}
    bubbles = {f"bubbleId:{name}:b{n}": one for n, one in enumerate(held)}
    return {f"composerData:{name}": head, **bubbles}


def export(rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {PLACE: database(rows), **more}


def test_a_chat() -> None:
    found = read(export(chat()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "Colours")
    assert [(t.message_id, t.role, t.text, t.position, t.parent_id) for t in one.turns] == [
        ("b0", "user", "Make it green.", 0, ""),
        ("b1", "assistant", "Done.", 1, "b0"),
    ]
    assert str(one.created_at) == "2026-01-01 12:00:00+00:00"
    assert str(one.updated_at) == "2026-01-01 12:01:00+00:00"
    assert len(found) == 1 and SECRET not in repr(found)


def test_tools_thinking_and_what_stands_around_are_left_out() -> None:
    said = (
        bubble(1, f"<attached_files>{SECRET}</attached_files>Fix it.", attachedCodeChunks=[SECRET]),
        bubble(2, "", toolFormerData={"name": "run", "rawArgs": SECRET, "result": SECRET}),
        bubble(2, "", thinking={"text": SECRET}),
        bubble(2, "Fixed.", toolResults=[SECRET]),
    )
    found = read(export(chat("c1", *said)))
    assert [turn.text for turn in turns(found)] == ["Fix it.", "Fixed."]
    assert SECRET not in repr(found) and problems(found) == []


def test_older_chats_hold_their_messages_themselves() -> None:
    inline = {"bubbleId": "b", "type": 1, "text": "Inside."}
    head = {"composerId": "c1", "conversation": [inline], "createdAt": NOON_MS}
    found = read(export({"composerData:c1": head}))
    assert [(one.title, one.turns[0].text) for one in conversations(found)] == [
        ("Inside.", "Inside.")
    ]


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
def test_every_size_of_page_and_message(page: int) -> None:
    """Messages below, at and above what a page holds, and rows enough for several levels."""
    lengths = [1, 60, 400, 475, 500, 960, 4000, 4080, 9000, 70_000, 300_000]
    said = [bubble(1, f"{n}-" + "x" * length) for n, length in enumerate(lengths)]
    others = {f"other:{n}": "y" * 50 for n in range(3_000)}
    files = {PLACE: database({**others, **chat("c1", *said)}, page=page)}
    assert [turn.text for turn in turns(read(files))] == [one["text"] for one in said]


def test_rows_are_those_that_sqlite_reads() -> None:
    rows = {f"k{n}": "v" * (n * 37 % 5_000) for n in range(2_000)} | {"none": None}
    pages = Pages(database(rows, page=1024))
    found = {row[0]: row[1] for row in pages.rows(pages.tables()["cursorDiskKV"])}
    wanted = {k.encode(): v.encode() if isinstance(v, str) else v for k, v in rows.items()}
    assert found == wanted


def test_rules_beside_it_and_the_rest_is_counted() -> None:
    mdc = "---\nalwaysApply: true\n---\n- Use tabs\n"
    found = read(export(chat(), **{".cursor/rules/a.mdc": mdc, "storage.json": {}}))
    assert [one.text for one in items(found)] == ["Use tabs"]
    assert [one.where for one in problems(found)] == ["Other files"]


def test_another_database_is_nobody_s() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE bookmarks (url)")
    content = db.serialize()
    with opened({"places.sqlite": content}) as files:
        assert recognise(files) is None


def test_views_and_triggers_are_never_looked_at() -> None:
    """A view of the table's name is no table: nothing of the schema is run."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIEW cursorDiskKV AS SELECT 'composerData:x' AS key, zeroblob(999) AS value")
    found = read({PLACE: db.serialize()})
    assert conversations(found) == [] and problems(found) == []


def test_too_large_is_told() -> None:
    files = {PLACE: database(chat())}
    (one,) = read(files, limits=Limits(nested=1000))
    assert one == problems([one])[0] and "too large" in problems([one])[0].reason


def test_a_database_that_is_uploaded_bare_is_refused_with_a_word() -> None:
    with pytest.raises(ArchiveError, match="is a database"):
        opened(upload(database(chat()), "state.vscdb"))


def test_a_grown_database_adds_what_is_new() -> None:
    old = turns(read(export(chat())))
    grown = chat("c1", bubble(1, "Make it green."), bubble(2, "Done."), bubble(1, "Thanks."))
    new = turns(read(export({**grown, **chat("c2")})))
    assert new[:2] == old and [turn.text for turn in new[2:]] == [
        "Thanks.",
        "Make it green.",
        "Done.",
    ]


@calmly
@given(st.lists(st.sampled_from(["said", "tool", "missing", "odd", "broken"]), max_size=12))
def test_every_message_is_read_passed_over_or_told(kinds: list[str]) -> None:
    """Total: the messages that the chat lists."""
    made: dict[str, Any] = {
        "said": bubble(1, "said"),
        "tool": bubble(2, "", toolFormerData={"result": SECRET}),
        "odd": bubble(9, "x"),
        "missing": {},
        "broken": {},
    }
    rows = chat("c1", bubble(1, "first"), *(made[kind] for kind in kinds))
    for number, kind in enumerate(kinds, 1):
        if kind == "missing":
            del rows[f"bubbleId:c1:b{number}"]
        if kind == "broken":
            rows[f"bubbleId:c1:b{number}"] = '{"type": 1, '
    found = read(export(rows))
    told = len(problems(found))
    assert len(turns(found)) + kinds.count("tool") + told == len(kinds) + 1


@calmly
@given(mutilated(list(chat("c1").items())))
def test_no_mutilated_chat_makes_it_fail_or_waver(rows: Any) -> None:
    pairs = (
        [row for row in rows if isinstance(row, list) and len(row) == 2]
        if isinstance(rows, list)
        else []
    )
    held = {str(key).encode("utf-8", "replace").decode(): value for key, value in pairs}
    files = export({**held, **chat("sound")})
    assert read(files) == read(files)
    assert "sound" in [one.conversation_id for one in conversations(read(files))]


WHOLE = database({**chat(), **{f"other:{n}": "y" * 90 for n in range(60)}}, page=512)


@calmly
@given(st.lists(st.tuples(st.integers(16, len(WHOLE) - 1), st.integers(0, 255)), max_size=20))
def test_no_broken_byte_makes_it_fail(broken: list[tuple[int, int]]) -> None:
    content = bytearray(WHOLE)
    for at, byte in broken:
        content[at] = byte
    with opened({PLACE: bytes(content), "AGENTS.md": "- sound"}) as files:
        archive = recognised(files)
        found = list(archive.read(files))
    assert [one.text for one in items(found)] == ["sound"]


@calmly
@given(st.integers(0, len(WHOLE)))
def test_a_database_cut_short_is_told_or_empty(length: int) -> None:
    with opened({PLACE: WHOLE[:length], "AGENTS.md": "- sound"}) as files:
        found = list(recognised(files).read(files))
    assert "sound" in [one.text for one in items(found)]


def test_a_tree_that_leads_to_itself_ends(tmp_path: Path) -> None:
    content = bytearray(WHOLE)
    pages = Pages(bytes(content))
    root = pages.tables()["cursorDiskKV"]
    at = (root - 1) * 512
    assert content[at] == 5  # an inner page: its last child becomes itself
    content[at + 8 : at + 12] = root.to_bytes(4, "big")
    with pytest.raises(ArchiveError, match="damaged"):
        list(Pages(bytes(content)).rows(root))


def test_a_table_that_is_described_too_shortly_is_passed_over() -> None:
    content = bytearray(database(chat()))
    first = int.from_bytes(content[108:110], "big")
    content[first + 2] = 2  # the head of the record: itself, and one value
    assert conversations(read({PLACE: bytes(content)})) or problems(read({PLACE: bytes(content)}))

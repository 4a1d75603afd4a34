"""Open WebUI exports: chats with their branches, and nothing of what the page folds away."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ArchiveError
from connectors.base.registry import archives, recognise
from tests.connectors.mutilated import JUNK, mutilated
from tests.connectors.shapes import (
    Json,
    calmly,
    chat,
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

NOON = 1767268800  # 1 January 2026, 12:00 UTC


def message(name: str, parent: str | None, content: Any, role: str = "user", **more: Any) -> Json:
    held = {"id": name, "parentId": parent, "childrenIds": [], "role": role, "content": content}
    return {**held, "timestamp": NOON, **more}


def talk(name: str = "c1", *messages: Json, current: str | None = None, **more: Any) -> Json:
    given_messages = messages or (
        message("m1", None, "Hello", models=["llama3"]),
        message("m2", "m1", "Hi", "assistant", model="llama3", done=True),
    )
    held = {str(one["id"]): one for one in given_messages}
    history = {"messages": held, "currentId": current or next(reversed(held))}
    inner = {"id": "", "title": "A talk", "models": ["llama3"], "history": history}
    inner |= {"messages": list(given_messages), "tags": [], "timestamp": NOON * 1000}
    head = {"id": name, "user_id": "u1", "title": "A talk", "chat": inner, "archived": False}
    times = {"created_at": NOON, "updated_at": NOON + 60, "share_id": None, "pinned": True}
    return {**head, **times, "meta": {"tags": ["trees"]}, "folder_id": "f1", **more}


def export(*talks: Any) -> dict[str, Any]:
    return {"chat-export-1767268800.json": list(talks)}


def laid_out(*messages: Json, current: str | None = None) -> list[tuple[str, int, int]]:
    found = turns(read(export(talk("c1", *messages, current=current))))
    return [(turn.text, turn.branch, turn.position) for turn in found]


def test_a_chat() -> None:
    found = read(export(talk()))
    (one,) = conversations(found)
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.message_id, t.role, t.text, t.model, t.parent_id) for t in one.turns] == [
        ("m1", "user", "Hello", "", ""),
        ("m2", "assistant", "Hi", "llama3", "m1"),
    ]
    times = (one.created_at, one.updated_at, one.turns[0].created_at)
    assert [str(time)[11:19] for time in times] == ["12:00:00", "12:01:00", "12:00:00"]
    assert len(found) == 1


def test_several_models_and_edits_are_branches() -> None:
    four = [
        message("m1", None, "q"),
        message("a", "m1", "one", "assistant", model="x"),
        message("b", "m1", "two", "assistant", model="y"),
        message("m2", "a", "go on"),
    ]
    assert laid_out(*four) == [("q", 0, 0), ("one", 0, 1), ("go on", 0, 2), ("two", 1, 1)]
    assert laid_out(*four, current="b")[:2] == [("q", 0, 0), ("two", 0, 1)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('<details type="reasoning" done="true" duration="3">\nCANARY\n</details>\nYes.', "Yes."),
        ('A<details type="tool_calls" name="x" arguments="CANARY">\n</details>B', "AB"),
        ("<details><summary>Mine</summary>stays</details>",) * 2,
        ('In `<details type="reasoning" ` nothing closes',) * 2,
    ],
)
def test_what_is_folded_away_in_an_answer_is_not_said(content: str, text: str) -> None:
    two = (message("m1", None, "q"), message("m2", "m1", content, "assistant"))
    assert laid_out(*two)[1][0] == text


@pytest.mark.parametrize("unit", ['<details type="reasoning">', '<details type="reasoning" ', "<"])
def test_an_answer_of_nothing_but_openings_takes_no_time(unit: str) -> None:
    two = (message("m1", None, "q"), message("m2", "m1", unit * 50_000 + "end", "assistant"))
    whole = upload(json.dumps([talk("c1", *two)]).encode(), "chat-export.json")
    assert turns(read(whole))[1].text.endswith("end")


def test_files_leave_a_placeholder_and_parts_are_read() -> None:
    files = [{"type": "image", "url": "x"}, {"type": "file", "name": "a  b.pdf"}, {"type": "note"}]
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {}}]
    assert laid_out(message("m1", None, parts, files=files)) == [
        ("see\n\n[image]\n\n[file: a b.pdf]", 0, 0)
    ]


def test_system_messages_are_nobody_s() -> None:
    two = (message("s", None, "CANARY", "system"), message("m1", "s", "Hello"))
    assert laid_out(*two) == [("Hello", 0, 0)]


def test_the_same_shape_inside_an_object_is_another_vendor_s() -> None:
    qwen = {"success": True, "request_id": "r", "data": [talk()]}
    with opened({"chat-export.json": qwen}) as files:
        assert not archives()["openwebui"].recognise(files)
    with opened({"conversations.json": [chat()]}) as files:
        assert not archives()["openwebui"].recognise(files)


@pytest.mark.parametrize("name", ["conversations.json", "chat-export.json", "x/y.txt"])
def test_it_is_known_by_what_is_in_it(name: str) -> None:
    with opened({name: [5, talk()]}) as files:
        found = recognise(files)
        assert found is not None and found.vendor == "openwebui"


def test_the_account() -> None:
    with opened(export(talk())) as files:
        assert recognised(files).account(files) == "u1"
    two = export(talk(), talk("c2", user_id="u2"))
    with opened(two) as files, pytest.raises(ArchiveError, match="more than one person"):
        recognised(files).account(files)


def test_a_grown_export_adds_the_difference() -> None:
    old = conversations(read(export(talk(), talk("c2"))))
    new = conversations(read(export(talk(), talk("c2"), talk("c3"))))
    assert new[:2] == old and [one.conversation_id for one in new[2:]] == ["c3"]
    assert len(conversations(read(export(talk()), export(talk())))) == 1
    newer = export(talk(updated_at=NOON + 99))
    assert len(conversations(read(export(talk()), newer))) == 2


@calmly
@given(st.lists(st.sampled_from(["talk", *JUNK]), max_size=12))
def test_every_entry_is_a_conversation_or_told(kinds: list[Any]) -> None:
    """Total: the entries of the list."""
    entries = [talk(f"c{number}") if kind == "talk" else kind for number, kind in enumerate(kinds)]
    found = read(export(talk("first"), *entries))
    assert len(conversations(found)) + len(problems(found)) == len(kinds) + 1


@calmly
@given(st.lists(st.sampled_from(["said", "system", *JUNK]), max_size=12))
def test_every_message_is_read_passed_over_or_told(kinds: list[Any]) -> None:
    """Total: the messages of the chat."""
    made = {"said": message("x", None, "said"), "system": message("x", None, "s", "system")}
    held = [made.get(kind, kind) if isinstance(kind, str) else kind for kind in kinds]
    one = talk()
    one["chat"]["history"]["messages"] = {f"m{n}": entry for n, entry in enumerate(held)}
    found = read(export(talk("first"), one))
    assert len(turns(found)) - 2 + len(problems(found)) + kinds.count("system") == len(kinds)


@calmly
@given(mutilated([talk("c1"), talk("c2")]))
def test_no_mutilation_makes_it_fail_or_waver(entries: Any) -> None:
    broken = [talk("sound"), *(entries if isinstance(entries, list) else [entries])]
    first, again = read(export(*broken)), read(export(*broken))
    assert first == again and "sound" in [one.conversation_id for one in conversations(first)]

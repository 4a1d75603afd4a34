"""Claude exports: the one zip of before, the several of now, and what Claude remembers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.errors import ArchiveError
from tests.connectors.shapes import (
    Json,
    calmly,
    claude_chat,
    claude_message,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
    zipped,
)

ROOT = "00000000-0000-4000-8000-000000000000"
USERS = [{"uuid": "account-1", "full_name": "Ana", "email_address": "a@example.org"}]
NOT_SUPPORTED = "```\nThis block is not supported on your current device yet.\n```"


def export(*chats: Any, **others: Any) -> dict[str, Any]:
    return {"conversations.json": list(chats), "users.json": USERS, **others}


def said(message: Json) -> str:
    (turn,) = turns(read(export(claude_chat(messages=[message]))))
    return turn.text


def test_a_plain_conversation() -> None:
    messages = [
        claude_message("m1", "hello", parent_message_uuid=ROOT),
        claude_message("m2", "hi", "assistant", parent_message_uuid="m1"),
    ]
    (one,) = conversations(read(export(claude_chat(messages=messages, model="claude-x"))))
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(t.role, t.text, t.position, t.parent_id, t.model) for t in one.turns] == [
        ("user", "hello", 0, "", ""),
        ("assistant", "hi", 1, "m1", "claude-x"),
    ]
    assert one.turns[0].created_at is not None and one.turns[0].created_at.microsecond == 1


def test_an_old_export_without_parents_is_in_the_order_of_its_list() -> None:
    messages = [
        {"uuid": "m1", "role": "user", "content": "hello"},
        {"role": "assistant", "text": "hi", "content": []},
        {"uuid": "m3", "role": "user", "text": "bye"},
    ]
    old = {"uuid": "c1", "name": "old", "messages": messages}
    found = turns(read(upload(zipped({"x.json": [old]}))))
    assert [(t.text, t.position, t.branch) for t in found] == [
        ("hello", 0, 0),
        ("hi", 1, 0),
        ("bye", 2, 0),
    ]


def test_branches() -> None:
    messages = [
        claude_message("m1", "q", parent_message_uuid=ROOT),
        claude_message("m2", "first try", "assistant", parent_message_uuid="m1"),
        claude_message("m3", "second try", "assistant", parent_message_uuid="m1"),
    ]
    found = turns(read(export(claude_chat(messages=messages, current_leaf_message_uuid="m2"))))
    assert [(t.text, t.branch) for t in found] == [("q", 0), ("first try", 0), ("second try", 1)]
    found = turns(read(export(claude_chat(messages=messages))))
    assert [(t.text, t.branch) for t in found] == [("q", 0), ("second try", 0), ("first try", 1)]


NAMES = [f"m{number}" for number in range(8)]
LINKS = st.one_of(st.none(), st.sampled_from([*NAMES, ROOT]), st.integers(), st.booleans())


@calmly
@given(drawn=st.lists(st.tuples(LINKS, LINKS), max_size=10), current=LINKS)
def test_any_tangle_of_messages_gives_every_message_once(drawn: Any, current: Any) -> None:
    messages = [
        {**claude_message("", str(number)), "uuid": name, "parent_message_uuid": parent}
        for number, (name, parent) in enumerate(drawn)
    ]
    chat = claude_chat(current_leaf_message_uuid=current, chat_messages=messages)
    found = read(export(chat))
    assert sorted(int(turn.text) for turn in turns(found)) == list(range(len(drawn)))
    assert len({turn.message_id for turn in turns(found)}) == len(drawn)
    assert problems(found) == []


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": f"a\n{NOT_SUPPORTED}\nb", "content": [{"type": "text", "text": "a"}]}, "a"),
        ({"text": f"a\n{NOT_SUPPORTED}", "content": []}, "a"),
        ({"text": "flat", "content": None}, "flat"),
        (
            {
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "text", "text": "a"},
                    {"type": "tool_use", "name": "web_search", "input": {}},
                    {"type": "tool_result", "content": []},
                    {"type": "token_budget"},
                    {"type": "text", "text": "b"},
                ]
            },
            "a\n\nb",
        ),
        (
            {
                "content": [
                    {"type": "tool_use", "name": "artifacts", "input": {"title": "Plan", "id": "p"}}
                ]
            },
            "[artifact: Plan]",
        ),
        ({"content": [{"type": "brand_new", "text": "read"}]}, "read"),
        (
            {
                "text": "",
                "content": [],
                "files": [{"file_uuid": "f", "file_name": "cat.PNG"}, {"file_name": "a.csv"}],
            },
            "[image: cat.PNG]\n\n[file: a.csv]",
        ),
    ],
)
def test_the_text_of_a_message(message: Json, text: str) -> None:
    assert said(claude_message("m1", **message)) == text


def test_what_was_pasted_is_a_document_and_named_in_the_turn() -> None:
    attached = [
        {"file_name": "notes.txt", "extracted_content": "many words"},
        {"file_name": "", "extracted_content": "more"},
        {"file_name": "empty.bin", "extracted_content": ""},
    ]
    found = read(export(claude_chat(messages=[claude_message("m1", "see", attachments=attached)])))
    assert turns(found)[0].text.split("\n\n") == [
        "see",
        "[file: notes.txt]",
        "[file: pasted text]",
        "[file: empty.bin]",
    ]
    assert [(i.kind, i.title, i.text, i.remote_id, i.message_id) for i in items(found)] == [
        ("document", "notes.txt", "many words", "m1/attachment-1", "m1"),
        ("document", "pasted text", "more", "m1/attachment-2", "m1"),
    ]


@pytest.mark.parametrize(
    "message",
    [
        5,
        {**claude_message("x"), "sender": "robot"},
        {**claude_message("x"), "content": ["a"]},
        {**claude_message("x"), "content": [{"type": "hologram"}]},
        {**claude_message("x"), "attachments": "none"},
    ],
)
def test_a_broken_message_is_reported_and_the_thread_goes_on(message: Any) -> None:
    messages = [claude_message("m1", "a"), message, claude_message("m3", "b", "assistant")]
    found = read(export(claude_chat(messages=messages)))
    assert [(turn.text, turn.branch) for turn in turns(found)] == [("a", 0), ("b", 0)]
    assert [one.where for one in problems(found)] == ["conversations.json, entry 1, message 2"]


def test_broken_conversations_cost_only_themselves() -> None:
    found = read(
        export(claude_chat("a"), {"uuid": "b", "name": "no messages"}, 5, claude_chat("c"))
    )
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert len(problems(found)) == 2


PROJECT = {
    "uuid": "p1",
    "name": "Move",
    "prompt_template": "Assume no car.",
    "docs": [
        {"uuid": "d1", "filename": "flat.md", "content": "Third floor"},
        {"uuid": "d2", "filename": "empty.md", "content": ""},
    ],
}


def test_projects_become_an_instruction_and_documents() -> None:
    sample = {**PROJECT, "uuid": "p0", "is_starter_project": True}
    found = read(export(claude_chat(), **{"projects.json": [sample, PROJECT]}))
    assert [(i.kind, i.remote_id, i.title, i.text) for i in items(found)] == [
        ("instruction", "p1/instructions", "Move", "Assume no car."),
        ("document", "d1", "flat.md", "Third floor"),
    ]
    assert [one.where for one in problems(found)] == ["projects.json, entry 2, document 2"]


MEMORY = {
    "conversations_memory": "Ana likes rivers.\n\n**Work context**\nA hydrologist.\n\nStill is.\n"
    "- Prefers Python.\n  And tests.\n- Writes a grant.\n\n## Preferences\n* Honest criticism.",
    "project_memories": {"p1": "- Third floor."},
    "memory_files": [{"path": "/profile.md", "content": "Speaks Dutch.", "updated_at": None}],
    "account_uuid": "account-1",
}


def test_memories_are_split_into_what_can_be_granted_one_by_one() -> None:
    found = items(read({"memories.json": [MEMORY], "projects.json": [PROJECT]}))
    assert [(i.kind, i.title, i.text) for i in found[2:]] == [
        ("profile", "", "Ana likes rivers."),
        ("profile", "Work context", "A hydrologist.\n\nStill is."),
        ("fact", "Work context", "Prefers Python.\nAnd tests."),
        ("fact", "Work context", "Writes a grant."),
        ("preference", "Preferences", "Honest criticism."),
        ("fact", "", "Third floor."),
        ("profile", "", "Speaks Dutch."),
    ]
    assert found[7].metadata == {"project": "Move"}
    assert len({item.remote_id for item in found}) == len(found)


def test_rewritten_prose_keeps_its_name_and_a_new_bullet_gets_one() -> None:
    changed = {**MEMORY, "conversations_memory": "**Work context**\nA professor.\n- Writes a book."}
    before = {i.text: i.remote_id for i in items(read({"m.json": [MEMORY]}))}
    after = {i.text: i.remote_id for i in items(read({"m.json": changed}))}
    assert after["A professor."] == before["A hydrologist.\n\nStill is."]
    assert after["Writes a book."] not in before.values()


def test_the_name_of_a_memory_tells_nothing() -> None:
    memory = {"conversations_memory": "**Secret illness**\nText"}
    (item,) = items(read({"m.json": [memory]}))
    assert "illness" not in item.remote_id


@pytest.mark.parametrize(
    "broken",
    [
        {"conversations_memory": 5},
        {"project_memories": {"p": 5}},
        {"project_memories": "x"},
        {"memory_files": [5]},
        {"memory_files": [{"path": "/a", "content": []}]},
    ],
)
def test_a_broken_part_of_a_memory_costs_only_itself(broken: Json) -> None:
    found = read({"memories.json": [{**MEMORY, **broken}]})
    assert 0 < len(items(found)) < 9
    assert len(problems(found)) == 1


def several(*categories: str) -> list[Any]:
    files: dict[str, dict[str, Any]] = {
        "conversations": {"conversations.json": [claude_chat()]},
        "projects": {"projects/p1.json": PROJECT},
        "memories": {"memories/x.json": MEMORY},
        "light_metadata": {"users.json": USERS, "login_history.json": [{"ip": "x"}]},
        "feedback": {"reflections/r.json": {"a": 1}},
        "design_chats": {"design_chats/1.json": {"a": 1}, "design_chats/2.json": {"a": 1}},
    }
    listed = [
        {"category": name, "filename": f"{name}-000.zip", "part": 0, "export_url": "u"}
        for name in files
    ]
    manifest = zipped({"m": {"data_files": listed, "version": "1.0"}})
    given = [upload(files[name], f"{name}-000.zip") for name in categories]
    return [*given, upload(manifest, "manifest.zip")]


def test_several_zips_at_once() -> None:
    found = read(*several("conversations", "projects", "memories", "light_metadata", "feedback"))
    assert len(conversations(found)) == 1
    assert len(items(found)) == 2 + 7
    assert [one.reason for one in problems(found)] == [
        "This document came without its text and was left out."
    ]


def test_zips_of_the_manifest_that_were_not_given_are_named() -> None:
    found = read(*several("conversations", "design_chats"))
    assert [one.where for one in problems(found)] == [
        "projects-000.zip",
        "memories-000.zip",
        "design_chats-000.zip/design_chats",
    ]


def test_a_browser_s_number_in_a_name_does_not_make_it_missing() -> None:
    given = several("projects", "memories", "light_metadata")
    renamed = upload({"conversations.json": [claude_chat()]}, "conversations-000 (1).zip")
    assert [one.where for one in problems(read(renamed, *given)) if one.where[-3:] == "zip"] == []


def test_the_account() -> None:
    with opened(export(claude_chat())) as files:
        assert recognised(files).account(files) == "account-1"
    with opened({"users.json": USERS, "conversations.json": []}) as files:
        assert recognised(files).account(files) == "account-1"
    other = claude_chat(account={"uuid": "account-2"})
    both = opened(export(other), export(claude_chat()))
    with both as files, pytest.raises(ArchiveError, match="more than one"):
        recognised(files).account(files)


def test_the_same_export_twice_is_read_once_and_a_newer_one_again() -> None:
    newer = claude_chat(updated_at="2026-02-01T00:00:00Z")
    one = export(claude_chat(), **{"memories.json": [MEMORY], "projects.json": [PROJECT]})
    assert len(conversations(read(one, one))) == 1
    assert len(items(read(one, one))) == len(items(read(one))) == 2 + 7
    assert len(conversations(read(one, export(newer)))) == 2


def test_what_stands_beside_a_manifest_is_told() -> None:
    manifest = {"data_files": [{"filename": "a.zip", "category": "memories"}]}
    found = read({"manifest.json": [manifest, 5, None], "c.json": [claude_chat()]})
    assert len(conversations(found)) == 1
    assert [one.where for one in problems(found)] == ["a.zip", "manifest.json", "manifest.json"]


@pytest.mark.parametrize("content", ["", " \n", [], None])
def test_a_text_without_content_is_what_was_said(content: Any) -> None:
    assert said(claude_message("m1", "flat", content=content)) == "flat"


@pytest.mark.parametrize("words", [None, "", " "])
def test_a_message_whose_blocks_say_nothing_is_read_from_its_flat_text(words: str | None) -> None:
    """Found by leaving out parts at random: it was lost without a word."""
    block = {"type": "text", "text": words, "citations": []}
    one = {**claude_message("m1", "two"), "text": "two", "content": [block]}
    (talk,) = conversations(read(export(claude_chat(messages=[one]))))
    assert [turn.text for turn in talk.turns] == ["two"]

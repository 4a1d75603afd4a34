"""Lists, notes, tables and JSON that no vendor made: each memory once, with what is said of it."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.registry import recognise
from connectors.base.types import Conversation, Item, Unreadable
from connectors.plain.days import dated, day_of
from connectors.plain.entries import entries
from connectors.plain.headings import kind_under
from connectors.plain.texts import PASTED
from tests.connectors.plain_files import CHATGPT_SAVED, CLAUDE_PROMPT, GEMINI_PROMPT, NOTE
from tests.connectors.shapes import (
    calmly,
    conversations,
    items,
    opened,
    problems,
    read,
    recognised,
    upload,
    zipped,
)


def listed(text: str, name: str = PASTED) -> list[Item]:
    return items(read(upload(text.encode(), name)))


def said(text: str, name: str = PASTED) -> list[str]:
    return [one.text for one in listed(text, name)]


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def test_the_list_of_claudes_prompt() -> None:
    assert [(one.text, one.kind, one.created_at) for one in listed(CLAUDE_PROMPT)] == [
        ("Always answer in metric units", "instruction", day(2026, 1, 2)),
        ("Never use emojis", "instruction", None),
        ("Lives in Utrecht", "profile", day(2025, 11, 30)),
        ("Works as a hydrologist", "profile", day(2025, 11, 30)),
        ("Building a rain gauge", "fact", day(2026, 2, 1)),
        ("Writes Python", "fact", None),
        ("Prefers short answers", "preference", day(2026, 2, 3)),
    ]


@pytest.mark.parametrize("before", [b"", b"\xff"], ids=["as UTF-8", "as Windows-1252"])
def test_a_nul_becomes_what_stands_for_an_odd_letter(before: bytes) -> None:
    """Far down: a file that begins with one is no text."""
    text = b"- I like tea\n" * 99 + b"- and cake\0s" + before + b"\n"
    assert any(one.text.startswith("and cake\ufffds") for one in items(read({"a.txt": text})))


def test_the_sections_of_geminis_prompt_with_their_evidence() -> None:
    found = listed(GEMINI_PROMPT)
    assert [(one.text.split("\n")[0], one.kind, one.created_at) for one in found] == [
        ("The user's name is Ana.", "profile", day(2026, 1, 2)),
        ("The user is a hydrologist.", "profile", day(2025, 12, 1)),
        ("The user likes rye bread.", "preference", day(2026, 3, 1)),
        ("The user's partner is called Ben.", "profile", None),
        ("The user moves to Delft.", "event", day(2026, 5, 1)),
        ("Always use metric units.", "instruction", day(2026, 1, 2)),
    ]
    assert found[0].text.endswith('Evidence: User said "call me Ana".')


def test_the_saved_memories_of_chatgpt() -> None:
    assert [(one.text, one.created_at) for one in listed(CHATGPT_SAVED)] == [
        ("The user lives in Utrecht.", day(2025, 5, 2)),
        ("The user has two cats: Tom and Tim.", day(2025, 5, 3)),
        ("The user prefers tea.", day(2025, 6, 1)),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- Likes tea\n- Has a cat\n", ["Likes tea", "Has a cat"]),
        ("* Likes tea\n\n* Has a cat", ["Likes tea", "Has a cat"]),
        ("1. Likes tea\n2) Has a cat", ["Likes tea", "Has a cat"]),
        ("• Likes tea\r\n• Has a cat", ["Likes tea", "Has a cat"]),
        ("- Likes tea\n  and coffee\n- Has a cat", ["Likes tea\nand coffee", "Has a cat"]),
        (
            "Likes tea\nLives in Porto\nHas two cats",
            ["Likes tea", "Lives in Porto", "Has two cats"],
        ),
        ("I live in Porto.\n\nI like rye\nbread.", ["I live in Porto.", "I like rye\nbread."]),
        ("- Food:\n  - Likes tea\n  - Likes rye", ["Likes tea", "Likes rye"]),
        ("Here is the list:\n- Likes tea\nLet me know if it helps!", ["Likes tea"]),
        ("just some words", ["just some words"]),
        ("# Food\n\nLikes tea.\n\nNo milk.", ["Likes tea.\n\nNo milk."]),
        ("- Likes tea\n- likes  TEA.\n- Likes tea", ["Likes tea", "likes  TEA.", "Likes tea"]),
    ],
)
def test_lists_and_texts_of_many_forms(text: str, found: list[str]) -> None:
    assert said(text) == found


@pytest.mark.parametrize(
    ("line", "text", "when"),
    [
        ("[2026-01-02] - fact", "fact", day(2026, 1, 2)),
        ("[2026-01-02]: fact", "fact", day(2026, 1, 2)),
        ("(2026/1/2) fact", "fact", day(2026, 1, 2)),
        ("**[2026-01-02]** fact", "fact", day(2026, 1, 2)),
        ("2026-01-02: fact", "fact", day(2026, 1, 2)),
        ("2026-01-02 \u2014 fact", "fact", day(2026, 1, 2)),
        ("2.1.2026 - fact", "fact", day(2026, 1, 2)),
        ("[Jan 2, 2026] fact", "fact", day(2026, 1, 2)),
        ("2nd January 2026: fact", "fact", day(2026, 1, 2)),
        ("[2026-01] - fact", "fact", day(2026, 1, 1)),
        ("[September 2025] - fact", "fact", day(2025, 9, 1)),
        ("[2026-01-02T10:30:00Z] - fact", "fact", datetime(2026, 1, 2, 10, 30, tzinfo=UTC)),
        ("[2026-01-02 10:30 AM] - fact", "fact", day(2026, 1, 2)),
        ("[25/12/2025] - fact", "fact", day(2025, 12, 25)),
        ("fact (2026-01-02)", "fact", day(2026, 1, 2)),
        ("fact [saved on 2026-01-02].", "fact", day(2026, 1, 2)),
        ("[unknown] - fact", "fact", None),
        ("[date unknown] fact", "fact", None),
        ("[n/a] - fact", "fact", None),
        ("[03/04/2026] - March or April", "[03/04/2026] - March or April", None),
        ("[see above] - no date", "[see above] - no date", None),
        ("2026 was a good year", "2026 was a good year", None),
        ("[2026-13-45] - no day", "[2026-13-45] - no day", None),
        ("Likes tea: green", "Likes tea: green", None),
    ],
)
def test_dates_of_many_forms(line: str, text: str, when: datetime | None) -> None:
    assert dated(line)[:2] == (text, when)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Instructions I've given you about how to respond", "instruction"),
        ("Preferences and corrections to your behavior", "preference"),
        ("Personal details: name, location, job, family", "profile"),
        ("Demographics Information", "profile"),
        ("Projects, goals, and recurring topics", "fact"),
        ("Dated Events, Projects & Plans", "event"),
        ("Shopping", None),
    ],
)
def test_headings_say_what_kind_of_memories_stand_under_them(
    heading: str, kind: str | None
) -> None:
    assert kind_under(heading) == kind


def test_a_note_with_front_matter_headings_and_lists() -> None:
    assert [(one.text, one.title, one.created_at) for one in listed(NOTE, "Cooking.md")] == [
        ("Use a hot oven. #bread\n\nSteam helps, see [[Ovens]].", "Bread", day(2025, 4, 1)),
        ("Feed the rye starter daily\n- with 50 g of flour", "Starters", day(2025, 4, 1)),
        ("Buy a scale", "Starters", day(2025, 4, 1)),
    ]


def test_a_note_that_says_its_kind_is_one_memory() -> None:
    note = "---\nkind: instruction\ntitle: Style\n---\n# How\n\n- short\n- plain\n"
    (one,) = listed(note, "a.md")
    assert (one.text, one.kind, one.title) == ("# How\n\n- short\n- plain", "instruction", "Style")


def test_code_in_a_note_is_no_list() -> None:
    note = "# Setup\n\nRun this:\n\n```\n- not an item\n# not a heading\n```\n"
    assert said(note, "a.md") == ["Run this:\n\n```\n- not an item\n# not a heading\n```"]


def test_a_folder_of_notes() -> None:
    vault = {
        "Notes/.obsidian/app.json": {"text": "a setting"},
        "Notes/Daily/2026-01-02.md": "- Saw a kingfisher",
        "Notes/Cooking.md": NOTE,
        "Notes/files/oven.png": b"\x89PNG\r\n",
        "Notes/files/bread.png": b"\x89PNG\r\n",
        "__MACOSX/Notes/._Cooking.md": b"\x00\x05\x16\x07",
    }
    found = read(vault)
    assert len(items(found)) == 4
    (left,) = problems(found)
    assert left == Unreadable("Notes/files", left.reason)
    assert "2 files" in left.reason


def test_a_list_that_grew_adds_exactly_the_difference() -> None:
    before = {one.remote_id for one in listed(CLAUDE_PROMPT)}
    grown = CLAUDE_PROMPT.replace("**Projects", "[2026-05-05] - Plays the cello\n**Projects")
    reworded = grown.replace("Sure! Here is everything", "Here's all that")
    after = {one.remote_id: one.text for one in listed(reworded)}
    assert before < after.keys()
    assert [after[id] for id in after.keys() - before] == ["Plays the cello"]
    twice = listed("- Likes tea\n- Likes tea")
    assert len({one.remote_id for one in twice}) == 2


def test_a_table_with_a_column_of_text() -> None:
    table = "Date,Note,Type,Title\n2026-01-02,Likes tea,preference,Drinks\n\n2026-01-03,,,\n,Cat"
    found = read(upload(table.encode(), "t.csv"))
    assert [(one.text, one.kind, one.title, one.created_at) for one in items(found)] == [
        ("Likes tea", "preference", "Drinks", day(2026, 1, 2)),
        ("Cat", "fact", "", None),
    ]
    assert [one.where for one in problems(found)] == ["t.csv, entry 2"]
    tabbed = read(upload(table.replace(",", "\t").encode(), "t.tsv"))
    assert len(items(tabbed)) == 2


@pytest.mark.parametrize(
    ("content", "name", "texts"),
    [
        (["Likes tea", "[2026-01-02] - Has a cat"], "a.json", ["Likes tea", "Has a cat"]),
        ([{"text": "a"}, {"text": "b"}], "a.json", ["a", "b"]),
        ({"version": 1, "memories": [{"memory": "a"}]}, "a.json", ["a"]),
        ({"a": ["x", "y"]}, "a.json", ["x", "y"]),
        ('{"content": "a"}\n{"content": "b"}\n', "a.jsonl", ["a", "b"]),
        ([{"meta": {"text": "a"}}], "a.json", ["a"]),
        ([{"content": [{"type": "text", "text": "a"}]}], "a.json", ["a"]),
    ],
)
def test_json_whose_parts_say_what_they_are(content: Any, name: str, texts: list[str]) -> None:
    raw = content if isinstance(content, str) else json.dumps(content)
    assert said(raw, name) == texts


def test_conversations_of_a_program_that_nobody_knows() -> None:
    talk = {
        "id": "conversation-0001",
        "title": "Tea",
        "messages": [
            {"role": "user", "content": "hi", "created_at": 1767268800},
            {"role": "assistant", "content": [{"type": "text", "text": "hello"}]},
        ],
    }
    again = {**talk, "messages": [*talk["messages"], {"role": "user", "content": "bye"}]}
    (one,) = conversations(read(upload(json.dumps([talk]).encode(), "chats.json")))
    assert (one.title, [(t.role, t.text) for t in one.turns]) == (
        "Tea",
        [("user", "hi"), ("assistant", "hello")],
    )
    assert one.turns[0].created_at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    (grown,) = conversations(read(upload(json.dumps([again]).encode(), "other.json")))
    assert grown.conversation_id == one.conversation_id
    assert [t.message_id for t in grown.turns[:2]] == [t.message_id for t in one.turns]


@pytest.mark.parametrize(
    "content",
    [
        [{"role": "baker", "content": "what the part means is not clear"}],
        [{"zork": "a"}],
        {"name": "left-pad", "description": "a package"},
        {"text": "one object is no list"},
        [1, 2],
        [],
        {},
        "<p>text</p>",
    ],
)
def test_what_is_not_clear_is_not_guessed(content: Any) -> None:
    with opened({"a.json": content}) as files:
        assert recognise(files) is None


def test_what_is_not_clear_beside_what_is_clear_is_told() -> None:
    found = read({"a.md": "- Likes tea", "b.json": [{"zork": "a"}], "c.html": "<p>x</p>"})
    assert [one.text for one in items(found)] == ["Likes tea"]
    assert [one.where for one in problems(found)] == ["b.json", "c.html"]
    assert "Read it differently" in problems(found)[0].reason


def test_broken_and_odd_entries_are_each_told() -> None:
    whole = '[{"text": "a"}, {"text": ""}, 5, {"text": nope}, null, {"other": 1}, {"text": "b"}'
    found = read(upload(whole.encode(), "a.json"))
    assert [one.text for one in items(found)] == ["a", "b"] or len(items(found)) == 1
    assert len(items(found)) + len(problems(found)) == 7


@pytest.mark.parametrize("text", ["", " \n\t", "---\n---\n", "#\n", "```\n", "- \n-\n", "\ufeff"])
def test_nearly_nothing_is_nothing(text: str) -> None:
    assert all(not one.text.strip() or one.text for one in entries(text))


PIECES = st.sampled_from(
    [
        *("[2026-01-02] - ", "- ", "* ", "1. ", "# ", "**", "```\n", "\n", "\n\n", "    "),
        *("a fact", "Date:", "Evidence: ", ":", "(2026)", "[", "]", "=====", "\t", "é"),
        *("Instructions", "\u2028", "---\n"),
    ]
)


@calmly
@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_text_crashes_and_every_word_comes_at_most_once(text: str) -> None:
    found = read(upload(("a fact first\n\n" + text).encode(), "x.md"))
    again = read(upload(("a fact first\n\n" + text).encode(), "x.md"))
    assert found == again
    ids = [one.remote_id for one in items(found)]
    assert len(set(ids)) == len(ids)
    texts = "".join(one.text for one in items(found))
    assert texts.count("a fact") <= text.count("a fact") + 1


ROWS = [{"id": f"an-id-of-row-{n}", "text": f"fact {n}", "created_at": n} for n in range(6)]


@calmly
@given(
    st.data(),
    st.sampled_from([b"", b"}", b"]", b'"', b"\x00", b",", b"{", b"null", b"\xff"]),
)
def test_mutilated_json_is_read_as_far_as_it_goes_and_counted(data: Any, bit: bytes) -> None:
    whole = json.dumps(ROWS).encode()
    at = data.draw(st.integers(1, len(whole)))
    width = data.draw(st.integers(0, 5))
    broken = whole[:at] + bit + whole[at + width :]
    with opened({"a.json": broken}) as files:
        archive = recognise(files)
        if archive is None or archive.vendor != "plain":
            return
        found = list(archive.read(files))
        assert found == list(archive.read(files))
        from connectors.base.reading.json_stream import items as entries_of

        total = sum(1 for _ in entries_of(files["a.json"]))
    assert len(found) == total


def test_a_long_conversation_comes_in_parts_that_fit_together() -> None:
    turns = [{"role": "user", "content": f"line {n}"} for n in range(4_500)]
    found = conversations(read(upload(json.dumps({"messages": turns}).encode(), "a.json")))
    assert [len(one.turns) for one in found] == [2_000, 2_000, 500]
    assert len({one.conversation_id for one in found}) == 1
    places = [turn.position for one in found for turn in one.turns]
    assert all(after == before + 1 for before, after in pairwise(places))


def test_text_that_is_not_utf8_is_read_as_what_it_is() -> None:
    found = items(read(upload("- Müsli essen".encode("cp1252"), "a.txt")))
    assert [one.text for one in found] == ["Müsli essen"]


def test_the_time_of_an_epoch_in_a_table() -> None:
    assert day_of("1767268800") == day_of(1767268800) == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert day_of("1767268800000") == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_reader_is_told_apart_from_vendors() -> None:
    with opened(zipped({"notes.md": "- Likes tea"})) as files:
        assert recognised(files).vendor == "plain"
    assert all(not isinstance(one, Conversation) for one in read({"n.md": "- a"}))

"""Copilot's tables: the newest first, without ids, and a title for a conversation."""

import pytest

from connectors.base.limits import Limits
from connectors.base.registry import recognise
from tests.connectors.assistants import copilot
from tests.connectors.shapes import (
    conversations,
    opened,
    problems,
    read,
    recognised,
    turns,
    upload,
)

NOON = "2026-01-01T12:00:00"
TALK = [
    ("Tea", "2026-01-01T12:05:00", "AI", "Green."),
    ("Tea", "2026-01-01T12:05:00", "Human", "Which one?"),
    ("Tea", NOON, "AI", "Tea, then:\n\n* black\n* \"green\"\n"),
    ("Tea", NOON, "Human", "Tea or coffee?"),
]  # fmt: skip


def table(rows: list[tuple[str, str, str, str]], work: bool = False) -> object:
    return upload(copilot(rows, work), "copilot-activity-history.csv")


def texts(rows: list[tuple[str, str, str, str]], work: bool = False) -> list[list[str]]:
    found = read(table(rows, work))
    assert problems(found) == []
    return [[turn.text for turn in one.turns] for one in conversations(found)]


def test_pairs_of_one_time_are_read_from_the_end_and_never_sorted() -> None:
    found = read(table(TALK))
    (one,) = conversations(found)
    assert (one.title, one.inferred, len(found)) == ("Tea", False, 1)
    assert [(turn.role, turn.text, turn.position) for turn in one.turns] == [
        ("user", "Tea or coffee?", 0),
        ("assistant", 'Tea, then:\n\n* black\n* "green"', 1),
        ("user", "Which one?", 2),
        ("assistant", "Green.", 3),
    ]
    assert [turn.parent_id for turn in one.turns[1:]] == [turn.message_id for turn in one.turns[:3]]
    times = [time.isoformat() for time in (one.created_at, one.updated_at) if time]
    assert times == [f"{NOON}+00:00", "2026-01-01T12:05:00+00:00"]


def test_a_table_that_somebody_sorted_anew_is_read_forward() -> None:
    assert texts(TALK[::-1]) == texts(TALK)


def test_the_clock_put_back_does_not_turn_the_conversation() -> None:
    back = [
        ("Tea", "2026-10-25T01:10:00", "AI", "four"),
        ("Tea", "2026-10-25T01:10:00", "Human", "three"),
        ("Tea", "2026-10-25T01:50:00", "AI", "two"),
        ("Tea", "2026-10-25T01:50:00", "Human", "one"),
        *TALK,
    ]
    assert texts(back) == [["one", "two", "three", "four"], *texts(TALK)]


@pytest.mark.parametrize(
    ("between", "count"),
    [
        ([], 1),
        ([("Cake", "2026-01-02T12:00:00", "Human", "Cake?")], 3),
    ],
)
def test_what_was_said_between_parts_two_conversations_of_one_title(
    between: list[tuple[str, str, str, str]], count: int
) -> None:
    later = [("Tea", "2026-01-03T12:00:00", "Human", "And now?")]
    assert len(texts(later + between + TALK)) == count


@pytest.mark.parametrize(
    ("title", "later", "count"),
    [
        ("Tea", "2026-01-08T12:05:00", 1),
        ("Tea", "2026-01-08T12:05:01", 2),
        ("", "2026-01-01T12:35:00", 1),
        ("", "2026-01-01T12:35:01", 2),
    ],
)
def test_so_does_a_long_time(title: str, later: str, count: int) -> None:
    rows = [(title, later, "Human", "And now?"), *((title, *row[1:]) for row in TALK)]
    found = conversations(read(table(rows)))
    assert len(found) == count
    assert {one.inferred for one in found} == {not title}
    assert found[-1].title == title or found[-1].title == "Tea or coffee?"


GROWN = [
    ("New", "2026-01-02T12:00:00", "AI", "Yes."),
    ("New", "2026-01-02T12:00:00", "Human", "Are you there?"),
    ("Tea", "2026-01-01T12:09:00", "Human", "Thanks"),
    *TALK,
]


def test_a_grown_export_has_the_same_ids_and_adds_the_difference() -> None:
    before, after = (conversations(read(table(rows))) for rows in (TALK, GROWN))
    assert [one.conversation_id for one in after][1:] == [one.conversation_id for one in before]
    old = {turn.message_id for one in before for turn in one.turns}
    new = {turn.message_id: turn.text for one in after for turn in one.turns}
    assert old < new.keys()
    assert sorted(new[name] for name in new.keys() - old) == ["Are you there?", "Thanks", "Yes."]


def test_another_title_does_not_make_it_another_conversation() -> None:
    renamed = [("Tea time", *row[1:]) for row in TALK]
    (one,), (other,) = (conversations(read(table(rows))) for rows in (TALK, renamed))
    assert (one.conversation_id, one.turns) == (other.conversation_id, other.turns)


def test_the_same_words_at_the_same_time_are_all_kept() -> None:
    rows = [("T", NOON, "Human", "Yes"), ("T", NOON, "Human", "Yes"), ("T", NOON, "AI", "?")]
    found = turns(read(table(rows)))
    assert [turn.text for turn in found] == ["?", "Yes", "Yes"]
    assert len({turn.message_id for turn in found}) == 3


def test_conversations_without_times_that_begin_alike_are_both_kept() -> None:
    rows = [(title, "", author, text) for title in "AB" for author, text in (
        ("AI", f"About {title}"), ("Human", "Hi"))]  # fmt: skip
    assert sorted(texts(rows)) == [["Hi", "About A"], ["Hi", "About B"]]


WORK = [
    ("Plan", "1/2/2026 9:10:00 AM +01:00", "bot", "Done."),
    ("Plan", "1/2/2026 9:10:00 AM +01:00", "user", "Plan the week"),
    ("Plan", "1/1/2026 12:00:00 +00:00", "Microsoft 365 Copilot", "Hello"),
]


def test_tables_of_work() -> None:
    found = read(table(WORK, work=True))
    (one,) = conversations(found)
    assert [(turn.role, turn.text) for turn in one.turns] == [
        ("assistant", "Hello"),
        ("user", "Plan the week"),
        ("assistant", "Done."),
    ]
    assert [turn.created_at.isoformat() for turn in one.turns if turn.created_at] == [
        f"{NOON}+00:00",
        *["2026-01-02T08:10:00+00:00"] * 2,
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_a_pair_of_work_without_a_direction_begins_with_the_question(order: int) -> None:
    assert texts(WORK[:2][::order], work=True) == [["Plan the week", "Done."]]


def test_tools_of_work_are_hidden() -> None:
    (one, *_) = turns(read(table([("Plan", NOON, "api_tool", "{}")], work=True)))
    assert (one.role, one.hidden) == ("tool", True)


@pytest.mark.parametrize(
    ("time", "found"),
    [
        ("12/31/2026 11:59:59 PM", "2026-12-31T23:59:59+00:00"),
        ("31/12/2026 00:00:00 -0230", "2026-12-31T02:30:00+00:00"),
        ("1/1/2026 12:00 AM", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00+00:00"),
        ("13/13/2026 10:00:00", None),
        ("1/1/2026 25:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_every_way_of_writing_a_time(time: str, found: str | None) -> None:
    (turn,) = turns(read(table([("T", time, "user", "x")], work=True)))
    assert (turn.created_at and turn.created_at.isoformat()) == found


def test_an_author_who_is_not_known_costs_only_the_row() -> None:
    found = read(table([TALK[0], ("Tea", NOON, "Robot", "CANARY"), TALK[3]]))
    assert [turn.text for turn in turns(found)] == ["Tea or coffee?", "Green."]
    (one,) = problems(found)
    assert one.where == "copilot-activity-history.csv, entry 2" and "CANARY" not in repr(one)


def test_a_table_cut_short_gives_what_came_before() -> None:
    raw = copilot(TALK)
    found = read(upload(raw[: raw.index(b"* black")], "c.csv"))
    assert [turn.text for turn in turns(found)] == ["Which one?", "Green."]
    assert [one.where for one in problems(found)] == ["c.csv, row 4"]


def test_a_conversation_larger_than_allowed_is_told() -> None:
    rows = [("Long", NOON, "AI", "x" * 600)] * 3 + TALK
    found = read(table(rows), limits=Limits(item_bytes=1_500))
    assert [one.title for one in conversations(found)] == ["Tea"]
    assert len(problems(found)) == 1


def test_prompts_of_windows_are_named_and_not_read() -> None:
    prompts = "Timestamp,ClientApp,Prompt\r\n2026-01-01,Notepad,CANARY\r\n"
    found = read({"a.csv": copilot(TALK), "b.csv": prompts})
    assert len(conversations(found)) == 1 and "CANARY" not in repr(found)
    assert [one.where for one in problems(found)] == ["b.csv"]
    assert [one.where for one in problems(read({"b.csv": prompts}))] == ["b.csv"]


@pytest.mark.parametrize("work", [False, True])
def test_a_table_is_known_by_its_columns(work: bool) -> None:
    with opened({"x/y.txt": copilot(TALK, work)}) as files:
        assert recognised(files).vendor == "microsoft"
    assert texts(TALK, work) == texts(TALK)


@pytest.mark.parametrize(
    "head", ["Time,Author,Message", "Author,Conversation,Time,Message", "author,time", "Author"]
)
def test_other_tables_are_not_taken(head: str) -> None:
    with opened({"copilot-activity-history.csv": f"{head}\r\na,b,c\r\n"}) as files:
        found = recognise(files)
        assert found is None or found.vendor != "microsoft"

"""Kagi threads: Markdown, whose speakers are told apart where headings name them."""

from typing import Any

import pytest

from connectors.base.registry import archives
from tests.connectors.assistants import kagi, kagi_thread
from tests.connectors.shapes import conversations, opened, problems, read, recognised, turns

TWO = [("user", "hello"), ("assistant", "hi\n\n# Not a speaker\n\n### User\n\nneither")]


def said(text: Any) -> list[tuple[str, str]]:
    found = read(kagi(kagi_thread("good"), kagi_thread("c1") | {"markdownExport": text}))
    assert problems(found) == []
    return [(turn.role, turn.text) for turn in conversations(found)[1].turns]


def test_a_plain_thread() -> None:
    (one,) = conversations(read(kagi(kagi_thread(created_at="2026-01-01T12:00:00Z"))))
    assert (one.conversation_id, one.title) == ("c1", "A talk")
    assert [(turn.message_id, turn.role, turn.text, turn.parent_id) for turn in one.turns] == [
        ("c1/0", "user", "hello", ""),
        ("c1/1", "assistant", "hi", "c1/0"),
    ]
    assert one.created_at and one.created_at.isoformat() == "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"## User\nhello\n## Assistant\n{TWO[1][1]}", TWO),
        (f"# A talk\n\n## You:\n\nhello\n\n## Kagi Assistant\n\n{TWO[1][1]}", TWO),
        ("hello\n\n## User\n\nx", [("assistant", "hello\n\n## User\n\nx")]),
        ("# A talk\n\nwords", [("assistant", "# A talk\n\nwords")]),
        ("## User\n\n## Assistant\n\nhi", [("assistant", "hi")]),
        (" \n", []),
        ("", []),
        (None, []),
    ],
)
def test_speakers_are_told_apart_only_where_headings_name_them(
    text: Any, found: list[tuple[str, str]]
) -> None:
    assert said(text) == found


def test_a_grown_thread_has_the_same_ids() -> None:
    more = kagi_thread()["markdownExport"] + "\n\n## User\n\nmore"
    before, after = (
        [turn.message_id for turn in turns(read(kagi(kagi_thread(text=text))))]
        for text in ("", more)
    )
    assert after[:2] == before and len(after) == 3


@pytest.mark.parametrize("broken", [5, None, {}, {"threadDetail": 5}, kagi_thread("x", ["a"])])
def test_broken_threads_cost_only_themselves(broken: Any) -> None:
    found = read(kagi(kagi_thread("a"), broken, kagi_thread("c")))
    assert [one.conversation_id for one in conversations(found)] == ["a", "c"]
    assert [one.where for one in problems(found)] == ["kagi.json, entry 2"]


@pytest.mark.parametrize("under", ["threads", "conversations", "data"])
def test_threads_are_found_under_several_keys(under: str) -> None:
    with opened({"x.txt": {under: [kagi_thread()]}}) as files:
        archive = recognised(files)
        assert archive.vendor == "kagi" and len(list(archive.read(files))) == 1


def test_other_threads_are_not_taken() -> None:
    with opened({"kagi.json": [{"threadDetail": {"id": "x"}}, {"markdownExport": "x"}]}) as files:
        assert not archives()["kagi"].recognise(files)

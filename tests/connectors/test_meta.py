"""Meta AI's page: conversations as text in the cells of a table, told apart by who speaks."""

import pytest

from connectors.base.registry import archives
from tests.connectors.assistants import meta, meta_talk
from tests.connectors.shapes import conversations, opened, problems, read, recognised, turns

TALK = meta_talk("You: Tea or coffee?\nMeta AI: Tea,\n\nthen.\nYou: Thanks\n")
PAGE = "meta_ai_profile/your_ai_conversations.html"


def said(text: str) -> list[tuple[str, str]]:
    found = read(meta(meta_talk(text)))
    assert problems(found) == []
    return [(turn.role, turn.text) for turn in turns(found)]


def test_a_plain_conversation() -> None:
    found = read(meta(TALK))
    (one,) = conversations(found)
    assert (one.title, len(found)) == ("Tea or coffee?", 1)
    assert [(turn.role, turn.text, turn.position) for turn in one.turns] == [
        ("user", "Tea or coffee?", 0),
        ("assistant", "Tea,\n\nthen.", 1),
        ("user", "Thanks", 2),
    ]
    assert [turn.parent_id for turn in one.turns[1:]] == [turn.message_id for turn in one.turns[:2]]
    assert one.created_at and one.created_at.isoformat() == "2026-01-31T00:00:00+00:00"
    assert "CANARY" not in repr(found)


TWO = [("user", "a & b"), ("assistant", "c: d")]


@pytest.mark.parametrize(
    "text",
    [
        "You: a &amp; b\nMeta AI: c: d",
        "<br>You: a &amp; b<br />Meta AI: c: d",
        "<div>You: a &amp; b</div><div><b>Meta AI:</b> c: d</div>",
        "<p>You:</p>\na &amp; b<p>Meta AI:</p>c: d",
        "  You: a &amp; b\r\n  Meta AI: c: d<script>You: CANARY</script>",
    ],
)
def test_lines_however_they_are_written(text: str) -> None:
    assert said(text) == TWO


def test_without_lines_speakers_are_found_anywhere() -> None:
    one_line = TALK.replace("Meta AI\n", "Meta AI ").replace("\n", " ")
    found = turns(read(meta(one_line)))
    assert [turn.text for turn in found] == ["Tea or coffee?", "Tea,  then.", "Thanks"]


def test_a_speaker_who_is_quoted_does_not_speak() -> None:
    assert said("You: why did it say You: and Meta AI: x?\nMeta AI: So.") == [
        ("user", "why did it say You: and Meta AI: x?"),
        ("assistant", "So."),
    ]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("12-31-2026_7", "2026-12-31"),
        ("31-12-2026_1", "2026-12-31"),
        ("99-99-2026_1", None),
        ("soon", None),
    ],
)
def test_the_day_is_in_the_name_of_a_file(name: str, day: str | None) -> None:
    (one,) = conversations(read(meta(meta_talk("You: a", name))))
    assert (one.created_at and one.created_at.date().isoformat()) == day


def test_days_are_given_only_where_they_fit() -> None:
    """Two conversations in one section, and one name between them: whose day it is, who knows."""
    joined = meta_talk("You: a") + meta_talk("You: b", "soon")
    flat = joined.replace("<section", "<div").replace("</section", "</div")
    assert [one.created_at for one in conversations(read(meta(flat)))] == [None, None]
    both = meta_talk("You: a") + meta_talk("You: b", "01-31-2026_2")
    flat = both.replace("<section", "<div").replace("</section", "</div")
    assert all(one.created_at for one in conversations(read(meta(flat))))


def test_a_conversation_without_speakers_is_told() -> None:
    found = read(meta(TALK, meta_talk("CANARY"), meta_talk("You: b")))
    assert len(conversations(found)) == 2
    assert [one.where for one in problems(found)] == [f"{PAGE}, conversation 2"]
    assert "CANARY" not in repr(problems(found))


def test_a_grown_export_has_the_same_ids_and_adds_the_difference() -> None:
    longer = meta_talk("You: Tea or coffee?\nMeta AI: Tea,\n\nthen.\nYou: Thanks\nMeta AI: Ah.")
    before = turns(read(meta(TALK)))
    after = turns(read(meta(meta_talk("You: New", "02-01-2026_1"), longer)))
    old, new = ({turn.message_id: turn.text for turn in found} for found in (before, after))
    assert old.keys() < new.keys()
    assert sorted(new[name] for name in new.keys() - old.keys()) == ["Ah.", "New"]


def test_two_conversations_of_a_day_that_begin_alike_are_both_kept() -> None:
    greeting = "You: hi\nMeta AI: Hello!\nYou: "
    found = read(meta(*(meta_talk(greeting + more, f"01-31-2026_{more}") for more in "12")))
    assert [one.turns[2].text for one in conversations(found)] == ["1", "2"]
    assert len({turn.message_id for turn in turns(found)}) == 6


def test_what_is_in_two_exports_comes_once() -> None:
    assert len(conversations(read(meta(TALK), meta(meta_talk("You: a"), TALK)))) == 2


def test_a_page_without_an_end_gives_what_came_before() -> None:
    found = read(meta(TALK, "<td class='_a6_r'><b " + "x" * 100_000))
    assert len(conversations(found)) == 1
    assert [one.where for one in problems(found)] == [f"{PAGE}, after conversation 1"]


@pytest.mark.parametrize("name", [PAGE, "x.html", "a/b.txt"])
def test_a_page_is_known_by_what_is_in_it(name: str) -> None:
    with opened({name: meta(TALK)[PAGE]}) as files:
        assert recognised(files).vendor == "meta"


@pytest.mark.parametrize(
    "page", ["<html><td class='_a6_r'>x</td>", "<p>Conversation with Meta AI You: hi</p>", "<p>"]
)
def test_other_pages_are_not_taken(page: str) -> None:
    with opened({PAGE: page}) as files:
        assert not archives()["meta"].recognise(files)


def test_a_page_that_only_looks_like_it_says_so() -> None:
    found = read({PAGE: "<p class='_a6_r'>Conversation with Meta AI</p>"})
    assert [one.where for one in problems(found)] == [PAGE]
    assert len(found) == 1

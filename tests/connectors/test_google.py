"""Google Takeout: the activity log in its two forms, Workspace conversations and Gems."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base.limits import Limits
from connectors.google.clock import is_time, time_of
from tests.connectors.shapes import (
    Json,
    activity,
    calmly,
    conversations,
    items,
    problems,
    read,
    turns,
    upload,
)

LOG = "Takeout/My Activity/Gemini Apps/MyActivity.json"
PAGE = "Takeout/Mijn activiteit/Gemini-apps/MijnActiviteit.html"


def logged(*entries: Any) -> dict[str, Any]:
    return {LOG: list(entries)}


def at(hour: int, minute: int = 0) -> str:
    return f"2026-01-02T{hour:02}:{minute:02}:00.123Z"


def test_prompts_and_answers_become_inferred_conversations() -> None:
    found = conversations(
        read(
            logged(
                activity("Prompted three", at(14), "<p>c</p>"),
                activity("Asked two", at(12, 20), "<p>b</p><ul><li>x</li></ul>", "<p>more</p>"),
                activity("Prompted\u00a0one", at(12), "<p>a &amp; a</p>"),
            )
        )
    )
    assert [[(t.role, t.text) for t in one.turns] for one in found] == [
        [("user", "three"), ("assistant", "c")],
        [
            ("user", "one"),
            ("assistant", "a & a"),
            ("user", "two"),
            ("assistant", "b\n\n- x\n\nmore"),
        ],
    ]
    assert all(one.inferred for one in found)
    assert found[1].title == "one"
    assert found[1].created_at == datetime(2026, 1, 2, 12, 0, 0, 123000, UTC)
    assert [turn.position for turn in found[1].turns] == [0, 1, 2, 3]
    assert [bool(turn.parent_id) for turn in found[1].turns] == [False, True, True, True]


def test_half_an_hour_makes_a_new_conversation() -> None:
    entries = [activity("Prompted b", at(12, 30), "b"), activity("Prompted a", at(12), "a")]
    assert len(conversations(read(logged(*entries)))) == 1
    entries[0]["time"] = "2026-01-02T12:30:01.123Z"
    assert len(conversations(read(logged(*entries)))) == 2


def test_other_products_and_other_doings_are_passed_over() -> None:
    found = read(
        logged(
            activity("Searched for rain", at(15), header="Search"),
            activity("Prompted x", at(14), "y", header="Gemini Apps in another product"),
            activity("Used Gemini Apps", at(13)),
            activity("Gave feedback: good", at(13)),
            activity("Prompted x", at(12), "y", header="Bard"),
        )
    )
    assert [turn.text for turn in turns(found)] == ["x", "y"]
    assert problems(found) == []


def test_a_verb_in_another_language_stays_and_without_an_answer_is_reported() -> None:
    found = read(logged(activity("Gevraagd: x", at(12), "y"), activity("Gebruikte iets", at(11))))
    assert [turn.text for turn in turns(found)] == ["Gevraagd: x", "y"]
    assert [one.where for one in problems(found)] == [f"{LOG}, entry 2"]


def test_a_prompt_without_an_answer_and_attached_files() -> None:
    entry = {**activity("Prompted look", at(12)), "attachedFiles": ["a.pdf"], "imageFile": "b.png"}
    (turn,) = turns(read(logged(entry)))
    assert turn.text == "look\n\n[file: a.pdf]\n\n[file: b.png]"


def test_equal_entries_are_counted_and_keep_their_names_in_the_next_export() -> None:
    same = [activity("Prompted x", at(12), "y")] * 3
    before = turns(read(logged(*same)))
    after = turns(read(logged(activity("Prompted new", at(18), "z"), *same)))
    assert len({turn.message_id for turn in before}) == 6
    assert [turn.message_id for turn in after[2:]] == [turn.message_id for turn in before]


def test_broken_entries_cost_only_themselves() -> None:
    broken: list[Any] = [
        5,
        {**activity("Prompted a", at(12)), "safeHtmlItem": [{"html": 5}]},
        {**activity("Prompted a", at(12)), "title": None},
        {**activity("Prompted kept", "yesterday", "y")},
    ]
    found = read(logged(*broken))
    assert [turn.text for turn in turns(found)] == ["kept", "y"]
    assert turns(found)[0].created_at is None
    assert len(problems(found)) == 3


def test_a_log_without_gemini_says_so() -> None:
    (problem,) = read(logged(activity("Watched a film", at(12), header="YouTube")))
    assert "nothing that was asked of Gemini" in problem.reason


@calmly
@given(
    entries=st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 59), st.sampled_from("abc")),
        max_size=20,
        unique=True,
    )
)
def test_every_entry_comes_out_once_in_whatever_order_the_log_is(entries: Any) -> None:
    log = [activity(f"Prompted {text}", at(hour, minute), "y") for hour, minute, text in entries]
    found = read(logged(*log, activity("Prompted last", at(0), "y")))
    assert len(turns(found)) == 2 * len(entries) + 2
    for one in conversations(found):
        times = [turn.created_at for turn in one.turns]
        assert times == sorted(times, key=lambda time: time.timestamp() if time else 0)


def cell(content: str, product: str = "Gemini Apps") -> str:
    return (
        '<div class="outer-cell mdl-cell"><div class="mdl-grid"><div class="header-cell">'
        f'<p class="mdl-typography--title">{product}<br></p></div>'
        f'<div class="content-cell mdl-cell--6-col mdl-typography--body-1">{content}</div>'
        '<div class="content-cell mdl-typography--text-right"></div>'
        '<div class="content-cell mdl-typography--caption"><b>Products:</b><br>Gemini Apps</div>'
        "</div></div>"
    )


def page(*cells: str) -> dict[str, Any]:
    style = f"<style>{'a{b:c}' * 30_000}</style>"
    return {PAGE: f"<html><head>{style}</head><body>{''.join(cells)}</body></html>"}


def test_the_log_as_a_page() -> None:
    found = read(
        page(
            cell("Searched for rain<br>Jan 2, 2026, 3:00:00 PM UTC", "Search"),
            cell(
                "Prompted\u00a0two lines<br>of prompt<br>Jan 2, 2026, 3:04:05\u202fPM CET<br>"
                "<p>An <b>answer</b></p><div><p>with &lt;more&gt;</p></div>"
            ),
            cell("Used Gemini<br>Jan 2, 2026, 3:00:00 PM UTC<br>"),
        )
    )
    (one,) = conversations(found)
    assert [turn.text for turn in one.turns] == [
        "two lines\nof prompt",
        "An answer\n\nwith <more>",
    ]
    assert one.created_at == datetime(2026, 1, 2, 14, 4, 5, tzinfo=UTC)
    assert problems(found) == []


def test_scripts_in_a_page_are_not_text() -> None:
    found = read(page(cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br><script>alert(1)</script>y")))
    assert [turn.text for turn in turns(found)] == ["x", "y"]


def test_times_in_another_language_are_said_and_each_entry_stands_alone() -> None:
    lines = "Prompted {}<br>2 ene 2026, 15:04:05 CET<br><p>y</p>"
    found = read(page(cell(lines.format("a")), cell(lines.format("b"))))
    assert [len(one.turns) for one in conversations(found)] == [2, 2]
    assert [turn.text for turn in turns(found)] == ["a", "y", "b", "y"]
    assert [one.where for one in problems(found)] == [f"{PAGE}, 2 entries"]


@pytest.mark.parametrize("nonsense", ["<a " * 50_000, "<a/" * 50_000, "<!--" * 50_000])
def test_a_page_that_never_closes_a_tag_is_given_up(nonsense: str) -> None:
    good = cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br><p>y</p>")
    found = read(page(good, cell("z") + nonsense))
    assert [turn.text for turn in turns(found)] == ["x", "y"]
    assert len(problems(found)) == 1


def test_an_entry_of_a_page_too_large_ends_the_reading_with_a_word() -> None:
    good = cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br><p>y</p>")
    found = read(page(good, cell("Prompted " + "z" * 50_000)), limits=Limits(html_record=20_000))
    assert [turn.text for turn in turns(found)] == ["x", "y"]
    assert [one.where for one in problems(found)] == [f"{PAGE}, after entry 1"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jan 2, 2026, 3:04:05\u202fAM UTC", "2026-01-02T03:04:05+00:00"),
        ("Sept 12, 2026, 12:04:05 AM EDT", "2026-09-12T04:04:05+00:00"),
        ("2 January 2026, 15:04:05 CET", "2026-01-02T14:04:05+00:00"),
        ("2 Jan. 2026, 15:04:05 GMT+05:30", "2026-01-02T09:34:05+00:00"),
        ("2026-01-02 15:04", "2026-01-02T15:04:00+00:00"),
        ("Jan 32, 2026, 3:04 AM UTC", None),
        ("2 enero 2026, 15:04:05 CET", None),
    ],
)
def test_times_written_for_people(line: str, expected: str | None) -> None:
    assert is_time(line)
    found = time_of(line)
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize("line", ["In 2026 we meet", "at 10:30", "", "x" * 100 + " 2026 10:30"])
def test_what_is_no_time(line: str) -> None:
    assert not is_time(line)


@pytest.mark.parametrize("odd", ["<![x", "<![]>", "<![[CDATA[a]]>", "<![CDATA[a]]>", "<![if x]>"])
def test_sections_that_html_does_not_know_stop_nothing(odd: str) -> None:
    lines = "Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br>y"
    found = read(page(cell(f"{lines}{odd}"), cell(lines.replace("x", "z"))))
    assert len(turns(found)) + len(problems(found)) >= 2


def workspace(*turns_: Json) -> dict[str, Any]:
    talk = {
        "title": "Plan",
        "creation_time": "2026-01-02T03:04:05Z",
        "last_modification_time": "2026-01-02T04:04:05Z",
        "conversation_turns": list(turns_),
    }
    return {"Takeout/Gemini in Workspace/Conversation History/conversation_1.txt": json.dumps(talk)}


def test_a_workspace_conversation() -> None:
    found = read(
        workspace(
            {"user_turn": {"prompt": "hello", "turn_index": 0}},
            {
                "system_turn": {
                    "text": [{"data": "hi"}, {"cards": [{"content": "a card"}]}],
                    "images": [{}],
                    "model_thoughts": [{"headline": "h"}],
                    "turn_index": 1,
                }
            },
            {"user_turn": {"prompt": "gone", "turn_index": 2, "turn_deleted_time": "2026"}},
            {"other_turn": {}},
        )
    )
    (one,) = conversations(found)
    assert (one.title, one.inferred) == ("Plan", False)
    assert [turn.text for turn in one.turns] == ["hello", "hi\n\na card\n\n[image]"]
    assert len({turn.message_id for turn in one.turns}) == 2
    assert [one.where[-6:] for one in problems(found)] == ["turn 4"]


def test_gems_become_skills() -> None:
    gems = (
        "<html><body><b>Name:</b> Tutor<br><b>Instructions:</b> Correct me.<br>Be kind.<hr>"
        "<b>Name:</b> Cook<br><b>Description:</b> food<br><b>Instructions:</b> No peanuts.</body>"
    )
    found = read({"Takeout/Gemini/gemini_gems_data.html": gems})
    assert [(i.kind, i.title, i.text) for i in items(found)] == [
        ("skill", "Tutor", "Correct me.\nBe kind."),
        ("skill", "Cook", "No peanuts."),
    ]


def test_pages_of_gemini_that_are_not_known_are_said() -> None:
    actions = "<html><b>Action:</b> water the plants</html>"
    found = read(
        {
            **logged(),
            "gemini_scheduled_actions_data.html": actions,
            LOG: [activity("Asked x", at(1), "y")],
        }
    )
    assert [one.where for one in problems(found)] == ["gemini_scheduled_actions_data.html"]


def test_a_single_file_without_a_zip() -> None:
    raw = json.dumps([activity("Prompted x", at(12), "y")]).encode()
    assert len(turns(read(upload(raw, "My Activity.json")))) == 2


def test_a_nul_in_a_page_becomes_what_stands_for_an_odd_letter() -> None:
    found = read(page(cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br>y\0z")))
    assert "\0" not in repr(found) and any("y\ufffdz" in turn.text for turn in turns(found))

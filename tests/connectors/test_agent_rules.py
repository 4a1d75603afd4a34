"""Rules for coding agents: cut into single ones, known by their places, with ids that last."""

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.agents.rules import rules
from connectors.agents.spoken import inside, shown, without
from connectors.base.handing.marked import BEGIN, END, block
from connectors.base.registry import recognise
from tests.connectors.agent_files import claude_session, lined
from tests.connectors.shapes import calmly, items, opened, problems, read, upload

MDC = "---\ndescription: How we write Python\nglobs: *.py\nalwaysApply: false\n---\n- Use tabs\n"


def cut(body: str) -> list[tuple[str, str]]:
    return [(rule.heading, rule.text) for rule in rules(body)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", []),
        ("Be brief.", [("", "Be brief.")]),
        (
            "# Style\n- Use tabs\n* No semicolons\n",
            [("Style", "Use tabs"), ("Style", "No semicolons")],
        ),
        ("# A\nText.\n\nMore.\n# B\n\n# C\n- x", [("A", "Text.\n\nMore."), ("C", "x")]),
        ("- one\n  goes on\n  - below\n- two", [("", "one\ngoes on\n- below"), ("", "two")]),
        ("# Git\nNever:\n- push\n- rebase\n", [("Git", "Never:\n- push\n- rebase")]),
        ("**Never:**\n\n- push\n\n# B\n- x", [("", "**Never:**\n\n- push"), ("B", "x")]),
        ("1. Test\n2. Commit\n", [("", "1. Test\n2. Commit")]),
        (
            "Run:\n```sh\n# not a heading\n- not a rule\n```\n",
            [("", "Run:\n```sh\n# not a heading\n- not a rule\n```")],
        ),
        ("<!-- note\n- hidden\n-->\n- seen", [("", "seen")]),
        ("@AGENTS.md\n\n- seen", [("", "seen")]),
        ("---\n\n***\n", []),
        (f"- a\n{block('- ours')}\n- b\n{block('# Ours')}\n- c", [("", "a"), ("", "b"), ("", "c")]),
        (f"{BEGIN}\n- not closed", [("", "not closed")]),
        ("# A\r\n- one\r\n- two\r\n", [("A", "one"), ("A", "two")]),
    ],
)
def test_how_a_file_is_cut(body: str, found: list[tuple[str, str]]) -> None:
    assert cut(body) == found


@calmly
@given(
    st.lists(st.sampled_from(["# H", "- a", "b:", "", "```", "<!--", "1. c", "  d"]), max_size=30)
)
def test_no_text_is_cut_twice_or_fails(lines: list[str]) -> None:
    body = "\n".join(lines)
    texts = "\n".join(text for _, text in cut(body))
    assert texts.count("a") <= body.count("a") and texts.count("c") <= body.count("c")


@pytest.mark.parametrize(
    "unit",
    [
        f"{BEGIN}\n",
        f"{BEGIN}{END}\n",
        "- a\n",
        "x:\n",
        "<!--",
        "```\n",
        "# h\n",
        "> " * 9,
        "1. x\n",
    ],
)
def test_a_file_of_nothing_but_beginnings_takes_no_time(unit: str) -> None:
    assert len(cut(unit * 20_000)) <= 20_000


@pytest.mark.parametrize("unit", ["<a>", "<a", "</a>", "<a></a>", "<a x", "<ab></a>"])
def test_tags_in_any_number_take_no_time(unit: str) -> None:
    assert without(unit * 100_000 + "end", ["a"]).endswith("end")
    assert inside(unit * 9, "a") in ("", "<a><a>") and shown("x" * 999).endswith("…")


@pytest.mark.parametrize(
    ("files", "vendor", "agent"),
    [
        ({"CLAUDE.md": "- a"}, "anthropic", "Claude Code"),
        ({"CLAUDE (1).md": "- a"}, "anthropic", "Claude Code"),
        ({"app/.claude/rules/tests.md": "- a"}, "anthropic", "Claude Code"),
        ({"GEMINI.md": "- a"}, "google", "Gemini CLI"),
        ({".cursor/rules/python.mdc": MDC}, "cursor", "Cursor"),
        ({"app/.cursorrules": "- a"}, "cursor", "Cursor"),
        ({"AGENTS.md": "- a"}, "agents", "AGENTS.md"),
        ({"app/.github/copilot-instructions.md": "- a"}, "agents", "GitHub Copilot"),
        ({".github/instructions/py.instructions.md": "- a"}, "agents", "GitHub Copilot"),
    ],
)
def test_each_is_known_by_its_name_and_place(files: Any, vendor: str, agent: str) -> None:
    with opened(files) as given_files:
        archive = recognise(given_files)
        assert archive is not None and archive.vendor == vendor
        (item,) = items(list(archive.read(given_files)))
    assert item.metadata["agent"] == agent and item.kind == "instruction"


def test_a_single_file_without_a_zip() -> None:
    (item,) = items(read(upload(b"\xef\xbb\xbf# Style\n- Use tabs\n", "CLAUDE.md")))
    assert (item.text, item.title) == ("Use tabs", "Style")


def test_a_project_with_rules_for_several_agents_is_read_as_one() -> None:
    project: dict[str, Any] = {
        "app/AGENTS.md": "- Run the tests\n",
        "app/CLAUDE.md": "@AGENTS.md\n- Use the map\n",
        "app/.cursor/rules/python.mdc": MDC,
        "app/main.py": "print()",
        "app/README.md": "# App\n- Not a rule\n",
        "app/node_modules/x/AGENTS.md": "- Not the person's\n",
    }
    found = read(project)
    assert [(one.text, one.title, one.metadata["agent"]) for one in items(found)] == [
        ("Run the tests", "", "AGENTS.md"),
        ("Use the map", "", "Claude Code"),
        ("Use tabs", "How we write Python", "Cursor"),
    ]
    assert items(found)[2].metadata["applies_to"] == "*.py"
    (other,) = problems(found)
    assert other.reason.startswith("3 more files are here.")


def test_rules_among_notes_are_left_to_who_reads_notes() -> None:
    for more in ({"notes/tea.md": "I like tea."}, {".obsidian/app.json": {}, "a.png": b"\x89PNG"}):
        with opened({"AGENTS.md": "- a", **more}) as files:
            archive = recognise(files)
            assert archive is None or not archive.beside


def test_a_name_that_is_not_known_is_left_alone() -> None:
    for name in ("RULES.md", "agents.txt", "x.mdc"):
        with opened({name: "- a"}) as files:
            archive = recognise(files)
            assert archive is None or not archive.beside


def test_an_export_goes_before_rules_that_lie_beside_it() -> None:
    both = {"s1.jsonl": lined(claude_session()), "AGENTS.md": "- a", "GEMINI.md": "- b"}
    with opened(both) as files:
        archive = recognise(files)
        assert archive is not None and archive.what == "Claude Code sessions and memories"
        assert [one.text for one in items(list(archive.read(files)))] == ["a", "b"]


def test_the_same_rule_keeps_its_id_wherever_it_lies() -> None:
    (one,) = items(read({"AGENTS.md": "# Style\n- Use tabs\n"}))
    grown = items(read({"app/AGENTS.md": "# Style\n- New\n- use  tabs.\n", "b/AGENTS.md": "- x"}))
    assert [item.remote_id == one.remote_id for item in grown] == [False, True, False]
    assert len({item.remote_id for item in grown}) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"\xff\xfeno", "not text"), (b"larger", "larger than rules are")],
)
def test_a_file_that_cannot_be_read_is_told(content: bytes, reason: str) -> None:
    content = os.urandom(1 << 20).hex().encode() if content == b"larger" else content
    found = read({"AGENTS.md": content, "b/AGENTS.md": "- sound"})
    (one,) = problems(found)
    assert one.where == "AGENTS.md" and reason in one.reason
    assert [item.text for item in items(found)] == ["sound"]


def test_a_nul_becomes_what_stands_for_an_odd_letter() -> None:
    (item,) = items(read({"AGENTS.md": b"- Use\x00tabs\n"}))
    assert item.text == "Use\ufffdtabs"

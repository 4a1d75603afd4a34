"""What the fuzzer begins with: for each reader the exports that its tests build."""

import json
from collections.abc import Mapping
from typing import Any

from tests.connectors import (
    plain_files,
    shapes,
    test_agent_rules,
    test_anthropic,
    test_google,
    test_okf,
    test_openai,
    test_xai,
)
from tests.connectors.agent_files import lined
from tests.connectors.formats import pam_talk
from tests.connectors.test_recognition import BUILT
from tests.connectors.workbooks import workbook

Exports = dict[str, list[Mapping[str, Any]]]


def exports() -> Exports:
    """By the slug of the reader; at least one for each."""
    found: Exports = {}
    for slug, export in BUILT.values():
        found.setdefault(slug, []).append(export)
    for slug, export in _MORE:
        found.setdefault(slug, []).append(export)
    return found


PARSERS: dict[str, list[Mapping[str, Any]]] = {
    "json_stream": [
        {"a.json": [{"id": 1, "a": "x\\u0000"}, 7, None, [[]]]},
        {"a.json": {"info": {}, "chats": [{"id": "a"}, {"id": "b"}]}},
        {"a.json": '[{"a": 1}, {broken, {"b": "\\ud800"}] x'},
    ],
    "json_lines": [{"a.jsonl": lined([{"a": 1}, "{broken", {"b": ["x"]}, 7])}],
    "tables": [
        {"a.csv": 'date,text\n2026-01-02,"Likes ""tea"",\nand cake"\n,\n'},
        {"a.csv": "sep=;\na;b\n1;2\n".encode("utf-16")},
        {"a.csv": "naam\tthee\nzoë\tja\n".encode("cp1252")},
    ],
    "workbook": [
        {"a.xlsx": workbook({"one": [["id", "text"], [7, "tea"]], "two": []})},
        {"a.xlsx": workbook({"t": [["at"], [46023.5]]})},
    ],
    "frontmatter": [{"a.md": plain_files.NOTE}, {"a.md": test_okf.UNIT}],
    "markup": [
        {"a.html": "<p>Likes <b>tea</b> &amp; cake<br></p><pre> x\n y</pre><li>a<style>b"},
        test_google.page(test_google.cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br>y")),
    ],
    "zips": [
        {"a.zip": shapes.zipped({"a.json": [shapes.chat()], "b/c.txt": "x"})},
        {"a.zip": shapes.zipped({"in.zip": shapes.zipped({"a.json": [1]}), "b.txt": "x"})},
    ],
    "answers": [
        {"a": json.dumps({"proposals": [{"text": "Likes tea", "kind": "fact", "lines": [1]}]})},
        {"a": '<think>x</think>\n```json\n{"proposals": []}\n```'},
    ],
    "every reader": [export for _, export in BUILT.values()],
}
"""For what the readers are made of; one file each, but the last."""

_MORE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "mif",
        {
            "m/a.md": test_okf.UNIT,
            "m/b.jsonld": {
                "@id": "urn:mif:2",
                "@type": "Concept",
                "conceptType": "procedural",
                "content": "x",
            },
        },
    ),
    (
        "agents",
        {
            "app/AGENTS.md": "# Style\n- Run the tests\n",
            ".github/instructions/a.instructions.md": test_agent_rules.MDC,
        },
    ),
    (
        "anthropic-rules",
        {"CLAUDE.md": "@AGENTS.md\n- Be brief\n", "app/.claude/rules/a.md": test_agent_rules.MDC},
    ),
    ("google-rules", {"GEMINI.md": "## Gemini Added Memories\n- Likes tea\n"}),
    (
        "cursor-rules",
        {".cursor/rules/python.mdc": test_agent_rules.MDC, "app/.cursorrules": "- a\n"},
    ),
    (
        "openai",
        test_openai.export(
            shapes.chat(
                "a", [*test_openai.bio("Likes tea."), test_openai.context("[2025-01-01] Has a cat")]
            ),
            shapes.chat("b", is_do_not_remember=True),
            **{"user.json": {"id": "u", "chatgpt_plus_user": True}},
        ),
    ),
    (
        "openai",
        {
            "conversations-000.json": [shapes.chat("a")],
            "conversations-001.json": [shapes.chat("b")],
        },
    ),
    (
        "anthropic",
        {
            "memories.json": [test_anthropic.MEMORY],
            "projects.json": [test_anthropic.PROJECT],
            "users.json": test_anthropic.USERS,
            "conversations.json": [shapes.claude_chat("a"), shapes.claude_chat("b")],
        },
    ),
    (
        "anthropic",
        {
            "manifest.json": {"data_files": [{"filename": "a.zip", "category": "memories"}]},
            "conversations.json": [shapes.claude_chat("a")],
        },
    ),
    (
        "google",
        test_google.page(
            test_google.cell("Prompted x<br>Jan 2, 2026, 3:04 PM UTC<br>y"),
            test_google.cell("Prompted z<br>2 jan 2026, 15:05:00 UTC<br><ul><li>w</li></ul>"),
        ),
    ),
    (
        "xai",
        test_xai.export(
            test_xai.talk(
                "a", [test_xai.response("m1"), test_xai.response("m2", sender="ASSISTANT")]
            ),
            projects=[test_xai.PROJECT],
        ),
    ),
    ("plain", {"a.txt": plain_files.GEMINI_PROMPT, "b.txt": plain_files.CHATGPT_SAVED}),
    (
        "pam",
        {
            "conversations/talk.json": pam_talk(
                "c1",
                [
                    {"id": "m1", "role": "user", "content": {"type": "text", "text": "hello"}},
                ],
            )
        },
    ),
)

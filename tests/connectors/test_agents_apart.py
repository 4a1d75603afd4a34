"""Exports of agents and of chat pages that people run: each is claimed by one reader alone."""

import io
from typing import Any

import pytest

from connectors.base.reading.files import File
from connectors.base.reading.json_stream import document, lists_in, peek
from connectors.base.registry import archives
from connectors.base.types import Unreadable
from tests.connectors.agent_files import (
    SLUG,
    claude_session,
    codex_session,
    gemini_head,
    gemini_messages,
    lined,
)
from tests.connectors.shapes import activity, chat, claude_chat, opened, recognised
from tests.connectors.test_characterai import dump, history
from tests.connectors.test_characterai import three as character_turns
from tests.connectors.test_cursor import chat as cursor_chat
from tests.connectors.test_cursor import export as cursor_export
from tests.connectors.test_librechat import talk as librechat_talk
from tests.connectors.test_openwebui import talk as openwebui_talk
from tests.connectors.test_studio import TWO, prompt

TOPIC = "---\nname: a\ntype: user\n---\nb\n"
MINE: list[tuple[str, dict[str, Any]]] = [
    ("anthropic-code", {f"{SLUG}/s1.jsonl": lined(claude_session())}),
    ("anthropic-code", {f"{SLUG}/memory/MEMORY.md": "- Uses tabs\n"}),
    ("anthropic-code", {f"{SLUG}/memory/a.md": TOPIC, f"{SLUG}/memory/MEMORY.md": "- x"}),
    ("openai-codex", {".codex/sessions/r.jsonl": lined(codex_session())}),
    ("openai-codex", {".codex/memories/MEMORY.md": "- Uses tabs\n"}),
    ("google-cli", {"chats/a.json": gemini_head(messages=gemini_messages())}),
    ("google-cli", {"chats/a.jsonl": lined([gemini_head(), *gemini_messages()])}),
    ("google", {"Trees": prompt(*TWO)}),
    ("cursor", cursor_export(cursor_chat())),
    ("openwebui", {"chat-export.json": [openwebui_talk()]}),
    ("librechat", {"a.json": librechat_talk()}),
    ("librechat", {"a.json": librechat_talk(tree=[])}),
    ("characterai", dump(history())),
    ("characterai", {"a.json": {"turns": character_turns()}}),
]
THEIRS: list[dict[str, Any]] = [
    {"conversations.json": [chat()]},
    {"conversations.json": [claude_chat()]},
    {"My Activity.json": [activity("Prompted x", "2026-01-02T12:00:00Z", "y")]},
    {"a.json": {"conversations": [{"conversation": {"id": "c"}, "responses": []}]}},
    {"memory.jsonl": '{"type":"entity","name":"Ana","entityType":"person","observations":["x"]}\n'},
    {"a.json": [{"id": "1", "user_id": "u", "content": "x", "created_at": 1, "updated_at": 1}]},
    {"a.jsonl": '{"messages":[{"role":"user","content":"x"}]}\n' * 3},
    {"a.json": {"success": True, "data": [openwebui_talk()]}},
    {"a.json": [{"role": "user", "parts": [{"text": "x"}]}]},
    {"memory/tea.md": "---\ntype: note\ntitle: Tea\n---\nI like tea.\n"},
]
OURS = {slug for slug, _ in MINE} - {"google"}


@pytest.mark.parametrize(("slug", "files"), MINE, ids=[slug for slug, _ in MINE])
def test_each_is_claimed_by_its_reader_alone(slug: str, files: dict[str, Any]) -> None:
    with opened(files) as given:
        asked = {k: v for k, v in archives().items() if not v.plain and not v.beside}
        assert [name for name, one in asked.items() if one.recognise(given)] == [slug]
        assert recognised(given) is archives()[slug]


@pytest.mark.parametrize("files", THEIRS, ids=range(len(THEIRS)))
def test_what_is_another_s_is_not_claimed(files: dict[str, Any]) -> None:
    with opened(files) as given:
        assert [slug for slug in OURS if archives()[slug].recognise(given)] == []


def test_lines_of_json_are_known_by_their_first_and_not_read_through() -> None:
    """Each reader of JSON asks each file, and a session may have hundreds of megabytes."""
    content, taken = lined({"n": n, "conversations": []} for n in range(200_000)).encode(), [0]

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            found = super().read(size)
            taken[0] += len(found)
            return found

    file = File("a.jsonl", len(content), lambda: Counted(content))
    assert file.has_lines and isinstance(document(file), Unreadable)
    assert list(peek(file, "conversations")) == list(lists_in(file)) == []
    assert taken[0] < 10_000 < len(content)


@pytest.mark.parametrize(
    "content", [b'{\n "a": {"b": 1}\n}\n', b'{"a": 1}\n\n', b'{"a": 1} {"b": 2}', b"[1]\n[2]", b"{"]
)
def test_what_is_no_object_a_line(content: bytes) -> None:
    assert not File("a", len(content), lambda: io.BytesIO(content)).has_lines

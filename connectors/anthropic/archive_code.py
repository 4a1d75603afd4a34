"""Reads Claude Code's files: its sessions (*.jsonl), what it remembers of projects, and rules.

Of a session only what the person and Claude said is read. Tool calls and their results are left
out altogether, also as hidden turns: keys and passwords are frequent in them. So are thinking, what
Claude told its helpers (sidechains), and summaries of what was said.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from connectors.agents.places import rule_files
from connectors.agents.rule_files import others, read_rules
from connectors.anthropic.code_memory import memory_files, read_memories
from connectors.anthropic.code_session import is_session_line, read_session
from connectors.base.archive import Archive, Record
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_lines import peek_lines
from connectors.base.types import Conversation

_HELPERS = "subagents"


class ClaudeCode(Archive):
    vendor = "anthropic"
    what = "Claude Code sessions and memories"

    def recognise(self, files: Files) -> bool:
        return any(_is_session(file) for file in files.json) or bool(memory_files(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        memories, rules = memory_files(files), rule_files(files)
        sessions = [file for file in files.json if _is_session(file)]
        yield from read_memories(memories, copies)
        yield from read_rules(rules, copies)
        for file in sessions:
            if _HELPERS not in PurePosixPath(file.where).parts:
                yield from _new(file, copies)
        read = [*memories, *(file for file, _ in rules), *sessions]
        yield from others(files, {file.where for file in read})


def _new(file: File, copies: Copies) -> Iterator[Record]:
    for record in read_session(file):
        new = not isinstance(record, Conversation) or copies.is_new(
            record.conversation_id, record.updated_at
        )
        if new:
            yield record


def _is_session(file: File) -> bool:
    return file.start.startswith(b"{") and any(map(is_session_line, peek_lines(file, 5)))

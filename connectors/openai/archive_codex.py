"""Reads Codex's files: its sessions (rollout-*.jsonl), what it remembers, and rules (AGENTS.md).

Of a session only what the person and Codex said is read. Calls of tools and their results are left
out altogether, also as hidden turns: keys and passwords are frequent in them. So are reasoning,
instructions of the program and of developers, what stands around a person's words, and sessions in
which one agent asked another.
"""

from collections.abc import Iterator

from connectors.agents.places import rule_files
from connectors.agents.rule_files import others, read_rules
from connectors.base.archive import Archive, Record
from connectors.base.reading.copies import Copies
from connectors.base.reading.each import newest
from connectors.base.reading.files import File, Files
from connectors.base.reading.json_lines import lines, peek_lines
from connectors.base.shape import name_in
from connectors.openai.codex_memory import memory_files, read_memories
from connectors.openai.codex_session import is_rollout_line, read_rollout

_INDEX = "session_index.jsonl"


class Codex(Archive):
    vendor = "openai"
    what = "Codex sessions and memories"

    def recognise(self, files: Files) -> bool:
        return any(_is_rollout(file) for file in files.json) or bool(memory_files(files))

    def records(self, files: Files) -> Iterator[Record]:
        copies = Copies()
        memories, rules = memory_files(files), rule_files(files)
        rollouts = [file for file in files.json if _is_rollout(file)]
        yield from read_memories(memories, copies)
        yield from read_rules(rules, copies)
        titles = _titles(files)
        for file in rollouts:
            yield from newest(read_rollout(file, titles), copies)
        read = [*memories, *(file for file, _ in rules), *rollouts, *files.named(_INDEX)]
        yield from others(files, {file.where for file in read})


def _is_rollout(file: File) -> bool:
    return file.start.startswith(b"{") and any(map(is_rollout_line, peek_lines(file, 1)))


def _titles(files: Files) -> dict[str, str]:
    """Names of sessions by their ids, from the index that lies beside them; the last one counts."""
    entries = (entry for file in files.named(_INDEX) for entry in lines(file))
    named = (entry for entry in entries if isinstance(entry, dict) and "thread_name" in entry)
    return {name_in(entry, "id"): name_in(entry, "thread_name") for entry in named}

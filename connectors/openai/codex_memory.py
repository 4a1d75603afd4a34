"""Reads what Codex remembers: MEMORY.md and memory_summary.md in its folder `memories`.

The notes these are made from (raw_memories.md, rollout_summaries) say the same once more and are
left out. Source: github.com/openai/codex (codex-rs/memories/write/src/lib.rs).
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from connectors.agents.rule_files import read_note
from connectors.agents.rules import rules
from connectors.base.archive import Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.types import Item, Unreadable

_HOME, _FOLDER = (".codex", "codex"), "memories"
_READ = frozenset(("MEMORY.md", "memory_summary.md"))
_SOURCES = frozenset(("raw_memories.md", "rollout_summaries"))


def memory_files(files: Files) -> list[File]:
    """In `.codex/memories`, or in a folder `memories` that also holds what they are made from."""
    made_from = {path.parent for path in map(PurePosixPath, files) if path.name in _SOURCES}
    made_from |= {PurePosixPath(where).parent.parent for where in files if _SUMMARIES in where}
    return [
        file
        for file in files.values()
        if file.name in _READ
        and (folder := PurePosixPath(file.where).parent).name == _FOLDER
        and (folder.parent.name in _HOME or folder in made_from)
    ]


_SUMMARIES = "/rollout_summaries/"


def read_memories(found: Iterable[File], copies: Copies) -> Iterator[Record]:
    """Each bullet and each piece of prose once, named by what it says."""
    for file in found:
        try:
            said = read_note(file)
        except (ArchiveError, ItemError) as error:
            yield Unreadable(file.where, str(error))
            continue
        for rule in rules(said.body):
            name = stable_id("codex", same_text(rule.heading), same_text(rule.text))
            if copies.is_new(name, None):
                metadata = {"agent": "Codex"}
                yield Item(rule.text, remote_id=name, title=rule.heading, metadata=metadata)

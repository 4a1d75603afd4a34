"""Reads what Claude Code keeps in mind of a project: MEMORY.md and the files of topics beside it.

A topic has front matter (name, description, type) and is one memory; MEMORY.md lists the topics,
or holds the memories itself. Source: code.claude.com/docs/en/memory, "Auto memory".
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from connectors.agents.rule_files import read_note
from connectors.agents.rules import rules
from connectors.base.archive import Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.types import Item, Kind, Unreadable
from connectors.folder.text import Note, normal

_INDEX = "MEMORY.md"
_FOLDER, _PROJECTS = "memory", "projects"
_TYPES: dict[str, Kind] = {"user": "profile", "feedback": "instruction", "project": "fact"}
_TYPE = re.compile(r"^[ ]*type:[ ]*['\"]?(user|feedback|project|reference)\b", re.MULTILINE)
_SLUG = re.compile(r"-|[A-Za-z]--")  # a path, its separators written as dashes
_LINK = re.compile(r"\[[^\]\n]*\]\(([^()\s]+\.md)\)")


def memory_files(files: Files) -> list[File]:
    """Markdown in `projects/<project>/memory`, or in a folder `memory` that holds topics."""
    found = [file for file in files.values() if file.name.endswith(".md") and _in_memory(file)]
    folders = {_folder(file) for file in found if _in_project(file) or _is_topic(file)}
    return [file for file in found if _folder(file) in folders]


def read_memories(found: Iterable[File], copies: Copies) -> Iterator[Record]:
    """Every memory; of those that say the same in one project, one."""
    known = {file.where for file in found}
    for file in found:
        try:
            said = read_note(file)
        except (ArchiveError, ItemError) as error:
            yield Unreadable(file.where, str(error))
            continue
        for item in _items(file, said, known):
            if copies.is_new(item.remote_id, None):
                yield item


def _items(file: File, said: Note, known: set[str]) -> Iterator[Item]:
    project = _folder(file).parent.name
    metadata = {"agent": "Claude Code", "project": project}
    if file.name != _INDEX and said.fields.get("name"):
        name = stable_id("memory", project, file.name)
        found = _TYPE.search(said.head)
        kind = _TYPES.get(found[1] if found else "", "fact")
        if text := normal(said.body):
            title = said.fields["name"]
            yield Item(text, kind, remote_id=name, title=title, metadata=metadata)
        return
    for rule in rules(said.body):
        if not _points(rule.text, file, known):
            said_in = (project, file.name, same_text(rule.heading), same_text(rule.text))
            name = stable_id("memory", *said_in)
            yield Item(rule.text, remote_id=name, title=rule.heading, metadata=metadata)


def _points(text: str, file: File, known: set[str]) -> bool:
    """Whether `text` only leads to a topic that is read itself."""
    folder = PurePosixPath(file.where).parent
    return any(str(folder / link) in known for link in _LINK.findall(text))


def _in_memory(file: File) -> bool:
    return _folder(file).name == _FOLDER


def _in_project(file: File) -> bool:
    above = _folder(file).parent
    return above.parent.name == _PROJECTS and bool(_SLUG.match(above.name))


def _is_topic(file: File) -> bool:
    head = file.start.decode("utf-8", "replace")
    return head.startswith("---") and "\nname:" in head and bool(_TYPE.search(head))


def _folder(file: File) -> PurePosixPath:
    return PurePosixPath(file.where).parent

"""Reads the rule files of coding agents, whichever reader they were given to."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import ClassVar

from connectors.agents.places import are_notes, rule_files
from connectors.agents.rules import rules
from connectors.base.archive import Archive, Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.limits import MIB
from connectors.base.reading.copies import Copies
from connectors.base.reading.files import File, Files
from connectors.base.reading.letters import readable
from connectors.base.types import Item, Kind, Unreadable
from connectors.folder.text import Note, note

_MOST = MIB
_TOO_LARGE = "This file is larger than rules are and was left out."
_ONE_MORE = "One more file is here. Only conversations, memories and rules of agents were read."
_ADDED = "Gemini Added Memories"  # the heading under which Gemini CLI notes what it is told


class RuleArchive(Archive):
    """Files of rules and nothing else: rules lie beside much, so every export goes first."""

    beside: ClassVar[bool] = True

    @abstractmethod
    def mine(self, agents: frozenset[str]) -> bool:
        """Whether this reader takes the rules of just these agents: of all readers one does."""

    def recognise(self, files: Files) -> bool:
        agents = frozenset(agent for _, agent in rule_files(files))
        return bool(agents) and self.mine(agents) and not are_notes(files)

    def records(self, files: Files) -> Iterator[Record]:
        found = rule_files(files)
        yield from read_rules(found, Copies())
        yield from others(files, {file.where for file, _ in found})


def read_rules(found: Iterable[tuple[File, str]], copies: Copies) -> Iterator[Record]:
    """Every rule of these files once, also where several files have it."""
    for file, agent in found:
        try:
            said = read_note(file)
        except (ArchiveError, ItemError) as error:
            yield Unreadable(file.where, str(error))
            continue
        for item in _items(file, agent, said):
            if copies.is_new(item.remote_id, None):
                yield item


def read_note(file: File) -> Note:
    """A small Markdown file; ItemError where it is none, ArchiveError where it is damaged."""
    if file.size > _MOST:
        raise ItemError(_TOO_LARGE)
    with file.open() as stream:
        return note(readable(stream.read()))


def others(files: Files, known: set[str]) -> Iterator[Unreadable]:
    """One line for all that was not read: such uploads hold thousands of other files."""
    if count := len(files.keys() - known):
        many = (
            f"{count:,} more files are here. Only conversations, memories and rules of agents were"
            " read."
        )
        yield Unreadable("Other files", _ONE_MORE if count == 1 else many)


def _items(file: File, agent: str, said: Note) -> Iterator[Item]:
    """They are named by what they say: a file of rules has no other ids, and lies anywhere."""
    title = said.fields.get("description", "")
    metadata = {"agent": agent, "file": PurePosixPath(file.where).name}
    if globs := said.fields.get("globs") or said.fields.get("applyTo"):
        metadata["applies_to"] = globs
    for rule in rules(said.body):
        kind: Kind = "fact" if rule.heading == _ADDED else "instruction"
        name = stable_id("rule", agent, same_text(rule.heading), same_text(rule.text))
        heading = rule.heading or title
        yield Item(rule.text, kind, remote_id=name, title=heading, metadata=metadata)

"""Reads what Claude remembers: its memory of conversations, of projects, and its memory files."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from connectors.base.archive import Record
from connectors.base.errors import ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.moments import moment
from connectors.base.shape import Json, a_list_in, an_object, an_object_in, name_in, text_in
from connectors.base.types import Item, Kind, Unreadable

KEYS = frozenset(("conversations_memory", "project_memories", "memory_files"))

_HEADING = re.compile(r"^\s*(?:#{1,6}\s+(.+?)\s*#*|\*\*([^*]+)\*\*:?)\s*$")
_BULLET = re.compile(r"^\s{0,3}[-*\u2022]\s+(.*)$")
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("instruction", "instruction"),
    ("preference", "preference"),
)
_HEADING_LENGTH = 200  # longer lines are prose, and would take the pattern long


def read_memory(entry: object, where: str, projects: Mapping[str, str]) -> Iterator[Record]:
    """Every memory of one account. A bullet is a memory; so is the prose under one heading.

    `projects` maps the ids of projects to their names.
    """
    raw = an_object(entry, "memory")
    for place, read in _parts(raw, projects):
        try:
            yield from read()
        except ItemError as error:
            yield Unreadable(f"{where}, {place}", str(error))


def _parts(
    raw: Json, projects: Mapping[str, str]
) -> Iterator[tuple[str, Callable[[], Iterable[Item]]]]:
    """Each part of a memory by its place, to be read one by one: one may be damaged."""
    yield "conversations_memory", partial(_conversations_memory, raw)
    yield "project_memories", partial(_project_memories, raw, projects)
    for number, file in enumerate(a_list_in(raw, "memory_files"), 1):
        yield f"memory_files, file {number}", partial(_memory_file, file)


def _conversations_memory(raw: Json) -> Iterator[Item]:
    return _memories(text_in(raw, "conversations_memory"), "conversations_memory", "profile")


def _project_memories(raw: Json, projects: Mapping[str, str]) -> Iterator[Item]:
    for project, text in an_object_in(raw, "project_memories").items():
        if not isinstance(text, str):
            raise ItemError("The memory of a project is not in a form that is known.")
        name = projects.get(project, project)
        for item in _memories(text, f"project_memories/{project}", "fact"):
            yield replace(item, metadata={"project": name})


def _memory_file(file: object) -> Iterator[Item]:
    holder = an_object(file, "memory file")
    updated_at = moment(holder.get("updated_at"))
    place = f"memory_files{name_in(holder, 'path')}"
    for item in _memories(text_in(holder, "content"), place, "profile"):
        yield replace(item, updated_at=updated_at)


def _memories(markdown: str, place: str, kind: Kind) -> Iterator[Item]:
    """Prose is rewritten by Claude all the time: its heading names it, so that a newer export
    revises it. A bullet, and prose under a heading that came before, is named by what it says."""
    seen: set[str] = set()
    for heading, text, bullet in _texts(markdown):
        name = stable_id("memory", place, same_text(heading))
        if bullet or name in seen:
            name = stable_id("memory", place, same_text(heading), same_text(text))
        if name not in seen:
            seen.add(name)
            found = _kind(f"{place} {heading}") or ("fact" if bullet else kind)
            yield Item(text=text, kind=found, remote_id=name, title=heading)


def _kind(place: str) -> Kind | None:
    lowered = place.casefold()
    return next((kind for word, kind in _KINDS if word in lowered), None)


def _texts(markdown: str) -> Iterator[tuple[str, str, bool]]:
    """Each memory in `markdown`: its heading, its text, and whether it is a bullet."""
    for heading, lines in _sections(markdown):
        prose: list[str] = []
        bullets: list[str] = []
        for line in lines:
            if found := _BULLET.match(line):
                bullets.append(found[1].strip())
            elif bullets and line.startswith(" ") and line.strip():
                bullets[-1] += "\n" + line.strip()
            else:
                prose.append(line.rstrip())
        if text := "\n".join(prose).strip():
            yield heading, text, False
        yield from ((heading, text, True) for text in bullets if text)


def _sections(markdown: str) -> Iterator[tuple[str, list[str]]]:
    heading: str = ""
    lines: list[str] = []
    for line in markdown.splitlines():
        if found := _HEADING.match(line) if len(line) < _HEADING_LENGTH else None:
            yield heading, lines
            heading, lines = (found[1] or found[2]).strip(" :"), []
        else:
            lines.append(line)
    yield heading, lines

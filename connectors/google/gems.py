"""Reads Gems: the assistants a person made in Gemini, each a name with instructions."""

from collections.abc import Iterator

from connectors.base.archive import Record
from connectors.base.errors import ArchiveError, ItemError
from connectors.base.ids import same_text, stable_id
from connectors.base.reading.files import File
from connectors.base.reading.markup import plain
from connectors.base.types import Item, Unreadable

_NAME, _INSTRUCTIONS = "Name:", "Instructions:"


def is_gems(file: File) -> bool:
    """Whether the page has the labels of a page of Gems."""
    try:
        with file.open() as stream:
            head = stream.read(1 << 20)
    except ArchiveError:
        return False
    return b"<b>Name:</b>" in head and b"<b>Instructions:</b>" in head


def read_gems(file: File) -> Iterator[Record]:
    """Each Gem as a skill. Its name is all that names it, so a newer export revises it."""
    try:
        if file.size > file.limits.html_record:
            raise ItemError("This page is larger than any real one and was left out.")
        with file.open() as stream:
            text = plain(stream.read().decode("utf-8", "replace"), file.limits)
    except (ArchiveError, ItemError) as error:
        yield Unreadable(file.where, str(error))
        return
    for block in f"\n{text}".split(f"\n{_NAME}")[1:]:
        name, _, instructions = block.partition(f"\n{_INSTRUCTIONS}")
        name, instructions = name.strip().partition("\n")[0], instructions.strip()
        if instructions:
            remote_id = stable_id("gem", same_text(name))
            yield Item(text=instructions, kind="skill", remote_id=remote_id, title=name)

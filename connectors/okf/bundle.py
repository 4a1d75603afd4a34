"""The Markdown files of a bundle: which they are, and what stands at their heads."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath

from connectors.base.errors import ArchiveError, ItemError
from connectors.base.reading.files import File, Files
from connectors.base.reading.frontmatter import Note, note
from connectors.base.reading.letters import readable
from connectors.base.shape import Json

_RESERVED = frozenset(("index.md", "log.md"))
_LOOKED = 20
_HEAD = 1 << 16
_MOST = 4 << 20


def concepts(files: Files) -> list[File]:
    """The Markdown files that hold knowledge: all but the listings and the histories."""
    return [
        file
        for file in files.values()
        if file.name.lower().endswith(".md") and file.name.lower() not in _RESERVED
    ]


def heads(files: Files) -> Iterator[Json]:
    """What stands at the head of the first concepts, {} where nothing does."""
    return (head(file) for file in islice(concepts(files), _LOOKED))


def head(file: File) -> Json:
    """What stands at the head of `file`, {} where that is nothing or cannot be read."""
    if not file.start.startswith(b"---"):
        return {}
    try:
        with file.open() as stream:
            return note(readable(stream.read(_HEAD)).decode("utf-8", "replace")).fields
    except (ArchiveError, ItemError):
        return {}


def indexes(files: Files) -> list[File]:
    """The listings, that of the root first."""
    found = [file for file in files.values() if file.name.lower() == "index.md"]
    return sorted(found, key=lambda file: (len(PurePosixPath(file.where).parts), file.where))


def whole(file: File) -> Note:
    """The file in its parts. ItemError when it is not such a file."""
    if file.size > _MOST:
        raise ItemError("This file is larger than any real one and was left out.")
    try:
        with file.open() as stream:
            return note(readable(stream.read()).decode())
    except UnicodeDecodeError:
        raise ItemError("This file is not text in UTF-8.") from None
    except ArchiveError as error:
        raise ItemError(str(error)) from error


def names(files: Files) -> dict[str, str]:
    """The id of each concept: its path within the bundle, without the ending."""
    paths = {file.where: PurePosixPath(file.where) for file in concepts(files)}
    roots = [PurePosixPath(file.where).parent for file in indexes(files)]
    parents = [path.parent for path in paths.values()]
    root = roots[0] if roots else _common(parents)
    return {
        where: str(path.relative_to(root) if path.is_relative_to(root) else path)[: -len(".md")]
        for where, path in paths.items()
    }


def _common(parents: list[PurePosixPath]) -> PurePosixPath:
    shared = min((path.parts for path in parents), key=len, default=())
    while any(path.parts[: len(shared)] != shared for path in parents):
        shared = shared[:-1]
    return PurePosixPath(*shared)

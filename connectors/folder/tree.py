"""The files of one folder: read and replaced whole, never through a link, never outside of it.

Every step of a path is opened by its own name from the folder above it, without following links:
whoever swaps a folder for a link meanwhile gets an error and nothing else.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from secrets import token_hex

from connectors.base.errors import (
    BadResponse,
    ItemError,
    NotFound,
    PreconditionFailed,
    Unavailable,
)

LARGEST = 1_000_000
"""Bytes of one file."""
_MOST = 50_000
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}  # the last is what a link gives
_OUTSIDE = "That is outside of what is kept in step."
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not hold us up


class TooLarge(ItemError):
    """It is no file of notes."""


@dataclass(frozen=True, slots=True)
class File:
    """A whole file, and when it was last written."""

    content: bytes
    written_at: datetime | None = None


class Tree:
    """What is in `root`, by relative paths with slashes. Hidden files and folders do not exist."""

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def paths(self) -> list[str]:
        """Every file that ends in .md, in order. Unavailable where a part cannot be read: what is
        not seen must not count as deleted."""
        found: list[str] = []
        with self._told_apart(), self._opened("") as top:
            for folder, folders, files, at in os.fwalk(".", dir_fd=top, onerror=_raise):
                folders[:] = [name for name in folders if not name.startswith(".")]
                where = PurePosixPath(folder)
                found += [
                    str(where / name) for name in files if _is_note(name) and _is_plain(at, name)
                ]
                if len(found) > _MOST:
                    raise BadResponse(
                        f"There are more than {_MOST:,} files: choose a smaller folder."
                    )
        return sorted(found)

    def read(self, path: str) -> File:
        """NotFound when it is gone or not a plain file; TooLarge."""
        with self._told_apart(), self._opened(_above(path)) as folder:
            return _file(folder, _name(path))

    def replace(self, path: str, before: bytes, after: bytes) -> None:
        """Put `after` in place of `before`, all of it or nothing. PreconditionFailed when it is
        not `before` any more."""
        name, above = _name(path), self._opened(_above(path))
        with self._told_apart(), above as folder, _written(folder, after) as new:
            _take_mode(folder, name, new)
            _must_be(before, folder, name)
            os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def add(self, path: str, content: bytes) -> None:
        """A new file, and the folder it is in. PreconditionFailed when there is one."""
        name, above = _name(path), self._opened(_above(path), make=True)
        with self._told_apart(), above as folder, _written(folder, content) as new:
            try:
                os.link(new, name, src_dir_fd=folder, dst_dir_fd=folder)
            except FileExistsError:
                raise PreconditionFailed("There is a file of this name by now.") from None
            os.fsync(folder)

    def remove(self, path: str, before: bytes) -> None:
        """PreconditionFailed when it is not `before` any more."""
        with self._told_apart(), self._opened(_above(path)) as folder:
            _must_be(before, folder, _name(path))
            os.unlink(_name(path), dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _opened(self, path: str, *, make: bool = False) -> Iterator[int]:
        """A folder's descriptor. The root may be behind a link: its owner chose it."""
        at = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in PurePosixPath(path).parts:
                if name.startswith((".", "/")):
                    raise NotFound(_OUTSIDE)
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, dir_fd=at)
                inner = os.open(name, _FOLDER, dir_fd=at)
                os.close(at)
                at = inner
            yield at
        finally:
            os.close(at)

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """A file that is gone, from a folder that cannot be reached."""
        try:
            yield
        except OSError as error:
            if error.errno in _GONE and self.root.is_dir():
                raise NotFound("This file is not there any more.") from None
            raise Unavailable("The folder cannot be read or written.") from None


@contextmanager
def _written(folder: int, content: bytes) -> Iterator[str]:
    """The name of a hidden file beside the others that holds `content`; gone in the end."""
    name = f".satchel-{token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(name, flags, 0o666, dir_fd=folder), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _take_mode(folder: int, name: str, new: str) -> None:
    mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    opened = os.open(new, _FILE, dir_fd=folder)
    try:
        os.fchmod(opened, mode)
    finally:
        os.close(opened)


def _file(folder: int, name: str) -> File:
    with os.fdopen(os.open(name, _FILE, dir_fd=folder), "rb") as file:
        known = os.fstat(file.fileno())
        if not stat.S_ISREG(known.st_mode):
            raise NotFound("This is not a plain file.")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLarge(f"This file is larger than {LARGEST:,} bytes.")
    return File(content, datetime.fromtimestamp(known.st_mtime, UTC))


def _must_be(before: bytes, folder: int, name: str) -> None:
    if _file(folder, name).content != before:
        raise PreconditionFailed("This file was changed meanwhile.")


def _is_plain(folder: int, name: str) -> bool:
    return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _is_note(name: str) -> bool:
    return name.lower().endswith(".md") and not name.startswith(".")


def _above(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _name(path: str) -> str:
    name = PurePosixPath(path).name
    if not _is_note(name):
        raise NotFound(_OUTSIDE)
    return name


def _raise(error: OSError) -> None:
    raise error

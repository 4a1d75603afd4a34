"""The files a person gave us, zips looked into, as one flat mapping of safe names to streams.

Nothing is extracted: a file is read through its zip each time it is opened.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import BinaryIO, Self

from connectors.base.errors import ArchiveError
from connectors.base.limits import Limits
from connectors.base.reading import zips
from connectors.base.reading.foreign import refuse_foreign
from connectors.base.reading.peeked import Peeked
from connectors.base.types import Unreadable

_HEAD = 512
_LINE = 1 << 20
_WORKBOOK = "xl/workbook.xml"  # a zip that holds it is an xlsx: one file, whatever it is called


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as the person gave it. `open` answers a fresh, seekable binary stream each time."""

    name: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class File:
    """One file of an export. `where` is unique among the files and made for people to read."""

    where: str
    size: int
    open: Callable[[], BinaryIO]
    limits: Limits = field(default_factory=Limits, repr=False)
    peeked: Peeked = field(default_factory=Peeked, repr=False, compare=False)

    @property
    def name(self) -> str:
        return PurePosixPath(self.where).name

    @cached_property
    def start(self) -> bytes:
        """The first bytes after white space and a byte order mark; b"" where it is damaged."""
        try:
            with self.open() as stream:
                return stream.read(_HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
        except ArchiveError:
            return b""

    @cached_property
    def has_lines(self) -> bool:
        """Whether it holds a JSON object a line: then as a whole it is no JSON, however long it
        takes to find that out."""
        if not self.start.startswith(b"{"):
            return False
        try:
            with self.open() as stream:
                first = stream.readline(_LINE).rstrip()
                return first.endswith(b"}") and stream.read(_HEAD).lstrip().startswith(b"{")
        except ArchiveError:
            return False


class Files(Mapping[str, File]):
    """All files of an import, by their `where`. Use it as a context manager: it holds zips open.

    `unreadable` names the zips inside a zip that were left out, `uploads` what the person gave.
    """

    def __init__(
        self,
        files: Mapping[str, File],
        uploads: Sequence[str] = (),
        unreadable: Sequence[Unreadable] = (),
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._files = dict(files)
        self.uploads, self.unreadable, self._close = tuple(uploads), tuple(unreadable), close

    def __getitem__(self, where: str) -> File:
        return self._files[where]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def named(self, name: str) -> list[File]:
        """The files called `name`, in whatever folder."""
        return [file for file in self._files.values() if file.name == name]

    @cached_property
    def json(self) -> list[File]:
        """The files that begin like JSON, in the order given."""
        return [file for file in self.values() if file.start[:1] in (b"[", b"{")]

    @cached_property
    def html(self) -> list[File]:
        """The files that begin like HTML, in the order given."""
        return [file for file in self.values() if file.start[:1] == b"<"]

    def close(self) -> None:
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_archive(uploads: Sequence[Upload], limits: Limits | None = None) -> Files:
    """Look into `uploads`; ArchiveError, with one sentence for the person, if one is refused."""
    if not uploads:
        raise ArchiveError("No file was given. Choose the export you downloaded and try again.")
    reading = _Reading(limits or Limits(), several=len(uploads) > 1)
    try:
        for name, upload in _distinct(uploads):
            reading.add(name, upload)
        reading.refuse_if_empty()
    except BaseException:
        reading.stack.close()
        raise
    return reading.files(list(_names(uploads)))


class _Reading:
    """The state of one open_archive call."""

    def __init__(self, limits: Limits, several: bool) -> None:
        self.limits, self.several = limits, several
        self.stack = ExitStack()
        self.budget = zips.Budget(limits)
        self.found: dict[str, File] = {}
        self.peeked = Peeked()
        self.left_out: list[Unreadable] = []

    def add(self, name: str, upload: Upload) -> None:
        stream = self.stack.enter_context(upload.open())
        head = stream.read(_HEAD)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        if head.startswith(zips.MAGIC):
            archive = zips.Zip(stream, self.budget)
            self.stack.callback(archive.close)
            if _WORKBOOK not in archive.paths:
                self._add_zip(f"{name}/" if self.several else "", archive)
                return
        else:
            refuse_foreign(name, head)
        self.found[name] = File(name, size, upload.open, self.limits, self.peeked)

    def _add_zip(self, prefix: str, archive: zips.Zip) -> None:
        for path in archive.paths:
            file = self._file(prefix + path, archive, path)
            if path.lower().endswith(".zip") and file.start.startswith(zips.MAGIC):
                self._add_nested(file)
            else:
                self.found[file.where] = file

    def _add_nested(self, file: File) -> None:
        """A zip inside the zip; one that is refused is left out: it may be a mere attachment."""
        try:
            self.budget.charge_nested(file.size)
            with file.open() as stream:
                archive = zips.Zip(io.BytesIO(stream.read()), self.budget)
            for path in archive.paths:
                inner = self._file(f"{file.where}/{path}", archive, path)
                if path.lower().endswith(".zip") and inner.start.startswith(zips.MAGIC):
                    raise ArchiveError(zips.NESTED)
                self.found[inner.where] = inner
        except ArchiveError as error:
            self.left_out.append(Unreadable(file.where, str(error)))
            self.found = {
                where: kept
                for where, kept in self.found.items()
                if not where.startswith(f"{file.where}/")
            }

    def _file(self, where: str, archive: zips.Zip, path: str) -> File:
        size = archive.size(path)
        return File(where, size, lambda: archive.open(path), self.limits, self.peeked)

    def refuse_if_empty(self) -> None:
        if self.found:
            return
        if self.left_out:
            raise ArchiveError(self.left_out[0].reason)
        raise ArchiveError("This zip is empty. Download the export again and upload the new copy.")

    def files(self, uploads: Sequence[str]) -> Files:
        return Files(self.found, uploads, self.left_out, self.stack.close)


def _names(uploads: Sequence[Upload]) -> Iterator[str]:
    for upload in uploads:
        yield PurePosixPath(upload.name.replace("\\", "/")).name or "upload"


def _distinct(uploads: Sequence[Upload]) -> Iterator[tuple[str, Upload]]:
    """Two uploads may have the same name; the second is told apart by a number."""
    seen: dict[str, int] = {}
    for name, upload in zip(_names(uploads), uploads, strict=True):
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), upload

"""Opens a zip that a stranger may have made: every entry is checked before any is read.

Only the table of contents is trusted to say what is there, and only as far as it can be checked;
what is read later is counted again, because headers lie. Nothing is ever unpacked to disk.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from connectors.base.errors import ArchiveError
from connectors.base.limits import Limits

MAGIC = b"PK\x03\x04"
EMPTY_MAGIC = b"PK\x05\x06"

# What zipfile and zlib raise on damaged input, seen with fuzzed archives.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    OSError,
)
_ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
_LOCAL_HEADER = 30
_PLAIN_FILES = (0, stat.S_IFREG, stat.S_IFDIR)

TRUNCATED = "This zip is damaged or cut short. Download it again and upload the new copy."
BOMB = (
    "This zip unpacks to far more than it should, as a zip bomb does. "
    "Ask the vendor for a fresh export and upload that."
)
TOO_MANY = (
    "This zip holds more files than an export does. Unpack it and upload only the export's files."
)
ENCRYPTED = (
    "This zip is password-protected. Unpack it with its password and upload the files inside."
)
UNSAFE_NAME = (
    "This zip holds a file name that points outside the zip. "
    "Ask the vendor for a fresh export and upload that."
)
LINK = (
    "This zip holds a link instead of a file. Unpack it, zip the real files again and upload those."
)
DUPLICATE = (
    "This zip holds two files of the same name. Unpack it and upload the files you want to import."
)
OVERLAP = (
    "This zip has files that lie on top of each other, as a zip bomb does. "
    "Ask the vendor for a fresh export and upload that."
)
NESTED = "This zip holds zips inside zips. Unpack the outer one and upload the zip you find inside."
NESTED_TOO_LARGE = (
    "This zip inside a zip is too large to be read in place. "
    "Unpack the outer zip and upload the inner one."
)
METHOD = (
    "This zip is packed in a way that cannot be read here. "
    "Unpack it, zip the files again with ordinary settings and upload that."
)


@dataclass(slots=True)
class Budget:
    """What all zips of one import may still use, counted over all of them."""

    limits: Limits
    entries: int = 0
    unpacked: int = 0
    nested: int = 0

    def charge_nested(self, size: int) -> None:
        """A zip inside a zip is held in memory: room for `size` more bytes, or ArchiveError."""
        if self.nested + size > self.limits.nested:
            raise ArchiveError(NESTED_TOO_LARGE)
        self.nested += size

    def charge(self, entries: int, unpacked: int) -> None:
        if self.entries + entries > self.limits.entries:
            raise ArchiveError(TOO_MANY)
        if self.unpacked + unpacked > self.limits.unpacked:
            raise ArchiveError(BOMB)
        self.entries += entries
        self.unpacked += unpacked


class Zip:
    """One checked zip. `paths` are its files, with safe names; ArchiveError if it is refused."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        guarded = cast(BinaryIO, _Guarded(file, budget.limits.directory))
        try:
            self._zip = zipfile.ZipFile(guarded)
        except _BROKEN as error:
            raise ArchiveError(TRUNCATED) from error
        infos = self._zip.infolist()
        check_entries(infos, self._zip.start_dir, budget.limits)
        budget.charge(len(infos), sum(info.file_size for info in infos))
        self._infos = {safe_path(info): info for info in infos if not info.is_dir()}

    @property
    def paths(self) -> Iterator[str]:
        return iter(self._infos)

    def size(self, path: str) -> int:
        """Bytes of the file when unpacked, as the zip declares it and reading enforces it."""
        return self._infos[path].file_size

    def open(self, path: str) -> BinaryIO:
        """A stream of the file. Reading it raises ArchiveError where the zip is damaged."""
        info = self._infos[path]
        try:
            stream = self._zip.open(info)
        except _BROKEN as error:
            raise ArchiveError(TRUNCATED) from error
        return io.BufferedReader(_Entry(cast(BinaryIO, stream), info.file_size), 1 << 16)

    def close(self) -> None:
        self._zip.close()


def check_entries(infos: Sequence[zipfile.ZipInfo], end: int, limits: Limits) -> None:
    """Refuse what no honest export holds. `end` is where the table of contents starts."""
    if len(infos) > limits.entries:
        raise ArchiveError(TOO_MANY)
    for info in infos:
        _check_entry(info, limits)
    paths = [safe_path(info) for info in infos]
    if len(set(paths)) != len(paths):
        raise ArchiveError(DUPLICATE)
    _check_overlap(infos, end)
    packed = sum(info.compress_size for info in infos)
    _check_ratio(sum(info.file_size for info in infos), packed, limits)


def safe_path(info: zipfile.ZipInfo) -> str:
    """The entry's name with forward slashes; ArchiveError if it leads anywhere else."""
    # zipfile cuts names at a NUL; the original shows what was hidden behind it.
    name = info.orig_filename.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    hidden = any(ord(letter) < 0x20 for letter in name)
    if hidden or not parts or ".." in parts or name.startswith("/") or name[1:2] == ":":
        raise ArchiveError(UNSAFE_NAME)
    return "/".join(parts)


def _check_entry(info: zipfile.ZipInfo, limits: Limits) -> None:
    if info.flag_bits & _ENCRYPTED_FLAGS:
        raise ArchiveError(ENCRYPTED)
    if stat.S_IFMT(info.external_attr >> 16) not in _PLAIN_FILES:
        raise ArchiveError(LINK)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(METHOD)
    if info.file_size > limits.unpacked:
        raise ArchiveError(BOMB)
    _check_ratio(info.file_size, info.compress_size, limits)


def _check_ratio(unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.ratio_from and unpacked > packed * limits.ratio:
        raise ArchiveError(BOMB)


def _check_overlap(infos: Sequence[zipfile.ZipInfo], end: int) -> None:
    """Entries must follow each other: this also ties a declared packed size to bytes uploaded."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    starts = [*(info.header_offset for info in ordered), end]
    for info, next_start in zip(ordered, starts[1:], strict=True):
        header = _LOCAL_HEADER + len(info.orig_filename)
        if info.header_offset + header + info.compress_size > next_start:
            raise ArchiveError(OVERLAP)


class _Guarded:
    """A file that never hands out more than `most` bytes at once: zipfile reads a whole table of
    contents in one go, and its size comes from the archive."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        wanted = size if 0 <= size <= self._most else self._most + 1
        data = self._file.read(wanted)
        if len(data) > self._most:
            raise ArchiveError(TOO_MANY)
        return data

    def close(self) -> None:
        self._file.close()


class _Entry(io.RawIOBase):
    """One entry being read: damage becomes ArchiveError, more than was declared is refused."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            data = self._stream.read(len(buffer))
        except _BROKEN as error:
            raise ArchiveError(TRUNCATED) from error
        if not data and self._left:
            raise ArchiveError(TRUNCATED)
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveError(BOMB)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()

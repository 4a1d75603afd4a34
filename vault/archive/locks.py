"""Archives locked and opened by a passphrase, in the age format, as streams.

The request in which the passphrase is typed makes or opens the archive's header with it: that gives
the file's own key. Only that key goes on to the job; the passphrase goes nowhere.
"""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import UUID

from django.views.decorators.debug import sensitive_variables

from vault.archive.errors import Damaged, NotAnArchive, TooMuchWork, WrongPassphrase
from vault.crypto import age
from vault.crypto.errors import CannotOpen, WeakParameters
from vault.crypto.keys import Key
from vault.crypto.stream import SealedReader

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Lock:
    """An archive's header, which is public, and the key that it locks."""

    header: bytes
    file_key: bytes = field(repr=False)


@sensitive_variables()
def new_lock(passphrase: str) -> Lock:
    """Takes half a second and 256 MiB; one at a time in a process."""
    return Lock(*age.new_header(passphrase))


@sensitive_variables()
def open_lock(file: BinaryIO, passphrase: str) -> Lock:
    """Costs as much as `new_lock`. NotAnArchive, TooMuchWork or WrongPassphrase."""
    file.seek(0)
    try:
        header = age.header_of(file.read(age.LONGEST_HEADER))
    except CannotOpen:
        raise NotAnArchive from None
    try:
        return Lock(header, age.open_header(header, passphrase))
    except WeakParameters:
        raise TooMuchWork from None
    except CannotOpen:
        raise WrongPassphrase from None


def writer(raw: BinaryIO, lock: Lock) -> age.AgeWriter:
    """Whole only after its `close`. `raw` stays open."""
    return age.AgeWriter(raw, lock.header, lock.file_key)


def reader(raw: BinaryIO, lock: Lock) -> BinaryIO:
    """What the archive holds, seekable. Damaged, here or while reading, when it was altered."""
    try:
        return io.BufferedReader(_Reader(raw, lock.header, lock.file_key), _BUFFER)
    except CannotOpen:
        raise Damaged from None


def uploaded(path: Path, file_id: UUID, key: bytes) -> BinaryIO:
    """An upload as it was sealed when it came. Damaged when it is not that any more; OSError when
    it is gone."""
    raw = path.open("rb")
    try:
        return io.BufferedReader(_Upload(raw, Key(key), file_id), _BUFFER)
    except CannotOpen:
        raw.close()
        raise Damaged from None


class _Reader(age.AgeReader):
    """Says in this package's words that something was altered."""

    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            return super().readinto(buffer)
        except CannotOpen:
            raise Damaged from None


class _Upload(SealedReader):
    def readinto(self, buffer: "WriteableBuffer") -> int:
        try:
            return super().readinto(buffer)
        except CannotOpen:
            raise Damaged from None

"""Uploaded files, sealed as they arrive: nothing a person uploads touches the disk in the clear."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from weakref import finalize

from django.utils.translation import gettext

from vault.access import Access
from vault.crypto.errors import CannotOpen
from vault.crypto.keys import Key
from vault.crypto.stream import SealedReader, SealedWriter
from vault.errors import NotFound
from vault.ids import new_id
from vault.keys.keyring import tampered


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file on disk, with the key that opens it: hand it to `keep`, then drop it."""

    id: UUID
    path: Path
    size: int
    key: Key = field(repr=False)


class FileSealer:
    """Writes one sealed file into `folder` under a fresh key. Let go of before it is finished, it
    takes the half-written file with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._id, self._key, self._size = new_id(), Key.generate(), 0
        self._path = path_of(folder, self._id)
        self._raw = self._path.open("xb")
        self._path.chmod(0o600)
        # Django tells nobody when the sender goes away in the middle of a file.
        self._abandoned = finalize(self, self._path.unlink, missing_ok=True)
        self._writer = SealedWriter(self._raw, self._key, self._id)

    def write(self, data: bytes) -> None:
        self._writer.write(data)
        self._size += len(data)

    def finish(self) -> SealedFile:
        self._writer.close()
        self._raw.close()
        self._abandoned.detach()
        return SealedFile(self._id, self._path, self._size, self._key)

    def discard(self) -> None:
        """Leave nothing behind, whole or half-written."""
        self._raw.close()
        self._abandoned.detach()
        self._path.unlink(missing_ok=True)


def path_of(folder: Path, file_id: UUID) -> Path:
    return folder / f"{file_id}.sealed"


def keep(access: Access, collection: UUID, epoch: int, file: SealedFile) -> bytes:
    """The file's key, sealed under the collection's: whoever may see that may read the file."""
    return access.keyring.seal(collection, epoch, "upload", file.id, 0, file.key.raw)


def reader(
    access: Access, collection: UUID, epoch: int, file_id: UUID, kept: bytes, folder: Path
) -> BinaryIO:
    """The file's content, seekable. NotFound when it is gone, Tampered when it was altered."""
    key = Key(access.keyring.open(collection, epoch, "upload", file_id, 0, kept))
    try:
        raw = path_of(folder, file_id).open("rb")
    except FileNotFoundError:
        raise NotFound(gettext("The uploaded file is no longer here. Upload it again.")) from None
    try:
        return io.BufferedReader(SealedReader(raw, key, file_id), 1 << 20)
    except CannotOpen:
        raw.close()
        raise tampered() from None

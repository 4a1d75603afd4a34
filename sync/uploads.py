"""Uploads are sealed while they arrive, before Django can write anything to disk."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from vault.files import FileSealer, SealedFile

LARGEST = 1024**3
"""Bytes of one uploaded file."""


class SealedUpload(UploadedFile):  # type: ignore[type-arg]  # not generic when it runs
    """An uploaded file, sealed on disk; `sealed` holds its key. It cannot be read from here."""

    def __init__(self, name: str, content_type: str, sealed: SealedFile) -> None:
        super().__init__(None, name, content_type, sealed.size)
        self.sealed = sealed
        self.kept = False

    def close(self) -> None:
        """Django calls this when the request ends: what no import took is deleted."""
        if not self.kept:
            self.sealed.path.unlink(missing_ok=True)


class SealedUploadHandler(FileUploadHandler):
    """Django's upload handler for every form of this site: no upload is kept in any other way."""

    chunk_size = 1024 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if getattr(self.request, "access", None) is None:
            raise SkipFile  # nobody whose vault is not open can leave anything here
        self._received = 0
        self._sealer = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > LARGEST:
            self._sealer.discard()
            raise StopUpload(connection_reset=True)
        self._sealer.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload:
        return SealedUpload(self.file_name or "", self.content_type or "", self._sealer.finish())

    def upload_interrupted(self) -> None:
        sealer = getattr(self, "_sealer", None)
        if sealer is not None:
            sealer.discard()

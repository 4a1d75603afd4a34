"""Uploads are sealed while they arrive, before Django can write anything to disk."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from vault.errors import Invalid
from vault.files import FileSealer, SealedFile

LARGEST = 1024**3
"""Bytes of one uploaded file."""
LONGEST_TEXT = 1_000_000
"""Letters of a pasted text."""


class SealedUpload(UploadedFile):  # type: ignore[type-arg]  # not generic when it runs
    """An uploaded file, sealed on disk; `sealed` holds its key. It cannot be read from here.

    None for a file that was too large: nothing of it was kept.
    """

    def __init__(self, name: str, content_type: str, sealed: SealedFile | None) -> None:
        super().__init__(None, name, content_type, sealed.size if sealed else 0)
        self.sealed = sealed
        self.kept = False

    def close(self) -> None:
        """Django calls this when the request ends: what no import took is deleted."""
        if self.sealed and not self.kept:
            self.sealed.path.unlink(missing_ok=True)


class SealedUploadHandler(FileUploadHandler):
    """Django's upload handler for every form of this site: no upload is kept in any other way."""

    chunk_size = 1024 * 1024
    _sealer: FileSealer | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if getattr(self.request, "access", None) is None:
            raise SkipFile  # nobody whose vault is not open can leave anything here
        self._received = 0
        self._sealer = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > LARGEST:
            self._discard()  # the rest is let through, so that the person gets a sentence
        elif self._sealer:
            self._sealer.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload:
        sealed = self._sealer.finish() if self._sealer else None
        return SealedUpload(self.file_name or "", self.content_type or "", sealed)

    def upload_interrupted(self) -> None:
        self._discard()

    def _discard(self) -> None:
        if self._sealer:
            self._sealer.discard()
            self._sealer = None


@sensitive_variables()
def sealed_text(text: str, name: str) -> SealedUpload:
    """A pasted text as an upload: sealed before anything is kept. Invalid, at the field `text`,
    when there is nothing in it or too much."""
    if not text.strip():
        raise Invalid(gettext("Paste what the assistant answered."), "text")
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            gettext("This is too long to paste. Save it as a text file and choose that."), "text"
        )
    sealer = FileSealer(Path(settings.SATCHEL_UPLOADS_DIR))
    sealer.write(text.encode("utf-8", "replace"))
    return SealedUpload(name, "text/plain", sealer.finish())

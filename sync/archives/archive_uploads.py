"""Uploads of vault archives: sealed as all are, and larger than all."""

from sync.archives.restores import LARGEST
from sync.importing.uploads import SealedUploadHandler


class ArchiveUploadHandler(SealedUploadHandler):
    """For the one form that takes an archive."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > LARGEST:
            self._discard()  # the rest is let through, so that the person gets a sentence
        elif self._sealer:
            self._sealer.write(raw_data)

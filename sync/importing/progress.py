"""How much of the files has been read, watched from outside the reader."""

import io
from typing import BinaryIO


class Progress:
    """Bytes read so far. A zip's directory is read twice, so this may pass the total a little."""

    def __init__(self) -> None:
        self.bytes = 0

    def begin(self) -> None:
        """What was read until now was only looked at, to find out what it is."""
        self.bytes = 0

    def watch(self, file: BinaryIO) -> BinaryIO:
        return io.BufferedReader(_Watched(file, self), 1 << 16)  # type: ignore[type-var]


class _Watched(io.RawIOBase):
    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file, self._progress = file, progress

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._progress.bytes += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()

"""Writes the files of an archive into a zip, from start to end, a line at a time."""

import stat
import zipfile
from collections.abc import Iterable
from typing import IO, Protocol, cast

from vault.archive.codec import dump

_BATCH = 1 << 16


class Sink(Protocol):
    """Whatever takes bytes one after the other."""

    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


class Pack:
    """A zip under way. `close` ends it; `counts` says how many lines went into which file."""

    def __init__(self, sink: Sink) -> None:
        self.counts: dict[str, int] = {}
        self._zip = zipfile.ZipFile(cast(IO[bytes], _Forward(sink)), "w")

    def put(self, name: str, value: object) -> None:
        """One JSON file with one value."""
        with self._entry(f"{name}.json") as file:
            file.write(dump(value))

    def put_lines(self, name: str, lines: Iterable[object]) -> None:
        """One file of lines. Nothing of it is held but a few of them."""
        self.counts[name] = 0
        with self._entry(f"{name}.ndjson") as file:
            waiting = bytearray()
            for line in lines:
                waiting += dump(line)
                self.counts[name] += 1
                if len(waiting) > _BATCH:
                    file.write(bytes(waiting))
                    waiting.clear()
            file.write(bytes(waiting))

    def close(self) -> None:
        self._zip.close()

    def _entry(self, name: str) -> IO[bytes]:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (stat.S_IFREG | 0o600) << 16
        return self._zip.open(info, "w", force_zip64=True)


class _Forward:
    """A file that cannot go back, so that zipfile never tries."""

    def __init__(self, sink: Sink) -> None:
        self.write, self.flush = sink.write, sink.flush

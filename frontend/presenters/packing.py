"""Several files as one zip, made while it is sent: it lies on no disk, nor whole in memory."""

import zipfile
from collections.abc import Iterator, Sequence

from connectors.base.handoff import Part

_SENT = 1 << 16


class _Sink:
    """What a zip is written to, taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it to flush to."""

    def drain(self) -> bytes:
        taken, self._pieces, self.size = b"".join(self._pieces), [], 0
        return taken


def zipped(parts: Sequence[Part]) -> Iterator[bytes]:
    """A zip of them. Raises what the making of a part raises: the download then breaks off."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]
        for part in parts:
            with packed.open(part.name, "w", force_zip64=part.stream is not None) as file:
                for piece in part.pieces():
                    file.write(piece.encode("utf-8", "replace"))
                    if sink.size > _SENT:
                        yield sink.drain()
    yield sink.drain()

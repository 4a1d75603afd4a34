"""Several files as one zip, made while it is sent: it lies on no disk, nor whole in memory."""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain

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
            pieces, long = _begun(part)
            with packed.open(part.name, "w", force_zip64=long) as file:
                for piece in pieces:
                    file.write(piece.encode("utf-8", "replace"))
                    if sink.size > _SENT:
                        yield sink.drain()
    yield sink.drain()


def _begun(part: Part) -> tuple[Iterator[str], bool]:
    """All its pieces, and whether they may be more than a zip's older form holds of one file."""
    pieces, begun, size = part.pieces(), [], 0
    for piece in pieces:
        begun.append(piece)
        size += len(piece)
        if size > _SENT:
            return chain(begun, pieces), part.stream is not None
    return iter(begun), False

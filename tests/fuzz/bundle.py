"""An export as one run of bytes, as a fuzzer keeps it: a line that names the files, then they."""

import io
import json
from collections.abc import Mapping
from typing import Any

from connectors.base.reading.files import File, Files
from connectors.base.reading.peeked import Peeked

Contents = dict[str, bytes]


def packed(contents: Mapping[str, Any]) -> bytes:
    """Bytes and text as they are, anything else as JSON."""
    raw = {name: _raw(content) for name, content in contents.items()}
    head = json.dumps([[name, len(content)] for name, content in raw.items()])
    return head.encode() + b"\n" + b"".join(raw.values())


def unpacked(data: bytes) -> Contents:
    """What `packed` made; one file where it is anything else."""
    head, _, rest = data.partition(b"\n")
    try:
        listed = [(str(name), int(size)) for name, size in json.loads(head)]
    except (ValueError, TypeError, RecursionError):
        return {"x": data}
    found, at = Contents(), 0
    for name, size in listed:
        found[name or "x"] = rest[at : at + max(0, size)]
        at += max(0, size)
    return found


def files_of(contents: Contents) -> Files:
    """As `open_archive` gives them out of a zip, without the zip."""
    peeked = Peeked()
    return Files({name: _file(name, raw, peeked) for name, raw in contents.items()})


def _file(name: str, raw: bytes, peeked: Peeked) -> File:
    return File(name, len(raw), lambda: io.BytesIO(raw), peeked=peeked)


def _raw(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    text = content if isinstance(content, str) else json.dumps(content)
    return text.encode("utf-8", "surrogatepass")

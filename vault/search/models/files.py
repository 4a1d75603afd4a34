"""Finding a model's files in an installed package, and keeping what is built from them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from vault.search.errors import ModelFilesError

__all__ = ["ModelFilesError", "cached", "package_file", "verified"]


def package_file(package: str, *parts: str) -> Path | None:
    """A data file of an installed package, without importing the package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent.joinpath(*parts)
    return path if path.is_file() else None


def verified(path: Path | None, sha256: str) -> bytes:
    """The file's bytes, if they are exactly the ones this code was written for."""
    if path is None:
        raise ModelFilesError("a file of the search model is missing")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelFilesError(f"{path.name} is not the file that Satchel expects")
    return data


def cached(folder: Path, name: str, build: Callable[[], bytes]) -> bytes:
    """What `build` returns, kept in `folder` behind its checksum.

    A truncated or damaged file is built again. Processes may race: each writes a whole file.
    """
    path = folder / name
    if path.is_file():
        whole = path.read_bytes()
        if hashlib.sha256(whole[32:]).digest() == whole[:32]:
            return whole[32:]
    data = build()
    folder.mkdir(parents=True, exist_ok=True)
    _replace(path, hashlib.sha256(data).digest() + data)
    return data


def _replace(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

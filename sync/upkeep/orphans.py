"""Sealed files that nothing in the database names: a server was killed, or a transaction failed."""

import time
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from django.conf import settings

_AFTER = 24 * 60 * 60
"""Seconds after the last write: what is written now may be named a moment later."""


def delete(kept: Set[str], *endings: str) -> None:
    """Delete the files with these endings whose ids are not among the kept."""
    before = time.time() - _AFTER
    for ending in endings:
        for path in Path(settings.SATCHEL_UPLOADS_DIR).glob(f"*.{ending}"):
            with suppress(FileNotFoundError):  # its request ended meanwhile
                if path.stem not in kept and path.stat().st_mtime < before:
                    path.unlink()

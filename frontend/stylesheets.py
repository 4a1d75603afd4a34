"""The stylesheet of every page: one file, joined from those of ui/css when static files are
collected. What one page alone needs is linked by that page."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

NAME = "ui/css/all.css"
EVERYWHERE = [
    "tokens",
    "base",
    "layout",
    "phone",
    "components",
    "notices",
    "forms",
    "lists",
    "tables",
    "connections",
    "selecting",
    "finding",
    "pages",
    "importing",
    "review",
    "kit",
    "consent",
    "moving",
    "palette",
]
"""In the order in which they are joined."""
FOLDER = Path(__file__).parent / "static" / "ui" / "css"


def joined() -> bytes:
    return b"\n".join((FOLDER / f"{name}.css").read_bytes() for name in EVERYWHERE)


class StylesheetFinder(BaseFinder):
    """Finds that one file, which lies in no folder."""

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        return [] if find_all else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        yield NAME, _Joined()


class _Joined(Storage):
    """What collecting asks of the place where it finds a file."""

    def _open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":
        return ContentFile(joined(), name)

    def path(self, name: str) -> str:
        return name

    def get_modified_time(self, name: str) -> datetime:
        newest = max((FOLDER / f"{name}.css").stat().st_mtime for name in EVERYWHERE)
        return datetime.fromtimestamp(newest, UTC)

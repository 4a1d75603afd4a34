"""Reads the files of an archive back, a line at a time; whoever opened the zip checked it first."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

from vault.archive.codec import LONGEST_LINE, parse
from vault.archive.errors import Damaged, TooNew
from vault.archive.lines import SHAPES, VERSION, Collection, Manifest, Totals, absent, files

MOST_COLLECTIONS = 1000
_LONGEST_VALUE = 1 << 16
_KNOWN = re.compile(r"satchel-vault/([1-9][0-9]{0,5})")
FILES = frozenset({"manifest.json", "totals.json", *(f"{name}.ndjson" for name in SHAPES)})


class Contents:
    """What is in an archive. `open` answers a fresh stream of one of its files."""

    def __init__(self, names: frozenset[str], open: Callable[[str], BinaryIO]) -> None:
        """TooNew, or Damaged when it is no archive of a known version with all of its files."""
        self._open = open
        self._version = VERSION
        if "manifest.json" not in names:
            raise Damaged
        self.manifest = self._manifest()
        self._there = files(self._version)
        if names != {"manifest.json", "totals.json", *(f"{name}.ndjson" for name in self._there)}:
            raise Damaged
        self.totals = parse(Totals, self._whole("totals.json"))
        if self.totals.lines.keys() != self._there:
            raise Damaged

    @property
    def collections(self) -> list[Collection]:
        """All of them: they are few."""
        found: list[Collection] = []
        for line in self.lines("collections"):
            found.append(line)
            if len(found) > MOST_COLLECTIONS:
                raise Damaged
        if len({each.id for each in found}) != len(found):
            raise Damaged
        return found

    def lines(self, name: str, start: int = 0) -> Iterator[Any]:
        """The lines of one file from the one numbered `start`; none of a file that a later version
        brought. Damaged at the first bad one."""
        if name not in self._there:
            return
        shape, missing = SHAPES[name], absent(self._version, name)
        with self._open(f"{name}.ndjson") as file:
            for line in islice(_raw(file), start, None):
                yield parse(shape, line, missing)

    def count(self, name: str) -> int:
        """How many lines the file is said to have."""
        return self.totals.lines[name] if name in self._there else 0

    def _manifest(self) -> Manifest:
        data = self._whole("manifest.json")
        try:
            said = json.loads(data)["format"]
            self._version = int(_KNOWN.fullmatch(said)[1])  # type: ignore[index]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Damaged from None
        if self._version > VERSION:
            raise TooNew
        return parse(Manifest, data)

    def _whole(self, name: str) -> bytes:
        with self._open(name) as file:
            data = file.read(_LONGEST_VALUE + 1)
        if len(data) > _LONGEST_VALUE:
            raise Damaged
        return data


def _raw(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE + 1):
        if not line.endswith(b"\n"):
            raise Damaged
        yield line

"""Says what an import did not look at: a silence would read as if there had been nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from connectors.base.reading.files import File
from connectors.base.reading.json_stream import items
from connectors.base.types import Unreadable

_NOTHING = (b"[]", b"{}")


def not_known(files: Iterable[File]) -> Iterator[Unreadable]:
    """What is wrong with each of `files`, JSON that no reader knows: its damage, or one line for
    each folder of sound ones. Empty ones hold nothing to miss."""
    strange: list[File] = []
    for file in files:
        first = next(items(file), None)
        if isinstance(first, Unreadable):
            yield first
        elif b"".join(file.start.split()) not in _NOTHING:
            strange.append(file)
    yield from _by_folder(strange)


def _by_folder(files: list[File]) -> Iterator[Unreadable]:
    folders = Counter(PurePosixPath(file.where).parent for file in files)
    for file in files:
        folder = PurePosixPath(file.where).parent
        count = folders.pop(folder, 0)
        if count == 1:
            yield Unreadable(file.where, "This kind of file is not known; it was not read.")
        elif count:
            reason = f"{count} files of kinds that are not known are here; they were not read."
            yield Unreadable(str(folder), reason)

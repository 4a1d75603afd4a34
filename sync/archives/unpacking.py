"""Opens what a person brought as a vault archive: sealed upload, age, zip, one inside the other.

Nothing is unpacked to disk or held in memory; whatever is wrong with it ends in `Damaged`.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from connectors.base.errors import ArchiveError
from connectors.base.limits import GIB, MIB, Limits
from connectors.base.reading.zips import Budget, Zip
from vault.archive import locks
from vault.archive.errors import Damaged
from vault.archive.reading import FILES, Contents

LIMITS = Limits(
    entries=2 * len(FILES),  # a newer version may have more; it is told from a damaged one
    unpacked=256 * GIB,
    directory=MIB,
)


@contextmanager
def opened(path: Path, file_id: UUID, upload_key: bytes, lock: locks.Lock) -> Iterator[Contents]:
    """What is in the archive, for as long as the block lasts."""
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(locks.uploaded(path, file_id, upload_key))
            plain = stack.enter_context(locks.reader(raw, lock))
            zipped = Zip(plain, Budget(LIMITS))
            stack.callback(zipped.close)
            names = frozenset(zipped.paths)
            yield Contents(names, zipped.open)
        except ArchiveError:
            raise Damaged from None

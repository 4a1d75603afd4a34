"""Looking for likely duplicates and disagreements among what an import brought."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sync.importing.import_details import open_details, seal_details
from vault.reviewing import pairs

if TYPE_CHECKING:
    from sync.importing.import_work import Work

_COMPARED = "compared"


def compare(work: "Work") -> None:
    """In portions; a worker that goes on goes on after the last one. Talk is not compared."""
    row = work.row
    details: dict[str, Any] = open_details(work.access, row)
    after = UUID(details[_COMPARED]) if _COMPARED in details else None
    while True:
        after, _ = pairs.find_next(work.access, work.import_id, after)
        if after is None:
            return
        details[_COMPARED] = after.hex
        seal_details(work.access, row, details)
        work.update(sealed=row.sealed)

"""An import as pages and apps see it: its row and what its details say."""

from datetime import timedelta
from typing import cast

from django.utils import timezone

from connectors.base.registry import vendors
from sync import tasks
from sync.importing.import_details import details_if_they_open
from sync.importing.import_rows import job_of
from sync.importing.piles import sorting_from
from sync.importing.shapes import shapes_from
from sync.importing.tally import problems_from, samples_from
from sync.models import Import as Row
from sync.types import Import, ImportState
from vault.access import Access

State = Row.State
UNREADABLE = "(unreadable)"
"""Shown for the files of an import whose details do not open any more."""
_STALLED_AFTER = timedelta(minutes=5)


def view(access: Access, row: Row) -> Import:
    details = details_if_they_open(access, row) or {"files": [UNREADABLE]}
    names = vendors()
    vendor = names[row.vendor].name if row.vendor in names else ""
    return Import(
        id=row.id,
        state=cast(ImportState, row.state),
        vendor=row.vendor,
        vendor_name=vendor,
        file_names=tuple(details["files"]),
        collection_id=row.target_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
        bytes_total=row.bytes_total,
        bytes_read=row.bytes_read,
        found=row.found,
        written=row.written,
        merged=row.merged,
        known=row.known,
        indexed=row.indexed,
        to_index=row.to_index,
        problems=problems_from(details),
        samples=samples_from(details),
        error=details.get("error", "") if row.state == State.FAILED else "",
        stalled=stalled(access, row),
        sorting=sorting_from(details),
        sorted=row.sort,
        left_out=_left_out(row),
        shapes=shapes_from(details),
    )


def stalled(access: Access, row: Row) -> bool:
    if row.state not in tasks.RUNNING:
        return False
    until = row.lease_until or row.started_at
    return timezone.now() - until > _STALLED_AFTER or not job_of(access, row).exists()


def _left_out(row: Row) -> int:
    """Of a sorted import that was written: what the owner did not want."""
    over = row.sort and row.state in (State.INDEXING, State.DONE)
    return row.checkpoint - row.written - row.merged - row.known if over else 0

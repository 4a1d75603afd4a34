"""Past imports in a vault archive: as lines, and as rows again."""

import json
from collections.abc import Iterator, Sequence

from sync import tasks
from sync.importing.import_details import open_details, seal_details
from sync.importing.piles import sorting_from
from sync.importing.shapes import mappings_from, shapes_from
from sync.importing.tally import problems_from, samples_from
from sync.models import Import
from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.memories import EPOCH
from vault.archive.taking import Taking, portions

_UNFINISHED = {*tasks.RUNNING, Import.State.PREVIEW, Import.State.ASKING}
_COUNTS = (
    *("bytes_total", "bytes_read", "checkpoint", "written", "merged", "known"),
    *("indexed", "to_index"),
)


def take(taking: Taking) -> Iterator[lines.Import]:
    """Their files stay behind, so one that was going on is a cancelled one."""
    access = taking.access
    mine = Import.objects.filter(vault_id=access.vault_id)
    for portion in portions(mine.order_by("started_at", "id")):
        yield from taking.each("imports", portion, lambda row: _line(access, row))


def put(access: Access, portion: Sequence[lines.Import]) -> None:
    """Damaged when one is not as this service writes them."""
    Import.objects.bulk_create([_row(access, line) for line in portion])


def _line(access: Access, row: Import) -> lines.Import:
    unfinished = row.state in _UNFINISHED
    return lines.Import(
        id=row.id,
        state=Import.State.CANCELLED.value if unfinished else row.state,
        vendor=row.vendor,
        collection_id=row.collection_id,
        target_id=row.target_id,
        details=json.dumps(open_details(access, row), ensure_ascii=False),
        found=row.found,
        sort=row.sort,
        started_at=row.started_at,
        finished_at=row.started_at if unfinished else row.finished_at,
        **{name: getattr(row, name) for name in _COUNTS},
    )


def _row(access: Access, line: lines.Import) -> Import:
    # Where it went may be deleted by now; nothing goes there any more.
    if line.collection_id not in access.visible or line.state in _UNFINISHED:
        raise Damaged
    row = Import(
        vault_id=access.vault_id,
        id=line.id,
        state=_state(line.state),
        vendor=line.vendor,
        collection_id=line.collection_id,
        target_id=line.target_id,
        epoch=EPOCH,
        found=dict(line.found),
        sort=line.sort,
        started_at=line.started_at,
        finished_at=line.finished_at,
        **{name: getattr(line, name) for name in _COUNTS},
    )
    seal_details(access, row, _details(line.details))
    return row


def _state(value: str) -> Import.State:
    try:
        return Import.State(value)
    except ValueError:
        raise Damaged from None


def _details(text: str) -> dict[str, object]:
    """What the page of an import shows; read here as it is read there."""
    try:
        details = json.loads(text)
        problems_from(details)
        samples_from(details)
        sorting_from(details)
        shapes_from(details)
        mappings_from(details)
        if all(isinstance(name, str) for name in details["files"]):
            return dict(details)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        pass  # the same as names that are no text: it was not written here
    raise Damaged

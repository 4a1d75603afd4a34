"""When no reader knows the files: the owner is shown what they look like, and says what is what."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from connectors.base.archive import Archive
from connectors.base.reading.files import Files
from connectors.base.registry import recognise
from connectors.plain import VENDOR as PLAIN
from connectors.plain.fields import Fields
from connectors.plain.mapped import MappedFiles
from connectors.plain.mapping import Mapped
from connectors.plain.sketch import Shape, sketch
from sync.importing.import_details import details_if_they_open, open_details, seal_details
from sync.importing.import_rows import Start, put, send, start_work, the_row
from sync.importing.import_views import view
from sync.importing.import_work import Work
from sync.importing.shapes import mappings_from, shapes_from, with_mappings, with_shapes
from sync.models import Import as Row
from sync.types import Import
from vault.access import Access
from vault.errors import Invalid
from vault.keys.jobs import end_job
from vault.scope import vault_scope

State = Row.State
VENDOR = PLAIN.slug
_REMEMBERED = 20
"""So many of the newest imports may say what entries of a shape were the last time."""


def answer(
    access: Access, import_id: UUID, said: Sequence[Fields | None], *, start: Start = send
) -> Import:
    """What the parts of each shape are, in the order of the shapes; None leaves a shape out. The
    files are then read so. Invalid when nothing is left or a name is none of the shape's."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = the_row(access, import_id, State.ASKING)
        details = open_details(access, row)
        mappings = _mappings(shapes_from(details), said)
        seal_details(access, row, {**details, **with_mappings(mappings)})
        put(row, state=State.READING, bytes_read=0, sealed=row.sealed)
        start_work(access, row, start)
        return view(access, row)


def differently(access: Access, import_id: UUID) -> Import:
    """From a preview of files that no vendor made back to the question what is in them."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = the_row(access, import_id, State.PREVIEW)
        if row.vendor != VENDOR or not shapes_from(open_details(access, row)):
            raise Invalid(gettext("There is only one way to read these files."))
        put(row, state=State.ASKING)
        return view(access, row)


def reader_of(work: Work, files: Files) -> Archive | None:
    """What reads the files: as the owner said, or the reader that knows them."""
    mappings = mappings_from(open_details(work.access, work.row))
    return MappedFiles(mappings) if mappings else recognise(files)


def ask(work: Work, files: Files) -> bool:
    """End the reading with a question; False if there is nothing to ask about."""
    found = shapes(work, files)
    if not found["shapes"]:
        return False
    row = work.row
    seal_details(work.access, row, {**open_details(work.access, row), **found})
    asked = {"state": State.ASKING, "vendor": VENDOR, "bytes_read": row.bytes_total}
    work.update(**asked, sealed=row.sealed, lease_owner=None)
    end_job(work.access)
    return True


def shapes(work: Work, files: Files) -> dict[str, Any]:
    """What the files look like, for the details; as it was read the last time, where it was."""
    work.breathe()
    return with_shapes(sketch(files, _remembered(work.access)))


def _remembered(access: Access) -> list[Mapped]:
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, vendor=VENDOR).order_by("-started_at")
        found = [details_if_they_open(access, row) for row in rows[:_REMEMBERED]]
    return [one for details in found if details for one in mappings_from(details)]


def _mappings(shapes: Sequence[Shape], said: Sequence[Fields | None]) -> list[Mapped]:
    if len(said) != len(shapes) or not any(said):
        raise Invalid(gettext("Say of at least one of these what its text is."))
    for shape, fields in zip(shapes, said, strict=True):
        if fields and not {name for name in fields.to_json().values() if name} <= shape.names:
            raise Invalid(gettext("One of these parts is not there any more. Look at it again."))
    pairs = zip(shapes, said, strict=True)
    return [Mapped(shape.place, shape.names, fields) for shape, fields in pairs]

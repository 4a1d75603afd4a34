"""Lines of the access log on pages that are about something else."""

from typing import Any
from uuid import UUID

from vault.access import Access
from vault.errors import Tampered
from vault.log import access_log
from vault.log.access_log import Readings
from vault.types import Entry

LOOKED_THROUGH = 200
"""Lines that a page opens to see whether they name a memory: each takes a tenth of a ms."""
_SHOWN = 20


def lines(access: Access, **wanted: Any) -> list[Entry] | None:
    """What `access_log.listing` answers. None when it cannot be read: the page says so, and leads
    to Activity, which says why."""
    try:
        return access_log.listing(access, **wanted)
    except Tampered:
        return None


def readings(access: Access, memory_id: UUID) -> Readings | None:
    """The newest lines that name a memory, of `LOOKED_THROUGH` that name any. None as for
    `lines`."""
    try:
        return access_log.readings(access, memory_id, limit=_SHOWN, most=LOOKED_THROUGH)
    except Tampered:
        return None

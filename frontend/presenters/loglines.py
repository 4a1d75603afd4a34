"""Lines of the access log on pages that are about something else."""

from typing import Any

from vault.access import Access
from vault.errors import Tampered
from vault.log import access_log
from vault.types import Entry


def lines(access: Access, **wanted: Any) -> list[Entry] | None:
    """What `access_log.listing` answers. None when it cannot be read: the page says so, and leads
    to Activity, which says why."""
    try:
        return access_log.listing(access, **wanted)
    except Tampered:
        return None

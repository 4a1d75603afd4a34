"""Reading what was derived from memories: one row that was altered must not end all search."""

import logging
from typing import Any
from uuid import UUID

from vault.errors import Tampered
from vault.keys.keyring import Keyring
from vault.keys.slots import Record

logger = logging.getLogger(__name__)


def whole(keyring: Keyring, place: tuple[Any, Any, str, UUID, Any], sealed: Record) -> bytes | None:
    """What the row at this place says; None when it was altered: its memories are then found by
    their words, and the checkup names it."""
    try:
        return keyring.open(*place, sealed)
    except Tampered:
        logger.warning("An altered vector of %s was passed over.", keyring.vault_id)
        return None

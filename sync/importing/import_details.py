"""What an import knows of its files, sealed: names, samples, problems, what was said of them."""

import json
from typing import Any

from sync.models import Import as Row
from vault.access import Access
from vault.errors import Refused, Stale, Tampered


def seal_details(access: Access, row: Row, details: dict[str, object]) -> None:
    data = json.dumps(details, ensure_ascii=False).encode("utf-8", "replace")
    place = (row.collection_id, row.epoch, "preview", row.id, 0)
    row.sealed = access.keyring.seal(*place, data)


def open_details(access: Access, row: Row) -> dict[str, Any]:
    place = (row.collection_id, row.epoch, "preview", row.id, 0)
    details: dict[str, Any] = json.loads(access.keyring.open(*place, row.sealed))
    return details


def details_if_they_open(access: Access, row: Row) -> dict[str, Any] | None:
    """None when the key that they need is lost: the import is shown all the same, to be rid of."""
    try:
        return open_details(access, row)
    except (Refused, Stale, Tampered):
        return None

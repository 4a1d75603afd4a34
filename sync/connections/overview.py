"""Every connection in short, by a few questions to the database however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from sync.models import Connection as Row
from sync.models import Link, Receipt
from vault.access import Access
from vault.scope import vault_scope


@dataclass(frozen=True, slots=True)
class Standing:
    """How one stands. `linked` memories are kept in step with it."""

    id: UUID
    grant_id: UUID
    connector: str
    state: str
    linked: int


def standings(access: Access) -> list[Standing]:
    """The newest first, also those that are gone."""
    access.must_own()
    with vault_scope(access.vault_id):
        links = Link.objects.filter(vault_id=access.vault_id).exclude(remote_mark=None)
        found = links.values("connection_id").annotate(n=Count("id")).order_by()
        linked = {row["connection_id"]: row["n"] for row in found}
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-created_at", "id")
        said = rows.values_list("id", "grant_id", "connector", "state")
        return [Standing(*row, linked.get(row[0], 0)) for row in said]


def receipts(access: Access) -> Mapping[UUID, Mapping[str, int]]:
    """By connection: how many entries that were to be taken back from there are in which state."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Receipt.objects.filter(vault_id=access.vault_id)
        found = mine.values("connection_id", "state").annotate(n=Count("id")).order_by()
        counts: dict[UUID, dict[str, int]] = {}
        for row in found:
            counts.setdefault(row["connection_id"], {})[row["state"]] = row["n"]
    return counts

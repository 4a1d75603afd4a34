"""Where memories came from and where they lie: sources against collections, in numbers."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery

from vault.access import Access
from vault.models import Source
from vault.scope import vault_scope
from vault.visible import visible_rows


def crossings(access: Access) -> Mapping[tuple[str, UUID], int]:
    """How many memories that are kept were seen at a vendor and lie in a collection, by both. One
    that was seen at two vendors counts for each."""
    with vault_scope(access.vault_id):
        kept = visible_rows(access).filter(forgotten_at=None)
        place = kept.filter(id=OuterRef("memory_id")).values("collection_id")
        rows = Source.objects.filter(vault_id=access.vault_id).annotate(place=Subquery(place[:1]))
        pairs = rows.exclude(place=None).values("vendor", "place")
        found = pairs.annotate(n=Count("memory_id", distinct=True)).order_by()
        return {(row["vendor"], row["place"]): row["n"] for row in found}

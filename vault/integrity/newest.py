"""The newest key that a collection has: it tells a session that is late from an altered row."""

from uuid import UUID

from django.db.models import Max

from vault.models import CollectionKey
from vault.scope import vault_scope


def newest_epoch(vault_id: UUID, collection: UUID) -> int:
    """0 for a collection without any key."""
    with vault_scope(vault_id):
        keys = CollectionKey.objects.filter(vault_id=vault_id, collection_id=collection)
        return keys.aggregate(newest=Max("epoch"))["newest"] or 0

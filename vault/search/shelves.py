"""Keeping the shelves of large collections, where that saves the next to open them a wait."""

from uuid import UUID

from vault.access import Access
from vault.embedding.embedders import choices, space_of
from vault.scope import vault_scope
from vault.search import kept, sealed


def keep_due(access: Access) -> list[UUID]:
    """Keep the shelves of visible collections that grew or changed much. Which ones.

    For background work: a large collection is opened for it, and closed again.
    """
    with vault_scope(access.vault_id):
        due = [collection for collection in sorted(access.visible) if kept.due(access, collection)]
        spaces = {c: space_of(one.now) for c, one in choices(access, due).items()}
    for collection in due:
        space = spaces[collection]
        sealed.keep_shelf(access, collection, model=space.model, dim=space.dim)
    if due:
        sealed.close(access.vault_id)
    return due

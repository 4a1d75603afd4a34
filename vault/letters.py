"""Letters: what a grantee posts to a collection that it may not change by itself."""

import json
from uuid import UUID

from django.utils import timezone

from vault import access_log
from vault.access import Access
from vault.errors import Refused
from vault.ids import new_id
from vault.keyring import post_letter
from vault.models import Suggestion as Row
from vault.records import kind_of
from vault.scope import vault_scope
from vault.types import SuggestedAction, Suggestion

MOST_WAITING = 200
"""Letters of one grant that may wait: who cannot be read must not fill the vault either."""


def suggest(
    access: Access,
    collection_id: UUID,
    *,
    action: SuggestedAction,
    text: str,
    kind: str,
    memory_id: UUID | None = None,
    settled: bool = False,
) -> Suggestion:
    """Post a letter to the collection: sealed to its letterbox, readable to its owner only.

    A `settled` one counts as accepted and is taken in when the owner next opens the vault.
    """
    box = access.letterboxes.get(collection_id)
    if box is None:
        raise Refused("This grant may not add anything here.")
    letter_id, now = new_id(), timezone.now()
    data = json.dumps({"text": text, "kind": kind}, ensure_ascii=False).encode()
    letter = post_letter(access.vault_id, collection_id, box.epoch, box.public, letter_id, data)
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
        if mine.count() >= MOST_WAITING:
            raise Refused("Too many suggestions are waiting. The owner has to look at them first.")
        Row.objects.create(
            vault_id=access.vault_id,
            id=letter_id,
            collection_id=collection_id,
            grant_id=access.asker.id,
            action=action,
            memory_id=memory_id,
            epoch=box.epoch,
            letter=letter,
            settled=settled,
            suggested_at=now,
        )
        access_log.record(access, "suggested", [memory_id] if memory_id else [])
    return Suggestion(
        id=letter_id,
        collection_id=collection_id,
        grant_id=access.asker.id,
        grant_name=access.asker.name,
        action=action,
        memory_id=memory_id,
        text=text,
        kind=kind_of(kind),
        suggested_at=now,
    )

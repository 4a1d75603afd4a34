"""Telling a vault something: one at a time, and what is there already is not a second memory."""

from collections.abc import Collection
from hashlib import blake2b
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from vault import records
from vault.access import Access
from vault.integrity import manifests
from vault.keys.epochs import epochs, must_hold_all
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.records import new_source
from vault.text import checked, folded
from vault.types import Draft
from vault.visible import visible_rows


def take_turns(access: Access) -> None:
    """Others who tell this vault something, or take back what was told, wait until the transaction
    ends: two who look for the same words before either writes them would both write them.

    Within a scope, before anything else is locked.
    """
    name = blake2b(access.vault_id.bytes, digest_size=8, person=b"tell").digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(name, signed=True)])


def told_before(access: Access, collection: UUID, draft: Draft) -> Row | None:
    """The collection's memory that says this, locked, with the draft's source added to it. Within a
    scope, after `take_turns`.

    KeyChanged when a newer key came after the asker's were opened: what is told under it already
    cannot be recognised with the older ones.
    """
    if draft.kind == "episode":
        return None
    digests = _digests(access, collection, draft)
    row = _that_says(access, visible_rows(access), draft, digests)
    if row is None and not access.is_owner:
        row = _that_says(access, _own_waiting(access).filter(kind=draft.kind), draft, digests)
    if row is not None and draft.source is not None:
        epoch = epochs(access, [row.collection_id])[row.collection_id]
        source = new_source(access, row, draft.source, timezone.now(), epoch)
        SourceRow.objects.bulk_create([source], ignore_conflicts=True)
    return row


def _own_waiting(access: Access) -> QuerySet[Row]:
    """What this grantee wrote and may not see while it waits for the owner: as `memories.written`,
    for as long as nobody changed it."""
    mine = SourceRow.objects.filter(vault_id=access.vault_id, grant_id=access.asker.id)
    rows = Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    return rows.filter(revision=1, id__in=mine.values("memory_id")).exclude(sealed=b"")


def _digests(access: Access, collection: UUID, draft: Draft) -> list[bytes]:
    """Those of the words under every key there is: after a change of keys, memories are sealed anew
    bit by bit."""
    newest, text = must_hold_all(access, collection), checked(draft.text)
    held = [epoch for epoch in access.keyring.epochs(collection) if epoch <= newest]
    return [records.digest(access.keyring, collection, epoch, text) for epoch in held]


def _that_says(
    access: Access, rows: QuerySet[Row], draft: Draft, digests: Collection[bytes]
) -> Row | None:
    kept = rows.filter(forgotten_at=None, digest__in=digests)
    kept = kept.filter(valid_from=draft.valid_from, valid_until=draft.valid_until)
    row = kept.exclude(kind="episode").select_for_update().first()
    return row if row is not None and _says(access, row, draft) else None


def _says(access: Access, row: Row, draft: Draft) -> bool:
    """Whether these are its words: whoever writes the database can swap a digest."""
    manifests.must_be_genuine(manifests.key_of(access, row.collection_id), row)
    return folded(records.open_content(access.keyring, row).text) == folded(checked(draft.text))

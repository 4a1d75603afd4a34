"""Moving a memory: everything about it, sealed anew under another collection's key."""

from uuid import UUID

from vault import records
from vault.access import Access
from vault.changes import epochs, next_seqs
from vault.models import Memory as Row
from vault.models import Revision as RevisionRow
from vault.models import Source as SourceRow
from vault.models import Vector
from vault.records import open_content, seal_content


def reseal_into(access: Access, row: Row, collection_id: UUID) -> None:
    """Within a scope, with the row locked. Its vectors are dropped: they are made anew."""
    keyring, target = access.keyring, epochs(access, [collection_id])[collection_id]
    content, home = open_content(keyring, row), row.collection_id
    for source in SourceRow.objects.filter(vault_id=row.vault_id, memory_id=row.id):
        details = records.open_source(keyring, home, source)
        source.epoch = target
        records.seal_source(keyring, collection_id, source, details)
        source.save(update_fields=["epoch", "sealed"])
    for old in RevisionRow.objects.filter(vault_id=row.vault_id, memory_id=row.id):
        data = keyring.open(home, old.epoch, "revision", old.id, old.revision, old.sealed)
        old.collection_id, old.epoch = collection_id, target
        old.sealed = keyring.seal(collection_id, target, "revision", old.id, old.revision, data)
        old.save(update_fields=["collection_id", "epoch", "sealed"])
    Vector.objects.filter(vault_id=row.vault_id, id=row.id).delete()
    row.collection_id, row.epoch, row.seq = collection_id, target, next_seqs(access, 1)[0]
    seal_content(keyring, row, content)
    row.save()

"""Moving memories: everything about them, sealed anew under another collection's key."""

from collections.abc import Sequence
from uuid import UUID

from vault import records
from vault.access import Access
from vault.changes import next_seqs
from vault.embedding.carrying import carry
from vault.history import open_earlier, seal_earlier
from vault.integrity import manifests
from vault.keys.epochs import epochs
from vault.models import Memory as Row
from vault.models import Revision as RevisionRow
from vault.models import Source as SourceRow
from vault.records import open_content, seal_content
from vault.writes import update_rows


def reseal_into(access: Access, rows: Sequence[Row], collection_id: UUID) -> None:
    """Within a scope, with the rows locked. Their embeddings go along."""
    rows = [row for row in rows if row.collection_id != collection_id]
    if not rows:
        return
    target = epochs(access, [collection_id])[collection_id]
    contents = [open_content(access.keyring, row) for row in rows]
    homes = {row.id: row.collection_id for row in rows}
    sources = SourceRow.objects.filter(vault_id=access.vault_id, memory_id__in=homes)
    reseal_sources(access, list(sources), homes, collection_id, target)
    _reseal_revisions(access, homes, collection_id, target)
    seqs = next_seqs(access, len(rows))
    for row, content, seq in zip(rows, contents, seqs, strict=True):
        row.collection_id, row.epoch, row.seq = collection_id, target, seq
        seal_content(access.keyring, row, content)
    manifests.settle(access, rows)
    fields = ("collection_id", "epoch", "seq", "arrived", "sealed", "digest", "entry")
    update_rows(rows, *fields)
    carry(access, rows, {row.id: row.revision for row in rows})


def reseal_sources(
    access: Access,
    sources: Sequence[SourceRow],
    homes: dict[UUID, UUID],
    collection_id: UUID,
    epoch: int,
    to: UUID | None = None,
) -> None:
    """Seal sources anew and save them; `homes` is the collection of each memory until now. `to`
    is the memory that they get, by default the one they have."""
    for source in sources:
        details = records.open_source(access.keyring, homes[source.memory_id], source)
        source.epoch, source.memory_id = epoch, to or source.memory_id
        records.seal_source(access.keyring, collection_id, source, details)
    update_rows(sources, "epoch", "memory_id", "sealed")


def _reseal_revisions(
    access: Access, homes: dict[UUID, UUID], collection_id: UUID, epoch: int
) -> None:
    olds = list(RevisionRow.objects.filter(vault_id=access.vault_id, memory_id__in=homes))
    for old in olds:
        old.collection_id = homes[old.memory_id]
        data = open_earlier(access.keyring, old)
        old.collection_id, old.epoch = collection_id, epoch
        seal_earlier(access.keyring, old, data)
    update_rows(olds, "collection_id", "epoch", "sealed")

"""An export at work: the whole vault as it was at one moment, straight into a locked file.

It sits in one transaction that sees one moment, as a dump of the database does. A worker that dies
leaves half a file; the next one starts over, under a nonce of its own.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from sync.archives.archive_work import Work
from sync.archives.archives import State
from sync.importing import import_lines
from sync.leases import Pulse
from sync.models import ArchiveJob, Import
from vault.archive import (
    collections,
    grants,
    lines,
    locks,
    log,
    memories,
    vectors,
    views,
    waiting,
)
from vault.archive.taking import PORTION, Taking
from vault.archive.writing import Pack
from vault.errors import Tampered
from vault.integrity import manifests
from vault.models import LogEntry, Memory, Revision, Source, Suggestion, Vault, Vector
from vault.scope import vault_scope

_TAKES: Mapping[str, Callable[[Taking], Iterator[object]]] = {
    "collections": collections.take,
    "memories": memories.take,
    "revisions": memories.take_revisions,
    "sources": memories.take_sources,
    "vectors": vectors.take,
    "suggestions": waiting.take_suggestions,
    "pairs": waiting.take_pairs,
    "rules": waiting.take_rules,
    "views": views.take,
    "grants": grants.take,
    "imports": import_lines.take,
    "log": log.take,
}
_COUNTED = (Memory, Revision, Source, Suggestion, Import, LogEntry)
"""What progress is measured by; the rest is quick."""


def make(work: Work) -> None:
    """Write the archive whole, then give it its name."""
    row, path = work.row, work.path
    taking = Taking(work.access, row.vectors, row.embedders)
    _check_collections(taking)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        half.chmod(0o600)
        counts = _write(work, row, taking, file)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    half.replace(path)
    work.finish(
        State.DONE,
        size=size,
        counts=counts,
        done=taking.taken,
        total=taking.taken,
        left_out=dict(taking.left_out),
        notes=taking.altered,
    )


def _write(work: Work, row: ArchiveJob, taking: Taking, file: BinaryIO) -> dict[str, int]:
    sink = locks.writer(file, work.secret.lock)
    with _moment(work.access.vault_id):
        total = _total(taking)
        with Pulse(work.lease, lambda: {"done": taking.taken, "total": total}) as pulse:
            pack = Pack(sink)
            pack.put("manifest", _manifest(taking, row))
            for name in lines.SHAPES:
                pack.put_lines(name, _watched(pulse, _TAKES[name](taking)))
            pack.put("totals", _totals(taking, pack))
    pack.close()
    sink.close()
    return pack.counts


@contextmanager
def _moment(vault_id: UUID) -> Iterator[None]:
    """Sees this vault as it is now, whatever is written meanwhile, and writes nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with vault_scope(vault_id):
            yield


def _watched(pulse: Pulse, found: Iterator[object]) -> Iterator[object]:
    for number, line in enumerate(found):
        if number % PORTION == 0:
            pulse.check()
        yield line


def _check_collections(taking: Taking) -> None:
    """An altered vault can be taken out too, but the archive says what was found."""
    access = taking.access
    for collection in sorted(access.visible):
        try:
            with vault_scope(access.vault_id):
                manifests.check(access, collection)
        except Tampered as wrong:
            taking.altered.append(str(wrong))


def _total(taking: Taking) -> int:
    models = (*_COUNTED, Vector) if taking.vectors else _COUNTED
    vault_id = taking.access.vault_id
    return sum(model.objects.filter(vault_id=vault_id).count() for model in models)


def _manifest(taking: Taking, row: ArchiveJob) -> lines.Manifest:
    vault_id = taking.access.vault_id
    return lines.Manifest(
        format=lines.FORMAT,
        made_at=timezone.now(),
        vault_id=vault_id,
        vault_made_at=Vault.objects.values_list("created_at", flat=True).get(id=vault_id),
        vectors=row.vectors,
        embedder_keys=row.embedders,
        log=log.end(taking),
    )


def _totals(taking: Taking, pack: Pack) -> lines.Totals:
    notes = tuple(note[:300] for note in taking.altered[:20])
    return lines.Totals(pack.counts, dict(taking.left_out), notes)

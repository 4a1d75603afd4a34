"""Filling a collection fast: rows made by the application's own sealing code, put in with COPY.

COPY needs a role that row-level security does not bind, so this is for the embedded database of a
bench alone.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from django.conf import settings
from django.db import models
from django.utils import timezone
from numpy.typing import NDArray
from psycopg import sql

from config.home import ADMIN_ROLE, Home
from tests.bench.corpus import Corpus, Made
from vault import records
from vault.access import Access
from vault.changes import next_seqs
from vault.ids import by_model
from vault.integrity import manifests
from vault.keys.epochs import epochs
from vault.models import Memory, Segment, Source, Vector
from vault.scope import vault_scope
from vault.search.segments import MOST, pack
from vault.types import Draft, SourceDraft

PORTION = MOST * 8
KINDS = ("fact", "fact", "preference", "event")


@dataclass
class Truth:
    """What an exact search compares with: the vector of each memory, by its id."""

    ids: list[bytes]
    vectors: list[NDArray[np.float16]]

    def nearest(self, questions: NDArray[np.float32], count: int) -> list[set[bytes]]:
        """For each question the ids of those with the largest cosines, by brute force."""
        best = [np.empty((len(questions), 0), np.float32), np.empty((len(questions), 0), np.int64)]
        start = 0
        for block in self.vectors:
            cosines = questions @ block.astype(np.float32).T
            places = np.broadcast_to(np.arange(start, start + len(block)), cosines.shape)
            scores = np.concatenate([best[0], cosines], axis=1)
            keys = np.concatenate([best[1], places], axis=1)
            order = np.argsort(-scores, axis=1)[:, :count]
            best = [np.take_along_axis(scores, order, 1), np.take_along_axis(keys, order, 1)]
            start += len(block)
        return [{self.ids[place] for place in row} for row in best[1].tolist()]


def fill(access: Access, collection: UUID, corpus: Corpus, size: int, truth: Truth) -> float:
    """As many more as `size` needs, as an import leaves them, embedded and folded; `truth` is told.
    Seconds it took."""
    start, there = time.perf_counter(), len(truth.ids)
    made = enumerate(corpus.make(size - there), there)
    with _admin() as admin:
        while portion := list(islice(made, PORTION)):
            with vault_scope(access.vault_id):
                rows, sources = _sealed(access, collection, portion)
            vectors, segments = _vectors(access, rows, [one for _, one in portion], corpus)
            for table in (rows, sources, vectors, segments):
                _copy(admin, table)
            admin.commit()
            truth.ids += [row.id.bytes for row in rows]
            truth.vectors.append(np.concatenate([one.embedding.passages for _, one in portion]))
    vacuum("memory", "source", "vector", "segment")
    return time.perf_counter() - start


def vacuum(*names: str) -> None:
    """As autovacuum does a minute later."""
    with _admin() as admin:
        admin.autocommit = True
        for name in names:
            admin.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(f"vault_{name}")))


def _admin() -> psycopg.Connection[Any]:
    return psycopg.connect(Home(settings.SATCHEL_HOME).database_url(ADMIN_ROLE))


def _sealed(
    access: Access, collection: UUID, portion: Sequence[tuple[int, Made]]
) -> tuple[list[Memory], list[Source]]:
    now, epoch = timezone.now(), epochs(access, {collection})[collection]
    drafts = [_draft(number, one.text) for number, one in portion]
    rows = [
        records.new_row(access, collection, epoch, seq, draft, now)
        for seq, draft in zip(next_seqs(access, len(drafts)), drafts, strict=True)
    ]
    sources = [
        records.new_source(access, row, draft.source, now)
        for row, draft in zip(rows, drafts, strict=True)
        if draft.source
    ]
    manifests.settle(access, rows)
    return rows, sources


def _draft(number: int, text: str) -> Draft:
    """Every third is a turn of a conversation of twenty; the others stand alone."""
    talk = number // 60
    spoken = number % 3 == 0
    return Draft(
        text,
        "episode" if spoken else random.Random(number).choice(KINDS),
        occurred_at=datetime(2023, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
        role=("user", "assistant")[number % 2] if spoken else "",
        speaker="Ana" if spoken and number % 2 == 0 else "",
        conversation=f"talk {talk}" if spoken else "",
        position=number % 60 // 3 if spoken else 0,
        source=SourceDraft("openai", f"item:{number}", "ana@example.org", f"talk {talk}"),
    )


def _vectors(
    access: Access, rows: Sequence[Memory], made: Sequence[Made], corpus: Corpus
) -> tuple[list[Vector], list[Segment]]:
    seal, model = access.keyring.seal, corpus.model.model
    vectors, entries = [], []
    for row, one in zip(rows, made, strict=True):
        id, whole = by_model(row.id, model), one.embedding
        entries.append((row.id, 1, whole.without_tokens().to_bytes()))
        vectors.append(
            Vector(
                vault_id=row.vault_id,
                id=id,
                memory_id=row.id,
                collection_id=row.collection_id,
                revision=1,
                model=model,
                epoch=row.epoch,
                tokens=seal(row.collection_id, row.epoch, "tokens", id, 1, whole.to_bytes())
                if whole.tokens is not None
                else None,
            )
        )
    segments = [_segment(access, rows[0], model, part) for part in _parts(entries)]
    return vectors, segments


def _parts(entries: list[tuple[UUID, int, bytes]]) -> Iterator[list[tuple[UUID, int, bytes]]]:
    return (entries[start : start + MOST] for start in range(0, len(entries), MOST))


def _segment(
    access: Access, like: Memory, model: str, entries: list[tuple[UUID, int, bytes]]
) -> Segment:
    home, epoch = like.collection_id, like.epoch
    row = Segment(
        vault_id=like.vault_id, collection_id=home, model=model, epoch=epoch, count=len(entries)
    )
    place = (home, epoch, "segment", by_model(row.id, model), 0)
    row.sealed = access.keyring.seal(*place, pack(entries))
    return row


def _copy(admin: psycopg.Connection[Any], rows: Iterable[models.Model]) -> None:
    for row in (several := list(rows))[:1]:
        fields = [f for f in row._meta.concrete_fields if f.attname != "pk"]
        names = sql.SQL(", ").join(sql.Identifier(field.column) for field in fields)
        table = sql.Identifier(row._meta.db_table)
        with admin.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names)) as copy:
            for each in several:
                copy.write_row([getattr(each, field.attname) for field in fields])

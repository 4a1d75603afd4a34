"""Links: which memory is which entry, and what both were when they last agreed."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from connectors.base.types import Entry
from sync.engine.convert import Marks
from sync.engine.pairing import Link, Pair
from sync.models import Link as Row
from vault.errors import Tampered
from vault.granting.connecting import ConnectionKey
from vault.ids import new_id
from vault.scope import vault_scope


@dataclass(frozen=True, slots=True)
class State:
    """A link as the engine works with it: what pairing compares, and what applying needs."""

    link: Link
    etag: str = ""
    collection_id: UUID | None = None
    revision: int = 0
    version: int = 0
    sent: float = 0.0
    """When the remote accepted it without showing it: seconds since 1970."""
    turns: tuple[float, ...] = ()

    @property
    def id(self) -> UUID:
        return self.link.id


class Links:
    """The links of one connection, opened by its key."""

    def __init__(self, key: ConnectionKey) -> None:
        self._key, self._marks = key, Marks(key)

    def every(self) -> list[State]:
        return self._opened(Q())

    def touched(self, memories: Collection[UUID], entries: Iterable[str]) -> list[State]:
        """Those of these memories or entries, and those sent whose entry was not seen yet."""
        marks = [self._marks.entry(one) for one in entries]
        of_these = Q(memory_id__in=list(memories)) | Q(remote_mark__in=marks)
        return self._opened(of_these | Q(remote_mark=None))

    def alone(self) -> list[State]:
        """Those of entries without a memory: ignored, or waiting as a suggestion."""
        return self._opened(Q(memory_id=None))

    def holder(self, remote_id: str) -> UUID | None:
        """The link of this entry."""
        with self._scope():
            rows = self._rows().filter(remote_mark=self._marks.entry(remote_id))
            return rows.values_list("id", flat=True).first()

    def holders(self, memories: Collection[UUID]) -> dict[UUID, UUID]:
        """By memory, the link with an entry that stands for it."""
        with self._scope():
            rows = self._rows().filter(memory_id__in=list(memories)).exclude(remote_mark=None)
            return {row.memory_id: row.id for row in rows if row.memory_id}

    def entries(self) -> int:
        """How many have an entry."""
        with self._scope():
            return self._rows().exclude(remote_mark=None).count()

    def new(self, *, key: str = "", by_us: bool = False) -> State:
        """A link that is not saved yet."""
        id = new_id()
        return State(Link(id, None, None, None, None, key or str(id), by_us))

    def save(self, states: Sequence[State]) -> None:
        """Write these as they are; one of the same memory or entry that was there is replaced."""
        if not states:
            return
        rows = [self._row(one) for one in states]
        with self._scope():
            same = Q(memory_id__in=[row.memory_id for row in rows if row.memory_id])
            same |= Q(remote_mark__in=[row.remote_mark for row in rows if row.remote_mark])
            self._rows().filter(same | Q(id__in=[row.id for row in rows])).delete()
            Row.objects.bulk_create(rows)

    def drop(self, ids: Collection[UUID]) -> None:
        with self._scope():
            self._rows().filter(id__in=list(ids)).delete()

    def _row(self, state: State) -> Row:
        link, version = state.link, state.version + 1
        fields: list[object] = [
            link.remote_id,
            state.etag,
            link.ours,
            link.theirs,
            link.key,
            link.words,
        ]
        fields += [
            state.sent,
            *_plain(link.memory_id, state.collection_id, state.revision, link.by_us),
        ]
        data = json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return Row(
            vault_id=self._key.vault_id,
            id=link.id,
            connection_id=self._key.id,
            memory_id=link.memory_id,
            collection_id=state.collection_id,
            remote_mark=self._marks.entry(link.remote_id) if link.remote_id else None,
            by_us=link.by_us,
            revision=state.revision,
            version=version,
            sealed=self._key.seal("link", link.id, version, data),
            turns=list(state.turns),
        )

    def _opened(self, wanted: Q) -> list[State]:
        with self._scope():
            rows = list(self._rows().filter(wanted).order_by("id"))
        return [self._state(row) for row in rows]

    def _state(self, row: Row) -> State:
        data = self._key.open("link", row.id, row.version, row.sealed)
        remote_id, etag, ours, theirs, key, words, sent, *plain = json.loads(
            data.decode("utf-8", "surrogatepass")
        )
        if plain != _plain(row.memory_id, row.collection_id, row.revision, row.by_us):
            raise Tampered(
                gettext("What is kept of this connection was altered. Nothing was done.")
            )
        base = (ours, theirs, key, row.by_us)
        link = Link(row.id, row.memory_id, remote_id, *base, words=words)
        turns = tuple(row.turns)
        return State(link, etag, row.collection_id, row.revision, row.version, sent, turns)

    def _rows(self) -> QuerySet[Row]:
        return Row.objects.filter(vault_id=self._key.vault_id, connection_id=self._key.id)

    def _scope(self) -> AbstractContextManager[None]:
        return vault_scope(self._key.vault_id)


def _plain(
    memory: UUID | None, collection: UUID | None, revision: int, by_us: bool
) -> list[object]:
    """The columns that decide what is sent and deleted, as they are sealed too."""
    return [str(memory or ""), str(collection or ""), revision, by_us]


def joined(state: State, **fields: object) -> State:
    """With these fields of its link changed."""
    return replace(state, link=replace(state.link, **fields))  # type: ignore[arg-type]


def as_listed(state: State, pair: Pair, entries: Mapping[str, Entry]) -> State:
    """With the name and etag that its entry has now: a remote may have moved it."""
    entry = entries.get(pair.theirs.remote_id) if pair.theirs else None
    if entry is None:
        return state
    return joined(replace(state, etag=entry.etag), remote_id=entry.remote_id)


__all__ = ["Links", "State", "as_listed", "joined"]

"""A memory's history: its earlier states, sealed, and the step from one state to the next."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.changes import next_seqs
from vault.embedding.carrying import carry
from vault.errors import Invalid, NotFound
from vault.filepaths import worded
from vault.integrity import manifests
from vault.integrity.bound import revision_id
from vault.keys.epochs import epochs
from vault.keys.keyring import Keyring
from vault.models import Memory as Row
from vault.models import Revision as RevisionRow
from vault.records import Content, kind_of, open_content, seal_content
from vault.text import clean
from vault.types import UNSET, Revision, Unset
from vault.writes import update_rows

LONGEST_TITLE = 300
UNDO_FOR = timedelta(days=30)
"""How long a forgotten memory can be restored; then it is shredded."""
_CHANGED = (
    *("kind", "revision", "epoch", "sealed", "digest", "seq", "updated_at"),
    *("valid_from", "valid_until", "pinned", "trusted", "held", "entry"),
)


@dataclass(frozen=True, slots=True)
class State:
    """What a revision keeps of a memory: all that a change of it may change."""

    content: Content
    kind: str
    valid_from: datetime | None
    valid_until: datetime | None

    def changed(
        self,
        *,
        text: str | None = None,
        title: str | None = None,
        kind: str | None = None,
        valid_from: datetime | Unset | None = UNSET,
        valid_until: datetime | Unset | None = UNSET,
    ) -> "State":
        """The same with what is given. Invalid when it cannot be so."""
        name = self.content.title if title is None else clean(title)[:LONGEST_TITLE]
        words = self.content.text if text is None else worded(text, name)
        content = replace(self.content, text=words, title=name)
        start = self.valid_from if isinstance(valid_from, Unset) else valid_from
        end = self.valid_until if isinstance(valid_until, Unset) else valid_until
        check_span(start, end)
        return State(content, kind or self.kind, start, end)


def check_span(start: datetime | None, end: datetime | None) -> None:
    """Invalid unless something that begins to be true does so before it ends to be."""
    if start is not None and end is not None and start >= end:
        raise Invalid(gettext("It has to begin to be true before it ends to be."), "valid_until")


def state_of(access: Access, row: Row) -> State:
    return State(open_content(access.keyring, row), row.kind, row.valid_from, row.valid_until)


def advance(access: Access, changes: Sequence[tuple[Row, State]]) -> list[Row]:
    """Give each row its new state and keep the one before; the rows that changed.

    Within a scope, with the rows locked. What else was set on a row is saved with it. Vectors go
    along where the indexed words stay.
    """
    now, changed, carried = timezone.now(), [], {}
    current = epochs(access, {row.collection_id for row, _ in changes})
    for row, after in changes:
        before = state_of(access, row)
        if before == after:
            continue
        if _indexed(before) == _indexed(after):
            carried[row.id] = row.revision
        changed.append((_earlier(access, row, before, current[row.collection_id]), row))
        row.revision, row.updated_at = row.revision + 1, now
        row.epoch, row.kind = current[row.collection_id], after.kind
        row.valid_from, row.valid_until = after.valid_from, after.valid_until
        seal_content(access.keyring, row, after.content)
    RevisionRow.objects.bulk_create([old for old, _ in changed])
    save(access, [row for row, _ in changes])
    carry(access, [row for _, row in changed if row.id in carried], carried)
    return [row for _, row in changed]


def save(access: Access, rows: Sequence[Row], *fields: str) -> None:
    """Save changed rows under new change numbers; without `fields`, all that a change may touch.

    Within a scope, with the rows locked.
    """
    for row, seq in zip(rows, next_seqs(access, len(rows)), strict=True):
        row.seq = seq
    manifests.settle(access, rows)
    update_rows(rows, *fields, "seq", "entry") if fields else update_rows(rows, *_CHANGED)


def earlier(access: Access, memory_id: UUID) -> list[Revision]:
    """The earlier states of a memory that the asker may see, the newest first.

    None for who is shown confirmed memories only: the owner's word is for what it says now.
    """
    if access.confirmed_only:
        return []
    mine = RevisionRow.objects.filter(vault_id=access.vault_id, memory_id=memory_id)
    return [_opened(access, old) for old in mine.order_by("-revision")]


def state_at(access: Access, row: Row, revision: int) -> State:
    """What a memory was at an earlier revision, or is now. NotFound when it never was at that."""
    if row.revision == revision:
        return state_of(access, row)
    mine = RevisionRow.objects.filter(vault_id=row.vault_id, memory_id=row.id, revision=revision)
    old = mine.first()
    if old is None:
        raise NotFound(gettext("There is no such earlier state."))
    content, start, end, _ = _read(access, old)
    return State(content, old.kind, start, end)


def unchanged_since(access: Access, row: Row, revision: int) -> bool:
    """Whether it says what it said at that revision, also when it said something else between."""
    return state_of(access, row) == state_at(access, row, revision)


def _indexed(state: State) -> tuple[str, str]:
    return state.content.text, state.content.speaker


def _earlier(access: Access, row: Row, before: State, epoch: int) -> RevisionRow:
    old = RevisionRow(
        vault_id=row.vault_id,
        memory_id=row.id,
        collection_id=row.collection_id,
        kind=before.kind,
        revision=row.revision,
        epoch=epoch,
        changed_at=timezone.now(),
        changed_by=access.asker.name,
    )
    grant = access.asker.id.hex if access.asker.kind == "token" else ""
    span = [when and when.isoformat() for when in (before.valid_from, before.valid_until)]
    fields = [*json.loads(before.content.to_bytes()), *span, grant]
    data = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
    seal_earlier(access.keyring, old, data)
    return old


def seal_earlier(keyring: Keyring, old: RevisionRow, data: bytes) -> None:
    """Set a revision's sealed words, for the memory and collection that it now has."""
    place = (old.collection_id, old.epoch, "revision", revision_id(old), old.revision)
    old.sealed = keyring.seal(*place, data)


def open_earlier(keyring: Keyring, old: RevisionRow) -> bytes:
    """Tampered when it is of another memory, or its plain columns are not what they were."""
    place = (old.collection_id, old.epoch, "revision", revision_id(old), old.revision)
    return keyring.open(*place, old.sealed)


def _opened(access: Access, old: RevisionRow) -> Revision:
    kept, start, end, grant = _read(access, old)
    return Revision(
        revision=old.revision,
        text=kept.text,
        kind=kind_of(old.kind),
        changed_at=old.changed_at,
        changed_by=old.changed_by,
        title=kept.title,
        valid_from=start,
        valid_until=end,
        grant_id=grant,
    )


def _read(
    access: Access, old: RevisionRow
) -> tuple[Content, datetime | None, datetime | None, UUID | None]:
    *content, start, end, grant = json.loads(open_earlier(access.keyring, old))
    start, end = (datetime.fromisoformat(when) if when else None for when in (start, end))
    return Content(*content), start, end, UUID(grant) if grant else None

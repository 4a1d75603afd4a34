"""One word on many pairs: what is suggested for each, or that both stay; taken back as a whole.

A batch is known by the moment that all of its pairs are settled at: nothing else is kept of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid, NotFound, Stale, Tampered
from vault.models import Pair as Row
from vault.reviewing import pairs, settling
from vault.reviewing.pairs import Kind
from vault.scope import vault_scope

Word = Literal["suggested", "both"]
_LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """How far it is. `after` is where to go on; None when there is nothing left to look at."""

    at: datetime
    done: int
    left: int
    after: UUID | None


def settle(
    access: Access,
    kind: Kind,
    word: Word,
    at: datetime,
    *,
    after: UUID | None = None,
    seconds: float = 0,
) -> Batch:
    """Say it of the pairs of this kind that were found before `at`, for so long; one at least.

    `at` is when the batch began. What another window decides meanwhile is passed over.
    """
    access.must_own()
    if at > timezone.now():
        raise Invalid(gettext("This has not begun yet. Look at the page again."))
    started = time.monotonic()
    for pair_id in _ids(access, kind, at, after):
        _say(access, pair_id, kind, word, at)
        after = pair_id
        if time.monotonic() - started >= seconds:
            break
    return _batch(access, at, _found(access, kind, at, after), after)


def reopen(access: Access, at: datetime, *, seconds: float = 0) -> Batch:
    """Take a batch back for so long: its pairs wait again. What cannot come back stays settled."""
    access.must_own()
    started = time.monotonic()
    for pair_id in _settled_ids(access, at):
        try:
            settling.reopen(access, pair_id)
        except NotFound:
            _apart(access, pair_id)
        if time.monotonic() - started >= seconds:
            break
    return _batch(access, at, _settled(access, at), None)


def _say(access: Access, pair_id: UUID, kind: Kind, word: Word, at: datetime) -> None:
    try:
        if word == "both":
            settling.dismiss(access, pair_id, at=at)
            return
        keep = pairs.get(access, pair_id).keep
        _SUGGESTED[kind](access, pair_id, keep, at)
    except (NotFound, Stale, Tampered):
        # Merged with a third one a moment ago, decided on in another window, or altered: it waits.
        return


def _keep(access: Access, pair_id: UUID, memory_id: UUID, at: datetime) -> None:
    settling.keep(access, pair_id, memory_id, at=at)


def _holds(access: Access, pair_id: UUID, memory_id: UUID, at: datetime) -> None:
    settling.holds(access, pair_id, memory_id, at=at)


_SUGGESTED: dict[Kind, Callable[[Access, UUID, UUID, datetime], None]] = {
    "duplicate": _keep,
    "disagreement": _holds,
}


def _batch(access: Access, at: datetime, left: QuerySet[Row], after: UUID | None) -> Batch:
    with vault_scope(access.vault_id):
        rest = left.count()
        return Batch(at, _settled(access, at).count(), rest, after if rest else None)


def _ids(access: Access, kind: Kind, at: datetime, after: UUID | None) -> list[UUID]:
    with vault_scope(access.vault_id):
        return list(_found(access, kind, at, after).values_list("id", flat=True)[:_LOOKED_UP])


def _settled_ids(access: Access, at: datetime) -> list[UUID]:
    with vault_scope(access.vault_id):
        found = _settled(access, at).order_by("-id")
        return list(found.values_list("id", flat=True)[:_LOOKED_UP])


def _found(access: Access, kind: Kind, at: datetime, after: UUID | None) -> QuerySet[Row]:
    rows = pairs.waiting(access, kind).filter(found_at__lte=at)
    return rows.filter(id__gt=after) if after else rows


def _settled(access: Access, at: datetime) -> QuerySet[Row]:
    rows = Row.objects.filter(vault_id=access.vault_id, settled_at=at)
    return rows.exclude(state=Row.State.OPEN)


def _apart(access: Access, pair_id: UUID) -> None:
    """One that cannot come back is no part of the batch any more."""
    with vault_scope(access.vault_id):
        mine = Row.objects.filter(vault_id=access.vault_id, id=pair_id)
        mine.update(settled_at=timezone.now())

"""What an act can do to a portion of memories, and how each of that is undone.

`do` answers the rows that it changed, each with what it was before, as JSON has it. `undo` gets the
same back, and leaves alone what was changed since.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.acting import keepers, merging
from vault.acting.moves import reseal_into
from vault.errors import Invalid
from vault.history import UNDO_FOR, State, advance, save, state_of
from vault.keys.epochs import epochs
from vault.models import Act
from vault.models import Memory as Row
from vault.types import KINDS

Before = list[tuple[Row, Any]]


@dataclass(frozen=True, slots=True)
class Verb:
    """`checked` is the param as it is kept; Invalid when it cannot be. `hold` locks what is to be
    locked before the rows."""

    do: Callable[[Access, Sequence[Row], Act], Before]
    undo: Callable[[Access, Before, Act], int]
    checked: Callable[[Access, str], str] = lambda _, param: ""
    hold: Callable[[Access, Sequence[UUID]], None] = lambda _, ids: None


def _forget(access: Access, rows: Sequence[Row], act: Act) -> Before:
    kept = [row for row in rows if row.forgotten_at is None]
    return _forgotten(access, kept, act.made_at)


def _unforget(access: Access, before: Before, act: Act) -> int:
    back = [row for row, _ in before if row.forgotten_at == act.made_at]
    return len(_forgotten(access, back, None))


def _restore(access: Access, rows: Sequence[Row], act: Act) -> Before:
    since = timezone.now() - UNDO_FOR
    gone = [row for row in rows if row.forgotten_at is not None and row.forgotten_at >= since]
    before = [(row, row.forgotten_at.isoformat()) for row in gone if row.forgotten_at]
    _forgotten(access, gone, None)
    merging.give_back(access, gone)
    return before


def _unrestore(access: Access, before: Before, act: Act) -> int:
    there = [(row, when) for row, when in before if row.forgotten_at is None]
    now = timezone.now()
    for row, when in there:
        was = datetime.fromisoformat(when)
        row.forgotten_at = was if was >= now - UNDO_FOR else now  # or it would be shredded at once
    save(access, [row for row, _ in there], "forgotten_at")
    return len(there)


def _forgotten(access: Access, rows: Sequence[Row], when: datetime | None) -> Before:
    for row in rows:
        row.forgotten_at = when
    save(access, rows, "forgotten_at")
    return [(row, None) for row in rows]


def _pinning(pinned: bool) -> Verb:
    def do(access: Access, rows: Sequence[Row], act: Act) -> Before:
        others = [row for row in rows if row.pinned != pinned]
        for row in others:
            row.pinned = pinned
        save(access, others, "pinned")
        return [(row, None) for row in others]

    def undo(access: Access, before: Before, act: Act) -> int:
        same = [row for row, _ in before if row.pinned == pinned]
        for row in same:
            row.pinned = not pinned
        save(access, same, "pinned")
        return len(same)

    return Verb(do, undo)


def _confirm(access: Access, rows: Sequence[Row], act: Act) -> Before:
    open_ones = [row for row in rows if row.held or not row.trusted]
    before: Before = [(row, [row.trusted, row.held]) for row in open_ones]
    for row in open_ones:
        row.trusted, row.held = True, ""
    save(access, open_ones, "trusted", "held")
    return before


def _unconfirm(access: Access, before: Before, act: Act) -> int:
    same = [(row, was) for row, was in before if row.trusted and not row.held]
    for row, was in same:
        row.trusted, row.held = was
    save(access, [row for row, _ in same], "trusted", "held")
    return len(same)


def _kind(access: Access, rows: Sequence[Row], act: Act) -> Before:
    others = [row for row in rows if row.kind != act.param]
    before: Before = [(row, row.kind) for row in others]
    _advance(access, others, lambda row, state: replace(state, kind=act.param))
    return before


def _unkind(access: Access, before: Before, act: Act) -> int:
    was = {row.id: kind for row, kind in before if row.kind == act.param}
    same = [row for row, _ in before if row.id in was]
    _advance(access, same, lambda row, state: replace(state, kind=was[row.id]))
    return len(same)


def _until(access: Access, rows: Sequence[Row], act: Act) -> Before:
    end = _moment(act.param)
    others = [
        row
        for row in rows
        if row.valid_until != end and not (end and row.valid_from and row.valid_from >= end)
    ]
    before: Before = [(row, [_said(row.valid_from), _said(row.valid_until)]) for row in others]
    _advance(access, others, lambda row, state: replace(state, valid_until=end))
    return before


def _ununtil(access: Access, before: Before, act: Act) -> int:
    """A memory whose span is another one by now keeps it, also where only its beginning is."""
    end = _moment(act.param)
    spans = {row.id: tuple(map(_moment, span)) for row, span in before}
    same = [
        row for row, _ in before if (row.valid_from, row.valid_until) == (spans[row.id][0], end)
    ]
    _advance(access, same, lambda row, state: replace(state, valid_until=spans[row.id][1]))
    return len(same)


def _move(access: Access, rows: Sequence[Row], act: Act) -> Before:
    target = UUID(act.param)
    others = [row for row in rows if row.collection_id != target]
    before: Before = [(row, row.collection_id.hex) for row in others]
    reseal_into(access, others, target)
    return before


def _unmove(access: Access, before: Before, act: Act) -> int:
    """What came from a collection that is deleted by now stays where it is."""
    homes: defaultdict[UUID, list[Row]] = defaultdict(list)
    for row, home in before:
        if row.collection_id == UUID(act.param) and UUID(home) in access.visible:
            homes[UUID(home)].append(row)
    epochs(access, homes)  # all of them before the first memory is saved
    for home, rows in homes.items():
        reseal_into(access, rows, home)
    return sum(map(len, homes.values()))


def _advance(access: Access, rows: Sequence[Row], after: Callable[[Row, State], State]) -> None:
    advance(access, [(row, after(row, state_of(access, row))) for row in rows])


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _said(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _a_collection(access: Access, param: str) -> str:
    try:
        target = UUID(param)
    except ValueError:
        raise Invalid(gettext("Choose a collection to move them to."), "collection") from None
    access.narrowed({target})
    return target.hex


def _a_kind(access: Access, param: str) -> str:
    if param not in KINDS:
        raise Invalid(f"The kind is one of {', '.join(KINDS)}.", "kind")
    return param


def _a_moment(access: Access, param: str) -> str:
    try:
        end = _moment(param)
    except ValueError:
        raise Invalid(gettext("Choose a day, or none."), "until") from None
    if end is not None and (end.tzinfo is None or not 1000 <= end.year <= 3000):
        raise Invalid(gettext("Choose a day between the years 1000 and 3000."), "until")
    return end.isoformat() if end else ""


VERBS = {
    "move": Verb(_move, _unmove, _a_collection),
    "forget": Verb(_forget, _unforget),
    "restore": Verb(_restore, _unrestore, hold=keepers.hold),
    "pin": _pinning(True),
    "unpin": _pinning(False),
    "confirm": Verb(_confirm, _unconfirm),
    "kind": Verb(_kind, _unkind, _a_kind),
    "until": Verb(_until, _ununtil, _a_moment),
}

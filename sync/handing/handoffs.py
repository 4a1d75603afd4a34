"""Hand-offs: what can be taken where, a look at it before, taking it, and whether it arrived."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from connectors.base.handoff import Handoff, Handout
from connectors.base.registry import handoffs
from sync.handing import slicing
from sync.handing.slicing import Wanted
from sync.models import Handoff as Row
from vault.access import Access
from vault.errors import Invalid, NotFound
from vault.ids import new_id
from vault.log import access_log
from vault.scope import vault_scope

REMIND_AFTER = timedelta(days=7)
NOT_OPENED = gettext_noop("It was altered and does not open: your check-up says more.")
TOO_MANY = gettext_noop("So many memories cannot go along at once: choose fewer.")
LONGEST_AGO = 100
"""So many of the newest are listed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What goes along: the parts, and how many memories and whole conversations are in them."""

    handout: Handout
    memories: int
    talks: int


@dataclass(frozen=True, slots=True)
class Taken:
    """One that was taken along. `due`: its owner wants to be asked now whether it arrived."""

    id: UUID
    target: str
    name: str
    wanted: Wanted
    count: int
    talks: int
    left_out: int
    steps: frozenset[int]
    remind_at: datetime | None
    arrived_at: datetime | None
    made_at: datetime
    due: bool


def target(slug: str) -> Handoff:
    """NotFound when nothing is handed off there."""
    found = handoffs().get(slug)
    if found is None:
        raise NotFound(gettext("Nothing can be handed off there."))
    return found


def look(access: Access, slug: str, wanted: Wanted) -> Look:
    """What would go along. Nothing is kept, nothing is logged: the owner looks at their own."""
    return _look(*_made(access, target(slug), wanted))


def take(access: Access, slug: str, wanted: Wanted) -> Taken:
    """Write down that it was taken. Invalid when there is nothing in it."""
    to = target(slug)
    made, single = _made(access, to, wanted)
    if not made.parts:
        raise Invalid(
            gettext("Nothing fits what you chose. Choose more, or another form."), "collections"
        )
    now = timezone.now()
    row = Row(
        vault_id=access.vault_id,
        id=new_id(),
        target=slug,
        wanted=wanted.to_json(),
        kept=digest(made.kept),
        count=len(single),
        talks=len(made.kept) - len(single),
        left_out=sum(made.left_out.values()),
        remind_at=now + REMIND_AFTER,
        made_at=now,
    )
    with vault_scope(access.vault_id):
        row.save(force_insert=True)
        access_log.record(access, "handed off", [UUID(one) for one in single], purpose=to.name)
    return _view(row)


def again(access: Access, taken_id: UUID) -> tuple[Taken, Look, bool]:
    """One that was taken, made anew; and whether the same goes along as then."""
    row = _row(access, taken_id)
    wanted = Wanted.from_json(row.wanted)
    # One that was deleted meanwhile has nothing to hand off any more.
    there = replace(wanted, collections=wanted.collections & access.visible)
    made, single = _made(access, target(row.target), there)
    return _view(row), _look(made, single), digest(made.kept) == bytes(row.kept)


def listing(access: Access) -> list[Taken]:
    """The newest first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id).order_by("-made_at")
        return [_view(row) for row in rows[:LONGEST_AGO]]


def due(access: Access) -> list[Taken]:
    """Those to be asked about now."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, remind_at__lte=timezone.now())
        return [_view(row) for row in rows.order_by("remind_at")[:LONGEST_AGO]]


def tick(access: Access, taken_id: UUID, steps: Collection[int]) -> None:
    """Which of its steps are done."""
    row = _row(access, taken_id)
    known = range(len(target(row.target).steps))
    _save(access, row, steps=sorted(step for step in set(steps) if step in known))


def arrived(access: Access, taken_id: UUID) -> None:
    """It is where it should be: nobody is asked about it any more."""
    _save(access, _row(access, taken_id), arrived_at=timezone.now(), remind_at=None)


def remind(access: Access, taken_id: UUID, after: timedelta | None) -> None:
    """Ask so long from now; None: never."""
    _save(access, _row(access, taken_id), remind_at=timezone.now() + after if after else None)


def forget(access: Access, taken_id: UUID) -> None:
    """Take it off the list. The access log keeps its line."""
    row = _row(access, taken_id)
    with vault_scope(access.vault_id):
        Row.objects.filter(vault_id=access.vault_id, id=row.id).delete()


def digest(ids: Sequence[str]) -> bytes:
    """Of the ids alone, in whatever order: it tells whether the same went along."""
    return sha256("\n".join(sorted(ids)).encode()).digest()


def _made(access: Access, to: Handoff, wanted: Wanted) -> tuple[Handout, list[str]]:
    """What is handed off, and those of the ids in it that are memories."""
    answers = {choice.name: choice.answer(wanted.options) for choice in to.choices}
    cut = slicing.cut(access, replace(wanted, options=answers), to.takes)
    made = to.make(cut.slice)
    missing = {NOT_OPENED: cut.unreadable, TOO_MANY: cut.too_many}
    left_out = {**made.left_out, **{why: n for why, n in missing.items() if n}}
    single = {one.id for one in cut.slice.held}
    return replace(made, left_out=left_out), [one for one in made.kept if one in single]


def _look(made: Handout, single: Sequence[str]) -> Look:
    return Look(made, len(single), len(made.kept) - len(single))


def _row(access: Access, taken_id: UUID) -> Row:
    access.must_own()
    with vault_scope(access.vault_id):
        row = Row.objects.filter(vault_id=access.vault_id, id=taken_id).first()
    if row is None:
        raise NotFound(gettext("There is no such hand-off."))
    return row


def _save(access: Access, row: Row, **fields: object) -> None:
    with vault_scope(access.vault_id):
        Row.objects.filter(vault_id=access.vault_id, id=row.id).update(**fields)


def _view(row: Row) -> Taken:
    known = handoffs().get(row.target)
    return Taken(
        id=row.id,
        target=row.target,
        name=known.name if known else row.target,
        wanted=Wanted.from_json(row.wanted),
        count=row.count,
        talks=row.talks,
        left_out=row.left_out,
        steps=frozenset(row.steps),
        remind_at=row.remind_at,
        arrived_at=row.arrived_at,
        made_at=row.made_at,
        due=row.remind_at is not None and row.remind_at <= timezone.now(),
    )

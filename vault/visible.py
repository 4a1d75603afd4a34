"""Which memories an asker may see: decided here, for whoever lists, opens, counts or finds them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Aggregate, BinaryField, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import NotFound, Stale
from vault.models import Memory, Source


@dataclass(frozen=True, slots=True)
class Selection:
    """Which memories are meant. None means any; an empty collection fits nothing.

    Either the forgotten or the kept ones. `words`: only what holds all of these words. `past`: what
    is no longer true. `after` (inclusive) and `before` (exclusive) are about when it happened, or
    else came here.
    """

    ids: Collection[UUID] | None = None
    kinds: Collection[str] | None = None
    collections: Collection[UUID] | None = None
    vendors: Collection[str] | None = None
    import_id: UUID | None = None
    held: bool | None = None
    past: bool | None = None
    forgotten: bool = False
    words: str = ""
    after: datetime | None = None
    before: datetime | None = None


def visible_rows(access: Access) -> QuerySet[Memory]:
    """Every row whose words this asker may read, within a scope.

    Of the owner's some are forgotten or held: callers tell them apart. Nobody else sees those, and
    who is shown confirmed memories only sees no others. Who is not shown what comes later sees of
    that only what it wrote itself.
    """
    rows = Memory.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)
    rows = rows.exclude(sealed=b"")
    if access.is_owner:
        return rows
    rows = rows.filter(forgotten_at=None, held="")
    rows = rows.filter(trusted=True) if access.confirmed_only else rows
    return rows.filter(~_late(access) | _own(access)) if access.upto else rows


def late_ones(access: Access, collection: UUID) -> frozenset[UUID]:
    """What came into this collection after what the asker is shown of it, and is seen all the same:
    the asker wrote it. Within a scope."""
    late = visible_rows(access).filter(_late(access), collection_id=collection)
    return frozenset(late.values_list("id", flat=True))


def _late(access: Access) -> Q:
    late = [Q(collection_id=one, arrived__gt=seq) for one, seq in access.upto.items()]
    return reduce(or_, late)


def _own(access: Access) -> Q:
    """What this grant wrote as new. That it added to a memory that was there, or came to one when
    its own were merged into that, does not count."""
    mine = Source.objects.filter(vault_id=access.vault_id, grant_id=access.grant_id)
    return Q(Exists(mine.filter(memory_id=OuterRef("id"), seen_at=OuterRef("created_at"))))


def visible_row(
    access: Access, memory_id: UUID, *, lock: bool = False, if_revision: int | None = None
) -> Memory:
    """One of them, perhaps locked. NotFound when there is none, Stale at another revision."""
    rows = visible_rows(access).filter(id=memory_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise NotFound(gettext("There is no such memory."))
    if if_revision is not None and row.revision != if_revision:
        raise Stale(
            gettext("This memory changed meanwhile. Read it again, then repeat the change.")
        )
    return row


def selected_rows(access: Access, wanted: Selection) -> QuerySet[Memory]:
    """The visible rows that fit, words aside: those are looked for by `recall`.

    Forgotten ones are selected by the owner only. NotFound for a collection out of sight.
    """
    if wanted.forgotten:
        access.must_own()
    rows = visible_rows(access).filter(forgotten_at__isnull=not wanted.forgotten)
    if wanted.ids is not None:
        rows = rows.filter(id__in=list(wanted.ids))
    if wanted.collections is not None:
        rows = rows.filter(collection_id__in=access.narrowed(set(wanted.collections)))
    if wanted.kinds is not None:
        rows = rows.filter(kind__in=list(wanted.kinds))
    if wanted.vendors is not None:
        rows = rows.filter(_has_source(access, vendor__in=list(wanted.vendors)))
    if wanted.import_id is not None:
        rows = rows.filter(_has_source(access, import_id=wanted.import_id))
    return _in_state(_between(rows, wanted), wanted)


def packed_ids(rows: QuerySet[Memory]) -> bytes:
    """The ids of these rows, 16 bytes each: far faster than a list where they are many."""
    return bytes(rows.aggregate(ids=_Packed("id"))["ids"] or b"")


class _Packed(Aggregate):
    template = "string_agg(uuid_send(%(expressions)s), ''::bytea)"
    output_field = BinaryField()


def _between(rows: QuerySet[Memory], wanted: Selection) -> QuerySet[Memory]:
    if wanted.after is not None:
        rows = rows.filter(sorted_at__gte=wanted.after)
    if wanted.before is not None:
        rows = rows.filter(sorted_at__lt=wanted.before)
    return rows


def _in_state(rows: QuerySet[Memory], wanted: Selection) -> QuerySet[Memory]:
    if wanted.held is not None:
        rows = rows.exclude(held="") if wanted.held else rows.filter(held="")
    if wanted.past is not None:
        over = {"valid_until__lte": timezone.now()}
        rows = rows.filter(**over) if wanted.past else rows.exclude(**over)
    return rows


def _has_source(access: Access, **fits: object) -> Exists:
    mine = Source.objects.filter(vault_id=access.vault_id, memory_id=OuterRef("id"))
    return Exists(mine.filter(**fits))

"""The owner's saved views: a search with its filters under a name, sealed like what it finds.

Each is sealed under the key of the oldest collection; that says nothing of where it looks. It moves
to another when that one is deleted, and is sealed anew when its key changes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid, NotFound, Tampered
from vault.ids import new_id
from vault.keys.epochs import epochs
from vault.models import SavedView as Row
from vault.scope import vault_scope
from vault.text import clean

MOST = 60
"""Views of one owner."""
LONGEST_NAME = 60
_LONGEST_PART = 4_000
MOST_PARTS = 20
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query` is the search as its page's address says it. One that does not open any more has no
    name and `broken` set: it can only be removed."""

    id: UUID
    name: str
    query: Mapping[str, str]
    broken: bool = False


def listing(access: Access) -> list[SavedView]:
    """By name, as people sort."""
    access.must_own()
    with vault_scope(access.vault_id):
        found = [_opened(access, row) for row in _kept(access)]
    return sorted(found, key=lambda view: (view.name.casefold(), view.id))


def get(access: Access, view_id: UUID) -> SavedView:
    access.must_own()
    with vault_scope(access.vault_id):
        return _opened(access, _row(access, view_id))


def save(access: Access, name: str, query: Mapping[str, str]) -> SavedView:
    """A new one. Invalid without a name, with one that is there, or when there are too many."""
    access.must_own()
    with vault_scope(access.vault_id):
        _shred(access)
        _room(access)
        home = min(access.visible)
        row = Row(vault_id=access.vault_id, id=new_id(), created_at=timezone.now())
        row.collection_id, row.epoch = home, epochs(access, [home])[home]
        seal(access, row, _named(access, name), _checked(query))
        row.save(force_insert=True)
        return _opened(access, row)


def rename(access: Access, view_id: UUID, name: str) -> SavedView:
    access.must_own()
    with vault_scope(access.vault_id):
        row = _row(access, view_id)
        now = _opened(access, row)
        if now.broken:
            raise Invalid(
                gettext("It cannot be opened any more. Delete it, and save it again."), "name"
            )
        seal(access, row, _named(access, name, but=view_id), now.query)
        row.save(update_fields=["sealed"])
        return _opened(access, row)


def remove(access: Access, view_id: UUID) -> None:
    """It can be put back for a day."""
    access.must_own()
    with vault_scope(access.vault_id):
        _shred(access)
        row = _row(access, view_id)
        row.removed_at = timezone.now()
        row.save(update_fields=["removed_at"])


def put_back(access: Access, view_id: UUID) -> SavedView:
    """NotFound when it was removed too long ago, Invalid when there are too many by now."""
    access.must_own()
    with vault_scope(access.vault_id):
        since = timezone.now() - _KEPT
        row = _rows(access).filter(id=view_id, removed_at__gte=since).first()
        if row is None:
            raise NotFound(gettext("There is no such view any more."))
        _room(access)
        row.removed_at = None
        row.save(update_fields=["removed_at"])
        return _opened(access, row)


def seal(access: Access, row: Row, name: str, query: Mapping[str, str]) -> None:
    """Into the row, under the key of its collection and epoch; not saved."""
    data = json.dumps({"name": name, "query": dict(query)}, ensure_ascii=False).encode()
    place = (row.collection_id, row.epoch, "view", row.id, 0)
    row.sealed = access.keyring.seal(*place, data)


def opened(access: Access, row: Row) -> tuple[str, dict[str, str]]:
    """(name, query). Tampered when it is not what was sealed there."""
    place = (row.collection_id, row.epoch, "view", row.id, 0)
    said = json.loads(access.keyring.open(*place, row.sealed))
    return said["name"], said["query"]


def seal_again(access: Access, row: Row, collection: UUID, epoch: int) -> None:
    """Under another key; not saved. One that does not open stays broken."""
    place = (row.collection_id, row.epoch, "view", row.id, 0)
    try:
        data = access.keyring.open(*place, row.sealed)
    except Tampered:
        row.sealed = b""
    else:
        row.sealed = access.keyring.seal(collection, epoch, "view", row.id, 0, data)
    row.collection_id, row.epoch = collection, epoch


def hand_over(access: Access, collection: UUID) -> None:
    """This collection is about to be deleted: those sealed under its key move to another. Within a
    scope; there is another one."""
    heir = min(access.visible - {collection})
    epoch = epochs(access, [heir])[heir]
    rows = list(_rows(access).filter(collection_id=collection).select_for_update())
    for row in rows:
        seal_again(access, row, heir, epoch)
    Row.objects.bulk_update(rows, ["collection_id", "epoch", "sealed"])


def _rows(access: Access) -> QuerySet[Row]:
    return Row.objects.filter(vault_id=access.vault_id, collection_id__in=access.visible)


def _kept(access: Access) -> QuerySet[Row]:
    return _rows(access).filter(removed_at=None)


def _row(access: Access, view_id: UUID) -> Row:
    row = _kept(access).filter(id=view_id).select_for_update().first()
    if row is None:
        raise NotFound(gettext("There is no such view."))
    return row


def _shred(access: Access) -> None:
    _rows(access).filter(removed_at__lt=timezone.now() - _KEPT).delete()


def _room(access: Access) -> None:
    if _kept(access).count() >= MOST:
        words = gettext("There can be %(most)s saved views. Delete one that you need no more.")
        raise Invalid(words % {"most": MOST})


def _named(access: Access, name: str, but: UUID | None = None) -> str:
    name = " ".join(clean(name).split())
    if not name:
        raise Invalid(gettext("Give it a name."), "name")
    if len(name) > LONGEST_NAME:
        words = gettext("A name has at most %(most)s characters.")
        raise Invalid(words % {"most": LONGEST_NAME}, "name")
    others = {_opened(access, row).name.casefold() for row in _kept(access) if row.id != but}
    if name.casefold() in others:
        raise Invalid(gettext("A view of this name is there already. Choose another name."), "name")
    return name


def _checked(query: Mapping[str, str]) -> dict[str, str]:
    parts = {name: value for name, value in query.items() if value}
    if not parts:
        raise Invalid(gettext("Search for something, or choose a filter, before you save it."))
    if len(parts) > MOST_PARTS or any(len(value) > _LONGEST_PART for value in parts.values()):
        raise Invalid(gettext("This search is too long to be saved."))
    return parts


def _opened(access: Access, row: Row) -> SavedView:
    try:
        return SavedView(row.id, *opened(access, row))
    except Tampered:
        return SavedView(row.id, "", {}, broken=True)

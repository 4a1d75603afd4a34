"""Collections: named groups of memories, each with a key of its own."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Count, F
from django.utils.translation import gettext

from vault.access import Access, reseal_session
from vault.embedding import switching
from vault.errors import Invalid, NotFound, Tampered
from vault.ids import new_id
from vault.integrity import heads, manifests, traits, vaultmanifest
from vault.keys.epochs import new_epoch
from vault.keys.keyring import Key, Keyring
from vault.keys.vaultkey import OwnerKey
from vault.models import Collection as Row
from vault.models import Vault
from vault.scope import vault_scope
from vault.text import clean
from vault.types import Collection, Right
from vault.visible import visible_rows

FIRST = (
    ("Personal", False),
    ("Work", False),
    ("Family", False),
    ("Travel", False),
    ("Health", True),
    ("Money", True),
)
"""What a new vault starts with, and whether it is private: left out of grants unless ticked."""

LONGEST_NAME = 80


def make_first_collections(vault_id: UUID, vault_key: Key) -> None:
    for position, (name, private) in enumerate(FIRST):
        _make(vault_id, vault_key, name, private, position)
    vaultmanifest.settle(vault_id, vault_key)


def listing(access: Access) -> list[Collection]:
    """Those the asker has any right in, in the owner's order."""
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=access.rights.keys())
        rows = rows.order_by("position", "created_at")
        held = traits.holdings(access)
        counts = _counts(access, held)
        return [_view(access, row, counts, altered=held.get(row.id, 0) is None) for row in rows]


def names(access: Access) -> dict[UUID, str]:
    """What those of `listing` are called, in the same order: nothing is counted or looked into."""
    with vault_scope(access.vault_id):
        rows = Row.objects.filter(vault_id=access.vault_id, id__in=access.rights.keys())
        return {row.id: _name(access, row) for row in rows.order_by("position", "created_at")}


def get(access: Access, collection_id: UUID) -> Collection:
    """NotFound unless the asker has any right in it."""
    for collection in listing(access):
        if collection.id == collection_id:
            return collection
    raise NotFound(gettext("There is no such collection."))


def create(access: Access, owner: OwnerKey, *, name: str, private: bool = False) -> Collection:
    """A new, empty collection; this session sees it at once, others after unlocking again."""
    access.must_own()
    with vault_scope(access.vault_id):
        position = Row.objects.filter(vault_id=access.vault_id).count()
        row, root = _make(owner.vault_id, owner.key, _checked_name(name), private, position)
        vaultmanifest.settle(owner.vault_id, owner.key)
        access.keyring.add(row.id, row.epoch, root)
        switching.adopt(access, row.id)
        Vault.objects.filter(id=access.vault_id).update(key_version=F("key_version") + 1)
        reseal_session(access)
    return Collection(row.id, _checked_name(name), private, 0, Right(see=True, add="yes"))


def rename(
    access: Access, collection_id: UUID, *, name: str, private: bool | None = None
) -> Collection:
    access.must_own()
    with vault_scope(access.vault_id):
        heads.hold(access.vault_id)
        mine = Row.objects.filter(vault_id=access.vault_id, id=collection_id)
        row = mine.select_for_update().first()  # or a rotation may seal the name meanwhile
        if row is None or not access.may_see(collection_id):
            raise NotFound(gettext("There is no such collection."))
        words = _checked_name(name).encode()
        row.sealed_name = access.keyring.seal(row.id, row.epoch, "name", row.id, row.epoch, words)
        row.private = row.private if private is None else private
        with manifests.altering(access, collection_id):
            row.save(update_fields=["sealed_name", "private"])
        return _view(access, row, _counts(access, traits.holdings(access)))


def _make(
    vault_id: UUID, vault_key: Key, name: str, private: bool, position: int
) -> tuple[Row, Key]:
    collection_id, keyring = new_id(), Keyring(vault_id, {})
    key = new_epoch(vault_key, keyring, collection_id, 1)
    key.save(force_insert=True)
    names = keyring.learn_names(collection_id, 1, key.names_key)
    row = Row.objects.create(
        vault_id=vault_id,
        id=collection_id,
        sealed_name=keyring.seal(collection_id, 1, "name", collection_id, 1, name.encode()),
        private=private,
        position=position,
    )
    manifests.new(names, vault_id, collection_id)
    return row, keyring.root(collection_id, 1)


def _counts(access: Access, held: Mapping[UUID, int | None]) -> dict[UUID, int]:
    """Of what is kept. To its owner a manifest says so at once; to count takes long in a full
    vault."""
    if access.is_owner and None not in held.values():
        return {id: count for id, count in held.items() if count is not None}
    kept = visible_rows(access).filter(forgotten_at=None)
    found = kept.values("collection_id").annotate(count=Count("id"))
    return {row["collection_id"]: row["count"] for row in found.order_by()}


def _view(
    access: Access, row: Row, counts: dict[UUID, int], *, altered: bool = False
) -> Collection:
    """An `altered` one is shown as such, and as private: then nothing of it is given by mistake."""
    right, name = access.rights[row.id], _name(access, row)
    if not right.see:
        return Collection(row.id, name, row.private, None, right)
    private, count = row.private or altered, counts.get(row.id, 0)
    return Collection(row.id, name, private, count, right, altered)


def _name(access: Access, row: Row) -> str:
    if not access.rights[row.id].see:
        return access.letterboxes[row.id].name
    place = (row.id, row.epoch, "name", row.id, row.epoch)
    try:
        return access.keyring.open(*place, bytes(row.sealed_name)).decode()
    except Tampered:
        return "(unreadable name)"  # it can be renamed; the memories stand for themselves


def _checked_name(name: str) -> str:
    words = " ".join(clean(name).split())
    if not words:
        raise Invalid(gettext("Give the collection a name."), "name")
    if len(words) > LONGEST_NAME:
        raise Invalid(
            gettext("A name has at most %(most)s characters.") % {"most": LONGEST_NAME}, "name"
        )
    return words

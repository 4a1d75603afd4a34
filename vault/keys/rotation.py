"""Rotation: a collection's new key, and what was sealed under the old one sealed anew, bit by bit.

`rotate` is at once: from then on everything is written under the new key, which only the owner and
the grants of that moment hold. `reseal_next` follows, in portions, by whoever holds both keys;
`finish` destroys the old key once nothing needs it any more.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext

from vault import records, savedviews
from vault.access import Access, reseal_session
from vault.embedding import turning
from vault.errors import NotFound, Tampered
from vault.granting import grantkeys
from vault.history import open_earlier, seal_earlier
from vault.ids import by_model
from vault.integrity import derived, heads, manifests, vaultmanifest
from vault.keys.epochs import names_key, new_epoch
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.models import (
    Collection,
    CollectionKey,
    Grant,
    GrantKey,
    GrantRight,
    Memory,
    Revision,
    SavedView,
    Segment,
    Shelf,
    SortingRule,
    Source,
    Suggestion,
    TurnedVector,
    Vault,
    Vector,
)
from vault.records import open_content, seal_content
from vault.reviewing import letters
from vault.scope import vault_scope

_ON_COLLECTION = (
    ("sealed_name", "name"),
    ("sealed_embedder", "embedder"),
    ("sealed_next_embedder", "embedder"),
)


def rotate(access: Access, owner: OwnerKey, collection_id: UUID) -> int:
    """Give the collection a new key; its new epoch. Every other session must unlock again."""
    access.must_own()
    with vault_scope(access.vault_id):
        heads.hold(access.vault_id)
        row = Collection.objects.filter(vault_id=access.vault_id, id=collection_id)
        collection = row.select_for_update().first()
        if collection is None or not access.may_see(collection_id):
            raise NotFound(gettext("There is no such collection."))
        names_key(access, collection_id)
        access.keyring.root(collection_id, collection.epoch)  # KeyChanged: another tab was faster
        new_epoch(owner.key, access.keyring, collection_id, collection.epoch + 1).save()
        _reseal_collection(access, collection)
        for grant, right in _grants_of(access, collection_id):
            _renew_grant(access, owner, collection, grant, right)
        vaultmanifest.settle(owner.vault_id, owner.key)
        Vault.objects.filter(id=access.vault_id).update(key_version=F("key_version") + 1)
        reseal_session(access)
        access_log.record(access, "rotated")
    return collection.epoch


def waiting(access: Access) -> dict[UUID, tuple[int, int]]:
    """The collections with older keys, each with (rows sealed anew, rows in all)."""
    found = {}
    with vault_scope(access.vault_id):
        for collection, epoch in with_old_keys(access):
            total = sum(rows.count() for rows in _all(access, collection))
            left = sum(rows.filter(epoch__lt=epoch).count() for rows in _all(access, collection))
            found[collection] = (total - left, total)
    return found


def reseal_next(access: Access, collection_id: UUID, limit: int = 500) -> int:
    """Seal some rows of older epochs under the newest key. How many; 0 when none is left.

    KeyChanged when the asker does not hold the newest key.
    """
    with vault_scope(access.vault_id):
        heads.hold(access.vault_id)  # or what its owner gives up meanwhile would be written back
        mine = Collection.objects.filter(vault_id=access.vault_id, id=collection_id)
        newest = mine.values_list("epoch", flat=True).get()
        access.keyring.root(collection_id, newest)
        for reseal, rows in _resealers(access, collection_id):
            old = rows.filter(epoch__lt=newest).order_by("id")
            portion = list(old.select_for_update(skip_locked=True, of=("self",))[:limit])
            if portion:
                reseal(access, collection_id, newest, portion)
                return len(portion)
    return 0


def finish(access: Access, collection_id: UUID, unfinished: Callable[[int], bool]) -> bool:
    """Destroy the older keys if nothing is sealed under them any more. Whether they are gone.

    `unfinished` says whether rows that are not the vault's still need one older than an epoch.
    """
    with vault_scope(access.vault_id), transaction.atomic():
        mine = Collection.objects.filter(vault_id=access.vault_id, id=collection_id)
        newest = mine.values_list("epoch", flat=True).get()
        place = {"vault_id": access.vault_id, "collection_id": collection_id}
        # Whoever is writing under an old key holds its row: this waits, and then looks.
        CollectionKey.objects.filter(**place, epoch__lt=newest).delete()
        left = any(rows.filter(epoch__lt=newest).exists() for rows in _all(access, collection_id))
        if left or unfinished(newest):
            transaction.set_rollback(True)
            return False
        GrantKey.objects.filter(**place, epoch__lt=newest).delete()
    return True


def _grants_of(access: Access, collection_id: UUID) -> list[tuple[Grant, GrantRight]]:
    rights = GrantRight.objects.filter(vault_id=access.vault_id, collection_id=collection_id)
    named = list(rights.values_list("grant_id", flat=True))
    live = Grant.objects.filter(vault_id=access.vault_id, id__in=named, revoked_at=None)
    locked = {grant.id: grant for grant in live.order_by("id").select_for_update()}
    # Read again behind the locks: one of them may have been narrowed a moment ago.
    return [(locked[right.grant_id], right) for right in rights.filter(grant_id__in=locked)]


def _renew_grant(
    access: Access, owner: OwnerKey, collection: Collection, grant: Grant, right: GrantRight
) -> None:
    try:
        key = grantkeys.key_of(owner, grant)
        grantkeys.renew_terms(access, grant, key, collection)
    except Tampered:
        raise Tampered(
            gettext(
                "The grant “%(name)s” was altered in the database, so it cannot be given the new"
                " key. Revoke it under Grants, then change the key again."
            )
            % {"name": grant.name}
        ) from None
    if right.see and grantkeys.has_key(grant, key, collection.id, collection.epoch - 1):
        grantkeys.hand_over(access, grant, key, collection.id, collection.epoch)


def _reseal_collection(access: Access, row: Collection) -> None:
    ring, old, new = access.keyring, row.epoch, row.epoch + 1
    for column, field in _ON_COLLECTION:
        sealed = bytes(getattr(row, column))
        if sealed:
            data = ring.open(row.id, old, field, row.id, old, sealed)
            setattr(row, column, ring.seal(row.id, new, field, row.id, new, data))
    row.epoch = new
    with manifests.altering(access, row.id):
        row.save(update_fields=["epoch", *(column for column, _ in _ON_COLLECTION)])


def with_old_keys(access: Access) -> list[tuple[UUID, int]]:
    """Collections that still have older keys, each with its newest epoch. Within a scope."""
    now = dict(
        Collection.objects.filter(vault_id=access.vault_id, id__in=access.visible).values_list(
            "id", "epoch"
        )
    )
    keys = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id__in=now)
    held = keys.order_by("collection_id", "epoch").values_list("collection_id", "epoch")
    return sorted({(collection, now[collection]) for collection, e in held if e < now[collection]})


_Resealer = Callable[[Access, UUID, int, list], None]  # type: ignore[type-arg]


def _resealers(access: Access, collection: UUID) -> list[tuple[_Resealer, QuerySet]]:  # type: ignore[type-arg]
    place = {"vault_id": access.vault_id, "collection_id": collection}
    memories = Memory.objects.filter(**place)
    sources = Source.objects.filter(vault_id=access.vault_id, memory_id__in=memories.values("id"))
    return [
        (_memories, memories),
        (_revisions, Revision.objects.filter(**place)),
        (_sources, sources),
        (_vectors, Vector.objects.filter(**place)),
        (_segments, Segment.objects.filter(**place)),
        (turning.turn_again, TurnedVector.objects.filter(**place)),
        (_shelves, Shelf.objects.filter(**place)),
        (_rules, SortingRule.objects.filter(**place)),
        (_views, SavedView.objects.filter(**place)),
        (_letters, Suggestion.objects.filter(**place)),
    ]


def _all(access: Access, collection: UUID) -> list[QuerySet[Model]]:
    return [rows for _, rows in _resealers(access, collection)]


def _memories(access: Access, collection: UUID, epoch: int, rows: list[Memory]) -> None:
    for row in rows:
        if row.sealed:
            content = open_content(access.keyring, row)
            row.epoch = epoch
            seal_content(access.keyring, row, content)
        row.epoch = epoch
    manifests.settle(access, rows)
    Memory.objects.bulk_update(rows, ["epoch", "sealed", "digest", "entry"])


def _revisions(access: Access, collection: UUID, epoch: int, rows: list[Revision]) -> None:
    for row in rows:
        data = open_earlier(access.keyring, row)
        row.epoch = epoch
        seal_earlier(access.keyring, row, data)
    Revision.objects.bulk_update(rows, ["epoch", "sealed"])


def _sources(access: Access, collection: UUID, epoch: int, rows: list[Source]) -> None:
    for row in rows:
        details = records.open_source(access.keyring, collection, row) if row.sealed else None
        row.epoch = epoch
        if details is not None:
            records.seal_source(access.keyring, collection, row, details)
    Source.objects.bulk_update(rows, ["epoch", "sealed"])


def _vectors(access: Access, collection: UUID, epoch: int, rows: list[Vector]) -> None:
    ring, bad = access.keyring, [row for row in rows if not derived.opens(access.keyring, row)]
    derived.drop(access, collection, bad)
    rows = [row for row in rows if row not in bad]
    for row in rows:
        for field in ("passages", "tokens"):
            sealed = getattr(row, field)
            if sealed is not None:
                place = (field, by_model(row.memory_id, row.model), row.revision)
                data = ring.open(collection, row.epoch, *place, sealed)
                setattr(row, field, ring.seal(collection, epoch, *place, data))
        row.epoch = epoch
    Vector.objects.bulk_update(rows, ["epoch", "passages", "tokens"])


def _segments(access: Access, collection: UUID, epoch: int, rows: list[Segment]) -> None:
    ring = access.keyring
    for row in rows[:8]:  # one is as large as a thousand rows of the others
        if not derived.opens(ring, row):
            derived.drop(access, collection, [row])
            continue
        place = ("segment", by_model(row.id, row.model), 0)
        data = ring.open(collection, row.epoch, *place, row.sealed)
        row.sealed, row.epoch = ring.seal(collection, epoch, *place, data), epoch
        row.save(update_fields=["epoch", "sealed"])


def _shelves(access: Access, collection: UUID, epoch: int, rows: list[Shelf]) -> None:
    """They are only copies: the next import or connection keeps a new one."""
    mine = Shelf.objects.filter(vault_id=access.vault_id, collection_id=collection)
    mine.filter(epoch__lt=epoch).delete()


def _rules(access: Access, collection: UUID, epoch: int, rows: list[SortingRule]) -> None:
    ring = access.keyring
    for row in rows:
        place = ("rule", row.id, 0)
        data = ring.open(collection, row.epoch, *place, row.sealed)
        row.sealed, row.epoch = ring.seal(collection, epoch, *place, data), epoch
    SortingRule.objects.bulk_update(rows, ["epoch", "sealed"])


def _views(access: Access, collection: UUID, epoch: int, rows: list[SavedView]) -> None:
    for row in rows:
        savedviews.seal_again(access, row, collection, epoch)
    SavedView.objects.bulk_update(rows, ["epoch", "sealed"])


def _letters(access: Access, collection: UUID, epoch: int, rows: list[Suggestion]) -> None:
    keys = CollectionKey.objects.filter(vault_id=access.vault_id, collection_id=collection)
    private = keys.values_list("private_key", flat=True).get(epoch=epoch)
    public = access.keyring.public_half(collection, epoch, private)
    for row in rows:
        try:
            letters.post_again(access, row, epoch, public)
        except Tampered:
            row.epoch = epoch  # it opens under no key: it stays to be declined
    Suggestion.objects.bulk_update(rows, ["epoch", "letter"])

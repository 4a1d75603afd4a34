"""Deleting a collection: when nothing live is in it, and with everything that hangs on it.

What was forgotten in it, and could still be restored, is destroyed with it. Of every memory the
empty row stays, as after any forgetting: mirrors learn from it that the memory is gone.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vault import savedviews
from vault.access import Access
from vault.errors import NotFound, Refused, Stale, Tampered
from vault.granting import grantkeys, grants
from vault.integrity import manifests, remaking, vaultmanifest
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.models import (
    Act,
    ActPart,
    Collection,
    CollectionKey,
    Grant,
    GrantRight,
    JobSlot,
    Manifest,
    Memory,
    Revision,
    Segment,
    SessionSlot,
    Shelf,
    SortingRule,
    Source,
    Suggestion,
    TurnedVector,
    Vault,
    Vector,
)
from vault.scope import vault_scope
from vault.search import sealed, turned


@dataclass(frozen=True, slots=True)
class Removal:
    """What deleting a collection would do. `ending` are the names of the grants that have nothing
    else and end; `narrowed` of those that lose this collection only.

    `live` memories, and letters that are `arriving` without being asked for, keep it from being
    deleted, and so does being the `last`. What is `forgotten` could still be restored until then.
    """

    live: int
    arriving: int
    last: bool
    forgotten: int
    suggestions: int
    rules: int
    ending: tuple[str, ...]
    narrowed: tuple[str, ...]

    @property
    def possible(self) -> bool:
        return not (self.live or self.arriving or self.last)


def look(access: Access, collection_id: UUID) -> Removal:
    """NotFound unless it is the owner's."""
    access.must_own()
    access.narrowed({collection_id})
    with vault_scope(access.vault_id):
        place = {"vault_id": access.vault_id, "collection_id": collection_id}
        kept = _kept(access, collection_id)
        letters = Suggestion.objects.filter(**place)
        others = Collection.objects.filter(vault_id=access.vault_id).exclude(id=collection_id)
        ending, narrowed = _grants(access, collection_id)
        return Removal(
            live=kept.filter(forgotten_at=None).count(),
            arriving=letters.filter(settled=True).count(),
            last=not others.exists(),
            forgotten=kept.exclude(forgotten_at=None).count(),
            suggestions=letters.filter(settled=False).count(),
            rules=SortingRule.objects.filter(**place).count(),
            ending=tuple(grant.name for grant in ending),
            narrowed=tuple(grant.name for grant in narrowed),
        )


def remove(access: Access, owner: OwnerKey, collection_id: UUID, *, shred: bool = False) -> None:
    """Delete it for good, with its keys. Every session, this one too, must unlock again, and work
    in the background has no keys until then.

    Refused while it is not `possible`, or something forgotten is in it and not to be `shred`. Stale
    while somebody writes there: try again. Tampered when it is not as it was left.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        row = _held(access, collection_id)
        _must_be_possible(look(access, collection_id), shred=shred)
        manifests.check(access, collection_id)
        name = _name(access, row)
        savedviews.hand_over(access, collection_id)
        _drop_what_is_in_it(access, collection_id)
        changed = _take_from_grants(access, collection_id)
        _drop_keys(owner, collection_id)
        for action, grant in changed:
            access_log.record(access, action, purpose=grant.name)
        access_log.record(access, "deleted", purpose=name)
        transaction.on_commit(lambda: _forget_indexes(access.vault_id, collection_id), robust=True)


def _held(access: Access, collection_id: UUID) -> Collection:
    """Its row, with everything locked that a writer could hold, in the order of writers. A key that
    somebody holds is not waited for: they may be waiting for the vault, which we hold."""
    place = {"vault_id": access.vault_id, "collection_id": collection_id}
    named = GrantRight.objects.filter(**place).values("grant_id")
    letters = Suggestion.objects.filter(vault_id=access.vault_id)
    letters = letters.filter(Q(collection_id=collection_id) | Q(grant_id__in=named))
    for rows in (letters, Act.objects.filter(**place)):
        list(rows.order_by("id").select_for_update(of=("self",)).values_list("id", flat=True))
    remaking.hold(access, collection_id)
    mine = Collection.objects.filter(vault_id=access.vault_id, id=collection_id)
    row = mine.select_for_update().first()
    if row is None or not access.may_see(collection_id):
        raise NotFound(gettext("There is no such collection."))
    keys = CollectionKey.objects.filter(**place)
    if len(keys.select_for_update(skip_locked=True)) < keys.count():
        raise Stale(gettext("Something is being written into this collection just now. Try again."))
    return row


def _must_be_possible(found: Removal, *, shred: bool) -> None:
    if found.last:
        raise Refused(gettext("This is your only collection. Make another one first."))
    if found.live:
        raise Refused(
            ngettext(
                "%(count)s memory is in it. Move it, or forget it, first.",
                "%(count)s memories are in it. Move them, or forget them, first.",
                found.live,
            )
            % {"count": number_format(found.live, force_grouping=True)}
        )
    if found.arriving:
        raise Refused(gettext("What an app added is still being taken in. Try again in a moment."))
    if found.forgotten and not shred:
        raise Refused(
            ngettext(
                "%(count)s forgotten memory in it could still be restored.",
                "%(count)s forgotten memories in it could still be restored.",
                found.forgotten,
            )
            % {"count": number_format(found.forgotten, force_grouping=True)}
        )


def _kept(access: Access, collection_id: UUID) -> QuerySet[Memory]:
    rows = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection_id)
    return rows.exclude(sealed=b"")


def _name(access: Access, row: Collection) -> str:
    place = (row.id, row.epoch, "name", row.id, row.epoch)
    try:
        return access.keyring.open(*place, row.sealed_name).decode()
    except Tampered:
        return ""


def _drop_what_is_in_it(access: Access, collection_id: UUID) -> None:
    place = {"vault_id": access.vault_id, "collection_id": collection_id}
    acts = Act.objects.filter(**place)
    parts = ActPart.objects.filter(vault_id=access.vault_id)
    parts.filter(act_id__in=acts.values("id")).delete()
    for model in (Act, Suggestion, SortingRule, Revision, Vector, Segment, TurnedVector, Shelf):
        model._default_manager.filter(**place).delete()
    rows = Memory.objects.filter(**place)
    sources = Source.objects.filter(vault_id=access.vault_id, memory_id__in=rows.values("id"))
    sources.update(sealed=b"")
    rows.update(sealed=b"", digest=b"", entry=b"")


def _grants(access: Access, collection_id: UUID) -> tuple[list[Grant], list[Grant]]:
    """The live grants on it: those that have nothing else, and the others."""
    rights = GrantRight.objects.filter(vault_id=access.vault_id)
    here = rights.filter(collection_id=collection_id).values("grant_id")
    elsewhere = set(
        rights.filter(grant_id__in=here)
        .exclude(collection_id=collection_id)
        .values_list("grant_id", flat=True)
    )
    live = Grant.objects.filter(vault_id=access.vault_id, id__in=here, revoked_at=None)
    found = list(live.order_by("id"))
    ending = [grant for grant in found if grant.id not in elsewhere]
    return ending, [grant for grant in found if grant.id in elsewhere]


def _take_from_grants(access: Access, collection_id: UUID) -> list[tuple[str, Grant]]:
    """What became of each live grant, as the log says it."""
    rights = GrantRight.objects.filter(vault_id=access.vault_id, collection_id=collection_id)
    named = list(rights.values_list("grant_id", flat=True))
    rows = Grant.objects.filter(vault_id=access.vault_id, id__in=named).order_by("id")
    locked = list(rows.select_for_update())
    ending, narrowed = _grants(access, collection_id)
    for grant in locked:
        grantkeys.take(grant, {collection_id})
    grants.end(access, ending)
    for grant in narrowed:
        # Feeds start again with another version, and tell of what is gone.
        Grant.objects.filter(vault_id=access.vault_id, id=grant.id).update(version=F("version") + 1)
    ended = [("revoked", grant) for grant in ending]
    return [*ended, *(("changed", grant) for grant in narrowed)]


def _drop_keys(owner: OwnerKey, collection_id: UUID) -> None:
    """The collection's own, and those of sessions and jobs, which hold copies of them."""
    mine = {"vault_id": owner.vault_id}
    CollectionKey.objects.filter(**mine, collection_id=collection_id).delete()
    Manifest.objects.filter(**mine, id=collection_id).delete()
    Collection.objects.filter(**mine, id=collection_id).delete()
    vaultmanifest.settle(owner.vault_id, owner.key)
    Vault.objects.filter(id=owner.vault_id).update(key_version=F("key_version") + 1)
    SessionSlot.objects.filter(**mine).delete()
    JobSlot.objects.filter(**mine).delete()


def _forget_indexes(vault_id: UUID, collection_id: UUID) -> None:
    """What is in memory, and what the database keeps for an indexed one."""
    sealed.close(vault_id)
    with vault_scope(vault_id):
        if turned.indexes(collection_id):
            turned.drop_indexes(collection_id)

"""Merging memories that say the same, and taking a merge back.

Sources are what must not be lost: a merge moves them to the memory that stays and forgets the
others, and they go back for as long as what was forgotten is there.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from vault import records
from vault.access import Access
from vault.acting.act_records import (
    add_parts,
    closed,
    locked_act,
    new_act,
    parts_of,
    rewrite,
    said_by,
)
from vault.acting.keepers import merges_of, way
from vault.acting.moves import reseal_sources
from vault.browse import sources_of
from vault.embedding import indexing
from vault.errors import Invalid, NotFound, Tampered
from vault.history import advance, save, state_at, state_of, unchanged_since
from vault.keys.epochs import epochs
from vault.models import Act, ActPart
from vault.models import Memory as Row
from vault.models import Source as SourceRow
from vault.scope import vault_scope
from vault.types import Memory
from vault.visible import visible_row, visible_rows

MOST = 50
"""Memories in one merge."""


def merge(
    access: Access, keep_id: UUID, other_ids: Sequence[UUID], *, text: str | None = None
) -> Memory:
    """Make one memory of several: it gets their sources, and other words if `text` is given.

    Owner only. The others are forgotten. The owner chose these words, so they are confirmed.
    """
    access.must_own()
    others = _distinct(keep_id, other_ids)
    with vault_scope(access.vault_id):
        rows = _kept(access, [keep_id, *others])
        keep = rows.pop(keep_id)
        act = new_act(access, "merge", keep.collection_id, len(others), memory_id=keep_id)
        head = {"revision": keep.revision, "trusted": keep.trusted, "held": keep.held}
        head |= {"pinned": keep.pinned}
        _reword(access, keep, text, pinned=any(row.pinned for row in (keep, *rows.values())))
        parts = _take_sources(access, keep, rows)
        head |= {"after": keep.revision, "pinned_after": keep.pinned}
        add_parts(access, act, [(head, None), *parts], done=True)
        for row in rows.values():
            row.forgotten_at = act.made_at
        save(access, list(rows.values()), "forgotten_at")
        closed(act, Act.State.DONE)
    indexing.index_now(access, [keep_id])
    return _view(access, keep)


def unmerge(access: Access, act_id: UUID) -> Memory:
    """Take a merge back; the memory that it kept. What was changed since stays as it is."""
    with vault_scope(access.vault_id):
        act = locked_act(access, act_id)
        if act.memory_id is None or (act.verb, act.state) != ("merge", Act.State.DONE):
            raise NotFound(gettext("This was undone already."))
        keep = _unmerge(access, act, act.memory_id)
        closed(act, Act.State.UNDONE)
    indexing.index_now(access, [keep.id])
    return _view(access, keep)


def give_back(access: Access, rows: Sequence[Row]) -> None:
    """Give memories that were merged away, and are back, their sources. Within a scope."""
    away = {row.id: row for row in rows}
    parts = ActPart.objects.filter(vault_id=access.vault_id, memory_id__in=away, done=True)
    acts = {act.id: act for act in merges_of(access, [part.act_id for part in parts])}
    for part in parts:
        if part.act_id in acts and part.memory_id is not None:
            _sources_back(access, acts[part.act_id], part, away[part.memory_id])
            part.delete()
            act = acts[part.act_id]
            if not parts_of(access, act).exclude(memory_id=None).exists():
                closed(act, Act.State.UNDONE)


def same_words(access: Access, memory_id: UUID) -> list[Memory]:
    """Other memories of the owner's that say exactly this: they could be merged."""
    access.must_own()
    with vault_scope(access.vault_id):
        row = visible_row(access, memory_id)
        if row.forgotten_at is not None or row.kind == "episode":
            return []
        text, ring = records.open_content(access.keyring, row).text, access.keyring
        digests = [
            records.digest(ring, collection, epoch, text)
            for collection in access.visible
            for epoch in ring.epochs(collection)
        ]
        alike = visible_rows(access).filter(forgotten_at=None, digest__in=digests)
        found = list(alike.exclude(id=row.id).exclude(kind="episode").order_by("id")[:MOST])
        return records.views(access, found, sources_of(access, [one.id for one in found]))


def _distinct(keep_id: UUID, other_ids: Sequence[UUID]) -> list[UUID]:
    others = list(dict.fromkeys(other_ids))
    if not others or keep_id in others or len(others) >= MOST:
        raise Invalid(
            gettext("Choose two to %(most)s different memories to merge.") % {"most": MOST},
            "memories",
        )
    return others


def _kept(access: Access, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """These rows, locked in one order for everybody, and none of them forgotten."""
    rows = visible_rows(access).filter(id__in=list(ids), forgotten_at=None)
    found = {row.id: row for row in rows.order_by("id").select_for_update()}
    if found.keys() != set(ids):
        raise NotFound(gettext("There is no such memory, or it is forgotten."))
    return {id: found[id] for id in ids}


def _reword(access: Access, keep: Row, text: str | None, *, pinned: bool) -> None:
    after = state_of(access, keep)
    if text is not None:
        after = after.changed(text=text)
    keep.pinned, keep.trusted, keep.held = pinned, True, ""
    advance(access, [(keep, after)])


def _take_sources(
    access: Access, keep: Row, rows: dict[UUID, Row]
) -> list[tuple[dict[str, list[str]], UUID]]:
    """Move their sources to the memory that stays; what each brought."""
    sources = sources_of(access, rows)
    homes = {row.id: row.collection_id for row in rows.values()}
    brought: dict[UUID, list[str]] = {id: [] for id in rows}
    for source in sources:
        brought[source.memory_id].append(source.id.hex)
    _move_sources(access, sources, homes, keep)
    return [({"sources": ids}, id) for id, ids in brought.items()]


def _move_sources(
    access: Access, sources: Sequence[SourceRow], homes: dict[UUID, UUID], to: Row
) -> None:
    epoch = epochs(access, [to.collection_id])[to.collection_id]
    reseal_sources(access, sources, homes, to.collection_id, epoch, to.id)


def _unmerge(access: Access, act: Act, keep_id: UUID) -> Row:
    was, parts = _head(access, act)[1], parts_of(access, act).exclude(memory_id=None)
    following = _following(access, act)  # before the rows, as whoever undoes that one locks it
    ids = [keep_id, *(part.memory_id for part in parts if part.memory_id)]
    mine = visible_rows(access).filter(id__in=ids).order_by("id").select_for_update()
    rows, back = {row.id: row for row in mine}, []
    keep = rows.get(keep_id)
    if keep is None:
        raise NotFound(gettext("What these were merged into is gone."))
    for part in parts:
        row = rows.get(part.memory_id) if part.memory_id else None
        if row is None or not _sources_back(access, act, part, row):
            continue  # it was shredded, or the import that brought it was undone
        if row.forgotten_at == act.made_at:
            row.forgotten_at = None
            back.append(row)
    save(access, back, "forgotten_at")
    _as_before(access, was, keep, following)
    return keep


def _head(access: Access, act: Act) -> tuple[ActPart, dict[str, Any]]:
    """The part on the memory that was kept, and what it says. Tampered when it is gone."""
    first = parts_of(access, act).filter(memory_id=None).first()
    if first is None:
        raise Tampered(
            gettext("What this merge had done was deleted in the database. It was not undone.")
        )
    return first, said_by(access, act, first)


def _following(access: Access, act: Act) -> Act | None:
    """The next merge into the same memory that holds, locked."""
    later = Act.objects.filter(vault_id=access.vault_id, verb="merge", state=Act.State.DONE)
    later = later.filter(memory_id=act.memory_id, made_at__gt=act.made_at).order_by("made_at")
    return later.select_for_update().first()


def _as_before(access: Access, was: dict[str, Any], keep: Row, following: Act | None) -> None:
    """Give the memory that was kept its words back; what else it was, once no merge holds."""
    if unchanged_since(access, keep, was["after"]):
        if following is None:
            keep.trusted, keep.held = was["trusted"], was["held"]
            keep.pinned = was["pinned"] if keep.pinned == was["pinned_after"] else keep.pinned
        advance(access, [(keep, state_at(access, keep, was["revision"]))])
    if following is not None:
        _hand_on(access, following, was)


def _hand_on(access: Access, later: Act, was: dict[str, Any]) -> None:
    """From now on undoing the later merge leads to what was before the earlier one."""
    head, then = _head(access, later)
    if then["revision"] != was["after"]:
        return  # the owner changed it in between
    if then["after"] == then["revision"]:
        then["after"] = was["revision"]
    if then["pinned"] == was["pinned_after"]:
        then["pinned"] = was["pinned"]
    then |= {what: was[what] for what in ("revision", "trusted", "held")}
    rewrite(access, later, head, then)


def _sources_back(access: Access, act: Act, part: ActPart, row: Row) -> bool:
    """Whether there is reason for the row to be back: a source, or the owner's word."""
    brought = [UUID(id) for id in said_by(access, act, part)["sources"]]
    holders = _holders(access, act)
    mine = SourceRow.objects.filter(vault_id=access.vault_id, id__in=brought)
    sources = list(mine.filter(memory_id__in=holders))
    _move_sources(access, sources, holders, row)
    return bool(sources) or not brought or row.trusted


def _holders(access: Access, act: Act) -> dict[UUID, UUID]:
    """Where its sources may be by now: in the memory it kept, or where that was merged into later;
    each with its collection."""
    later = way(access, act.memory_id) if act.memory_id else []
    holders = [one.memory_id for one in (act, *(merge for merge, _ in later)) if one.memory_id]
    rows = Row.objects.filter(vault_id=access.vault_id, id__in=holders)
    return dict(rows.values_list("id", "collection_id"))


def _view(access: Access, row: Row) -> Memory:
    with vault_scope(access.vault_id):
        return records.view(access, row, sources_of(access, [row.id]))

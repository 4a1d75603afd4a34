"""The same done to many memories at once: begun, gone on with in portions, undone as a whole.

Which memories are meant is fixed when an act begins: what comes later is not drawn in. Each portion
is a transaction of its own, so an act that was broken off goes on where it stopped.
"""

import time
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault.access import Access
from vault.acting import merging, splitting
from vault.acting.act_records import (
    add_parts,
    locked_act,
    new_act,
    parts_of,
    rewrite,
    said_by,
    undoable,
)
from vault.acting.act_verbs import VERBS, Before
from vault.embedding import indexing
from vault.errors import Invalid, NotFound
from vault.models import Act as ActRow
from vault.models import ActPart
from vault.models import Memory as Row
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Act, ActState
from vault.visible import Selection, selected_rows, visible_rows

PORTION = 250
MOST = 100_000
"""Memories in one act."""


def begin(access: Access, verb: str, wanted: Selection, *, param: str = "") -> Act:
    """Fix what is meant; `go_on` does it. Invalid when nothing is, or the param cannot be.

    `param` is the collection's id for "move", the kind for "kind", an ISO time or "" for "until".
    """
    access.must_own()
    if verb not in VERBS:
        raise Invalid(gettext("Choose what to do with them."), "verb")
    param = VERBS[verb].checked(access, param)
    with vault_scope(access.vault_id):
        rows = _meant(access, wanted)
        if not rows:
            raise Invalid(gettext("Nothing is selected. Tick some memories first."), "memories")
        act = new_act(access, verb, rows[0][1], len(rows), param=param)
        ids = [id.hex for id, _ in rows]
        portions = [ids[start : start + PORTION] for start in range(0, len(ids), PORTION)]
        add_parts(access, act, [(portion, None) for portion in portions], done=False)
    return _view(act)


def go_on(access: Access, act_id: UUID, *, seconds: float = 0) -> Act:
    """Do, or undo, the next portion, and as many more as can be begun within these seconds."""
    started = time.monotonic()
    act = _step(access, act_id)
    while act.working and time.monotonic() - started < seconds:
        act = _step(access, act_id)
    return act


def undo(access: Access, act_id: UUID) -> Act:
    """Take it back. A merge or a split is undone at once, anything else by `go_on`."""
    with vault_scope(access.vault_id):
        act = locked_act(access, act_id)
        if act.verb == "merge":
            merging.unmerge(access, act_id)
        elif act.verb == "split":
            splitting.unsplit(access, act_id)
        elif act.state == ActRow.State.UNDONE:
            raise NotFound(gettext("This was undone already."))
        else:
            parts_of(access, act).filter(done=False).delete()
            act.state = ActRow.State.UNDOING
            act.save(update_fields=["state"])
    return get(access, act_id)


def get(access: Access, act_id: UUID) -> Act:
    """NotFound when there is none, or it is so old that it was cleared away."""
    with vault_scope(access.vault_id):
        return _view(locked_act(access, act_id))


def unfinished(access: Access) -> list[Act]:
    """Acts that were broken off half done, the latest first."""
    access.must_own()
    broken_off = Q(state=ActRow.State.RUNNING, done__gt=0) | Q(state=ActRow.State.UNDOING)
    with vault_scope(access.vault_id):
        return [_view(act) for act in undoable(access).filter(broken_off).order_by("-made_at")]


def _meant(access: Access, wanted: Selection) -> list[tuple[UUID, UUID]]:
    """(memory, its collection) of all that are meant, the newest first."""
    rows = selected_rows(access, wanted)
    if wanted.words:
        rows = rows.filter(id__in=recall.holding(access, wanted.words))
    found = rows.order_by("-sorted_at", "-id").values_list("id", "collection_id")
    meant = list(found[: MOST + 1])
    if len(meant) > MOST:
        raise Invalid(
            gettext("At most %(most)s memories at once: choose fewer.")
            % {"most": number_format(MOST, force_grouping=True)},
            "memories",
        )
    return meant


def _step(access: Access, act_id: UUID) -> Act:
    with vault_scope(access.vault_id):
        act = locked_act(access, act_id)
        changed: Sequence[Row] = ()
        if act.state == ActRow.State.RUNNING:
            changed = _do(access, act)
        elif act.state == ActRow.State.UNDOING:
            changed = _undo(access, act)
        act.save(update_fields=["state", "done", "changed"])
    indexing.index_now(access, [row.id for row in changed])
    return _view(act)


def _do(access: Access, act: ActRow) -> Sequence[Row]:
    waiting = list(parts_of(access, act).filter(done=False)[:2])
    if len(waiting) < 2:
        act.state = ActRow.State.DONE
    if not waiting:
        return ()
    ids = said_by(access, act, waiting[0])
    VERBS[act.verb].hold(access, [UUID(id) for id in ids])
    before = VERBS[act.verb].do(access, _rows(access, ids), act)
    rewrite(access, act, waiting[0], [[row.id.hex, was] for row, was in before])
    act.done, act.changed = act.done + len(ids), act.changed + len(before)
    return [row for row, _ in before]


def _undo(access: Access, act: ActRow) -> Sequence[Row]:
    parts = list(parts_of(access, act).reverse()[:2])
    if len(parts) < 2:
        act.state = ActRow.State.UNDONE
    if not parts:
        return ()
    before = _before(access, act, parts[0])
    VERBS[act.verb].undo(access, before, act)
    act.done = max(0, act.done - PORTION)
    parts[0].delete()
    return [row for row, _ in before]


def _before(access: Access, act: ActRow, part: ActPart) -> Before:
    said: list[tuple[str, Any]] = said_by(access, act, part)
    rows = {row.id.hex: row for row in _rows(access, [id for id, _ in said])}
    return [(rows[id], was) for id, was in said if id in rows]


def _rows(access: Access, ids: Sequence[str]) -> list[Row]:
    mine = visible_rows(access).filter(id__in=[UUID(id) for id in ids])
    return list(mine.order_by("id").select_for_update())


def _view(act: ActRow) -> Act:
    state = cast(ActState, str(act.state))
    counts = (act.total, act.done, act.changed)
    return Act(act.id, act.verb, act.param, state, *counts, act.made_at)

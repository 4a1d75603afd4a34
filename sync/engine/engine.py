"""One run of a connection: list, pair, reconcile, guard, apply, checkpoint. See ALGORITHM.md."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base.types import Capability, Entry
from sync.connections.receipts import Receipts
from sync.engine import conflicts, guards
from sync.engine.apply import Apply
from sync.engine.bridge import Bridge
from sync.engine.links import State, as_listed
from sync.engine.listing import Listing, listed, theirs
from sync.engine.pairing import Ours, pair
from sync.engine.reconcile import Action, Verb, reconcile
from sync.engine.sight import Sight
from sync.errors import Guarded
from sync.models import Connection
from vault import mirror
from vault.scope import vault_scope
from vault.types import Memory

_OTHER_ACCOUNT = gettext_noop("The connection leads to another account by now. Look there by hand.")
PENDING_FOR = timedelta(days=30)
"""What a remote accepted and never showed is sent again after it."""


@dataclass(slots=True)
class Plan:
    """What would be done, and by what: see `Apply`."""

    actions: list[Action]
    states: dict[UUID, State]
    entries: dict[str, Entry]
    memories: dict[UUID, Memory]
    listing: Listing
    seq: int
    returned: set[str]
    """Entries that were to be taken back, and that the connection may hold again."""


def plan(bridge: Bridge, *, resync: bool = False) -> Plan:
    """What a run would do now."""
    seq = mirror.newest(bridge.access)
    listing = listed(bridge, resync=resync)
    memories, states = _look(bridge, listing)
    entries = {name: entry for name, entry in listing.entries.items() if entry is not None}
    ours = [bridge.marks.ours(one) for one in memories.values()]
    kept, filled, apart = _whereabouts(bridge, memories, states)
    there = theirs(bridge.marks, listing, kept)
    actions = reconcile(pair([one.link for one in kept], [*ours, *filled], there))
    by_id = {one.id: one for one in kept}
    actions = [_again(_unseen(one, memories, apart), by_id, listing) for one in actions]
    returned = _in_sight_again(bridge, actions)
    actions = [one for one in actions if not _is_leaving(one, returned)]
    back = {name for name, there in returned.items() if there}
    return Plan(actions, by_id, entries, memories, listing, seq, back)


def guard(bridge: Bridge, found: Plan) -> None:
    """Guarded when its owner has to look first; nothing was changed. Their word for a guard covers
    as much as they were told of, and nothing else."""
    row, waived = bridge.row, set[str]()
    facts: dict[str, Any] = {
        "links": bridge.links.entries(),
        "listed": len(found.entries),
        "complete": found.listing.complete,
        "account": bridge.marks.account(bridge.account.id).hex(),
        "account_before": bytes(row.account_mark).hex(),
    }
    while held := guards.check(found.actions, **facts, waived=frozenset(waived)):
        told = row.waived.get(held.name)
        if told is None or any(count > told.get(what, 0) for what, count in held.counts.items()):
            raise Guarded(held)
        waived.add(held.name)


def apply(bridge: Bridge, found: Plan) -> None:
    withdrawn = [one for one in found.actions if one.verb is Verb.WITHDRAW]
    _withdraw(bridge, found, withdrawn)
    sight = Sight(bridge, found.states, found.entries, found.memories)
    Apply(sight).all(found.actions)


def checkpoint(bridge: Bridge, found: Plan) -> dict[str, object]:
    """What the connection's row is to say after a run that came to its end."""
    cursor, row = found.listing.cursor, bridge.row
    delta = cursor is not None and bridge.remote.can(Capability.DELTA)
    if conflicts.wait(row) or {"undecided", "changed meanwhile"} & bridge.tally.counts.keys():
        delta = False  # what was listed and not done is not told of again: the next lists it all
    said = bridge.key.seal("cursor", row.id, 0, cursor.encode()) if delta and cursor else None
    return {
        "cursor": said,
        "seq": found.seq,
        "full_at": timezone.now() if found.listing.complete else row.full_at,
        "grant_version": bridge.access.asker.version,
        "account_mark": bridge.marks.account(bridge.account.id),
        "waived": {},
        "guard": {},
    }


def _look(bridge: Bridge, listing: Listing) -> tuple[dict[UUID, Memory], list[State]]:
    """Memories to compare, and links: all of them, or what changed on either side."""
    kinds = _kinds(bridge)
    if listing.complete:
        states, ids = bridge.links.every(), None
    else:
        moved = mirror.changed(bridge.access, bridge.row.seq)
        states = bridge.links.touched(moved, listing.entries)
        ids = moved | {one.link.memory_id for one in states if one.link.memory_id}
    memories = {one.id: one for one in mirror.sendable(bridge.access, kinds, ids)}
    if memories.keys() - {one.link.memory_id for one in states} and not listing.complete:
        known = {one.id for one in states}
        states = [*states, *(one for one in bridge.links.alone() if one.id not in known)]
    return memories, states


def _kinds(bridge: Bridge) -> list[str]:
    room = bridge.remote.connector.room.kinds
    return [kind for kind in bridge.row.kinds if room is None or kind in room]


def _whereabouts(
    bridge: Bridge, memories: Mapping[UUID, Memory], states: Sequence[State]
) -> tuple[list[State], list[Ours], set[UUID]]:
    """The links, those of memories out of sight marked so; memories that wait, as they were, with
    those out of sight whose entry is theirs; and which are these last ones."""
    away = [s for s in states if s.link.memory_id and s.link.memory_id not in memories]
    ids = [s.link.memory_id for s in away if s.link.memory_id]
    where = mirror.whereabouts(bridge.access, _kinds(bridge), ids) if ids else {}
    hidden, apart, filled = set[UUID](), set[UUID](), []
    for state in away:
        id, base = state.link.memory_id, state.link.ours
        if id is None or where[id] == "gone":
            continue
        if where[id] == "hidden" and state.link.by_us:
            hidden.add(state.id)
        elif base is not None:
            filled.append(Ours(id, base, ""))
            apart |= {id} if where[id] == "hidden" else set()
    kept = [_hidden(one) if one.id in hidden else one for one in states]
    return kept, filled, apart


def _unseen(action: Action, memories: Collection[UUID], apart: Collection[UUID]) -> Action:
    """A memory that this connection cannot see is not changed by it. It waits; or, when it is out
    of sight, what their entry says by now is something of its own."""
    ours = action.pair.ours
    if ours is None or ours.id in memories:
        return action
    verbs = {Verb.TAKE_CHANGE: Verb.TAKE_BACK, Verb.CONFLICT: Verb.TAKE_BACK}
    verbs[Verb.FORGET] = Verb.DROP
    verb = verbs.get(action.verb, action.verb)
    return replace(action, verb=verb if ours.id in apart or verb is action.verb else Verb.WAIT)


def _hidden(state: State) -> State:
    return replace(state, link=replace(state.link, hidden=True))


def _in_sight_again(bridge: Bridge, actions: Sequence[Action]) -> dict[str, bool]:
    """Entries that are to go, each with whether it belongs to a memory in sight by now."""
    leaving = {entry.remote_id: False for _, entry in Receipts(bridge.key).open_ones()}
    for action in actions if leaving else ():
        if action.pair.theirs and action.pair.ours and action.pair.theirs.remote_id in leaving:
            leaving[action.pair.theirs.remote_id] = True
    return leaving


def _is_leaving(action: Action, returned: Mapping[str, bool]) -> bool:
    """It is to go from there: it must not come in as something new."""
    theirs = action.pair.theirs
    return theirs is not None and returned.get(theirs.remote_id) is False


def _again(action: Action, states: Mapping[UUID, State], listing: Listing) -> Action:
    """What was accepted and never shown is sent again after a while."""
    link = action.pair.link
    awaited = link is not None and link.remote_id is None and action.pair.theirs is None
    if link is None or action.verb is not Verb.WAIT or not listing.complete or not awaited:
        return action
    if timezone.now().timestamp() - states[link.id].sent < PENDING_FOR.total_seconds():
        return action
    return replace(action, verb=Verb.SEND_NEW if action.pair.ours else Verb.DROP)


def _withdraw(bridge: Bridge, found: Plan, actions: Sequence[Action]) -> None:
    """Take back what is out of this connection's sight, with receipts."""
    states = [
        as_listed(found.states[one.pair.link.id], one.pair, found.entries)
        for one in actions
        if one.pair.link
    ]
    receipts = Receipts(bridge.key)
    receipts.cancel(found.returned)
    if not states and not receipts.open_ones():
        return
    with vault_scope(bridge.row.vault_id):
        receipts.ask(states)
        bridge.links.drop([one.id for one in states])
    receipts.take_back(bridge.remote, bridge.must_go_on)
    bridge.tally.add("taken back", len(states))


def begin(bridge: Bridge) -> None:
    """From here to the checkpoint: a run that dies in between is followed by a full one."""
    row = bridge.row
    with vault_scope(row.vault_id):
        mine = Connection.objects.filter(vault_id=row.vault_id, id=row.id)
        mine.update(full_at=None, account_mark=bridge.marks.account(bridge.account.id))


def move_in(bridge: Bridge) -> None:
    """Where its owner said that another account takes the place of the former one: nothing is known
    of it yet, and what was sent to the former one cannot be taken back any more."""
    row, mark = bridge.row, bridge.marks.account(bridge.account.id)
    if bytes(row.account_mark) in (b"", mark) or "other account" not in row.waived:
        return
    states, receipts = bridge.links.every(), Receipts(bridge.key)
    with vault_scope(row.vault_id):
        receipts.ask([one for one in states if one.link.by_us])
        receipts.lose(_OTHER_ACCOUNT)
        bridge.links.drop([one.id for one in states])
        conflicts.end(row, [one.id for one in states])
        row.account_mark, row.cursor, row.full_at = mark, None, None
        row.save(update_fields=["account_mark", "cursor", "full_at"])


__all__ = ["Listing", "Plan", "apply", "begin", "checkpoint", "guard", "move_in", "plan"]

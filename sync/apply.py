"""Does what was decided, one action at a time, each safe to repeat.

What is taken is written in one transaction with its link. What is sent leaves an intent behind
first, and its link after the answer: a run that dies between them finds the entry again by its key
or its words. What one item is refused for is told, and the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from django.utils import timezone

from connectors.base.errors import ItemError, NotFound, PreconditionFailed
from connectors.base.types import Capability, Entry, Item
from sync import conflicts, turns
from sync.bridge import Bridge
from sync.convert import draft_of, item_of
from sync.links import State, as_listed, joined
from sync.pairing import Pair
from sync.reconcile import Action, Verb
from vault import access_log, indexing, memories, mirror, pairs
from vault import errors as vault_errors
from vault.memories import STANDING
from vault.scope import vault_scope
from vault.text import LONGEST
from vault.types import Draft, Memory

_PORTION = 50
_NEEDS = {
    Verb.SEND_NEW: Capability.CREATE,
    Verb.SEND_AGAIN: Capability.CREATE,
    Verb.DELETE: Capability.DELETE,
}


class Apply:
    """Applies actions to both sides. `entries` are those listed, `memories` those in sight."""

    def __init__(
        self,
        bridge: Bridge,
        states: Mapping[UUID, State],
        entries: Mapping[str, Entry],
        memories: Mapping[UUID, Memory],
    ) -> None:
        self._b, self._states = bridge, states
        self._entries, self._memories = entries, memories
        self._verbs: dict[Verb, Callable[[Action], None]] = {
            Verb.TAKE_CHANGE: self._take_change,
            Verb.TAKE_BACK: self._take_back,
            Verb.FORGET: self._forget,
            Verb.CONFLICT: self._conflict,
            Verb.DELETE: self._delete,
            Verb.SEND_CHANGE: self._send_change,
        }

    def all(self, actions: Sequence[Action]) -> None:
        """In the order of `Verb`: what is settled, what comes in, what leaves there, what goes."""
        of = {verb: [one for one in actions if one.verb is verb] for verb in Verb}
        self._b.links.drop([one.pair.link.id for one in of[Verb.DROP] if one.pair.link])
        self._settle([*of[Verb.SETTLE], *of[Verb.ALIAS]])
        self._take_new(of[Verb.TAKE_NEW])
        for verb, do in self._verbs.items():
            for action in of[verb]:
                self._b.tick()
                self._one(action, do)
        self._send_new([*of[Verb.SEND_AGAIN], *of[Verb.SEND_NEW]])

    def _one(self, action: Action, do: Callable[[Action], None]) -> None:
        pair = action.pair
        memory_id = pair.ours.id if pair.ours else pair.link.memory_id if pair.link else None
        try:
            do(action)
        except PreconditionFailed:
            self._b.tally.add("changed meanwhile")  # the next run sees both sides anew
        except vault_errors.KeyChanged:
            raise
        except (vault_errors.Stale, vault_errors.NotFound):
            self._b.tally.add("changed meanwhile")
        except (ItemError, vault_errors.Refused, vault_errors.Invalid) as error:
            self._b.tally.skip(str(error), memory_id)

    # What needs no call

    def _settle(self, actions: Sequence[Action]) -> None:
        done = []
        for action in actions:
            state = self._state(action.pair)
            if action.pair.theirs:
                state = self._with_theirs(state, action.pair)
            memory = self._memories.get(action.pair.ours.id) if action.pair.ours else None
            if memory and action.verb is Verb.SETTLE:
                state = self._with_ours(state, memory)
            done.append(state)
        self._b.links.save(done)
        conflicts.end(self._b.row, [state.id for state in done])
        self._b.tally.add("settled", len(done))

    # What comes in

    def _take_new(self, actions: Sequence[Action]) -> None:
        taken: list[tuple[Action, Draft]] = []
        for action in actions:
            draft = self._draft(action.pair)
            if draft is None:
                continue
            if self._may_write(draft):
                taken.append((action, draft))
            else:
                self._one(action, self._suggest_new)
        for start in range(0, len(taken), _PORTION):
            self._b.tick()
            self._write(taken[start : start + _PORTION])

    def _write(self, portion: Sequence[tuple[Action, Draft]]) -> None:
        access, into = self._b.access, self._into()
        with vault_scope(access.vault_id):
            ids = mirror.remember_each(access, [(into, draft) for _, draft in portion])
            found = mirror.states(access, [one for one in ids if one])
            states = []
            for (action, _), id in zip(portion, ids, strict=True):
                state = self._with_theirs(self._state(action.pair), action.pair)
                # What was forgotten here stays so: its entry is theirs alone from now on.
                states.append(self._with_ours(state, found[id]) if id in found else state)
            self._b.links.save(_first_of_each(states))
        indexing.index_now(access, list(found))
        pairs.find_later(access, list(found))
        self._b.tally.add("taken", len(portion))

    def _suggest_new(self, action: Action) -> None:
        draft = self._draft(action.pair)
        if draft is None:
            return
        with vault_scope(self._b.access.vault_id):
            memory = memories.remember(self._b.access, self._into(), draft)
            state = self._with_theirs(self._state(action.pair), action.pair)
            if isinstance(memory, Memory):
                state = self._with_ours(state, memory)
            self._b.links.save([state])
        self._b.tally.add("taken" if isinstance(memory, Memory) else "suggested")

    def _take_change(self, action: Action) -> None:
        pair, entry = action.pair, self._entry(action.pair)
        state = self._state(pair)
        if pair.ours is None or entry.item is None:
            self._take_new([action])
            return
        if self._may_not_add(pair):
            self._b.links.save([self._with_theirs(state, pair)])
            self._b.tally.add("left there")
            return
        state = self._turned(state)
        if turns.spins([_when(t) for t in state.turns], timezone.now()):
            conflicts.raise_(self._b, state, pair, entry.item, reason="keeps changing")
            return
        with vault_scope(self._b.access.vault_id):
            title = entry.item.title or None
            done = memories.revise(self._b.access, pair.ours.id, text=entry.item.text, title=title)
            state = self._with_theirs(state, pair)
            if isinstance(done, Memory):
                state = self._with_ours(state, done)
            self._b.links.save([state])
        self._b.tally.add("taken" if isinstance(done, Memory) else "suggested")

    def _take_back(self, action: Action) -> None:
        """It was forgotten here and edited there: it comes as a new memory."""
        draft = self._draft(action.pair)
        if draft is None or draft.source is None:
            return
        entry = self._entry(action.pair)
        key = f"{draft.source.key}@{self._b.marks.of_item(entry.item or Item(''))[:16]}"
        draft = replace(draft, source=replace(draft.source, key=key))
        with vault_scope(self._b.access.vault_id):
            done = memories.remember(self._b.access, self._into(), draft)
            state = joined(self._state(action.pair), memory_id=None, ours=None)
            state = self._with_theirs(state, action.pair)
            if isinstance(done, Memory):
                state = self._with_ours(state, done)
            self._b.links.save([state])
        self._b.tally.add("taken" if isinstance(done, Memory) else "suggested")

    def _forget(self, action: Action) -> None:
        """Where the grant may not, its owner is asked once; if they keep it, it is sent again."""
        state, ours = self._state(action.pair), action.pair.ours
        if ours is None:
            return
        answer = conflicts.answer(self._b.row, state, b"")
        if answer == "wait":
            self._b.tally.add("undecided")
        elif answer == "ours":
            conflicts.end(self._b.row, [state.id])
            self._send_new([replace(action, verb=Verb.SEND_AGAIN)])
        else:
            self._forget_or_ask(state, ours.id)

    def _forget_or_ask(self, state: State, memory_id: UUID) -> None:
        with vault_scope(self._b.access.vault_id):
            done = memories.forget(self._b.access, memory_id)
            if isinstance(done, Memory):
                self._b.links.drop([state.id])
            else:
                conflicts.note(self._b.row, state, memory_id, done.id, b"", "deleted there")
        self._b.tally.add("forgotten" if isinstance(done, Memory) else "suggested")

    # What goes out

    def _send_new(self, actions: Sequence[Action]) -> None:
        fit = [action for action in actions if self._fits(action)]
        for start in range(0, len(fit), _PORTION):
            portion = fit[start : start + _PORTION]
            states = [self._intent(action.pair) for action in portion]
            self._b.must_go_on()
            self._b.links.save(states)
            self._log("sent", portion)
            for action, state in zip(portion, states, strict=True):
                self._one(action, partial(self._create, state=state))

    def _create(self, action: Action, state: State) -> None:
        self._b.must_go_on()
        memory = self._memory(action.pair)
        try:
            entry = self._b.remote.create(item_of(memory), state.link.key)
        except ItemError:
            self._b.links.drop([state.id])
            raise
        state = self._sent(state, memory, entry, action.pair)
        self._b.links.save([state])
        self._b.tally.add("sent" if state.link.remote_id else "accepted there")

    def _send_change(self, action: Action) -> None:
        pair, state = action.pair, self._state(action.pair)
        memory = self._memory(pair)
        if pair.theirs and pair.ours and pair.theirs.mark == pair.ours.mark:
            self._b.links.save([self._with_ours(self._with_theirs(state, pair), memory)])
            return
        if not self._fits(action):
            return
        self._b.must_go_on()
        self._log("sent", [action])
        if not self._b.remote.can(Capability.UPDATE):
            self._replace(action, state, memory)
            return
        entry = self._b.remote.update(self._known(state), item_of(memory))
        self._b.links.save([self._with_entry(self._with_ours(state, memory), entry)])
        conflicts.end(self._b.row, [state.id])
        self._b.tally.add("sent")

    def _replace(self, action: Action, state: State, memory: Memory) -> None:
        """For a remote that only creates and deletes: the old goes first, so that no run that dies
        leaves two."""
        if not (self._b.remote.can(Capability.CREATE) and self._b.remote.can(Capability.DELETE)):
            self._b.tally.skip("What is there cannot be changed there.", state.link.memory_id)
            return
        self._b.remote.delete(self._known(state))
        again = self._b.links.new(by_us=True)
        gone = joined(
            replace(state, etag="", revision=state.revision),
            remote_id=None,
            theirs=None,
            ours=None,
            key=again.link.key,
            by_us=True,
        )
        gone = self._about_to_be_sent(gone, memory)
        self._b.links.save([gone])
        self._create(action, gone)

    def _delete(self, action: Action) -> None:
        state = self._state(action.pair)
        if not self._b.remote.can(Capability.DELETE):
            said = f"{self._b.remote.connector.name} cannot delete. Delete it there by hand."
            self._b.tally.skip(said, state.link.memory_id)
            return
        self._b.must_go_on()
        self._b.remote.delete(self._known(state))
        self._b.links.drop([state.id])
        self._b.tally.add("deleted there")

    # What is undecided

    def _conflict(self, action: Action) -> None:
        pair, state, entry = action.pair, self._state(action.pair), self._entry(action.pair)
        memory = self._memory(pair)
        choice = conflicts.choice(self._b.row, state, pair, entry, memory)
        choice = "ours" if self._may_not_add(pair) else choice
        if choice == "wait":
            self._b.tally.add("undecided")
        elif choice == "ask" and entry.item is not None:
            conflicts.raise_(self._b, state, pair, entry.item, reason="both changed")
        elif choice == "theirs":
            self._take_change(action)
        elif choice == "ours":
            self._send_change(action)
        else:
            self._keep_both(action, state)

    def _keep_both(self, action: Action, state: State) -> None:
        """Their version becomes a memory of its own; the next run sends ours as a new entry."""
        draft = self._draft(action.pair)
        if draft is None:
            return
        apart = joined(self._b.links.new(), remote_id=None)
        with vault_scope(self._b.access.vault_id):
            done = memories.remember(self._b.access, self._into(), draft)
            self._b.links.drop([state.id])
            apart = self._with_theirs(apart, action.pair)
            if isinstance(done, Memory):
                apart = self._with_ours(apart, done)
            self._b.links.save([apart])
        conflicts.end(self._b.row, [state.id])
        self._b.tally.add("kept both")

    # Pieces

    def _fits(self, action: Action) -> bool:
        memory, remote = self._memory(action.pair), self._b.remote
        needs, room = _NEEDS.get(action.verb), remote.connector.room
        if needs is not None and not remote.can(needs):
            self._b.tally.add("left here")  # it only takes in
            return False
        if room.text is not None and len(memory.text) > room.text:
            said = f"Longer than the {room.text:,} characters that {remote.connector.name} takes."
            self._b.tally.skip(said, memory.id)
            return False
        return True

    def _draft(self, pair: Pair) -> Draft | None:
        """What is to be taken. None, with the reason told, where it may not or does not fit."""
        entry, b = self._entry(pair), self._b
        into = b.row.into_id
        if into is None or b.access.may_add(into) == "no" or entry.item is None:
            b.tally.add("left there")
            return None
        if len(entry.item.text) > LONGEST:
            b.tally.skip(f"An entry there is longer than a memory may be ({LONGEST:,} characters).")
            return None
        account = b.account.label
        return draft_of(entry, vendor=b.vendor, account=account, grant_id=b.row.grant_id)

    def _may_write(self, draft: Draft) -> bool:
        into = self._into()
        access = self._b.access
        at_once = access.may_add(into) == "yes" and access.may_see(into)
        return at_once and draft.kind not in STANDING

    def _may_not_add(self, pair: Pair) -> bool:
        found = self._memories.get(pair.ours.id) if pair.ours else None
        return found is not None and self._b.access.may_add(found.collection_id) == "no"

    def _into(self) -> UUID:
        if self._b.row.into_id is None:
            raise vault_errors.Refused("This connection brings nothing in.")
        return self._b.row.into_id

    def _memory(self, pair: Pair) -> Memory:
        found = self._memories.get(pair.ours.id) if pair.ours else None
        if found is None:
            raise vault_errors.NotFound("There is no such memory.")
        return found

    def _entry(self, pair: Pair) -> Entry:
        found = self._entries.get(pair.theirs.remote_id) if pair.theirs else None
        if found is None:
            raise NotFound("It was not listed.")
        return found

    def _state(self, pair: Pair) -> State:
        if pair.link is None:
            return self._b.links.new()
        return as_listed(self._states[pair.link.id], pair, self._entries)

    def _known(self, state: State) -> Entry:
        link = state.link
        listed = self._entries.get(link.remote_id or "")
        return listed or Entry(link.remote_id or "", state.etag, None, link.key)

    def _intent(self, pair: Pair) -> State:
        """A link that says: this is about to be sent under this key."""
        if pair.link and pair.link.remote_id is None:
            return self._state(pair)
        state = self._b.links.new(by_us=True)
        if pair.link:  # it was deleted there: it is another entry from now on
            state = replace(state, link=replace(state.link, id=pair.link.id))
            state = replace(state, version=self._states[pair.link.id].version)
        return self._about_to_be_sent(state, self._memory(pair))

    def _about_to_be_sent(self, state: State, memory: Memory) -> State:
        words = self._b.marks.words(memory.text)
        state = replace(state, collection_id=memory.collection_id)
        return joined(state, memory_id=memory.id, ours=None, words=words)

    def _sent(self, state: State, memory: Memory, entry: Entry | None, pair: Pair) -> State:
        """What was made there, as far as the remote shows it."""
        if entry is None or self._b.links.holder(entry.remote_id) not in (None, state.id):
            # Accepted, to be shown later; or it is there already, for another memory.
            return replace(self._with_ours(state, memory), sent=timezone.now().timestamp())
        words = self._b.marks.theirs(entry).words
        before = pair.link.words if pair.link else ""
        if words == before != state.link.words:  # an answer kept from before a crash: of old words
            return self._with_entry(state, entry)
        return self._with_entry(self._with_ours(state, memory), entry)

    def _with_ours(self, state: State, memory: Memory) -> State:
        state = replace(state, collection_id=memory.collection_id, revision=memory.revision)
        return joined(state, memory_id=memory.id, ours=self._b.marks.of_memory(memory))

    def _with_theirs(self, state: State, pair: Pair) -> State:
        entry = self._entry(pair)
        return self._with_entry(state, entry)

    def _with_entry(self, state: State, entry: Entry) -> State:
        theirs = self._b.marks.theirs(entry)
        state = joined(state, remote_id=entry.remote_id, theirs=theirs.mark, words=theirs.words)
        return replace(state, etag=entry.etag)

    def _turned(self, state: State) -> State:
        now = timezone.now().timestamp()
        return replace(state, turns=(*(t for t in state.turns if now - t < 86_400), now))

    def _log(self, action: str, portion: Sequence[Action]) -> None:
        ids = [one.pair.ours.id for one in portion if one.pair.ours]
        access_log.record_reading(self._b.access, action, ids)


def _first_of_each(states: Sequence[State]) -> list[State]:
    """Two entries that say the same are one memory: the second only stands beside it."""
    seen: set[UUID] = set()
    found = []
    for state in states:
        id = state.link.memory_id
        again = id is not None and id in seen
        found.append(joined(state, memory_id=None, ours=None) if again else state)
        seen |= {id} if id else set()
    return found


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""What goes out: a memory becomes an entry, its change an update, its end a deletion.

An intent is left behind before a create, and the link after its answer: a run that dies between
them finds the entry again by its key or its words.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext_noop

from connectors.base.errors import ItemError
from connectors.base.types import Capability, Entry
from sync.engine import conflicts, sentences
from sync.engine.convert import item_of
from sync.engine.links import State, joined
from sync.engine.pairing import Pair
from sync.engine.reconcile import Action, Verb
from sync.engine.sight import Sight
from vault import mirror
from vault.errors import Stale
from vault.log import access_log
from vault.scope import vault_scope
from vault.types import Memory

_PORTION = 50
_FIXED_THERE = gettext_noop("What is there cannot be changed there.")
_NEEDS = {
    Verb.SEND_NEW: Capability.CREATE,
    Verb.SEND_AGAIN: Capability.CREATE,
    Verb.DELETE: Capability.DELETE,
}


class Sending:
    """Sends what a run decided to send. The grant is looked at again before each call."""

    def __init__(self, sight: Sight) -> None:
        self._s, self._b = sight, sight.bridge

    def new(self, actions: Sequence[Action]) -> None:
        fit = [action for action in actions if self._fits(action)]
        for start in range(0, len(fit), _PORTION):
            portion = fit[start : start + _PORTION]
            states = [self._intent(action.pair) for action in portion]
            self._b.must_go_on()
            self._b.links.save(states)
            self._log("sent", portion)
            for action, state in zip(portion, states, strict=True):
                self._s.attempt(action, partial(self._create, state=state))

    def _create(self, action: Action, state: State) -> None:
        memory = self._s.memory(action.pair)
        with vault_scope(self._b.access.vault_id):  # one transaction: each costs three statements
            self._b.must_go_on()
            self._must_be_still(memory)
        try:
            entry = self._b.remote.create(item_of(memory), state.link.key)
        except ItemError:
            self._b.links.drop([state.id])
            raise
        with vault_scope(self._b.access.vault_id):
            state = self._sent(state, memory, entry, action.pair)
            self._b.links.save([state])
        self._b.tally.add("sent" if state.link.remote_id else "accepted there")

    def change(self, action: Action) -> None:
        pair, state = action.pair, self._s.state(action.pair)
        memory = self._s.memory(pair)
        if pair.theirs and pair.ours and pair.theirs.mark == pair.ours.mark:
            self._b.links.save([self._s.with_ours(self._s.with_theirs(state, pair), memory)])
            return
        if not self._fits(action):
            return
        self._b.must_go_on()
        self._must_be_still(memory)
        self._log("sent", [action])
        if not self._b.remote.can(Capability.UPDATE):
            self._replace(action, state, memory)
            return
        entry = self._b.remote.update(self._known(state), item_of(memory))
        self._b.links.save([self._s.with_entry(self._s.with_ours(state, memory), entry)])
        conflicts.end(self._b.row, [state.id])
        self._b.tally.add("sent")

    def _replace(self, action: Action, state: State, memory: Memory) -> None:
        """For a remote that only creates and deletes: the old goes first, so that no run that dies
        leaves two."""
        if not (self._b.remote.can(Capability.CREATE) and self._b.remote.can(Capability.DELETE)):
            self._b.tally.skip(_FIXED_THERE, state.link.memory_id)
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

    def delete(self, action: Action) -> None:
        state = self._s.state(action.pair)
        if not self._b.remote.can(Capability.DELETE):
            said = sentences.cannot_delete(self._b.remote.connector)
            self._b.tally.skip(said, state.link.memory_id)
            return
        self._b.must_go_on()
        self._b.remote.delete(self._known(state))
        self._b.links.drop([state.id])
        self._b.tally.add("deleted there")

    def _must_be_still(self, memory: Memory) -> None:
        """Stale when it was changed, moved or forgotten since it was read: a run may be long."""
        if not mirror.still(self._b.access, memory):
            raise Stale("It changed while the run went on.")

    def _fits(self, action: Action) -> bool:
        memory, remote = self._s.memory(action.pair), self._b.remote
        needs, room = _NEEDS.get(action.verb), remote.connector.room
        if needs is not None and not remote.can(needs):
            self._b.tally.add("left here")  # it only takes in
            return False
        if room.text is not None and len(memory.text) > room.text:
            self._b.tally.skip(sentences.longer_there(remote.connector), memory.id)
            return False
        return True

    def _known(self, state: State) -> Entry:
        link = state.link
        listed = self._s.entries.get(link.remote_id or "")
        return listed or Entry(link.remote_id or "", state.etag, None, link.key)

    def _intent(self, pair: Pair) -> State:
        """A link that says: this is about to be sent under this key."""
        if pair.link and pair.link.remote_id is None:
            return self._s.state(pair)
        state = self._b.links.new(by_us=True)
        if pair.link:  # it was deleted there: it is another entry from now on
            state = replace(state, link=replace(state.link, id=pair.link.id))
            state = replace(state, version=self._s.states[pair.link.id].version)
        return self._about_to_be_sent(state, self._s.memory(pair))

    def _about_to_be_sent(self, state: State, memory: Memory) -> State:
        words = self._b.marks.words(memory.text)
        state = replace(state, collection_id=memory.collection_id)
        return joined(state, memory_id=memory.id, ours=None, words=words)

    def _sent(self, state: State, memory: Memory, entry: Entry | None, pair: Pair) -> State:
        """What was made there, as far as the remote shows it."""
        if entry is None or self._b.links.holder(entry.remote_id) not in (None, state.id):
            # Accepted, to be shown later; or it is there already, for another memory.
            return replace(self._s.with_ours(state, memory), sent=timezone.now().timestamp())
        words = self._b.marks.theirs(entry).words
        before = pair.link.words if pair.link else ""
        if words == before != self._b.marks.words(memory.text):
            # An answer kept from before a crash: what was changed since has to be sent yet.
            return self._s.with_entry(state, entry)
        return self._s.with_entry(self._s.with_ours(state, memory), entry)

    def _log(self, action: str, portion: Sequence[Action]) -> None:
        ids = [one.pair.ours.id for one in portion if one.pair.ours]
        access_log.record_reading(self._b.access, action, ids)

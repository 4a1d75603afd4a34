"""Does what was decided, one action at a time, each safe to repeat. What comes in is `taking`'s,
what goes out `sending`'s; here is the order, and what needs neither."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from sync.engine import conflicts
from sync.engine.links import State, joined
from sync.engine.reconcile import Action, Verb
from sync.engine.sending import Sending
from sync.engine.sight import Sight
from sync.engine.taking import Taking
from vault import memories
from vault.scope import vault_scope
from vault.types import Memory


class Apply:
    """Applies actions to both sides."""

    def __init__(self, sight: Sight) -> None:
        self._s, self._b = sight, sight.bridge
        self._taking, self._sending = Taking(sight), Sending(sight)
        self._verbs: dict[Verb, Callable[[Action], None]] = {
            Verb.TAKE_CHANGE: self._taking.change,
            Verb.TAKE_BACK: self._taking.back,
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
        for verb in Verb:
            if verb is Verb.TAKE_NEW:
                self._taking.new(of[verb])
            elif verb in self._verbs:
                self._each(of[verb])
        self._sending.new([*of[Verb.SEND_AGAIN], *of[Verb.SEND_NEW]])

    def _each(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self._b.tick()
            self._s.attempt(action, self._verbs[action.verb])

    def _settle(self, actions: Sequence[Action]) -> None:
        done = []
        for action in actions:
            state = self._s.state(action.pair)
            if action.pair.theirs:
                state = self._s.with_theirs(state, action.pair)
            memory = self._s.memories.get(action.pair.ours.id) if action.pair.ours else None
            if memory and action.verb is Verb.SETTLE:
                state = self._s.with_ours(state, memory)
            done.append(state)
        self._b.links.save(done)
        conflicts.end(self._b.row, [state.id for state in done])
        self._b.tally.add("settled", len(done))

    def _forget(self, action: Action) -> None:
        """Where the grant may not, its owner is asked once; if they keep it, it is sent again."""
        state, ours = self._s.state(action.pair), action.pair.ours
        if ours is None:
            return
        answer = conflicts.answer(self._b.row, state, b"")
        if answer == "wait":
            self._b.tally.add("undecided")
        elif answer == "ours":
            conflicts.end(self._b.row, [state.id])
            self._sending.new([replace(action, verb=Verb.SEND_AGAIN)])
        else:
            self._forget_or_ask(state, ours.id)

    def _forget_or_ask(self, state: State, memory_id: UUID) -> None:
        with vault_scope(self._b.access.vault_id):
            read = self._s.revision(memory_id)
            done = memories.forget(self._b.access, memory_id, if_revision=read)
            if isinstance(done, Memory):
                self._b.links.drop([state.id])
            else:
                conflicts.note(self._b.row, state, memory_id, done.id, b"", "deleted there")
        self._b.tally.add("forgotten" if isinstance(done, Memory) else "suggested")

    def _delete(self, action: Action) -> None:
        """An edit there that its owner was asked about and that waits yet wins over the deletion:
        the entry is theirs alone from now on."""
        state = self._s.state(action.pair)
        memory_id = state.link.memory_id
        if memory_id is None or not conflicts.is_asked(self._b.row, memory_id):
            self._sending.delete(action)
            return
        self._b.links.save([joined(state, memory_id=None, ours=None)])
        self._b.tally.add("left there")

    def _send_change(self, action: Action) -> None:
        """Not over an edit there of which its owner was asked and that waits yet."""
        if action.pair.ours and conflicts.is_asked(self._b.row, action.pair.ours.id):
            self._b.tally.add("undecided")
        else:
            self._sending.change(action)

    def _conflict(self, action: Action) -> None:
        pair, state, entry = action.pair, self._s.state(action.pair), self._s.entry(action.pair)
        memory = self._s.memory(pair)
        choice = conflicts.choice(self._b.row, state, pair, entry, memory)
        choice = "ours" if self._s.may_not_add(pair) else choice
        if choice == "wait":
            self._b.tally.add("undecided")
        elif choice == "ask" and entry.item is not None:
            conflicts.raise_(self._b, state, pair, entry.item, reason="both changed")
        elif choice == "theirs":
            self._taking.change(action)
        elif choice == "ours":
            self._sending.change(action)
        else:
            self._taking.beside(action, state)

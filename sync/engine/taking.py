"""What comes in: an entry becomes a memory, its change a revision, or both a suggestion.

Each is written in one transaction with its link.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from sync.engine import conflicts, sentences, turns
from sync.engine.convert import draft_of
from sync.engine.links import State, joined
from sync.engine.pairing import Pair
from sync.engine.reconcile import Action
from sync.engine.sight import Sight
from vault import errors as vault_errors
from vault import memories, mirror
from vault.embedding import indexing
from vault.memories import STANDING
from vault.reviewing import pairs
from vault.scope import vault_scope
from vault.text import LONGEST
from vault.types import Draft, Memory

_PORTION = 50


class Taking:
    """Brings in what a run decided to take, as far as the grant allows."""

    def __init__(self, sight: Sight) -> None:
        self._s, self._b = sight, sight.bridge

    def new(self, actions: Sequence[Action]) -> None:
        taken: list[tuple[Action, Draft]] = []
        for action in actions:
            draft = self.draft(action.pair)
            if draft is None:
                continue
            if self._may_write(draft):
                taken.append((action, draft))
            else:
                self._s.attempt(action, self._suggest_new)
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
                state = self._s.with_theirs(self._s.state(action.pair), action.pair)
                # What was forgotten here stays so: its entry is theirs alone from now on.
                states.append(self._s.with_ours(state, found[id]) if id in found else state)
            self._b.links.save(self._first_of_each(states))
        indexing.index_now(access, list(found))
        pairs.find_later(access, list(found))
        self._b.tally.add("taken", len(portion))

    def _suggest_new(self, action: Action) -> None:
        draft = self.draft(action.pair)
        if draft is None:
            return
        with vault_scope(self._b.access.vault_id):
            memory = memories.remember(self._b.access, self._into(), draft)
            state = self._s.with_theirs(self._s.state(action.pair), action.pair)
            if isinstance(memory, Memory):
                state = self._s.with_ours(state, memory)
            self._b.links.save(self._first_of_each([state]))
        self._b.tally.add("taken" if isinstance(memory, Memory) else "suggested")

    def change(self, action: Action) -> None:
        pair, entry = action.pair, self._s.entry(action.pair)
        state = self._s.state(pair)
        if pair.ours is None or entry.item is None:
            self.new([action])
            return
        if self._s.may_not_add(pair):
            self._b.links.save([self._s.with_theirs(state, pair)])
            self._b.tally.add("left there")
            return
        state = self._turned(state)
        if turns.spins([_when(t) for t in state.turns], timezone.now()):
            conflicts.raise_(self._b, state, pair, entry.item, reason="keeps changing")
            return
        with vault_scope(self._b.access.vault_id):
            title = entry.item.title or None
            done = memories.revise(
                self._b.access,
                pair.ours.id,
                text=entry.item.text,
                title=title,
                if_revision=self._s.revision(pair.ours.id),
            )
            state = self._s.with_theirs(state, pair)
            if isinstance(done, Memory):
                state = self._s.with_ours(state, done)
            self._b.links.save([state])
        self._b.tally.add("taken" if isinstance(done, Memory) else "suggested")

    def back(self, action: Action) -> None:
        """It was forgotten here and edited there: it comes as a new memory."""
        draft = self.draft(action.pair)
        if draft is None:
            return
        draft = self._apart(draft, action.pair)
        with vault_scope(self._b.access.vault_id):
            done = memories.remember(self._b.access, self._into(), draft)
            state = joined(self._s.state(action.pair), memory_id=None, ours=None)
            state = self._s.with_theirs(state, action.pair)
            if isinstance(done, Memory):
                state = self._s.with_ours(state, done)
            self._b.links.save(self._first_of_each([state]))
        self._b.tally.add("taken" if isinstance(done, Memory) else "suggested")

    def _first_of_each(self, states: Sequence[State]) -> list[State]:
        """Two entries that say the same are one memory: only one stands for it, the one that did
        so before, and the others are theirs alone."""
        seen = self._b.links.holders([one.link.memory_id for one in states if one.link.memory_id])
        found = []
        for state in states:
            id = state.link.memory_id
            again = id is not None and seen.setdefault(id, state.id) != state.id
            found.append(joined(state, memory_id=None, ours=None) if again else state)
        return found

    def _turned(self, state: State) -> State:
        now = timezone.now().timestamp()
        return replace(state, turns=(*(t for t in state.turns if now - t < 86_400), now))

    def _may_write(self, draft: Draft) -> bool:
        into = self._into()
        access = self._b.access
        at_once = access.may_add(into) == "yes" and access.may_see(into)
        return at_once and draft.kind not in STANDING

    def _into(self) -> UUID:
        if self._b.row.into_id is None:
            raise vault_errors.Refused(gettext("This connection brings nothing in."))
        return self._b.row.into_id

    def beside(self, action: Action, state: State) -> None:
        """Their version becomes a memory of its own. Ours has a link again that says it is to be
        sent as a new entry: by that the next run looks at it, also where it sees changes alone."""
        draft = self.draft(action.pair)
        if draft is None:
            return
        draft = self._apart(draft, action.pair)
        apart, ours = self._b.links.new(), self._b.links.new(by_us=True)
        ours = replace(ours, collection_id=state.collection_id, revision=state.revision)
        ours = joined(ours, memory_id=state.link.memory_id)
        with vault_scope(self._b.access.vault_id):
            done = memories.remember(self._b.access, self._into(), draft)
            self._b.links.drop([state.id])
            apart = self._s.with_theirs(apart, action.pair)
            if isinstance(done, Memory):
                apart = self._s.with_ours(apart, done)
            self._b.links.save([*self._first_of_each([apart]), ours])
        conflicts.end(self._b.row, [state.id])
        self._b.tally.add("kept both")

    def _apart(self, draft: Draft, pair: Pair) -> Draft:
        """As something else than what the same entry brought before."""
        item, source = self._s.entry(pair).item, draft.source
        if item is None or source is None:
            return draft
        key = f"{source.key}@{self._b.marks.of_item(item)[:16]}"
        return replace(draft, source=replace(source, key=key))

    def draft(self, pair: Pair) -> Draft | None:
        """What is to be taken. None, with the reason told, where it may not or does not fit."""
        entry, b = self._s.entry(pair), self._b
        into = b.row.into_id
        if into is None or b.access.may_add(into) == "no" or entry.item is None:
            b.tally.add("left there")
            return None
        if len(entry.item.text) > LONGEST:
            b.tally.skip(sentences.longer_here())
            return None
        account = b.account.label
        return draft_of(entry, vendor=b.vendor, account=account, grant_id=b.row.grant_id)


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""What a run sees while it applies: links, entries and memories, by the pair they belong to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from connectors.base.errors import ItemError, NotFound, PreconditionFailed
from connectors.base.types import Entry
from sync.engine.bridge import Bridge
from sync.engine.links import State, as_listed, joined
from sync.engine.pairing import Pair
from sync.engine.reconcile import Action
from vault import errors as vault_errors
from vault.types import Memory


@dataclass(frozen=True, slots=True)
class Sight:
    """`entries` are those listed, `memories` those in sight, `states` the links by their ids."""

    bridge: Bridge
    states: Mapping[UUID, State]
    entries: Mapping[str, Entry]
    memories: Mapping[UUID, Memory]

    def state(self, pair: Pair) -> State:
        """Its link as its entry is called now; a new one, not saved yet, where there is none."""
        if pair.link is None:
            return self.bridge.links.new()
        return as_listed(self.states[pair.link.id], pair, self.entries)

    def entry(self, pair: Pair) -> Entry:
        found = self.entries.get(pair.theirs.remote_id) if pair.theirs else None
        if found is None:
            raise NotFound("It was not listed.")
        return found

    def memory(self, pair: Pair) -> Memory:
        found = self.memories.get(pair.ours.id) if pair.ours else None
        if found is None:
            raise vault_errors.NotFound("There is no such memory.")
        return found

    def revision(self, memory_id: UUID) -> int | None:
        """At which it was read: what its owner wrote since must not be overwritten unseen."""
        found = self.memories.get(memory_id)
        return found.revision if found else None

    def may_not_add(self, pair: Pair) -> bool:
        """Whether the grant may change nothing where this memory is."""
        found = self.memories.get(pair.ours.id) if pair.ours else None
        return found is not None and self.bridge.access.may_add(found.collection_id) == "no"

    def with_ours(self, state: State, memory: Memory) -> State:
        """The link, saying that our side is this now."""
        state = replace(state, collection_id=memory.collection_id, revision=memory.revision)
        return joined(state, memory_id=memory.id, ours=self.bridge.marks.of_memory(memory))

    def with_theirs(self, state: State, pair: Pair) -> State:
        """The same of what was listed. What a listing of changes does not tell of is as it was."""
        theirs, link = pair.theirs, state.link
        if theirs and theirs.remote_id not in self.entries and link.remote_id == theirs.remote_id:
            return state
        return self.with_entry(state, self.entry(pair))

    def with_entry(self, state: State, entry: Entry) -> State:
        """The link, saying that their side is this now; or that it is what it was, if unread."""
        if entry.unread:
            return joined(replace(state, etag=entry.etag), remote_id=entry.remote_id)
        theirs = self.bridge.marks.theirs(entry)
        state = joined(state, remote_id=entry.remote_id, theirs=theirs.mark, words=theirs.words)
        return replace(state, etag=entry.etag)

    def attempt(self, action: Action, do: Callable[[Action], None]) -> None:
        """Do it; what this one is refused for is told, and the others go on."""
        pair, tally = action.pair, self.bridge.tally
        memory_id = pair.ours.id if pair.ours else pair.link.memory_id if pair.link else None
        try:
            do(action)
        except vault_errors.KeyChanged:
            raise
        except (PreconditionFailed, vault_errors.Stale, vault_errors.NotFound):
            tally.add("changed meanwhile")  # the next run sees both sides anew
        except (ItemError, vault_errors.Refused, vault_errors.Invalid) as error:
            tally.skip(str(error), memory_id)

"""Faults put into the engine one at a time, to see that random lives find them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sync.engine import conflicts, engine, guards, reconcile
from sync.engine.guards import Guard
from sync.engine.links import Links, State, joined
from sync.engine.reconcile import Action, Side, Verb
from sync.engine.sending import Sending
from vault import mirror
from vault.access import Access


def theirs_always_wins() -> AbstractContextManager[object]:
    """A conflict is decided without asking."""
    return patch.object(conflicts, "choice", lambda *args: "theirs")


@contextmanager
def no_intent() -> Iterator[None]:
    """A create leaves nothing behind before it."""
    save = Links.save

    def without_intents(links: Links, states: Sequence[State]) -> None:
        save(links, [one for one in states if one.link.remote_id or one.link.ours])

    with patch.object(Links, "save", without_intents):
        yield


@contextmanager
def tombstones_there_ignored() -> Iterator[None]:
    """What a listing of changes says is gone counts as unchanged."""
    look = engine._look

    def without_tombstones(bridge: Any, listing: Any) -> Any:
        for name in [name for name, entry in listing.entries.items() if entry is None]:
            del listing.entries[name]
        return look(bridge, listing)

    with patch.object(engine, "_look", without_tombstones):
        yield


@contextmanager
def tombstones_here_ignored() -> Iterator[None]:
    """What was forgotten here does not count as changed here."""
    changed = mirror.changed

    def living(access: Access, since: int) -> Collection[UUID]:
        found = changed(access, since)
        return found & mirror.states(access, found).keys()

    with patch.object(mirror, "changed", living):
        yield


@contextmanager
def nothing_is_deleted_there() -> Iterator[None]:
    """What was forgotten here stays there."""
    row = tuple(Verb.NOTHING if one is Verb.DELETE else one for one in reconcile._OURS[Side.GONE])
    with patch.dict(reconcile._OURS, {Side.GONE: row}):
        yield


def no_guard_of_emptiness() -> AbstractContextManager[object]:
    """An empty listing is believed."""

    def allowed(guard: Guard, waived: frozenset[str]) -> bool:
        return guard.name == "emptied" or guard.name in waived

    return patch.object(guards, "allowed", allowed)


def echoes_of_what_was_sent() -> AbstractContextManager[object]:
    """What was sent is not written down as what they have now: it looks like their edit."""
    change = Sending.change

    def forgetting(self: Sending, action: Action) -> None:
        change(self, action)
        links, before = self._b.links, action.pair.link
        found = [one for one in links.every() if before and one.id == before.id]
        links.save([joined(one, theirs=before.theirs) for one in found if before])

    return patch.object(Sending, "change", forgetting)


FAULTS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    fault.__name__: fault
    for fault in (
        theirs_always_wins,
        no_intent,
        tombstones_there_ignored,
        tombstones_here_ignored,
        nothing_is_deleted_there,
        no_guard_of_emptiness,
        echoes_of_what_was_sent,
    )
}

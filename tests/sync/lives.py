"""A vault, a hostile remote, and a plain ledger of what was said at both, beside the real engine.

The ledger knows nothing of links and marks. It holds the words that somebody wrote, and those that
were replaced, deleted or decided against by somebody who saw them: all others must be somewhere.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import TypeVar
from unittest.mock import patch
from uuid import UUID

from django.utils import timezone

from connectors.base.types import Account, Capability, Kind
from sync.connections import connections, runs
from sync.connections.connections import Settings
from sync.engine import engine
from sync.engine.links import Links, State
from sync.models import Connection as Row
from sync.models import Receipt, Run
from tests.connectors.hostile import Crash, When, connector_of
from tests.connectors.hostile_world import Call
from tests.people import let_something_in
from tests.sync import remotes
from tests.sync.noted import Noted, NotedRemote, Traits
from tests.sync.remotes import nowhere
from tests.sync.rooms import HOMES, VAULTS
from vault import memories
from vault.access import Access
from vault.errors import VaultError
from vault.granting import connecting, grants
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.text import folded
from vault.types import Draft, Memory, Right, Suggestion

T = TypeVar("T")
WRITES: tuple[Call, ...] = ("create", "update", "delete")


class Life:
    """One connection, and what both of its people do. Numbers choose from what there is."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self.person, self.homes = VAULTS.fresh()
        self.world = Noted(
            traits.capabilities, traits.temper(), Account(self.homes["Home"].hex, "ada")
        )
        made = connector_of(self.world)
        self._class = type("Noted", (NotedRemote, made), {})
        self.texts = count(1)
        self.lied = False
        """It told of no changes where there were: only a full listing, once a day, mends that."""
        self.written: set[str] = set()
        self._made_of: dict[str, str] = {}
        self.over: set[str] = set()
        self.let_be: set[str] = set()
        """Words of entries that the owner did not want, or had forgotten: they stay there alone."""
        with self._reached():
            self.connection = connections.add(
                self.access,
                self.person.owner_key,
                "hostile",
                {"token": "open-sesame"},
                name=f"Remote {self.homes['Home'].hex}",
                rights=self._rights("Home", "Work"),
                settings=Settings(self.homes["Home"], policy=traits.policy, background=True),
                account=self.world.account,
            )
        let_something_in(self.person.vault_id, self.connection.grant)

    @property
    def access(self) -> Access:
        return self.person.access

    # what its owner does

    def remember(self, home: str, kind: Kind = "fact") -> None:
        text = self.new_text("kept")
        memories.remember(self.access, self.homes[home], Draft(text, kind))

    def revise(self, number: int) -> None:
        if memory := _nth(self.memories(), number):
            self.over |= self._said(memory.text)
            memories.revise(self.access, memory.id, text=self.new_text("put right"))

    def forget(self, number: int) -> None:
        if memory := _nth(self.memories(), number):
            self.over |= self._said(memory.text)
            self.let_be |= self._said(memory.text)
            memories.forget(self.access, memory.id)

    def move(self, number: int, home: str) -> None:
        memory, there = _nth(self.memories(), number), self.memories(home)
        if memory and folded(memory.text) not in {folded(one.text) for one in there}:
            memories.move(self.access, memory.id, self.homes[home])

    def answer(self, number: int, *, accept: bool) -> None:
        if said := _nth(self.suggestions(), number):
            if accept:
                self._accept(said)
            else:
                self._decline(said)

    def narrow(self) -> None:
        grants.change(self.access, self.connection.grant.id, rights=self._rights("Home"))

    def widen(self) -> None:
        rights = self._rights("Home", "Work")
        owner = self.person.owner_key
        grants.change(self.access, self.connection.grant.id, rights=rights, owner=owner)

    # what the vendor's user does

    def write(self, kind: Kind = "fact") -> None:
        self.world.write(self.new_text("said there"), kind)

    def write_the_same(self, number: int) -> None:
        if memory := _nth(self.memories(), number):
            self.world.write(memory.text)

    def double(self, number: int) -> None:
        if remote_id := _nth(sorted(self.world.entries), number):
            self.world.write(self.world.entries[remote_id].text)

    def edit(self, number: int) -> None:
        if remote_id := _nth(sorted(self.world.entries), number):
            self.over |= self._said(self.world.entries[remote_id].text)
            self._note_unknown(remote_id)
            self.world.unrun.add(remote_id)
            self.world.edit(remote_id, self.new_text("edited there"))

    def remove(self, number: int) -> None:
        if remote_id := _nth(sorted(self.world.entries), number):
            self.over |= self._said(self.world.entries[remote_id].text)
            self.world.remove(remote_id)

    def rename(self, number: int) -> None:
        """The vendor gives an entry another id."""
        if remote_id := _nth(sorted(self.world.entries), number):
            if remote_id in self.world.unrun and not self.traits.keeps_keys:
                self.world.theirs.add(remote_id)
            self.world.move(remote_id)

    def clash(self, number: int, *, forget: bool, remove: bool) -> None:
        """Both sides do something to the same thing."""
        here = {one.id: place for place, one in enumerate(self.memories())}
        there = {one: place for place, one in enumerate(sorted(self.world.entries))}
        both = [one.link for one in self.links()]
        pairs = [
            (here.get(one.memory_id or self.connection.id), there.get(one.remote_id or ""))
            for one in both
        ]
        found = [(ours, theirs) for ours, theirs in pairs if None not in (ours, theirs)]
        if chosen := _nth(found, number):
            ours, theirs = chosen
            (self.forget if forget else self.revise)(ours or 0)
            (self.remove if remove else self.edit)(theirs or 0)

    def _note_unknown(self, remote_id: str) -> None:
        """One that no link names, and whose words are no longer those sent, is theirs from now."""
        known = {one.link.remote_id for one in self.links()}
        if not self.traits.keeps_keys and remote_id not in known:
            self.world.theirs.add(remote_id)

    # runs

    def run(
        self, crash: int | tuple[When, str] | None = None, *, resync: bool = False
    ) -> Run | None:
        """Dies at that event, or at the first that is so. None: it died, or its connection waits
        for somebody."""
        if crash is not None:
            self.world.fuse = _burning(crash)
        record = None
        with self._reached(), suppress(Crash):
            record = runs.run(
                self.person.vault_id, self.connection.id, transport=nowhere, resync=resync
            )
        self.world.fuse = lambda when, call: None
        self._silence()
        if record is not None and record.outcome == "done":
            self.world.unrun.clear()
        assert record is None or record.outcome not in ("failed", "bad response"), record.said
        return record

    def run_empty(self) -> None:
        """An outage that looks like emptiness: its owner does not believe it. Where it looks like
        no changes, nobody can tell, and what was edited there may be overwritten."""
        if Capability.DELTA in self.traits.capabilities:
            for remote_id in self.world.unrun & self.world.entries.keys():
                self.over |= self._said(self.world.entries[remote_id].text)
        self.world.temper.empty = self.lied = True
        self.run()
        self.world.temper.empty = False
        self.unblock()

    def unblock(self) -> None:
        """What a guard holds back is let through where it is so; else it is just begun again."""
        row = self.row()
        if row.state != Row.State.BLOCKED:
            return
        if self.world.entries:
            connections.pause(self.access, row.id)
            connections.resume(self.access, row.id, self.person.owner_key)
        else:
            connections.waive(self.access, row.id, row.guard["name"])

    def be_calm(self) -> None:
        temper, world = self.world.temper, self.world
        temper.dies_after, temper.refuses, temper.unreadable, temper.holds = None, "", "", False
        world._failures.clear()

    def come_to_rest(self, most: int = 10) -> Run:
        """Runs in peace, every question answered with yes, until one does nothing."""
        self.be_calm()
        for turn in range(most):
            self.world.release()
            self.unblock()
            asked = self.suggestions()
            for said in asked:
                self._accept(said)
            patience = timedelta(0) if turn > 1 else engine.PENDING_FOR
            with patch.object(engine, "PENDING_FOR", patience):
                record = self.run(resync=self.lied and turn == 0)
            if record and record.outcome == "done" and not (asked or record.counts):
                return record
        raise AssertionError(f"no rest: {record and (record.said, record.counts)}")

    # what is so

    def memories(self, *homes: str) -> list[Memory]:
        """All that is remembered, in the order in which it came."""
        ids = [self.homes[name] for name in homes or HOMES]
        found = memories.listing(self.access, collections=ids, limit=100).memories
        return sorted(found, key=lambda one: one.id.hex)

    def in_sight(self) -> list[Memory]:
        rights = grants.get(self.access, self.connection.grant.id).rights
        return [one for one in self.memories() if one.collection_id in rights and not one.held]

    def suggestions(self) -> list[Suggestion]:
        grant = self.connection.grant.id
        return [one for one in suggestions.listing(self.access) if one.grant_id == grant]

    def links(self) -> list[State]:
        return Links(self.key()).every()

    def key(self) -> connecting.ConnectionKey:
        row = self.row()
        return connecting.by_server(row.vault_id, row.id, row.server_slot or b"")

    def row(self) -> Row:
        with vault_scope(self.person.vault_id):
            mine = Row.objects.filter(vault_id=self.person.vault_id)
            return mine.get(id=self.connection.id)

    def receipts(self) -> dict[bytes, Receipt]:
        found = connections.receipts(self.access, self.connection.id)
        return {bytes(one.remote_mark): one for one in found}

    def new_text(self, said: str) -> str:
        """A text that is nowhere else; capitals and blanks are nothing."""
        number = next(self.texts)
        text = f"Thing {number} {said}" if number % 2 else f"THING {number}  {said}"
        self.written.add(folded(text))
        self._made_of[folded(self.world.temper.rewrites(text))] = folded(text)
        return text

    def _said(self, text: str) -> set[str]:
        """Its words, those that the remote makes of it, and those of which it made these."""
        words = folded(text)
        made = folded(self.world.temper.rewrites(text))
        return {words, made, self._made_of.get(words, words)}

    def _accept(self, said: Suggestion) -> None:
        there = self._living(said)
        try:
            suggestions.accept(self.access, said.id)
        except VaultError:
            suggestions.decline(self.access, said.id)
            return
        self.over |= self._said(there.text) if there else set()

    def _decline(self, said: Suggestion) -> None:
        words, entries = folded(said.text), self.world.entries.items()
        if said.action != "forget":
            self.let_be |= self._said(said.text)
        if said.action == "revise":
            self.over |= self._said(said.text)
        if said.action != "forget" and not self._living(said):  # it stays there, and is theirs
            self.world.theirs |= {id for id, held in entries if folded(held.text) == words}
        suggestions.decline(self.access, said.id)

    def _living(self, said: Suggestion) -> Memory | None:
        return next((one for one in self.memories() if one.id == said.memory_id), None)

    def _rights(self, *homes: str) -> dict[UUID, Right]:
        return {self.homes[name]: Right(see=True, add=self.traits.add) for name in homes}

    def _silence(self) -> None:
        """The worker was dead for long enough to be given up."""
        with vault_scope(self.person.vault_id):
            mine = Row.objects.filter(vault_id=self.person.vault_id, id=self.connection.id)
            mine.update(lease_until=timezone.now() - timedelta(seconds=1))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        with remotes.only({"hostile": self._class}):
            yield


def _burning(at: int | tuple[When, str]) -> Callable[[When, str], None]:
    events = count(1)

    def fuse(when: When, call: str) -> None:
        number = next(events)
        if at == (when, call) or (isinstance(at, int) and number > at):
            raise Crash

    return fuse


def _nth(found: Sequence[T], number: int) -> T | None:
    return found[number % len(found)] if found else None


__all__ = ["HOMES", "WRITES", "Life", "Noted", "Traits"]

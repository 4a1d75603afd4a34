"""Two vaults beside the model of their rules, and all that is compared after every step."""

import os
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition

from tests.people import Person, new_person
from tests.vault.reference import Asker, Clock, World
from vault import memories
from vault.access import Access
from vault.acting import acts
from vault.errors import KeyChanged, Locked, NotFound
from vault.granting import grants
from vault.keys.vaultkey import OwnerKey
from vault.models import CollectionKey, GrantKey, GrantSlot
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Right
from vault.visible import Selection

FULL = os.environ.get("SATCHEL_FULL") == "1"
NAMES = ("Work", "Family", "Health")


@cache
def the_two() -> tuple[list[Person], list[OwnerKey]]:
    """Two people for all runs, since each costs three seconds of key derivation."""
    people = [new_person(), new_person()]
    return people, [person.owner_key for person in people]


class Checked(RuleBasedStateMachine):
    """Rules come with the class that inherits this."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.world = Clock(), World()
        self.openers: dict[str, Any] = {}
        self.granted: dict[UUID, str] = {}
        self.people, self.keys = the_two()
        self.homes = [{name: p.collection(name) for name in NAMES} for p in self.people]

    def teardown(self) -> None:
        self.clock.stop()
        for number, person in enumerate(self.people):
            grants.revoke_all(person.access)
            facts = self.world.facts.items()
            ids = [id for id, fact in facts if fact.owner == number and not fact.forgotten]
            if ids:
                act = acts.begin(person.access, "forget", Selection(ids=ids))
                acts.go_on(person.access, act.id, seconds=60)

    @precondition(lambda self: self.world.facts)
    @invariant()
    def nobody_opens_what_the_model_denies(self) -> None:
        for secret, opener in self.openers.items():
            expected = self.world.seen_by(secret, self.clock.now())
            try:
                access = opener()
            except Locked:
                assert expected is None, secret
                continue
            assert expected is not None, secret
            self.used(secret)
            self.check_keys(access, self.world.askers[secret])
            try:
                self.check_reads(access, self.world.askers[secret], expected)
            except KeyChanged:
                assert self.world.askers[secret].behind

    @invariant()
    def keys_lie_where_the_model_says(self) -> None:
        """In the tables: a key for each collection that a grant may see, and no other; none while
        it is paused."""
        for owner, person in enumerate(self.people):
            mine = {"vault_id": person.vault_id}
            with vault_scope(person.vault_id):
                slots = list(GrantSlot.objects.filter(**mine).values_list("grant_id", flat=True))
                place = ("collection_id", "epoch")
                epochs = list(CollectionKey.objects.filter(**mine).values_list(*place))
                found = set(GrantKey.objects.filter(**mine).values_list("grant_id", *place))
            live = dict(self.live(owner))
            assert sorted(slots) == sorted(live)
            keys = {(g, c, e) for g, seen in live.items() for c, e in epochs if c in seen}
            assert found == keys

    def live(self, owner: int) -> list[tuple[UUID, set[UUID]]]:
        """The grants that were not revoked, with the collections that each may see now."""
        askers = {grant: self.world.askers[token] for grant, token in self.granted.items()}
        homes = self.homes[owner].items()
        return [
            (grant, {id for home, id in homes if asker.right(home).see and not asker.paused})
            for grant, asker in askers.items()
            if asker.owner == owner and not asker.stopped
        ]

    def check_reads(self, access: Access, asker: Asker, expected: set[str]) -> None:
        assert {m.text for m in memories.listing(access).memories} == expected
        assert {hit.memory.text for hit in recall.search(access, "sea fact", limit=50)} == expected
        assert not memories.listing(access, collections=[]).memories
        assert not recall.search(access, "sea fact", collections=[])
        mine = access.is_owner
        facts = [(i, f) for i, f in self.world.facts.items() if not mine or f.owner != asker.owner]
        denied = sorted((f.owner != asker.owner, i) for i, f in facts if f.text not in expected)
        for _, memory_id in denied if FULL else (*denied[:1], *denied[-1:]):
            with pytest.raises(NotFound):
                memories.get(access, memory_id)

    def check_keys(self, access: Access, asker: Asker) -> None:
        """In the hand: the keys of exactly the collections in sight, and the grant's version."""
        assert access.asker.version == asker.version
        for owner, homes in enumerate(self.homes):
            for home, collection in homes.items():
                sees = owner == asker.owner and asker.right(home).see
                assert (collection in access.keyring.collections) == sees
                with nullcontext() if sees else pytest.raises(NotFound):
                    access.narrowed({collection})

    def used(self, secret: str) -> None:
        """A session's idle time starts anew; it is written down once a minute at most."""
        asker = self.world.askers[secret]
        if asker.idle_at is not None:
            asker.idle_at = self.clock.now() + timedelta(minutes=30)

    def listed(self, owner: int) -> dict[str, UUID]:
        page = memories.listing(self.owner(owner), limit=100)
        return {memory.text: memory.id for memory in page.memories}

    def owner(self, number: int) -> Access:
        return self.people[number].access

    def by_id(self, owner: int, rights: Mapping[str, Right]) -> dict[UUID, Right]:
        return {self.homes[owner][name]: right for name, right in rights.items()}

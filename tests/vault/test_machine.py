"""Whatever owners do in whatever order, nobody opens what a short model of the rules denies.

The long form: `SATCHEL_FULL=1 python3 manage.py test --fast tests/vault/test_machine.py`.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.people import Person, new_person
from vault import bulk, custodian, grants, memories, recall, rotation, vaults
from vault.access import Access, end_job, open_job, open_session, open_token, start_job
from vault.errors import Locked, NotFound, Refused
from vault.keyring import only
from vault.scope import vault_scope
from vault.types import Draft, OpenSession, Right
from vault.vaultkey import OwnerKey

FULL = os.environ.get("SATCHEL_FULL") == "1"
NAMES = ("Work", "Family", "Health")
NUMBERS = count()
RIGHTS = st.dictionaries(
    st.sampled_from(NAMES),
    st.builds(Right, see=st.booleans(), add=st.sampled_from(["no", "ask", "yes"])),
    min_size=1,
)


# The model: what the rules are, with no key and no table.


@dataclass
class Asker:
    """A grant, session or job by its rules."""

    owner: int
    rights: dict[str, Right]
    ends: datetime
    stopped: bool = False
    paused: bool = False
    confirmed_only: bool = False
    idle_at: datetime | None = None

    def opens(self, now: datetime) -> bool:
        idle = self.idle_at is not None and now > self.idle_at
        return not (self.stopped or self.paused or idle or now >= self.ends)

    def sees(self, fact: "Fact") -> bool:
        right = self.rights.get(fact.home, Right())
        hidden = fact.forgotten or (self.confirmed_only and not fact.confirmed)
        return fact.owner == self.owner and right.see and not hidden


@dataclass
class Fact:
    owner: int
    home: str
    text: str
    forgotten: bool = False
    confirmed: bool = True


@dataclass
class World:
    askers: dict[str, Asker] = field(default_factory=dict)
    facts: dict[UUID, Fact] = field(default_factory=dict)

    def seen_by(self, secret: str, now: datetime) -> set[str] | None:
        """The texts that the holder of this secret may read; None when it opens nothing."""
        asker = self.askers[secret]
        if not asker.opens(now):
            return None
        return {fact.text for fact in self.facts.values() if asker.sees(fact)}


# The machine: the vault and the model side by side.


class Clock:
    """The time of the whole process, moved by hand."""

    def __init__(self) -> None:
        self.ahead, self._now, self._today = timedelta(), timezone.now, custodian.today
        timezone.now = self.now
        custodian.today = lambda: self.now().date()

    def now(self) -> datetime:
        return self._now() + self.ahead

    def stop(self) -> None:
        timezone.now, custodian.today = self._now, self._today


@cache
def the_two() -> tuple[list[Person], list[OwnerKey]]:
    """Two people for all runs, since each costs three seconds of key derivation."""
    people = [new_person(), new_person()]
    return people, [person.owner_key for person in people]


class Vaults(RuleBasedStateMachine):
    grants = Bundle("grants")
    facts = Bundle("facts")
    sessions = Bundle("sessions")
    jobs = Bundle("jobs")
    owners = st.integers(0, 1)

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.world = Clock(), World()
        self.openers: dict[str, Any] = {}
        self.people, self.keys = the_two()
        self.homes = [{name: p.collection(name) for name in NAMES} for p in self.people]

    def teardown(self) -> None:
        self.clock.stop()
        for fact_id, fact in self.world.facts.items():
            if not fact.forgotten:
                memories.forget(self.owner(fact.owner), fact_id)

    @initialize(target=facts)
    def first_facts(self) -> Any:
        return multiple(*(self.remember(owner, home) for owner in (0, 1) for home in NAMES))

    @initialize(target=grants)
    def first_grants(self) -> Any:
        see = dict.fromkeys(NAMES, Right(see=True))
        return multiple(self.grant(0, see, 30, True), self.grant(1, see, 1, False))

    @initialize(target=sessions)
    def first_session(self) -> Any:
        return self.unlock(0)

    @initialize(target=jobs)
    def first_jobs(self) -> Any:
        return multiple(*(self.start_job(owner, {"Work", "Family"}) for owner in (0, 1)))

    @rule(target=facts, owner=owners, home=st.sampled_from(NAMES))
    def remember(self, owner: int, home: str) -> UUID:
        text = f"The sea has fact {next(NUMBERS)}."
        made = memories.remember(self.owner(owner), self.homes[owner][home], Draft(text))
        self.world.facts[made.id] = Fact(owner, home, text)
        return made.id

    @rule(fact=facts)
    def forget_or_restore(self, fact: UUID) -> None:
        known = self.world.facts[fact]
        act = memories.restore if known.forgotten else memories.forget
        act(self.owner(known.owner), fact)
        known.forgotten = not known.forgotten

    @rule(fact=facts, home=st.sampled_from(NAMES))
    def move(self, fact: UUID, home: str) -> None:
        known = self.world.facts[fact]
        memories.move(self.owner(known.owner), fact, self.homes[known.owner][home])
        known.home = home

    @rule(job=jobs, home=st.sampled_from(NAMES))
    def imported(self, job: str, home: str) -> None:
        """What a job brings nobody has confirmed."""
        known = self.world.askers[job]
        if not known.opens(self.clock.now()):
            return
        text, collection = f"The sea has fact {next(NUMBERS)}.", self.homes[known.owner][home]
        try:
            bulk.remember_many(self.openers[job](), [(collection, Draft(text))])
        except (NotFound, Refused):
            assert home not in known.rights
            return
        listed = memories.listing(self.owner(known.owner), collections=[collection]).memories
        (made,) = (memory for memory in listed if memory.text == text)
        self.world.facts[made.id] = Fact(known.owner, home, text, confirmed=False)

    @rule(
        target=grants, owner=owners, rights=RIGHTS, days=st.integers(1, 300), strict=st.booleans()
    )
    def grant(self, owner: int, rights: dict[str, Right], days: int, strict: bool) -> Any:
        wanted = {name: right for name, right in rights.items() if right != Right()}
        if not wanted:
            wanted = {"Work": Right(see=True)}
        ends = self.clock.now() + timedelta(days=days)
        made, token = grants.create_token(
            self.owner(owner),
            self.keys[owner],
            name="An app",
            rights=self.by_id(owner, wanted),
            expires_at=ends,
            confirmed_only=strict,
        )
        self.world.askers[token] = Asker(owner, wanted, ends, confirmed_only=strict)
        self.openers[token] = lambda: open_token(token)
        return owner, made.id, token

    @rule(grant=grants, rights=RIGHTS)
    def change(self, grant: Any, rights: dict[str, Right]) -> None:
        owner, grant_id, token = grant
        known = self.world.askers[token]
        wanted = {name: right for name, right in rights.items() if right != Right()}
        if known.stopped or not wanted:
            return
        act = {"rights": self.by_id(owner, wanted), "owner": self.keys[owner]}
        grants.change(self.owner(owner), grant_id, **act)
        known.rights = wanted

    @rule(grant=grants)
    def pause_or_resume(self, grant: Any) -> None:
        owner, grant_id, token = grant
        known = self.world.askers[token]
        act = grants.resume if known.paused else grants.pause
        try:
            act(self.owner(owner), grant_id)
        except Refused:
            assert known.stopped
        else:
            known.paused = not known.paused

    @rule(grant=grants)
    def revoke(self, grant: Any) -> None:
        owner, grant_id, token = grant
        grants.revoke(self.owner(owner), grant_id)
        self.world.askers[token].stopped = True

    @rule(owner=owners, home=st.sampled_from(NAMES))
    def rotate(self, owner: int, home: str) -> None:
        rotation.rotate(self.people[owner].access, self.keys[owner], self.homes[owner][home])
        self.stop_sessions(owner)

    @rule(owner=owners, home=st.sampled_from(NAMES), finish=st.booleans())
    def reseal(self, owner: int, home: str, finish: bool) -> None:
        access, collection = self.people[owner].access, self.homes[owner][home]
        while rotation.reseal_next(access, collection, limit=2) and finish:
            pass
        if finish and rotation.finish(access, collection, lambda _: False):
            for secret, asker in self.world.askers.items():  # jobs of before hold no newer key
                if secret.startswith("job") and asker.owner == owner:
                    asker.stopped = True
                    self.openers[secret] = None

    @rule(target=sessions, owner=owners)
    def unlock(self, owner: int) -> str:
        opened = vaults.unlock_with_recovery(
            owner_id=self.people[owner].user.pk, code=self.people[owner].recovery_code
        )
        everything = dict.fromkeys(NAMES, Right(see=True, add="yes"))
        secret, now = f"session{opened.session_id}", self.clock.now()
        self.world.askers[secret] = Asker(
            owner, everything, now + timedelta(hours=12), idle_at=now + timedelta(minutes=30)
        )
        self.openers[secret] = lambda: _opened(opened)
        return secret

    @rule(session=sessions)
    def lock(self, session: str) -> None:
        if self.openers[session] is not None and self.world.askers[session].opens(self.clock.now()):
            vaults.lock(self.openers[session]())
            self.world.askers[session].stopped = True

    @rule(target=jobs, owner=owners, homes=st.sets(st.sampled_from(NAMES), min_size=1))
    def start_job(self, owner: int, homes: set[str]) -> str:
        access = self.owner(owner)
        lasts, now = timedelta(hours=2), self.clock.now()
        with vault_scope(access.vault_id):
            ring = only(access.keyring, [self.homes[owner][home] for home in homes])
            token = start_job(access, "test", ring, lasts)
        secret = f"job{token}"
        rights = dict.fromkeys(homes, Right(see=True, add="yes"))
        self.world.askers[secret] = Asker(owner, rights, now + lasts)
        self.openers[secret] = lambda: open_job(token, "Test")
        return secret

    @rule(job=jobs)
    def end_job(self, job: str) -> None:
        known = self.world.askers[job]
        if not known.stopped and known.opens(self.clock.now()):
            end_job(self.openers[job]())
            known.stopped = True

    @rule(ahead=st.sampled_from([timedelta(minutes=20), timedelta(hours=3), timedelta(days=40)]))
    def wait(self, ahead: timedelta) -> None:
        self.clock.ahead += ahead

    @precondition(lambda self: self.world.facts)
    @invariant()
    def nobody_opens_what_the_model_denies(self) -> None:
        for secret, opener in self.openers.items():
            if opener is None:
                continue
            expected = self.world.seen_by(secret, self.clock.now())
            try:
                access = opener()
            except Locked:
                assert expected is None, secret
                continue
            assert expected is not None, secret
            self.used(secret)
            self.check_reads(access, self.world.askers[secret], expected)

    def check_reads(self, access: Access, asker: Asker, expected: set[str]) -> None:
        assert {m.text for m in memories.listing(access).memories} == expected
        found = {hit.memory.text for hit in recall.search(access, "sea fact", limit=50)}
        assert found == expected
        for memory_id, fact in self.world.facts.items():
            if fact.text in expected or (access.is_owner and asker.owner == fact.owner):
                continue
            with pytest.raises(NotFound):
                memories.get(access, memory_id)

    def used(self, secret: str) -> None:
        """A session's idle time starts anew; it is written down once a minute at most."""
        asker = self.world.askers[secret]
        if asker.idle_at is not None:
            asker.idle_at = self.clock.now() + timedelta(minutes=30)

    def stop_sessions(self, owner: int) -> None:
        for secret, asker in self.world.askers.items():
            if secret.startswith("session") and asker.owner == owner:
                asker.stopped = True

    def owner(self, number: int) -> Access:
        return self.people[number].access

    def by_id(self, owner: int, rights: dict[str, Right]) -> dict[UUID, Right]:
        return {self.homes[owner][name]: right for name, right in rights.items()}


def _opened(session: OpenSession) -> Access:
    return open_session(session.session_id, session.vault_id, session.secret)


@pytest.mark.timeout(3600 if FULL else 120)
def test_nobody_opens_what_the_model_denies() -> None:
    run_state_machine_as_test(
        Vaults,
        settings=settings(
            max_examples=1000 if FULL else 8,
            stateful_step_count=40 if FULL else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""What owners, apps and jobs do, each act in the vault and in the model of its rules."""

from contextlib import nullcontext
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, multiple, rule

from tests.vault.checked import NAMES, Checked
from tests.vault.database import copy_of, put_back
from tests.vault.reference import Asker, Fact
from vault import bulk, memories, vaults
from vault.access import Access, open_session, open_token
from vault.errors import Invalid, KeyChanged, Locked, NotFound, Refused
from vault.granting import grants
from vault.keys import rotation
from vault.keys.jobs import end_job, open_job, start_job
from vault.keys.keyring import only
from vault.models import Memory as Row
from vault.reviewing import quarantine
from vault.scope import vault_scope
from vault.types import Draft, Memory, OpenSession, Right

NUMBERS = count()
OF_GRANTS = ("grant", "grantslot", "grantkey", "grantright")
SEE, ALL = Right(see=True), Right(see=True, add="yes")
SOON = timedelta(minutes=20)


def _given(rights: dict[str, Right]) -> dict[str, Right]:
    return {name: right for name, right in rights.items() if right != Right()} or {"Work": SEE}


HOMES = st.sampled_from(NAMES)
RIGHTS = st.dictionaries(
    HOMES,
    st.builds(Right, see=st.booleans(), add=st.sampled_from(["no", "ask", "yes"])),
    min_size=1,
).map(_given)


class Vaults(Checked):
    grants = Bundle("grants")
    facts = Bundle("facts")
    sessions = Bundle("sessions")
    jobs = Bundle("jobs")
    owners = st.integers(0, 1)

    @initialize(target=facts)
    def first_facts(self) -> Any:
        return multiple(*(fact for owner in (0, 1) for fact in self.first_of(owner)))

    @initialize(target=grants)
    def first_grants(self) -> Any:
        return multiple(
            self.grant(0, dict.fromkeys(NAMES, ALL), 30, True),
            self.grant(1, {"Work": SEE, "Family": ALL, "Health": Right(add="yes")}, 1, False),
        )

    @initialize(target=sessions)
    def first_session(self) -> Any:
        return self.unlock(0)

    @initialize(target=jobs)
    def first_jobs(self) -> Any:
        return multiple(*(self.start_job(owner, {"Work", "Family"}) for owner in (0, 1)))

    @rule(target=facts, owner=owners, home=HOMES)
    def remember(self, owner: int, home: str) -> UUID:
        """What is new is sealed under the newest key, which no revoked grant has held."""
        access, place, text = self.owner(owner), self.homes[owner][home], _words()
        made = memories.remember(access, place, Draft(text))
        with vault_scope(access.vault_id):
            row = Row.objects.get(vault_id=access.vault_id, id=made.id)
        assert row.epoch == access.keyring.epochs(place)[-1]
        self.world.facts[made.id] = Fact(owner, home, text)
        return made.id

    @rule(target=facts, grant=grants, home=HOMES)
    def tell(self, grant: Any, home: str) -> Any:
        """A grantee adds at once, asks, or may not; what it adds first waits out of sight."""
        owner, _, token = grant
        known, text = self.world.askers[token], _words()
        right, place = known.right(home), self.homes[owner][home]
        if not known.opens(self.clock.now()):
            return multiple()
        with pytest.raises((NotFound, Refused)) if right.add == "no" else nullcontext():
            made = memories.remember(open_token(token), place, Draft(text))
        if right.add == "no":
            return multiple()
        assert isinstance(made, Memory) == (right == ALL)
        if right != ALL:
            return multiple()
        held = self.world.is_new(token)
        self.world.facts[made.id] = Fact(owner, home, text, None, False, held, token)
        return multiple(made.id)

    @rule(fact=facts)
    def let_in(self, fact: UUID) -> None:
        known = self.world.facts[fact]
        if known.held and not known.forgotten:
            quarantine.release(self.owner(known.owner), [fact])
            known.held, known.confirmed = False, True

    @rule(fact=facts)
    def forget_or_restore(self, fact: UUID) -> None:
        known = self.world.facts[fact]
        act = memories.restore if known.forgotten else memories.forget
        for_good = known.gone(self.clock.now())
        with pytest.raises(NotFound) if for_good else nullcontext():
            act(self.owner(known.owner), fact)
        if not for_good:
            known.forgotten = None if known.forgotten else self.clock.now()

    @rule(fact=facts, home=HOMES)
    def move(self, fact: UUID, home: str) -> None:
        known = self.world.facts[fact]
        memories.move(self.owner(known.owner), fact, self.homes[known.owner][home])
        known.home = home

    @rule(target=facts, job=jobs, home=HOMES)
    def imported(self, job: str, home: str) -> Any:
        """What a job brings nobody has confirmed."""
        known = self.world.askers[job]
        if not known.opens(self.clock.now()):
            return multiple()
        access, text, collection = self.openers[job](), _words(), self.homes[known.owner][home]
        denied = home not in known.rights
        try:
            with pytest.raises((NotFound, Refused)) if denied else nullcontext():
                bulk.remember_many(access, [(collection, Draft(text))])
        except KeyChanged:
            assert known.behind
            return multiple()
        if denied:
            return multiple()
        made = self.listed(known.owner)[text]
        self.world.facts[made] = Fact(known.owner, home, text, confirmed=False)
        return multiple(made)

    @rule(
        target=grants, owner=owners, rights=RIGHTS, days=st.integers(1, 300), strict=st.booleans()
    )
    def grant(self, owner: int, rights: dict[str, Right], days: int, strict: bool) -> Any:
        now = self.clock.now()
        made, token = grants.create_token(
            self.owner(owner),
            self.keys[owner],
            name="An app",
            rights=self.by_id(owner, rights),
            expires_at=now + timedelta(days=days),
            confirmed_only=strict,
        )
        ends = now + timedelta(days=days)
        self.world.askers[token] = Asker(owner, rights, now, ends, confirmed_only=strict)
        self.openers[token] = lambda: open_token(token)
        self.granted[made.id] = token
        return owner, made.id, token

    @rule(
        grant=grants,
        rights=st.none() | RIGHTS,
        strict=st.none() | st.booleans(),
        days=st.none() | st.sampled_from([1, 20, 200]),
        key=st.booleans(),
    )
    def change(self, grant: Any, rights: Any, strict: Any, days: Any, key: bool) -> None:
        owner, grant_id, token = grant
        known, now = self.world.askers[token], self.clock.now()
        wanted = known.rights if rights is None else rights
        ends = known.ends if days is None else now + timedelta(days=days)
        only_confirmed = known.confirmed_only if strict is None else strict
        allowed = known.may_become(wanted, only_confirmed, ends, now, key)
        with nullcontext() if allowed else pytest.raises((Refused, Invalid)):
            grants.change(
                self.owner(owner),
                grant_id,
                rights=self.by_id(owner, wanted),
                confirmed_only=strict,
                expires_at=None if days is None else ends,
                owner=self.keys[owner] if key else None,
            )
        if allowed:
            known.rights, known.ends, known.confirmed_only = wanted, ends, only_confirmed
            known.version += 1

    @rule(grant=grants)
    def pause_or_resume(self, grant: Any) -> None:
        owner, grant_id, token = grant
        known = self.world.askers[token]
        with pytest.raises(Refused) if known.stopped else nullcontext():
            if known.paused:
                grants.resume(self.owner(owner), grant_id, self.keys[owner])
            else:
                grants.pause(self.owner(owner), grant_id)
        known.paused = known.paused if known.stopped else not known.paused

    @rule(grant=grants)
    def revoke(self, grant: Any) -> None:
        """Also the database of a moment before opens nothing any more."""
        owner, grant_id, token = grant
        vault, known = self.people[owner].vault_id, self.world.askers[token]
        before = copy_of(vault, *OF_GRANTS)
        grants.revoke(self.owner(owner), grant_id)
        if not known.stopped:
            after = copy_of(vault, *OF_GRANTS)
            put_back(vault, before)
            with pytest.raises(Locked):
                open_token(token)
            put_back(vault, after)
        known.stopped = True

    @rule(owner=owners, home=HOMES)
    def rotate(self, owner: int, home: str) -> None:
        access, collection = self.owner(owner), self.homes[owner][home]
        rotation.rotate(access, self.keys[owner], collection)
        epochs = access.keyring.epochs(collection)
        assert len({access.keyring.root(collection, epoch).raw for epoch in epochs}) == len(epochs)
        for secret, asker in self.world.askers.items():
            if asker.owner == owner:  # every other session unlocks again
                asker.stopped |= secret.startswith("session")
                asker.behind |= secret.startswith("job")

    @rule(owner=owners, home=HOMES, finish=st.booleans())
    def reseal(self, owner: int, home: str, finish: bool) -> None:
        access, collection = self.owner(owner), self.homes[owner][home]
        while rotation.reseal_next(access, collection, limit=2) and finish:
            pass
        rotation.finish(access, collection, lambda _: False)

    @rule(target=sessions, owner=owners)
    def unlock(self, owner: int) -> str:
        opened = vaults.unlock_with_recovery(
            owner_id=self.people[owner].user.pk, code=self.people[owner].recovery_code
        )
        secret, now = f"session{opened.session_id}", self.clock.now()
        asker = Asker(owner, dict.fromkeys(NAMES, ALL), now, now + timedelta(hours=12))
        asker.idle_at = now + timedelta(minutes=30)
        self.world.askers[secret] = asker
        self.openers[secret] = lambda: _opened(opened)
        return secret

    @rule(session=sessions)
    def lock(self, session: str) -> None:
        if self.world.askers[session].opens(self.clock.now()):
            vaults.lock(self.openers[session]())
            self.world.askers[session].stopped = True

    @rule(session=sessions)
    def stay(self, session: str) -> None:
        """Half a day without a pause: in the end it is not idle, but over."""
        for _ in range(36):
            if self.world.askers[session].opens(self.clock.now()):
                self.openers[session]()
                self.used(session)
            self.clock.ahead += SOON

    @rule(target=jobs, owner=owners, homes=st.sets(HOMES, min_size=1))
    def start_job(self, owner: int, homes: set[str]) -> str:
        access = self.owner(owner)
        lasts, now = timedelta(hours=2), self.clock.now()
        with vault_scope(access.vault_id):
            ring = only(access.keyring, [self.homes[owner][home] for home in homes])
            token = start_job(access, "test", ring, lasts)
        secret = f"job{token}"
        self.world.askers[secret] = Asker(owner, dict.fromkeys(homes, ALL), now, now + lasts)
        self.openers[secret] = lambda: open_job(token, "Test")
        return secret

    @rule(job=jobs)
    def end_job(self, job: str) -> None:
        if self.world.askers[job].opens(self.clock.now()):
            end_job(self.openers[job]())
            self.world.askers[job].stopped = True

    @rule(ahead=st.sampled_from([SOON, timedelta(hours=3), timedelta(days=2), timedelta(days=40)]))
    def wait(self, ahead: timedelta) -> None:
        self.clock.ahead += ahead

    def first_of(self, owner: int) -> list[UUID]:
        told = {_words(): home for home in NAMES}
        drafts = [(self.homes[owner][home], Draft(text)) for text, home in told.items()]
        bulk.remember_many(self.owner(owner), drafts)
        ids = self.listed(owner)
        self.world.facts |= {ids[text]: Fact(owner, home, text) for text, home in told.items()}
        return [ids[text] for text in told]


def _words() -> str:
    return f"The sea has fact {next(NUMBERS)}."


def _opened(session: OpenSession) -> Access:
    return open_session(session.session_id, session.vault_id, session.secret)

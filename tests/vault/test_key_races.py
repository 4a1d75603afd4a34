"""Keys, sessions, grants and jobs: two at once, in each order, and what must not outlive what."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from tests.people import PASSWORD, Person
from vault import collections, memories, vaults
from vault.access import Access, open_session, open_token
from vault.embedding import indexing
from vault.errors import KeyChanged, Locked, NotFound, Tampered, VaultError, WrongSecret
from vault.granting import grantkeys, grants
from vault.integrity import manifests, vaultmanifest
from vault.keys import hashers, jobs, rotation, slots
from vault.keys.jobs import open_job, start_job
from vault.log import access_log
from vault.models import Grant, GrantKey, JobSlot, KeySlot, Revision, SessionSlot, Source, Vector
from vault.models import Memory as MemoryRow
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import Draft, Memory, OpenSession, Right

SEE, ADD, BLIND = Right(see=True), Right(see=True, add="yes"), Right(add="yes")
NEW = "another horse, another staple"


class Other(threading.Thread):
    """Somebody else at the same time, with a connection of their own; keeps what came of it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self._act = act
        self.answer: Any = None
        self.wrong: VaultError | None = None

    def run(self) -> None:
        try:
            self.answer = self._act()
        except VaultError as wrong:
            self.wrong = wrong
        finally:
            connections.close_all()


@contextmanager
def meanwhile(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, act: Callable[[], Any]
) -> Iterator[Other]:
    """Begin `act` in another thread the first time that `place.name` is called here, and go on when
    it is through or waits for a lock of ours. In the end it is through."""
    other, real = Other(act), getattr(place, name)

    def paused(*args: Any, **options: Any) -> Any:
        if threading.current_thread() is not other and other.ident is None:
            other.start()
            ends = time.monotonic() + 20
            while other.is_alive() and not _waits_for_a_lock() and time.monotonic() < ends:
                other.join(timeout=0.1)
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, paused)
        yield other
    assert other.ident is not None, f"{name} was never called"
    other.join(timeout=20)
    assert not other.is_alive()


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_locks JOIN pg_stat_activity"
            " USING (pid) WHERE NOT granted AND datname = current_database()"
        )
        cursor.nextset()
        return bool(cursor.fetchone()[0])


def unlock(person: Person, password: str = PASSWORD) -> OpenSession:
    owner = {"owner_id": person.user.pk, "password_hash": person.user.password}
    return vaults.unlock(**owner, password=password)


def opened(session: OpenSession) -> Access:
    return open_session(session.session_id, session.vault_id, session.secret)


def change_password(person: Person) -> OpenSession:
    return vaults.change_password(
        owner_id=person.user.pk,
        old_password=PASSWORD,
        old_hash=person.user.password,
        new_password=NEW,
        new_hash=_hash(NEW),
    )


def _hash(password: str) -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(password)


@pytest.fixture
def sea(ana: Person) -> Person:
    work = ana.collection("Work")
    memories.remember(ana.access, work, Draft("The sea is loud."))
    memories.remember(ana.access, work, Draft("The bees are dear."))
    return ana


def found(access: Access) -> set[str]:
    sealed.close(access.vault_id)
    return {hit.memory.text for hit in recall.search(access, "sea bees")}


BOTH = {"The sea is loud.", "The bees are dear."}


# Passwords, codes, sessions.


def test_a_session_begun_with_the_old_password_does_not_outlive_it(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        meanwhile(monkeypatch, vaults, "open_with", lambda: change_password(ana)) as other,
        pytest.raises(WrongSecret),
    ):
        unlock(ana)
    with vault_scope(ana.vault_id):
        (left,) = SessionSlot.objects.filter(vault_id=ana.vault_id).values_list("id", flat=True)
    assert left == other.answer.session_id


def test_the_old_password_is_not_sealed_anew_behind_the_new_one(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login whose parameters changed renews the slot; not if another password has its place."""
    later = _hash(PASSWORD)
    with (
        meanwhile(monkeypatch, hashers, "matches", lambda: change_password(ana)),
        pytest.raises(WrongSecret),
    ):
        vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=later)
    with pytest.raises(WrongSecret):
        vaults.owner_key(owner_id=ana.user.pk, password=PASSWORD, password_hash=later)


def test_of_two_new_recovery_codes_at_once_one_is_kept(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, codes = ana.owner_key, list[str]()

    def one_more() -> None:
        codes.append(vaults.new_recovery_code(owner))

    with meanwhile(monkeypatch, slots, "recovery_slot", one_more):
        one_more()
    with vault_scope(ana.vault_id):
        mine = KeySlot.objects.filter(vault_id=ana.vault_id, kind=KeySlot.Kind.RECOVERY)
        assert mine.count() == 1
    # Which of the two threads told its code first says nothing of whose was kept last.
    assert [opens(ana, code) for code in codes].count(True) == 1


def opens(person: Person, code: str) -> bool:
    try:
        return bool(vaults.recover(owner_id=person.user.pk, code=code))
    except WrongSecret:
        return False


# Background jobs.


def job_of(person: Person) -> str:
    with vault_scope(person.vault_id):
        return start_job(person.access, "test", person.access.keyring, timedelta(hours=1))


@pytest.mark.parametrize(
    "act",
    [change_password, lambda person: vaults.lock_everywhere(person.access)],
    ids=["another password", "lock everywhere"],
)
def test_jobs_lose_their_keys_with(ana: Person, act: Callable[[Person], object]) -> None:
    token = job_of(ana)
    working = open_job(token, "Test")
    act(ana)
    assert not jobs.holds_keys(working)
    with pytest.raises(Locked):
        open_job(token, "Test")


def test_jobs_go_on_when_one_browser_is_locked(ana: Person) -> None:
    token = job_of(ana)
    vaults.lock(ana.access)
    assert open_job(token, "Test").keyring.collections == ana.access.keyring.collections


def test_no_job_starts_behind_another_password(ana: Person) -> None:
    change_password(ana)
    with pytest.raises(Locked):
        job_of(ana)


def test_no_job_slips_through_while_the_password_is_changed(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meanwhile(monkeypatch, slots, "job_key", lambda: change_password(ana)):
        job_of(ana)
    with vault_scope(ana.vault_id):
        assert not JobSlot.objects.filter(vault_id=ana.vault_id).exists()


# Letters and suggestions.


def test_no_transaction_waits_for_a_model(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    app, held = ana.grantee(Work=BLIND, Family=Right(see=True, add="ask")), list[bool]()
    memories.remember(app, ana.collection("Work"), Draft("Put in the box."))
    memories.remember(app, ana.collection("Family"), Draft("Asked for."))
    real = indexing.embed_all

    def watched(*args: Any) -> Any:
        held.append(connection.in_atomic_block)
        return real(*args)

    monkeypatch.setattr(indexing, "embed_all", watched)
    assert suggestions.take_in(ana.access) == 1
    (asked,) = suggestions.listing(ana.access)
    suggestions.accept(ana.access, asked.id)
    assert held == [False, False]
    with vault_scope(ana.vault_id):
        assert Vector.objects.filter(vault_id=ana.vault_id).count() == 2


# Grants that are paused.


def kept_keys(person: Person, grant_id: object) -> int:
    with vault_scope(person.vault_id):
        return GrantKey.objects.filter(vault_id=person.vault_id, grant_id=grant_id).count()


def resume_in_the_database(person: Person, grant_id: object) -> None:
    with vault_scope(person.vault_id):
        mine = Grant.objects.filter(vault_id=person.vault_id, id=grant_id)
        assert mine.update(paused_at=None)


def test_who_writes_the_database_resumes_nothing(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    grants.pause(sea.access, grant.id)
    resume_in_the_database(sea, grant.id)
    with pytest.raises(Locked):
        open_token(token)
    rotation.rotate(sea.access, sea.owner_key, sea.collection("Work"))
    assert not kept_keys(sea, grant.id)
    with pytest.raises(Locked):
        open_token(token)


def test_a_paused_grant_gets_its_keys_when_it_is_resumed(sea: Person) -> None:
    grant, token = sea.token(Work=SEE, Family=BLIND)
    grants.pause(sea.access, grant.id)
    rotation.rotate(sea.access, sea.owner_key, sea.collection("Work"))
    more = {**grant.rights, sea.collection("Money"): SEE}
    grants.change(sea.access, grant.id, rights=more, owner=sea.owner_key)
    assert not kept_keys(sea, grant.id)
    grants.resume(sea.access, grant.id, sea.owner_key)
    access = open_token(token)
    assert access.visible == {sea.collection("Work"), sea.collection("Money")}
    assert found(access) == BOTH
    memories.remember(access, sea.collection("Family"), Draft("Into the box."))
    assert suggestions.take_in(sea.access) == 1


def test_what_was_narrowed_while_paused_stays_so(sea: Person) -> None:
    grant, token = sea.token(Work=ADD, Money=SEE)
    grants.pause(sea.access, grant.id)
    grants.change(sea.access, grant.id, rights={sea.collection("Work"): SEE})
    grants.resume(sea.access, grant.id, sea.owner_key)
    access = open_token(token)
    assert access.rights == {sea.collection("Work"): SEE}
    assert found(access) == BOTH


# A new key for a collection, while something else is under way.


@pytest.fixture
def other(sea: Person) -> Access:
    """The same owner in another browser."""
    return opened(unlock(sea))


def rotate(person: Person) -> int:
    return rotation.rotate(person.access, person.owner_key, person.collection("Work"))


def name_of(access: Access, person: Person) -> str:
    with vault_scope(person.vault_id):
        names = {c.name for c in collections.listing(access)}
    return (names - {"Personal", "Family", "Travel", "Health", "Money"}).pop()


def test_a_rotation_during_a_renaming_keeps_the_new_name(
    sea: Person, other: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, owner = sea.collection("Work"), sea.owner_key
    with meanwhile(
        monkeypatch, collections, "_checked_name", lambda: rotation.rotate(sea.access, owner, work)
    ) as rotating:
        collections.rename(other, work, name="Trade")
    assert rotating.answer == 2
    assert name_of(sea.access, sea) == "Trade"
    assert manifests.check(sea.access, work) == 2


def test_a_renaming_during_a_rotation_is_told_to_come_again(
    sea: Person, other: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, owner = sea.collection("Work"), sea.owner_key
    with meanwhile(
        monkeypatch,
        rotation,
        "_reseal_collection",
        lambda: collections.rename(other, work, name="Trade"),
    ) as renaming:
        assert rotation.rotate(sea.access, owner, work) == 2
    assert isinstance(renaming.wrong, KeyChanged)
    assert name_of(sea.access, sea) == "Work"
    assert collections.rename(sea.access, work, name="Trade").name == "Trade"
    assert manifests.check(sea.access, work) == 2


def test_a_rotation_during_an_unlocking_locks_that_session_again(
    sea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, owner = sea.collection("Work"), sea.owner_key
    with meanwhile(
        monkeypatch, vaultmanifest, "check", lambda: rotation.rotate(sea.access, owner, work)
    ) as rotating:
        session = unlock(sea)
    assert rotating.answer == 2
    with pytest.raises(Locked):
        opened(session)
    assert found(opened(unlock(sea))) == BOTH


def test_an_unlocking_during_a_rotation_gets_the_new_key(
    sea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, owner = sea.collection("Work"), sea.owner_key
    with meanwhile(monkeypatch, rotation, "_reseal_collection", lambda: unlock(sea)) as unlocking:
        rotation.rotate(sea.access, owner, work)
    access = opened(unlocking.answer)
    assert access.keyring.epochs(work) == [1, 2]
    assert found(access) == BOTH


def test_a_rotation_during_a_widening_hands_the_new_key_over(
    sea: Person, other: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, token = sea.token(Money=SEE)
    work, owner = sea.collection("Work"), sea.owner_key
    more = {**grant.rights, work: SEE}
    with meanwhile(
        monkeypatch, grantkeys, "give", lambda: rotation.rotate(sea.access, owner, work)
    ) as rotating:
        grants.change(other, grant.id, rights=more, owner=owner)
    assert rotating.answer == 2
    access = open_token(token)
    assert access.keyring.epochs(work) == [1, 2]
    memories.remember(sea.access, work, Draft("The bees and the sea."))
    assert found(access) == {*BOTH, "The bees and the sea."}


def test_a_widening_during_a_rotation_is_told_to_come_again(
    sea: Person, other: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, token = sea.token(Money=SEE)
    work, owner = sea.collection("Work"), sea.owner_key
    more = {**grant.rights, work: SEE}
    with meanwhile(
        monkeypatch,
        rotation,
        "_reseal_collection",
        lambda: grants.change(other, grant.id, rights=more, owner=owner),
    ) as widening:
        rotation.rotate(sea.access, owner, work)
    assert isinstance(widening.wrong, KeyChanged)
    assert open_token(token).visible == {sea.collection("Money")}
    grants.change(sea.access, grant.id, rights=more, owner=owner)
    assert found(open_token(token)) == BOTH


def test_a_pause_during_a_rotation_leaves_no_key(
    sea: Person, other: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, token = sea.token(Work=SEE)
    work, owner = sea.collection("Work"), sea.owner_key
    with meanwhile(monkeypatch, grantkeys, "hand_over", lambda: grants.pause(other, grant.id)):
        rotation.rotate(sea.access, owner, work)
    assert not kept_keys(sea, grant.id)
    grants.resume(sea.access, grant.id, owner)
    assert found(open_token(token)) == BOTH


# A memory that was altered behind our back.


def altered(person: Person, memory_id: object, what: str) -> None:
    with vault_scope(person.vault_id):
        mine = MemoryRow.objects.filter(vault_id=person.vault_id, id=memory_id)
        row = mine.get()
        sources = Source.objects.filter(vault_id=person.vault_id, memory_id=memory_id)
        if what == "words":
            mine.update(sealed=bytes(row.sealed)[:-1] + bytes([bytes(row.sealed)[-1] ^ 1]))
        elif what == "column":
            mine.update(pinned=not row.pinned)
        elif what == "forgotten":
            mine.update(forgotten_at=timezone.now())
        elif what == "moved":
            mine.update(collection_id=person.collection("Money"))
        else:
            sources.update(vendor="elsewhere", sealed=b"x" * 80)


@pytest.mark.parametrize("what", ["words", "column", "forgotten", "moved", "source"])
def test_its_owner_may_forget_what_was_altered(sea: Person, what: str) -> None:
    made = memories.remember(sea.access, sea.collection("Work"), Draft("The sea is gone."))
    assert isinstance(made, Memory)
    altered(sea, made.id, what)
    with pytest.raises(Tampered):
        memories.get(sea.access, made.id)
    forgotten = memories.forget(sea.access, made.id)
    assert isinstance(forgotten, Memory)
    assert "cannot be read" in forgotten.text
    with pytest.raises(NotFound):
        memories.restore(sea.access, made.id)
    for home in ("Work", "Money"):
        manifests.check(sea.access, sea.collection(home))
    assert found(sea.access) == BOTH
    with vault_scope(sea.vault_id):
        for model in (Vector, Revision):
            mine = model.objects.filter(vault_id=sea.vault_id, memory_id=made.id)
            assert not mine.exists()
    assert access_log.listing(sea.access, limit=5)[0].action == "forgot"


def test_nobody_else_destroys_what_was_altered(sea: Person) -> None:
    made = memories.remember(sea.access, sea.collection("Work"), Draft("The sea is gone."))
    assert isinstance(made, Memory)
    altered(sea, made.id, "words")
    with pytest.raises(Tampered):
        memories.forget(sea.grantee(Work=ADD), made.id)


def test_giving_one_up_makes_nothing_else_good(sea: Person) -> None:
    """What is altered beside it is still found."""
    made = [
        memories.remember(sea.access, sea.collection("Work"), Draft(text))
        for text in ("The sea is gone.", "The bees are gone.")
    ]
    for one in made:
        altered(sea, one.id, "words")
    memories.forget(sea.access, made[0].id)
    with pytest.raises(Tampered):
        manifests.check(sea.access, sea.collection("Work"))
    memories.forget(sea.access, made[1].id)
    assert manifests.check(sea.access, sea.collection("Work")) == 2


def test_what_was_written_before_a_rotation_is_answered(
    sea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is committed its rows may be sealed anew under a key that this asker has not got."""
    app, work, owner = sea.grantee(Work=ADD), sea.collection("Work"), sea.owner_key

    def rotate_and_reseal() -> None:
        rotation.rotate(sea.access, owner, work)
        while rotation.reseal_next(sea.access, work):
            pass

    with meanwhile(monkeypatch, indexing, "index_now", rotate_and_reseal):
        made = memories.remember(app, work, Draft("The sea and its salt."))
    assert isinstance(made, Memory)
    assert made.text == "The sea and its salt."

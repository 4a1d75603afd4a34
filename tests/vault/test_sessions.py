"""Where the vault stands open, and locking it there from here."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.people import PASSWORD, Person
from vault import collections, vaults
from vault.access import IDLE_LIMIT, SESSION_LIMIT, Access, open_session
from vault.errors import Locked, NotFound, Refused
from vault.keys import sessions
from vault.models import SessionSlot
from vault.scope import vault_scope
from vault.types import OpenSession, Right


def another(person: Person) -> OpenSession:
    user = person.user
    return vaults.unlock(owner_id=user.pk, password=PASSWORD, password_hash=user.password)


def access_of(opened: OpenSession) -> Access:
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def test_the_browser_that_asks_comes_first(ana: Person) -> None:
    other = another(ana)
    listed = sessions.listing(ana.access)
    assert [(s.id, s.here) for s in listed] == [
        (ana.access.asker.id, True),
        (other.session_id, False),
    ]
    assert all(s.started_at <= s.used_at for s in listed)
    from_there = sessions.listing(access_of(other))
    assert [s.here for s in from_there] == [True, False]
    assert from_there[0].id == other.session_id


def test_locking_one_leaves_the_rest_open(ana: Person) -> None:
    one, two = another(ana), another(ana)
    sessions.lock_one(ana.access, one.session_id)
    with pytest.raises(Locked):
        access_of(one)
    assert access_of(two)
    with pytest.raises(NotFound):
        sessions.lock_one(ana.access, one.session_id)


def test_locking_the_others_leaves_this_one_open(ana: Person, ben: Person) -> None:
    opened = [another(ana), another(ana)]
    bens = another(ben)
    assert sessions.lock_others(ana.access) == 2
    for one in opened:
        with pytest.raises(Locked):
            access_of(one)
    assert [s.here for s in sessions.listing(ana.access)] == [True]
    assert access_of(bens)
    assert sessions.lock_others(ana.access) == 0


@pytest.mark.parametrize(
    ("column", "age"), [("used_at", IDLE_LIMIT), ("created_at", SESSION_LIMIT)]
)
def test_what_would_not_open_any_more_is_not_listed(
    ana: Person, column: str, age: timedelta
) -> None:
    other = another(ana)
    past = timezone.now() - age - timedelta(seconds=1)
    with vault_scope(ana.vault_id):
        SessionSlot.objects.filter(id=other.session_id).update(**{column: past})
    assert [s.here for s in sessions.listing(ana.access)] == [True]


def test_a_session_that_lacks_a_new_key_is_not_listed(ana: Person) -> None:
    other = another(ana)
    collections.create(ana.access, ana.owner_key, name="Garden")
    with pytest.raises(Locked):
        access_of(other)
    assert [s.id for s in sessions.listing(ana.access)] == [ana.access.asker.id]


def test_nobody_locks_or_lists_another_persons(ana: Person, ben: Person) -> None:
    bens = another(ben)
    with pytest.raises(NotFound):
        sessions.lock_one(ana.access, bens.session_id)
    assert bens.session_id not in [s.id for s in sessions.listing(ana.access)]
    app = ana.grantee(Work=Right(see=True))
    for act in (sessions.listing, sessions.lock_others):
        with pytest.raises(Refused):
            act(app)
    with pytest.raises(Refused):
        sessions.lock_one(app, ana.access.asker.id)

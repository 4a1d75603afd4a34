"""The three ways to open an Access, and that nothing else opens one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.people import PASSWORD, Person
from vault import collections, memories, vaults
from vault.access import IDLE_LIMIT, SESSION_LIMIT, open_session, open_token
from vault.errors import Invalid, Locked, NotFound, Refused, WrongSecret
from vault.granting import grants
from vault.keys.jobs import end_job, open_job, start_job
from vault.keys.keyring import only
from vault.log import access_log
from vault.models import GrantKey, GrantSlot, SessionSlot
from vault.scope import vault_scope
from vault.types import Draft, OpenSession, Right


def session(person: Person) -> OpenSession:
    return vaults.unlock(
        owner_id=person.user.pk, password=PASSWORD, password_hash=person.user.password
    )


def test_a_wrong_password_does_not_open_the_vault(ana: Person) -> None:
    with pytest.raises(WrongSecret):
        vaults.unlock(owner_id=ana.user.pk, password="wrong", password_hash=ana.user.password)


def test_the_recovery_code_opens_the_vault_however_it_is_typed(ana: Person) -> None:
    typed = ana.recovery_code.lower().replace("-", " ")
    opened = vaults.unlock_with_recovery(owner_id=ana.user.pk, code=typed)
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    assert len(collections.listing(access)) == 6


def test_another_persons_recovery_code_does_not(ana: Person, ben: Person) -> None:
    with pytest.raises(WrongSecret):
        vaults.unlock_with_recovery(owner_id=ana.user.pk, code=ben.recovery_code)


def test_a_new_recovery_code_ends_the_old_one(ana: Person) -> None:
    code = vaults.new_recovery_code(ana.owner_key)
    with pytest.raises(WrongSecret):
        vaults.unlock_with_recovery(owner_id=ana.user.pk, code=ana.recovery_code)
    vaults.unlock_with_recovery(owner_id=ana.user.pk, code=code)


def test_the_kit_counts_as_kept_only_when_it_was_typed_back(ana: Person) -> None:
    assert not vaults.recovery_confirmed(ana.access)
    with pytest.raises(WrongSecret):
        vaults.confirm_recovery(ana.access, "ABCD")
    assert not vaults.recovery_confirmed(ana.access)
    vaults.confirm_recovery(ana.access, ana.recovery_code)
    assert vaults.recovery_confirmed(ana.access)


def test_changing_the_password_locks_everything_else(ana: Person) -> None:
    old = session(ana)
    old_hash = ana.user.password
    ana.user.set_password("a quite different pass phrase")
    ana.user.save()
    vaults.change_password(
        owner_id=ana.user.pk,
        old_password=PASSWORD,
        old_hash=old_hash,
        new_password="a quite different pass phrase",
        new_hash=ana.user.password,
    )
    with pytest.raises(Locked):
        open_session(old.session_id, old.vault_id, old.secret)
    with pytest.raises(WrongSecret):
        vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)
    vaults.unlock(
        owner_id=ana.user.pk,
        password="a quite different pass phrase",
        password_hash=ana.user.password,
    )


def test_a_reset_login_keeps_the_vault_for_the_recovery_code(ana: Person) -> None:
    memories.remember(ana.access, ana.collection("Work"), Draft("Still here"))
    ana.user.set_password("reset by e-mail, ten")
    ana.user.save()
    with pytest.raises(WrongSecret):
        vaults.unlock(
            owner_id=ana.user.pk, password="reset by e-mail, ten", password_hash=ana.user.password
        )
    owner = vaults.recover(owner_id=ana.user.pk, code=ana.recovery_code)
    vaults.adopt_password(owner, password="reset by e-mail, ten", password_hash=ana.user.password)
    opened = vaults.unlock(
        owner_id=ana.user.pk, password="reset by e-mail, ten", password_hash=ana.user.password
    )
    access = open_session(opened.session_id, opened.vault_id, opened.secret)
    assert memories.listing(access).memories[0].text == "Still here"


def test_a_session_opens_with_its_own_secret_only(ana: Person, ben: Person) -> None:
    mine, theirs = session(ana), session(ben)
    for session_id, vault_id, secret in (
        (mine.session_id, mine.vault_id, theirs.secret),
        (mine.session_id, theirs.vault_id, mine.secret),
        (theirs.session_id, mine.vault_id, mine.secret),
        (mine.session_id, mine.vault_id, ""),
        (mine.session_id, mine.vault_id, "not base64 at all!"),
    ):
        with pytest.raises(Locked):
            open_session(session_id, vault_id, secret)


@pytest.mark.parametrize(("field", "age"), [("used_at", IDLE_LIMIT), ("created_at", SESSION_LIMIT)])
def test_a_session_locks_when_idle_and_at_last(ana: Person, field: str, age: timedelta) -> None:
    mine = session(ana)
    with vault_scope(ana.vault_id):
        SessionSlot.objects.filter(vault_id=ana.vault_id, id=mine.session_id).update(
            **{field: timezone.now() - age - timedelta(seconds=1)}
        )
    with pytest.raises(Locked):
        open_session(mine.session_id, mine.vault_id, mine.secret)


def test_lock_now_locks_at_once(ana: Person) -> None:
    mine = session(ana)
    vaults.lock(open_session(mine.session_id, mine.vault_id, mine.secret))
    with pytest.raises(Locked):
        open_session(mine.session_id, mine.vault_id, mine.secret)


def test_a_new_collection_asks_other_sessions_to_unlock_again(ana: Person) -> None:
    other = session(ana)
    made = collections.create(ana.access, ana.owner_key, name="Garden")
    with pytest.raises(Locked):
        open_session(other.session_id, other.vault_id, other.secret)
    again = session(ana)
    access = open_session(again.session_id, again.vault_id, again.secret)
    assert made.id in access.visible


def test_a_token_sees_what_was_ticked_and_no_more(ana: Person) -> None:
    app = ana.grantee(Work=Right(see=True), Travel=Right(add="ask"))
    assert app.visible == {ana.collection("Work")}
    assert [c.name for c in collections.listing(app)] == ["Work", "Travel"]
    assert [c.count for c in collections.listing(app)] == [0, None]
    with pytest.raises(NotFound):
        memories.listing(app, collections=[ana.collection("Travel")])


def test_revoked_is_revoked_at_once_and_its_keys_are_gone(ana: Person) -> None:
    grant, token = ana.token(Work=Right(see=True))
    assert open_token(token).visible
    revoked = grants.revoke(ana.access, grant.id)
    assert revoked.state == "revoked"
    with pytest.raises(Locked):
        open_token(token)
    with vault_scope(ana.vault_id):
        mine = {"vault_id": ana.vault_id, "grant_id": grant.id}
        assert not GrantSlot.objects.filter(**mine).exists()
        assert not GrantKey.objects.filter(**mine).exists()


@pytest.mark.parametrize("token", ["", "satchel_", "satchel_%%", "x", "satchel_" + "A" * 64])
def test_what_is_no_token_opens_nothing(token: str) -> None:
    with pytest.raises(Locked):
        open_token(token)


def test_a_grant_needs_a_right_and_an_end(ana: Person) -> None:
    with pytest.raises(Invalid):
        ana.token(Work=Right())
    for days in (-1, 0, 400):
        with pytest.raises(Invalid):
            ana.token(days=days, Work=Right(see=True))


def test_a_grantee_may_not_act_as_the_owner(ana: Person) -> None:
    app = ana.grantee(Work=Right(see=True, add="yes"))
    for attempt in (
        lambda: grants.listing(app),
        lambda: access_log.listing(app),
        lambda: grants.revoke(app, app.asker.id),
        lambda: collections.rename(app, ana.collection("Work"), name="Mine"),
        lambda: memories.listing(app, forgotten=True),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_job_opens_until_it_ends_and_with_its_keys_only(ana: Person) -> None:
    work = ana.collection("Work")
    with vault_scope(ana.vault_id):
        token = start_job(ana.access, "test", only(ana.access.keyring, {work}), timedelta(hours=1))
    job = open_job(token, "Import")
    assert job.visible == {work}
    end_job(job)
    with pytest.raises(Locked):
        open_job(token, "Import")


def test_no_key_lies_in_the_database_in_the_clear(ana: Person) -> None:
    """Every root key that a session holds, looked for in every bytea column of the vault."""
    ana.token(Work=Right(see=True))
    roots = [
        ana.access.keyring.root(c, e).raw
        for c in ana.access.visible
        for e in ana.access.keyring.epochs(c)
    ]
    with vault_scope(ana.vault_id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type = 'bytea' AND table_name LIKE 'vault_%'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")
            for (value,) in cursor.fetchall():
                assert not any(root in bytes(value) for root in roots), (table, column)


def test_the_log_tells_who_saw_what_and_notices_tampering(ana: Person) -> None:
    from vault.errors import Tampered
    from vault.models import LogEntry
    from vault.recalling import recall

    made = memories.remember(ana.access, ana.collection("Work"), Draft("Prefers short answers"))
    app = ana.grantee(Work=Right(see=True))
    found = recall.search(app, "how long should answers be", purpose="draft a letter")
    assert [hit.memory.id for hit in found] == [made.id]
    entry, granted = access_log.listing(ana.access)
    assert (entry.action, entry.asker_name, entry.purpose) == (
        "search",
        "my assistant",
        "draft a letter",
    )
    assert entry.memory_ids == (made.id,)
    assert granted.action == "granted"
    assert access_log.listing(ana.access, memory_id=made.id) == [entry]
    assert access_log.verify(ana.access) == 2
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq=2).update(count=7)
    with pytest.raises(Tampered):
        access_log.verify(ana.access)

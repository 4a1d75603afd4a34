"""A log that cannot be continued or read: the vault opens, access is taken back, and its owner
begins the log anew."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sync.upkeep import reembedding
from tests.logs import LINES, exported, fill, state_of
from tests.people import PASSWORD, Person
from tests.vault.test_checkup import filled
from tests.vault.test_key_races import opened, unlock
from vault import memories
from vault.access import Access, open_token
from vault.errors import Locked, Tampered
from vault.granting import grants
from vault.keys import custodian
from vault.keys.custodian import FileCustodian, KeyServerError
from vault.log import access_log, anchors, log_keeping, log_lost
from vault.log.log_chain import Chain
from vault.models import CollectionKey, KeySlot, LogEntry, LogHead
from vault.recalling import recall
from vault.scope import vault_scope
from vault.types import Draft, Right

SEE = Right(see=True)
LOST = ("private", "public", "gone")


def lose(person: Person, what: str) -> None:
    with vault_scope(person.vault_id):
        head = LogHead.objects.filter(vault_id=person.vault_id)
        if what == "gone":
            head.delete()
        else:
            head.update(**{f"{what}_key": b"\1" * 90})


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    answer = client.post(reverse("unlock"), {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    return client


def begun(person: Person) -> Access:
    return opened(log_lost.begin_anew(person.owner_key))


def purposes(access: Access) -> list[str]:
    return [entry.purpose for entry in access_log.listing(access)]


# --- opening, and taking access back -------------------------------------------------------------


@pytest.mark.parametrize("what", LOST)
def test_the_vault_opens_and_activity_says_what_is_wrong(ana: Person, what: str) -> None:
    grant, _ = ana.token(Work=SEE)
    memory = memories.remember(ana.access, ana.collection("Work"), Draft("The sea is loud."))
    fill(ana)
    lose(ana, what)
    assert log_lost.trouble(opened(unlock(ana)))
    client = signed_in(ana)
    told = client.get(reverse("activity"))
    assert reverse("log-anew") in told.content.decode()
    for address in (
        *(reverse("home"), reverse("grants"), reverse("grant", args=[grant.id])),
        *(reverse("memory", args=[memory.id]), reverse("log-anew")),
    ):
        assert client.get(address).status_code == 200, address
    home = client.get(reverse("home")).content.decode()
    assert "The access log cannot be read." in home
    assert "No app has read anything" not in home


TAKING: list[Callable[[Access, Any], list[grants.Grant]]] = [
    lambda access, grant: [grants.revoke(access, grant.id)],
    lambda access, grant: [grants.pause(access, grant.id)],
    lambda access, grant: grants.revoke_all(access),
]


@pytest.mark.parametrize("take", TAKING, ids=["revoke", "pause", "revoke all"])
@pytest.mark.parametrize("what", LOST)
def test_access_is_taken_back_without_the_log_and_that_is_said(
    ana: Person, what: str, take: Callable[[Access, Any], list[grants.Grant]]
) -> None:
    grant, token = ana.token(Work=SEE)
    lose(ana, what)
    (done,) = take(opened(unlock(ana)), grant)
    # With its private half altered the log cannot be read, but can be written.
    assert done.logged == (what == "private")
    with pytest.raises(Locked):
        open_token(token)


def test_a_line_put_where_the_next_one_goes_keeps_nothing_from_being_revoked(ana: Person) -> None:
    grant, token = ana.token(Work=SEE)
    with vault_scope(ana.vault_id):
        line = LogEntry.objects.filter(vault_id=ana.vault_id).latest("seq")
        values = {f.name: getattr(line, f.attname) for f in line._meta.fields if f.name != "vault"}
        values |= {"id": ana.vault_id, "seq": line.seq + 1, "vault_id": ana.vault_id}
        values.pop("pk", None)
        LogEntry.objects.create(**values)
    assert not grants.revoke(ana.access, grant.id).logged
    with pytest.raises(Locked):
        open_token(token)


def test_a_key_server_that_does_not_answer_keeps_nothing_from_being_revoked(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, token = ana.token(Work=SEE)

    def fail(self: FileCustodian) -> bytes:
        raise KeyServerError("The key server failed.")

    session = unlock(ana)
    with monkeypatch.context() as patch:
        patch.setattr(FileCustodian, "pepper", fail)
        done = grants.revoke(opened(session), grant.id)
    assert (done.state, done.logged) == ("revoked", False)
    with pytest.raises(Locked):
        open_token(token)


def test_the_page_says_that_it_was_not_logged(ana: Person) -> None:
    grant, _ = ana.token(Work=SEE)
    lose(ana, "gone")
    client = signed_in(ana)
    answer = client.post(reverse("grant-revoke", args=[grant.id]), follow=True)
    assert answer.status_code == 200
    assert "could not be written into the access log" in answer.content.decode()


@pytest.mark.parametrize("what", ["public", "gone"])
def test_nothing_is_read_that_cannot_be_logged(ana: Person, what: str) -> None:
    app = ana.grantee(Work=SEE)
    memories.remember(ana.access, ana.collection("Work"), Draft("The sea is loud."))
    lose(ana, what)
    with pytest.raises(Tampered):
        recall.search(app, "sea")


# --- beginning anew ------------------------------------------------------------------------------


@pytest.mark.parametrize("what", LOST)
def test_the_owner_begins_the_log_anew(ana: Person, what: str) -> None:
    fill(ana)
    lose(ana, what)
    client = signed_in(ana)
    answer = client.post(reverse("log-anew"), {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("activity"))
    assert "Began this log anew" in client.get(reverse("activity")).content.decode()
    now = opened(unlock(ana))
    assert log_lost.trouble(now) == ""
    kept = LINES if what == "public" else 0
    assert access_log.verify(now) == kept + 1
    first = access_log.listing(now)[0]
    assert (first.seq, first.action) == (LINES + 1, log_lost.BEGUN)
    assert "could not be continued" in first.purpose
    assert purposes(now)[1:] == [f"purpose {n}" for n in reversed(range(kept))]
    fill(ana, 2)
    assert access_log.verify(now) == kept + 3


def test_it_takes_the_password(ana: Person) -> None:
    lose(ana, "gone")
    client = signed_in(ana)
    answer = client.post(reverse("log-anew"), {"password": "not my password at all"})
    assert answer.status_code == 200
    assert log_lost.trouble(opened(unlock(ana)))


@pytest.mark.parametrize("what", LOST)
def test_a_browser_that_saw_every_line_is_not_alarmed(ana: Person, what: str) -> None:
    fill(ana)
    seen = anchors.look(ana.access, "").anchor
    assert seen is not None
    kept = anchors.sealed(ana.access, seen)
    lose(ana, what)
    assert (anchors.look(ana.access, kept).older is None) == (what == "private")
    now = begun(ana)
    assert anchors.look(now, kept).older is None


def test_a_browser_is_told_of_lines_that_went_missing(ana: Person) -> None:
    fill(ana)
    seen = anchors.look(ana.access, "").anchor
    assert seen is not None
    kept = anchors.sealed(ana.access, seen)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq__gt=2).delete()
    lose(ana, "gone")
    older = anchors.look(begun(ana), kept).older
    assert older is not None and "ended with line 7" in older.reasons[0]


def test_altered_lines_do_not_come_along(ana: Person) -> None:
    fill(ana)
    with vault_scope(ana.vault_id):
        LogEntry.objects.filter(vault_id=ana.vault_id, seq=5).update(action="forged")
    lose(ana, "public")
    now = begun(ana)
    assert access_log.verify(now) == 5
    assert "Of its lines 4 stay, up to line 4. Deleted" in purposes(now)[0]


def test_a_period_that_was_slipped_in_deletes_nothing(ana: Person) -> None:
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(keep_days=1)
    begun(ana)
    assert state_of(ana.vault_id).head["keep_days"] is None


def test_what_was_cut_stays_cut(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(ana)
    log_keeping.keep(ana.access, 30)
    with vault_scope(ana.vault_id):
        chain = Chain(ana.vault_id, writing=True)
        third = LogEntry.objects.get(vault_id=ana.vault_id, seq=3)
        LogEntry.objects.filter(vault_id=ana.vault_id, seq__lte=3).delete()
        chain.head.cut, chain.head.cut_chain = 3, bytes(third.chain)
        chain.save()
    lose(ana, "public")
    assert access_log.verify(begun(ana)) == LINES + 2 - 3


def test_a_log_that_is_right_is_left_alone(ana: Person) -> None:
    fill(ana)
    before = state_of(ana.vault_id)
    begun(ana)
    assert state_of(ana.vault_id) == before


def test_an_earlier_private_half_that_was_put_back_is_noticed(ana: Person) -> None:
    fill(ana)
    earlier = state_of(ana.vault_id).head["private_key"]
    lose(ana, "gone")
    begun(ana)
    with vault_scope(ana.vault_id):
        LogHead.objects.filter(vault_id=ana.vault_id).update(private_key=earlier)
    assert log_lost.trouble(opened(unlock(ana)))
    now = begun(ana)
    assert (log_lost.trouble(now), len(purposes(now))) == ("", 1)


@pytest.mark.parametrize("what", LOST)
def test_what_there_is_is_exported_before(ana: Person, what: str) -> None:
    fill(ana)
    lose(ana, what)
    client = signed_in(ana)
    answer = client.get(reverse("log-export"))
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [line["seq"] for line in lines if line.get("altered")] == list(range(1, LINES + 1))
    assert exported(ana)  # and by a session that still holds the key


# --- other single columns ------------------------------------------------------------------------


def test_an_altered_header_of_the_password_leads_to_the_recovery_code(ana: Person) -> None:
    with vault_scope(ana.vault_id):
        mine = KeySlot.objects.filter(vault_id=ana.vault_id, kind=KeySlot.Kind.PASSWORD)
        mine.update(header="x")
    client = Client()
    client.force_login(ana.user)
    answer = client.post(reverse("unlock"), {"password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("recover"))
    code = {"password": PASSWORD, "code": ana.recovery_code}
    assert client.post(reverse("recover"), code).status_code == 302
    assert opened(unlock(ana)).is_owner


@pytest.mark.parametrize("change", ["deleted", "of another epoch"])
def test_other_pages_open_when_a_collections_key_is_lost_while_the_vault_is_open(
    ana: Person, change: str
) -> None:
    work = filled(ana)
    client = signed_in(ana)
    with vault_scope(ana.vault_id):
        key = CollectionKey.objects.filter(vault_id=ana.vault_id, collection_id=work)
        if change == "deleted":
            key.delete()
        else:
            key.update(epoch=9)
    for name in ("grants", "settings", "checkup", "activity"):  # those that open no memory
        reembedding._looked.clear()
        assert client.get(reverse(name)).status_code == 200, name


# --- a key server is slow ------------------------------------------------------------------------


def test_the_key_server_is_not_asked_behind_a_lock(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the log: what an app or the owner does asks for nothing once its Access is open."""
    _, token = ana.token(Work=Right(see=True, add="yes"))
    app, session = open_token(token), opened(unlock(ana))
    asked: list[bool] = []
    real = custodian.custodian().pepper

    def pepper(self: FileCustodian) -> bytes:
        asked.append(connection.in_atomic_block)
        return real()

    monkeypatch.setattr(FileCustodian, "pepper", pepper)
    made = memories.remember(app, ana.collection("Work"), Draft("The sea is loud."))
    memories.revise(app, made.id, text="The sea is calm.")
    recall.search(app, "sea")
    log_keeping.keep(session, 30)
    assert asked == []
    assert not log_keeping.cut(ana.vault_id)
    assert asked and not any(asked)

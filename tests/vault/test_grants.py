"""Grants that change: wider, narrower, paused, taken back for good."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.people import Person
from tests.vault.database import copy_of, put_back
from vault import collections, memories, tasks
from vault.access import Access, open_token
from vault.errors import Invalid, Locked, NotFound, Refused
from vault.granting import grants, tokens
from vault.keys import rotation
from vault.keys.custodian import PepperGone, custodian
from vault.log import access_log
from vault.models import Grant, GrantKey, GrantRight, GrantSlot, Suggestion
from vault.recalling import recall
from vault.reviewing import suggestions
from vault.scope import vault_scope
from vault.types import Draft, Right

SEE, ADD = Right(see=True), Right(see=True, add="yes")
TABLES = ("grant", "grantslot", "grantkey", "grantright")


def texts(token: str) -> set[str]:
    return {hit.memory.text for hit in recall.search(open_token(token), "sea bees")}


@pytest.fixture
def sea(ana: Person) -> Person:
    memories.remember(ana.access, ana.collection("Work"), Draft("The sea is loud."))
    memories.remember(ana.access, ana.collection("Money"), Draft("The bees are dear."))
    return ana


def test_widened_it_sees_more_with_the_same_token(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    assert texts(token) == {"The sea is loud."}
    wider = {**grant.rights, sea.collection("Money"): SEE}
    with pytest.raises(Refused, match="password"):
        grants.change(sea.access, grant.id, rights=wider)
    assert texts(token) == {"The sea is loud."}
    grants.change(sea.access, grant.id, rights=wider, owner=sea.owner_key)
    assert texts(token) == {"The sea is loud.", "The bees are dear."}


@pytest.mark.parametrize("right", [Right(add="ask"), Right(see=True, add="ask"), ADD])
def test_every_kind_of_more_needs_the_password(sea: Person, right: Right) -> None:
    work = sea.collection("Work")
    less = Right(see=not right.see, add="no") if right.add == "ask" and not right.see else SEE
    grant, _ = sea.token(Work=less)
    with pytest.raises(Refused):
        grants.change(sea.access, grant.id, rights={work: right})


def test_narrowed_it_loses_key_and_name_at_once(sea: Person) -> None:
    grant, token = sea.token(Work=ADD, Money=SEE)
    opened_before = open_token(token)
    money = sea.collection("Money")
    changed = grants.change(sea.access, grant.id, rights={sea.collection("Work"): SEE})
    assert changed.rights == {sea.collection("Work"): SEE}
    assert changed.version == grant.version + 1
    assert texts(token) == {"The sea is loud."}
    with pytest.raises(NotFound):
        collections.get(open_token(token), money)
    with pytest.raises(Refused):
        memories.remember(open_token(token), sea.collection("Work"), Draft("No."))
    with vault_scope(sea.vault_id):
        mine = {"vault_id": sea.vault_id, "grant_id": grant.id, "collection_id": money}
        assert not GrantKey.objects.filter(**mine).exists()
        assert not GrantRight.objects.filter(**mine).exists()
    assert opened_before.may_see(money)  # a request that was under way ends as it began


def test_from_seeing_to_adding_only_the_key_goes(sea: Person) -> None:
    grant, token = sea.token(Work=ADD)
    work = sea.collection("Work")
    grants.change(sea.access, grant.id, rights={work: Right(add="ask")})
    app = open_token(token)
    assert not app.may_see(work)
    assert work not in app.keyring.collections
    memories.remember(app, work, Draft("By letter."))


def test_widening_by_leaving_out_is_not_possible(sea: Person) -> None:
    grant, _ = sea.token(Work=SEE)
    with pytest.raises(Invalid):
        grants.change(sea.access, grant.id, rights={}, owner=sea.owner_key)


def test_a_longer_time_and_unconfirmed_words_are_more(sea: Person) -> None:
    grant, _ = sea.token(Work=SEE, days=2)
    grants.change(sea.access, grant.id, rights=grant.rights, confirmed_only=True)
    later = timezone.now() + timedelta(days=20)
    for more in ({"expires_at": later}, {"confirmed_only": False}):
        with pytest.raises(Refused):
            grants.change(sea.access, grant.id, rights=grant.rights, **more)
        grants.change(sea.access, grant.id, rights=grant.rights, owner=sea.owner_key, **more)
    assert grants.get(sea.access, grant.id).expires_at == later
    too_late = timezone.now() + timedelta(days=400)
    with pytest.raises(Invalid):
        grants.change(
            sea.access, grant.id, rights=grant.rights, owner=sea.owner_key, expires_at=too_late
        )


def test_a_shorter_time_needs_no_password(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    soon = timezone.now() + timedelta(milliseconds=50)
    grants.change(sea.access, grant.id, rights=grant.rights, expires_at=soon)
    assert grants.get(sea.access, grant.id).expires_at == soon
    while timezone.now() <= soon:
        pass
    with pytest.raises(Locked):
        open_token(token)


def test_paused_it_is_refused_until_resumed(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    assert grants.pause(sea.access, grant.id).state == "paused"
    with pytest.raises(Locked, match="paused"):
        open_token(token)
    assert grants.resume(sea.access, grant.id, sea.owner_key).state == "active"
    assert texts(token)
    said = [entry.action for entry in access_log.listing(sea.access, limit=10)]
    assert "paused" in said
    assert "resumed" in said


def test_revoke_all_leaves_none(sea: Person) -> None:
    tokens = [sea.token(Work=SEE)[1] for _ in range(3)]
    assert len(grants.revoke_all(sea.access)) == 3
    for token in tokens:
        with pytest.raises(Locked):
            open_token(token)
    assert grants.revoke_all(sea.access) == []


def test_a_days_old_database_and_a_revoked_token_open_nothing(sea: Person) -> None:
    grant, token = sea.token(Work=SEE)
    backup = copy_of(sea.vault_id, *TABLES)
    grants.revoke(sea.access, grant.id)
    put_back(sea.vault_id, backup)
    assert grants.get(sea.access, grant.id).revoked_at is None  # so far the backup has it back
    with pytest.raises(Locked):
        open_token(token)
    with pytest.raises(PepperGone):
        custodian().grant_pepper(grant.id)


def test_and_the_same_backup_opens_when_nothing_was_revoked(sea: Person) -> None:
    _, token = sea.token(Work=SEE)
    put_back(sea.vault_id, copy_of(sea.vault_id, *TABLES))
    assert texts(token)


def test_the_pepper_of_an_expired_grant_is_destroyed(sea: Person) -> None:
    grant, _ = sea.token(Work=SEE)
    other, token = sea.token(Work=SEE)
    with vault_scope(sea.vault_id):
        past = timezone.now() - timedelta(hours=1)
        Grant.objects.filter(vault_id=sea.vault_id, id=grant.id).update(expires_at=past)
    tasks.destroy_ended_grants()
    with pytest.raises(PepperGone):
        custodian().grant_pepper(grant.id)
    assert texts(token)
    assert custodian().grant_pepper(other.id)


def test_nobody_else_changes_a_grant(sea: Person, ben: Person) -> None:
    grant, token = sea.token(Work=SEE)

    def resume(access: Access, grant_id: UUID) -> object:
        return grants.resume(access, grant_id, sea.owner_key)

    for act in (grants.pause, resume, grants.revoke):
        with pytest.raises(NotFound):
            act(ben.access, grant.id)
        with pytest.raises(Refused):
            act(open_token(token), grant.id)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (GrantRight, {"add": "yes"}),
        (Grant, {"confirmed_only": False}),
        (Grant, {"expires_at": timezone.now() + timedelta(days=300)}),
    ],
    ids=["add", "confirmed_only", "expires_at"],
)
def test_who_writes_the_database_gives_nothing(
    sea: Person, table: type[Grant] | type[GrantRight], columns: dict[str, object]
) -> None:
    """The columns may say less than what was given, never more."""
    grant, token = sea.token(Work=SEE, days=1)
    grants.change(
        sea.access, grant.id, rights=grant.rights, confirmed_only=True, owner=sea.owner_key
    )
    work = sea.collection("Work")
    with vault_scope(sea.vault_id):
        table.objects.filter(vault_id=sea.vault_id).update(**columns)
    access = open_token(token)
    assert access.confirmed_only
    assert access.rights == {work: SEE}
    ends = timezone.now() + timedelta(days=2)
    with pytest.MonkeyPatch.context() as later:
        later.setattr(timezone, "now", lambda: ends)
        with pytest.raises(Locked):
            open_token(token)


@pytest.mark.parametrize("columns", [{"settled": True}, {"action": "forget"}, {"action": "revise"}])
def test_who_writes_the_database_does_not_carry_out_a_letter(
    sea: Person, columns: dict[str, object]
) -> None:
    memory = memories.remember(sea.access, sea.collection("Work"), Draft("It stays as it is."))
    _, token = sea.token(Work=Right(add="ask"))
    memories.remember(open_token(token), sea.collection("Work"), Draft("Planted."))
    with vault_scope(sea.vault_id):
        waiting = Suggestion.objects.filter(vault_id=sea.vault_id)
        waiting.update(**columns)
        if "action" in columns:
            waiting.update(memory_id=memory.id, settled=True)
    suggestions.take_in(sea.access)
    assert memories.get(sea.access, memory.id).text == "It stays as it is."
    assert {m.text for m in memories.listing(sea.access).memories} >= {"It stays as it is."}
    assert "Planted." not in {m.text for m in memories.listing(sea.access).memories}
    (shown,) = suggestions.listing(sea.access)
    assert "altered" in shown.text or shown.action == "remember"


def test_a_letter_that_is_none_closes_nothing(sea: Person) -> None:
    _, token = sea.token(Work=Right(add="yes"))
    memories.remember(open_token(token), sea.collection("Work"), Draft("Fine."))
    with vault_scope(sea.vault_id):
        Suggestion.objects.filter(vault_id=sea.vault_id).update(letter=b"{}")
    assert suggestions.take_in(sea.access) == 0


def test_what_an_ended_grant_added_waits_for_the_owner(sea: Person) -> None:
    grant, token = sea.token(Work=Right(add="yes"))
    memories.remember(open_token(token), sea.collection("Work"), Draft("By an app."))
    grants.revoke(sea.access, grant.id)
    assert suggestions.take_in(sea.access) == 0
    (shown,) = suggestions.listing(sea.access)
    assert shown.text == "By an app."


def test_an_expired_grant_is_not_extended(sea: Person) -> None:
    grant, _ = sea.token(Work=SEE)
    with vault_scope(sea.vault_id):
        past = timezone.now() - timedelta(hours=1)
        Grant.objects.filter(vault_id=sea.vault_id, id=grant.id).update(expires_at=past)
    later = timezone.now() + timedelta(days=2)
    with pytest.raises(Refused, match="ended"):
        grants.change(
            sea.access, grant.id, rights=grant.rights, owner=sea.owner_key, expires_at=later
        )


def test_a_key_that_was_destroyed_is_not_given_again(sea: Person) -> None:
    work = sea.collection("Work")
    rotation.rotate(sea.access, sea.owner_key, work)
    while rotation.reseal_next(sea.access, work):
        pass
    assert rotation.finish(sea.access, work, lambda _: False)
    grant, token = sea.token(Work=SEE)
    assert texts(token) == {"The sea is loud."}
    with vault_scope(sea.vault_id):
        keys = GrantKey.objects.filter(vault_id=sea.vault_id, grant_id=grant.id)
        assert list(keys.values_list("epoch", flat=True)) == [2]


def test_a_revoke_in_the_middle_of_opening_is_no_empty_access(
    sea: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, token = sea.token(Work=Right(see=True))
    really = tokens.opened

    def revoked_meanwhile(words: str, slot: GrantSlot) -> tokens.Opened:
        found = really(words, slot)
        grants.revoke(sea.access, grant.id)
        return found

    monkeypatch.setattr(tokens, "opened", revoked_meanwhile)
    with pytest.raises(Locked):
        open_token(token)

"""Peppers on a key server, spoken to as its documentation says, and both custodians by one rule."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.people import new_person
from tests.vault.keyserver import TOKEN, KeyServer
from vault.access import open_token
from vault.errors import Locked
from vault.granting import grants
from vault.keys import transit
from vault.keys.custodian import (
    FileCustodian,
    KeyCustodian,
    KeyServerError,
    KeysFolderError,
    PepperGone,
    today,
)
from vault.keys.transit import TransitCustodian
from vault.types import Right


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with KeyServer() as running:
        yield running


@pytest.fixture(params=["file", "transit"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path, server: KeyServer) -> KeyCustodian:
    if request.param == "file":
        return FileCustodian(tmp_path / "keys")
    return TransitCustodian(server.url, TOKEN)


def test_the_pepper_lasts(keeper: KeyCustodian) -> None:
    assert keeper.pepper() == keeper.pepper()
    assert len(keeper.pepper()) == 32


def test_every_pepper_is_another(keeper: KeyCustodian) -> None:
    made = [keeper.new_grant_pepper(uuid4()) for _ in range(3)]
    assert len({*made, keeper.pepper(), keeper.pepper_of(today())}) == 5


def test_only_todays_is_made_on_demand(keeper: KeyCustodian) -> None:
    keeper.pepper_of(today())
    for day in (today() - timedelta(days=1), today() + timedelta(days=1), date(2020, 1, 1)):
        with pytest.raises(PepperGone):
            keeper.pepper_of(day)
    assert keeper.days() == [today()]


def test_a_grants_pepper_is_gone_for_good(keeper: KeyCustodian) -> None:
    one, other = uuid4(), uuid4()
    with pytest.raises(PepperGone):
        keeper.grant_pepper(one)
    made = keeper.new_grant_pepper(one)
    keeper.new_grant_pepper(other)
    assert keeper.grant_pepper(one) == made == keeper.new_grant_pepper(one)
    keeper.destroy_grants([one, uuid4()])
    with pytest.raises(PepperGone):
        keeper.grant_pepper(one)
    assert keeper.grant_pepper(other)
    assert keeper.new_grant_pepper(one) != made


def test_old_days_are_destroyed(keeper: KeyCustodian) -> None:
    keeper.pepper_of(today())
    assert keeper.destroy_before(today()) == []
    assert keeper.destroy_before(today() + timedelta(days=1)) == [today()]
    assert keeper.days() == []


def test_rotating_the_key_over_there_changes_no_pepper(server: KeyServer) -> None:
    before = TransitCustodian(server.url, TOKEN).pepper()
    server.rotate(transit.PEPPER)
    assert TransitCustodian(server.url, TOKEN).pepper() == before


def test_a_lost_pepper_is_not_made_anew(server: KeyServer) -> None:
    TransitCustodian(server.url, TOKEN).pepper_of(today())
    del server.keys[transit.PEPPER]
    with pytest.raises(KeysFolderError, match="satchel-pepper is missing"):
        TransitCustodian(server.url, TOKEN).pepper()


@pytest.mark.parametrize("status", [400, 403, 429, 500, 502, 503])
def test_a_failing_server_is_not_a_missing_pepper(server: KeyServer, status: int) -> None:
    keeper = TransitCustodian(server.url, TOKEN)
    keeper.new_grant_pepper(grant := uuid4())
    fresh = TransitCustodian(server.url, TOKEN)
    server.status = status
    for act in (fresh.pepper, lambda: fresh.grant_pepper(grant), fresh.days):
        with pytest.raises(KeyServerError) as failed:
            act()
        assert TOKEN not in str(failed.value)


def test_a_wrong_token_and_a_server_that_is_not_there(server: KeyServer) -> None:
    with pytest.raises(KeyServerError):
        TransitCustodian(server.url, "another").pepper()
    with pytest.raises(KeyServerError) as failed:
        TransitCustodian("http://127.0.0.1:9", TOKEN).pepper()
    assert "127.0.0.1" not in str(failed.value)


def test_it_is_asked_once_a_minute_and_after_destroying_not_at_all(server: KeyServer) -> None:
    keeper = TransitCustodian(server.url, TOKEN)
    keeper.new_grant_pepper(grant := uuid4())
    server.calls.clear()
    for _ in range(5):
        keeper.grant_pepper(grant)
    assert server.calls == []
    keeper.destroy_grants([grant])
    with pytest.raises(PepperGone):
        keeper.grant_pepper(grant)


def test_the_token_is_renewed(server: KeyServer) -> None:
    TransitCustodian(server.url, TOKEN).renew()
    assert server.renewed == 1


def test_a_vault_lives_on_it(server: KeyServer, settings: Any) -> None:
    settings.SATCHEL_TRANSIT_URL, settings.SATCHEL_TRANSIT_TOKEN = server.url, TOKEN
    ana = new_person()
    grant, token = ana.token(Work=Right(see=True))
    assert open_token(token).visible == {ana.collection("Work")}
    assert transit.GRANT + grant.id.hex in server.keys
    grants.revoke(ana.access, grant.id)
    assert transit.GRANT + grant.id.hex not in server.keys
    with pytest.raises(Locked):
        open_token(token)

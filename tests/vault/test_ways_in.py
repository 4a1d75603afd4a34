"""What the owner is told of the ways in, and how the password's keeps step with the login."""

from typing import Any

import pytest
from django.test import Client

from tests.people import PASSWORD, Person
from vault import vaults
from vault.keys import hashers, ways_in
from vault.models import KeySlot
from vault.scope import vault_scope

RAISED = (65_536, 4, 1)


def header_of(person: Person) -> str:
    with vault_scope(person.vault_id):
        return KeySlot.objects.get(vault_id=person.vault_id, kind="password").header


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The cost of each derivation made since."""
    made: list[tuple[int, int, int]] = []
    derive = hashers.kdf.derive_password

    def counted(*args: Any) -> Any:
        made.append(args[-1].cost)
        return derive(*args)

    monkeypatch.setattr(hashers.kdf, "derive_password", counted)
    return made


def test_signing_in_after_the_parameters_rose_raises_the_vaults_slot_too(
    ana: Person, settings: Any, runs: list[tuple[int, int, int]]
) -> None:
    before = settings.SATCHEL_ARGON2
    settings.SATCHEL_ARGON2 = RAISED
    said = {"login": ana.user.email, "password": PASSWORD}
    client = Client(REMOTE_ADDR="10.9.7.1")
    assert client.post("/accounts/login/", said).cookies["satchel_key"].value
    ana.user.refresh_from_db()
    assert header_of(ana) == hashers.header_of(ana.user.password)
    assert header_of(ana).split("$")[2] == "65536,4,1"
    assert ways_in.opens_with_login(ana.access, ana.user.password)
    # One run to check the login and open the slot, one to make both anew.
    assert runs == [tuple(before), RAISED]
    runs.clear()
    again = Client(REMOTE_ADDR="10.9.7.2")
    assert again.post("/accounts/login/", said).cookies["satchel_key"].value
    assert runs == [RAISED]


def test_a_new_vault_has_its_two_ways(ana: Person) -> None:
    ways = ways_in.listing(ana.access)
    assert sorted(way.kind for way in ways) == ["password", "recovery"]
    assert all((way.name, way.credential, way.used_at) == ("", b"", None) for way in ways)
    assert ways_in.opens_with_login(ana.access, ana.user.password)


def test_a_new_password_and_a_new_code_replace_the_old(ana: Person) -> None:
    before = {way.kind: way for way in ways_in.listing(ana.access)}
    ana.user.set_password("another battery staple")
    ana.user.save()
    assert not ways_in.opens_with_login(ana.access, ana.user.password)
    secret = {"password": "another battery staple", "password_hash": ana.user.password}
    vaults.adopt_password(vaults.recover(owner_id=ana.user.pk, code=ana.recovery_code), **secret)
    after = {way.kind: way for way in ways_in.listing(ana.access)}
    assert after["password"].id != before["password"].id
    assert after["password"].since > before["password"].since
    assert after["recovery"] == before["recovery"]
    assert len(ways_in.listing(ana.access)) == 2

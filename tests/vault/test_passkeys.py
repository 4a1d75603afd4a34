"""Passkeys open the vault like a password: by what the device computes, and by nothing else."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import PASSWORD, Person, new_person
from vault import collections, memories, vaults
from vault.access import Access, open_session
from vault.errors import Invalid, Locked, NotFound, Refused, VaultError, WrongSecret
from vault.keys import passkeys, ways_in
from vault.keys.vaultkey import OwnerKey
from vault.keys.ways_in import WayIn
from vault.log import access_log
from vault.models import KeySlot, SessionSlot
from vault.scope import vault_scope
from vault.types import Draft, OpenSession


class Device:
    """An authenticator as the vault sees it: a credential and a secret function of the salt."""

    def __init__(self) -> None:
        self.credential, self.output = secrets.token_bytes(64), secrets.token_bytes(32)

    def join(self, person: Person, name: str = "my phone") -> WayIn:
        said = {"credential_id": self.credential, "prf_output": self.output}
        return passkeys.add(person.access, person.owner_key, **said, name=name)  # type: ignore[arg-type]

    def open(self, person: Person, **other: bytes) -> OpenSession:
        said = {"credential_id": self.credential, "prf_output": self.output} | other
        return passkeys.unlock(owner_id=person.user.pk, **said)


@pytest.fixture
def phone() -> Device:
    return Device()


def access_of(opened: OpenSession) -> Access:
    return open_session(opened.session_id, opened.vault_id, opened.secret)


def test_it_opens_what_the_password_opens(ana: Person, phone: Device) -> None:
    made = memories.remember(ana.access, ana.collection("Work"), Draft("likes tea"))
    way = phone.join(ana)
    assert (way.kind, way.name, way.used_at) == ("passkey", "my phone", None)
    opened = access_of(phone.open(ana))
    assert memories.get(opened, made.id).text == "likes tea"
    assert opened.is_owner and opened.visible == ana.access.visible
    (listed,) = passkeys.listing(opened)
    assert listed.used_at is not None
    assert (listed.id, listed.credential) == (way.id, phone.credential)


def test_it_gives_the_vault_key_for_acts_that_need_it(ana: Person, phone: Device) -> None:
    phone.join(ana)
    owner = passkeys.owner_key(
        owner_id=ana.user.pk, credential_id=phone.credential, prf_output=phone.output
    )
    assert collections.create(ana.access, owner, name="Garden").name == "Garden"
    assert repr(owner.key) == "Key(hidden)"


def test_after_a_reset_it_lets_the_new_password_in(ana: Person, phone: Device) -> None:
    phone.join(ana)
    ana.user.set_password("another battery staple")
    ana.user.save()
    new = {"password": "another battery staple", "password_hash": ana.user.password}
    assert not ways_in.opens_with_login(ana.access, ana.user.password)
    with pytest.raises(WrongSecret):
        vaults.unlock(owner_id=ana.user.pk, **new)
    owner = passkeys.owner_key(
        owner_id=ana.user.pk, credential_id=phone.credential, prf_output=phone.output
    )
    opened = access_of(vaults.adopt_password(owner, **new))
    assert ways_in.opens_with_login(opened, ana.user.password)
    assert vaults.unlock(owner_id=ana.user.pk, **new)
    assert phone.open(ana)  # the passkey and the recovery code go on
    assert vaults.recover(owner_id=ana.user.pk, code=ana.recovery_code)


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "n" * 81])
def test_a_name_is_words(ana: Person, phone: Device, name: str) -> None:
    with pytest.raises(Invalid) as error:
        phone.join(ana, name=name)
    assert error.value.field == "name"
    way = phone.join(ana, name=" my \u202e phone ")
    assert way.name == "my phone"
    with pytest.raises(Invalid):
        passkeys.rename(ana.access, way.id, name)
    passkeys.rename(ana.access, way.id, "the old one")
    assert passkeys.listing(ana.access)[0].name == "the old one"


def test_one_passkey_is_one_way_in(ana: Person, phone: Device) -> None:
    phone.join(ana)
    with pytest.raises(Invalid, match="already"):
        phone.join(ana)


def test_there_is_a_limit(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 2)
    for _ in range(2):
        Device().join(ana)
    with pytest.raises(Invalid, match="at most 2"):
        Device().join(ana)


def test_removed_it_opens_nothing(ana: Person, phone: Device) -> None:
    way, other = phone.join(ana), Device()
    other.join(ana, "my key")
    passkeys.remove(ana.access, ana.owner_key, way.id)
    with pytest.raises(WrongSecret):
        phone.open(ana)
    assert other.open(ana)
    assert passkeys.credentials(ana.user.pk) == [other.credential]
    with pytest.raises(NotFound):
        passkeys.remove(ana.access, ana.owner_key, way.id)


def test_removing_touches_neither_password_nor_recovery_code(ana: Person) -> None:
    for way in ways_in.listing(ana.access):
        with pytest.raises(NotFound):
            passkeys.remove(ana.access, ana.owner_key, way.id)
    assert {way.kind for way in ways_in.listing(ana.access)} == {"password", "recovery"}


@pytest.mark.parametrize("kind", ["password", "recovery"])
def test_two_ways_in_always_stay(ana: Person, phone: Device, kind: str) -> None:
    way, owner = phone.join(ana), ana.owner_key
    with vault_scope(ana.vault_id):
        KeySlot.objects.filter(vault_id=ana.vault_id, kind=kind).delete()
    with pytest.raises(Refused, match="two ways in"):
        passkeys.remove(ana.access, owner, way.id)
    assert phone.open(ana)


def test_the_log_tells_of_both(ana: Person, phone: Device) -> None:
    way = phone.join(ana, "my phone")
    passkeys.remove(ana.access, ana.owner_key, way.id)
    told = [(entry.action, entry.purpose) for entry in access_log.listing(ana.access)]
    assert told == [("passkey removed", "my phone"), ("passkey added", "my phone")]


def test_without_a_vault_there_is_nothing_to_open() -> None:
    assert passkeys.credentials(-1) == []
    with pytest.raises(NotFound):
        passkeys.unlock(owner_id=-1, credential_id=b"c", prf_output=b"\1" * 32)


def test_every_vault_asks_with_the_same_salt_and_gets_its_own_key(
    ana: Person, ben: Person, phone: Device
) -> None:
    from vault.keys.slots import passkey_key

    assert len(passkeys.prf_salt()) > 8
    keys = [passkey_key(phone.output, person.vault_id) for person in (ana, ben)]
    assert keys[0] != keys[1]


def test_ways_in_say_since_when(ana: Person, phone: Device) -> None:
    before = {way.kind: way.since for way in ways_in.listing(ana.access)}
    phone.join(ana)
    vaults.new_recovery_code(ana.owner_key)
    after = {way.kind: way.since for way in ways_in.listing(ana.access)}
    assert after["password"] == before["password"]
    assert after["recovery"] > before["recovery"]
    assert set(after) == {"password", "recovery", "passkey"}


@pytest.fixture(scope="module")
def carl() -> tuple[Person, OwnerKey]:
    person = new_person()
    return person, person.owner_key


STEPS = st.tuples(st.sampled_from(["add", "remove", "open"]), st.integers(0, 2))


@given(st.lists(STEPS, max_size=8))
@settings(max_examples=12, deadline=None)
def test_exactly_the_passkeys_that_are_in_open_it(
    carl: tuple[Person, OwnerKey], steps: list[tuple[str, int]]
) -> None:
    person, owner = carl
    for way in passkeys.listing(person.access):
        passkeys.remove(person.access, owner, way.id)
    devices, inside = [Device() for _ in range(3)], dict[int, WayIn]()
    for act, which in steps:
        device = devices[which]
        said = {"credential_id": device.credential, "prf_output": device.output}
        expected = act != "add" if which not in inside else act == "add"
        try:
            if act == "add":
                inside[which] = passkeys.add(person.access, owner, **said, name="key")  # type: ignore[arg-type]
            elif act == "remove":
                way_id = inside[which].id if which in inside else person.vault_id
                passkeys.remove(person.access, owner, way_id)
                del inside[which]
            else:
                assert passkeys.owner_key(owner_id=person.user.pk, **said).key == owner.key
        except VaultError:
            assert expected, (act, which)
        else:
            assert not expected, (act, which)
    assert {way.id for way in passkeys.listing(person.access)} == {w.id for w in inside.values()}
    kinds = [way.kind for way in ways_in.listing(person.access)]
    assert kinds.count("password") == kinds.count("recovery") == 1


def test_opening_with_a_passkey_is_a_session_like_any_other(ana: Person, phone: Device) -> None:
    phone.join(ana)
    opened = phone.open(ana)
    vaults.lock_everywhere(ana.access)
    with pytest.raises(Locked):
        access_of(opened)
    with vault_scope(ana.vault_id):
        assert SessionSlot.objects.filter(vault_id=ana.vault_id).count() == 0
    assert vaults.unlock(owner_id=ana.user.pk, password=PASSWORD, password_hash=ana.user.password)

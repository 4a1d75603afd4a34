"""What a passkey does not open, and who has no say over it."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.people import Person
from tests.vault.test_passkeys import Device, access_of
from vault.errors import Invalid, NotFound, Refused, WrongSecret
from vault.keys import passkeys, ways_in
from vault.keys.ways_in import WayIn
from vault.models import KeySlot
from vault.scope import vault_scope
from vault.types import Right


@pytest.fixture
def phone() -> Device:
    return Device()


ZEROS = bytes(32)
WRONG: dict[str, Callable[[Device], dict[str, bytes]]] = {
    "another output": lambda phone: {"prf_output": secrets.token_bytes(32)},
    "one bit off": lambda phone: {"prf_output": phone.output[:-1] + bytes([phone.output[-1] ^ 1])},
    "zeros": lambda phone: {"prf_output": ZEROS},
    "nothing": lambda phone: {"prf_output": b""},
    "a byte short": lambda phone: {"prf_output": phone.output[:-1]},
    "a byte long": lambda phone: {"prf_output": phone.output + b"\0"},
    "an unknown passkey": lambda phone: {"credential_id": secrets.token_bytes(64)},
    "no passkey": lambda phone: {"credential_id": b""},
    "part of its id": lambda phone: {"credential_id": phone.credential[:32]},
}


@pytest.mark.parametrize("case", WRONG)
def test_whatever_is_wrong_gets_the_same_refusal(ana: Person, phone: Device, case: str) -> None:
    phone.join(ana)
    with pytest.raises(WrongSecret) as refusal:
        phone.open(ana, **WRONG[case](phone))
    assert str(refusal.value) == "This passkey does not open your vault."
    assert passkeys.listing(ana.access)[0].used_at is None


@pytest.mark.parametrize("output", [b"", b"\1" * 31, b"\1" * 33, ZEROS])
def test_a_useless_output_makes_no_way_in(ana: Person, phone: Device, output: bytes) -> None:
    phone.output = output
    with pytest.raises(Invalid, match="gave nothing"):
        phone.join(ana)
    assert passkeys.listing(ana.access) == []


@pytest.mark.parametrize("credential", [b"", b"c" * 1024])
def test_an_id_is_within_what_the_standard_allows(
    ana: Person, phone: Device, credential: bytes
) -> None:
    phone.credential = credential
    with pytest.raises(Invalid):
        phone.join(ana)
    phone.credential = b"c" * 1023
    phone.join(ana)
    assert phone.open(ana)


def test_a_passkey_opens_its_own_vault_only(ana: Person, ben: Person, phone: Device) -> None:
    way = phone.join(ana)
    phone.join(ben, "a key that they share")
    with pytest.raises(NotFound):
        passkeys.remove(ben.access, ben.owner_key, way.id)
    with pytest.raises(NotFound):
        passkeys.remove(ana.access, ben.owner_key, way.id)
    with pytest.raises(NotFound):
        passkeys.rename(ben.access, way.id, "mine now")
    assert access_of(phone.open(ana)).vault_id == ana.vault_id
    assert access_of(phone.open(ben)).vault_id == ben.vault_id


def test_a_slot_opens_only_where_it_was_made(ana: Person, ben: Person) -> None:
    """Whoever writes the database can move a slot to another credential, row or vault."""
    phone, key = Device(), Device()
    mine, other = phone.join(ana), key.join(ana)
    theirs = Device()
    taken = theirs.join(ben)
    sealed = {}
    for person, way in ((ana, mine), (ana, other), (ben, taken)):
        with vault_scope(person.vault_id):
            sealed[way.id] = bytes(KeySlot.objects.get(id=way.id).sealed)

    def plant(way: WayIn, **columns: Any) -> None:
        with vault_scope(ana.vault_id):
            KeySlot.objects.filter(id=way.id).update(**columns)

    plant(mine, credential=secrets.token_bytes(64))
    with pytest.raises(WrongSecret):
        phone.open(ana)
    plant(mine, credential=theirs.credential)
    with pytest.raises(WrongSecret):
        phone.open(ana, credential_id=theirs.credential)
    plant(mine, credential=phone.credential, sealed=sealed[other.id])
    with pytest.raises(WrongSecret):
        phone.open(ana)
    plant(mine, credential=theirs.credential, sealed=sealed[taken.id])
    with pytest.raises(WrongSecret):
        theirs.open(ana)
    plant(mine, credential=phone.credential, sealed=sealed[mine.id])
    assert phone.open(ana)


def test_apps_and_jobs_have_no_say(ana: Person, phone: Device) -> None:
    way, app = phone.join(ana), ana.grantee(Work=Right(see=True, add="yes"))
    for act in (
        lambda: passkeys.listing(app),
        lambda: ways_in.listing(app),
        lambda: ways_in.opens_with_login(app, ana.user.password),
        lambda: passkeys.rename(app, way.id, "x"),
        lambda: Device().join(replace(ana, access=app)),
        lambda: passkeys.remove(app, ana.owner_key, way.id),
    ):
        with pytest.raises(Refused):
            act()

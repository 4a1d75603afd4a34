"""The password hasher: one run for login and vault, and the same cost whoever asks."""

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account import auth_backends
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import kdf
from vault.crypto.errors import CannotOpen, WeakParameters
from vault.keys import hashers
from vault.keys.custodian import FileCustodian
from vault.keys.hashers import (
    PasswordHeader,
    VaultPasswordHasher,
    remembering_derivations,
    slot_key,
)

PASSWORD, HIGHER = "correct horse", (65_536, 4, 1)
FLOOR = kdf.FLOOR.cost
SALT = "AAECAwQFBgcICQoLDA0ODw"
VERIFIER = "A" * 43
WELL_FORMED = f"satchel_argon2id$v1$65536,3,1${SALT}${VERIFIER}"


@pytest.fixture(autouse=True)
def vault_settings(settings: Any, tmp_path: Path) -> Any:
    settings.PASSWORD_HASHERS = ["vault.keys.hashers.VaultPasswordHasher"]
    settings.SATCHEL_KEYS_DIR = tmp_path / "keys"
    settings.SATCHEL_ARGON2 = FLOOR
    return settings


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The cost of each run of Argon2id made since."""
    made: list[tuple[int, int, int]] = []
    real = kdf.Argon2id

    class Counted:
        def __init__(self, **parameters: Any) -> None:
            self.parameters = parameters

        def derive(self, secret: bytes) -> bytes:
            names = ("memory_cost", "iterations", "lanes")
            made.append(tuple(self.parameters[name] for name in names))
            return real(**self.parameters).derive(secret)

    monkeypatch.setattr(kdf, "Argon2id", Counted)
    return made


def test_stores_a_verifier_and_checks_it() -> None:
    encoded = make_password(PASSWORD)
    assert re.fullmatch(
        r"satchel_argon2id\$v1\$65536,3,1\$[\w+/]{22}\$[\w+/]{43}", encoded, re.ASCII
    )
    assert len(encoded) < 128
    assert identify_hasher(encoded).algorithm == "satchel_argon2id"
    assert check_password(PASSWORD, encoded)
    assert not check_password("Correct horse", encoded)
    assert hashers.matches(PASSWORD, encoded)
    assert check_password(PASSWORD.encode(), encoded)  # type: ignore[arg-type]
    assert make_password(PASSWORD) != encoded


def test_the_stored_verifier_is_not_the_slot_key() -> None:
    encoded = make_password(PASSWORD)
    stored = VaultPasswordHasher().decode(encoded)
    assert hashers._unbase64(stored["hash"]) != slot_key(PASSWORD, encoded).raw


def test_the_slot_key_comes_back_from_the_stored_password_or_its_header() -> None:
    encoded = make_password(PASSWORD)
    header = hashers.header_of(encoded)
    assert encoded.startswith(header + "$")
    assert slot_key(PASSWORD, encoded) == slot_key(PASSWORD, header)
    assert slot_key("another", encoded) != slot_key(PASSWORD, encoded)


def test_the_derivation_is_what_the_format_says(vault_settings: Any) -> None:
    encoded = f"satchel_argon2id$v1$65536,3,1${SALT}${VERIFIER}"
    pepper = FileCustodian(vault_settings.SATCHEL_KEYS_DIR).pepper()
    header = hashers.header_of(encoded).encode()
    made = kdf.derive_password(PASSWORD, header, bytes(range(16)), pepper, kdf.FLOOR)
    assert slot_key(PASSWORD, encoded) == made.slot_key


def test_another_pepper_opens_nothing(vault_settings: Any, tmp_path: Path) -> None:
    encoded = make_password(PASSWORD)
    vault_settings.SATCHEL_KEYS_DIR = tmp_path / "stolen-database-without-keys"
    assert not check_password(PASSWORD, encoded)


def test_login_and_vault_cost_one_run(runs: list[Any]) -> None:
    encoded = make_password(PASSWORD)
    runs.clear()
    with remembering_derivations():
        assert check_password(PASSWORD, encoded)
        slot_key(PASSWORD, encoded)
        slot_key(PASSWORD, hashers.header_of(encoded))
        assert hashers.matches(PASSWORD, encoded)
    assert runs == [FLOOR]


def test_signing_up_costs_one_run(runs: list[Any]) -> None:
    with remembering_derivations():
        slot_key(PASSWORD, make_password(PASSWORD))
    assert runs == [FLOOR]


def test_nothing_is_remembered_outside_or_afterwards(runs: list[Any]) -> None:
    encoded = make_password(PASSWORD)
    with remembering_derivations():
        check_password(PASSWORD, encoded)
        memory = hashers._remembered.get()
        assert memory
        assert PASSWORD.encode() not in b"".join(memory)
    assert memory == {}
    assert hashers._remembered.get() is None
    runs.clear()
    slot_key(PASSWORD, encoded)
    slot_key(PASSWORD, encoded)
    assert len(runs) == 2


def test_each_request_forgets_even_when_it_fails() -> None:
    with pytest.raises(RuntimeError), remembering_derivations():
        make_password(PASSWORD)
        raise RuntimeError
    assert hashers._remembered.get() is None


def test_a_wrong_password_is_not_answered_from_memory(runs: list[Any]) -> None:
    encoded = make_password(PASSWORD)
    runs.clear()
    with remembering_derivations():
        assert check_password(PASSWORD, encoded)
        assert not check_password("wrong", encoded)
    assert len(runs) == 2


def test_raised_parameters_renew_the_login_and_the_slot_still_opens(
    vault_settings: Any, runs: list[Any]
) -> None:
    encoded, renewed = make_password(PASSWORD), []
    key = slot_key(PASSWORD, encoded)
    vault_settings.SATCHEL_ARGON2 = HIGHER
    runs.clear()
    with remembering_derivations():
        assert check_password(PASSWORD, encoded, lambda raw: renewed.append(make_password(raw)))
        assert slot_key(PASSWORD, hashers.header_of(encoded)) == key
        assert slot_key(PASSWORD, renewed[0]) != key
    assert runs == [FLOOR, HIGHER]
    assert hashers.header_of(renewed[0]).startswith("satchel_argon2id$v1$65536,4,1$")


@pytest.mark.parametrize(
    ("setting", "renew"),
    [(FLOOR, False), ((65_537, 3, 1), True), (HIGHER, True), ((65_536, 3, 2), True)],
)
def test_renews_when_any_part_rose(vault_settings: Any, setting: Any, renew: bool) -> None:
    vault_settings.SATCHEL_ARGON2 = setting
    assert VaultPasswordHasher().must_update(WELL_FORMED) is renew


def test_does_not_renew_when_the_setting_fell(vault_settings: Any) -> None:
    costly = WELL_FORMED.replace("65536,3,1", "131072,3,1")
    assert not VaultPasswordHasher().must_update(costly)


@pytest.mark.parametrize(
    ("setting", "spent"),
    [
        (FLOOR, []),
        (HIGHER, [(65_536, 1, 1)]),
        ((131_072, 3, 1), [(131_072, 2, 1)]),
        ((65_600, 3, 1), [(65_600, 1, 1)]),
    ],
)
def test_hardening_spends_the_difference(
    vault_settings: Any, runs: list[Any], setting: Any, spent: list[Any]
) -> None:
    vault_settings.SATCHEL_ARGON2 = setting
    VaultPasswordHasher().harden_runtime(PASSWORD, WELL_FORMED)
    assert runs == spent


def test_a_wrong_password_costs_the_difference_too(vault_settings: Any, runs: list[Any]) -> None:
    vault_settings.SATCHEL_ARGON2 = HIGHER
    assert not check_password(PASSWORD, WELL_FORMED)
    assert runs == [FLOOR, (65_536, 1, 1)]


def test_an_unknown_person_costs_what_a_known_one_does(
    runs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Django's own backend and with allauth's, inside a request."""
    user_model = get_user_model()
    known = user_model(password=make_password(PASSWORD), is_active=True)
    locked_out = user_model(password=make_password(None))

    def nobody(*_: object) -> None:
        raise user_model.DoesNotExist

    def cost_of(backend: ModelBackend, **credentials: str) -> list[Any]:
        runs.clear()
        with remembering_derivations():
            assert backend.authenticate(None, password="wrong", **credentials) is None
        return list(runs)

    manager = user_model._default_manager
    monkeypatch.setattr(manager, "get_by_natural_key", nobody)
    costs = [cost_of(ModelBackend(), username="nobody")]
    for user in (known, locked_out):
        monkeypatch.setattr(manager, "get_by_natural_key", lambda _, user=user: user)
        costs.append(cost_of(ModelBackend(), username="somebody"))
    for found in ([], [known], [locked_out]):
        monkeypatch.setattr(
            auth_backends, "filter_users_by_email", lambda *_, found=found, **__: found
        )
        costs.append(cost_of(auth_backends.AuthenticationBackend(), email="a@example.org"))
    assert costs == [[FLOOR]] * 6


@pytest.mark.parametrize("setting", [(65_535, 3, 1), (65_536, 2, 1), (19_456, 2, 1)])
def test_settings_below_the_floor_are_refused(vault_settings: Any, setting: Any) -> None:
    vault_settings.SATCHEL_ARGON2 = setting
    with pytest.raises(WeakParameters):
        make_password(PASSWORD)


@pytest.mark.parametrize("costs", ["19456,2,1", "65535,3,1", "0,0,0", "9999999,3,1", "65536,99,1"])
def test_a_stored_password_below_the_floor_is_not_even_tried(costs: str, runs: list[Any]) -> None:
    weak = WELL_FORMED.replace("65536,3,1", costs)
    for ask in (check_password, slot_key, hashers.matches):
        with pytest.raises(WeakParameters):
            ask(PASSWORD, weak)
    assert runs == []


MISSPELT = [
    ("v1", ["v2", ""]),
    (SALT, ["", "QUJD", SALT[:-1]]),
    ("65536", [" 65536", "65_536", "065536", "٦٥٥٣٦"]),
    ("3,1", ["3", "3,1,1", "3.0,1"]),
    (VERIFIER, [VERIFIER[:-1] + end for end in ("", "AA", "A=", "A$", "\n")]),
    (VERIFIER, [VERIFIER[:-1] + "B"]),  # stray bits: the same bytes to a lenient reader
    (WELL_FORMED, ["satchel_argon2id", "satchel_argon2id$"]),
]


@pytest.mark.parametrize(
    "encoded", [WELL_FORMED.replace(part, text) for part, texts in MISSPELT for text in texts]
)
def test_malformed_stored_passwords_are_noticed(encoded: str, runs: list[Any]) -> None:
    for ask in (check_password, slot_key, hashers.matches):
        with pytest.raises(CannotOpen):
            ask(PASSWORD, encoded)
    with pytest.raises(CannotOpen):
        hashers.header_of(encoded)
    assert runs == []


@given(st.text())
def test_noise_is_no_stored_password(text: str) -> None:
    with pytest.raises(CannotOpen):
        hashers.header_of(text)
    for header in (f"satchel_argon2id$v1${text}", f"argon2id$v1$65536,3,1${SALT}"):
        with pytest.raises(CannotOpen):
            PasswordHeader.parse(header)


@pytest.mark.parametrize("salt", ["", "seasalt", "AAECAwQFBgcICQoLDA0O$w", SALT + "AA"])
def test_a_salt_is_16_bytes_in_base64(salt: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        VaultPasswordHasher().encode(PASSWORD, salt)


def test_takes_a_stored_password_apart() -> None:
    assert VaultPasswordHasher().decode(WELL_FORMED) == {
        "algorithm": "satchel_argon2id",
        "hash": VERIFIER,
        "salt": SALT,
        "memory_kib": 65_536,
        "iterations": 3,
        "lanes": 1,
    }


def test_what_an_administrator_sees_is_masked() -> None:
    encoded = make_password(PASSWORD)
    stored = VaultPasswordHasher().decode(encoded)
    shown = VaultPasswordHasher().safe_summary(encoded)
    assert shown["memory_kib"] == 65_536
    assert stored["hash"] not in str(shown)
    assert stored["salt"] not in str(shown)

"""Passwords: one costly run, bound to its header, never below the floor."""

import os
import threading
from dataclasses import astuple, replace

import pytest

from vault.crypto import kdf
from vault.crypto.errors import WeakParameters
from vault.crypto.kdf import (
    CEILING,
    DEFAULT,
    FLOOR,
    Argon2Parameters,
    PasswordKeys,
    derive_password,
)

HEADER, SALT, PEPPER = b"header", b"s" * 16, b"p" * 32


PASSWORD, OTHER_PASSWORD = "password", "Password"
COSTS = ("length", "iterations", "lanes", "memory_cost")


def derive(password: str = PASSWORD, **changes: object) -> PasswordKeys:
    given = {"header": HEADER, "salt": SALT, "pepper": PEPPER, "parameters": FLOOR} | changes
    return derive_password(password, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def keys() -> PasswordKeys:
    return derive()


def test_the_limits_are_these() -> None:
    assert (astuple(FLOOR), astuple(DEFAULT)) == ((65_536, 3, 1), (131_072, 3, 1))
    assert astuple(CEILING) == (1_048_576, 16, 8)


def test_gives_the_same_again(keys: PasswordKeys) -> None:
    again = derive()
    assert (again.verifier, again.slot_key) == (keys.verifier, keys.slot_key)


@pytest.mark.parametrize(
    "changes",
    [
        {"password": OTHER_PASSWORD},
        {"header": b"headeR"},
        {"salt": b"S" * 16},
        {"pepper": b"P" * 32},
        {"parameters": replace(FLOOR, iterations=4)},
        {"parameters": replace(FLOOR, memory_kib=65_544)},
        {"parameters": replace(FLOOR, lanes=2)},
    ],
)
def test_every_part_counts(changes: dict[str, object], keys: PasswordKeys) -> None:
    other = derive(**changes)  # type: ignore[arg-type]
    assert other.verifier != keys.verifier
    assert other.slot_key != keys.slot_key


def test_the_verifier_does_not_give_the_slot_key(keys: PasswordKeys) -> None:
    assert keys.verifier != keys.slot_key.raw
    assert keys.verifier.hex() not in repr(keys)
    assert repr(keys.verifier) not in repr(keys)


@pytest.mark.parametrize("part", ["memory_kib", "iterations", "lanes"])
def test_below_the_floor_and_above_the_ceiling_nothing_runs(part: str) -> None:
    for parameters in (
        replace(FLOOR, **{part: getattr(FLOOR, part) - 1}),
        replace(FLOOR, **{part: getattr(CEILING, part) + 1}),
    ):
        with pytest.raises(WeakParameters):
            derive(parameters=parameters)
    replace(FLOOR, **{part: getattr(CEILING, part)}).check()


@pytest.mark.parametrize("changes", [{"salt": b"s" * 15}, {"pepper": b""}, {"pepper": b"p" * 33}])
def test_a_short_salt_or_pepper_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="salt has 16 bytes"):
        derive(**changes)


def test_accents_count_the_same_however_they_are_typed() -> None:
    assert kdf.password_bytes("pa\u0308ss") == kdf.password_bytes("p\u00e4ss")
    assert kdf.password_bytes("ﬁ") == b"fi"


def test_text_over_1024_characters_is_taken_as_it_is() -> None:
    assert kdf.password_bytes("ﬁ" * 1024) == b"fi" * 1024
    assert kdf.password_bytes("ﬁ" * 1025) == "ﬁ".encode() * 1025


def test_any_text_can_be_a_password() -> None:
    odd = ["\ud800", "\0", "a" * 100_000, "\u0301" * 5_000, ""]
    assert len({kdf.password_bytes(text) for text in odd}) == 5


def test_two_runs_at_a_time_and_the_third_waits() -> None:
    done = threading.Event()
    third = threading.Thread(target=lambda: (derive(), done.set()))
    with kdf._runs, kdf._runs:
        third.start()
        assert not done.wait(1.0)
    third.join()
    assert done.is_set()


def test_a_forked_process_does_not_wait_for_its_parents_runs() -> None:
    with kdf._runs, kdf._runs:
        child = os.fork()
        if child == 0:
            free = []
            try:
                free = [kdf._runs.acquire(blocking=False) for _ in range(3)]
            finally:
                os._exit(0 if free == [True, True, False] else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_run_for_nothing_costs_what_another_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, object]] = []
    argon2 = kdf.Argon2id
    monkeypatch.setattr(kdf, "Argon2id", lambda **given: asked.append(given) or argon2(**given))
    derive()
    kdf.spend(FLOOR.memory_kib, FLOOR.iterations)
    real, spent = ({k: run[k] for k in COSTS} for run in asked)
    assert spent == real


def test_a_run_for_nothing_waits_its_turn() -> None:
    done = threading.Event()
    third = threading.Thread(target=lambda: (kdf.spend(65_536, 1), done.set()))
    with kdf._runs, kdf._runs:
        third.start()
        assert not done.wait(0.5)
    third.join()
    assert done.is_set()


def test_salts_are_random() -> None:
    assert len({kdf.random_salt() for _ in range(100)}) == 100
    assert len(kdf.random_salt()) == 16


def test_parameters_compare_part_by_part() -> None:
    assert Argon2Parameters(1, 2, 3).cost == (1, 2, 3)

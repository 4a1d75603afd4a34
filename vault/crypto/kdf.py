"""From a password to keys: one Argon2id run, then a split into login verifier and slot key."""

import os
import unicodedata
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from vault.crypto.errors import WeakParameters
from vault.crypto.keys import Key

CONCURRENT_RUNS = 2
SALT_BYTES = 16
PEPPER_BYTES = 32
_OUTPUT_BYTES = 64
_LONGEST_NORMALISED = 1024


@dataclass(frozen=True, slots=True)
class Argon2Parameters:
    """What one run costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    iterations: int
    lanes: int

    def check(self) -> None:
        """WeakParameters below FLOOR, or above CEILING, where a run could exhaust the host."""
        for own, least, most in zip(self.cost, FLOOR.cost, CEILING.cost, strict=True):
            if not least <= own <= most:
                raise WeakParameters("The password parameters are outside the allowed range.")

    @property
    def cost(self) -> tuple[int, int, int]:
        """(memory_kib, iterations, lanes), to compare part by part."""
        return self.memory_kib, self.iterations, self.lanes


FLOOR = Argon2Parameters(64 * 1024, 3, 1)
DEFAULT = Argon2Parameters(128 * 1024, 3, 1)
CEILING = Argon2Parameters(1024 * 1024, 16, 8)


@dataclass(frozen=True, slots=True)
class PasswordKeys:
    """What one run gives: the verifier that may be stored, and the key that must not."""

    verifier: bytes = field(repr=False)
    slot_key: Key


_runs = BoundedSemaphore(CONCURRENT_RUNS)


def derive_password(
    password: str, header: bytes, salt: bytes, pepper: bytes, parameters: Argon2Parameters
) -> PasswordKeys:
    """One run, bound to `header`. Waits while two others run in this process: each takes its
    memory whole. WeakParameters outside the limits; `salt` has 16 bytes, `pepper` 32."""
    parameters.check()
    if len(salt) != SALT_BYTES or len(pepper) != PEPPER_BYTES:
        raise ValueError("A salt has 16 bytes and a pepper 32.")
    argon2 = Argon2id(
        salt=salt,
        length=_OUTPUT_BYTES,
        iterations=parameters.iterations,
        lanes=parameters.lanes,
        memory_cost=parameters.memory_kib,
        ad=b"satchel/v1/password" + header,
        secret=pepper,
    )
    root = Key.from_secret(_run(argon2, password_bytes(password)))
    return PasswordKeys(root.derive("password/verifier").raw, root.derive("password/slot"))


def password_bytes(password: str) -> bytes:
    """The bytes of a password, the same for every keyboard's way of composing an accent."""
    # Normalising takes quadratic time on hostile text, so longer ones are taken as they are.
    if len(password) <= _LONGEST_NORMALISED:
        password = unicodedata.normalize("NFKC", password)
    return password.encode("utf-8", "surrogatepass")


def random_salt() -> bytes:
    """A new salt of 16 bytes."""
    return os.urandom(SALT_BYTES)


def spend(memory_kib: int, iterations: int) -> None:
    """A run whose result is dropped, to cost what another would."""
    _run(
        Argon2id(
            salt=bytes(SALT_BYTES),
            length=_OUTPUT_BYTES,
            iterations=iterations,
            lanes=1,
            memory_cost=memory_kib,
        ),
        b"",
    )


def _run(argon2: Argon2id, secret: bytes) -> bytes:
    with _runs:
        return argon2.derive(secret)


def _forget_runs_of_parent() -> None:
    global _runs  # noqa: PLW0603
    _runs = BoundedSemaphore(CONCURRENT_RUNS)


# A fork while a run is under way would leave the child a semaphore that nobody releases.
os.register_at_fork(after_in_child=_forget_runs_of_parent)

"""The password hasher: one Argon2id run gives both the login verifier and the vault's slot key,
so there is no cheaper way to test a guess than the slot itself."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from vault.crypto import kdf
from vault.crypto.errors import CannotOpen
from vault.crypto.kdf import Argon2Parameters, PasswordKeys
from vault.crypto.keys import Key
from vault.keys.custodian import custodian

ALGORITHM = "satchel_argon2id"
_VERSION = "v1"
_VERIFIER_BYTES = 32
_HEADER_DOLLARS = 3
_cache_key = Key.generate()
_remembered: ContextVar[dict[bytes, PasswordKeys] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembering_derivations() -> Iterator[None]:
    """While handling one request, remember what a password gave, so that logging in and opening
    the vault cost one run. Forgotten at the end; nothing is remembered outside."""
    memory: dict[bytes, PasswordKeys] = {}
    token = _remembered.set(memory)
    try:
        yield
    finally:
        _remembered.reset(token)
        memory.clear()


@dataclass(frozen=True, slots=True)
class PasswordHeader:
    """The public half of a stored password: parameters and salt. Its bytes go into the run and
    into the slot, so a slot still opens after the login's own parameters were raised."""

    parameters: Argon2Parameters
    salt: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `satchel_argon2id$v1$m,t,p$salt`; CannotOpen for any other spelling."""
        try:
            algorithm, version, costs, salt = text.split("$")
            memory, iterations, lanes = (int(cost) for cost in costs.split(","))
            header = cls(Argon2Parameters(memory, iterations, lanes), _unbase64(salt))
        except ValueError:
            raise CannotOpen from None
        wrong_salt = len(header.salt) != kdf.SALT_BYTES
        if wrong_salt or (algorithm, version) != (ALGORITHM, _VERSION) or str(header) != text:
            raise CannotOpen
        return header

    def __str__(self) -> str:
        costs = ",".join(str(part) for part in self.parameters.cost)
        return "$".join((ALGORITHM, _VERSION, costs, _base64(self.salt)))

    @sensitive_variables()
    def derive(self, password: str) -> PasswordKeys:
        """One run, or the remembered one. WeakParameters when the parameters are."""
        header = str(self).encode()
        memory = _remembered.get()
        name = _cache_key.mac(header + b"$" + kdf.password_bytes(password))
        if memory is not None and name in memory:
            return memory[name]
        pepper = custodian().pepper()
        keys = kdf.derive_password(password, header, self.salt, pepper, self.parameters)
        if memory is not None:
            memory[name] = keys
        return keys


def header_of(encoded: str) -> str:
    """The header inside a stored password, to keep beside a slot."""
    return str(_decode(encoded)[0])


@sensitive_variables()
def slot_key(password: str, encoded: str) -> Key:
    """The key of the password's slot, from the stored password or from a slot's own header (which
    may be older). It does not check the password: the slot does."""
    is_header = encoded.count("$") == _HEADER_DOLLARS
    header = PasswordHeader.parse(encoded) if is_header else _decode(encoded)[0]
    return header.derive(password).slot_key


@sensitive_variables()
def matches(password: str, encoded: str) -> bool:
    """Whether the password is the stored one; no second run if it was derived in this request."""
    return VaultPasswordHasher().verify(password, encoded)


class VaultPasswordHasher(BasePasswordHasher):
    """`satchel_argon2id$v1$<m>,<t>,<p>$<salt>$<verifier>`; parameters from SATCHEL_ARGON2."""

    algorithm = ALGORITHM

    def salt(self) -> str:
        """16 random bytes in base64."""
        return _base64(kdf.random_salt())

    @sensitive_variables()
    def encode(self, password: str, salt: str) -> str:
        """What to store for a password."""
        self._check_encode_args(password, salt)  # type: ignore[attr-defined]
        header = PasswordHeader(current_parameters(), _unbase64(salt))
        return f"{header}${_base64(header.derive(_text(password)).verifier)}"

    @sensitive_variables()
    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is right, compared in constant time."""
        header, verifier = _decode(encoded)
        return constant_time_compare(header.derive(_text(password)).verifier, verifier)

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts of a stored password; CannotOpen when it is not one."""
        header, verifier = _decode(encoded)
        return {
            "algorithm": ALGORITHM,
            "hash": _base64(verifier),
            "salt": _base64(header.salt),
            "memory_kib": header.parameters.memory_kib,
            "iterations": header.parameters.iterations,
            "lanes": header.parameters.lanes,
        }

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What an administrator may see of it."""
        parts = self.decode(encoded)
        return parts | {"hash": mask_hash(parts["hash"]), "salt": mask_hash(parts["salt"])}

    def must_update(self, encoded: str) -> bool:
        """Whether any parameter was raised since."""
        stored = _decode(encoded)[0].parameters.cost
        return any(old < new for old, new in zip(stored, current_parameters().cost, strict=True))

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Spend what today's parameters cost beyond the stored ones."""
        stored, current = _decode(encoded)[0].parameters, current_parameters()
        missing = current.memory_kib * current.iterations - stored.memory_kib * stored.iterations
        if missing > 0:
            kdf.spend(current.memory_kib, max(1, round(missing / current.memory_kib)))


def current_parameters() -> Argon2Parameters:
    """The parameters of the settings; WeakParameters below the floor."""
    parameters = Argon2Parameters(*getattr(settings, "SATCHEL_ARGON2", kdf.DEFAULT.cost))
    parameters.check()
    return parameters


def _decode(encoded: str) -> tuple[PasswordHeader, bytes]:
    header, _, tail = encoded.rpartition("$")
    try:
        verifier = _unbase64(tail)
    except ValueError:
        raise CannotOpen from None
    if len(verifier) != _VERIFIER_BYTES:
        raise CannotOpen
    return PasswordHeader.parse(header), verifier


def _text(password: str | bytes) -> str:
    return password if isinstance(password, str) else password.decode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _unbase64(text: str) -> bytes:
    """ValueError unless it is spelled exactly as `_base64` spells it."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("This is not base64.") from error
    if _base64(data) != text:
        raise ValueError("This is not base64 as we write it.")
    return data

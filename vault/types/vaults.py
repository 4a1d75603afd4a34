"""A vault, its collections, and the browsers in which it stands open."""

from dataclasses import dataclass
from uuid import UUID

from vault.types.grants import Right


@dataclass(frozen=True, slots=True)
class Collection:
    """A named group of memories. `count` is None for an asker who may not see it. `altered`: its
    name or settings are not what its owner left."""

    id: UUID
    name: str
    private: bool
    count: int | None
    right: Right
    altered: bool = False


@dataclass(frozen=True, slots=True)
class NewVault:
    """A vault just made. The recovery code is shown once and kept nowhere."""

    vault_id: UUID
    recovery_code: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An opened web session: the row's id goes into the session, the secret into its own cookie."""

    vault_id: UUID
    session_id: UUID
    secret: str

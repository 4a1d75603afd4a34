"""The ways into a vault: what its owner knows or has that opens it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import UUID

from django.utils.translation import gettext

from vault.access import Access
from vault.errors import WrongSecret
from vault.keys import hashers
from vault.keys.vaultkey import OwnerKey
from vault.models import KeySlot, Vault
from vault.scope import vault_scope

WayKind = Literal["password", "recovery", "passkey"]
LASTING: frozenset[WayKind] = frozenset({"password", "recovery"})
"""The two ways that every vault keeps, whatever else is taken away."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way into the vault. `name`, `used_at` and `credential` are a passkey's; `since` is when
    it began to open the vault as it does now."""

    id: UUID
    kind: WayKind
    name: str
    since: datetime
    used_at: datetime | None
    credential: bytes


def listing(access: Access) -> list[WayIn]:
    """Every way into this vault, the oldest of each kind first."""
    access.must_own()
    with vault_scope(access.vault_id):
        rows = KeySlot.objects.filter(vault_id=access.vault_id)
        return [_view(row) for row in rows.order_by("kind", "created_at")]


def opens_with_login(access: Access, password_hash: str) -> bool:
    """Whether the login's password opens the vault: not after a reset by e-mail, until the
    recovery code or a passkey has let it in."""
    access.must_own()
    header = hashers.header_of(password_hash)
    with vault_scope(access.vault_id):
        mine = KeySlot.objects.filter(vault_id=access.vault_id, kind=KeySlot.Kind.PASSWORD)
        return mine.filter(header=header).exists()


def hold(owner: OwnerKey) -> Vault:
    """Within a scope: let nobody else change the ways in until this is committed. WrongSecret when
    the one that `owner` came by was taken away since: what it opened must not outlive it."""
    vault = Vault.objects.select_for_update(no_key=True).get(id=owner.vault_id)
    if not KeySlot.objects.filter(vault_id=owner.vault_id, id=owner.slot_id).exists():
        raise WrongSecret(
            gettext("This was replaced a moment ago and does not open your vault any more.")
        )
    return vault


def _view(row: KeySlot) -> WayIn:
    return WayIn(
        id=row.id,
        kind=cast(WayKind, row.kind),
        name=row.name,
        since=row.created_at,
        used_at=row.used_at,
        credential=bytes(row.credential or b""),
    )

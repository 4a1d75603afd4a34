"""Which account each connection of a vault leads to: no two may lead to the same."""

from uuid import UUID

from django.utils.translation import gettext

from connectors.base.types import Account
from sync.engine import bridge
from sync.models import Connection
from vault.errors import Invalid, Locked, Tampered
from vault.granting import connecting
from vault.keys.vaultkey import OwnerKey


def must_be_alone(owner: OwnerKey, slug: str, account: Account, id: UUID) -> None:
    """Invalid where a connection other than `id` leads to this account: what one takes back there,
    the other would take for deleted, and forget here. Within a scope."""
    rows = Connection.objects.filter(vault_id=owner.vault_id, connector=slug)
    for row in rows.exclude(state=Connection.State.GONE).exclude(id=id):
        if _account_id(row, owner) == account.id:
            raise Invalid(
                gettext("This account is connected already. Change that connection instead.")
            )


def _account_id(row: Connection, owner: OwnerKey) -> str | None:
    """None where the row was altered: such a one does not run."""
    try:
        key = connecting.by_owner(owner, row.id, row.owner_slot)
        return bridge.opened_of(key, row)[1].id
    except (Locked, Tampered):
        return None

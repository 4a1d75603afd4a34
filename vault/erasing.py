"""Erasing a vault: its keys at once, then everything else in portions that need no key."""

from collections.abc import Sequence
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Model

from vault.keys.custodian import custodian
from vault.models import (
    Collection,
    CollectionKey,
    Grant,
    GrantKey,
    GrantRight,
    GrantSlot,
    JobSlot,
    KeySlot,
    LogHead,
    SessionSlot,
    TenantModel,
    Vault,
)
from vault.scope import vault_scope
from vault.search import sealed

_KEYS: tuple[type[TenantModel], ...] = (
    *(KeySlot, SessionSlot, JobSlot),
    *(CollectionKey, GrantKey, GrantSlot),
)


def shred_keys(vault_id: UUID) -> None:
    """Delete whatever opens this vault: from the end of the transaction on, nothing does."""
    with vault_scope(vault_id):
        for model in _KEYS:
            model._default_manager.filter(vault_id=vault_id).delete()
        Grant.objects.filter(vault_id=vault_id).update(owner_slot=None)
        GrantRight.objects.filter(vault_id=vault_id).update(terms=None)
        LogHead.objects.filter(vault_id=vault_id).update(private_key=b"")
        Collection.objects.filter(vault_id=vault_id).update(
            sealed_embedder=b"", sealed_next_embedder=b""
        )
    sealed.close(vault_id)


def destroy_peppers(vault_id: UUID) -> None:
    """Those of its grants, so that old copies of the database open nothing for their tokens."""
    with vault_scope(vault_id):
        grants = list(Grant.objects.filter(vault_id=vault_id).values_list("id", flat=True))
    custodian().destroy_grants(grants)


def tables() -> Sequence[type[Model]]:
    """Every table of people's data, whichever package made it."""
    return [m for m in apps.get_models() if issubclass(m, TenantModel)]


def count(vault_id: UUID, model: type[Model]) -> int:
    with vault_scope(vault_id):
        return model._default_manager.filter(vault_id=vault_id).count()


def delete_portion(vault_id: UUID, model: type[Model], most: int) -> int:
    """Delete some rows of one table. How many; 0 when none is left."""
    table = connection.ops.quote_name(model._meta.db_table)
    with vault_scope(vault_id), connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE vault_id = %s AND id IN"  # noqa: S608  (our own name)
            f" (SELECT id FROM {table} WHERE vault_id = %s LIMIT %s)",
            [vault_id, vault_id, most],
        )
        return int(cursor.rowcount)


def drop_indexes(vault_id: UUID) -> None:
    """Those that collections in indexed mode have of their own."""
    with vault_scope(vault_id), connection.cursor() as cursor:
        mine = Collection.objects.filter(vault_id=vault_id)
        for id in mine.values_list("id", flat=True):
            cursor.execute("SELECT vault_drop_turned(%s, '{}')", [id])


def finish(vault_id: UUID) -> None:
    """Delete the vault itself, with what was written after its tables were emptied."""
    with vault_scope(vault_id):
        Vault.objects.filter(id=vault_id).delete()

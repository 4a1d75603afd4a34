"""The rows that a grantee's every request begins with, in two statements.

Written out: the ORM needs four, and words them anew each time.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Model

from vault.keys.slots import Record
from vault.models import Grant, GrantRight, GrantSlot, Vault

Wrapped = tuple[UUID, int, Record]
"""(collection, epoch, the collection's key under the grant's)."""
_Row = TypeVar("_Row", bound=Model)


def of_token(
    vault_id: UUID, token_hash: bytes, kinds: Sequence[str]
) -> tuple[GrantSlot, Grant] | None:
    """The slot of one of these kinds with its grant, if there are both and the owner's login is on.
    Within a scope."""
    with connection.cursor() as cursor:
        cursor.execute(_of_token(), [vault_id, token_hash, list(kinds)])
        row = cursor.fetchone()
    if row is None:
        return None
    width = len(GrantSlot._meta.concrete_fields)
    return _made(GrantSlot, row[:width]), _made(Grant, row[width:])


def given(vault_id: UUID, grant_id: UUID) -> tuple[list[GrantRight], list[Wrapped]]:
    """What a grant may do in which collections, and its keys of these, as of one moment. Within a
    scope."""
    with connection.cursor() as cursor:
        cursor.execute(_given(), [vault_id, grant_id])
        rows = cursor.fetchall()
    rights: dict[UUID, GrantRight] = {}
    keys: list[Wrapped] = []
    for *columns, epoch, wrapped in rows:
        right = _made(GrantRight, columns)
        rights[right.collection_id] = right
        if epoch is not None:
            keys.append((right.collection_id, epoch, wrapped))
    return list(rights.values()), keys


@cache
def _of_token() -> str:
    slot, grant, vault = (_table(model) for model in (GrantSlot, Grant, Vault))
    return (
        f"SELECT {_columns(GrantSlot, 's')}, {_columns(Grant, 'g')} FROM {slot} s"  # noqa: S608
        f" JOIN {grant} g ON g.vault_id = s.vault_id AND g.id = s.grant_id"
        f" JOIN {vault} v ON v.id = g.vault_id"
        f" JOIN {_table(get_user_model())} u ON u.id = v.owner_id AND u.is_active"
        " WHERE s.vault_id = %s AND s.token_hash = %s AND s.kind = ANY(%s)"
    )


@cache
def _given() -> str:
    return (
        f"SELECT {_columns(GrantRight, 'r')}, k.epoch, k.wrapped"  # noqa: S608  (our own words)
        f" FROM {_table(GrantRight)} r LEFT JOIN vault_grantkey k ON k.vault_id = r.vault_id"
        " AND k.grant_id = r.grant_id AND k.collection_id = r.collection_id"
        " WHERE r.vault_id = %s AND r.grant_id = %s"
    )


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(model: type[Model], of: str) -> str:
    columns = (str(field.column) for field in model._meta.concrete_fields)
    names = map(connection.ops.quote_name, columns)
    return ", ".join(f"{of}.{name}" for name in names)


def _made(model: type[_Row], row: Sequence[Any]) -> _Row:
    names = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, names, row)

"""Changing many rows in one statement."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from vault.models import TenantModel


def update_rows(rows: Sequence[TenantModel], *fields: str) -> None:
    """Save these fields of rows of one vault and table. What was deleted meanwhile stays so.

    As `bulk_update`, whose CASE expressions take ten times as long for a few hundred rows.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = {field.attname: field for field in meta.concrete_fields}
    kinds = {name: columns[name].db_type(connection) for name in fields}
    values = ", ".join(f"unnest(%s::{kind}[]) AS {name}" for name, kind in kinds.items())
    sets = ", ".join(f"{name} = given.{name}" for name in fields)
    table = meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets}"  # noqa: S608  (names of our own tables and columns)
            f" FROM (SELECT unnest(%s::uuid[]) AS row_id, {values}) AS given"
            f" WHERE {table}.vault_id = %s AND {table}.id = given.row_id",
            [
                [row.id for row in rows],
                *([_plain(getattr(row, name)) for row in rows] for name in fields),
                rows[0].vault_id,
            ],
        )


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value

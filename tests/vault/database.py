"""What somebody who writes the database can do behind the application's back."""

from typing import Any
from uuid import UUID

from django.db import connection

from vault.access import Access
from vault.integrity import manifests
from vault.models import Memory
from vault.scope import vault_scope

Rows = dict[str, list[dict[str, Any]]]


def copy_of(vault_id: UUID, *tables: str) -> Rows:
    """These tables' rows of a vault, every column, as a backup holds them."""
    found: Rows = {}
    with vault_scope(vault_id), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM vault_{table}")
            names = [column.name for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def put_back(vault_id: UUID, rows: Rows) -> None:
    """Make those tables hold exactly these rows of the vault."""
    with vault_scope(vault_id), connection.cursor() as cursor:
        for table, values in rows.items():
            cursor.execute(f"DELETE FROM vault_{table}")
            for row in values:
                names = ", ".join(f'"{name}"' for name in row)
                holes = ", ".join(["%s"] * len(row))
                words = f"INSERT INTO vault_{table} ({names}) VALUES ({holes})"
                cursor.execute(words, list(row.values()))


def written(access: Access, **columns: object) -> list[Memory]:
    """Every memory with these columns, as if it had been written so: its manifest knows of it."""
    with vault_scope(access.vault_id):
        rows = list(Memory.objects.filter(vault_id=access.vault_id))
        for row in rows:
            for name, value in columns.items():
                setattr(row, name, value)
        manifests.settle(access, rows)
        Memory.objects.bulk_update(rows, [*columns, "entry"])
    return rows

"""All rows of one vault, taken out and put back by the database's owner: a whole old state."""

from dataclasses import dataclass
from uuid import UUID

import psycopg
from django.apps import apps
from django.conf import settings
from psycopg import sql

from config.home import ADMIN_ROLE, Home
from vault.models import TenantModel, Vault


@dataclass(frozen=True, repr=False)
class Snapshot:
    """What the tables held of a vault at a moment, in PostgreSQL's own copy format."""

    vault_id: UUID
    tables: dict[str, bytes]
    seq: int

    def put_back(self, *only: str) -> None:
        """Everything as it was then, or these tables alone; nothing checks a foreign key."""
        with _admin() as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, rows in self.tables.items():
                if only and table not in only:
                    continue
                name = sql.Identifier(table)
                delete = sql.SQL("DELETE FROM {} WHERE vault_id = %s").format(name)
                cursor.execute(delete, [self.vault_id])
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                    copy.write(rows)
            if not only:
                cursor.execute(
                    "UPDATE vault_vault SET seq = %s WHERE id = %s", [self.seq, self.vault_id]
                )


def snapshot(vault_id: UUID) -> Snapshot:
    tables = {}
    with _admin() as connection, connection.cursor() as cursor:
        for model in apps.get_models():
            if not issubclass(model, TenantModel):
                continue
            name = model._meta.db_table
            query = sql.SQL("COPY (SELECT * FROM {} WHERE vault_id = {}) TO STDOUT").format(
                sql.Identifier(name), sql.Literal(vault_id)
            )
            with cursor.copy(query) as copy:
                tables[name] = b"".join(bytes(part) for part in copy)
    return Snapshot(vault_id, tables, Vault.objects.values_list("seq", flat=True).get(id=vault_id))


def _admin() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(Home(settings.SATCHEL_HOME).database_url(ADMIN_ROLE))

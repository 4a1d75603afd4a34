"""What every table of a vault's data has in common, and the policy that shields it."""

from typing import TYPE_CHECKING

from django.db import migrations, models

from vault.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID


class TenantModel(models.Model):
    """A row of one vault. The vault comes first in every key: ready for partitions by vault."""

    pk = models.CompositePrimaryKey("vault_id", "id")
    vault = models.ForeignKey("vault.Vault", on_delete=models.CASCADE, db_index=False)
    id = models.UUIDField(default=new_id)

    if TYPE_CHECKING:
        vault_id: UUID

    class Meta:
        abstract = True


class ShieldTable(migrations.RunSQL):
    """Force row-level security on a tenant table: rows of the vault in `app.vault`, or none."""

    def __init__(self, table: str) -> None:
        vault = "(SELECT NULLIF(current_setting('app.vault', true), '')::uuid)"
        super().__init__(
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
            f'CREATE POLICY own_vault ON "{table}"'
            f" USING (vault_id = {vault}) WITH CHECK (vault_id = {vault});",
            f'DROP POLICY own_vault ON "{table}";'
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY;'
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;',
        )
        self.table = table

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        return (self.__class__.__name__, [self.table], {})

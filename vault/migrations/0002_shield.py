"""Row-level security on every table of a vault's data, and no vain compression of ciphertext."""

from django.db import migrations

from vault.models.base import ShieldTable

TABLES = (
    "collection collectionkey grant grantright grantslot jobslot keyslot logentry loghead memory"
    " revision segment sessionslot source suggestion vector"
).split()
SEALED = (
    ("memory", "sealed"),
    ("revision", "sealed"),
    ("source", "sealed"),
    ("vector", "passages"),
    ("vector", "tokens"),
    ("segment", "sealed"),
    ("logentry", "sealed"),
)


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]

    operations = [
        *(ShieldTable(f"vault_{table}") for table in TABLES),
        *(
            migrations.RunSQL(
                f"ALTER TABLE vault_{table} ALTER COLUMN {column} SET STORAGE EXTERNAL",
                migrations.RunSQL.noop,
            )
            for table, column in SEALED
        ),
    ]

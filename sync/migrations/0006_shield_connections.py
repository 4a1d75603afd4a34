"""Row-level security on the tables of connections."""

from django.db import migrations

from vault.models.base import ShieldTable

_TABLES = ("connection", "link", "run", "conflict", "receipt")


class Migration(migrations.Migration):
    dependencies = [("sync", "0005_connections")]

    operations = [ShieldTable(f"sync_{name}") for name in _TABLES]

"""Row-level security on the tables of imports."""

from django.db import migrations

from vault.models.base import ShieldTable


class Migration(migrations.Migration):
    dependencies = [("sync", "0001_initial"), ("vault", "0002_shield")]

    operations = [ShieldTable("sync_import"), ShieldTable("sync_importfile")]

"""Row-level security on the table of writes done."""

from django.db import migrations

from vault.models.base import ShieldTable


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial"), ("vault", "0002_shield")]

    operations = [ShieldTable("api_idempotencykey")]

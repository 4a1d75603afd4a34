"""The mark of a connection's address for notices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0006_shield_connections")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="notice_mark",
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name="connection",
            index=models.Index(fields=["vault", "notice_mark"], name="connection_notice"),
        ),
    ]

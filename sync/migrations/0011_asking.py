"""Imports ask what is in files that no reader knows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0010_distilling")]

    operations = [
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("reading", "Reading"),
                    ("asking", "Asking"),
                    ("preview", "Preview"),
                    ("writing", "Writing"),
                    ("indexing", "Indexing"),
                    ("undoing", "Undoing"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                    ("undone", "Undone"),
                ],
                default="reading",
                max_length=16,
            ),
        ),
    ]

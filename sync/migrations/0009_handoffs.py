"""What was taken along to other models."""

import django.db.models.deletion
import vault.ids
from django.db import migrations, models

from vault.models.base import ShieldTable


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0008_due'),
        ('vault', '0009_later'),
    ]

    operations = [
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('target', models.CharField(max_length=60)),
                ('wanted', models.JSONField()),
                ('kept', models.BinaryField()),
                ('count', models.PositiveIntegerField()),
                ('talks', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField()),
                ('steps', models.JSONField(default=list)),
                ('remind_at', models.DateTimeField(null=True)),
                ('arrived_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'indexes': [models.Index(fields=['vault', '-made_at'], name='handoff_newest')],
            },
        ),
        ShieldTable('sync_handoff'),
    ]

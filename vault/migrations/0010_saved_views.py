import django.db.models.deletion
from django.db import migrations, models

import vault.ids
from vault.models.base import ShieldTable


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0009_later'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('collection_id', models.UUIDField()),
                ('epoch', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('created_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'abstract': False,
            },
        ),
        ShieldTable('vault_savedview'),
    ]

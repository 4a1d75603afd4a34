import django.db.models.deletion
import vault.ids
from django.db import migrations, models

from vault.models.base import ShieldTable


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0003_complete'),
    ]

    operations = [
        migrations.CreateModel(
            name='Act',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('verb', models.CharField(max_length=16)),
                ('param', models.CharField(blank=True, max_length=40)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('undoing', 'Undoing'), ('undone', 'Undone')], default='running', max_length=16)),
                ('collection_id', models.UUIDField()),
                ('memory_id', models.UUIDField(null=True)),
                ('total', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'indexes': [models.Index(fields=['vault', 'made_at'], name='act_made'), models.Index(fields=['vault', 'memory_id'], name='act_memory')],
            },
        ),
        migrations.CreateModel(
            name='ActPart',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('act_id', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('memory_id', models.UUIDField(null=True)),
                ('done', models.BooleanField(default=False)),
                ('data', models.BinaryField()),
                ('mac', models.BinaryField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'indexes': [models.Index(fields=['vault', 'memory_id'], name='act_part_memory')],
                'constraints': [models.UniqueConstraint(fields=('vault', 'act_id', 'number'), name='act_part_number')],
            },
        ),
        ShieldTable("vault_act"),
        ShieldTable("vault_actpart"),
    ]

"""Distilling: the chosen model, its runs, what it read and what it proposed; shielded."""

import django.db.models.deletion
import vault.ids
from django.db import migrations, models

from vault.models.base import ShieldTable


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0009_handoffs'),
        ('vault', '0009_later'),
    ]

    operations = [
        migrations.CreateModel(
            name='Distilled',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('run_id', models.UUIDField()),
                ('collection_id', models.UUIDField()),
                ('conversation', models.UUIDField()),
                ('position', models.IntegerField(default=-1)),
                ('proposed', models.PositiveIntegerField(default=0)),
                ('unreadable', models.BooleanField(default=False)),
                ('read_at', models.DateTimeField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('vault', 'collection_id', 'conversation'), name='distilled_once')],
            },
        ),
        migrations.CreateModel(
            name='Distilling',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('state', models.CharField(choices=[('working', 'Working'), ('paused', 'Paused'), ('done', 'Done'), ('ended', 'Ended')], default='working', max_length=8)),
                ('collection_id', models.UUIDField()),
                ('epoch', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('total', models.PositiveIntegerField()),
                ('turns', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('tokens_in', models.BigIntegerField(default=0)),
                ('tokens_out', models.BigIntegerField(default=0)),
                ('guessed', models.BooleanField(default=False)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('wait_until', models.DateTimeField(null=True)),
                ('lease_owner', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'indexes': [models.Index(fields=['vault', '-started_at'], name='distilling_newest')],
            },
        ),
        migrations.CreateModel(
            name='DistillingModel',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('collection_id', models.UUIDField()),
                ('epoch', models.PositiveIntegerField()),
                ('sealed', models.BinaryField()),
                ('saved_at', models.DateTimeField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('vault',), name='distilling_model_once')],
            },
        ),
        migrations.CreateModel(
            name='Proposed',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('collection_id', models.UUIDField()),
                ('mark', models.BinaryField()),
                ('at', models.DateTimeField()),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('vault', 'mark'), name='proposed_once')],
            },
        ),
        ShieldTable('sync_distilled'),
        ShieldTable('sync_distilling'),
        ShieldTable('sync_distillingmodel'),
        ShieldTable('sync_proposed'),
    ]

"""Making, restoring and erasing a whole vault."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import vault.ids
from vault.models.base import ShieldTable


class Migration(migrations.Migration):

    dependencies = [
        ('sync', '0003_sorted'),
        ('vault', '0003_complete'),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('erased_vault', models.UUIDField(null=True)),
                ('owner_id', models.BigIntegerField(null=True)),
                ('keep_account', models.BooleanField()),
                ('counts', models.JSONField(default=dict)),
                ('total', models.BigIntegerField(default=0)),
                ('lease_owner', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ArchiveJob',
            fields=[
                ('pk', models.CompositePrimaryKey('vault_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=vault.ids.new_id)),
                ('kind', models.CharField(choices=[('export', 'Export'), ('restore', 'Restore')], max_length=16)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('making', 'Making'), ('checking', 'Checking'), ('restoring', 'Restoring'), ('indexing', 'Indexing'), ('wiping', 'Wiping'), ('done', 'Done'), ('gone', 'Gone'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], max_length=16)),
                ('file_id', models.UUIDField()),
                ('slot_id', models.UUIDField(null=True)),
                ('size', models.BigIntegerField(default=0)),
                ('vectors', models.BooleanField(default=False)),
                ('embedders', models.BooleanField(default=False)),
                ('sealed', models.BinaryField(default=bytes)),
                ('sealed_for_owner', models.BinaryField(default=bytes)),
                ('upload_key', models.BinaryField(default=bytes)),
                ('collection_id', models.UUIDField(null=True)),
                ('epoch', models.PositiveIntegerField(default=1)),
                ('new_keys', models.JSONField(default=list)),
                ('stage', models.CharField(blank=True, max_length=16)),
                ('checkpoint', models.BigIntegerField(default=0)),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('left_out', models.JSONField(default=dict)),
                ('notes', models.JSONField(default=list)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('lease_owner', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('vault', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='vault.vault')),
            ],
            options={
                'indexes': [models.Index(fields=['vault', '-started_at'], name='archive_newest')],
            },
        ),
        ShieldTable("sync_archivejob"),
    ]

"""Indexed mode: epochs of turned vectors, an HNSW index for one collection at a time, and shelves.

The application's role may not change tables. Two functions of the tables' owner make and drop the
index of one collection, of the vault in `app.vault` only.
"""

import django.db.models.deletion
from django.db import migrations, models

import vault.ids
from vault.models.base import ShieldTable

# The name says which collection; the rest of it tells model, epoch and size apart.
INDEX = """
CREATE FUNCTION vault_index_turned(
    of uuid, by_model text, in_epoch integer, size integer, mebibytes integer
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    mine uuid := NULLIF(current_setting('app.vault', true), '')::uuid;
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM vault_collection WHERE vault_id = mine AND id = of) THEN
        RAISE insufficient_privilege USING MESSAGE = 'This is no collection of this vault.';
    END IF;
    IF length(by_model) NOT BETWEEN 1 AND 80 OR in_epoch < 1 OR size NOT BETWEEN 1 AND 4000
        OR mebibytes NOT BETWEEN 16 AND 16384 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'No index can be made of this.';
    END IF;
    name := format('turned_%s_%s', replace(of::text, '-', ''),
        left(md5(format('%s/%s/%s', by_model, in_epoch, size)), 12));
    PERFORM set_config('maintenance_work_mem', mebibytes || 'MB', true);
    EXECUTE format(
        'CREATE INDEX IF NOT EXISTS %I ON vault_turnedvector'
        ' USING hnsw ((turned::halfvec(%s)) halfvec_ip_ops)'
        ' WHERE vault_id = %L AND collection_id = %L AND model = %L AND epoch = %s',
        name, size, mine, of, by_model, in_epoch);
    RETURN name;
END $$
"""
DROP = """
CREATE FUNCTION vault_drop_turned(of uuid, keeping text[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    mine uuid := NULLIF(current_setting('app.vault', true), '')::uuid;
    name text;
    dropped integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM vault_collection WHERE vault_id = mine AND id = of) THEN
        RAISE insufficient_privilege USING MESSAGE = 'This is no collection of this vault.';
    END IF;
    FOR name IN
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = 'vault_turnedvector'::regclass
            AND starts_with(relname, format('turned_%s_', replace(of::text, '-', '')))
            AND relname <> ALL (keeping)
    LOOP
        EXECUTE format('DROP INDEX %I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$
"""
# Whole vectors stay in their row up to 4,000 numbers, and what is deleted is cleared out early:
# an exact search reads every page of a collection.
STORAGE = """
ALTER TABLE vault_turnedvector SET (
    toast_tuple_target = 8160,
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
)
"""
NO_STORAGE = """
ALTER TABLE vault_turnedvector RESET (
    toast_tuple_target, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor
)
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0004_acts")]  # written side by side with this one

    operations = [
        migrations.AddField(
            model_name="collection",
            name="becoming",
            field=models.CharField(blank=True, default="", max_length=8),
            preserve_default=False,
        ),
        migrations.RunSQL("DELETE FROM vault_turnedvector", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="turnedvector",
            name="epoch",
            field=models.PositiveIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "vault_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("id", models.UUIDField(default=vault.ids.new_id)),
                (
                    "vault",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="vault.vault",
                    ),
                ),
                ("collection_id", models.UUIDField()),
                ("epoch", models.PositiveIntegerField()),
                ("seq", models.BigIntegerField()),
                ("part", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="shelf",
            constraint=models.UniqueConstraint(
                fields=("vault", "collection_id", "seq", "part"), name="shelf_part"
            ),
        ),
        ShieldTable("vault_shelf"),
        migrations.RunSQL(
            "ALTER TABLE vault_shelf ALTER COLUMN sealed SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(STORAGE, NO_STORAGE),
        migrations.RunSQL(INDEX, "DROP FUNCTION vault_index_turned"),
        migrations.RunSQL(DROP, "DROP FUNCTION vault_drop_turned"),
    ]

"""When each connection is due, outside any vault; kept right by triggers."""

from django.db import migrations, models

# What is due is what has a time, a key that the server can open, and a state in which something may
# begin. A grant that changed meanwhile, also while a run was under way, is a reason to look now.
_CONNECTION = """
CREATE FUNCTION sync_note_connection() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted timestamptz;
    behind boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM sync_due WHERE connection_id = OLD.id AND vault_id = OLD.vault_id;
        RETURN NULL;
    END IF;
    IF NEW.server_slot IS NOT NULL AND NEW.state IN ('active', 'failing', 'retracting') THEN
        wanted := NEW.next_at;
    END IF;
    SELECT (g.revoked_at IS NOT NULL AND NEW.state NOT IN ('retracting', 'gone'))
        OR (g.version <> NEW.grant_version AND NEW.full_at IS NOT NULL
            AND NEW.server_slot IS NOT NULL AND NEW.state IN ('active', 'failing'))
    INTO behind FROM vault_grant g WHERE g.vault_id = NEW.vault_id AND g.id = NEW.grant_id;
    IF behind THEN
        wanted := LEAST(wanted, now());
    END IF;
    IF wanted IS NULL THEN
        DELETE FROM sync_due WHERE connection_id = NEW.id AND vault_id = NEW.vault_id;
    ELSE
        INSERT INTO sync_due (connection_id, vault_id, at)
        VALUES (NEW.id, NEW.vault_id, wanted)
        ON CONFLICT (connection_id) DO UPDATE SET at = EXCLUDED.at
        WHERE sync_due.vault_id = EXCLUDED.vault_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sync_connection_due
AFTER INSERT OR DELETE OR UPDATE OF next_at, state, server_slot, grant_version, full_at
ON sync_connection FOR EACH ROW EXECUTE FUNCTION sync_note_connection();
"""
_GRANT = """
CREATE FUNCTION sync_note_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sync_due (connection_id, vault_id, at)
    SELECT c.id, c.vault_id, now() FROM sync_connection c
    WHERE c.vault_id = OLD.vault_id AND c.grant_id = OLD.id AND c.state <> 'gone'
    ON CONFLICT (connection_id) DO UPDATE SET at = LEAST(sync_due.at, EXCLUDED.at)
    WHERE sync_due.vault_id = EXCLUDED.vault_id;
    RETURN NULL;
END $$;
CREATE TRIGGER sync_grant_changed AFTER UPDATE OF version, revoked_at ON vault_grant
FOR EACH ROW WHEN (OLD.kind = 'connection' AND (OLD.version, OLD.revoked_at)
    IS DISTINCT FROM (NEW.version, NEW.revoked_at)) EXECUTE FUNCTION sync_note_grant();
CREATE TRIGGER sync_grant_gone AFTER DELETE ON vault_grant
FOR EACH ROW WHEN (OLD.kind = 'connection') EXECUTE FUNCTION sync_note_grant();
"""
# All of them are looked at once: what was due before is then as due as it was.
_FILL = """
DO $$ DECLARE one uuid; BEGIN
    FOR one IN SELECT id FROM vault_vault LOOP
        PERFORM set_config('app.vault', one::text, true);
        INSERT INTO sync_due (connection_id, vault_id, at)
        SELECT id, vault_id, now() FROM sync_connection WHERE state <> 'gone';
    END LOOP;
    PERFORM set_config('app.vault', '', true);
END $$;
"""
_BACK = """
DROP TRIGGER sync_grant_gone ON vault_grant;
DROP TRIGGER sync_grant_changed ON vault_grant;
DROP TRIGGER sync_connection_due ON sync_connection;
DROP FUNCTION sync_note_grant();
DROP FUNCTION sync_note_connection();
"""


class Migration(migrations.Migration):
    dependencies = [("sync", "0007_notices")]

    operations = [
        migrations.CreateModel(
            name="Due",
            fields=[
                ("connection_id", models.UUIDField(primary_key=True, serialize=False)),
                ("vault_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="due_at")]},
        ),
        migrations.RunSQL(_CONNECTION + _GRANT, _BACK),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]

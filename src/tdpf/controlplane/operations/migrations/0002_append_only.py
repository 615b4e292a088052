"""The database refuses to change or delete audit entries, whoever asks."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """
    CREATE TRIGGER operations_audit_no_update BEFORE UPDATE ON operations_auditentry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
    """
    CREATE TRIGGER operations_audit_no_delete BEFORE DELETE ON operations_auditentry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END
    """,
    # REPLACE deletes what it meets without firing the trigger above.
    """
    CREATE TRIGGER operations_audit_no_replace BEFORE INSERT ON operations_auditentry
    WHEN EXISTS (
        SELECT 1 FROM operations_auditentry
        WHERE sequence = NEW.sequence OR event_uid = NEW.event_uid OR hash = NEW.hash
    )
    BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER operations_audit_no_replace",
    "DROP TRIGGER operations_audit_no_update",
    "DROP TRIGGER operations_audit_no_delete",
)
# An empty log may be truncated: that is how Django empties tables it has just made.
POSTGRESQL = (
    """
    CREATE FUNCTION operations_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'TRUNCATE' THEN
            IF EXISTS (SELECT 1 FROM operations_auditentry) THEN
                RAISE EXCEPTION 'audit entries are never deleted';
            END IF;
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'audit entries are never changed or deleted';
    END $$
    """,
    """
    CREATE TRIGGER operations_audit_no_change BEFORE UPDATE OR DELETE ON operations_auditentry
    FOR EACH ROW EXECUTE FUNCTION operations_audit_refuse()
    """,
    """
    CREATE TRIGGER operations_audit_no_truncate BEFORE TRUNCATE ON operations_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION operations_audit_refuse()
    """,
)
POSTGRESQL_BACK = (
    "DROP TRIGGER operations_audit_no_truncate ON operations_auditentry",
    "DROP TRIGGER operations_audit_no_change ON operations_auditentry",
    "DROP FUNCTION operations_audit_refuse()",
)


def close(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the triggers of the database in use."""
    del apps
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)


def open_again(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away."""
    del apps
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Triggers that refuse UPDATE, DELETE and TRUNCATE."""

    dependencies = [("operations", "0001_initial")]

    operations = [migrations.RunPython(close, open_again)]

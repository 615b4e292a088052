"""The database itself refuses to change what was sealed, whoever asks."""

from django.db import migrations

SEALED = {
    "exchange_agreement": (
        "number",
        "uid",
        "request_id",
        "offer_id",
        "dataset_id",
        "provider_id",
        "consumer_id",
        "application_uid",
        "sealed",
        "sha256",
        "columns",
        "quota_day",
        "quota_month",
        "rate_plan",
        "notice_days",
        "starts_on",
        "ends_on",
        "sealed_at",
    ),
    "exchange_offerrevision": ("id", "offer_id", "revision", "terms", "terms_sha256", "changed_by_id", "changed_at"),
    "exchange_warrantytext": ("id", "version", "text_ja", "text_en", "sha256", "recorded_at"),
    "exchange_warranty": (
        "id",
        "uid",
        "offer_id",
        "dataset_id",
        "version_identity",
        "text_id",
        "text_sha256",
        "signer_id",
        "party_id",
        "signed_at",
    ),
}


def _statements(vendor: str) -> list[str]:
    statements = []
    for table, columns in SEALED.items():
        if vendor == "sqlite":
            differs = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)
            if table == "exchange_agreement":
                differs += " OR (OLD.state = 'ended' AND NEW.state <> 'ended')"
            statements.append(
                f"CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} WHEN {differs} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is sealed'); END"
            )
        else:
            differs = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
            if table == "exchange_agreement":
                differs += " OR (OLD.state = 'ended' AND NEW.state <> 'ended')"
            statements.append(
                f"CREATE FUNCTION {table}_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{table} is sealed' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            statements.append(
                f"CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({differs}) "
                f"EXECUTE FUNCTION {table}_is_sealed()"
            )
    return statements


def seal(_apps, schema_editor):
    """Create one trigger per table."""
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def unseal(_apps, schema_editor):
    """Remove the triggers again."""
    for table in SEALED:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {table}_sealed")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_sealed ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_is_sealed()")


class Migration(migrations.Migration):
    """Triggers on agreements, revisions of terms, warranties and their texts.

    A later migration that makes SQLite rebuild one of these tables must create its trigger anew; a test watches it.
    """

    dependencies = [("exchange", "0001_initial")]

    operations = [migrations.RunPython(seal, unseal)]

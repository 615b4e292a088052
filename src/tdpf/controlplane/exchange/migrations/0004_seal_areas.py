"""The areas of an agreement are sealed with the rest; SQLite had forgotten the trigger when the column came."""

from importlib import import_module

from django.db import migrations

_BEFORE = import_module("tdpf.controlplane.exchange.migrations.0002_seals").SEALED
TABLE = "exchange_agreement"
SEALED = {**_BEFORE, TABLE: (*_BEFORE[TABLE], "areas")}


def _seal(schema_editor, columns):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    word = "IS NOT" if is_sqlite else "IS DISTINCT FROM"
    differs = " OR ".join(f'OLD."{column}" {word} NEW."{column}"' for column in columns)
    differs += " OR (OLD.state = 'ended' AND NEW.state <> 'ended')"
    if is_sqlite:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_sealed")
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_sealed BEFORE UPDATE ON {TABLE} WHEN {differs} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is sealed'); END"
        )
    else:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_sealed ON {TABLE}")
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_sealed BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({differs}) "
            f"EXECUTE FUNCTION {TABLE}_is_sealed()"
        )


def seal(_apps, schema_editor):
    """Create the trigger anew, with the areas."""
    _seal(schema_editor, SEALED[TABLE])


def unseal(_apps, schema_editor):
    """Create the trigger as it was."""
    _seal(schema_editor, _BEFORE[TABLE])


class Migration(migrations.Migration):
    """The trigger on agreements, once more."""

    dependencies = [("exchange", "0003_streams")]

    operations = [migrations.RunPython(seal, unseal)]

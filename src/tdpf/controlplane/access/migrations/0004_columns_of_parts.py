"""Gatherings connected before parts named their columns: the document knows them, and without them every part is withheld."""

from typing import Any

from django.db import migrations
from django.db.models import F


def name_columns(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  Django hands it over
    """Write each part's columns, as the source's document has them, into its distribution."""
    changed = False
    for row in (
        apps.get_model("access", "SourceConnection").objects.filter(kind="gathered").select_related("distribution")
    ):
        asked = {part.get("collection"): part.get("columns") or {} for part in row.document.get("parts", ())}
        parts = [
            part
            if part.get("columns")
            else {**part, "columns": sorted(set(asked.get(part["collection"], {}).values()))}
            for part in row.distribution.parts
        ]
        if parts != row.distribution.parts:
            row.distribution.parts = parts
            row.distribution.save(update_fields=["parts"])
            changed = True
    if changed:
        stamps = apps.get_model("access", "Stamp").objects
        stamps.filter(part="gate").update(value=F("value") + 1)
        now = stamps.filter(part="gate").values_list("value", flat=True).first()
        stamps.update_or_create(part="connected", defaults={"value": now or 1})


class Migration(migrations.Migration):
    """Reading and writing rows only."""

    dependencies = [("access", "0003_streams"), ("catalog", "0008_recorded")]

    operations = [migrations.RunPython(name_columns, migrations.RunPython.noop, elidable=True)]

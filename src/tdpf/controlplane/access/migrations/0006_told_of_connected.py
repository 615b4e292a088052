"""What the catalogue tells of connected data, for those that were connected before: what the columns of tables are, and by
what kind of system, no longer at which address, the data are kept."""

from typing import Any

from django.db import migrations

from tdpf.controlplane.access.table_types import dictionary_of
from tdpf.tables.types import field_from_dict, find_located
from tdpf.wire.codec import MalformedMessage, from_plain
from tdpf.wire.connected import ConnectedColumn


def tell(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  Django hands it over
    """Copy what columns are from each source's document to its distribution; name the keepers of the data by their kind."""
    sources = apps.get_model("access", "SourceConnection").objects.exclude(distribution__place_mark="")
    for row in sources.select_related("distribution"):
        try:
            columns = [from_plain(ConnectedColumn, plain) for plain in row.document.get("columns", ())]
        except MalformedMessage:
            continue
        part = row.distribution
        part.dictionary = dictionary_of(columns)
        part.located = find_located([field_from_dict(entry) for entry in part.dictionary]) is not None
        part.save(update_fields=["dictionary", "located"])
    parts = apps.get_model("catalog", "Distribution").objects
    parts.filter(kind="api", holding="connected").update(storage_place="提供者のAPI")
    files = apps.get_model("access", "SourceConnection").objects.filter(kind="file").values("distribution")
    parts.filter(pk__in=files).update(storage_place="提供者のサーバー")


class Migration(migrations.Migration):
    """Reading and writing rows only."""

    dependencies = [("access", "0005_forget_secrets"), ("catalog", "0011_connected_dictionary")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop, elidable=True)]

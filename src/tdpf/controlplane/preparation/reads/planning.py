"""What a version made of an upload would be: dictionary, keys, recipe, identity; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.preparation import rules
from tdpf.controlplane.preparation.engine.sandbox import Reading, load_reading
from tdpf.controlplane.preparation.engine.schemas.loading import schema_dictionary
from tdpf.controlplane.preparation.engine.types import TableFound
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.reads.folders import upload_folder
from tdpf.controlplane.preparation.types import UploadState
from tdpf.tables.identity import table_identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that decides a version's identity, and the reading it rests on."""

    reading: Reading
    dictionary: list[dict[str, Any]]
    key_columns: tuple[str, ...]
    located: dict[str, str] | None
    identity: str
    recipe: dict[str, Any] = field(default_factory=dict)


def reading_of(upload: Upload) -> Reading:
    """Return an upload's last reading. Raises UploadWrongState when there is none."""
    rules.must_stand(upload.uid, upload.state, {UploadState.READ, UploadState.USED})
    return load_reading(upload_folder(upload.uid))


def plan_version(
    upload: Upload,
    *,
    dictionary: Sequence[Mapping[str, Any]] = (),
    key_columns: Sequence[str] = (),
    distribution_uid: str | None = None,
) -> Plan:
    """Return the version that these edits would make of an upload.

    The dictionary is what was proposed, then what the standard table it was prepared for says of its columns, the latest
    version's, the upload's saved edits and `dictionary`, later ones on top. Keys are those given, else those saved, else the latest version's where they still tell the rows apart,
    else those proposed. Raises UploadWrongState, DictionaryInvalid.
    """
    reading = reading_of(upload)
    table = reading.result.table
    edits = rules.must_be_dictionary(dictionary, table.column_names)
    latest = catalog.latest_version(distribution_uid) if distribution_uid else None
    before = rules.carried_dictionary(latest.dictionary) if latest is not None else []
    standard = schema_dictionary(str((upload.prepared or {}).get("schema", "")))
    merged = rules.merged_dictionary(reading.dictionary, standard, before, upload.dictionary, edits)
    if key_columns:
        keys = rules.must_be_keys(key_columns, table.column_names)
    elif upload.key_columns is not None:
        keys = tuple(upload.key_columns)
    else:
        earlier = tuple(latest.key_columns) if latest is not None else ()
        keys = earlier if earlier and tells_rows_apart(table, earlier) else tuple(reading.metadata["key_columns"])
    return _planned(upload, reading, merged, keys)


def plan_again(upload: Upload, *, dictionary: Sequence[Mapping[str, Any]], key_columns: Sequence[str]) -> Plan:
    """Return the version that a whole dictionary and its keys make of an upload's last reading. Raises UploadWrongState."""
    return _planned(upload, reading_of(upload), [dict(entry) for entry in dictionary], tuple(key_columns))


def _planned(upload: Upload, reading: Reading, dictionary: list[dict[str, Any]], keys: tuple[str, ...]) -> Plan:
    located = reading.metadata.get("located")
    recipe = {
        "reader": rules.READER,
        "table": reading.result.table.id,
        "key_columns": list(keys),
        "located": located,
    }
    identity = table_identity(upload.sha256, recipe, dictionary)
    return Plan(
        reading=reading, dictionary=dictionary, key_columns=keys, located=located, identity=identity, recipe=recipe
    )


def tells_rows_apart(table: TableFound, key_columns: Sequence[str]) -> bool:
    """Say whether the columns are there, never empty, and different in every row."""
    names = table.column_names
    if not set(key_columns) <= set(names):
        return False
    places = [names.index(name) for name in key_columns]
    if len(places) == 1:
        column = table.columns[places[0]]
        return column.unique and not column.nulls
    seen: set[tuple[str | None, ...]] = set()
    for row in table.iter_rows():
        key = tuple(row[place] for place in places)
        if None in key or key in seen:
            return False
        seen.add(key)
    return True

"""What a published table is: its fields, its manifest, its files."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

FORMAT = 1
"""Version of the folder's format; a reader refuses any other."""

FieldType = Literal["string", "integer", "number", "boolean", "date", "datetime", "time", "code"]
FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)

ORDERED_TYPES: frozenset[str] = frozenset({"integer", "number", "boolean", "date", "datetime"})
"""Types whose values are kept as numbers in the rows file (dates as days, datetimes as microseconds, both since 1970)."""

_LATITUDE = ("緯度", "latitude", "lat", "y座標緯度", "緯度(十進法)", "緯度（十進法）")
_LONGITUDE = ("経度", "longitude", "lon", "lng", "long", "x座標経度", "経度(十進法)", "経度（十進法）")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its published name (NFC), type, and what people need to read it. `codes` maps a code to its meaning."""

    name: str
    type: FieldType = "string"
    title: str = ""
    unit: str = ""
    description: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the field as it stands in a dictionary and in `table.json`; empty parts are left out."""
        full: dict[str, object] = {
            "name": self.name,
            "type": self.type,
            "title": self.title,
            "unit": self.unit,
            "description": self.description,
            "codes": dict(self.codes),
        }
        return {key: value for key, value in full.items() if value or key in ("name", "type")}


def field_from_dict(entry: Mapping[str, Any]) -> Field:
    """Return the field of a dictionary entry; an unknown type is a string, unknown members are left out."""
    kind = str(entry.get("type") or "string")
    codes = entry.get("codes") or {}
    return Field(
        name=unicodedata.normalize("NFC", str(entry["name"])),
        type=kind if kind in FIELD_TYPES else "string",
        title=str(entry.get("title") or ""),
        unit=str(entry.get("unit") or ""),
        description=str(entry.get("description") or ""),
        codes={str(code): str(meaning) for code, meaning in codes.items()} if isinstance(codes, Mapping) else {},
    )


@dataclass(frozen=True, slots=True)
class Located:
    """The columns that hold the place of a row: latitude and longitude in degrees (WGS 84 or JGD2011)."""

    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of the folder: its name in the folder, size and SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What is known of a column's values: empty cells, cells kept as text because they are not of the type, index."""

    nulls: int
    as_text: int
    indexed: bool


@dataclass(frozen=True, slots=True)
class TableManifest:
    """What `table.json` says of one immutable table.

    `files` has `rows`, `parquet` and `csv`; `columns` follows `fields`; `extent` is west, south, east, north of its places.
    """

    identity: str
    name: str
    fields: tuple[Field, ...]
    columns: tuple[ColumnFacts, ...]
    rows: int
    located: Located | None
    key_columns: tuple[str, ...]
    files: Mapping[str, FileFacts]
    created_at: str
    extent: tuple[float, float, float, float] | None = None
    format: int = FORMAT

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns in their published order."""
        return tuple(entry.name for entry in self.fields)

    def as_dict(self) -> dict[str, object]:
        """Return the manifest as the JSON object of `table.json`."""
        return {
            "format": self.format,
            "identity": self.identity,
            "name": self.name,
            "rows": self.rows,
            "created_at": self.created_at,
            "key_columns": list(self.key_columns),
            "located": None
            if self.located is None
            else {"latitude": self.located.latitude, "longitude": self.located.longitude},
            "extent": None if self.extent is None else list(self.extent),
            "fields": [entry.as_dict() for entry in self.fields],
            "columns": [
                {"nulls": facts.nulls, "as_text": facts.as_text, "indexed": facts.indexed} for facts in self.columns
            ],
            "files": {
                name: {"path": facts.path, "bytes": facts.bytes, "sha256": facts.sha256}
                for name, facts in self.files.items()
            },
        }


def manifest_from_dict(entry: Mapping[str, Any]) -> TableManifest:
    """Return the manifest of a `table.json` object; raises KeyError, TypeError or ValueError when it is not one."""
    if entry["format"] != FORMAT:
        raise ValueError(f"table format {entry['format']!r} is not {FORMAT}")
    located = entry["located"]
    return TableManifest(
        identity=entry["identity"],
        name=entry["name"],
        fields=tuple(field_from_dict(item) for item in entry["fields"]),
        columns=tuple(ColumnFacts(item["nulls"], item["as_text"], item["indexed"]) for item in entry["columns"]),
        rows=entry["rows"],
        located=None if located is None else Located(located["latitude"], located["longitude"]),
        key_columns=tuple(entry["key_columns"]),
        files={name: FileFacts(item["path"], item["bytes"], item["sha256"]) for name, item in entry["files"].items()},
        created_at=entry["created_at"],
        extent=None if entry["extent"] is None else tuple(entry["extent"]),
    )


def find_located(fields: Sequence[Field]) -> Located | None:
    """Return the latitude and longitude columns by their usual names, or None when there is not exactly one pair."""
    found: dict[str, list[str]] = {"latitude": [], "longitude": []}
    for entry in fields:
        if entry.type not in ("number", "integer"):
            continue
        plain = unicodedata.normalize("NFKC", entry.name).strip().lower()
        if plain in {unicodedata.normalize("NFKC", word) for word in _LATITUDE}:
            found["latitude"].append(entry.name)
        elif plain in {unicodedata.normalize("NFKC", word) for word in _LONGITUDE}:
            found["longitude"].append(entry.name)
    if len(found["latitude"]) == 1 and len(found["longitude"]) == 1:
        return Located(found["latitude"][0], found["longitude"][0])
    return None

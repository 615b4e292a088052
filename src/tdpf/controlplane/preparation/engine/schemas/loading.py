"""Reads the schema files: Frictionless Table Schema with `tdpf:` extensions, concepts shared between them filled in."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField, Source
from tdpf.kit.hashing import canonical_json, sha256_hex

_FOLDER = Path(__file__).with_name("definitions")
_CONCEPTS = Path(__file__).with_name("concepts.json")
_ORDER = (
    "public_toilet",
    "evacuation_space",
    "hospital",
    "care_service",
    "population",
    "food_business",
    "event",
    "aed",
    "public_facility",
    "barrier_free_toilet",
    "traffic_restriction",
    "disclosure_request",
)


@cache
def schema_names() -> tuple[str, ...]:
    """Return the names of all standard tables: the listed order first, later ones by name."""
    there = {path.stem for path in _FOLDER.glob("*.json")}
    return (*(name for name in _ORDER if name in there), *sorted(there - set(_ORDER)))


@cache
def load_schema(name: str) -> Schema:
    """Return a standard table by name; raises SchemaUnknown."""
    if name not in schema_names():
        raise SchemaUnknown(schema=name, known=", ".join(schema_names()))
    plain = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return schema_from(plain)


def schema_from(plain: dict[str, Any]) -> Schema:
    """Build a standard table from its JSON."""
    source = plain["tdpf:source"]
    return Schema(
        name=plain["name"],
        title=plain["title"],
        title_en=plain["tdpf:title_en"],
        version=plain["tdpf:version"],
        source=Source(**source),
        fields=tuple(_field(entry, virtual=False) for entry in plain["fields"]),
        inputs=tuple(_field(entry, virtual=True) for entry in plain.get("tdpf:inputs", [])),
        table=plain.get("tdpf:table", ""),
        joins=tuple((name, tuple(parts)) for name, parts in plain.get("tdpf:joins", {}).items()),
        apart=tuple(plain.get("tdpf:apart", ())),
        sha256=sha256_hex(canonical_json([plain, _concepts()])),
    )


def table_schema(schema: Schema) -> dict[str, Any]:
    """Return the plain Frictionless Table Schema of a standard table, for tools that know no extensions."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": schema.name,
        "title": schema.title,
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                **({"description": field.description} if field.description else {}),
                **({"constraints": {"required": True}} if field.required else {}),
            }
            for field in schema.fields
        ],
        "missingValues": [""],
    }


@cache
def _concepts() -> dict[str, Any]:
    concepts: dict[str, Any] = json.loads(_CONCEPTS.read_text(encoding="utf-8"))
    return concepts


def _field(plain: dict[str, Any], *, virtual: bool) -> SchemaField:
    concept = _concepts()[plain["tdpf:concept"]]
    own = bool(plain.get("tdpf:own_names_only"))
    shared = [] if own else [*concept.get("synonyms", ())]
    english = [] if own else [*concept.get("english", ())]
    ages = plain.get("tdpf:age")
    return SchemaField(
        name=plain["name"],
        type=plain["type"],
        concept=plain["tdpf:concept"],
        normaliser=plain.get("tdpf:normaliser", concept["normaliser"]),
        description=plain.get("description", ""),
        required=bool(plain.get("constraints", {}).get("required")),
        synonyms=tuple(dict.fromkeys([*plain.get("tdpf:synonyms", ()), *shared])),
        english=tuple(dict.fromkeys([*plain.get("tdpf:english", ()), *english])),
        pattern=plain.get("tdpf:pattern", "" if own else concept.get("pattern", "")),
        never=plain.get("tdpf:never", "" if own else concept.get("never", "")),
        rest_to=plain.get("tdpf:rest_to", ""),
        derive_from=plain.get("tdpf:derive_from", ""),
        level=plain.get("tdpf:level", ""),
        ages=(ages[0], ages[1]) if ages else None,
        sex=plain.get("tdpf:sex", ""),
        virtual=virtual,
        listed=plain.get("tdpf:listed", ""),
        told=plain.get("tdpf:told", ""),
        words=plain.get("tdpf:words", ""),
        required_with=plain.get("tdpf:required_with", concept.get("required_with", "")),
    )

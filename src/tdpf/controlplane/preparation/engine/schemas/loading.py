"""Reads the schema files: Frictionless Table Schema with `tdpf:` extensions, concepts shared between them filled in."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.schemas.errors import SchemaUnknown
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField, Source
from tdpf.kit.hashing import canonical_json, sha256_hex

_FOLDER = Path(__file__).with_name("definitions")
_CONCEPTS = Path(__file__).with_name("concepts.json")
_DESCRIPTIONS = Path(__file__).with_name("descriptions.json")
_FIELDS: dict[tuple[bytes, bool], SchemaField] = {}
_CLOSED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "flag_presence": (("有", "ある", "yes"), ("無", "ない", "no")),
    "flag_allowed": (("可", "できる", "allowed"), ("不可", "できない", "not allowed")),
    "flag_mark": (("1", "該当する", "applies"),),
}
"""The values that a normaliser writes, each with its meaning in Japanese and English, where there are no others."""
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
    "public_wireless_lan",
    "tourism",
    "cultural_property",
    "preschool",
    "fire_hydrant",
    "open_data_list",
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
        called=str(plain.get("tdpf:called", "")),
        sha256=sha256_hex(canonical_json([plain, _concepts()])),
    )


def codes_of(field: SchemaField) -> dict[str, tuple[str, str]]:
    """Return the values a column may have, each with its Japanese and English meaning; empty when its values are free."""
    return {value: (ja, en) for value, ja, en in _CLOSED.get(field.normaliser, ())}


def table_schema(schema: Schema) -> dict[str, Any]:
    """Return the Frictionless Table Schema of a standard table; what that has no word for is named `tdpf:…`."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": schema.name,
        "title": schema.title,
        "tdpf:title_en": schema.title_en,
        "tdpf:version": schema.version,
        "tdpf:source": asdict(schema.source),
        "fields": [_frictionless(field) for field in schema.fields],
        "missingValues": [""],
        **({"tdpf:inputs": [_frictionless(field) for field in schema.inputs]} if schema.inputs else {}),
    }


def schema_dictionary(name: str) -> list[dict[str, Any]]:
    """Return what a standard table says of its columns, as entries of a dictionary; nothing when there is no such table."""
    if name not in schema_names():
        return []
    return [
        {"name": field.name, "description": f"{field.description} / {field.description_en}"}
        for field in load_schema(name).fields
    ]


def _frictionless(field: SchemaField) -> dict[str, Any]:
    codes = codes_of(field)
    constraints = {**({"required": True} if field.required else {}), **({"enum": list(codes)} if codes else {})}
    return {
        "name": field.name,
        "type": field.type,
        "description": field.description,
        **({"constraints": constraints} if constraints else {}),
        "tdpf:description_en": field.description_en,
        "tdpf:concept": field.concept,
        **({"tdpf:synonyms": list(field.synonyms)} if field.synonyms else {}),
        **({"tdpf:english": list(field.english)} if field.english else {}),
        **({"tdpf:codes": {value: {"ja": ja, "en": en} for value, (ja, en) in codes.items()}} if codes else {}),
    }


@cache
def _concepts() -> dict[str, Any]:
    concepts: dict[str, Any] = json.loads(_CONCEPTS.read_text(encoding="utf-8"))
    return concepts


@cache
def _descriptions() -> dict[str, dict[str, list[str]]]:
    descriptions: dict[str, dict[str, list[str]]] = json.loads(_DESCRIPTIONS.read_text(encoding="utf-8"))
    return descriptions


def _described(plain: dict[str, Any]) -> tuple[str, str]:
    """Return what a column holds in Japanese and English: its own words, else those of its name, else of its concept."""
    if "description" in plain:
        return plain["description"], plain["tdpf:description_en"]
    if "tdpf:age" in plain:
        first, last = plain["tdpf:age"]
        sex = {"male": ("男性", "Men"), "female": ("女性", "Women")}.get(plain.get("tdpf:sex", ""), ("人", "People"))
        span, to = (f"{first}歳以上", " and over") if last is None else (f"{first}歳から{last}歳まで", f" to {last}")
        return f"{span}の{sex[0]}の数", f"{sex[1]} aged {first}{to}"
    named = _descriptions()["names"].get(plain["name"]) or _descriptions()["concepts"].get(plain["tdpf:concept"])
    return (named[0], named[1]) if named else ("", "")


def _field(plain: dict[str, Any], *, virtual: bool) -> SchemaField:
    """Return the field of a definition; the same definition gives the same field in every table, so what is known of it is known once."""
    key = (canonical_json(plain), virtual)
    if key not in _FIELDS:
        _FIELDS[key] = _made(plain, virtual=virtual)
    return _FIELDS[key]


def _made(plain: dict[str, Any], *, virtual: bool) -> SchemaField:
    concept = _concepts()[plain["tdpf:concept"]]
    own = bool(plain.get("tdpf:own_names_only"))
    shared = [] if own else [*concept.get("synonyms", ())]
    english = [] if own else [*concept.get("english", ())]
    ages = plain.get("tdpf:age")
    description, description_en = _described(plain)
    return SchemaField(
        name=plain["name"],
        type=plain["type"],
        concept=plain["tdpf:concept"],
        normaliser=plain.get("tdpf:normaliser", concept["normaliser"]),
        description=description,
        description_en=description_en,
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

"""JSON Schemas of the tools' arguments and results, and the check of arguments against them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,), "object": (dict,),
}  # fmt: skip
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def text(description: str, *, most: int = 300, **more: Any) -> Schema:
    """Return the schema of a text."""
    return {"type": "string", "description": description, "maxLength": most, **more}


def whole(description: str, least: int, most: int, default: int) -> Schema:
    """Return the schema of a whole number."""
    return {"type": "integer", "description": description, "minimum": least, "maximum": most, "default": default}


def number(description: str, least: float, most: float) -> Schema:
    """Return the schema of a number."""
    return {"type": "number", "description": description, "minimum": least, "maximum": most}


def takes(properties: Mapping[str, Schema], *required: str) -> Schema:
    """Return the schema of a tool's arguments: nothing else is taken."""
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}


def gives(**properties: Schema) -> Schema:
    """Return the schema of a tool's result, in which every named member is there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def rows_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def faults(schema: Schema, given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with arguments, as sentences an agent can mend them by; empty when nothing is."""
    properties: dict[str, Schema] = schema["properties"]
    found = [f"{name} is required" for name in schema["required"] if given.get(name) in (None, "")]
    for name, value in given.items():
        if name not in properties:
            found.append(f"unknown argument {name[:60]!r}; known: {', '.join(properties)}")
        elif value is not None:
            found += _value_faults(name, properties[name], value)
    return found[:10]


def _value_faults(name: str, schema: Schema, value: Any) -> list[str]:
    kinds = _TYPES[schema["type"]]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return [f"{name} must be of type {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{name} must be one of {', '.join(schema['enum'])}"]
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        return [f"{name} is longer than {schema['maxLength']} characters"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        least, most = schema.get("minimum", value), schema.get("maximum", value)
        if not least <= value <= most:
            return [f"{name} must lie between {least} and {most}"]
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", 50):
            return [f"{name} has more than {schema.get('maxItems', 50)} items"]
        return [fault for item in value for fault in _value_faults(f"an item of {name}", schema["items"], item)][:3]
    if isinstance(value, dict) and len(value) > schema.get("maxProperties", 20):
        return [f"{name} has more than {schema.get('maxProperties', 20)} members"]
    return []

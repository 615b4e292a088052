"""JSON in and out for frozen dataclasses: checked types, named faults, and a JSON Schema.

Supported field types: ``int``, ``str``, ``bool``, ``datetime.date`` (ISO 8601), ``Literal`` of strings, ``X | None``,
``tuple[X, ...]``, ``Mapping[str | int, X]`` and other dataclasses. Unknown members are ignored when reading, so that a
newer sender can talk to an older receiver; missing members without a default are refused.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal, TypeVar

import orjson

M = TypeVar("M")
Reader = Callable[[Any, str], Any]


class MalformedMessage(ValueError):
    """A message did not have the agreed form; ``path`` names the member that was wrong."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path or 'message'}: {what}")
        self.path = path
        self.what = what


def _read_int(value: Any, path: str) -> int:
    if type(value) is not int:
        raise MalformedMessage(path, "must be an integer")
    return value


def _read_str(value: Any, path: str) -> str:
    if type(value) is not str:
        raise MalformedMessage(path, "must be a string")
    return value


def _read_bool(value: Any, path: str) -> bool:
    if type(value) is not bool:
        raise MalformedMessage(path, "must be true or false")
    return value


def _read_date(value: Any, path: str) -> date:
    if type(value) is not str:
        raise MalformedMessage(path, "must be a date like 2026-11-21")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise MalformedMessage(path, "must be a date like 2026-11-21") from None


def _literal_reader(allowed: tuple[Any, ...]) -> Reader:
    def read(value: Any, path: str) -> Any:
        if value not in allowed:
            raise MalformedMessage(path, f"must be one of {', '.join(map(str, allowed))}")
        return value

    return read


def _optional_reader(inner: Reader) -> Reader:
    return lambda value, path: None if value is None else inner(value, path)


def _tuple_reader(inner: Reader) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is not list:
            raise MalformedMessage(path, "must be a list")
        return tuple(inner(item, f"{path}[{number}]") for number, item in enumerate(value))

    return read


def _mapping_reader(key_type: Any, inner: Reader) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise MalformedMessage(path, "must be an object")
        result: dict[Any, Any] = {}
        for key, item in value.items():
            if key_type is int:
                if not key.lstrip("-").isdecimal():
                    raise MalformedMessage(f"{path}.{key}", "must have an integer as its name")
                result[int(key)] = inner(item, f"{path}.{key}")
            else:
                result[key] = inner(item, f"{path}.{key}")
        return result

    return read


def _reader_for(kind: Any) -> Reader:
    simple: dict[Any, Reader] = {int: _read_int, str: _read_str, bool: _read_bool, date: _read_date}
    if kind in simple:
        return simple[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return _literal_reader(arguments)
    if origin in (types.UnionType, typing.Union):
        rest = [argument for argument in arguments if argument is not types.NoneType]
        if len(rest) == 1 and len(arguments) == 2:
            return _optional_reader(_reader_for(rest[0]))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return _tuple_reader(_reader_for(arguments[0]))
    if origin is Mapping:
        return _mapping_reader(arguments[0], _reader_for(arguments[1]))
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type[Any], kind))
    raise TypeError(f"{kind!r} has no wire form")


_READERS: dict[type[Any], Reader] = {}


def _dataclass_reader(message: type[Any]) -> Reader:
    reader = _READERS.get(message)
    if reader is None:
        reader = _READERS[message] = _build_dataclass_reader(message)
    return reader


def _build_dataclass_reader(message: type[Any]) -> Reader:
    hints = typing.get_type_hints(message)
    fields = []
    for field in dataclasses.fields(message):
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        fields.append((field.name, _reader_for(hints[field.name]), required))

    def read(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise MalformedMessage(path, "must be an object")
        arguments = {}
        for name, reader, required in fields:
            if name in value:
                arguments[name] = reader(value[name], f"{path}.{name}" if path else name)
            elif required:
                raise MalformedMessage(f"{path}.{name}" if path else name, "is missing")
        try:
            return message(**arguments)
        except MalformedMessage as fault:
            raise MalformedMessage(f"{path}.{fault.path}" if path else fault.path, fault.what) from None

    return read


def from_plain(message: type[M], value: Any, path: str = "") -> M:
    """Build ``message`` from decoded JSON; raises MalformedMessage naming the first wrong member."""
    return typing.cast(M, _dataclass_reader(message)(value, path))


def from_json(message: type[M], data: bytes | str) -> M:
    """Build ``message`` from JSON text; raises MalformedMessage."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise MalformedMessage("", f"is not JSON ({fault})") from None
    return from_plain(message, value)


def list_from_json(message: type[M], data: bytes | str) -> list[M]:
    """Build a list of ``message`` from a JSON array; raises MalformedMessage."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise MalformedMessage("", f"is not JSON ({fault})") from None
    if type(value) is not list:
        raise MalformedMessage("", "must be a list")
    return [from_plain(message, item, f"[{number}]") for number, item in enumerate(value)]


def to_json(message: Any) -> bytes:
    """Write a message, or a list of messages, as JSON: members in declared order, no spaces, UTF-8."""
    return orjson.dumps(message, option=orjson.OPT_NON_STR_KEYS)


def to_plain(message: Any) -> Any:
    """Return a message as plain dicts, lists, strings and numbers, exactly as its JSON reads."""
    return orjson.loads(to_json(message))


def json_schema(message: type[Any]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a message class."""
    definitions: dict[str, Any] = {}
    body = _schema_for(message, definitions)
    own = definitions.pop(message.__name__, None)
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **(own or body)}
    if definitions:
        schema["$defs"] = definitions
    return schema


def _schema_for(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    simple = {
        int: {"type": "integer"},
        str: {"type": "string"},
        bool: {"type": "boolean"},
        date: {"type": "string", "format": "date"},
    }
    if kind in simple:
        return dict(simple[kind])
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_schema_for(arguments[0], definitions), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _schema_for(arguments[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema_for(arguments[1], definitions)}
    if kind.__name__ not in definitions:
        hints = typing.get_type_hints(kind)
        definitions[kind.__name__] = {}
        properties = {field.name: _schema_for(hints[field.name], definitions) for field in dataclasses.fields(kind)}
        required = [
            field.name
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        ]
        definitions[kind.__name__] = {
            "title": kind.__name__,
            "description": (kind.__doc__ or "").strip().split("\n")[0],
            "type": "object",
            "properties": properties,
            "required": required,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}

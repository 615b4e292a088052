"""Many rows in one statement: Django's own bulk verbs build a statement anew for every few rows, and that takes longer than the database.

The values are those that a model's fields hold; nothing is validated, no signal is sent, keys are not filled in.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)
_ENCODER = json.JSONEncoder()
_AsIs = (
    models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.FloatField, models.BinaryField,
    models.ForeignKey,
)  # fmt: skip


def insert_objects(objects: Sequence[M]) -> None:
    """Insert new objects with all their fields; a key that the database gives is not known afterwards."""
    if not objects:
        return
    model = type(objects[0])
    names = [field.attname for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    insert_rows(model, names, map(operator.attrgetter(*names), objects))


def insert_rows(model: type[M], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values in the order of `names` (attributes; of a foreign key its `…_id`).

    Fields that are not named get their default; one whose default differs from row to row must be named.
    """
    connection = connections[router.db_for_write(model)]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [name for name, field in fields.items() if name not in names and not isinstance(field, models.AutoField)]
    same = tuple(_into(fields[name], connection)(fields[name].get_default()) for name in rest)
    quoted = ", ".join(connection.ops.quote_name(str(fields[name].column)) for name in (*names, *rest))
    marks = ", ".join(["%s"] * (len(names) + len(rest)))
    into = _changing(_into(fields[name], connection) for name in names)
    ready = [_made(list(row), into, same) for row in rows]
    if ready:
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", ready)  # noqa: S608  # names of our own tables


def update_objects(objects: Sequence[M], names: Sequence[str]) -> None:
    """Write the named fields (attributes, as for `insert_rows`) of objects that are kept already."""
    if not objects:
        return
    model = type(objects[0])
    connection = connections[router.db_for_write(model)]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    into = _changing(_into(fields[name], connection) for name in names)
    values = operator.attrgetter(*names, "pk")
    ready = [_made(list(values(row)), into, ()) for row in objects]
    quote = connection.ops.quote_name
    wanted = ", ".join(f"{quote(str(fields[name].column))} = %s" for name in names)
    key = quote(str(model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {wanted} WHERE {key} = %s", ready)  # noqa: S608  # names of our own tables


Put = Callable[[Any], Any]


def _changing(into: Iterable[Put]) -> list[tuple[int, Put]]:
    """Return where values must be made into parameters: most are taken as they are, and there are some hundred for a record."""
    return [(at, put) for at, put in enumerate(into) if put is not _same]


def _made(row: list[Any], into: Sequence[tuple[int, Put]], more: Sequence[Any]) -> list[Any]:
    for at, put in into:
        row[at] = put(row[at])
    row.extend(more)
    return row


def _into(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Put:
    """Return what makes a field's value into a parameter; instants are made once each, as many rows share them."""
    if isinstance(field, models.JSONField) and field.encoder is None:
        return _as_json
    if isinstance(field, _AsIs):
        return _same
    made: dict[Any, Any] = {}

    def remembered(value: Any) -> Any:
        if value not in made:
            made[value] = field.get_db_prep_save(value, connection)
        return made[value]

    return remembered


def _same(value: Any) -> Any:
    return value


def _as_json(value: Any) -> str | None:
    # As Django writes it: queries on SQLite look for texts with its escapes.
    return None if value is None else _ENCODER.encode(value)

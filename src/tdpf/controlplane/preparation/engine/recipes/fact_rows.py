"""Lists of facts (施設名, 項目, 値), one fact a row, put together: a row for each record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.mapping.names import fold, ladder, names_it, sense
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.profile import ColumnProfile
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import Row

_MOST_ROWS, _MOST_COLUMNS = 4_000, 300
_LEAST = 3
_Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Records:
    """Records found: names of columns, values, the place of every cell, and the number that each row goes by."""

    names: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    places: tuple[tuple[_Place, ...], ...]
    numbers: tuple[int, ...]


def facts_together(source: SourceTable, schema: Schema) -> SourceTable:
    """Return the table with a row for each record where every row is one fact of it; else as it is."""
    table = source.table
    if (
        table.is_from_pages
        or not table.header_rows
        or not table.column_places
        or not 2 <= len(table.columns) <= _MOST_COLUMNS
        or table.row_count > _MOST_ROWS
        or schema.table == "population"
    ):
        return source
    heads: Row = [header_text(column.header[-1]) if column.header else None for column in table.columns]
    matrix: list[Row] = [heads, *table.iter_rows()]
    numbers = [table.header_rows[-1], *table.iter_places()]
    if len(numbers) != len(matrix) or sum(1 for head in heads if head and _known(head, schema)) * 2 > len(heads):
        return source
    found = _facts(matrix, numbers, table.column_places, schema)
    if found is None:
        return source
    profiles = [ColumnProfile(name) for name in found.names]
    for profile, values in zip(profiles, zip(*found.rows, strict=True), strict=True):
        profile.add(values, len(found.rows))
    turned = replace(
        table,
        columns=tuple(profile.found((name,), "") for profile, name in zip(profiles, found.names, strict=True)),
        row_count=len(found.rows),
        rows=found.rows,
        rows_path=None,
        row_runs=tuple((number, 1) for number in found.numbers),
        column_places=found.names and tuple(place[1] for place in found.places[0]),
        notes=(*table.notes, note("facts-together", where=table.range, count=len(found.rows))),
    )
    return replace(source, table=turned, places=found.places)


def _known(label: str, schema: Schema) -> bool:
    """Say whether a label is a name of a field of the table."""
    clean = header_text(label)
    if not clean or len(clean) > 30 or re.fullmatch(r"[\d\W]+", clean):
        return False
    return (
        fold(clean) in _folded(schema)
        or sense(clean) in _senses(schema)
        or any(names_it(clean, field) for field in schema.targets)
    )


_CACHE: dict[tuple[str, str], frozenset[str]] = {}


def _folded(schema: Schema) -> frozenset[str]:
    key = (schema.sha256, "fold")
    if key not in _CACHE:
        _CACHE[key] = frozenset(word for field in schema.targets for word in ladder(field))
    return _CACHE[key]


def _senses(schema: Schema) -> frozenset[str]:
    key = (schema.sha256, "sense")
    if key not in _CACHE:
        words = (word for field in schema.targets for word in (field.name, *field.synonyms))
        _CACHE[key] = frozenset(found for word in words if len(found := sense(word)) > 1)
    return _CACHE[key]


def _facts(matrix: Sequence[Row], numbers: Sequence[int], letters: Sequence[str], schema: Schema) -> _Records | None:
    """Read a list of facts (施設名, 項目, 値): one row for each, the columns before the labels say of which record."""
    width = len(letters)
    body = matrix[1:]
    for at in range(1, width - 1):
        labels = [header_text(row[at]) if row[at] else "" for row in body]
        kinds = list(dict.fromkeys(label for label in labels if label))
        if at != width - 2 or len(body) < len(kinds) * 2:
            continue
        known = [label for label in kinds if _known(label, schema)]
        if len(known) < _LEAST or len(known) * 10 < len(kinds) * 6:
            continue
        keys = [str(matrix[0][place] or f"列{place + 1}") for place in range(at)]
        names = [*keys]
        records: list[dict[str, tuple[str | None, _Place]]] = []
        starts: list[int] = []
        last: tuple[str | None, ...] = ()
        for place, row in enumerate(body):
            key = tuple(row[:at])
            if not any(key):
                key = last
            if key != last or not records or labels[place] in records[-1]:
                records.append(
                    {name: (key[spot], (numbers[place + 1], letters[spot])) for spot, name in enumerate(keys)}
                )
                starts.append(numbers[place + 1])
                last = key
            if labels[place]:
                records[-1][labels[place]] = (row[at + 1], (numbers[place + 1], letters[at + 1]))
        names.extend(label for label in kinds if label not in names)
        return _records(names, records, starts)
    return None


def _records(
    names: Sequence[str], records: Sequence[dict[str, tuple[str | None, _Place]]], starts: Sequence[int]
) -> _Records | None:
    if not records or len(set(names)) != len(names):
        return None
    nowhere = (None, (0, ""))
    rows = tuple(tuple(record.get(name, nowhere)[0] for name in names) for record in records)
    places = tuple(tuple(record.get(name, nowhere)[1] for name in names) for record in records)
    return _Records(tuple(names), rows, places, tuple(starts))

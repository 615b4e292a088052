"""Tables that stand within others: objects in the cells of a column of JSON, and forms of labels with their values beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.personal.headers import Header, header_of
from tdpf.controlplane.preparation.engine.personal.persons import naming_of
from tdpf.controlplane.preparation.engine.profile import ColumnProfile
from tdpf.controlplane.preparation.engine.types import Row, TableFound

_MOST_OBJECTS = 5_000
_LONGEST_CELL = 200_000
_WIDEST = 200
_FORM_ROWS, _FORM_COLUMNS = 400, 16
_LONGEST_LABEL = 24
_FEWEST_LABELS = 3
_LOOKED_AT, _FEWEST_BEGUN = 12, 2
# What labels of forms speak of; a word that may as well be a value (電話 as a way of asking) counts only beside others.
_TELLING = frozenset(
    ("my_number", "account", "mail", "mobile", "phone", "birth", "reading", "name", "home", "address", "health", "attribute")
)  # fmt: skip


def tables_within(table: TableFound) -> Iterator[tuple[str, TableFound]]:
    """Yield the tables within a table, each with the column that holds it, or an empty text for a form."""
    for index, column in enumerate(table.columns):
        if any(example.lstrip().startswith(("[{", "{")) for example in column.examples):
            objects = _objects(row[index] for row in table.iter_rows())
            if objects:
                yield column.name, table_of(objects, column.name)
    if table.row_count <= _FORM_ROWS and len(table.columns) <= _FORM_COLUMNS:
        records = _form_records(table)
        if records:
            yield "", table_of(records, table.sheet)


def table_of(records: Sequence[Mapping[str, Any]], name: str) -> TableFound:
    """Return records as a table; what stands in a record in place of a value is written as JSON."""
    names = list(dict.fromkeys(key for record in records for key in record))[:_WIDEST]
    rows: list[Row] = [[_cell(record.get(key)) for key in names] for record in records]
    profiles = [ColumnProfile(key) for key in names]
    for profile, values in zip(profiles, zip(*rows, strict=True), strict=True):
        profile.add(values, len(rows))
    return TableFound(
        id=name,
        sheet="",
        range="",
        header_rows=(),
        title_lines=(),
        columns=tuple(profile.found((profile.name,), "") for profile in profiles),
        row_count=len(rows),
        rows=tuple(map(tuple, rows)),
    )


def records_within(value: Any, place: str = "$") -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the objects of a JSON document that stand in no array of objects: alike ones under one object together, every other by itself.

    Lists of lists are records too, of columns without a name.
    """
    if isinstance(value, list) and value and all(isinstance(entry, list) for entry in value):
        yield place, [{f"列{number}": cell for number, cell in enumerate(entry, 1)} for entry in value[:_MOST_OBJECTS]]
    if not isinstance(value, dict):
        return
    inner = {key: entry for key, entry in value.items() if isinstance(entry, dict)}
    if len(inner) >= 2 and len(inner) == len(value) and _alike(list(inner.values())):
        yield place, list(inner.values())
        return
    if any(not isinstance(entry, dict | list) for entry in value.values()):
        yield place, [{key: entry for key, entry in value.items() if not isinstance(entry, dict | list)}]
    for key, entry in value.items():
        if isinstance(entry, dict | list):
            yield from records_within(entry, f"{place}.{key}")


def _alike(objects: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether objects share most of their members: records under their numbers."""
    every = set().union(*objects)
    return bool(every) and sum(map(len, objects)) * 2 >= len(every) * len(objects)


def _objects(cells: Iterator[str | None]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for cell in cells:
        if not cell or len(cell) > _LONGEST_CELL or cell.lstrip()[:1] not in ("[", "{"):
            continue
        try:
            value = orjson.loads(cell)
        except orjson.JSONDecodeError:
            continue
        entries = value if isinstance(value, list) else [value]
        found.extend(entry for entry in entries if isinstance(entry, dict) and "coordinates" not in entry)
        if len(found) >= _MOST_OBJECTS:
            break
    return found[:_MOST_OBJECTS]


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _form_records(table: TableFound) -> list[Mapping[str, Any]]:
    """Return what a form says, a record for each time its labels begin again; nothing for a table that is no form."""
    first: list[str | None] = [
        None if column.name.startswith("列") and not column.header else column.name for column in table.columns
    ]
    if not _begins_with_labels([first, *islice(table.iter_rows(), _LOOKED_AT)]):
        return []
    records: list[dict[str, str]] = [{}]
    labels = values = 0
    for row in (first, *table.iter_rows()):
        filled = [cell for cell in row if cell and not cell.isspace()]
        values += len(filled)
        for label, value in _pairs(filled):
            labels += 1
            if label in records[-1]:
                records.append({})
            records[-1][label] = value
    whole = [record for record in records if len(record) >= _FEWEST_LABELS]
    if not whole or labels * 4 < values or any(len(record) < _FEWEST_LABELS for record in records[:-1]):
        return []
    return list(whole)


def _begins_with_labels(rows: Sequence[Row]) -> bool:
    """Say whether two of the first rows begin with a label and its value: what is no form costs no more than that."""
    found = 0
    for row in rows:
        filled = [cell for cell in row if cell and not cell.isspace()][:2]
        found += len(filled) == 2 and _label(filled[0]) is not None and _label(filled[1]) is None
    return found >= _FEWEST_BEGUN


def _pairs(cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the labels of a row with the values beside them: 氏名 山田太郎 生年月日 昭和30年1月1日."""
    place = 0
    while place + 1 < len(cells):
        if _label(cells[place]) and not _label(cells[place + 1]):
            yield header_text(cells[place]), cells[place + 1]
            place += 2
        else:
            place += 1


def _label(cell: str) -> Header | None:
    """Return a cell read as a label of a form, None when it is none."""
    text = header_text(cell)
    if not 1 < len(text) <= _LONGEST_LABEL or text[-1] in "。、" or sum(map(str.isdigit, text)) > 2:
        return None
    if naming_of(text) == "full":
        return None
    header = header_of(text)
    return header if header.matter in _TELLING else None

"""What a table's title, sheet or file name says for all its rows: the day of counting, the kind of service, the one area."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tdpf.controlplane.preparation.engine.cells import DATE
from tdpf.controlplane.preparation.engine.eras import find_dates
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_AREA = "地域名"
# 病院・医院, 通所介護等: more kinds than the one that is known.
_AND = "(?:[・、,，／/]|及び|並びに|又は|と|や|等|など)"


def stated_words(
    sources: Sequence[SourceTable], schema: Schema, mapped: Mapping[str, Mapping[str, str]], known: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Return {input: {field: value}} of what no column says; `known` are the publishers found."""
    found = _told(sources, schema, mapped)
    for source in sources:
        fields = mapped.get(source.id)
        if fields is None or schema.field("調査年月日") is None:
            continue
        texts = [
            *source.table.title_lines,
            source.table.sheet,
            source.file,
            *(note.text for note in source.table.notes),
            *_dated_label(source),
        ]
        dates = [day for text in texts for day in find_dates(text)[:1]] or _beside(source, sources)
        if dates and "調査年月日" not in _filled(source, fields):
            found.setdefault(source.id, {})["調査年月日"] = dates[0].isoformat()
        if _AREA not in fields.values() and known.get(source.id, {}).get("city"):
            found.setdefault(source.id, {})[_AREA] = known[source.id]["city"]
    return found


def _filled(source: SourceTable, fields: Mapping[str, str]) -> set[str]:
    """Return the fields of columns in which any value stands."""
    empty = {column.name for column in source.table.columns if column.nulls >= source.table.row_count}
    return {field for column, field in fields.items() if column not in empty}


def _beside(source: SourceTable, sources: Sequence[SourceTable]) -> list[date]:
    """Return the one day that the titles of the other tables of the same sheet state, blocks of one list side by side."""
    others = [other for other in sources if (other.file, other.table.sheet) == (source.file, source.table.sheet)]
    days = {day for other in others for line in other.table.title_lines for day in find_dates(line)[:1]}
    return list(days) if len(days) == 1 else []


def _dated_label(source: SourceTable) -> tuple[str, ...]:
    """Return the one label of the header that is a day, where it names no column but the day of counting: 令和6年1月1日現在."""
    days = {label for column in source.table.columns for label in column.header if DATE.fullmatch(label)}
    return tuple(label for label in days if len(days) == 1 and re.search(r"現在|時点", label))


def _told(
    sources: Sequence[SourceTable], schema: Schema, mapped: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the one word of a field that a table's sheet, title or file name says for all its rows: a list for each service."""
    found: dict[str, dict[str, str]] = {}
    fields = [field for field in schema.fields if field.told]
    for source in sources:
        for field in fields:
            if source.id not in mapped or field.name in mapped[source.id].values():
                continue
            for text in (source.table.sheet, *source.table.title_lines, source.file.rpartition(".")[0]):
                bare = re.sub(r"[\s　]", "", text)
                words = set(re.findall(field.told, bare))
                several = re.search(rf"(?:{field.told}){_AND}|{_AND}(?:{field.told})", bare)
                if len(words) == 1 and not several:
                    found.setdefault(source.id, {})[field.name] = words.pop()
                    break
    return found

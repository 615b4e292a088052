"""One column of several words (設備: 車いす対応、オストメイト) spread over the standard's columns of yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tdpf.controlplane.preparation.engine.mapping.names import SURE, said_score
from tdpf.controlplane.preparation.engine.normalising.flags import is_flag
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_PARTING = re.compile(r"[、,，・;；/／\s]+")
_DENIED = re.compile(r"不可|無[しい]?$|な[しい]$|×|以外|除く")
_ALONE = re.compile(r"(?:のみ|だけ|に限る)$")
_BRACKET = re.compile(r"[（(]([^（）()]+)[)）]\s*$")
_ALL = re.compile(r"(?:全|すべ)て.*|全部|全災害|その他|等|未定|不明")
_QUOTES = re.compile(r"[\"']")
_FLAGS = frozenset(("flag_presence", "flag_allowed", "flag_mark"))
_YES = "○"
_MOST = 400


def spread_name(column: str, field: str) -> str:
    """Return the name of the column that stands for one of the words."""
    return f"{column}：{field}"


def spread_in(
    names: Sequence[str], values: Sequence[Values], accepted: Mapping[str, str], schema: Schema
) -> dict[str, tuple[str, ...]]:
    """Return {column: fields} of the free columns whose words mostly are names of columns of yes and no, two of them at least."""
    taken = set(accepted.values())
    fields = [field for field in schema.fields if field.normaliser in _FLAGS and field.name not in taken]
    found: dict[str, tuple[str, ...]] = {}
    for name, cells in zip(names, values, strict=True):
        if name in accepted:
            continue
        listed = _named_in(name, fields)
        if listed and any(cells) and all(is_flag(cell) for cell in cells if cell):
            found[name] = tuple(field.name for field in listed)
            fields = [field for field in fields if field not in listed]
            continue
        if len(fields) < 2:
            continue
        words = [word for cell in cells[:_MOST] if cell for word in _words(cell)]
        if not words or len(words) == sum(1 for cell in cells[:_MOST] if cell):
            continue
        meant = [_field_of(word, fields) for word in words if not (_DENIED.search(word) or _ALL.fullmatch(word))]
        named = tuple(dict.fromkeys(field.name for field in fields if field in meant))
        if len(named) >= 2 and sum(1 for field in meant if field) * 10 >= len(meant) * 6:
            found[name] = named
            fields = [field for field in fields if field.name not in named]
    return found


def _named_in(name: str, fields: Sequence[SchemaField]) -> list[SchemaField]:
    """Return the fields that the words in brackets behind a column's name are, when each is one: 開設する災害（地震・津波）."""
    bracket = _BRACKET.search(name)
    meant = [_field_of(word, fields) for word in _words(bracket.group(1))] if bracket else []
    return [field for field in meant if field is not None] if all(meant) else []


def _words(cell: str) -> list[str]:
    """Return the words of a list, as people write one or as JSON does: ["洪水", "津波"]."""
    if cell.startswith("[") and cell.endswith("]"):
        cell = _QUOTES.sub("", cell[1:-1])
    return [_ALONE.sub("", word) for word in _PARTING.split(cell) if word]


def _field_of(word: str, fields: Sequence[SchemaField]) -> SchemaField | None:
    if _DENIED.search(word):
        return None
    scored = [(said_score(word, (word,), field) or 0.0, field) for field in fields]
    best = max(scored, key=lambda entry: entry[0], default=(0.0, None))
    return best[1] if best[0] >= SURE else None


def spread(state: State, frame: Frame, column: str, names: Sequence[str]) -> None:
    """Add a column for every field: yes where its word stands, nothing where it does not; a word left out says nothing.

    A word that is no field's (全て, その他) is told.
    """
    schema = state.schema
    if column not in frame.columns:
        return
    fields = [field for name in names if (field := schema.field(name)) is not None]
    whole = _named_in(column, fields) == fields  # The name says the words, the cells yes or no.
    for field in fields:
        made = spread_name(column, field.name)
        frame.columns[made] = [
            cell if whole else _YES if any(_field_of(word, fields) is field for word in _words(cell or "")) else None
            for cell in frame.columns[column]
        ]
        frame.sources[made] = dict(frame.sources.get(column, {}))
        frame.header[made] = column
    for row, cell in enumerate(frame.columns[column] if fields and not whole else ()):
        strange = [word for word in _words(cell or "") if not _DENIED.search(word) and _field_of(word, fields) is None]
        if strange and cell and not is_missing(cell):
            made = spread_name(column, fields[0].name)
            state.log.add(
                frame, row, made, step="reshape", before=cell, after=frame.columns[made][row], reason="not-in-list",
                confidence=0.0, severity="warning",
            )  # fmt: skip
            state.log.events.append(replace(state.log.events.pop(), column=fields[0].name))

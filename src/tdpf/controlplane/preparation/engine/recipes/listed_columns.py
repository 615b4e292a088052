"""Lists with one column of ○ for each word (診療科目: 内科, 外科 …), folded into one column of words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.normalising.flags import is_flag, presence
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, SourceTable, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_FEWEST = 3
OTHER = "その他"
_OTHER = re.compile(r"その他|他の|上記以外")


def listed_name(field: str) -> str:
    """Return the name of the column that the others are folded into."""
    return f"{field}（列をまとめたもの）"


def listed_columns(
    field: SchemaField, names: Sequence[str], headers: Sequence[tuple[str, ...]], values: Sequence[Values]
) -> dict[str, str]:
    """Return {word: column} of the columns whose heading is a word of the list and whose cells say yes or nothing; none below three."""
    if not field.listed:
        return {}
    found: dict[str, str] = {}
    for name, header, cells in zip(names, headers, values, strict=True):
        word = header_text(header[-1] if header else name)
        present = [cell for cell in cells if cell]
        if re.search(field.listed, word) and present and all(is_flag(cell) for cell in present):
            found.setdefault(word, name)
    return found if len(found) >= _FEWEST else {}


def listed_in(
    sources: Sequence[SourceTable], schema: Schema, accepted: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, dict[str, str]]]:
    """Return {input: {field: {word: column}}} where no column is the list itself; `accepted` is {input: {column: field}}."""
    fields = [field for field in schema.fields if field.listed]
    found: dict[str, dict[str, dict[str, str]]] = {}
    for source in sources if fields else ():
        names, rows, taken = source.table.column_names, list(source.table.iter_rows()), accepted[source.id]
        values: list[Values] = [list(cells) for cells in zip(*rows, strict=True)] if rows else [[] for _ in names]
        free = [place for place, name in enumerate(names) if name not in taken]
        for field in fields:
            words = listed_columns(
                field,
                [names[place] for place in free],
                [source.table.columns[place].header for place in free],
                [values[place] for place in free],
            )
            other = [name for name, target in taken.items() if target == field.name and _OTHER.search(name)]
            if words and (other or field.name not in taken.values()):
                found.setdefault(source.id, {})[field.name] = words | ({OTHER: other[0]} if other else {})
    return found


def fold_listed(frame: Frame, field: str, words: Mapping[str, str]) -> None:
    """Add a column of the words whose cells say yes, in the order of the columns; a row without any stays empty."""
    folded: Values = []
    name = listed_name(field)
    for row in range(frame.height):
        said = [
            (word, column)
            for word, column in words.items()
            if column in frame.columns and word != OTHER and presence(frame.columns[column][row] or "").value == "有"
        ]
        rest = frame.columns[words[OTHER]][row] if words.get(OTHER) in frame.columns else None
        if rest and not is_missing(rest):
            said.append((rest.strip(), words[OTHER]))
        folded.append(";".join(word for word, _ in said) or None)
        if said:
            source, number = frame.origins[row]
            frame.cells[(row, name)] = tuple(
                CellRef(source, number, letter)
                for _, column in said
                for letter in frame.sources.get(column, {}).get(source, ())
            )
    frame.columns[name] = folded
    frame.header[name] = "・".join(words.values())

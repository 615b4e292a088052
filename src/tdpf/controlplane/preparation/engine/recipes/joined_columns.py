"""What stands in several columns and is one thing: a town and its chome, a year and its month and day, parts of a code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_NAMES = {"town": "町名と丁目（つないだもの）", "day": "年月日（つないだもの）", "code": "団体コード（つないだもの）"}
_RULES = {"town": "town.chome", "day": "day.joined", "code": "joined"}
_CHOME_NAME = re.compile(r"丁目?|丁目名|字丁目")
_CHOME = re.compile(
    r"(?:第)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:\s*[~〜～、,・-]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3}))*\s*(?:丁目?)?"
)
_BARE_NAME = re.compile(r"列\d+")
_YEAR, _MONTH, _DAY = (
    re.compile(r"(?:開催|実施|西暦)?年"),
    re.compile(r"(?:開催|実施)?月"),
    re.compile(r"(?:開催|実施)?日"),
)
_SHORT = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Joined:
    """Columns that are read as one: `kind` says how, `target` is the field it is."""

    kind: str
    columns: tuple[str, ...]
    target: str

    @property
    def name(self) -> str:
        """The name of the column that they are joined into."""
        return _NAMES[self.kind]

    def values(self, columns: Mapping[str, Values]) -> Values:
        """Return the joined column of rows that are all of one input."""
        made: Values = []
        above = ""
        for cells in zip(*(columns[name] for name in self.columns), strict=True):
            parts = [plain(cell or "") for cell in cells]
            if self.kind == "town":
                above = parts[0] or above
                parts[0] = above if parts[1] else parts[0]
            made.append(_WRITTEN[self.kind](parts) or None)
        return made

    def as_dict(self) -> dict[str, Any]:
        """Return it as a recipe holds it."""
        return {"kind": self.kind, "columns": list(self.columns), "to": self.target}


def find_joined(
    names: Sequence[str], values: Sequence[Values], accepted: Mapping[str, str], schema: Schema
) -> tuple[Joined, ...]:
    """Return what is to be joined in a table; `accepted` is {column: field}."""
    columns = dict(zip(names, values, strict=True))
    found = (_town(names, columns, accepted, schema), _day(columns, accepted, schema), _code(columns, accepted, schema))
    return tuple(entry for entry in found if entry is not None)


def _town(
    names: Sequence[str], columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema
) -> Joined | None:
    field = schema.field("地域名") if schema.table == "population" else schema.of("location.town")
    town = next((column for column, target in accepted.items() if field and target == field.name), "")
    if field is None or not town:
        return None
    place = list(names).index(town)
    for other, name in enumerate(names):
        beside = other == place + 1 and _BARE_NAME.fullmatch(name)
        if other == place or not (beside or _CHOME_NAME.fullmatch(fold(name))):
            continue
        present = [value for value in columns[name] if value]
        read = [value for value in present if _CHOME.fullmatch(plain(value))]
        if (
            present
            and len(read) * 10 >= len(present) * 6
            and not any("丁目" in (value or "") for value in columns[town])
        ):
            return Joined("town", (town, name), field.name)
    return None


def _day(columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema) -> Joined | None:
    dates = [field for field in schema.fields if field.normaliser == "date" and field.required]
    taken = set(accepted.values())
    if not dates or dates[0].name in taken:
        return None
    free = [name for name in columns if name not in accepted]
    found = [next((name for name in free if kind.fullmatch(fold(name))), "") for kind in (_YEAR, _MONTH, _DAY)]
    if not all(found) or not all(
        _SHORT.fullmatch(plain(value)) for name in found[1:] for value in columns[name] if value
    ):
        return None
    return Joined("day", tuple(found), dates[0].name)


def _code(columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema) -> Joined | None:
    """Find a prefecture's two digits and a municipality's three in columns of their own."""
    field = schema.of("publisher.code")
    first = next((column for column, target in accepted.items() if field and target == field.name), "")
    if field is None or not first or not _digits(columns[first], 1, 2):
        return None
    for name in columns:
        if name != first and name not in accepted and "コード" in name and _digits(columns[name], 1, 3):
            return Joined("code", (first, name), field.name)
    return None


def _digits(values: Values, fewest: int, most: int) -> bool:
    present = [plain(value) for value in values if value]
    return bool(present) and all(value.isdigit() and fewest <= len(value) <= most for value in present)


def join_columns(state: State, frame: Frame, wanted: Sequence[Mapping[str, Any]]) -> None:
    """Add a column for everything that is to be joined; a town that is left out below its first row is written again."""
    for entry in wanted:
        one = Joined(str(entry["kind"]), tuple(str(name) for name in entry["columns"]), "")
        if one.kind not in _WRITTEN or not all(part in frame.columns for part in one.columns):
            continue
        name, parts = one.name, one.columns
        made = one.values(frame.columns)
        frame.columns[name] = made
        frame.header[name] = "・".join(parts)
        sources: dict[str, tuple[str, ...]] = {}
        for part in parts:
            for source, letters in frame.sources.get(part, {}).items():
                sources[source] = (*sources.get(source, ()), *letters)
        frame.sources[name] = sources
        for row, value in enumerate(made):
            before = frame.columns[parts[0]][row]
            if value and value != before:
                state.log.add(
                    frame, row, name, step="reshape", before=before, after=value, rule=_RULES[one.kind], confidence=0.95
                )  # fmt: skip
                state.log.events[-1] = replace(state.log.events[-1], column=str(entry.get("to", name)))


def _town_of(cells: Sequence[str]) -> str:
    town, chome = cells
    if chome and _CHOME.fullmatch(chome) and not chome.endswith("丁目"):
        chome = chome.removesuffix("丁") + "丁目"
    return town + chome


def _day_of(cells: Sequence[str]) -> str:
    year, month, day = cells
    return f"{year.removesuffix('年')}年{month}月{day}日" if year and month and day else ""


def _code_of(cells: Sequence[str]) -> str:
    return cells[0].zfill(2) + (cells[1] or "0").zfill(3) if cells[0] else ""


_WRITTEN = {"town": _town_of, "day": _day_of, "code": _code_of}

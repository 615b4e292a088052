"""What stands in several columns and is one thing: a town and its chome, a year and its month and day, parts of a code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.names import SYNONYM, fold, name_score
from tdpf.controlplane.preparation.engine.municipalities import head_of
from tdpf.controlplane.preparation.engine.normalising.coordinates import LATITUDES, LONGITUDES
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.recipes.hazard_scales import agreed, scales_in
from tdpf.controlplane.preparation.engine.recipes.hour_columns import find_hours, hours_of
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField

_NAMES = {"town": "町名と丁目（つないだもの）", "day": "年月日（つないだもの）", "code": "団体コード（つないだもの）"}
_NAMES |= {
    "month": _NAMES["day"],
    "address": "所在地（つないだもの）",
    "degrees": "（度分秒をつないだもの）",
    "halves": "（午前と午後）",
    "hours": "（時間をつないだもの）",
    "scales": "（規模ごとの列を合わせたもの）",
}
_NAMES |= {"phone": "電話番号（つないだもの）"}
_RULES = {
    "town": "town.chome",
    "day": "day.joined",
    "month": "day.joined",
    "code": "joined",
    "address": "address.joined",
    "degrees": "joined",
    "halves": "joined",
    "hours": "joined",
    "scales": "joined",
    "phone": "joined",
}
_CHOME_NAME = re.compile(r"丁目?|丁目名|字丁目")
_CHOME = re.compile(
    r"(?:第)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})(?:\s*[~〜～、,・-]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3}))*\s*(?:丁目?)?"
)
_BARE_NAME = re.compile(r"列\d+")
_PART_OF_DAY = re.compile(r"(?P<head>.*?)(?:年月日)?[_（(]?(?P<part>元号|年号|年|月|日)[)）]?")
_PARTS = {
    "元号": re.compile(r"明治?|大正?|昭和?|平成?|令和?|西暦|[MTSHR]", re.IGNORECASE),
    "年": re.compile(r"(?:明治|大正|昭和|平成|令和|[MTSHR])?\s*(?:元|\d{1,4})\s*年?", re.IGNORECASE),
    "月": re.compile(r"(?:0?[1-9]|1[0-2])\s*月?"),
    "日": re.compile(r"(?:0?[1-9]|[12]\d|3[01])\s*日?"),
}
_NORTH, _EAST = re.compile(r"緯度|北緯"), re.compile(r"経度|東経")
_DECIMAL = re.compile(r"\d{1,3}(?:\.\d+)?")
_BLOCK = re.compile(r"\d{1,5}(?:(?:[-‐‑‒–—―−ー－の]|丁目|番地?の?|号)\d{0,5})*(?!\d)(?:\s.*|番地?|号)?")
_BUILT = re.compile(
    r"ビル|タワー|マンション|ハイツ|コーポ|アパート|プラザ|センター|会館|号室|号棟|\d\s*(?:階|F|棟)|地下|内$",
    re.IGNORECASE,
)
_PHONE_PARTS = ("市外局番", "市内局番", "加入者番号")
_WITHOUT_HEAD = frozenset(("", "開催", "実施", "西暦", "和暦", "調査"))


@dataclass(frozen=True, slots=True)
class Joined:
    """Columns that are read as one: `kind` says how, `target` is the field it is."""

    kind: str
    columns: tuple[str, ...]
    target: str

    @property
    def name(self) -> str:
        """The name of the column that they are joined into."""
        if self.kind in ("degrees", "halves", "hours", "scales"):
            return self.columns[0] + _NAMES[self.kind]
        found = _PART_OF_DAY.fullmatch(fold(self.columns[-1])) if self.kind == "day" else None
        return (found.group("head") if found else "") + _NAMES[self.kind]

    def values(self, columns: Mapping[str, Values]) -> Values:
        """Return the joined column of rows that are all of one input."""
        made: list[str] = []
        above = ""
        for cells in zip(*(columns[name] for name in self.columns), strict=True):
            parts = [plain(cell or "") for cell in cells]
            if self.kind in ("town", "month"):
                above = parts[0] or above
                parts[0] = above if parts[1] else parts[0]
            made.append(_NAMED[self.kind](self.columns, parts) if self.kind in _NAMED else _WRITTEN[self.kind](parts))
        return [text or None for text in made]

    def as_dict(self) -> dict[str, Any]:
        """Return it as a recipe holds it."""
        return {"kind": self.kind, "columns": list(self.columns), "to": self.target}


def find_joined(
    names: Sequence[str], values: Sequence[Values], accepted: Mapping[str, str], schema: Schema
) -> tuple[Joined, ...]:
    """Return what is to be joined in a table; `accepted` is {column: field}."""
    columns = dict(zip(names, values, strict=True))
    found = (_town(names, columns, accepted, schema), _code(columns, accepted, schema))
    more = (
        *_days(columns, accepted, schema),
        *_degrees(names, columns, schema),
        *_address(names, columns, accepted, schema),
        *([Joined("hours", *hour)] if (hour := find_hours(columns, accepted, schema)) else ()),
        *_phone(names, columns, accepted, schema),
        *(
            Joined("scales", several, field)
            for field, several in scales_in(names, schema).items()
            if not any(target == field for column, target in accepted.items() if column not in several)
        ),
    )
    return (*(entry for entry in found if entry is not None), *more)


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


def _days(columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema) -> tuple[Joined, ...]:
    """Find years, months and days in columns of their own, perhaps the era before them, for every day that a row has."""
    groups: dict[str, dict[str, str]] = {}
    head_of_year, before = "", ""
    for name in columns:
        split = _PART_OF_DAY.fullmatch(fold(name))
        if split is None:
            before = ""
            continue
        part = split.group("part").replace("年号", "元号")
        head = split.group("head")
        if part in ("元号", "年") and head:
            head_of_year = head
        if not head and part in ("年", "月", "日") and before in ("元号", "年", "月"):
            head = head_of_year  # 許可年, 月, 日: the parts go on from the first one.
        before = part
        present = [plain(value) for value in columns[name] if value]
        if present and all(_PARTS[part].fullmatch(value) or is_missing(value) for value in present):
            groups.setdefault(head, {}).setdefault(part, name)
    found: list[Joined] = []
    for head, parts in groups.items():
        names = tuple(parts[part] for part in ("元号", "年", "月", "日") if part in parts)
        field = _day_field(head, schema) if {"年", "月"} <= set(parts) else None
        taken = {target for column, target in accepted.items() if column not in names}
        if field is None or field.name in taken or field.name in {entry.target for entry in found}:
            continue
        if "日" in parts:
            found.append(Joined("day", names, field.name))
        elif schema.table == "population" and len(names) == 2:
            found.append(Joined("month", names, field.name))
    return tuple(found)


def _day_field(head: str, schema: Schema) -> SchemaField | None:
    """Return the day that columns of this name are parts of: the one that bears it, the first required one where none is said."""
    days = [field for field in schema.fields if field.normaliser == "date"]
    if head in _WITHOUT_HEAD:
        return next((field for field in days if field.required), None)
    scores = {field: max(name_score(f"{head}{end}", (), field) for end in ("年月日", "日", "")) for field in days}
    best = max(scores, key=lambda field: scores[field], default=None)
    return best if best is not None and scores[best] >= SYNONYM - 0.05 else None


def _degrees(names: Sequence[str], columns: Mapping[str, Values], schema: Schema) -> Iterator[Joined]:
    """Yield latitude and longitude whose degrees, minutes and seconds stand in three columns beside each other."""
    for concept, word, bounds in (("latitude", _NORTH, LATITUDES), ("longitude", _EAST, LONGITUDES)):
        field = schema.of(concept)
        for place, name in enumerate(names[:-2] if field is not None else ()):
            head = word.match(fold(name))
            three = tuple(names[place : place + 3])
            if (
                head is None
                or field is None
                or not all(
                    _BARE_NAME.fullmatch(other) or fold(other).startswith(head.group()) or fold(other) in ("分", "秒")
                    for other in three[1:]
                )
            ):
                continue
            limits = (bounds, (0.0, 59.999), (0.0, 59.99999))
            if all(_within(columns[other], limit) for other, limit in zip(three, limits, strict=True)) and all(
                "." not in plain(value) for other in three[:2] for value in columns[other] if value
            ):
                yield Joined("degrees", three, field.name)
                break


def _within(values: Values, bounds: tuple[float, float]) -> bool:
    present = [plain(value) for value in values if value and not is_missing(value)]
    return bool(present) and all(
        _DECIMAL.fullmatch(value) and bounds[0] <= float(value) <= bounds[1] for value in present
    )


def _address(
    names: Sequence[str], columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema
) -> Iterator[Joined]:
    """Yield an address that goes on in the columns of the next numbers: only the municipality, or no block, is said."""
    field = schema.of("address")
    first = next((column for column, target in accepted.items() if field and target == field.name), "")
    if field is None or not first or not fold(first).endswith("1"):
        return
    stem = fold(first).removesuffix("1")
    further = [next((name for name in names if fold(name) == f"{stem}{number}"), "") for number in (2, 3)]
    heads = [head_of(value) for value in columns[first] if value]
    bare = sum(1 for head in heads if head is not None and head.municipality is not None and not head.rest.strip())
    blocks = bool(further[0]) and _goes_on(columns[first], columns[further[0]])
    if further[0] and heads and (bare * 10 >= len(heads) * 8 or blocks):
        yield Joined("address", (first, *(name for name in further if name)), field.name)


def _goes_on(towns: Values, blocks: Values) -> bool:
    """Say whether towns without a number stand beside the numbers of their blocks."""
    both = [(plain(town), plain(block)) for town, block in zip(towns, blocks, strict=True) if town and block]
    alike = sum(1 for town, block in both if not re.search(r"\d\s*(?:番地?|号)?$", town) and _is_block(block))
    return bool(both) and alike * 10 >= len(both) * 8


def _is_block(text: str) -> bool:
    """Say whether a text is the number of a block, or the last names of a place before it: 大字脇町92番地. Buildings are none."""
    named = re.match(r"(?:大字|小字|字)?[^\d\s]{0,12}(?=\d)", text)
    return bool(named and _BLOCK.fullmatch(text[named.end() :]) and not _BUILT.search(text.split()[0]))


def _phone(
    names: Sequence[str], columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema
) -> Iterator[Joined]:
    """Yield a phone number whose three parts stand beside each other, where no other column is the phone's."""
    field = schema.of("phone")
    for place in range(len(names) - 2 if field is not None else 0):
        three = tuple(names[place : place + 3])
        if (
            field is not None
            and all(fold(name).endswith(part) for name, part in zip(three, _PHONE_PARTS, strict=True))
            and all(_digits(columns[name], 1, most) for name, most in zip(three, (5, 4, 4), strict=True))
            and not any(target == field.name for name, target in accepted.items() if name not in three)
        ):
            yield Joined("phone", three, field.name)
            return


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
        if one.kind not in _RULES or not all(part in frame.columns for part in one.columns):
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
                state.log.events.append(replace(state.log.events.pop(), column=str(entry.get("to", name))))


def _town_of(cells: Sequence[str]) -> str:
    town, chome = cells
    if chome and _CHOME.fullmatch(chome) and not chome.endswith("丁目"):
        chome = chome.removesuffix("丁") + "丁目"
    return town + chome


def _day_of(cells: Sequence[str]) -> str:
    *era, year, month, day = (
        cell.removesuffix(end) for cell, end in zip(cells, ("", "年", "月", "日")[-len(cells) :], strict=True)
    )
    before = "".join(era).removeprefix("西暦")
    return f"{before}{year}年{month}月{day}日" if year and month and day else ""


def _month_of(cells: Sequence[str]) -> str:
    """Return the first day of a month: on it such tables are counted."""
    return _day_of([*cells, "1"]) if all(cells) else ""


def _code_of(cells: Sequence[str]) -> str:
    return cells[0].zfill(2) + (cells[1] or "0").zfill(3) if cells[0] else ""


def _degrees_of(cells: Sequence[str]) -> str:
    degrees, minutes, seconds = cells
    return f"{degrees}度{minutes or 0}分{seconds or 0}秒" if degrees else ""


def _address_of(cells: Sequence[str]) -> str:
    return f"{cells[0]}{cells[1]}" + "".join(f"　{cell}" for cell in cells[2:] if cell)


def _halves_of(cells: Sequence[str]) -> str:
    said = [
        cell if half in cell or not cell[:1].isdigit() else f"{half}{cell}"
        for half, cell in zip(("午前", "午後"), cells, strict=True)
        if cell and not is_missing(cell)
    ]
    return "、".join(said)


def _phone_of(cells: Sequence[str]) -> str:
    return f"0{cells[0].removeprefix('0')}-{cells[1]}-{cells[2].zfill(4)}" if all(cells) else ""


_NAMED = {"hours": hours_of, "scales": agreed}
_WRITTEN = {
    "halves": _halves_of,
    "degrees": _degrees_of,
    "address": _address_of,
    "phone": _phone_of,
    "town": _town_of,
    "day": _day_of,
    "month": _month_of,
    "code": _code_of,
}

"""reshape: population tables of any layout, taken apart into single counts and put together as the standard table.

A count belongs to an area, a sex and a band of ages. Each of the three may stand in the column's name, in a cell of the row, or in
the name of the sheet; bands finer than five years are added up where they cover five years exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.normalising import ages
from tdpf.controlplane.preparation.engine.normalising.marks import plain
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.recipes.age_rows import ALL_AGES, AREA_ABOVE, set_right
from tdpf.controlplane.preparation.engine.recipes.areas_across import across
from tdpf.controlplane.preparation.engine.recipes.crossed import CROSSED, turned
from tdpf.controlplane.preparation.engine.recipes.dated_columns import DATED, in_days
from tdpf.controlplane.preparation.engine.recipes.joined_columns import join_columns
from tdpf.controlplane.preparation.engine.recipes.listed_columns import fold_listed
from tdpf.controlplane.preparation.engine.recipes.parted_columns import part_columns
from tdpf.controlplane.preparation.engine.recipes.spread_columns import spread
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.stated_years import put_years
from tdpf.controlplane.preparation.engine.recipes.toilets import TOKYO_TOILETS, unfold
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame, SourceTable, Values
from tdpf.controlplane.preparation.engine.recipes.weekday_columns import fold_weekdays
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_OTHER = re.compile(
    r"率|割合|比|増減|転入|転出|出生|死亡|平均|％|%|密度|面積|指数|順位|前年|前月|差|婚姻|自然|社会|移動"
)
_HOUSEHOLDS = re.compile(r"世帯|households", re.IGNORECASE)
_TOTAL_NAME = re.compile(r"総数|合計|総計|計$|人口|人数|総人口")
_AGE_NAME = re.compile(r"年齢|年令|齢別|歳別|階級|^歳$|(?<![a-z])age", re.IGNORECASE)
_SEX_NAME = re.compile(r"男女|性別|sex|gender", re.IGNORECASE)
_LABEL = re.compile(r"コード|番号|ID|NO|年月|日付|基準日|調査|code", re.IGNORECASE)
_ZERO = frozenset(("-", "－", "―", "‐", "−", "ー", "–"))
_OPEN_END = 95
_RUNGS = 6


@dataclass(slots=True)
class _Area:
    origin: tuple[str, int]
    attributes: dict[str, str | None]
    facts: dict[tuple[str, ages.Band | None], tuple[int, tuple[CellRef, ...]]] = field(default_factory=dict)
    households: tuple[int, tuple[CellRef, ...]] | None = None


def plan_reshape(source: SourceTable, schema: Schema, *, context_sex: str = "") -> dict[str, Any] | None:
    """Return how a table's counts are found, or None when its columns are the standard's already (or no counts are there).

    The plan is {"age": column or "", "sex": column or "", "values": {column: {"sex", "ages", perhaps "area"}}, "households": column or "",
    "area": [columns], "context_sex"}.
    """
    names = source.table.column_names
    rows = list(source.table.iter_rows())
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    sex_column = next((name for name in names if _is_sex_column(columns[name])), "")
    age_column = next((name for name in names if name != sex_column and _is_age_column(name, columns[name])), "")
    values: dict[str, dict[str, Any]] = {}
    ladder = _is_ladder(names)
    households = ""
    for name in names:
        if name in (sex_column, age_column) or _OTHER.search(name) or not _is_numeric(columns[name]):
            continue
        if _HOUSEHOLDS.search(name):
            households = households or name
            continue
        band, sex = ages.band(name), ages.sex(name)
        if sex == "both" and "男女" not in name and (sex_column or context_sex):
            sex = ""
        known = _standard(schema, spoken_name(name))
        if known is not None:
            own = "" if known == ("both", None) and (sex_column or context_sex) else known[0]
            values[name] = {"sex": own, "ages": list(known[1]) if known[1] else None}
        elif (
            band is not None
            and ("歳" in name or "才" in name or sex or ladder)
            and (sex or sex_column or context_sex or not age_column)
        ):
            values[name] = {"sex": sex, "ages": list(band)}
        elif band is None and (sex or _TOTAL_NAME.search(name)) and not re.search(r"コード|番号|ID", name):
            values[name] = {"sex": sex or ("" if sex_column or context_sex else "both"), "ages": None}
    values = across(source.table.columns, values, by_age=bool(age_column))
    banded = [entry for entry in values.values() if entry["ages"]]
    counted = sex_column and values and all(entry["ages"] is None for entry in values.values())
    if not age_column and not counted and (not banded or not _needs_work(values, schema, sex_column, context_sex)):
        return None
    if not values:
        return None
    area = [name for name in names if name not in values and name not in (sex_column, age_column, households)]
    area = [
        name for name in area if not _SEX_NAME.search(name) and (_LABEL.search(name) or not _is_measured(columns[name]))
    ]
    return {
        "age": age_column,
        "sex": sex_column,
        "values": values,
        "households": households,
        "area": area,
        "context_sex": context_sex,
    }


def _is_ladder(names: Sequence[str]) -> bool:
    """Say whether names are bands of ages that go on from each other (0-4, 5-9, …), though none says that it is an age."""
    bands = [band for name in names if (band := ages.band(name)) is not None]
    return len(bands) >= _RUNGS and all(one[1] is not None and other[0] == one[1] + 1 for one, other in pairwise(bands))


def _standard(schema: Schema, name: str) -> tuple[str, ages.Band | None] | None:
    for entry in schema.fields:
        if name == entry.name or name in entry.english:
            if entry.ages:
                return entry.sex, entry.ages
            if entry.name in ("男性", "女性", "総人口"):
                return {"男性": "male", "女性": "female", "総人口": "both"}[entry.name], None
    return None


def _needs_work(values: Mapping[str, Mapping[str, Any]], schema: Schema, sex_column: str, context_sex: str) -> bool:
    if sex_column or context_sex:
        return True
    there = {(entry.sex, entry.ages) for entry in schema.fields if entry.ages}
    given = {(entry["sex"], (entry["ages"][0], entry["ages"][1])) for entry in values.values() if entry["ages"]}
    return bool(given - there)


def _is_sex_column(values: Sequence[str | None]) -> bool:
    different = {plain(value) for value in values if value}
    labels = {re.sub(r"^\d+[_ ]?", "", value).replace(" ", "") for value in different}
    known = {"男", "女", "総数", "計", "男性", "女性", "男女計", "合計", "男女", "総計"}
    return 2 <= len(labels) <= 4 and labels <= known and bool(labels & {"男", "男性"})


def _is_age_column(name: str, values: Sequence[str | None]) -> bool:
    present = [value for value in values if value]
    bare = bool(_AGE_NAME.search(name))
    if len(set(present)) < (2 if bare else 5) or ages.band(name) is not None or _HOUSEHOLDS.search(name):
        return False
    bands = [
        value for value in present if ages.band(value, bare=bare) or ALL_AGES.fullmatch(plain(value).replace(" ", ""))
    ]
    banded = [value for value in present if ages.band(value, bare=bare)]
    return (
        len(bands) * 10 >= len(present) * (6 if bare else 8)
        and len(banded) * 2 >= len(present)
        and (bare or "歳" in "".join(present[:200]))
    )


def _is_numeric(values: Sequence[str | None]) -> bool:
    present = [value for value in values if value][:200]
    return bool(present) and sum(1 for value in present if _count(value) is not None) * 10 >= len(present) * 7


def _is_measured(values: Sequence[str | None]) -> bool:
    present = [value for value in values if value and value.strip() not in _ZERO][:200]
    return bool(present) and sum(1 for value in present if number(value).value is not None) * 10 >= len(present) * 7


def _count(value: str | None) -> int | None:
    if not value:
        return None
    if value.strip() in _ZERO:
        return 0
    found = number(value).value
    return int(float(found)) if found is not None and float(found) == int(float(found)) else None


def reshape(state: State, with_: Mapping[str, Any]) -> None:
    """Put the counts of the inputs planned in `with_["inputs"]` together, one row for each area.

    `area_name` (of an input's plan, else of all) is the name of the area where no column gives one. Inputs with the same `group` share their areas.
    """
    for key, entries in dict(with_.get("joined", {})).items():
        if key in state.frames:
            join_columns(state, state.frames[key], entries)
    for key, years in dict(with_.get("years", {})).items():
        if key in state.frames:
            put_years(state, state.frames[key], years)
    for key, columns in dict(with_.get("spread", {})).items():
        for name, fields in dict(columns).items() if key in state.frames else ():
            spread(state, state.frames[key], name, fields)
    for key, columns in dict(with_.get("parted", {})).items():
        for name, fields in dict(columns).items() if key in state.frames else ():
            part_columns(state, state.frames[key], name, fields)
    for key, days in dict(with_.get("weekdays", {})).items():
        if key in state.frames:
            fold_weekdays(state.frames[key], days)
    listed = {key: fields for key, fields in dict(with_.get("listed", {})).items() if key in state.frames}
    for key, fields in listed.items():
        for name, words in dict(fields).items():
            fold_listed(state.frames[key], name, words)
    plans = dict(with_.get("inputs", {}))
    for key in [key for key, plan in plans.items() if plan.get("layout") == TOKYO_TOILETS]:
        if key in state.frames:
            state.frames[key] = unfold(state.frames[key])
        del plans[key]
    for key in [key for key, plan in plans.items() if plan.get("layout") == CROSSED]:
        if key in state.frames:
            state.frames[key], wholes = turned(state.frames[key], plans[key])
            state.apart.extend(wholes)
        del plans[key]
    for key in [key for key, plan in plans.items() if plan.get("layout") == DATED]:
        if key in state.frames:
            state.frames[key] = in_days(state.frames[key], plans[key])
        del plans[key]
    if not plans:
        return
    for key in [key for key, plan in plans.items() if plan.get("age") in getattr(state.frames.get(key), "columns", ())]:
        state.frames[key], aside = set_right(state.frames[key], plans[key])
        state.apart.extend(aside)
    groups: dict[str, list[str]] = {}
    for key, plan in plans.items():
        groups.setdefault(str(plan.get("group", key)), []).append(str(key))
    for keys in groups.values():
        areas: dict[tuple[str, ...], _Area] = {}
        for key in keys:
            if key in state.frames:
                _gather(state.frames[key], plans[key], areas)
        if not areas:
            continue
        frame = _put_together(list(areas.values()), state.schema, with_, plans[keys[0]])
        first = keys[0]
        for key in keys:
            state.frames.pop(key, None)
        state.frames[first] = frame
        _note(state, frame)
    state.frames = {key: state.frames[key] for key in state.sources if key in state.frames}


def _gather(frame: Frame, plan: Mapping[str, Any], areas: dict[tuple[str, ...], _Area]) -> None:
    area_columns = [name for name in plan.get("area", []) if name in frame.columns]
    age_name, sex_name = str(plan.get("age", "")), str(plan.get("sex", ""))
    above: dict[str, str | None] = {}
    per_row = not age_name and not sex_name and not plan.get("group")
    for row in range(frame.height):
        attributes = {name: frame.columns[name][row] for name in area_columns}
        if (age_name or sex_name) and above and not any(attributes.values()):
            attributes = dict(above)  # An area that goes on over several rows is named in the first of them.
        above = attributes
        key: tuple[str, ...] = tuple(plain(value or "") for value in attributes.values())
        if per_row:
            key = (*key, frame.origins[row][0], str(frame.origins[row][1]))
        values = dict(plan.get("values", {}))
        parted = any(meaning.get("area") for meaning in values.values())
        area = (
            _Area(frame.origins[row], attributes)
            if parted
            else areas.setdefault(key, _Area(frame.origins[row], attributes))
        )
        row_sex = ages.sex(frame.columns[sex_name][row] or "") if sex_name in frame.columns else ""
        age_cell = frame.columns[age_name][row] if age_name in frame.columns else None
        band = ages.band(age_cell or "", bare=True) if age_cell else None
        if age_name and band is None and not (age_cell and ALL_AGES.search(plain(age_cell))):
            continue
        for name, meaning in values.items():
            if parted:
                own_area = str(meaning.get("area", ""))
                named = {**attributes, AREA_ABOVE: own_area}
                area = areas.setdefault((*key, own_area), _Area(frame.origins[row], named))
            count = _count(frame.columns.get(name, [None] * frame.height)[row])
            if count is None:
                continue
            sex = meaning.get("sex") or row_sex or str(plan.get("context_sex", "")) or "both"
            own = meaning.get("ages")
            found = (own[0], own[1]) if own else band
            area.facts.setdefault((sex, found), (count, frame.trace(row, name)))
        households = str(plan.get("households", ""))
        if households in frame.columns and area.households is None:
            count = _count(frame.columns[households][row])
            if count is not None:
                area.households = (count, frame.trace(row, households))


def _put_together(areas: Sequence[_Area], schema: Schema, with_: Mapping[str, Any], plan: Mapping[str, Any]) -> Frame:
    names = list(plan.get("area", []))
    columns: dict[str, Values] = {name: [area.attributes.get(name) for area in areas] for name in names}
    frame = Frame(columns, [area.origin for area in areas], {})
    for place, area in enumerate(areas):
        for entry in schema.fields:
            sex = {"男性": "male", "女性": "female", "総人口": "both"}.get(entry.name, entry.sex)
            if entry.name == "世帯数":
                _put(frame, place, entry.name, area.households)
            elif entry.ages or entry.name in ("男性", "女性"):
                _put(frame, place, entry.name, _covering(area, sex, entry.ages))
            elif entry.name == "総人口":
                both = _covering(area, "both", None)
                if both is None:
                    halves = [_covering(area, half, None) for half in ("male", "female")]
                    if halves[0] and halves[1]:
                        both = (halves[0][0] + halves[1][0], (*halves[0][1], *halves[1][1]))
                _put(frame, place, entry.name, both)
        if not names and (area_name := plan.get("area_name") or with_.get("area_name")):
            frame.column("地域名")[place] = str(area_name)
    return frame


def _put(frame: Frame, row: int, name: str, found: tuple[int, tuple[CellRef, ...]] | None) -> None:
    column = frame.column(name)
    if found is not None:
        column[row] = str(found[0])
        frame.cells[(row, name)] = found[1]


def _covering(area: _Area, sex: str, band: ages.Band | None) -> tuple[int, tuple[CellRef, ...]] | None:
    """Return the count of a band: stated, or the sum of bands that cover it exactly; all ages when `band` is None."""
    stated = area.facts.get((sex, band))
    if stated is not None:
        return stated
    first, last = band or (0, None)
    bands = sorted(
        {known for owner, known in area.facts if owner == sex and known is not None and known[0] >= first},
        key=lambda known: (known[0], known[1] if known[1] is not None else 999),
    )
    highest = max((known[1] if known[1] is not None else 999 for known in bands), default=-1)
    at, total, refs = first, 0, list[CellRef]()
    while last is None or at <= last:
        fitting = [
            known for known in bands if known[0] == at and (last is None or (known[1] is not None and known[1] <= last))
        ]
        if not fitting:
            if last is None and at > _OPEN_END and at == highest + 1:
                break
            return None
        chosen = fitting[-1] if last is not None else fitting[0]
        count, cells = area.facts[(sex, chosen)]
        total += count
        refs.extend(cells)
        if chosen[1] is None:
            break
        at = chosen[1] + 1
    return (total, tuple(refs)) if refs else None


def _note(state: State, frame: Frame) -> None:
    """Leave one event for every count that was added up."""
    for (row, name), refs in frame.cells.items():
        if len(refs) > 1:
            state.log.add(
                frame,
                row,
                name,
                step="reshape",
                before=None,
                after=frame.columns[name][row],
                rule="sum",
                confidence=0.98,
            )


def sex_of_context(source: SourceTable) -> str:
    """Return the sex that a sheet's name, its title or the file's name speaks of; "both" when it says 総数."""
    for text in (source.table.sheet, *source.table.title_lines, source.file.rpartition(".")[0]):
        spaced = re.sub(r"[\s　]", "", text)
        if re.search(r"男女計|男女別|総数|男\+女|男＋女", spaced):
            return "both" if "総数" in spaced or "計" in spaced else ""
        if re.search(r"[（(]男[)）]|男性|^男$|_男$", spaced):
            return "male"
        if re.search(r"[（(]女[)）]|女性|^女$|_女$", spaced):
            return "female"
    return ""

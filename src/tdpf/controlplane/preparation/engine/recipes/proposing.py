"""Proposes a recipe for tables that were read: how they are laid out, which column is which, what can be filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.nameless import is_made_name
from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.mapping.types import ColumnMapping, Confirmations, Decided, TableMapping
from tdpf.controlplane.preparation.engine.normalising.quantities import number
from tdpf.controlplane.preparation.engine.pages.grids import SURE
from tdpf.controlplane.preparation.engine.recipes.age_rows import AREA_ABOVE, AREA_LINE, districts, is_headed
from tdpf.controlplane.preparation.engine.recipes.crossed import CROSSED, made_names, plan_crossed
from tdpf.controlplane.preparation.engine.recipes.dated_columns import DATED, plan_dated
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, RecipeInput, Step
from tdpf.controlplane.preparation.engine.recipes.errors import HeaderMissing, NothingMapped
from tdpf.controlplane.preparation.engine.recipes.layouts import Layout, columns_of, find_layout, marked, reshape_extras
from tdpf.controlplane.preparation.engine.recipes.publishers import Publisher, find_publisher
from tdpf.controlplane.preparation.engine.recipes.reshaping import plan_reshape, sex_of_context
from tdpf.controlplane.preparation.engine.recipes.stated_words import stated_words
from tdpf.controlplane.preparation.engine.recipes.toilets import TOKYO_TOILETS, is_tokyo_list
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable, Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_TOKYO_DATUM = re.compile(r"日本測地系|旧測地系|東京測地系|tokyo\s*datum|EPSG:?4301", re.IGNORECASE)
_WHEN = re.compile(r"(?:西暦|和暦|調査)?(?:年|月|年月|年月日|年度|年次|時点|元号|年号|日|基準日)")
_ONE_DAY = re.compile(
    r"開催日$|^日付$|実施日$|^開催日時$|^日程$|^日にち$|^(?:開催|実施)?(?:月日|期日)$|^とき$|年月日(?:（つないだもの）)?$"
)
_SHOWN = 8
_PLANES: dict[str, int] = {
    "長崎県": 1, "鹿児島県": 2, "福岡県": 2, "佐賀県": 2, "熊本県": 2, "大分県": 2, "宮崎県": 2, "山口県": 3, "島根県": 3, "広島県": 3,
    "香川県": 4, "愛媛県": 4, "徳島県": 4, "高知県": 4, "兵庫県": 5, "鳥取県": 5, "岡山県": 5, "京都府": 6, "大阪府": 6, "福井県": 6,
    "滋賀県": 6, "三重県": 6, "奈良県": 6, "和歌山県": 6, "石川県": 7, "富山県": 7, "岐阜県": 7, "愛知県": 7, "新潟県": 8, "長野県": 8,
    "山梨県": 8, "静岡県": 8, "東京都": 9, "福島県": 9, "栃木県": 9, "茨城県": 9, "埼玉県": 9, "千葉県": 9, "群馬県": 9, "神奈川県": 9,
    "青森県": 10, "秋田県": 10, "山形県": 10, "岩手県": 10, "宮城県": 10, "北海道": 12, "沖縄県": 15,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A recipe with what it rests on: the mapping of every input and the local government found."""

    recipe: Recipe
    mappings: Mapping[str, TableMapping]
    publishers: Mapping[str, Publisher]


def propose_recipe(
    sources: Sequence[SourceTable],
    schema: Schema,
    *,
    confirmed: Confirmations | None = None,
    groups: Mapping[str, str] | None = None,
    decided: Mapping[str, Mapping[str, str]] | None = None,
    asking: bool = False,
) -> Proposal:
    """Return a recipe that turns the tables into a schema's table; raises NothingMapped when one has nothing in common.

    `groups` names inputs that describe the same areas (one sheet for each sex, blocks side by side). `decided` is what a person
    chose for the columns of each input: a field, or an empty text for none. When a person is `asking` first, columns without any
    name are offered by their values instead of being refused.
    """
    plans: dict[str, Any] = {}
    mappings: dict[str, TableMapping] = {}
    publishers: dict[str, Publisher] = {}
    layouts: dict[str, Layout] = {}
    for source in sources:
        plan = None
        if schema.table == "population":
            sex = sex_of_context(source) if (groups or {}).get(source.id) else ""
            plan = plan_crossed(source) or plan_dated(source) or plan_reshape(source, schema, context_sex=sex)
        elif schema.name == "barrier_free_toilet" and is_tokyo_list(source.table.column_names):
            plan = {"layout": TOKYO_TOILETS, "area": [], "values": {}, "age": "", "sex": "", "households": ""}
        if plan is not None:
            if groups and source.id in groups:
                plan["group"] = groups[source.id]
            plans[source.id] = plan
        said = Decided(decided[source.id], confirmed) if decided and source.id in decided else confirmed
        mapping, columns = _mapping(source, schema, plan, said)
        if not (asking and not source.table.header_rows and any(entry.suggestions for entry in mapping.columns)):
            _check(source, schema, mapping, plan)
        layouts[source.id] = find_layout(source, schema, mapping)
        mappings[source.id] = marked(mapping, layouts[source.id])
        for entry in layouts[source.id].joined:
            if entry.kind == "code":
                columns["publisher.code"] = entry.values(columns_of(source))
        found = find_publisher(source, columns)
        if found is not None:
            publishers[source.id] = found
    for key, layout in layouts.items():
        for entry in layout.joined if key in plans else ():
            plans[key]["area"] = [*plans[key]["area"], entry.name]
    for plan in plans.values():
        if any(meaning.get("area") for meaning in plan["values"].values()):
            plan["area"] = [*plan["area"], AREA_ABOVE]
    for key, area in districts(sources, plans).items():
        plans[key]["area_name"] = area
    for source in sources:
        if source.id in plans and is_headed(source, plans[source.id]):
            plans[source.id]["area"] = [AREA_LINE]
    steps = _steps(sources, schema, plans, mappings, publishers, layouts)
    recipe = Recipe(
        schema=schema.name,
        schema_version=schema.version,
        inputs=tuple(
            RecipeInput(id=source.id, file=source.file, sha256=source.sha256, choice=source.table.id)
            for source in sources
        ),
        steps=tuple(steps),
        title=f"{schema.title}: {'、'.join(dict.fromkeys(source.file for source in sources))}",
    )
    return Proposal(recipe=recipe, mappings=mappings, publishers=publishers)


def _mapping(
    source: SourceTable, schema: Schema, plan: Mapping[str, Any] | None, confirmed: Confirmations | None
) -> tuple[TableMapping, dict[str, Values]]:
    """Return the mapping of a table, and its values by the concept of the field they are mapped to."""
    table = source.table
    rows = list(table.iter_rows())
    values: list[Values] = [list(cells) for cells in zip(*rows, strict=True)] if rows else [[] for _ in table.columns]
    taken = set(table.column_names) if plan is None else set(plan["area"])
    places = [place for place, column in enumerate(table.columns) if column.name in taken]
    found = propose_mapping(
        [table.columns[place] for place in places], [values[place] for place in places], schema, confirmed=confirmed
    )
    by_name = {entry.column: entry for entry in found.columns}
    if plan is not None:
        counts = {field.name for field in schema.fields if field.concept == "count"}
        by_name = {
            name: ColumnMapping(name, "", "", entry.suggestions) if entry.target in counts else entry
            for name, entry in by_name.items()
        }
    if schema.table == "population":
        _name_of_area(by_name, plan["area"] if plan is not None else table.column_names, values, table.column_names)
    columns = tuple(
        by_name.get(column.name) or ColumnMapping(column.name, "", "reshape" if _used(plan, column.name) else "", ())
        for column in table.columns
    )
    columns = _without_vague_code(columns, values, schema)
    mapping = TableMapping(schema.name, columns)
    by_concept: dict[str, Values] = {}
    for place, entry in enumerate(columns):
        field = schema.field(entry.target) if entry.target else None
        if field is not None:
            by_concept.setdefault(field.concept, values[place])
    return mapping, by_concept


def _without_vague_code(
    columns: tuple[ColumnMapping, ...], values: Sequence[Values], schema: Schema
) -> tuple[ColumnMapping, ...]:
    """Leave a prefecture's code out where the rows name their municipality too: the code follows from the name."""
    code, city = schema.of("publisher.code"), schema.of("publisher.city")
    if code is None or city is None or not any(entry.target == city.name for entry in columns):
        return columns
    return tuple(
        ColumnMapping(entry.column, "", "reshape", entry.suggestions)
        if entry.target == code.name and all(len(value.strip()) <= 2 for value in values[place] if value)
        else entry
        for place, entry in enumerate(columns)
    )


def _used(plan: Mapping[str, Any] | None, name: str) -> bool:
    if plan is not None and plan.get("layout") == TOKYO_TOILETS:
        return True
    if plan is not None and plan.get("layout") == CROSSED:
        return name == plan["measure"] or name in plan["columns"]
    if plan is not None and plan.get("layout") == DATED:
        return any(name in fields.values() for fields in plan["days"].values())
    return plan is not None and (name in plan["values"] or name in (plan["age"], plan["sex"], plan["households"]))


def _name_of_area(
    by_name: dict[str, ColumnMapping], areas: Sequence[str], values: Sequence[Values], names: Sequence[str]
) -> None:
    """Take the widest varying column of words as the area's name when no column was told by its name."""
    if any(entry.target == "地域名" for entry in by_name.values()):
        return
    best, most = "", 0
    for name in areas:
        entry = by_name.get(name)
        column = [value for value in values[list(names).index(name)] if value]
        words = [value for value in column if number(value).value is None]
        if _WHEN.fullmatch(name.strip()):
            continue
        if entry and not entry.target and len(words) * 2 > len(column) and len(set(words)) > most:
            best, most = name, len(set(words))
    if best:
        by_name[best] = ColumnMapping(best, "地域名", "automatic", by_name[best].suggestions)


def _check(source: SourceTable, schema: Schema, mapping: TableMapping, plan: Mapping[str, Any] | None) -> None:
    if plan is not None:
        return
    accepted = set(mapping.accepted.values())
    required = {field.name for field in schema.fields if field.required}
    if schema.table == "population":
        required &= {field.name for field in schema.fields if field.concept == "count"}
    if not accepted & required or len(accepted) < min(2, len(mapping.columns)):
        shown = "、".join(map(_shown, mapping.columns[:_SHOWN])) + ("…" if len(mapping.columns) > _SHOWN else "")
        kind = NothingMapped if source.table.header_rows else HeaderMissing
        raise kind(file=source.file, columns=shown, schema=schema.title)


def _shown(entry: ColumnMapping) -> str:
    """Return a column's name, with what its values look like where it has none of its own."""
    offered = entry.suggestions[0].target if entry.suggestions and is_made_name(entry.column) else ""
    return f"{entry.column}＝{offered}？" if offered else entry.column


def _steps(
    sources: Sequence[SourceTable],
    schema: Schema,
    plans: Mapping[str, Any],
    mappings: Mapping[str, TableMapping],
    publishers: Mapping[str, Publisher],
    layouts: Mapping[str, Layout],
) -> list[Step]:
    crossed = any(plan.get("layout") == CROSSED for plan in plans.values())
    by_age = [key for key, plan in plans.items() if plan.get("age")]
    steps = [Step("table.detect", {"totals": "keep" if crossed else "apart", **({"keep": by_age} if by_age else {})})]
    if any(source.table.is_from_pages for source in sources):
        steps.append(Step("ocr.table", {"min_score": SURE}))
    extra = reshape_extras(layouts)
    if plans or extra:
        area = next((publishers[key].city or publishers[key].prefecture for key in plans if key in publishers), "")
        steps.append(Step("reshape", {"inputs": dict(plans), **({"area_name": area} if area else {}), **extra}))
    mapped: dict[str, dict[str, str]] = {}
    leaders = _leaders(plans)
    for source in sources:
        if source.id in plans and source.id not in leaders:
            continue
        accepted = dict(mappings[source.id].accepted)
        if source.id in plans and plans[source.id].get("layout") == TOKYO_TOILETS:
            accepted = {field.name: field.name for field in schema.fields}
        elif source.id in plans and plans[source.id].get("layout") in (CROSSED, DATED):
            counts = [field.name for field in schema.fields if field.concept == "count" and not field.ages]
            accepted |= {name: name for name in (*made_names(plans[source.id]), *counts, "世帯数")}
        elif source.id in plans:
            accepted |= {field.name: field.name for field in schema.fields if field.concept == "count"}
            above = next((name for name in (AREA_LINE, AREA_ABOVE) if name in plans[source.id]["area"]), "")
            if above:
                accepted = {name: field for name, field in accepted.items() if field != "地域名"} | {above: "地域名"}
            elif not plans[source.id]["area"] and (plans[source.id].get("area_name") or _area_name(steps)):
                accepted |= {"地域名": "地域名"}
        accepted |= layouts[source.id].fields(schema)
        mapped[source.id] = accepted
    steps.append(Step("columns.map", mapped))
    there = {field for fields in mapped.values() for field in fields.values()}
    geo = _geo(sources, schema, mappings, publishers, there)
    if geo:
        steps.append(Step("geo.transform", geo))
    kinds = {
        field.name: field.normaliser
        for field in schema.targets
        if field.name in there and field.normaliser not in ("coordinates", "hours")
    }
    if geo:
        kinds |= {str(geo["latitude"]): "latitude", str(geo["longitude"]): "longitude"}
    steps.append(Step("normalise", {"columns": kinds}))
    known = {
        key: {"code": found.code, "prefecture": found.prefecture, "city": found.city, "evidence": found.evidence}
        for key, found in publishers.items()
        if key in mapped
    }
    address = _address(schema)
    if address:
        steps.append(Step("address.parse", {**address, "level": "municipality", "publisher": known}))
        placing = _placing(schema, address, known)
        if placing:
            steps.append(Step("geo.transform", placing))
    steps.append(Step("derive", _derive(sources, schema, mapped, known)))
    if len(mapped) > 1:
        steps.append(Step("union", {"inputs": list(mapped)}))
        steps.append(Step("duplicates", {"policy": "list", "between": "inputs"}))
    steps.append(Step("validate", {"schema": schema.name}))
    steps.append(Step("pii.scan", {"policy": "report"}))
    return steps


def _leaders(plans: Mapping[str, Any]) -> set[str]:
    """Return the inputs whose frames remain after reshaping: the first of every group."""
    leaders: dict[str, str] = {}
    for key, plan in plans.items():
        leaders.setdefault(str(plan.get("group", key)), key)
    return set(leaders.values())


def _area_name(steps: Sequence[Step]) -> str:
    return str(next((step.with_.get("area_name", "") for step in steps if step.name == "reshape"), ""))


def _geo(
    sources: Sequence[SourceTable],
    schema: Schema,
    mappings: Mapping[str, TableMapping],
    publishers: Mapping[str, Publisher],
    there: set[str],
) -> dict[str, Any]:
    lat, lon, both = schema.of("latitude"), schema.of("longitude"), schema.of("coordinates")
    if lat is None or lon is None:
        return {}
    paired = both is not None and both.name in there
    if not paired and not {lat.name, lon.name} <= there:
        return {}
    found: dict[str, Any] = {"latitude": lat.name, "longitude": lon.name}
    if paired and both is not None:
        found["pair"] = both.name
    for source in sources:
        header = next((column for column, field in mappings[source.id].accepted.items() if field == lat.name), "")
        words = " ".join([header, *source.table.title_lines, *(note.text for note in source.table.notes)])
        if _TOKYO_DATUM.search(words):
            return {**found, "from": "tokyo"}
        column = next((entry for entry in source.table.columns if entry.name == header), None)
        examples = [number(value).value for value in column.examples] if column else []
        system = _PLANES.get(publishers[source.id].prefecture, 0) if source.id in publishers else 0
        if system and examples and all(value and abs(float(value)) >= 180 for value in examples):
            return {**found, "from": "plane", "system": system}
    return found


def _placing(schema: Schema, address: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return how empty coordinates are filled from addresses and stated ones compared with them, for located tables."""
    lat, lon = schema.of("latitude"), schema.of("longitude")
    if lat is None or lon is None or lat.virtual or lon.virtual:
        return {}
    codes = {key: found["code"] for key, found in known.items() if found["code"]}
    return {
        "latitude": lat.name,
        "longitude": lon.name,
        "address": address["address"],
        "fill": "oaza",
        "publisher": codes,
    }


def _address(schema: Schema) -> dict[str, Any]:
    concepts = {
        "address": "address",
        "prefecture": "location.prefecture",
        "city": "location.city",
        "town": "location.town",
        "block": "location.block",
        "building": "location.building",
        "code": "location.code",
        "town_id": "location.town_id",
        "postal": "postal",
    }
    found: dict[str, Any] = {}
    for part, concept in concepts.items():
        field = schema.of(concept)
        if field is not None:
            found[part] = field.name
    if "address" not in found:
        return {}
    prefecture, city = schema.of("publisher.prefecture"), schema.of("publisher.city")
    if prefecture is not None and city is not None:
        found["stated"] = [[prefecture.name, city.name]]
    return found


def _derive(
    sources: Sequence[SourceTable], schema: Schema, mapped: Mapping[str, Mapping[str, str]], known: Mapping[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {"publisher": dict(known)}
    identifier = schema.of("record.id")
    if identifier is not None and schema.table != "population":
        sequence = [key for key, fields in mapped.items() if identifier.name not in fields.values()]
        sequence += [
            key for key in mapped if key not in sequence and _empty(sources, key, mapped[key], identifier.name)
        ]
        if sequence:
            found["sequence"] = sequence
    if schema.field("終了日") is not None:
        same = [
            key
            for key, fields in mapped.items()
            if "終了日" not in fields.values()
            and any(field == "開始日" and _ONE_DAY.search(column) for column, field in fields.items())
        ]
        if same:
            found["same_day"] = same
    stated = stated_words(sources, schema, mapped, known)
    if stated:
        found["stated"] = stated
    return found


def _empty(sources: Sequence[SourceTable], key: str, fields: Mapping[str, str], target: str) -> bool:
    source = next(entry for entry in sources if entry.id == key)
    header = next((column for column, field in fields.items() if field == target), "")
    return any(column.name == header and column.nulls >= source.table.row_count for column in source.table.columns)

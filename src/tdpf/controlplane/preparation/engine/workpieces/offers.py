"""Which standard tables a file may become: every schema's mapping is tried, the best fitting ones are offered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.mapping.samples import Sampled, sampled
from tdpf.controlplane.preparation.engine.recipes.reshaping import plan_reshape
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import ColumnFound
from tdpf.controlplane.preparation.engine.workpieces.types import SchemaOffer

_SAMPLED = 300
_SHOWN = 4
_LATER = 0.05
_NO_RESIDENTS = re.compile(
    r"募集|定員|空き|受入|受け?入れ|待機|入所|在籍|申込|園児|児童|生徒|利用者|admit|vacan|capacity", re.IGNORECASE
)


def offers_for(
    tables: Sequence[SourceTable], choices: Sequence[Mapping[str, Any]] = (), names: Sequence[str] = ()
) -> list[SchemaOffer]:
    """Return the schemas that fit, best first: tables that were read by names and values, `choices` of tables by names only.

    `names` are the files' names, which may say what is in them, as titles and sheets' names may.
    """
    sampled_tables = [(table, _columns(table)) for table in tables]
    offers = [_offer(load_schema(name), sampled_tables, choices) for name in schema_names()]
    titles = [word for table in tables for word in (*table.table.title_lines, table.table.sheet)]
    titles += [str(choice.get(key, "")) for choice in choices for key in ("title", "sheet")]
    words = " ".join([*names, *titles])
    # Among equals the more common table stands first, as `schema_names` has them.
    order = {name: place for place, name in enumerate(schema_names())}
    return sorted(
        (offer for offer in offers if offer.mapped and (offer.required or offer.mapped * 2 >= offer.columns)),
        key=lambda offer: (
            -_worth(offer)
            - (_named(offer.title, words) or _called(load_schema(offer.name), sampled_tables))
            + order[offer.name] * _LATER
        ),
    )


def _named(title: str, words: str) -> float:
    """Return what it is worth that a file speaks of a table by its name."""
    name = re.sub(r"一覧.*|情報.*|設置箇所.*", "", title)
    said = re.sub(r"便所|お手洗い|ﾄｲﾚ", "トイレ", words)
    return 2.0 if name in said else 1.0 if name == "公衆トイレ" and "トイレ" in said else 0.0


def _called(schema: Schema, tables: Sequence[tuple[SourceTable, Sequence[Sampled]]]) -> float:
    """Return what it is worth that rows are called as a table's are: by a column's name (トイレ名) or half of its values (中央公園トイレ).

    It is worth most where no column has a name.
    """
    if not schema.called:
        return 0.0
    form = re.compile(schema.called)
    worth = 0.0
    for table, found in tables:
        named = any(re.fullmatch(rf"(?:{schema.called})の?名称?", name) for name in table.table.column_names)
        if named or any(
            sum(bool(form.search(value)) for value in cells.sample) * 2 > len(cells.sample) for cells in found
        ):
            worth = max(worth, 1.5 if table.table.header_rows else 3.0)
    return worth


def _worth(offer: SchemaOffer) -> float:
    share = offer.required / offer.required_of if offer.required_of else 0.0
    return 3 * share + 4 * offer.mapped / max(1, offer.columns) + min(offer.mapped, 20) / 20


def _offer(
    schema: Schema, tables: Sequence[tuple[SourceTable, Sequence[Sampled]]], choices: Sequence[Mapping[str, Any]]
) -> SchemaOffer:
    required = {field.name for field in schema.fields if field.required}
    best = SchemaOffer(name=schema.name, title=schema.title, mapped=0, columns=1, required=0, required_of=len(required))
    mappings = [_of_table(table, columns, schema) for table, columns in tables]
    for columns, mapped in [*mappings, *(_of_choice(choice, schema) for choice in choices)]:
        found = SchemaOffer(
            name=schema.name,
            title=schema.title,
            mapped=len(mapped),
            columns=columns,
            required=len(required & set(mapped.values())),
            required_of=len(required),
            examples=tuple(_shown(schema, mapped)),
        )
        if _worth(found) > _worth(best):
            best = found
    return best


def _columns(table: SourceTable) -> list[Sampled]:
    rows = list(islice(table.table.iter_rows(), _SAMPLED))
    return sampled(list(zip(*rows, strict=True)) if rows else [() for _ in table.table.columns])


def _shown(schema: Schema, mapped: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the first pairs as a person may check them; none of counts that are put together anew."""
    pairs = list(mapped.items())
    if schema.table == "population" and len(set(mapped.values())) < len(pairs):
        pairs = []
    return pairs[:_SHOWN]


def _counts_others(plan: Mapping[str, Any]) -> bool:
    """Say whether most columns of numbers count places in nurseries and the like by age, not residents."""
    names = list(plan["values"])
    return sum(bool(_NO_RESIDENTS.search(name)) for name in names) * 2 > len(names)


def _of_table(table: SourceTable, columns: Sequence[Sampled], schema: Schema) -> tuple[int, Mapping[str, str]]:
    names = table.table.column_names
    if schema.table == "population":
        plan = plan_reshape(table, schema)
        if plan is not None and _counts_others(plan):
            return len(names), {}
        if plan is not None:
            counts = [field.name for field in schema.fields if field.required]
            used = [*plan["values"], *plan["area"], *(plan[key] for key in ("age", "sex", "households") if plan[key])]
            return len(names), dict(zip(used, cycle(counts), strict=False)) if len(used) * 2 >= len(names) else {}
    return len(names), propose_mapping(table.table.columns, columns, schema).accepted


def _of_choice(choice: Mapping[str, Any], schema: Schema) -> tuple[int, Mapping[str, str]]:
    columns = [ColumnFound(name=str(name), header=(str(name),), type="string") for name in choice.get("columns", ())]
    if not columns:
        return 1, {}
    return len(columns), propose_mapping(columns, [[] for _ in columns], schema).accepted

"""Reads files in the sandbox and decides which of their tables belong to a schema's table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.errors import SeveralTables
from tdpf.controlplane.preparation.engine.recipes.age_rows import districts, repeats_ages
from tdpf.controlplane.preparation.engine.recipes.fact_rows import facts_together
from tdpf.controlplane.preparation.engine.recipes.fitting import fit_of
from tdpf.controlplane.preparation.engine.recipes.reshaping import plan_reshape, sex_of_context
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.sandbox import load_rating, read_in_sandbox
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.hashing import sha256_file

_MOST_TABLES = 40
_SHARES = re.compile(r"割合|構成比|比率|％|%|増減|率")
_REFERENCE = re.compile(r"[（(【\[〔<＜《]\s*参考|参考(?:資料|表|値)?(?:[:：)）\s　]|$)")
_EVERYONE = re.compile(r"総数|全体|合計|[+＋]外国人|外国人を?含む|総人口|全住民")
_SOME = re.compile(r"日本人|外国人|男|女")


@dataclass(frozen=True, slots=True)
class Taken:
    """The tables taken of one file; `group` is set when they describe the same areas together, `by_sheet` when those of a sheet do."""

    tables: tuple[SourceTable, ...]
    group: str = ""
    by_sheet: bool = False

    def groups(self, place: int) -> dict[str, str]:
        """Return {table: group} of the tables that belong together; `place` is the file's."""
        sheets = list(dict.fromkeys(table.table.sheet for table in self.tables))
        if self.by_sheet:
            return {table.id: f"sheet-{place}-{sheets.index(table.table.sheet) + 1}" for table in self.tables}
        return {table.id: f"{self.group}-{place}" for table in self.tables} if self.group else {}


def take(
    path: Path, schema: Schema, *, folder: Path, first_id: int, limits: Limits | None = None, choice: str = ""
) -> Taken:
    """Read the tables of one file that fit a schema; rows are left in `folder`.

    Raises the reader's Problem; SeveralTables when no table fits better than the others.
    """
    sha256 = sha256_file(path)
    if choice:
        return Taken((_read(path, schema, sha256, folder, first_id, limits, choice),))
    try:
        return Taken((_read(path, schema, sha256, folder, first_id, limits, None),))
    except SeveralTables as several:
        choices = several.data.get("choices")
        listed = choices if isinstance(choices, list) else []
        ids = [str(entry["id"]) for entry in listed][:_MOST_TABLES]
        tables = [
            _read(path, schema, sha256, folder, first_id + place, limits, entry) for place, entry in enumerate(ids)
        ]
        taken = _population(tables, schema) if schema.table == "population" else None
        taken = taken or _alike(tables, schema)
        if taken is None:
            raise
        return _renamed(taken, first_id)


def _read(
    path: Path, schema: Schema, sha256: str, folder: Path, number: int, limits: Limits | None, choice: str | None
) -> SourceTable:
    own = folder / f"t{number}"
    own.mkdir(parents=True, exist_ok=True)
    reading = read_in_sandbox(path, path.name, folder=own, limits=limits, choice=choice)
    found = SourceTable(
        id=f"t{number}",
        file=path.name,
        sha256=sha256,
        result=reading.result,
        table=reading.result.table,
        findings=tuple(reading.findings),
        rating=load_rating(own),
    )
    return facts_together(found, schema)


def _population(tables: Sequence[SourceTable], schema: Schema) -> Taken | None:
    """Take sheets that differ by sex, or blocks side by side, as one; else the sheet that counts everybody."""
    plans = _plans(
        [table for table in tables if not _SHARES.search(table.table.sheet + "".join(table.table.title_lines))], schema
    )
    counting = [table for table in tables if table.id in plans]
    if len(counting) < 2:
        return Taken((counting[0],)) if counting else None
    alike = [table for table in counting if table.table.column_names == counting[0].table.column_names]
    if {"male", "female"} <= {sex_of_context(table) for table in alike}:
        return Taken(tuple(alike), "sexes")
    names = [_base(table) for table in counting]
    if all(name == names[0] for name in names) and len({table.table.sheet for table in counting}) == 1:
        # Blocks go on with each other's ages; who counts the same ages anew counts other people.
        return Taken(tuple(counting), "" if repeats_ages(counting, plans) else "blocks")
    everyone = [table for table in alike if _EVERYONE.search(table.table.sheet)]
    if len(everyone) == 1 and not _is_by_district(alike, plans):
        return Taken((everyone[0],))
    if len(alike) == len(counting) and (plans[counting[0].id]["area"] or _is_by_district(alike, plans)):
        return Taken(tuple(counting), by_sheet=len({table.table.sheet for table in counting}) < len(counting))
    return None


def several_of(tables: Sequence[SourceTable]) -> SeveralTables:
    """Return the refusal that lists tables of one file, for a person to choose one."""
    return SeveralTables(
        file=tables[0].file,
        count=len(tables),
        choices=[
            {
                "id": found.table.id,
                "sheet": found.table.sheet,
                "range": found.table.range,
                "title": " ".join(found.table.title_lines)[:200],
                "rows": found.table.row_count,
                "columns": list(found.table.column_names[:12]),
            }
            for found in tables
        ],
    )


def sexes_apart(tables: Sequence[SourceTable]) -> bool:
    """Say whether files are one town's, one for each sex: the same columns, one speaks of men, one of women, at most one of all."""
    sexes = [sex_of_context(table) for table in tables]
    alike = len({table.table.column_names for table in tables}) == 1
    return alike and len(tables) <= 3 and sexes.count("male") == 1 == sexes.count("female")


def _is_by_district(tables: Sequence[SourceTable], plans: Mapping[str, Any]) -> bool:
    """Say whether most of some tables with an age in every row are each of an area that its title or sheet names."""
    named = {table.table.sheet for table in tables if table.id in districts(tables, plans)}
    return len(named) >= max(2, len({table.table.sheet for table in tables}) - 1)


def _plans(tables: Sequence[SourceTable], schema: Schema) -> dict[str, dict[str, Any]]:
    """Return how each table of counts is laid out, by its id; tables that count nobody are not in it."""
    found = {table.id: plan_reshape(table, schema, context_sex=sex_of_context(table)) for table in tables}
    return {key: plan for key, plan in found.items() if plan is not None}


def _base(table: SourceTable) -> tuple[str, ...]:
    return tuple(re.sub(r"_\d+$", "", name) for name in table.table.column_names)


def _alike(tables: Sequence[SourceTable], schema: Schema) -> Taken | None:
    """Take the tables that fit the schema about as well as the best one does, and those with the same header; None when none fits.

    One that lacks two required fields more than the best, or of whose columns fewer than half have a place (half, when it lacks one field), is another table.
    """
    fits = [fit_of(table, schema) for table in tables]
    best = max(fits, key=lambda fit: (fit.required, fit.columns))
    if not best.required:
        return None
    taken = [
        table
        for table, fit in zip(tables, fits, strict=True)
        if fit.required
        and fit.required >= best.required - 1
        and fit.columns * 2 >= len(table.table.columns) + (fit.required < best.required)
    ]
    taken = [table for table in taken if not _for_reference(table)] or taken
    taken = taken or [tables[fits.index(best)]]
    names = {table.table.column_names for table in taken}
    alike = [table for table in tables if table in taken or table.table.column_names in names]
    return Taken(tuple(_of_everyone([table for table in alike if table in taken or not _for_reference(table)])))


def _of_everyone(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Leave out the sheets that count some of those whom another one counts: 日本人 beside 日本人＋外国人."""
    everyone = [table for table in tables if _EVERYONE.search(table.table.sheet)]
    others = [table for table in tables if table not in everyone]
    counts_all = everyone and all(_SOME.search(table.table.sheet) for table in others)
    return everyone if counts_all else list(tables)


def _for_reference(table: SourceTable) -> bool:
    """Say whether a table's title says that it is only there for reference: （参考）福祉避難所."""
    return any(_REFERENCE.match(line.strip()) for line in table.table.title_lines[-1:])


def _renamed(taken: Taken, first_id: int) -> Taken:
    from dataclasses import replace

    tables = tuple(replace(table, id=f"t{first_id + place}") for place, table in enumerate(taken.tables))
    return Taken(tables, taken.group, taken.by_sheet)

"""Prepared toilets written as other lists have them, and what those lists have no place for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from tdpf.controlplane.preparation.engine.barrier_free.forms import Flat
from tdpf.controlplane.preparation.engine.barrier_free.national import from_national, to_national
from tdpf.controlplane.preparation.engine.barrier_free.tokyo import from_tokyo, to_tokyo
from tdpf.controlplane.preparation.engine.recipes.outputs import WRITERS
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Run
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.kit.text import Text

FLAT, NATIONAL = "barrier_free_toilet", "public_toilet"
_JSON = ".json"


@dataclass(frozen=True, slots=True)
class Conversion:
    """One list as another: the standard table it is `of`, the endings of files it can be written to, and what it is called."""

    of: str
    endings: tuple[str, ...]
    title: Text


CONVERSIONS: dict[str, Conversion] = {
    "national": Conversion(
        FLAT,
        tuple(WRITERS),
        Text("自治体標準オープンデータセットの公衆トイレ一覧", "the national list of public toilets"),
    ),
    "tokyo": Conversion(
        FLAT,
        (_JSON,),
        Text("東京都福祉局の車椅子使用者対応トイレの記録", "the records of the Tokyo welfare bureau's list"),
    ),
    "barrier_free": Conversion(
        NATIONAL, tuple(WRITERS), Text("TDPFのバリアフリートイレ形式", "TDPF's format of barrier-free toilets")
    ),
}


def write_as(name: str, run: Run, ending: str) -> bytes:
    """Return the rows of a run as the list `name` has them, in the format of a file's ending."""
    if name == "tokyo":
        return orjson.dumps([to_tokyo(row) for row in _rows(run)], option=orjson.OPT_INDENT_2) + b"\n"
    schema = load_schema(NATIONAL if name == "national" else FLAT)
    turned = [to_national(row) if name == "national" else from_national(row) for row in _rows(run)]
    frame = Frame({column: [row[column] for row in turned] for column in schema.names}, run.frame.origins, {})
    return WRITERS[ending](replace(run, columns=schema.names, frame=frame), schema)


def left_behind(name: str, run: Run) -> dict[str, int]:
    """Return the columns whose values the list `name` has no place for, each with how many cells are lost."""
    lost: Counter[str] = Counter()
    for row in _rows(run):
        again = _again(name, row)
        lost.update(column for column, value in row.items() if value and again.get(column) != value)
    return {column: lost[column] for column in run.columns if lost[column]}


def _again(name: str, row: Flat) -> Mapping[str, str | None]:
    """Return a row as it comes back from the list `name`."""
    if name == "national":
        return from_national(to_national(row))
    return from_tokyo(to_tokyo(row)) if name == "tokyo" else to_national(from_national(row))


def _rows(run: Run) -> list[Flat]:
    return [dict(zip(run.columns, row, strict=True)) for row in run.rows()]

"""What may be said in each step of a recipe: the one place that tells a step's options, their kinds and their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tdpf.controlplane.preparation.engine.recipes.shapes import (
    By,
    Cell,
    Having,
    ListOf,
    MapOf,
    Maybe,
    Members,
    Number,
    OneOf,
    Pair,
    Shape,
    Truth,
    Words,
)
from tdpf.kit.text import Text

_ROWS = 2**53
_OLDEST = 200
_LATEST = 2200
_INPUTS = Text("入力のidの並び", "a list of ids of inputs")
_COLUMNS = Text("列の名前の並び", "a list of names of columns")
_names = ListOf(Words(), _COLUMNS)
_inputs = ListOf(Words(), _INPUTS)


def _each_input(shape: Shape, ja: str, en: str) -> MapOf:
    """Return the shape of {id of an input: …}."""
    return MapOf(shape, Text(f"「入力のid: {ja}」の組", f"“id of an input: {en}” pairs"))


def _columns_to(shape: Shape, ja: str, en: str) -> MapOf:
    return MapOf(shape, Text(f"「列の名前: {ja}」の組", f"“name of a column: {en}” pairs"))


def _joined(least: int, most: int | None = None) -> Members:
    """Return the shape of one entry of `joined` whose columns are `least` to `most` (none: as many)."""
    most = least if most is None else most
    count = f"{least}" if least == most else f"{least}～{most}"
    columns = ListOf(Words(), Text(f"列の名前 {count} 個の並び", f"a list of {count} names of columns"), least, most)
    return Members({"kind": Words(), "columns": columns}, {"to": Words()})


_WIDEST = 100
_JOINED = By(
    "kind",
    {
        "town": _joined(2),
        "day": _joined(3, 4),
        "month": _joined(2, 3),
        "code": _joined(2),
        "address": _joined(2, _WIDEST),
        "degrees": _joined(3),
        "halves": _joined(2),
        "hours": _joined(1, _WIDEST),
        "phone": _joined(3),
        "scales": _joined(2, _WIDEST),
    },
)
_COUNT_OF = Members(
    {},
    {
        "area": Words(),
        "sex": OneOf(("", "male", "female", "both")),
        "ages": Maybe(
            Pair(
                Number(0, _OLDEST),
                Maybe(Number(0, _OLDEST)),
                Text(
                    "年齢の下と上の並び（上がないときは null）",
                    "a list of the lowest and highest age (null for no highest)",
                ),
            )
        ),
    },
)
_PLAN: Mapping[str, Shape] = {
    "layout": Words(),
    "area": _names,
    "values": _columns_to(_COUNT_OF, "sex と ages", "sex and ages"),
    "age": Words(),
    "sex": Words(),
    "households": Words(),
    "context_sex": OneOf(("", "male", "female", "both")),
    "group": Words(),
    "area_name": Words(),
}
_PLANS = By(
    "layout",
    {
        "": Members({"values": _PLAN["values"], "area": _names}, _PLAN),
        "tokyo-barrier-free": Members({}, _PLAN),
        "crossed": Members({"measure": Words(), "columns": _columns_to(Words(), "日", "day")}, _PLAN),
        "dated": Members(
            {
                "days": MapOf(
                    MapOf(Words(), Text("「項目: 列の名前」の組", "“field: name of a column” pairs")),
                    Text("「日: 項目と列」の組", "“day: fields and columns” pairs"),
                )
            },
            _PLAN,
        ),
    },
)
_PUBLISHER = Members({}, {"code": Words(), "prefecture": Words(), "city": Words(), "evidence": Words()})
_PUBLISHERS = _each_input(_PUBLISHER, "団体", "publisher")
_MARK = Members({"input": Words(), "name": Words()}, {"address": Words()})
_SAID: Mapping[str, Shape] = {"by": Words(), "why": Words()}
_TO = _columns_to(Words(), "標準の表の項目", "field")
_YEARS = Having(
    "from",
    Members({"columns": _names, "from": Words()}, {"to": _TO}),
    Members({"columns": _names, "year": Number(1868, _LATEST), "fiscal": Truth()}, {"to": _TO}),
)
_LEVELS = ("oaza", "chome", "block", "residence")

SHAPES: Final[Mapping[str, Shape]] = {
    "table.detect": Members(
        {},
        {
            "totals": OneOf(("apart", "keep")),
            "keep": _inputs,
            "renamed": _each_input(
                _columns_to(Words(), "レシピでの名前", "its name in the recipe"),
                "列の呼びかえ",
                "other names of columns",
            ),
        },
    ),
    "ocr.table": Members({}, {"min_score": Number(0, 1, whole=False)}),
    "reshape": Members(
        {},
        {
            "inputs": _each_input(_PLANS, "並べ替え方", "plan"),
            "area_name": Words(),
            "joined": _each_input(
                ListOf(
                    _JOINED, Text("つなぐ列（kind, columns, to）の並び", "a list of what is joined (kind, columns, to)")
                ),
                "つなぐ列",
                "what is joined",
            ),
            "weekdays": _each_input(
                MapOf(Words(), Text("「曜日: 列の名前」の組", "“day: name of a column” pairs")),
                "曜日の列",
                "columns of days",
            ),
            "listed": _each_input(
                MapOf(
                    MapOf(Words(), Text("「語: 列の名前」の組", "“word: name of a column” pairs")),
                    Text("「項目: 語と列」の組", "“field: words and columns” pairs"),
                ),
                "項目",
                "fields",
            ),
            "spread": _each_input(_columns_to(_names, "項目の並び", "list of fields"), "列", "columns"),
            "parted": _each_input(_columns_to(_names, "項目の並び", "list of fields"), "列", "columns"),
            "years": _each_input(_YEARS, "年の決め方", "how years are told"),
        },
    ),
    "columns.map": _each_input(
        _columns_to(Maybe(Words()), "標準の表の項目", "field"), "列と項目", "columns and fields"
    ),
    "geo.transform": Having(
        "address",
        Members(
            {"latitude": Words(), "longitude": Words(), "address": Words()},
            {"fill": OneOf(("", *_LEVELS)), "publisher": _each_input(Words(), "団体コード", "municipality code")},
        ),
        Members(
            {"latitude": Words(), "longitude": Words()},
            {"pair": Words(), "from": OneOf(("", "tokyo", "plane")), "system": Number(0, 19)},
        ),
    ),
    "normalise": Members({}, {"columns": _columns_to(Words(), "直し方", "normaliser")}),
    "address.parse": Members(
        {},
        {
            **dict.fromkeys(
                (
                    "address",
                    "prefecture",
                    "city",
                    "town",
                    "town_id",
                    "block",
                    "building",
                    "code",
                    "postal",
                    "level",
                ),
                Words(),
            ),
            "stated": ListOf(
                Pair(
                    Words(),
                    Words(),
                    Text(
                        "都道府県と市区町村の列の名前の並び",
                        "a list of the names of the columns of prefecture and municipality",
                    ),
                ),
                Text("列の名前の組の並び", "a list of pairs of names of columns"),
            ),
            "publisher": _PUBLISHERS,
        },
    ),
    "derive": Members(
        {},
        {
            "publisher": _PUBLISHERS,
            "sequence": _inputs,
            "same_day": _inputs,
            "stated": _each_input(
                MapOf(Words(), Text("「項目: 値」の組", "“field: value” pairs")), "項目と値", "fields and values"
            ),
        },
    ),
    "union": Members({}, {"inputs": _inputs}),
    "overrides": Members(
        {},
        {
            "cells": ListOf(
                Members(
                    {"input": Words(), "row": Number(1, _ROWS), "column": Words(), "value": Cell()},
                    {
                        "before": Cell(),
                        "of": Members({}, {"name": Words(), "address": Words()}),
                        "conflict": Words(),
                        "at": Words(),
                        **_SAID,
                    },
                ),
                Text("直すセル（input, row, column, value）の並び", "a list of cells (input, row, column, value)"),
            ),
            "values": ListOf(
                Members({"column": Words(), "before": Cell(), "value": Cell()}, _SAID),
                Text("直す値（column, before, value）の並び", "a list of values (column, before, value)"),
            ),
            "pairs": ListOf(
                Members({"one": _MARK, "other": _MARK, "same": Truth()}, _SAID),
                Text("行の組（one, other, same）の並び", "a list of pairs of rows (one, other, same)"),
            ),
        },
    ),
    "duplicates": Members({}, {"policy": OneOf(("list", "fold")), "between": OneOf(("inputs", "all"))}),
    "validate": Members({}, {"schema": Words()}),
    "pii.scan": Members({}, {"policy": OneOf(("report",))}),
    "rate.score": Members(),
}

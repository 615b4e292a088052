"""Recipes that persons changed by hand: whatever stands in them, they run or are refused in words, with the step's number."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.recipes.document import from_dict, from_yaml
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeNotUnderstood
from tdpf.controlplane.preparation.engine.recipes.preparing import gather_for, prepare
from tdpf.controlplane.preparation.engine.recipes.running import run_recipe
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.kit.errors import Problem

_WRONG = (None, 3, "x", [None], {"x": 1}, True)
_FACILITIES = "コード,ID,施設名,所在地,緯度,経度,電話番号,月,火,水,木,金,設備\n" + "".join(
    f"131091,{n},施設{n},東京都品川区大井{n}-1-1,35.6,139.7,03-1234-567{n},○,○,,○,○,駐車場、授乳室\n"
    for n in range(1, 4)
)
_AGES = "町名,年齢,男,女\n" + "".join(
    f"{town},{age},{age},2\n" for town in ("大井", "大崎") for age in [f"{n}歳" for n in range(2)]
)
_CROSSED = "区分,大井,大崎\n人口総数,30,40\n男,10,20\n女,20,20\n世帯数,9,8\n"
_CORRECTED = {
    "values": [{"column": "名称", "before": "施設1", "value": "施設一", "by": "担当者"}],
    "cells": [{"input": "t1", "row": 2, "column": "名称", "value": "x", "before": None}],
    "pairs": [
        {"one": {"input": "t1", "name": "a", "address": "b"}, "other": {"input": "t1", "name": "c"}, "same": True}
    ],
}
_TURNED = {
    "joined": {"t1": [{"kind": "code", "columns": ["コード", "ID"], "to": "所在地_全国地方公共団体コード"}]},
    "weekdays": {"t1": {"月": "月", "火": "火", "水": "水", "木": "木", "金": "金"}},
    "listed": {"t1": {"備考": {"駐車場": "月"}}},
    "spread": {"t1": {"設備": ["車椅子使用者用トイレ有無", "授乳室有無"]}},
}


def _nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _nodes(value[key], (*path, key))


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def _orders(document: Any) -> Iterator[Any]:
    """Yield the recipe with every step left out, said twice and moved to the front."""
    steps = document["steps"]
    for place, step in enumerate(steps):
        others = [*steps[:place], *steps[place + 1 :]]
        yield {**document, "steps": others}
        yield {**document, "steps": [*steps[:place], step, *steps[place:]]}
        yield {**document, "steps": [step, *others]}


@pytest.mark.parametrize(
    ("schema", "text", "more"),
    [
        (
            "public_facility",
            _FACILITIES,
            [{"reshape": _TURNED}, {"overrides": _CORRECTED}, {"union": {}}, {"duplicates": {}}],
        ),
        ("population", _AGES, []),
        ("population", _CROSSED, []),
    ],
    ids=["facilities", "ages", "crossed"],
)
def test_every_place_of_a_recipe_may_be_wrong(tmp_path: Path, schema: str, text: str, more: list[Any]) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    standard = load_schema(schema)
    made = prepare([path], standard, folder=tmp_path / "made").recipe.as_dict()
    reshaped, *behind = more or [None]
    if reshaped:
        made["steps"][1:1] = [reshaped]
        made["steps"][-2:-2] = behind
    tables = gather_for(from_dict(made), [path], standard, folder=tmp_path / "rows")
    run_recipe(from_dict(made), tables)
    ran = 0
    for changed in (
        *_orders(made),
        *(_with(made, place, value) for place in _nodes(made) if place for value in _WRONG),
    ):
        try:
            run_recipe(from_dict(changed), tables)
            ran += 1
        except Problem:
            continue
    assert ran > 20


@pytest.mark.parametrize(
    ("steps", "where", "found"),
    [
        ("[{columns.map: {t1: }}]", "steps[1].columns.map.t1", "何も書かれていません"),
        ("[{table.detect: }, {overrides: {cells: 3}}]", "steps[2].overrides.cells", "「3」"),
        ("[{geo.transform: {latitude: a, longitude: b, fil: oaza}}]", "steps[1].geo.transform", "「fil」"),
        ("[{address.parse: {code: 131091}}]", "steps[1].address.parse.code", "「131091」"),
        ("[]", "recipe.steps", "0個"),
    ],
)
def test_a_refusal_says_step_found_and_wanted(steps: str, where: str, found: str) -> None:
    with pytest.raises(RecipeNotUnderstood) as refused:
        from_yaml(f"recipe: 1\ntarget: {{schema: aed}}\ninputs: [{{id: t1}}]\nsteps: {steps}")
    assert refused.value.data["where"] == where
    assert found in refused.value.detail_in("ja")
    assert "ここに" in refused.value.detail_in("ja")
    assert "may be stated" in refused.value.detail_in("en") or "belongs" in refused.value.detail_in("en")


def test_a_doubled_name_and_bytes_are_refused_and_digits_stay_text() -> None:
    for document in (b"recipe: 1\nrecipe: 1\n", b"\xff\x00recipe"):
        with pytest.raises(RecipeNotUnderstood) as refused:
            from_yaml(document)
        assert "codec" not in str(refused.value)
    text = "recipe: 1\ntarget: {schema: aed}\ninputs: [{id: t1}]\nsteps: [{overrides: {values: [{column: a, before: 0312, value: 12:30}]}}]"
    assert from_yaml(text).step("overrides")["values"][0] == {"column": "a", "before": "0312", "value": "12:30"}

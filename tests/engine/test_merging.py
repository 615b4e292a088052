"""Merging: what is the same thing, what only looks like it, where rows contradict each other; nothing is lost by folding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.merging.matching import (
    distance,
    find_matches,
    folded_address,
    folded_name,
    same,
)
from tdpf.controlplane.preparation.engine.merging.types import Entity
from tdpf.controlplane.preparation.engine.recipes.document import Step, from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeNotUnderstood
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.running import run_recipe
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.workpieces.work import with_overrides

SHIBUYA = (
    "番号,施設名,住所,緯度,経度,男性用（小）,オストメイト\n"
    "1,境橋公衆便所,東京都渋谷区恵比寿1丁目2番3号,35.6460,139.7100,2,有\n"
    "2,中央公園トイレ,東京都渋谷区本町4-1,35.6800,139.6800,1,\n"
)
MEGURO = (
    "ID,名称,所在地,緯度,経度,オストメイト,備考\n"
    "A1,境橋公衆便所,東京都渋谷区恵比寿１－２－３,35.6461,139.7101,無,夜間閉鎖\n"
    "A2,中央公園トイレ,東京都目黒区本町5-9,35.6200,139.6900,有,\n"
)


def entity(place: int, name: str, address: str = "", point: tuple[float, float] | None = None, *apart: str) -> Entity:
    return Entity(
        place=place, source="t1", name=folded_name(name), address=folded_address(address), point=point, apart=apart
    )


def test_the_same_thing_and_what_only_looks_like_it() -> None:
    here, near, far = (35.0, 139.0), (35.0003, 139.0), (35.01, 139.0)
    one = entity(0, "第一 公園トイレ", "見本区本町1丁目2番3号", here)
    assert same(one, entity(1, "第一公園トイレ", "見本区本町1-2-3")) == ("name-address", None)
    found = same(one, entity(1, "第一公園トイレ", "", near))
    assert found is not None
    assert (found[0], round(found[1] or 0)) == ("name-near", 33)
    assert same(one, entity(1, "第一公園トイレ", "見本区本町1-2-3", far)) is None
    assert same(one, entity(1, "第二公園トイレ", "見本区本町1-2-3", here)) is None
    assert same(one, entity(1, "第一公園", "見本区本町1-2-3", here)) is not None
    # Towns call a toilet by several words and write a chome in kanji or digits.
    assert same(one, entity(1, "第一公園便所", "見本区本町一丁目2-3")) == ("name-address", None)
    assert same(one, entity(1, "第一公園便所", "見本区本町二丁目2-3")) is None
    assert same(entity(0, "食堂", "本町1", None, "菓子"), entity(1, "食堂", "本町1", None, "飲食店")) is None
    assert same(entity(0, "食堂", "本町1", None, "菓子"), entity(1, "食堂", "本町1", None, "")) is not None
    assert distance((35.0, 139.0), (36.0, 139.0)) == 110_940.0


@given(st.permutations(list(range(6))))
def test_groups_do_not_depend_on_the_order(order: list[int]) -> None:
    rows = [
        entity(0, "北館", "本町1"), entity(1, "南館", "本町1"), entity(2, "北館", "本町1-1", (35.0, 139.0)),
        entity(3, "北館", "本町1-1", (35.0001, 139.0)), entity(4, "東館", "栄町9"), entity(5, "東 館", "栄町9番"),
    ]  # fmt: skip
    groups = {frozenset(match.places) for match in find_matches([rows[place] for place in order])}
    assert groups == {frozenset({2, 3}), frozenset({4, 5})}


def test_two_towns_lists_become_one_with_duplicates_and_conflicts(tmp_path: Path) -> None:
    files = []
    for name, text in (("渋谷.csv", SHIBUYA), ("目黒.csv", MEGURO)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        files.append(tmp_path / name)
    schema = load_schema("public_toilet")
    listed = prepare(files, schema, folder=tmp_path)
    told = report_of(listed)
    assert told["rows"] == {"in": 4, "out": 4, "apart": 0, "quarantined": told["rows"]["quarantined"], "duplicates": 1}
    group = told["duplicates"][0]
    assert (group["row"], group["why"]) == (1, "name-address")
    assert [(one["input"], one["row"], one["address"]) for one in group["members"]] == [
        ("t1", 2, "東京都渋谷区恵比寿1-2-3"),
        ("t2", 2, "東京都渋谷区恵比寿1-2-3"),
    ]
    conflicts = {entry["column"]: [value["value"] for value in entry["values"]] for entry in told["conflicts"]}
    assert conflicts["オストメイト設置トイレ有無"] == ["有", "無"]
    assert "所在地_連結表記" not in conflicts

    steps = tuple(
        Step("duplicates", {"policy": "fold"}) if step.name == "duplicates" else step for step in listed.recipe.steps
    )
    folded = run_recipe(replace(listed.recipe, steps=steps), listed.sources)
    assert folded.frame.height == 3
    assert folded.frame.columns["備考"][0] == "夜間閉鎖"
    assert folded.frame.trace(0, "備考")[0].input == "t2"
    assert folded.frame.columns["オストメイト設置トイレ有無"][0] == "有"
    assert [(row.input, row.row, row.why) for row in folded.apart] == [("t2", 2, "duplicate")]
    assert [origin[0] for origin in folded.frame.origins] == ["t1", "t1", "t2"]
    assert run_recipe(replace(listed.recipe, steps=steps), listed.sources).rows() == folded.rows()


def test_what_persons_said_of_pairs_holds_whatever_joins_others() -> None:
    rows = [entity(0, "北館", "本町1"), entity(1, "北館", "本町1-1", (35.0, 139.0)), entity(2, "北館", "本町1番1")]
    assert [match.places for match in find_matches(rows)] == [(1, 2)]
    apart = {frozenset((rows[1].mark, rows[2].mark)): False}
    assert [match.places for match in find_matches(rows[:2], apart)] == []
    told = {frozenset((rows[0].mark, rows[1].mark)): True}
    assert [(match.places, match.why) for match in find_matches(rows, told)] == [((0, 1, 2), "said")]
    # 1 and 2 have one mark: parted from 0 by a person, they stay together and 0 stays alone.
    both = {frozenset((rows[0].mark, rows[1].mark)): False}
    assert [match.places for match in find_matches(rows, both)] == [(1, 2)]
    chain = [
        entity(0, "東館", "栄町1", (35.0, 139.0)),
        entity(1, "東館", "", (35.0004, 139.0)),
        entity(2, "東館", "栄町2", (35.0008, 139.0)),
    ]
    assert [match.places for match in find_matches(chain)] == [(0, 1, 2)]
    ends = {frozenset((chain[0].mark, chain[2].mark)): False}
    assert [match.places for match in find_matches(chain, ends)] == [(0, 1)]


def test_a_recipe_remembers_pairs_and_corrections_come_before_comparing(tmp_path: Path) -> None:
    for name, text in (("渋谷.csv", SHIBUYA), ("目黒.csv", MEGURO)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    prepared = prepare([tmp_path / "渋谷.csv", tmp_path / "目黒.csv"], load_schema("public_toilet"), folder=tmp_path)
    group = report_of(prepared)["duplicates"][0]
    marks = [{"input": one["input"], "name": one["name"], "address": one["address"]} for one in group["members"]]
    said = [{"one": marks[0], "other": marks[1], "same": False, "by": "係"}]
    recipe = with_overrides(prepared.recipe, {"values": [], "cells": [], "pairs": said})
    assert run_recipe(from_yaml(to_yaml(recipe)), prepared.sources).duplicates == ()
    renamed = {"column": "所在地_連結表記", "before": "東京都渋谷区本町4-1", "value": "東京都目黒区本町5-9", "by": "係"}
    moved = {"column": "緯度", "before": "35.6800", "value": None, "by": "係"}
    corrected = with_overrides(prepared.recipe, {"values": [renamed, moved]})
    names = [step.name for step in corrected.steps]
    assert names.index("overrides") < names.index("duplicates")
    assert [group.row for group in run_recipe(corrected, prepared.sources).duplicates] == [1, 2]
    wrong = with_overrides(prepared.recipe, {"pairs": [{"one": {"input": "t1"}, "same": True}]})
    with pytest.raises(RecipeNotUnderstood):
        run_recipe(wrong, prepared.sources)

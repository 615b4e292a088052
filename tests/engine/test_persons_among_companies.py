"""Persons who run a business alone among companies: the name of a company is published, theirs is held back and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.personal.persons import is_lone_person
from tdpf.controlplane.preparation.engine.recipes.document import Step, to_yaml
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of, shown_recipe
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

HEAD = "営業所名称,営業所所在地,営業者氏名,業種"
ROWS = (
    "一番,目黒区目黒1-1-1,株式会社太郎フーズ,飲食店営業",
    "二番,目黒区目黒1-1-2,鈴木一郎,飲食店営業",
    "三番,目黒区目黒1-1-3,個人事業主　佐藤　花子,飲食店営業",
    "四番,目黒区目黒1-1-4,（有）中村屋,飲食店営業",
    "五番,目黒区目黒1-1-5,（株）すゞらん,飲食店営業",
)


@pytest.mark.parametrize("permits", [True, False])
def test_a_persons_name_among_companies_is_held_back_and_found(tmp_path: Path, permits: bool) -> None:
    more = (",許可番号,許可年月日", ",第1号,R6.4.1") if permits else ("", "")
    path = tmp_path / "given.csv"
    path.write_text("\n".join([HEAD + more[0], *(row + more[1] for row in ROWS)]) + "\n", encoding="utf-8")
    run = prepare([path], load_schema("food_business"), folder=tmp_path / "rows").run
    assert run.frame.columns["法人名"] == ["株式会社太郎フーズ", None, None, "（有）中村屋", "（株）すゞらん"]
    assert [(event.row, event.severity) for event in run.events if event.reason == "person-name"] == [
        (2, "warning"),
        (3, "warning"),
    ]
    kinds = {found.column: (found.kind, found.certainty, found.count) for found in run.findings}
    assert kinds["営業者氏名"] == (("register", "clear", 1) if permits else ("representative", "doubtful", 1))


def test_what_persons_corrected_is_masked_in_reports_and_kept_in_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "given.csv"
    path.write_text("\n".join([HEAD, *ROWS]) + "\n", encoding="utf-8")
    prepared = prepare([path], load_schema("food_business"), folder=tmp_path / "rows")
    source, known = prepared.sources[0].id, {"name": "田中 花子", "address": "目黒区目黒1-1-2"}
    said = {
        "cells": [{"input": source, "row": 2, "column": "法人名", "value": "鈴木 一郎", "of": known}],
        "values": [{"column": "法人名", "before": "佐藤 花子", "value": "佐藤商会"}],
        "pairs": [{"one": {"input": source, **known}, "other": {"input": source, **known}, "same": True}],
    }
    recipe = replace(prepared.recipe, steps=(*prepared.recipe.steps, Step("overrides", said)))
    shown = shown_recipe(replace(prepared, recipe=recipe))
    assert not [name for name in ("一郎", "花子") if name in shown]
    assert known["address"] in shown
    assert to_yaml(recipe).count("花子") == 4
    assert report_of(replace(prepared, recipe=recipe))["recipe_masked"]
    assert not report_of(prepared)["recipe_masked"]


@pytest.mark.parametrize(
    ("value", "named", "person"),
    [
        ("鈴木一郎", False, True),
        ("長尾　正代", True, True),
        ("𠮷井　久永", True, True),
        ("ＮＧＵＹＥＮ　ＴＨＩ　ＮＧＯＣ", True, True),
        ("Starbucks Coffee Japan", True, False),
        ("中村屋", True, False),
        ("佐藤製麺", True, False),
        ("高島屋", False, False),
        ("日本赤十字社", True, False),
        ("鈴木商店", True, False),
        ("田村神社", True, False),
    ],
)
def test_a_company_is_no_person(value: str, named: bool, person: bool) -> None:
    assert is_lone_person(value, named=named) is person

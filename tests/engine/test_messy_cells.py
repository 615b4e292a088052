"""Cells as offices leave them: what a few odd ones may not do to a column, and what is told of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.mapping.evidence import evidence, sample_of
from tdpf.controlplane.preparation.engine.normalising.registry import outcomes
from tdpf.controlplane.preparation.engine.recipes.document import Recipe, Step, from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

Preparing = Callable[..., Prepared]


@pytest.fixture
def preparing(tmp_path: Path) -> Preparing:
    def run(text: str, schema: str, recipe: Recipe | None = None) -> Prepared:
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return prepare([path], load_schema(schema), folder=tmp_path / "rows", recipe=recipe)

    return run


def told(prepared: Prepared, column: str) -> list[tuple[str | None, str | None, str]]:
    return [
        (event.before, event.after, event.reason)
        for event in prepared.run.events
        if event.column == column and event.severity != "info"
    ]


def test_a_column_is_judged_by_its_rows_and_not_by_its_different_values() -> None:
    field = load_schema("evacuation_space").field("想定収容人数")
    assert field is not None
    odd = [f"役所に聞く{number}" for number in range(36)]
    sample = sample_of([*["100"] * 400, *odd])
    found = evidence(field, sample)
    assert not found.veto
    assert found.share > 0.85
    assert evidence(field, sample_of([*["100"] * 20, *odd])).veto


@pytest.mark.parametrize(
    ("kind", "value", "expected", "reason"),
    [
        ("integer", "120㎡", None, "other-unit"),
        ("integer", "120m2", None, "other-unit"),
        ("integer", "120人", "120", ""),
        ("integer", "30床", "30", ""),
        ("integer", "120人以上", "120", "about"),
        ("integer", "120人程度", "120", "about"),
        ("number", "12.5m", "12.5", ""),
        ("number", "12.5㎡", None, "other-unit"),
        ("integer", "#REF!", None, "formula-error"),
        ("text", "#VALUE!", None, "formula-error"),
        ("phone", "#N/A", None, "formula-error"),
        ("text", "#1 会議室", "#1 会議室", ""),
        ("integer", "N/A", None, "missing"),
    ],
)
def test_units_of_another_kind_and_errors_are_no_values(
    kind: str, value: str, expected: str | None, reason: str
) -> None:
    found = outcomes(kind, [value])[value]
    assert (found.value, found.reason) == (expected, reason)


def test_columns_added_to_a_recipe_by_hand_are_normalised(preparing: Preparing) -> None:
    table = "施設名,所在地,謎の列,別の列\n東トイレ,中野区中央1-1,２,○\n西トイレ,中野区本町2-2,３,×\n"
    recipe = preparing(table, "public_toilet").recipe
    (key, mapped) = next(iter(recipe.step("columns.map").items()))
    more = {key: {**mapped, "謎の列": "女性トイレ総数", "別の列": "車椅子使用者用トイレ有無"}}
    steps = tuple(Step(step.name, more) if step.name == "columns.map" else step for step in recipe.steps)
    changed = from_yaml(to_yaml(replace(recipe, steps=steps)))
    frame = preparing(table, "public_toilet", changed).run.frame
    assert frame.columns["女性トイレ総数"] == ["2", "3"]
    assert frame.columns["車椅子使用者用トイレ有無"] == ["有", "無"]


def test_a_total_of_persons_that_its_parts_do_not_make_is_doubted(preparing: Preparing) -> None:
    prepared = preparing(
        "調査年月日,地域名,総人口,男性,女性,世帯数\n2024-04-01,甲町,218,104,114,90\n2024-04-01,乙町,999,104,114,90\n"
        "2024-04-01,丙町,100,50,50,40\n",
        "population",
    )
    ((before, after, reason),) = told(prepared, "総人口")
    assert (after, reason) == ("999", "sum-conflict")
    assert "999" in str(before)
    assert "218" in str(before)


def test_a_pair_in_one_of_two_columns_of_coordinates_is_parted(preparing: Preparing) -> None:
    prepared = preparing(
        '施設名,所在地,緯度,経度\n東トイレ,豊島区池袋1-1,35.7310,139.7110\n西トイレ,豊島区池袋2-2,"35.7203,139.7146",\n'
        '南トイレ,豊島区池袋3-3,,"139.7150, 35.7210"\n',
        "public_toilet",
    )
    frame = prepared.run.frame
    assert frame.columns["緯度"] == ["35.7310", "35.7203", "35.7210"]
    assert frame.columns["経度"] == ["139.7110", "139.7146", "139.7150"]


def test_a_required_column_without_one_usable_value_is_told_as_that(preparing: Preparing) -> None:
    prepared = preparing(
        "名称,所在地,開始日\n夏まつり,中野区中央1-1,近日公開\n秋まつり,中野区中央1-2,調整いたします\n", "event"
    )
    lacking = {entry["name"]: entry for entry in report_of(prepared)["missing_required"]}
    assert lacking["開始日"]["column"] == "開始日"
    assert "2 件" in lacking["開始日"]["message_ja"]
    assert lacking["終了日"]["column"] == ""


def test_hidden_rows_are_read_and_told(workbook: Callable[..., Path], read: Any) -> None:
    def hide(book: Any) -> None:
        book.worksheets[0].row_dimensions[3].hidden = True

    path = workbook({"一覧": [["名称", "数"], ["甲", 1], ["乙", 2], ["丙", 3]]}, change=hide)
    result = read(path.read_bytes(), "made.xlsx")
    (found,) = [note for note in result.notes if note.code == "hidden-rows"] or [
        note for note in result.table.notes if note.code == "hidden-rows"
    ]
    assert "（3）" in found.ja
    assert result.table.row_count == 3

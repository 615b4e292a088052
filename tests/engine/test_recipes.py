"""Recipes: documents read strictly, runs repeated, populations of every layout, unions, corrections, refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.recipes.document import Recipe, RecipeInput, Step, from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeForOther, RecipeNotUnderstood
from tdpf.controlplane.preparation.engine.recipes.outputs import WRITERS, as_csv
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.recipes.running import run_recipe
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

Making = Callable[..., Prepared]
SHELTERS = "番号,施設名,住所,洪水,地震,収容人数\n" + "".join(
    f'{n},第{n}小学校,東京都板橋区板橋{n}-1-1,{"○" if n % 2 else "×"},○,"1,{n:03}人"\n' for n in range(1, 6)
)


@pytest.fixture
def making(tmp_path: Path) -> Making:
    """Prepare text files given as {name: text}."""

    def run(files: dict[str, str], schema: str, **options: Any) -> Prepared:
        paths = []
        for name, text in files.items():
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return prepare(paths, load_schema(schema), folder=tmp_path / "rows", **options)

    return run


def cells(prepared: Prepared, *names: str) -> list[tuple[str | None, ...]]:
    return list(zip(*(prepared.run.frame.columns[name] for name in names), strict=True))


def test_a_recipe_written_and_read_again_is_the_same(making: Making) -> None:
    recipe = making({"shelters.csv": SHELTERS}, "evacuation_space").recipe
    again = from_yaml(to_yaml(recipe))
    assert again == recipe
    assert again.sha256 == recipe.sha256
    assert to_yaml(again) == to_yaml(recipe)


def test_a_recipe_run_again_gives_the_same_bytes_in_every_format(making: Making) -> None:
    first = making({"shelters.csv": SHELTERS}, "evacuation_space")
    again = making({"shelters.csv": SHELTERS}, "evacuation_space", recipe=from_yaml(to_yaml(first.recipe)))
    assert first.run.key == again.run.key
    for writer in WRITERS.values():
        assert writer(first.run, first.schema) == writer(again.run, again.schema)


def test_the_next_edition_goes_through_the_same_recipe(making: Making) -> None:
    recipe = making({"shelters.csv": SHELTERS}, "evacuation_space").recipe
    longer = SHELTERS + "6,第6小学校,東京都板橋区板橋6-1-1,×,○,80人\n"
    later = making({"shelters_2027.csv": longer}, "evacuation_space", recipe=recipe)
    assert len(later.run.rows()) == 6
    assert later.run.key != recipe.sha256
    assert report_of(later)["columns_left_out"] == []
    head, *rows = longer.splitlines()
    wider = "\n".join([head + ",特記", *(f"{row},増" for row in rows)])
    told = report_of(making({"shelters_2028.csv": wider}, "evacuation_space", recipe=recipe))
    assert [entry["column"] for entry in told["columns_left_out"]] == ["特記"]
    assert "特記" in page_of(told, recipe_yaml="")
    with pytest.raises(RecipeForOther):
        making({"other.csv": SHELTERS.replace("施設名", "なまえ")}, "evacuation_space", recipe=recipe)
    with pytest.raises(RecipeForOther):
        making({"shelters.csv": SHELTERS}, "aed", recipe=recipe)


@given(st.text(max_size=200))
def test_no_text_makes_reading_a_recipe_fail_otherwise(text: str) -> None:
    with pytest.raises(RecipeNotUnderstood):
        from_yaml(text)


@pytest.mark.parametrize(
    "text",
    [
        "recipe: 2",
        "recipe: 1\ntarget: {schema: aed}\ninputs: []\nsteps: []",
        "recipe: 1\ntarget: {schema: aed}\ninputs: [{id: a}]\nsteps: [{run.shell: {command: ls}}]",
        "recipe: 1\ntarget: {schema: aed}\ninputs: [{id: a}]\nsteps: [table.detect]",
        "recipe: 1\nbase: &b {x: 1}\ntarget: *b\ninputs: [{id: a}]\nsteps: []",
        "recipe: 1\ntarget: !!python/object/apply:os.system [ls]",
        "recipe: 1\nowner: me\ntarget: {schema: aed}\ninputs: [{id: a}]\nsteps: []",
    ],
)
def test_documents_that_are_no_recipes_say_where(text: str) -> None:
    with pytest.raises(RecipeNotUnderstood) as refused:
        from_yaml(text)
    assert refused.value.data["where"]


def test_a_recipe_that_asks_for_it_reports_the_rating_of_its_file(making: Making) -> None:
    recipe = making({"shelters.csv": SHELTERS}, "evacuation_space").recipe
    asking = replace(recipe, steps=(*recipe.steps, Step("rate.score", {})))
    told = report_of(making({"shelters.csv": SHELTERS}, "evacuation_space", recipe=asking))
    assert [(found["file"], "L2-01" in found["failed"]) for found in told["ratings"]] == [("shelters.csv", True)]
    assert "データレート" in page_of(told, recipe_yaml=to_yaml(asking))


def test_every_changed_cell_has_an_event_and_every_cell_its_origin(making: Making) -> None:
    prepared = making({"shelters.csv": SHELTERS}, "evacuation_space")
    source = dict(
        zip(
            ("番号", "施設名", "住所", "洪水", "地震", "収容人数"),
            zip(*prepared.sources[0].table.iter_rows(), strict=True),
            strict=True,
        )
    )
    frame = prepared.run.frame
    told = {(event.row, event.column) for event in prepared.run.events}
    for name in prepared.run.columns:
        for row, value in enumerate(frame.columns[name]):
            origin = frame.header.get(name)
            before = source[origin][row] if origin in source else None
            assert value == before or (row + 1, name) in told, (row, name)
            if origin in source:
                assert [ref.row for ref in frame.trace(row, name)] == [row + 2]
    assert cells(prepared, "災害種別_洪水", "想定収容人数")[0] == ("1", "1001")


def test_towns_are_put_together_with_their_origin(making: Making) -> None:
    prepared = making(
        {
            "itabashi.csv": SHELTERS,
            "nerima.csv": "NO,名称,所在地,洪水,電話\n1,北中学校,東京都練馬区北町1-1,1,03-1111-2222\n2,南中学校,東京都練馬区南町1-1,0,ー\n",
        },
        "evacuation_space",
    )
    assert [origin for origin, _ in prepared.run.frame.origins] == ["t1"] * 5 + ["t2"] * 2
    assert cells(prepared, "全国地方公共団体コード", "災害種別_洪水")[4:] == [
        ("131199", "1"),
        ("131202", "1"),
        ("131202", None),
    ]
    phone = [event for event in prepared.run.events if event.column == "電話番号"]
    assert [(event.row, event.input, event.source_row) for event in phone] == [(7, "t2", 3)]
    assert [entry["count"] for entry in report_of(prepared)["row_origins"]] == [5, 2]


def test_a_person_s_correction_wins_and_is_told(making: Making) -> None:
    prepared = making({"shelters.csv": SHELTERS}, "evacuation_space")
    fix = Step(
        "overrides",
        {"cells": [{"input": "t1", "row": 3, "column": "名称", "value": "新しい名前", "by": "係", "why": "改称"}]},
    )
    run = run_recipe(replace(prepared.recipe, steps=(*prepared.recipe.steps, fix)), prepared.sources)
    assert run.frame.columns["名称"][1] == "新しい名前"
    assert [event.rule for event in run.events if event.column == "名称"] == ["override"]


BANDS = [f"{a}～{a + 4}歳" for a in range(0, 85, 5)]


def _single(rows: list[tuple[str, int]]) -> str:
    return "".join(f"{area},{','.join(str(base) for _ in range(101))}\n" for area, base in rows)


@pytest.mark.parametrize("layout", ["wide", "single-years", "rows-by-sex", "rows-by-age"])
def test_populations_of_every_layout_become_the_standard_table(making: Making, layout: str) -> None:
    text = {
        "wide": "町名,人口,"
        + ",".join(f"{sex}_{band}" for band in [*BANDS, "85歳以上"] for sex in "男女")
        + "\n本町一丁目,"
        + str(3 * 18 + 5 * 18)
        + ","
        + ",".join("3,5" for _ in range(18))
        + "\n",
        "single-years": "地区名,性別," + ",".join(f"{a}歳" for a in range(100)) + ",100歳以上\n" + _sexes(3, 5, 101),
        "rows-by-sex": "町丁名,男女,総数,"
        + ",".join([*BANDS, "85歳以上"])
        + "\n本町一丁目,男,54,"
        + ",".join(["3"] * 18)
        + "\n本町一丁目,女,90,"
        + ",".join(["5"] * 18)
        + "\n",
        "rows-by-age": "年齢,男,女,計\n" + "".join(f"{a},1,2,3\n" for a in range(105)) + "合計,105,210,315\n",
    }[layout]
    prepared = making({"131199_population_20240401.csv": text}, "population")
    assert len(prepared.run.rows()) == 1
    got = cells(prepared, "総人口", "男性", "女性", "0-4歳の男性", "85歳以上の女性", "調査年月日")[0]
    assert (
        got
        == {
            "wide": ("144", "54", "90", "3", "5", "2024-04-01"),
            "single-years": ("808", "303", "505", "15", "80", "2024-04-01"),
            "rows-by-sex": ("144", "54", "90", "3", "5", "2024-04-01"),
            "rows-by-age": ("315", "105", "210", "5", "40", "2024-04-01"),
        }[layout]
    )
    if layout == "single-years":
        row = prepared.run.frame.trace(0, "0-4歳の男性")
        assert [ref.column for ref in row] == ["C", "D", "E", "F", "G"]


def _sexes(men: int, women: int, count: int) -> str:
    return f"本町,男,{','.join([str(men)] * count)}\n本町,女,{','.join([str(women)] * count)}\n"


def test_totals_below_a_list_are_set_apart_with_their_words(making: Making) -> None:
    prepared = making({"shelters.csv": SHELTERS + '合計,,,,,"5,015"\n'}, "evacuation_space")
    assert len(prepared.run.rows()) == 5
    assert [(row.row, row.why) for row in prepared.run.apart] == [(7, "total-label")]
    assert report_of(prepared)["rows"] == {"in": 6, "out": 5, "apart": 1, "quarantined": 0, "duplicates": 0}


def test_swapped_and_old_coordinates_are_put_right(making: Making) -> None:
    swapped = making({"aed.csv": "名称,住所,設置場所,緯度,経度\n本庁,東京都港区芝1,1階,139.75,35.65\n"}, "aed")
    assert cells(swapped, "緯度", "経度") == [("35.65", "139.75")]
    old = making(
        {"aed2.csv": "名称,住所,設置場所,緯度（日本測地系）,経度（日本測地系）\n本庁,東京都港区芝1,1階,35.65,139.75\n"},
        "aed",
    )
    assert cells(old, "緯度", "経度") == [("35.6532295", "139.7467935")]


def test_the_report_is_one_page_that_escapes_what_towns_wrote(making: Making) -> None:
    prepared = making(
        {
            "x.csv": "名称,住所,設置場所,電話番号\n<script>alert(1)</script>,東京都港区芝1,1階,なまえ\n庁舎,東京都港区芝2,2階,03-1234-5678\n"
        },
        "aed",
    )
    page = page_of(report_of(prepared), recipe_yaml=to_yaml(prepared.recipe))
    assert "<script" not in page
    assert page.startswith("<!doctype html>")
    assert "電話番号として読めません" in page
    assert b"<script>alert(1)</script>" in as_csv(prepared.run, prepared.schema)


_WORD = st.one_of(st.text(max_size=12), st.from_regex(r"[-+]?[0-9]{1,3}(\.[0-9]+)?([eE][-+]?[0-9]+)?", fullmatch=True), st.sampled_from(["3E2", "1e3", "yes", "~", "0312", "2024-04-01", "1_0", "0o7", "=", "<<", "\x85", "a\u2028b"]))  # fmt: skip


@given(_WORD, _WORD)
def test_text_stays_text_whatever_it_looks_like(word: str, other: str) -> None:
    cells = [{"input": "t1", "row": 2, "column": other, "value": word, "before": None}]
    recipe = Recipe(
        schema="facilities",
        schema_version=word,
        inputs=(RecipeInput(id=word, file=other, sha256=word, choice=other),),
        steps=(Step("overrides", {"cells": cells}),),
        title=word,
    )
    assert from_yaml(to_yaml(recipe)) == recipe


def test_recipes_are_values() -> None:
    recipe = Recipe(schema="aed", schema_version="1.0", inputs=(), steps=())
    assert recipe.step("columns.map") == {}


def test_a_corrected_cell_is_of_its_row_and_not_of_its_number(tmp_path: Path) -> None:
    def table(*names: str) -> Path:
        path = tmp_path / "given.csv"
        rows = "".join(f"{name},国立市東{place}-1,\n" for place, name in enumerate(names, start=1))
        path.write_text(f"名称,所在地,電話番号\n{rows}", encoding="utf-8")
        return path

    schema = load_schema("public_facility")
    first = prepare([table("西館", "東館")], schema, folder=tmp_path / "a").recipe
    said = {"input": "t1", "row": 3, "column": "電話番号", "before": None, "value": "042-000-0001"}
    own = Step("overrides", {"cells": [{**said, "of": {"name": "東館", "address": ""}}]})
    recipe = replace(first, steps=(*first.steps[:-2], own, *first.steps[-2:]))
    for names, place in ((("西館", "東館"), 1), (("東館", "新館", "西館"), 0), (("西館", "新館"), None)):
        run = prepare([table(*names)], schema, folder=tmp_path / "b", recipe=recipe).run
        phones = [None] * len(names)
        if place is not None:
            phones[place] = "042-000-0001"  # type: ignore[call-overload]
        assert run.frame.columns["電話番号"] == phones


def test_a_renamed_column_is_taken_as_doubtful_and_what_persons_said_is_read(making: Making) -> None:
    first = making({"shelters.csv": SHELTERS}, "evacuation_space")
    said = [
        {"column": "災害種別_洪水", "before": "○", "value": "有"},
        {"column": "想定収容人数", "before": "1,002人", "value": "たぶん"},
    ]
    recipe = replace(
        first.recipe, steps=(*first.recipe.steps[:-2], Step("overrides", {"values": said}), *first.recipe.steps[-2:])
    )
    text = SHELTERS.replace("施設名", "施設の名称").replace("洪水", "洪水時").replace("収容人数", "避難可能人員数")
    again = making({"shelters.csv": text}, "evacuation_space", recipe=recipe)
    fields = ("名称", "災害種別_洪水", "想定収容人数")
    capacities = ["1001", None, "1003", "1004", "1005"]
    assert cells(again, *fields) == [(f"第{n}小学校", "1" if n % 2 else None, capacities[n - 1]) for n in range(1, 6)]
    told = {(event.reason, event.before, event.after) for event in again.run.events if event.severity != "info"}
    assert {("column-renamed", "施設名", "施設の名称"), ("answer-unread", "1,002人", None)} <= told
    assert report_of(again)["columns_left_out"] == []
    assert from_yaml(to_yaml(again.recipe)) == again.recipe
    with pytest.raises(RecipeForOther, match="色"):
        making({"shelters.csv": text.replace("住所", "色").replace("東京都", "#")}, "evacuation_space", recipe=recipe)

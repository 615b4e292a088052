"""Columns that are read together: a town and its chome, parts of a day or a code, words for flags, hours by day; lists set in two halves."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import orjson
from openpyxl import Workbook

from tdpf.controlplane.preparation.engine.blocks import repeated
from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.normalising.times import hours, weekdays
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.intake import take
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.processes.preparing import prepare_files


def rows_of(folder: Path, schema: str, lines: list[list[str]], *, name: str = "given.csv") -> list[dict[str, str]]:
    return _table(_prepared(folder, schema, lines, name=name))


def _prepared(folder: Path, schema: str, lines: list[list[str]], *, name: str = "given.csv") -> Prepared:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return prepare([path], load_schema(schema), folder=folder / "rows")


def _table(made: Prepared) -> list[dict[str, str]]:
    return [
        {column: cell for column, cell in zip(made.run.columns, row, strict=True) if cell} for row in made.run.rows()
    ]


def test_a_town_left_out_below_its_first_row_is_written_before_every_chome(tmp_path: Path) -> None:
    made = _prepared(
        tmp_path,
        "population",
        [
            ["令和6年4月1日現在", "", "", "", "", ""],
            ["町名", "", "世帯数", "男", "女", "総数"],
            ["旭丘", "1丁目", "20", "17", "18", "35"],
            ["", "2丁目", "10", "9", "8", "17"],
            ["", "計", "30", "26", "26", "52"],
            ["小竹町", "1", "12", "11", "10", "21"],
            ["桜台", "", "5", "4", "3", "7"],
            ["合計", "", "47", "41", "39", "80"],
        ],
    )
    assert [(row["地域名"], row["総人口"]) for row in _table(made)] == [
        ("旭丘1丁目", "35"), ("旭丘2丁目", "17"), ("小竹町1丁目", "21"), ("桜台", "7"),
    ]  # fmt: skip
    (event,) = [e for e in made.run.events if e.rule == "town.chome" and e.row == 2]
    assert (event.column, event.before, event.after, event.source_row) == ("地域名", None, "旭丘2丁目", 4)
    again = from_yaml(to_yaml(made.recipe))
    assert prepare([tmp_path / "given.csv"], load_schema("population"), folder=tmp_path / "r", recipe=again).run.rows() == made.run.rows()  # fmt: skip


def test_a_list_set_in_two_halves_is_one_table(tmp_path: Path) -> None:
    bands = [f"{first}～{first + 4}歳" for first in range(0, 100, 5)]
    lines = [["年齢", "男", "女", "年齢", "男", "女"]]
    for place in range(10):
        lines.append([bands[place], str(place), "1", bands[place + 10], "10", str(place + 2)])
    (row,) = rows_of(tmp_path, "population", lines, name="131059_人口_20240101.csv")
    assert (row["男性"], row["女性"], row["0-4歳の男性"], row["50-54歳の女性"]) == ("145", "75", "0", "2") != ("", "")  # fmt: skip
    halves = [["番号", "名称", "住所", "番号", "名称", "住所"]]
    halves += [
        [str(n), f"第{n}館", f"中野区中央1-{n}", str(n + 3), f"第{n + 3}館", f"中野区本町2-{n}"] for n in (1, 2, 3)
    ]
    assert [row["ID"] for row in rows_of(tmp_path, "public_facility", halves)] == ["1", "2", "3", "4", "5", "6"]
    assert repeated((("名称",), ("1回目", "男"), ("1回目", "女"))) == 0


def test_words_in_one_column_become_columns_of_yes_and_no(tmp_path: Path) -> None:
    places = [("地震・土砂災害", "1-1"), ("洪水・大規模な火事", "1-2"), ("地震", "1-3"), ("", "1-4")]
    rows = rows_of(
        tmp_path,
        "evacuation_space",
        [["名称", "住所", "対応災害"], *([f"第{n}小", f"中野区中央{n}", words] for words, n in places)],
    )
    flags = [{name.removeprefix("災害種別_") for name in row if name.startswith("災害種別_")} for row in rows]
    assert flags == [{"地震", "崖崩れ、土石流及び地滑り"}, {"洪水", "大規模な火事"}, {"地震"}, set()]


def test_a_day_and_a_code_in_parts_are_joined(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path,
        "event",
        [["年", "月", "日", "行事名", "開始", "終了", "会場", "内容"], ["令和6", "4", "6", "桜まつり", "9:00", "16:00", "公園", "模擬店"]],
    )  # fmt: skip
    assert (row["開始日"], row["終了日"], row["開始時間"]) == ("2024-04-06", "2024-04-06", "09:00")
    rows = rows_of(
        tmp_path,
        "hospital",
        [
            ["都道府県コード", "市区町村コード", "正式名称", "所在地"],
            ["13", "211", "昭和病院", "東京都小平市花小金井8-1-1"],
            ["13", "213", "北部病院", "東京都東村山市青葉町1-7-1"],
        ],
    )
    assert [(row["都道府県コード又は市区町村コード"], row["市区町村名"]) for row in rows] == [
        ("132110", "小平市"), ("132136", "東村山市"),
    ]  # fmt: skip


def test_hours_in_columns_of_days_are_kept_with_their_days(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "aed",
        [
            ["施設名", "住所", "設置場所", "設置階", "月～金", "土", "日祝"],
            ["第一小", "中野区中央1-1", "校門横", "", "8:00-17:00", "-", "-"],
            ["薬局", "中野区中央1-2", "レジ横", "1F", "9:00-19:00", "9:00-18:00", "×"],
            ["区役所", "中野区中央1-3", "1F受付", "1F", "終日", "終日", "終日"],
        ],
    )
    assert [row["利用可能曜日"] for row in rows] == ["月火水木金", "月火水木金土", "月火水木金土日"]
    assert [row["開始時間"] + row["終了時間"] for row in rows] == ["08:0017:00", "09:0019:00", "00:0024:00"]
    assert rows[1]["利用可能日時特記事項"] == "月～金 9:00-19:00 土 9:00-18:00"
    assert [row["設置位置"] for row in rows] == ["校門横", "レジ横　1F", "1F受付"]


def test_days_of_closing_the_service_of_a_list_and_beds_are_told(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path,
        "hospital",
        [["三鷹市　診療所一覧", "", "", "", ""], ["名称", "所在地", "診療時間", "休診日", "病床数"], ["あべ医院", "下連雀3-1", "9時～翌2時", "木・日", "無床"]],
    )  # fmt: skip
    assert (row["医療機関の種類"], row["病床数"], row["診療日時特記事項"]) == ("診療所", "0", "休診日：木・日")
    assert (row["診療開始時間"], row["診療終了時間"]) == ("09:00", "02:00")
    overnight = hours("夜間（21時～翌6時）")
    assert overnight is not None
    assert (overnight.closes, bool(overnight.rest)) == ("06:00", True)
    assert weekdays("平日,土,日,祝").value == "月火水木金土日"
    assert fold("対応する災害_洪水※1") == fold("対応する災害_洪水")


def test_a_day_with_a_time_of_day_fills_both_columns(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path,
        "traffic_restriction",
        [["件名", "規制開始日時", "規制終了日時", "規制区分", "規制箇所"], ["電線工事", "2024/6/1 9:00", "2024-06-03T17:00:00", "通行止め", "中野区中野4-8先"]],
    )  # fmt: skip
    assert (row["規制開始日"], row["規制開始時間"], row["規制終了日"], row["規制終了時間"]) == ("2024-06-01", "09:00", "2024-06-03", "17:00")  # fmt: skip
    assert "規制日時特記事項" not in row


def test_a_total_row_with_counted_flags_is_set_apart(tmp_path: Path) -> None:
    made = _prepared(
        tmp_path,
        "public_toilet",
        [
            ["No.", "名称", "住所", "小便器（男性用）", "大便器（男性用）", "大便器（女性用）", "バリアフリー"],
            *([str(n), f"第{n}トイレ", f"中野区中央1-{n}", str(n), "1", "2", "○"] for n in (1, 2, 3, 4)),
            ["合計", "4箇所", "", "10", "4", "8", "4"],
        ],
    )
    assert [row.why for row in made.run.apart] == ["total-label"]
    assert [(row["男性トイレ総数"], row["女性トイレ総数"]) for row in _table(made)] == [
        ("2", "2"),
        ("3", "2"),
        ("4", "2"),
        ("5", "2"),
    ]


def test_a_script_gets_a_summary_a_recipe_for_next_year_and_the_reason_of_a_refusal(
    tmp_path: Path, capfdbinary: object
) -> None:
    (tmp_path / "a.csv").write_text("名称,住所,延床面積\n甲館,中野区中央1-1,80\n", encoding="utf-8")
    kwargs = {"schema": "public_facility", "out": tmp_path / "o.csv", "report": tmp_path / "r.json", "as_json": True}
    recipe = tmp_path / "recipe.yaml"
    assert prepare_files([tmp_path / "a.csv"], recipe=None, save_recipe=recipe, **kwargs) == 0  # type: ignore[arg-type]
    said = orjson.loads(capfdbinary.readouterr().out)  # type: ignore[attr-defined]
    assert (said["rows"]["out"], said["columns_left_out"], said["missing_required"]) == (1, ["延床面積"], [])
    first = (tmp_path / "o.csv").read_bytes()
    assert prepare_files([tmp_path / "a.csv"], recipe=recipe, **kwargs) == 0  # type: ignore[arg-type]
    assert (tmp_path / "o.csv").read_bytes() == first
    assert prepare_files([tmp_path / "a.csv"], recipe=None, save_recipe=tmp_path / "a.csv", **kwargs) == 2  # type: ignore[arg-type]
    capfdbinary.readouterr()  # type: ignore[attr-defined]
    (tmp_path / "b.csv").write_text("1,35.6,139.1\n2,35.7,139.2\n3,35.8,139.3\n", encoding="utf-8")
    assert prepare_files([tmp_path / "b.csv"], recipe=None, **kwargs) == 1  # type: ignore[arg-type]
    assert orjson.loads(capfdbinary.readouterr().out)["error"]["code"] == "preparation/header-missing"  # type: ignore[attr-defined]


def test_a_crossed_table_of_areas_or_months_is_turned(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        "population",
        [["令和6年4月1日", "", "", ""], ["", "本町", "緑町", "合計"], ["世帯数", "10", "20", "30"], ["人口総数", "21", "42", "63"], ["　男", "10", "20", "30"], ["　女", "11", "22", "33"]],
    )  # fmt: skip
    assert [(row["地域名"], row["総人口"], row["男性"], row["女性"], row["世帯数"]) for row in rows] == [
        ("本町", "21", "10", "11", "10"), ("緑町", "42", "20", "22", "20"),
    ]  # fmt: skip
    made = _prepared(
        tmp_path,
        "population",
        [
            ["地区", "区分", "令和6年1月", "令和6年2月"],
            *(
                [area if kind == "世帯" else "", kind, str(base), str(base + 1)]
                for area in ("東町", "西町", "合計")
                for kind, base in (("世帯", 10), ("計", 20), ("男", 9), ("女", 10))
            ),
        ],
        name="months.csv",
    )
    assert [(row["地域名"], row["調査年月日"], row["総人口"]) for row in _table(made)] == [
        ("東町", "2024-01-01", "20"), ("東町", "2024-02-01", "21"), ("西町", "2024-01-01", "20"), ("西町", "2024-02-01", "21"),
    ]  # fmt: skip
    assert [(ref.row, ref.column) for ref in made.run.frame.trace(3, "女性")] == [(9, "D")]
    assert [entry.row for entry in made.run.apart] == [10, 11, 12, 13]


def test_circles_below_subjects_of_one_letter_are_a_list(tmp_path: Path) -> None:
    lines = [
        ["名称", "所在地", "病床数", "内", "外", "小児"],
        ["あ病院", "中野区中央1-1", "20", "○", "", "○"],
        ["い医院", "中野区中央1-2", "0", "", "○", ""],
    ]
    assert [row["診療科目"] for row in rows_of(tmp_path, "hospital", lines)] == ["内科;小児科", "外科"]


def test_a_sheet_of_other_things_is_not_stacked_on_the_one_that_fits(tmp_path: Path) -> None:
    """The toilets have no place for half of their columns, and lack what every AED must say."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {
        "トイレ": [
            ["名称", "所在地", "男子便器", "女子便器"],
            ["東便所", "中野区中野1-1", 2, 1],
            ["西便所", "中野区中野2-2", 1, 1],
        ],
        "AED": [
            ["名称", "所在地", "設置場所", "台数"],
            ["区役所", "中野区中野4-8", "1階", 2],
            ["会館", "中野区中央2-3", "2階", 1],
        ],
    }.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    taken = take(tmp_path / "two.xlsx", load_schema("aed"), folder=tmp_path, first_id=1)
    assert [table.table.sheet for table in taken.tables] == ["AED"]

"""Headers that are missing, begin late, hold units in a row of their own or come again: no record is taken for one, none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.recipes.errors import HeaderMissing
from tdpf.controlplane.preparation.engine.recipes.preparing import gather, prepare
from tdpf.controlplane.preparation.engine.recipes.proposing import propose_recipe
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.types import ReadResult

VALUES_ONLY = (
    "みどり市民会館,東京都中野区中野4-8-1,35.7074,139.6638,03-0000-1111,https://example.jp/1\n"
    "中央図書館,東京都中野区中央2-9-7,35.6971,139.6825,03-0000-2222,https://example.jp/2\n"
    "桜公園,東京都中野区本町1-2-3,35.6951,139.6801,03-0000-3333,https://example.jp/3\n"
)


def read(text: str, folder: Path) -> ReadResult:
    path = folder / "表.csv"
    path.write_text(text, encoding="utf-8")
    return read_file(path, path.name)


def codes(result: ReadResult) -> set[str]:
    return {note.code for note in (*result.notes, *result.table.notes)}


@pytest.mark.parametrize(
    "text",
    [
        VALUES_ONLY,
        "東公園,中野区中央1-1\n西公園,中野区本町2-2\n南公園,中野区弥生町3-3\n",
        "東公園,03-0000-1111,入口\n西公園,03-0000-2222,\n南公園,042-111-3333,園内\n",
        "164-0001,第一保育園,7:00～18:00\n164-0002,第二保育園,7:15～18:15\n164-0003,第三保育園,7:30～19:00\n",
    ],
)
def test_a_first_record_is_no_header(text: str, tmp_path: Path) -> None:
    result = read(text, tmp_path)
    assert "header-missing" in codes(result)
    assert result.table.header_rows == ()
    assert [",".join(cell or "" for cell in row) for row in result.table.iter_rows()] == text.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "名称,住所,電話番号\n東公園,中野区中央1-1,03-0000-1111\n西公園,中野区本町2-2,03-0000-2222\n南公園,中野区弥生町3-3,03-0000-3333\n",
        "https://schema.org/name,https://schema.org/url\n東公園,https://example.jp/1\n西公園,https://example.jp/2\n南公園,https://example.jp/3\n",
        "名称,https://schema.org/url\n東公園,https://example.jp/1\n西公園,https://example.jp/2\n南公園,https://example.jp/3\n",
        "施設,4月,5月,6月\n東館,10,20,30\n西館,11,21,31\n南館,12,22,32\n",
    ],
)
def test_names_of_columns_stay_a_header(text: str, tmp_path: Path) -> None:
    result = read(text, tmp_path)
    assert "header-missing" not in codes(result)
    assert result.table.row_count == 3


def test_columns_without_a_name_are_known_by_their_values_where_these_leave_no_doubt(tmp_path: Path) -> None:
    path = tmp_path / "一覧.csv"
    path.write_text(VALUES_ONLY, encoding="utf-8")
    schema = load_schema("public_facility")
    gathered = gather([path], schema, folder=tmp_path / "rows")
    columns = propose_recipe(gathered.tables, schema).mappings["t1"].columns
    assert [entry.target for entry in columns] == ["名称", "所在地_連結表記", "緯度", "経度", "電話番号", "URL"]
    assert len(prepare([path], schema, folder=tmp_path / "again").run.rows()) == 3


def test_a_running_number_without_a_name_is_no_code_of_a_prefecture(tmp_path: Path) -> None:
    path = tmp_path / "一覧.csv"
    path.write_text(
        "1,東公園トイレ,東京都中野区中央2-1-1\n2,西公園トイレ,東京都中野区本町3-2-1\n3,北公園トイレ,東京都中野区江古田4-3-1\n",
        encoding="utf-8",
    )
    made = prepare([path], load_schema("public_facility"), folder=tmp_path / "rows")
    assert made.proposal is not None
    assert made.proposal.mappings["t1"].accepted == {"列2": "名称", "列3": "所在地_連結表記"}


def test_of_two_columns_of_one_kind_none_is_taken_and_a_person_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "一覧.csv"
    path.write_text(
        "山田太郎,佐藤花子,03-0000-1111,03-0000-1112\n鈴木一郎,高橋次郎,03-0000-2221,03-0000-2222\n田中三郎,伊藤四郎,03-0000-3331,03-0000-3332\n",
        encoding="utf-8",
    )
    schema = load_schema("public_facility")
    with pytest.raises(HeaderMissing) as refused:
        prepare([path], schema, folder=tmp_path / "rows")
    assert "列3＝電話番号？" in refused.value.detail_in("ja")
    gathered = gather([path], schema, folder=tmp_path / "again")
    proposal = propose_recipe(gathered.tables, schema, asking=True)
    assert proposal.mappings["t1"].accepted == {}
    chosen = {"列1": "名称", "列2": "", "列3": "電話番号", "列4": ""}
    decided = propose_recipe(gathered.tables, schema, decided={"t1": chosen}, asking=True)
    assert decided.mappings["t1"].accepted == {"列1": "名称", "列3": "電話番号"}


def test_lists_of_departments_are_known_by_their_words(tmp_path: Path) -> None:
    path = tmp_path / "医療機関.csv"
    path.write_text(
        "みどり内科医院,164-0001,東京都中野区中野4-8-1,03-0000-1111,内科 循環器科,佐藤花子\n中央病院,164-0011,東京都中野区中央2-9-7,03-0000-2222,内科 外科 小児科,高橋次郎\n"
        "東クリニック,164-0012,東京都中野区本町1-2-3,03-0000-3333,皮膚科,伊藤四郎\n",
        encoding="utf-8",
    )
    made = prepare([path], load_schema("hospital"), folder=tmp_path / "rows")
    assert made.proposal is not None
    assert made.proposal.mappings["t1"].accepted == {"列1": "名称", "列3": "住所", "列4": "電話番号", "列5": "診療科目"}


def test_a_group_row_may_begin_after_the_first_column(tmp_path: Path) -> None:
    table = read(
        ",,位置,,連絡先,\n番号,名称,緯度,経度,電話,FAX\n1,東館,35.70,139.70,03-0000-1111,03-0000-1112\n"
        "2,西館,35.71,139.71,03-0000-2221,03-0000-2222\n3,南館,35.72,139.72,03-0000-3331,03-0000-3332\n",
        tmp_path,
    ).table
    assert table.row_count == 3
    assert table.column_names == ("番号", "名称", "位置_緯度", "位置_経度", "連絡先_電話", "連絡先_FAX")


def test_a_group_row_over_words_alone_belongs_to_the_header(tmp_path: Path) -> None:
    table = read(
        ",利用時間,,休み\n名称,平日,休日,曜日\n東館,午前のみ,終日,月曜\n西館,終日,終日,火曜\n南館,午後のみ,午前のみ,なし\n",
        tmp_path,
    ).table
    assert table.column_names == ("名称", "利用時間_平日", "利用時間_休日", "休み_曜日")
    assert table.row_count == 3


@pytest.mark.parametrize(
    "units", ["（人）,（㎡）,（mm）", "人,㎡,mm", "(単位:人),(単位:㎡),(単位:mm)", "[人],[㎡],[mm]"]
)
def test_a_row_of_units_is_no_record(units: str, tmp_path: Path) -> None:
    table = read(f"施設,定員,面積,口径\n,{units}\n東館,100,500,65\n西館,200,600,75\n南館,300,700,100\n", tmp_path).table
    assert table.row_count == 3
    assert [column.unit for column in table.columns] == ["", "人", "㎡", "mm"]


def test_a_header_of_two_rows_that_comes_again_is_left_out_and_told(tmp_path: Path) -> None:
    head = "番号,名称,定員,,電話\n,,大人,子供,\n"
    lines = [f"{number},第{number}会館,{number * 10},{number},03-0000-{number:04}\n" for number in range(1, 25)]
    result = read(head + "".join(lines[:12]) + head + "".join(lines[12:]), tmp_path)
    assert result.table.column_names == ("番号", "名称", "定員_大人", "定員_子供", "電話")
    assert [row[1] for row in result.table.iter_rows()] == [f"第{number}会館" for number in range(1, 25)]
    assert "header-repeated" in codes(result)


def test_half_a_header_that_comes_again_is_data(tmp_path: Path) -> None:
    head = "番号,名称,定員,\n,,大人,子供\n"
    lines = [f"{number},第{number}会館,{number * 10},{number}\n" for number in range(1, 25)]
    table = read(head + "".join(lines[:20]) + "番号,名称,定員,\n" + "".join(lines[20:]), tmp_path).table
    assert [row[1] for row in table.iter_rows()].count("名称") == 1
    assert table.row_count == 25


def test_a_header_of_two_columns_that_comes_again_is_left_out(tmp_path: Path) -> None:
    result = read("名称,住所\n東館,中央1-1\n西館,本町2-2\n名称,住所\n南館,弥生町3-3\n", tmp_path)
    assert [row[0] for row in result.table.iter_rows()] == ["東館", "西館", "南館"]
    assert "header-repeated" in codes(result)

"""Real municipal files, each against what a person saw in it: header rows, data rows, columns, or why it is refused.

`corpus_truth.tsv` was written by looking at the files; the counts were checked against plain counts of non-blank rows.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.kit.errors import Problem

TRUTH = Path(__file__).with_name("corpus_truth.tsv")
FOLDERS = [
    "toilet",
    "evacuation",
    "medical",
    "care",
    "aed",
    "event",
    "population",
    "public_facility",
    "food_licence",
    "tourism",
    "shelter_status",
]


def _truth() -> list[dict[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("seen", _truth(), ids=lambda seen: f"{seen['file']}:{seen['choice']}".rstrip(":"))
def test_a_real_file_is_read_as_a_person_sees_it(corpus: Path, seen: dict[str, str]) -> None:
    path = corpus / seen["file"]
    if seen["outcome"] != "read":
        with pytest.raises(Problem) as refused:
            read_file(path, path.name)
        problem = refused.value
        assert problem.code == seen["outcome"]
        assert len(problem.detail_in("ja")) > 20
        assert not re.search(r"[{}]", problem.detail_in("ja") + problem.detail_in("en"))
        if seen["tables"]:
            choices = problem.data["choices"]
            assert isinstance(choices, list)
            assert len(choices) == int(seen["tables"])
        return
    result = read_file(path, path.name, choice=seen["choice"] or None)
    table = result.table
    assert result.format == seen["format"]
    assert ",".join(map(str, table.header_rows)) == seen["header_rows"]
    assert table.row_count == int(seen["rows"]) == sum(1 for _ in table.iter_rows())
    assert len(table.columns) == int(seen["columns"])
    assert len(set(table.column_names)) == len(table.columns)
    assert all(len(row) == len(table.columns) for row in table.iter_rows())


def test_the_truth_covers_every_file_of_the_kinds(corpus: Path) -> None:
    there = {f"{folder}/{path.name}" for folder in FOLDERS for path in (corpus / folder).iterdir() if path.is_file()}
    assert there <= {seen["file"] for seen in _truth()}


def test_every_value_of_a_real_csv_is_found_again(corpus: Path) -> None:
    for folder in FOLDERS:
        for path in sorted((corpus / folder).glob("*.csv")):
            raw = path.read_bytes()
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = raw.decode("cp932")
            cells = {cell for row in csv.reader(text.splitlines(keepends=True)) for cell in row if cell.strip()}
            result = read_file(path, path.name)
            table = result.table
            kept = {cell for row in table.iter_rows() for cell in row if cell}
            said = " ".join([*(note.text for note in (*result.notes, *table.notes)), *table.column_names])
            headers = re.sub(r"\s", "", said + "".join(part for column in table.columns for part in column.header))
            lost = [cell for cell in cells - kept if re.sub(r"\s", "", cell) not in headers]
            assert not [cell for cell in lost if not cell.startswith(("http", "#property"))], path.name


def test_codes_keep_their_zeros_and_numbers_no_fraction(corpus: Path) -> None:
    oyama = read_file(corpus / "toilet/oyama_092088_public_toilet.csv", "oyama.csv").table
    first = dict(zip(oyama.column_names, next(oyama.iter_rows()), strict=True))
    assert first["都道府県コード又は市区町村コード"] == "092088"
    assert first["NO"] == "0110000001"
    kinds = {column.name: column.type for column in oyama.columns}
    assert kinds["都道府県コード又は市区町村コード"] == kinds["NO"] == "code"
    assert kinds["緯度"] == "number"
    yanai = read_file(corpus / "tourism/yanai_2311.xlsx", "yanai.xlsx").table
    assert next(yanai.iter_rows())[:2] == ["352128", "0000000001"]


def test_damaged_codes_title_rows_examples_and_remarks_are_told(corpus: Path) -> None:
    ube = read_file(corpus / "event/ube_event.csv", "ube.csv").table
    assert "excel-damaged-codes" in {note.code for note in ube.columns[0].notes}
    hospitals = read_file(corpus / "medical/tokyo_disaster_base_hospitals_20220101.csv", "h.csv").table
    assert hospitals.title_lines == ("東京都災害拠点病院一覧", "令和4年1月1日現在")
    assert hospitals.column_names[-1] == "三次救急"
    assert next(note for note in hospitals.notes if note.code == "notes-below").text.startswith("★印は")
    shimonoseki = read_file(corpus / "population/shimonoseki_352012_20210930.xlsx", "s.xlsx")
    assert "sample-sheet" in {note.code for note in shimonoseki.notes}
    assert not any("札幌市" in row for row in shimonoseki.table.iter_rows())


def test_header_of_several_rows_is_joined_with_groups_and_units(corpus: Path) -> None:
    census = read_file(corpus / "population/pref_kokuchou2020_5sai.xlsx", "k.xlsx").table
    assert census.column_names[:4] == ("国籍総数か日本人", "男女", "地域識別コード", "都道府県")
    assert census.column_names[5:7] == ("人口_年齢_1_00_総数", "人口_年齢_1_01_0～4歳")
    assert census.columns[5].unit == "人"
    thirds = read_file(corpus / "population/pref_5year_3kubun_2015.xls", "t.xls", choice="3区分人口、割合").table
    assert thirds.column_names[:5] == ("市町", "総数", "0～14歳_総数", "0～14歳_男", "0～14歳_女")

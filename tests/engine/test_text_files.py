"""CSV, TSV and their kin: encodings, separators, headers, raggedness; no value is lost by any of it."""

from __future__ import annotations

import codecs
import csv
import io
import random
import sys
from pathlib import Path
from types import FrameType

import pytest
from engine_files import Read, codes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.encoding import find_encoding
from tdpf.controlplane.preparation.engine.mixed_lines import MIXED
from tdpf.controlplane.preparation.engine.reading import read_file

PLAIN = "施設名,所在地,電話番号,定員\n中央公民館,千代田区丸の内1-1,03-1234-5678,120\n北図書館,北区王子１の２,03-2345-6789,45\n"
ROWS = [
    ["中央公民館", "千代田区丸の内1-1", "03-1234-5678", "120"],
    ["北図書館", "北区王子１の２", "03-2345-6789", "45"],
]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "iso2022_jp"],
)
def test_every_japanese_encoding_gives_the_same_rows(read: Read, encoding: str) -> None:
    table = read(PLAIN, encoding=encoding).table
    assert table.column_names == ("施設名", "所在地", "電話番号", "定員")
    assert list(table.iter_rows()) == ROWS


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_finding_shift_jis_takes_a_few_steps_a_line_and_none_for_each_letter(tmp_path: Path, mark: bytes) -> None:
    lines = 500
    path = tmp_path / "公衆便所.csv"
    text = "".join(
        f"{number},東京都新宿区西新宿二丁目の区立公衆便所は毎日午前九時から清掃\r\n" for number in range(lines)
    )
    path.write_bytes(mark + text.encode("cp932"))
    steps = 0

    def step(_frame: FrameType, _event: str, _about: object) -> None:
        nonlocal steps
        steps += 1

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        found = find_encoding(path, name=path.name)
    finally:
        sys.setprofile(before)
    assert found.codec == (MIXED if mark else "cp932")
    assert steps < 40 * lines


def test_the_first_japanese_letter_may_come_late(read: Read) -> None:
    text = "id,name\n" + "".join(f"{number},plain\n" for number in range(60_000)) + "60000,東京都庁\n"
    result = read(text, encoding="cp932")
    assert result.encoding == "Shift_JIS（CP932）"
    assert list(result.table.iter_rows())[-1] == ["60000", "東京都庁"]


def test_extended_letters_of_windows_survive(read: Read) -> None:
    table = read("名称,備考\n髙﨑①㈱,～\n森鴎外,Ⅲ\n", encoding="cp932").table
    assert next(iter(table.iter_rows()))[0] == "髙﨑①㈱"


def test_one_broken_byte_is_shown_and_told_not_dropped(read: Read) -> None:
    raw = "施設名,所在地\n中央公民館,千代田区\n".encode() + b"\xe3\x81,A\n" + "北図書館,北区\n".encode() * 40
    result = read(raw)
    assert result.table.row_count == 42
    assert "unreadable-characters" in {note.code for note in result.table.notes}


@pytest.mark.parametrize(
    ("separator", "name"), [(",", "a.csv"), ("\t", "a.tsv"), ("\t", "a.txt"), (";", "a.csv"), ("|", "a.txt")]
)
def test_every_separator_is_found(read: Read, separator: str, name: str) -> None:
    result = read(PLAIN.replace(",", separator), name)
    assert result.delimiter == separator
    assert list(result.table.iter_rows()) == ROWS


def test_commas_in_prose_do_not_win_over_tabs(read: Read) -> None:
    text = "名称\t説明\n" + "".join(f"施設{n}\t広い, 明るい, 静か\n" for n in range(9))
    assert read(text, "a.csv").delimiter == "\t"


def test_the_sep_line_of_excel_is_obeyed(read: Read) -> None:
    result = read("sep=;\r\n" + PLAIN.replace(",", ";"))
    assert list(result.table.iter_rows()) == ROWS
    assert "separator-line" in codes(result)


def test_one_column_stays_one_column(read: Read) -> None:
    table = read("施設名\n中央公民館\n北図書館\n南会館\n", "a.csv").table
    assert table.column_names == ("施設名",)
    assert list(table.iter_rows()) == [["中央公民館"], ["北図書館"], ["南会館"]]


def test_quotes_line_breaks_and_separators_inside_cells(read: Read) -> None:
    table = read('名称,説明\r\nA,"一行目\r\n二行目, ""引用"""\r\nB,短い\r\n').table
    assert next(iter(table.iter_rows())) == ["A", '一行目\r\n二行目, "引用"']


def test_an_unclosed_quote_swallows_nothing(read: Read) -> None:
    lines = "".join(f"施設{n},{n},東京都\n" for n in range(30))
    result = read('名称,番号,"所在地\n' + lines)
    assert result.table.row_count >= 30
    assert "quoting" in codes(result)


def test_an_unclosed_quote_far_down_swallows_nothing(read: Read) -> None:
    lines = "".join(f"施設{n},{n},東京都千代田区\n" for n in range(20_000))
    result = read("名称,番号,所在地\n" + lines + '"壊れた行,1,2\n' + "".join(f"後{n},{n},大阪\n" for n in range(2_000)))
    assert result.table.row_count == 22_001
    assert "quoting" in codes(result)


def test_title_rows_units_and_remarks_are_set_apart(read: Read) -> None:
    text = (
        "公共施設の利用者数,,,\n,,,（単位：人）\n施設名,4月,5月,計\n中央館,10,20,30\n北館,1,2,3\n合計,11,22,33\n"
        "※ 速報値です。確定後に変わることがあります。,,,\n"
    )
    result = read(text)
    table = result.table
    assert table.header_rows == (3,)
    assert table.title_lines == ("公共施設の利用者数", "（単位：人）")
    assert [row[0] for row in table.iter_rows()] == ["中央館", "北館", "合計"]
    below = next(note for note in table.notes if note.code == "notes-below")
    assert "速報値" in below.text


def test_two_header_rows_without_merges_are_joined(read: Read) -> None:
    text = "地域,人口,,,世帯数\n,男,女,計,\n東町,10,12,22,9\n西町,20,21,41,18\n南町,5,6,11,4\n"
    table = read(text).table
    assert table.column_names == ("地域", "人口_男", "人口_女", "人口_計", "世帯数")
    assert table.row_count == 3


def test_a_units_row_below_the_header_becomes_units(read: Read) -> None:
    table = read("施設,面積,利用者\n,㎡,人\n中央館,1200,300\n北館,800,120\n南館,90,10\n").table
    assert [column.unit for column in table.columns] == ["", "㎡", "人"]
    assert table.row_count == 3


def test_years_as_header_are_a_header(read: Read) -> None:
    table = read("地域,2015,2020,2025\n東町,10,12,22\n西町,20,21,41\n南町,5,6,11\n").table
    assert table.column_names == ("地域", "2015", "2020", "2025")


def test_without_a_header_columns_are_numbered_and_no_row_is_lost(read: Read) -> None:
    result = read("1,35.68,139.76\n2,35.69,139.70\n3,35.70,139.80\n4,35.71,139.60\n")
    assert result.table.column_names == ("列1", "列2", "列3")
    assert result.table.row_count == 4
    assert "header-missing" in codes(result)


def test_duplicate_and_empty_headers_get_names_of_their_own(read: Read) -> None:
    result = read("名称,備考,備考,,備考_2\nA,1,2,3,4\nB,5,6,7,8\n")
    assert result.table.column_names == ("名称", "備考", "備考_3", "列4", "備考_2")
    assert {"header-duplicate", "header-empty"} <= codes(result)


def test_ragged_rows_are_padded_widened_and_told(read: Read) -> None:
    result = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    rows = list(result.table.iter_rows())
    assert rows == [["1", "2", "3", None], ["4", "5", None, None], ["6", "7", "8", "9"], ["10", "11", "12", None]]
    assert {"short-rows", "long-rows", "header-empty"} <= codes(result)


def test_blank_rows_go_and_missing_days_do_not_part_the_table(read: Read) -> None:
    days = "".join(f"2024-01-{day:02},{day},{day * 2}\n" + (",,\n" if day % 5 == 0 else "") for day in range(1, 25))
    result = read("日付,人数,台数\n" + days)
    assert result.table.row_count == 24
    assert "blank-rows" in codes(result)


def test_a_sparse_last_record_is_a_record(read: Read) -> None:
    lines = "".join(f"{n},施設{n},a,b,c,d,e,f,g\n" for n in range(20))
    table = read("番号,名称,c1,c2,c3,c4,c5,c6,c7\n" + lines + "与那国町,,,,,,,,\n").table
    assert table.row_count == 21


def test_a_repeated_header_is_left_out_and_told(read: Read) -> None:
    result = read("名称,住所,電話\nA,東町1,03-1111-2222\n名称,住所,電話\nB,西町2,03-1111-3333\nC,南町3,03-1111-4444\n")
    assert result.table.row_count == 3
    assert "header-repeated" in codes(result)


def test_linkdata_preamble_is_set_apart(read: Read) -> None:
    text = (
        "#LINK,http://linkdata.org/upload,\n#lang,ja,\n#attribution_name,宇宙市,\n"
        "#property,名称,http://www.w3.org/2003/01/geo/wgs84_pos#lat\n#object_type_xsd,string:ja,float\n"
        "#property_context,assertion,assertion\n1,中央館,35.1\n2,北館,35.2\n"
    )
    table = read(text).table
    assert table.column_names == ("#property", "名称", "lat")
    assert table.row_count == 2


def test_types_are_proposed_and_values_stay(read: Read) -> None:
    text = (
        "団体コード,ID,電話番号,緯度,人数,開設日,開始,更新,公開,単価,欠測\n"
        '011002,1,0312345678,35.6,12,2024-01-09,09:00,2024-01-09T10:00,true,"1,200",12\n'
        '131016,2,0312345679,35.70,0,2024-02-29,17:30,2024-01-09 10:00:30,false,"3,400",-\n'
        '092088,3,0312345670,36,3,2023-12-31,24:00,2024-01-10T10:00,true,"5,600",14\n'
    )
    table = read(text).table
    assert {column.name: column.type for column in table.columns} == {
        "団体コード": "code", "ID": "code", "電話番号": "string", "緯度": "number", "人数": "integer", "開設日": "date",
        "開始": "time", "更新": "datetime", "公開": "boolean", "単価": "string", "欠測": "integer",
    }  # fmt: skip
    assert next(table.iter_rows())[9] == "1,200"
    assert [row[10] for row in table.iter_rows()] == ["12", "-", "14"]


def test_fifty_thousand_rows_are_read_whole(tmp_path: Path) -> None:

    path = tmp_path / "big.csv"
    chance = random.Random(1)
    with path.open("w", encoding="cp932", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["団体コード", "ID", "名称", "所在地", "緯度", "経度", "電話番号", "開始", "説明", "定員"])
        for n in range(50_000):
            place = 35 + chance.random()
            writer.writerow(
                [
                    "131016",
                    f"{n:010}",
                    f"施設{n}",
                    f"丸の内{n % 9}",
                    place,
                    139.7,
                    "03-1234-5678",
                    "09:00",
                    "説明" * 9,
                    n % 300,
                ]
            )
    assert read_file(path, "big.csv", spill=tmp_path).table.row_count == 50_000


LETTERS = st.characters(
    codec="cp932", exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="\ufeff�\u00a0¢£¬‖−〜"
)
CELL = st.text(LETTERS, min_size=1, max_size=12).filter(lambda text: text.strip() != "")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.lists(st.lists(st.one_of(CELL, st.just("")), min_size=3, max_size=3), min_size=2, max_size=12),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp932"]),
    separator=st.sampled_from([",", "\t", ";"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_no_value_is_lost_in_any_encoding_and_dialect(
    tmp_path: Path, body: list[list[str]], encoding: str, separator: str, quoting: int, line_end: str
) -> None:
    """Whatever stands in the cells is in the rows, the notes or the names afterwards, letter for letter."""
    keyed = [[f"施設{number}", *cells] for number, cells in enumerate(body)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=line_end)  # type: ignore[arg-type]
    writer.writerow(["名称", "項目あ", "項目い", "項目う"])
    writer.writerows(keyed)
    path = tmp_path / "made.csv"
    try:
        raw = out.getvalue().encode(encoding)
    except UnicodeEncodeError:
        return
    path.write_bytes(raw)
    table = read_file(path, "made.csv").table
    assert [[cell or "" for cell in row] for row in table.iter_rows()] == keyed

"""Headers in Japanese and English: the Japanese names the column, the English is its second title and evidence for what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tdpf.controlplane.preparation.engine.dictionary import propose_dictionary
from tdpf.controlplane.preparation.engine.header_languages import in_two_languages
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

JAPANESE = ["施設名", "所在地", "電話番号", "備考"]
ENGLISH = ["Facility name", "Address", "Phone number", "Remarks"]
ROWS = "".join(f"第{n}会館,姫路市本町{n}-1,079-222-000{n},土足厳禁\n" for n in range(1, 6))


@pytest.mark.parametrize(
    "between", ["{ja} / {en}", "{ja}／{en}", '"{ja}\n{en}"', "{ja}（{en}）", "{ja} {en}", "{en} | {ja}"]
)
def test_both_in_one_cell_are_parted(read: Callable[..., Any], between: str) -> None:
    header = ",".join(between.format(ja=ja, en=en) for ja, en in zip(JAPANESE, ENGLISH, strict=True))
    table = read(f"{header}\n{ROWS}").table
    assert list(table.column_names) == JAPANESE
    assert [column.title_en for column in table.columns] == ENGLISH
    assert [entry["title_en"] for entry in propose_dictionary(table)] == ENGLISH
    assert table.row_count == 5


@pytest.mark.parametrize("first", [JAPANESE, ENGLISH])
def test_both_in_rows_of_their_own_are_one_header(read: Callable[..., Any], first: list[str]) -> None:
    second = ENGLISH if first is JAPANESE else JAPANESE
    table = read(f"{','.join(first)}\n{','.join(second)}\n{ROWS}").table
    assert table.header_rows == (1, 2)
    assert list(table.column_names) == JAPANESE
    assert [column.title_en for column in table.columns] == ENGLISH
    assert table.row_count == 5


def test_a_record_in_latin_letters_is_no_header(read: Callable[..., Any]) -> None:
    table = read("名称,所在地,分類\nTokyo Tower,Minato,Tower\nSky Tree,Sumida,Tower\nBudokan,Chiyoda,Hall\n").table
    assert (table.header_rows, table.row_count) == ((1,), 3)


@pytest.mark.parametrize(
    "header",
    [
        ["施設名", "緯度（WGS84）", "経度（WGS84）", "URL"],
        ["施設名", "電話/FAX", "更新日（yyyy/mm/dd）", "Wi-Fi 設置"],
        ["AED設置場所", "施設ID", "HP URL", "標高（m）"],
    ],
)
def test_what_belongs_to_a_japanese_name_stays_in_it(header: list[str]) -> None:
    assert in_two_languages(header) == {}


def test_the_english_speaks_where_the_japanese_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "halls.csv"
    path.write_text(
        "よびな / Facility name,ばしょ / Address,でんわ / Telephone\n" + ROWS.replace(",土足厳禁", ""), encoding="utf-8"
    )
    made = prepare([path], load_schema("public_facility"), folder=tmp_path / "rows")
    assert made.run.frame.columns["名称"][0] == "第1会館"
    assert made.run.frame.columns["所在地_連結表記"][0] == "兵庫県姫路市本町1-1"
    assert made.run.frame.columns["電話番号"][0] == "079-222-0001"

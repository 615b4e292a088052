"""Column mapping: names propose, values may forbid, one column for one field, and persons have the last word."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from benchmarks.mapping import measure
from engine_files import Read
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.mapping.assignment import assign
from tdpf.controlplane.preparation.engine.mapping.proposing import propose_mapping
from tdpf.controlplane.preparation.engine.mapping.types import ConfirmedMappings, TableMapping
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.types import TableFound


def mapped(table: TableFound, schema: str, confirmed: ConfirmedMappings | None = None) -> TableMapping:
    values = [list(cells) for cells in zip(*table.iter_rows(), strict=True)]
    return propose_mapping(table.columns, values, load_schema(schema), confirmed=confirmed)


def test_names_of_towns_find_their_fields(read: Read) -> None:
    table = read(
        "№,施設名（正式名称）,施設所在地,TEL,男子大便器洋式,共用便器和式,オストメイト（有無）,緯度（世界測地系）,経度（世界測地系）\n"
        "1,東公園,東京都中野区中央1-1,03-1234-5678,2,1,○,35.7,139.6\n"
    ).table
    assert mapped(table, "public_toilet").accepted == {
        "№": "ID",
        "施設名（正式名称）": "名称",
        "施設所在地": "所在地_連結表記",
        "男子大便器洋式": "男性トイレ数（洋式）",
        "共用便器和式": "男女共用トイレ数（和式）",
        "オストメイト（有無）": "オストメイト設置トイレ有無",
        "緯度（世界測地系）": "緯度",
        "経度（世界測地系）": "経度",
    }


def test_values_have_a_veto(read: Read) -> None:
    table = read(
        "名称,多目的トイレ数,URL,電話番号\n"
        + "".join(f"公園{n},{'○' if n % 2 else '×'},{'有' if n % 3 else '無'},担当{n}係\n" for n in range(12))
    ).table
    accepted = mapped(table, "public_toilet").accepted
    assert accepted == {"名称": "名称"}


def test_an_often_empty_column_stands_back_from_a_required_field(read: Read) -> None:
    table = read("許可番号,営業所名称,屋号,所在地\n1,麺や本店,麺や,町1-1\n2,花菓子,,町1-2\n3,喫茶北,,町1-3\n").table
    accepted = mapped(table, "food_business").accepted
    assert accepted["営業所名称"] == "施設名称"
    assert "屋号" not in accepted


def test_unsure_columns_offer_at_most_three(read: Read) -> None:
    table = read("名称,住所,トイレの様子の話\n東公園,東京都中野区中央1-1,入口付近\n").table
    unsure = mapped(table, "public_toilet").columns[2]
    assert unsure.target == ""
    assert len(unsure.suggestions) <= 3


def test_what_a_person_confirmed_counts_for_the_publisher_first(read: Read) -> None:
    table = read("名称,住所,区分2\n東公園,東京都中野区中央1-1,入口\n").table
    confirmed = ConfirmedMappings({})
    confirmed.confirm("public_toilet", "区分２", "設置位置", publisher="131148")
    entry = mapped(table, "public_toilet", confirmed).columns[2]
    assert (entry.target, entry.method) == ("設置位置", "confirmed")
    confirmed.confirm("public_toilet", "名称", "", publisher="")
    assert mapped(table, "public_toilet", confirmed).columns[0].target == ""


@given(
    st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 20).map(float), min_size=columns, max_size=columns), min_size=1, max_size=4
        )
    )
)
def test_the_assignment_has_the_greatest_sum(scores: list[list[float]]) -> None:
    given_ = assign(scores)
    taken = [column for column in given_ if column is not None]
    assert len(taken) == len(set(taken))
    got = sum(scores[row][column] for row, column in enumerate(given_) if column is not None)
    width = len(scores[0])
    choices = [*range(width), *[None] * len(scores)]
    best = max(
        sum(scores[row][column] for row, column in enumerate(choice) if column is not None)
        for choice in itertools.permutations(choices, len(scores))
    )
    assert got == best


def test_real_headers_are_mapped_rightly(corpus: Path) -> None:
    scores, misses = measure(corpus)
    for split in ("held-out", "used"):
        assert scores[split].precision >= 0.98, misses
        assert scores[split].recall_of_three >= 0.95, misses


@pytest.mark.parametrize(
    ("schema", "header", "values"),
    [
        ("evacuation_space", "駐車場収容台数", "40 25 10"),
        ("care_service", "法人電話番号", "03-1111-2222 03-1111-3333 03-1111-4444"),
        ("food_business", "申請者住所", "港区芝1-1 港区芝2-1 港区芝3-1"),
        ("food_business", "区分", "自動車 屋台 店舗"),
        ("aed", "製造番号", "A100 A101 A102"),
        ("hospital", "検査機器コード", "211 213 215"),
        ("hospital", "院長名", "山田太郎 佐藤花子 鈴木一郎"),
        ("population", "外国人世帯数", "3 5 2"),
        ("event", "アンケートURL", "https://a.example.jp/1 https://a.example.jp/2 https://a.example.jp/3"),
        ("traffic_restriction", "舗装種別", "As Co As"),
        ("disclosure_request", "延長通知日", "2024-04-01 2024-05-01 2024-06-01"),
        ("public_facility", "階数", "3 2 1"),
    ],
)
def test_words_that_only_look_alike_are_left(read: Read, schema: str, header: str, values: str) -> None:
    table = read(
        "項目甲," + header + "\n" + "".join(f"第{n},{value}\n" for n, value in enumerate(values.split()))
    ).table
    assert mapped(table, schema).columns[1].target == ""


@pytest.mark.parametrize(
    ("schema", "header", "values", "field"),
    [
        ("disclosure_request", "結果通知日", "2024-04-01 2024-05-01 2024-06-01", "決定年月日"),
        ("disclosure_request", "受　付", "2024-04-01 2024-05-01 2024-06-01", "請求年月日"),
        ("food_business", "区分", "新規 継続 新規", "申請区分"),
        ("food_business", "区分", "飲食店営業 菓子製造業 飲食店営業", "営業の種類"),
        ("traffic_restriction", "②う回路の有無", "有 無 有", "迂回路"),
        ("care_service", "office_name", "甲の家 乙の里 丙の園", "介護サービス事業所名称"),
        ("public_toilet", "男子便所（基）", "3 2 1", "男性トイレ総数"),
        ("evacuation_space", "受入可能数（人）", "300 20 100", "想定収容人数"),
    ],
)
def test_words_of_offices_are_known(read: Read, schema: str, header: str, values: str, field: str) -> None:
    table = read(
        "項目甲," + header + "\n" + "".join(f"第{n},{value}\n" for n, value in enumerate(values.split()))
    ).table
    assert mapped(table, schema).columns[1].target == field

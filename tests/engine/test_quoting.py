"""What is said of a table never shows a person's value: in ratings and in reports, in whatever column it stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.personal.quoting import private_columns, quoted
from tdpf.controlplane.preparation.engine.rating.rate import rate_path

CELLS = [("携帯番号", "090-1234-56{n}、080-9999-88{n}"), ("メール", "secret{n}@gmail.com, s{n}@yahoo.co.jp"), ("生年月日", "昭和30年3月{n}日"), ("自宅住所", "港区芝{n}-1 ,港区三田{n}-2"),
         ("氏　名", "山田 太{n}郎、佐藤 花{n}子")]  # fmt: skip
ROWS = [{name: cell.format(n=number) for name, cell in CELLS} for number in range(10, 28)]


def test_ratings_show_what_is_wrong_and_not_whose(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [",".join(f'"{cell}"' for cell in row.values()) for row in ROWS]
    path.write_text(",".join(name for name, _ in CELLS) + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    said = json.dumps(rate_path(path).as_dict(), ensure_ascii=False)
    assert "携帯番号" in said
    assert "「***-****-****、***-****-****」" in said
    for row in ROWS:
        for name, cell in row.items():
            for part in cell.replace(",", "、").split("、"):
                assert part.strip() not in said, (name, part)


@pytest.mark.parametrize(
    ("value", "column"),
    [("山田太郎", "備考"), ("相原幸子", "宛先"), ("相原幸子", "利用者"), ("Taro Yamada", "memo"), ("ヤマダ タロウ", "よみ"), ("東京都港区芝1-2-3-405 山田太郎", "送り先"), ("東京都港区芝1-2-3-405 山田太郎", "備考")],
)  # fmt: skip
def test_names_are_masked_without_a_space_or_a_column_of_names(value: str, column: str) -> None:
    assert "太郎" not in quoted(value, column)
    assert quoted(value, column) != value


@pytest.mark.parametrize("value", ["山田町", "石川県", "東京都", "森林公園", "中野駅", "上野公園", "要予約", "原則無料", "東日本", "Minato City", "高橋商店", "市立図書館"])  # fmt: skip
def test_places_and_remarks_stay_readable(value: str) -> None:
    assert quoted(value, "備考") == value


def test_values_of_persons_are_masked_in_any_column() -> None:
    for value in ("090-1234-5678", "９０９@９ 090 1234 5678", "taro@@gmail.com", "佐藤 太郎", "隣の佐藤さん"):
        assert quoted(value, "備考") != value
    assert quoted("03-1234-5678", "電話番号") == "03-1234-5678"
    assert quoted("株式会社みどり", "営業者氏名") == "株式会社みどり"
    assert private_columns(["氏名", "住所", "電話番号", "区分"]) == {"氏名", "住所", "電話番号"}
    assert private_columns(["施設名", "住所", "電話番号"]) == frozenset()

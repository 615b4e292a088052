"""Tables that lie on their side and cards become records; what explains items, or counts, stays as it is."""

from __future__ import annotations

from engine_files import Read

HALLS = "公共施設のごあんない,,\n,1,2\n名称,中央館,北館\n住所,本町1-1,北町2-3\n電話番号,03-1111-2222,03-3333-4444\n開館時間,9:00～17:00,\n"


def test_facilities_across_become_rows(read: Read) -> None:
    table = read(HALLS).table
    assert table.column_names[1:] == ("名称", "住所", "電話番号", "開館時間")
    assert [row[1:] for row in table.iter_rows()] == [
        ["中央館", "本町1-1", "03-1111-2222", "9:00～17:00"],
        ["北館", "北町2-3", "03-3333-4444", None],
    ]
    assert "turned" in {found.code for found in table.notes}


def test_cards_become_rows_and_know_where_they_stood(read: Read) -> None:
    table = read(
        "○中央公園,,,\n所在地,本町1-1,電話番号,03-1111-2222\n備考,池あり,開園時間,9:00～17:00\n,1月は閉園,,\n,,,\n"
        "○北公園,,,\n所在地,北町1-1,電話番号,03-1111-3333\n備考,,開園時間,終日\n"
    ).table
    assert table.column_names == ("名称", "所在地", "電話番号", "備考", "開園時間")
    assert [list(row) for row in table.iter_rows()] == [
        ["中央公園", "本町1-1", "03-1111-2222", "池あり\n1月は閉園", "9:00～17:00"],
        ["北公園", "北町1-1", "03-1111-3333", None, "終日"],
    ]
    assert list(table.iter_places()) == [1, 6]


def test_cards_side_by_side_are_read_row_by_row(read: Read) -> None:
    card = ["施設名", "所在地", "TEL"]
    lines = [f"{label},{label}{n}a,,{label},{label}{n}b" for n in (1, 2) for label in card]
    said = "\n".join(lines).replace("TEL1", "03-1111-222").replace("TEL2", "03-2222-333")
    for place, letter in enumerate("ab", start=1):
        said = said.replace(f"222{letter}", f"222{place}").replace(f"333{letter}", f"333{place}")
    table = read(said.replace("所在地1", "東京都港区").replace("所在地2", "東京都港区") + "\n").table
    assert [row[0] for row in table.iter_rows()] == ["施設名1a", "施設名1b", "施設名2a", "施設名2b"]


def test_what_explains_items_or_lists_facilities_is_left_alone(read: Read) -> None:
    for text, first in (
        (
            "項目名,説明,必須\n名称,施設の名称,必須\n住所,町名から,必須\n電話番号,市外局番から,任意\n緯度,十進,任意\n",
            "項目名",
        ),
        ("項目名,型,桁\n名称,文字列,60\n住所,文字列,100\n電話番号,文字列,13\n", "項目名"),
        (
            "名称,住所,電話番号\n中央館,本町1-1,03-1111-2222\n北館,北町1-1,03-1111-2223\n南館,南町1,03-1111-2224\n",
            "名称",
        ),
    ):
        assert read(text).table.column_names[0] == first

"""Addresses as people write them: parts, municipality, and never a silent guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.numbers import read_numbers
from tdpf.controlplane.preparation.engine.municipalities import by_code
from tdpf.controlplane.preparation.engine.place_spelling import fold

GEOCODER = Geocoder()
CASES = {
    "東京都千代田区霞が関1-3-1": ("千代田区", "霞が関", None, "1-3-1", ""),
    "〒100-0013 東京都千代田区霞ヶ関一丁目３番１号　霞が関ビル３Ｆ": ("千代田区", "霞ヶ関", 1, "3-1", "霞が関ビル３Ｆ"),
    "東京都 新宿区 西新宿 2丁目8番1号": ("新宿区", "西新宿", 2, "8-1", ""),
    "新宿区西新宿2-8-1(都庁第一本庁舎内)": ("新宿区", "西新宿", None, "2-8-1", "(都庁第一本庁舎内)"),
    "東京都西多摩郡瑞穂町大字箱根ケ崎2335番地": ("瑞穂町", "箱根ケ崎", None, "2335", ""),
    "東京都瑞穂町箱根ヶ崎２３３５番地の１": ("瑞穂町", "箱根ヶ崎", None, "2335-1", ""),
    "八王子市元本郷町三丁目24番1号": ("八王子市", "元本郷町", 3, "24-1", ""),
    "大阪市港区市岡１−１５ー２５": ("大阪市港区", "市岡", None, "1-15-25", ""),
    "神奈川県西区みなとみらい2-2-1": ("横浜市西区", "みなとみらい", None, "2-2-1", ""),
    "京都市中京区寺町通御池上る上本能寺前町488番地": ("京都市中京区", "上本能寺前町", None, "488", ""),
    "京都市中京区烏丸通三条下ル饅頭屋町595": ("京都市中京区", "饅頭屋町", None, "595", ""),
    "札幌市中央区北1条西2丁目1-1": ("札幌市中央区", "北1条西", 2, "1-1", ""),
    "東京都保谷市本町二の三の四": ("西東京市", "本町", None, "2-3-4", ""),
    "福岡県那珂川町西隈1-1-1": ("那珂川市", "西隈", None, "1-1-1", ""),
    "東京都葛󠄀飾区立石5-13-1": ("葛飾区", "立石", None, "5-13-1", ""),
    "渋谷区役所": ("渋谷区", "", None, "", "役所"),
    "目黒区上目黒2-19-15（〒153-8573）": ("目黒区", "上目黒", None, "2-19-15", ""),
    "三鷹市野崎1-1-1 2F": ("三鷹市", "野崎", None, "1-1-1", "2F"),
    "千代田区三番町6": ("千代田区", "三番町", None, "6", ""),
    "鎌ヶ谷市新鎌ケ谷二丁目6-1": ("鎌ケ谷市", "新鎌ケ谷", 2, "6-1", ""),
}


@pytest.mark.parametrize("address", CASES)
def test_an_address_is_parted_in_every_spelling(address: str) -> None:
    found = GEOCODER.geocode(address)
    assert (found.municipality, found.town, found.chome, found.block, found.rest) == CASES[address]
    assert by_code()[found.code].name == found.municipality
    assert found.level == "municipality"
    assert found.lat is not None
    assert found.input == address


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("府中市宮西町2-24", ["132063", "342084"]),
        ("伊達市末永町1", ["012335", "072133"]),
        ("港区芝公園1-5-25", ["131032", "231118", "271071"]),
        ("浜松市北区三方原町1", ["221384", "221392"]),
    ],
)
def test_a_name_of_several_places_is_left_open_with_what_it_may_mean(address: str, codes: list[str]) -> None:
    found = GEOCODER.geocode(address)
    assert (found.match, found.level, found.lat, found.code) == ("ambiguous", "none", None, "")
    assert [candidate.code for candidate in found.candidates] == codes


def test_evidence_decides_between_places_of_one_name() -> None:
    assert GEOCODER.geocode("183-8703 府中市宮西町2-24").code == "132063"
    assert GEOCODER.geocode("広島県府中市府川町315").code == "342084"
    assert GEOCODER.geocode("〒726-8601 府中市府川町315").code == "342084"
    assert Geocoder(prefecture="東京都").geocode("港区芝公園1-5-25").code == "131032"
    assert "municipality-by-postcode" in GEOCODER.geocode("183-8703 府中市宮西町2-24").evidence


def test_an_address_without_its_municipality_lies_in_the_one_that_is_said() -> None:
    home = Geocoder(municipality="131016")
    assert home.geocode("霞が関1-3-1").municipality == "千代田区"
    assert home.geocode("新宿区西新宿2-8-1").municipality == "新宿区"
    assert home.geocode("埼玉県さいたま市浦和区1").municipality == "さいたま市浦和区"
    assert home.geocode("").level == "none"


@given(
    st.text(alphabet="東京都府中市大字宮西町一二十丁目番地号の－-0123 　〒()ｶﾞ㈱京都上る\ud800\U000e0100", max_size=40)
)
def test_no_text_breaks_it_and_nothing_is_placed_without_a_name(text: str) -> None:
    found = GEOCODER.geocode(text)
    assert found.input == text
    assert (found.lat is None) == (found.level == "none")
    assert not found.municipality or found.prefecture


@given(st.integers(1, 40), st.integers(1, 999), st.integers(1, 99))
def test_numbers_mean_the_same_in_every_spelling(chome: int, block: int, residence: int) -> None:
    kanji = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(chome))
    for text in (
        f"{chome}丁目{block}番{residence}号",
        f"{kanji}丁目{block}-{residence}",
        f"{chome}丁目{block}番地の{residence}",
    ):
        assert read_numbers(fold(text), 0, ()) == (chome, (str(block), str(residence)), len(text))
    bare = f"{chome}-{block}-{residence}"
    assert read_numbers(bare, 0, range(1, 41)) == (chome, (str(block), str(residence)), len(bare))
    assert read_numbers(bare, 0, ())[:2] == (None, (str(chome), str(block), str(residence)))


def test_a_name_that_only_one_municipality_bears_is_no_choice() -> None:
    known = Geocoder()
    for address, code in (
        ("八丈町大賀郷2551-2", "134015"),
        ("八丈町三根1937", "134015"),
        ("葵区追手町5-1", "221015"),
        ("八丈町", "134015"),
    ):
        found = known.geocode(address)
        assert (found.code, "municipality-only-one" in found.evidence, found.candidates) == (code, True, ())
    for address in ("栄町1-2-3", "栄町通3", "栄町東1丁目", "栄町駅前", "栄町-5"):
        found = known.geocode(address)
        assert (found.match, found.code, found.evidence[0]) == ("none", "", "municipality-or-town"), address
        assert [candidate.code for candidate in found.candidates] == ["123293"]
    assert all(len(known.geocode(name).candidates) > 1 for name in ("港区芝公園4", "府中市宮西町2"))

"""Prefectures and Tokyo's municipalities by name, for reading areas out of titles and addresses."""

from __future__ import annotations

import re
from functools import cache

from tdpf.kit.codes import municipality_check_digit

_PREFECTURES = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
]
_WARDS = [
    "千代田区",
    "中央区",
    "港区",
    "新宿区",
    "文京区",
    "台東区",
    "墨田区",
    "江東区",
    "品川区",
    "目黒区",
    "大田区",
    "世田谷区",
    "渋谷区",
    "中野区",
    "杉並区",
    "豊島区",
    "北区",
    "荒川区",
    "板橋区",
    "練馬区",
    "足立区",
    "葛飾区",
    "江戸川区",
]
_TAMA = {
    "八王子市": 201, "立川市": 202, "武蔵野市": 203, "三鷹市": 204, "青梅市": 205, "府中市": 206, "昭島市": 207, "調布市": 208,
    "町田市": 209, "小金井市": 210, "小平市": 211, "日野市": 212, "東村山市": 213, "国分寺市": 214, "国立市": 215, "福生市": 218,
    "狛江市": 219, "東大和市": 220, "清瀬市": 221, "東久留米市": 222, "武蔵村山市": 223, "多摩市": 224, "稲城市": 225, "羽村市": 227,
    "あきる野市": 228, "西東京市": 229, "瑞穂町": 303, "日の出町": 305, "檜原村": 307, "奥多摩町": 308, "大島町": 361, "利島村": 362,
    "新島村": 363, "神津島村": 364, "三宅村": 381, "御蔵島村": 382, "八丈町": 401, "青ヶ島村": 402, "小笠原村": 421,
}  # fmt: skip
_ELSEWHERE_TOO = frozenset(("中央区", "港区", "北区", "府中市", "大島町"))


@cache
def tokyo() -> dict[str, str]:
    """Return the six-digit codes of Tokyo's 62 municipalities by name."""
    codes = {name: f"13{100 + number}" for number, name in enumerate(_WARDS, start=1)}
    codes.update({name: f"13{number}" for name, number in _TAMA.items()})
    return {name: five + municipality_check_digit(five) for name, five in codes.items()}


@cache
def prefectures() -> dict[str, str]:
    """Return the six-digit codes of the prefectures by name."""
    fives = {name: f"{number:02}000" for number, name in enumerate(_PREFECTURES, start=1)}
    return {name: five + municipality_check_digit(five) for name, five in fives.items()}


@cache
def _tokyo_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(tokyo(), key=len, reverse=True)))


def areas_in(text: str) -> list[str]:
    """Return the codes of areas named in a text; names that other prefectures have too need 東京 beside them."""
    found: dict[str, None] = {}
    in_tokyo = "東京" in text
    for match in _tokyo_pattern().finditer(text):
        name = match.group()
        if name not in _ELSEWHERE_TOO or in_tokyo:
            found[tokyo()[name]] = None
    if not found:
        found.update({code: None for name, code in prefectures().items() if name in text})
    return list(found)

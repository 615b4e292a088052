"""Folding: ways of writing the same characters become one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_VARIANTS = (
    {
        "髙": "高", "﨑": "崎", "碕": "崎", "嵜": "崎", "齋": "斎", "齊": "斉", "邊": "辺", "邉": "辺", "澤": "沢",
        "廣": "広", "國": "国", "學": "学", "區": "区", "驛": "駅", "濱": "浜", "濵": "浜", "櫻": "桜", "德": "徳",
        "嶋": "島", "嶌": "島", "冨": "富", "瀧": "滝", "藏": "蔵", "壽": "寿", "鐵": "鉄", "惠": "恵", "曾": "曽",
        "圓": "円", "榮": "栄", "會": "会", "舊": "旧", "當": "当", "豐": "豊", "眞": "真", "縣": "県", "驒": "騨",
        "𠮷": "吉", "栁": "柳", "塚": "塚", "圖": "図", "檢": "検", "鄰": "隣", "龍": "竜", "瀨": "瀬", "渕": "淵",
        "附": "付", "聯": "連", "苅": "刈", "埜": "野", "峯": "峰", "舘": "館", "證": "証", "籔": "薮", "藪": "薮",
    }
)  # fmt: skip
_HYPHENS = "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63"
_UNSEEN = (
    (0x00, 0x09), (0x0E, 0x20), (0x7F, 0x85), (0x86, 0xA0), (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070),
    (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0xE0000, 0xE01F0),
)  # fmt: skip
"""Controls, marks of direction, joiners and selectors of variants: they are no part of a word."""
_LONG_MARK_AFTER_ASCII = re.compile(r"(?<=[0-9a-z])ー(?=[0-9a-z])")
_SMALL_KE = re.compile(r"(?<=[\u4e00-\u9fff])[ケ](?=[\u4e00-\u9fff])")
# No number is longer, and neither a search nor the making of a number may grow with what a stranger wrote.
_KANJI_NUMBER = re.compile(
    r"(?<![〇一二三四五六七八九十百])[〇一二三四五六七八九十百]{1,12}(?=(?:年度|年|月|日|丁目|番地|番|号|回|次|歳|人|件|区))"
)
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和)\s*(元|\d{1,2})\s*(?=年)")
_ERA_LETTER = re.compile(r"(?<![a-z0-9])([mtshr])\s*(\d{1,2})(?=年)")
_SHORT = 240
_SPACES = re.compile(r"\s+")
_ERA_START = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_ERA_OF_LETTER = {"m": "明治", "t": "大正", "s": "昭和", "h": "平成", "r": "令和"}
_DIGITS = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_WITHOUT_ACCENT = {
    code: letter.lower()
    for code in range(0xC0, 0x250)
    if (letter := unicodedata.normalize("NFD", chr(code))[0]).isascii() and letter.isalpha()
}
# One table for all that is replaced sign by sign.
_SIGNS: dict[int, str | None] = {
    **{ord(sign): common for sign, common in _VARIANTS.items()},
    **_WITHOUT_ACCENT,
    **{ord(sign): "-" for sign in _HYPHENS},
    **dict.fromkeys(code for start, end in _UNSEEN for code in range(start, end)),
}


def fold(text: str) -> str:
    """Return text in one way of writing: NFKC, lower case, common kanji, one hyphen, Arabic numbers, Western years.

    Latin letters lose their accents. Halves of surrogate pairs, which no file can hold, are left out.
    """
    return _folded_before(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    if text.isascii():
        return _SPACES.sub(" ", (text if text.isprintable() else text.translate(_SIGNS)).lower()).strip()
    whole = text.encode("utf-8", "ignore").decode()
    folded = unicodedata.normalize("NFKC", whole).lower().translate(_SIGNS)
    # Most texts lack most signs, and looking for one is quicker than looking for a pattern.
    if "ー" in folded:
        folded = _LONG_MARK_AFTER_ASCII.sub("-", folded)
    if "ケ" in folded:
        folded = _SMALL_KE.sub("ヶ", folded)
    folded = _KANJI_NUMBER.sub(lambda match: str(kanji_number(match[0])), folded)
    if "年" in folded:
        folded = _ERA_YEAR.sub(lambda match: _western(match[1], match[2]), folded)
        folded = _ERA_LETTER.sub(lambda match: _western(_ERA_OF_LETTER[match[1]], match[2]), folded)
    return _SPACES.sub(" ", folded).strip()


# Titles, keywords and names are folded for several fields.
_folded_before = lru_cache(maxsize=20_000)(_folded)


def to_katakana(text: str) -> str:
    """Return the text with hiragana as katakana, so that ごみ and ゴミ are one word."""
    return text.translate(_TO_KATAKANA)


def kanji_number(text: str) -> int:
    """Return the number written in kanji, by place (二十三) or digit by digit (二〇二四)."""
    if not any(sign in "十百" for sign in text):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    total, digit = 0, 0
    for sign in text:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            total += max(digit, 1) * (10 if sign == "十" else 100)
            digit = 0
    return total + digit


def _western(era: str, year: str) -> str:
    return str(_ERA_START[era] + (1 if year == "元" else int(year)) - 1)

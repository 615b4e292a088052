"""What stays of a choice when the ways to spell it are evened out."""

from __future__ import annotations

import re
from functools import cache

from tdpf.controlplane.preparation.engine.cells import plain
from tdpf.controlplane.preparation.engine.places import prefectures

_CIRCLES = str.maketrans(
    {
        "〇": "○",
        "◯": "○",
        "⭕": "○",
        "✕": "×",
        "✖": "×",
        "☓": "×",
        "X": "×",
        "x": "×",
        "╳": "×",
        "‐": "-",
        "−": "-",
        "―": "-",
        "–": "-",
        "—": "-",
    }
)
_SMALL = str.maketrans({"ヶ": "ケ", "ヵ": "カ", "が": "ケ", "ッ": "ツ", "ャ": "ヤ", "ュ": "ユ", "ョ": "ヨ"})
_HIRAGANA = str.maketrans({chr(code): chr(code - 0x60) for code in range(0x30A1, 0x30F7)})
_WEEKDAY = re.compile(r"^([日月火水木金土])曜日?$")
_SAME_SOUND = str.maketrans({"動": "働", "附": "付", "廻": "回", "巾": "幅"})
_ENDINGS = re.compile(r"(?:[りみ]|等|など|の)$")
_LONG_VOWEL = re.compile(r"(?<=[ァ-ヴ])-(?![^\Wァ-ヴ])")
# A hyphen between letters and the long vowel that ends a word of katakana come and go; A- and ビール keep theirs.
_MARKS = re.compile(r"(?<!\d)[・,、。.]|[・,、。.](?!\d)|(?<=[^\W\d_])-(?=[^\W_])|(?<=[ァ-ヴー]{3})ー(?![ァ-ヴー])")
_ORDINAL = re.compile(r"(?<=第)[一二三四五六七八九十]{1,3}|^[一二三四五六七八九十]{1,3}(?=種|級|等|類|期|号|丁目)")
_KANJI = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)}
_BUILT = re.compile(r"(?<=木|石|s|c|骨|と|く)造$")
_UNDER_WAY = re.compile(r"^(検討|調整|協議|審査|確認|準備)中$")
_ALIKE = {
    "あり": "有",
    "なし": "無",
    "無し": "無",
    "有り": "有",
    "無い": "無",
    "ある": "有",
    "ない": "無",
    "男性": "男",
    "女性": "女",
}


def sign_of(value: str) -> str:
    """Return a sign or word for yes or no in its usual form."""
    text = plain(value)
    return "-" if text == "ー" else text.translate(_CIRCLES).lower()


@cache
def _full_names() -> dict[str, str]:
    return {name[:-1]: name for name in prefectures() if name != "北海道"}


def folded(value: str) -> str:
    """Return a choice without what spellings differ in: width, spaces, kana, marks, okurigana, 等, numerals, and short forms."""
    text = re.sub(r"\s+", "", plain(value)).casefold().translate(_CIRCLES).translate(_SMALL)
    text = _MARKS.sub("", _LONG_VOWEL.sub("ー", text)) or text
    text = _WEEKDAY.sub(r"\1", _full_names().get(text, text)).translate(_SAME_SOUND)
    if len(text) > 2:
        text = _ENDINGS.sub("", text)
    text = _ORDINAL.sub(lambda match: _in_digits(match.group()), re.sub(r"有り$", "有", text))
    text = _ALIKE.get(text, text)
    text = re.sub(r"(?<=[\u4e00-\u9fff])[りみえけきしちい](?=[\u4e00-\u9fff])", "", text).translate(_HIRAGANA)
    return _BUILT.sub("", _UNDER_WAY.sub(r"\1", text))


def _in_digits(numeral: str) -> str:
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(str(_KANJI[digit]) for digit in numeral)
    return str(_KANJI.get(tens, 1) * 10 + _KANJI.get(ones, 0))

"""Letters that a PDF's text layer gives under another name: radicals in place of characters, ligatures, shapes of width."""

from __future__ import annotations

import unicodedata

# Radicals of U+2E80-2EFF have no decomposition that a Japanese reader would expect; NFKC turns U+2F00-2FDF into old forms here and there.
_RADICALS = {
    "⺟": "母", "⺠": "民", "⺡": "氵", "⺥": "爪", "⺨": "犭", "⺩": "王", "⺬": "示", "⺭": "礻", "⺮": "竹", "⺲": "罒",
    "⺷": "羊", "⺸": "羊", "⺹": "耂", "⺼": "月", "⺾": "艹", "⺿": "艹", "⻀": "艹", "⻁": "虎", "⻂": "衤", "⻃": "西",
    "⻄": "西", "⻅": "見", "⻆": "角", "⻇": "角", "⻉": "貝", "⻊": "足", "⻋": "車", "⻌": "辶", "⻍": "辶", "⻎": "辶",
    "⻏": "邑", "⻐": "金", "⻑": "長", "⻒": "長", "⻓": "長", "⻔": "門", "⻕": "阜", "⻖": "阜", "⻗": "雨", "⻘": "青",
    "⻙": "韋", "⻚": "頁", "⻛": "風", "⻜": "飛", "⻝": "食", "⻞": "食", "⻟": "食", "⻠": "食", "⻢": "馬", "⻣": "骨",
    "⻤": "鬼", "⻥": "魚", "⻦": "鳥", "⻨": "麦", "⻩": "黄", "⻫": "斉", "⻬": "斉", "⻭": "歯", "⻮": "歯", "⻯": "竜",
    "⻰": "竜", "⻱": "亀", "⻲": "亀", "⻳": "亀",
}  # fmt: skip
_OLD_FORMS = {
    "戶": "戸",
    "靑": "青",
    "黃": "黄",
    "龜": "亀",
    "齒": "歯",
    "麥": "麦",
    "黑": "黒",
    "龍": "竜",
    "齊": "斉",
    "飮": "飲",
}
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\u00a0": " ",
    "\u00ad": "",
}
_KEPT = {"\u2fd3": "龍", "\u2fd1": "齊"}


def _kangxi(letter: str) -> str:
    plain = unicodedata.normalize("NFKC", letter)
    return _KEPT.get(letter, _OLD_FORMS.get(plain, plain))


_REPAIRS = str.maketrans(
    {**{chr(code): _kangxi(chr(code)) for code in range(0x2F00, 0x2FD6)}, **_RADICALS, **_LIGATURES}
)


def mend_glyphs(text: str) -> tuple[str, int]:
    """Return the text with radicals as the characters they stand for, and how many letters were changed.

    Forms that names are written with (髙, 﨑) are letters of their own and stay.
    """
    mended = text.translate(_REPAIRS)
    if mended == text:
        return text, 0
    return mended, sum(1 for letter in text if ord(letter) in _REPAIRS)

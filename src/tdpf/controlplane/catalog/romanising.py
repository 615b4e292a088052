"""Katakana → Latin letters, Hepburn without long marks (東京 → tokyo), for addresses people can type."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

_KANA: dict[str, str] = {}
for _row, _letters in (
    ("アイウエオ", "a i u e o"), ("カキクケコ", "ka ki ku ke ko"), ("ガギグゲゴ", "ga gi gu ge go"),
    ("サシスセソ", "sa shi su se so"), ("ザジズゼゾ", "za ji zu ze zo"), ("タチツテト", "ta chi tsu te to"),
    ("ダヂヅデド", "da ji zu de do"), ("ナニヌネノ", "na ni nu ne no"), ("ハヒフヘホ", "ha hi fu he ho"),
    ("バビブベボ", "ba bi bu be bo"), ("パピプペポ", "pa pi pu pe po"), ("マミムメモ", "ma mi mu me mo"),
    ("ヤユヨ", "ya yu yo"), ("ラリルレロ", "ra ri ru re ro"), ("ワヲン", "wa o n"), ("ヴ", "vu"),
    ("ァィゥェォ", "a i u e o"), ("ヮ", "wa"), ("ヵヶ", "ka ke"),
):  # fmt: skip
    _KANA.update(zip(_row, _letters.split(), strict=True))
_SMALL_Y = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_SMALL_VOWEL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_WITH_VOWEL = {"フ": "f", "ヴ": "v", "ウ": "w", "テ": "t", "デ": "d", "シ": "sh", "チ": "ch", "ジ": "j", "ツ": "ts"}


def romanised(katakana: str) -> str:
    """Return a reading in Latin letters; signs that are not kana are left out, Latin letters stay."""
    made: list[str] = []
    at = 0
    while at < len(katakana):
        sign, following = katakana[at], katakana[at + 1 : at + 2]
        if sign in _KANA and following in _SMALL_Y:
            base, glide = _KANA[sign], _SMALL_Y[following]
            made.append(base[:-1] + (glide[1:] if base.endswith(("shi", "chi", "ji")) else glide))
            at += 2
        elif sign in _WITH_VOWEL and following in _SMALL_VOWEL:
            made.append(_WITH_VOWEL[sign] + _SMALL_VOWEL[following])
            at += 2
        elif sign == "ッ":
            upcoming = romanised(katakana[at + 1 : at + 3])[:1]
            made.append("t" if upcoming == "c" else upcoming if upcoming.isalpha() and upcoming not in "aiueo" else "")
            at += 1
        else:
            made.append(_KANA.get(sign, sign.lower() if sign.isascii() and sign.isalnum() else ""))
            at += 1
    letters = "".join(made)
    return re.sub(r"uu", "u", re.sub(r"o[ou]", "o", letters))


_LONG = re.compile(r"o(?:[ou]|h(?![aiueoy]))+")
_LONG_U = re.compile(r"uu+")
_HU = re.compile(r"(?<![sc])hu")
_TYPED = (("si", "shi"), ("ti", "chi"), ("tu", "tsu"), ("sy", "sh"), ("zi", "ji"), ("zy", "j"), ("jy", "j"), ("ty", "ch"),
          ("mb", "nb"), ("mp", "np"), ("mm", "nm"), ("cch", "tch"), ("dz", "z"))  # fmt: skip


def as_romanised(letters: str) -> str:
    """Return Latin letters as `romanised` writes the same sounds: Kunrei, long vowels and m before lips (kouminkan, simbun)."""
    letters = _LONG_U.sub("u", _LONG.sub("o", letters))
    for typed, one in _TYPED:
        letters = letters.replace(typed, one)
    return _HU.sub("fu", letters)


_MOST_LONG = 6
_SYLLABLES = {
    letters: kana
    for kana in (*(first + y for first in "キギシジチニヒビピミリ" for y in _SMALL_Y), *reversed(_KANA))
    if kana not in "ァィゥェォヮヵヶヂヅヲン" and (letters := romanised(kana))
}
_MAY_BE_LONG = {"o": ("", "ウ", "オ"), "u": ("", "ウ")}


def kana_ways(letters: str) -> Iterator[str]:
    """Yield how Latin letters may be read in katakana, with each o and u short or long; nothing where they are no Japanese."""
    pieces: list[tuple[str, ...]] = []
    letters = as_romanised(letters)
    at = long = 0
    while at < len(letters):
        syllable = next((letters[at : at + n] for n in (3, 2, 1) if letters[at : at + n] in _SYLLABLES), "")
        if syllable:
            ends = _MAY_BE_LONG.get(syllable[-1], ("",)) if long < _MOST_LONG else ("",)
            long += len(ends) > 1
            pieces.append(tuple(_SYLLABLES[syllable] + end for end in ends))
        elif letters[at] == "n":
            pieces.append(("ン",))
        elif letters[at : at + 2] == "tc" or letters[at : at + 1] == letters[at + 1 : at + 2]:
            pieces.append(("ッ",))
        else:
            return
        at += len(syllable) or 1
    yield from map("".join, itertools.product(*pieces))

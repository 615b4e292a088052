"""Whether a text is a person's name: a surname followed by a given name, as the morphological dictionary knows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_FOLDED = str.maketrans(
    "髙﨑邉邊齋齊澤濵濱眞廣惠德櫻國嶋嶌髮桒萬榮瀨淵渕齢龍冨峯",
    "高崎辺辺斎斉沢浜浜真広恵徳桜国島島髪桑万栄瀬淵淵齢竜富峰",
)
_HONORIFIC = re.compile(r"(?:様|さん|さま|氏|殿|君|先生)$")
_SPACES = re.compile(r"[\s\u3000]+")
_PART = re.compile(r"[一-龥々ヶ〆ぁ-んァ-ヶー]{1,5}")
_KANA_NAME = re.compile(r"[ァ-ヶー]{2,6}[ \u3000]+[ァ-ヶー]{2,6}|[ぁ-んー]{2,6}[ \u3000]+[ぁ-んー]{2,6}")
_ROMAN_NAME = re.compile(r"[A-Z][A-Za-z]{1,11}[ ,]+[A-Z][A-Za-z]{1,11}")
_AFTER = re.compile(
    r"記念|文学|美術|資料|博物|生家|旧居|旧宅|墓|碑|像|邸|賞|杯|館|園|店|医院|病院|クリニック|歯科|事務所|商店|会|塾|教室|工務|建設|製作|薬局"
)
_CONTEXT = re.compile(
    r"氏|様|さん|殿|担当|連絡|携帯|宛|申請|申込|相談|世帯主|本人|患者|利用者|生年月日|保護者|児童|自宅|在住|歳|同居|長男|長女|次男|次女|妻|夫|母|父"
)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


def _tokens(text: str) -> list[tuple[str, str, str]]:
    """Return (surface, kind of proper noun, part of it) of each word: ("山田", "人名", "姓")."""
    found = []
    for token in _tokenizer().tokenize(text):
        speech = token.part_of_speech()
        found.append((token.surface(), speech[2] if speech[1] == "固有名詞" else speech[1], speech[3]))
    return found


def folded(text: str) -> str:
    """Return the text with the forms of characters that only names have as the common ones, for judging only."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


def is_person(value: str, *, named: bool = False) -> bool:
    """Say whether a whole cell is a person's name. `named`: the column says that it holds names."""
    bare = _HONORIFIC.sub("", value.strip())
    if not 3 <= len(bare) <= 24 or any(letter.isdigit() for letter in bare):
        return False
    if named and (_KANA_NAME.fullmatch(bare) or _ROMAN_NAME.fullmatch(bare)):
        return True
    parts = _SPACES.split(folded(bare))
    if len(parts) == 2 and all(_PART.fullmatch(part) for part in parts):
        return _is_pair(parts[0], parts[1], named=named)
    if len(parts) != 1 or not _PART.fullmatch(parts[0][:5]):
        return False
    tokens = _tokens(parts[0])
    if len(tokens) == 2 and tokens[0][2] == "姓" and tokens[1][1] == "人名":
        return True
    if len(tokens) == 1 and tokens[0][1] == "人名" and len(parts[0]) >= 3 and named:
        return True
    return named and tokens[0][2] == "姓" and len(parts[0]) <= 6 and len(tokens[0][0]) < len(parts[0])


@lru_cache(maxsize=4_096)
def _kinds(word: str) -> tuple[str, str]:
    tokens = _tokens(word)
    return (tokens[0][1], tokens[0][2]) if len(tokens) == 1 else ("", tokens[0][2])


def _is_pair(first: str, second: str, *, named: bool) -> bool:
    """Say whether two words with a space between are surname and given name; one of them must be known as such."""
    if _AFTER.search(second) or len(first) > 4:
        return False
    surname, given = _kinds(first), _kinds(second)
    if surname[1] == "姓":
        return given[0] in ("人名", "") or (given[0] not in ("地名", "固有名詞") and len(second) <= 3)
    if given[1] == "名" and (surname[0] in ("人名", "地名", "") or named):
        return True
    return named


def persons_in(text: str) -> Iterable[str]:
    """Yield names of persons in a sentence that stand beside words of contact, care or kinship."""
    plain = folded(text)
    tokens = _tokens(plain)
    place = 0
    for index in range(len(tokens) - 1):
        surface = tokens[index][0]
        following = index + 1
        if tokens[following][0].isspace() and following + 1 < len(tokens):
            following += 1
        given = tokens[following]
        if tokens[index][2] == "姓" and given[1] == "人名" and given[2] == "名":
            after = "".join(token[0] for token in tokens[following + 1 : following + 3])
            around = plain[max(0, place - 14) : place + len(surface) + len(given[0]) + 16]
            if not _AFTER.match(after) and _CONTEXT.search(around):
                yield surface + given[0]
        place += len(surface)

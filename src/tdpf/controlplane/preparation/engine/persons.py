"""Whether a text is a person's name: a surname followed by a given name, as the morphological dictionary knows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

_FOLDED = str.maketrans(
    "髙﨑邉邊齋齊澤濵濱眞廣惠德櫻國嶋嶌髮桒萬榮瀨淵渕齢龍冨峯",
    "高崎辺辺斎斉沢浜浜真広恵徳桜国島島髪桑万栄瀬淵淵齢竜富峰",
)
_HONORIFIC = re.compile(r"(?:様|さん|さま|氏|殿|君|先生)$")
_SPACES = re.compile(r"[\s\u3000]+")
_PART = re.compile(r"[一-龥々ヶ〆ぁ-んァ-ヶー]{1,5}")
_KANA_NAME = re.compile(r"[ァ-ヶー]{2,7}[ \u3000]+[ァ-ヶー]{2,7}|[ぁ-んー]{2,6}[ \u3000]+[ぁ-んー]{2,6}")
_ROMAN_NAME = re.compile(r"[A-Z][A-Za-z'-]{1,11}(?:[ ,]+(?!(?i:Co|Ltd|Inc|Corp|Japan)\b)[A-Z][A-Za-z'-]{0,11}){1,3}")
_SYLLABLES = r"(?:(?:[kgsztdnhbpmyrwjf]|[kgnhbpmr]y|sh|ch|ts)?[aiueo]|[nm](?![aiueoy])|[kstpc](?=[kstpc]))+h?"
_JAPANESE_IN_LETTERS = re.compile(rf"{_SYLLABLES}[ ,]+{_SYLLABLES}", re.IGNORECASE)
_AFTER = re.compile(
    r"記念|文学|美術|資料|博物|生家|旧居|旧宅|墓|碑|像|邸|賞|杯|館|園|店|医院|病院|クリニック|歯科|事務所|商店|会|塾|教室|工務|建設|製作|薬局"
)
_BUSINESS = re.compile(
    r"[㈱㈲㈳㈶㈻]|[(（][株有資合名医福社財学宗独][)）]|株式|有限|合同|合資|会社|法人|組合|協会|協議会|連合|機構|[財社]団|学校|大学|病院|医院|クリニック|歯科|薬局|"
    r"センター|保育|神社|教会|銀行|商[店会事工]|工[業務場房]|産業|興業|実業|物産|水産|農[園場産業]|食品|製[菓麺造作薬]|建設|運輸|企画|本舗|酒造|牧場|フーズ|グループ|"
    r"[市区町村県省庁局課部科店屋園舎堂亭館荘社団院会室組寺所]$|委員"
)
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z]+(?:[ ,]+(?!(?:Co|Ltd|Inc|JAPAN|Japan)\b)[A-Z][A-Za-z]*){1,4}")
_VARIANT = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_RARE = re.compile(r"[\ue000-\uf8ff\U00020000-\U0003ffff]")  # letters of names alone, outside the common plane
_ALONE = re.compile(r"^(?:個人(?:事業[主者])?|事業主|代表者?)[\s　:：]+|(?<![\s　])[\s　]*[(（][^)）]{0,60}[)）]$")
_CONTEXT = re.compile(
    r"氏|様|さん|殿|担当|連絡|携帯|宛|申請|申込|相談|世帯主|本人|患者|利用者|生年月日|保護者|児童|自宅|在住|歳|同居|長男|長女|次男|次女|妻|夫|母|父"
)
_HONOURED = re.compile(r"(?:さん|様|さま|くん|ちゃん|宅(?!地|配|建))")


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
    bare = _HONORIFIC.sub("", value.strip()).rstrip()
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


def is_in_letters(value: str) -> bool:
    """Say whether a text could be a Japanese name in Latin letters: two words of Japanese syllables (MORITA Naoki)."""
    return 6 <= len(value) <= 24 and bool(_JAPANESE_IN_LETTERS.fullmatch(value.strip()))


def is_lone_person(value: str, *, named: bool = False) -> bool:
    """Say whether a cell that should name a company names a person: no legal form, no word of trade, surname and given name."""
    bare = _ALONE.sub("", _RARE.sub("々", _VARIANT.sub("", value.strip())))
    if _BUSINESS.search(value) or _BUSINESS.search(bare):
        return False
    return is_person(bare, named=named) or (named and bool(_LATIN_NAME.fullmatch(unicodedata.normalize("NFKC", bare))))


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
        return named or given[0] in ("人名", "") or (given[0] not in ("地名", "固有名詞") and len(second) <= 3)
    if given[1] == "名" and (surname[0] in ("人名", "地名", "") or named):
        return True
    return named


def are_surnames(words: Mapping[str, int]) -> bool:
    """Say whether words, counted, are mostly surnames as the dictionary knows them."""
    known = sum(times for word, times in words.items() if len(word) >= 1 and _kinds(folded(word))[1] == "姓")
    return known * 2 >= sum(words.values())


def persons_in(text: str, *, cases: bool = False) -> Iterable[str]:
    """Yield names of persons in a sentence that stand beside words of contact, care or kinship.

    In `cases` that people brought, a surname with an honorific or a house is one too (隣家の佐藤さん宅).
    """
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
        elif cases and tokens[index][2] == "姓" and len(surface) >= 2 and _HONOURED.match(plain, place + len(surface)):
            yield surface
        place += len(surface)

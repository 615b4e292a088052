"""Whether a text is a person's name, by the dictionary's own lists of surnames and given names, in kanji, kana and Latin letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Literal

# `full`: surname and given name are both known. `likely`: it is built like a name and part of it is known, or it is two words of kana or letters.
Naming = Literal["full", "likely", "surname", "given", ""]

_FOLDED = str.maketrans(
    "髙﨑邉邊齋齊澤濵濱眞廣惠德櫻國嶋嶌髮桒萬榮瀨淵渕齢龍冨峯",
    "高崎辺辺斎斉沢浜浜真広恵徳桜国島島髪桑万栄瀬淵淵齢竜富峰",
)
_HONORIFIC = re.compile(r"(?:様|さん|さま|氏|殿|君|先生|ちゃん|くん|宅)$|\s*(?:外|ほか|他)\s*\d*[名人]$")
_SPACES = re.compile(r"[\s\u3000・,]+")
_PART = re.compile(r"[一-龥々ヶ〆ぁ-んァ-ヶー]{1,5}")
_KANA = re.compile(r"[ァ-ヶー]+|[ぁ-んー]+")
_ROMAN = re.compile(r"(?!(?i:Co|Ltd|Inc|Corp|Japan)\b)[A-Z][A-Za-z'-]{0,14}\.?")
_SYLLABLE = re.compile(
    r"(?P<double>[kstpc](?=[kstpc]))|(?P<first>sh|ch|ts|[kgnhbpmrj]y|[kgsztdnhbpmyrwjf])?(?P<vowel>[aiueo])|(?P<n>[nm])(?![aiueoy])|(?P<h>(?<=o)h)"
)
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト", "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "f": "ファフィフフェフォ",
    "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "y": "ヤイユエヨ", "r": "ラリルレロ", "w": "ワウウエヲ", "ts": "ツツツツツ",
}  # fmt: skip
_SMALL = {"sh": "シ", "ch": "チ", "j": "ジ", "ky": "キ", "gy": "ギ", "ny": "ニ", "hy": "ヒ", "by": "ビ", "py": "ピ", "my": "ミ", "ry": "リ", "jy": "ジ"}  # fmt: skip
_AFTER = re.compile(
    r"記念|文学|美術|資料|博物|生家|旧居|旧宅|墓|碑|像|邸|賞|杯|館|園|店|医院|病院|クリニック|歯科|事務所|商店|会|塾|教室|工務|建設|製作|薬局"
)
_PLACE_END = re.compile(r"[町村市区県郡駅橋川山通台丘野谷沢浜線道坂園館寺社院店]$|[丁番号目]")
_TRADE = re.compile(
    r"[㈱㈲㈳㈶㈻]|[(（][株有資合名医福社財学宗独][)）]|株式|有限|合同|合資|会社|法人|組合|協会|協議会|連合|機構|[財社]団|学校|大学|病院|医院|クリニック|歯科|薬局|"
    r"センター|保育|神社|教会|銀行|商[店会事工]|工[業務場房]|産業|興業|実業|物産|水産|農[園場産業]|食品|製[菓麺造作薬]|建設|運輸|企画|本舗|酒造|牧場|フーズ|グループ|委員"
)
_BUSINESS = re.compile(rf"{_TRADE.pattern}|[市区町村県省庁局課部科店屋園舎堂亭館荘社団院会室組寺所]$")
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z]+(?:[ ,]+(?!(?:Co|Ltd|Inc|JAPAN|Japan)\b)[A-Z][A-Za-z]*){1,4}")
_VARIANT = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_RARE = re.compile(r"[\ue000-\uf8ff\U00020000-\U0003ffff]")  # letters of names alone, outside the common plane
_ALONE = re.compile(r"^(?:個人(?:事業[主者])?|事業主|代表者?)[\s　:：]+|(?<![\s　])[\s　]*[(（][^)）]{0,60}[)）]$")
_CONTEXT = re.compile(
    r"氏|様|さん|殿|担当|連絡|携帯|宛|申請|申込|相談|世帯主|本人|患者|利用者|生年月日|保護者|児童|自宅|在住|歳|同居|長男|長女|次男|次女|妻|夫|母|父"
)
_PERSONS = frozenset(("姓", "名"))
_PROPER = ("人名", "地名", "一般", "固有名詞")
_HONOURED = re.compile(
    r"[\s　]?(?:さん|様|さま|氏(?!名|遺跡|館|城|居|屋敷|庭|邸|一族|一門|資料|跡|墓|時代|関連|ゆかり|の乱)|くん|君|ちゃん|先生|宅(?!地|配|建|急)|家の|と申し|と名乗|[(（]\d{1,2}[歳才])"
)
_KIN = r"(?:[長次三四][男女]|息子|娘|妻|夫|母親?|父親?|[祖叔伯][父母]|孫|甥|姪|兄|弟|姉|妹|うち|長子|子)"
_KIN_ALONE = re.compile(rf"{_KIN}|本人|世帯主|夫婦|配偶者|同居人|[別同]居の子|祖?[父母]|子の[子妻夫]")
# A given name behind a word of kinship: 娘の心春さん, 長男（碧）, 長男陽翔（3歳）.
_RELATIVE = re.compile(
    rf"{_KIN}(?:の|[(（「・:：])?[\s　]?(?P<name>[一-龥々ァ-ヶー]{{1,6}}|[ぁ-ん]{{2,4}})(?P<behind>さん|ちゃん|くん|君|[)）」]|[(（]\d)?"
)


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from sudachipy import Dictionary

    return Dictionary(dict="core")


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from sudachipy import SplitMode

    return _dictionary().tokenizer(mode=SplitMode.C)


def _tokens(text: str) -> list[tuple[str, str, str]]:
    """Return (surface, kind of proper noun, part of it) of each word: ("山田", "人名", "姓")."""
    found = []
    for token in _tokenizer().tokenize(text):
        speech = token.part_of_speech()
        found.append((token.surface(), speech[2] if speech[1] == "固有名詞" else speech[1], speech[3]))
    return found


@lru_cache(maxsize=8_192)
def _called(word: str) -> frozenset[str]:
    """Return what a word is among names of persons, 姓 and 名, and whether it is a place too (地名)."""
    entries = _dictionary().lookup(word) if word else ()
    spoken = [entry.part_of_speech() for entry in entries]
    return frozenset(
        speech[3] if speech[2] == "人名" else speech[2] for speech in spoken if speech[2] in ("人名", "地名")
    )


def is_place_too(word: str) -> bool:
    """Say whether a surname is known as a place as well (上野, 石川)."""
    return "地名" in _called(folded(word).strip())


def folded(text: str) -> str:
    """Return the text with the forms of characters that only names have as the common ones, for judging only."""
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


def naming_of(value: str) -> Naming:
    """Return how much of a person's name a whole cell is, whatever its column is called."""
    bare = _HONORIFIC.sub("", folded(value).strip()).rstrip()
    if _KIN_ALONE.fullmatch(bare):
        return ""
    if relative := _RELATIVE.fullmatch(bare):
        name = relative["name"]
        if naming_of(name) == "full":
            return "full"
        return "given" if relative["behind"] or (len(name) >= 2 and "名" in _called(name)) else ""
    if not 1 <= len(bare) <= 32 or any(letter.isdigit() for letter in bare):
        return ""
    parts = [part for part in _SPACES.split(bare) if part]
    if not parts:
        return ""
    if bare.isascii():
        return _in_letters(parts)
    if all(_KANA.fullmatch(part) for part in parts):
        return _in_kana(parts)
    if len(parts) == 2 and all(_PART.fullmatch(part) for part in parts):
        return _of_two(*parts)
    if (
        len(parts) == 1
        and _PART.fullmatch(parts[0][:5])
        and _PART.fullmatch(parts[0][5:] or "々")
        and (len(parts[0]) <= 6 or _KANA.fullmatch(parts[0][4:]))
    ):
        return _of_one(parts[0])
    return ""


def _of_two(first: str, second: str) -> Naming:
    if _AFTER.search(second) or len(first) > 4:
        return ""
    surname, given = "姓" in _called(first), "名" in _called(second)
    if surname and given:
        return "full"
    return "likely" if (surname or given) and len(second) <= 4 else ""


def _of_one(word: str) -> Naming:
    """Judge a word without spaces by every place where a surname may end."""
    found: Naming = ""
    for end in range(1, min(4, len(word) - 1) + 1):
        first, second = word[:end], word[end:]
        if (len(second) > 3 and not _KANA.fullmatch(second)) or len(second) > 5 or "姓" not in _called(first):
            continue
        if "名" in _called(second) and len(word) >= 3:
            return "full"
        if end >= 2 and not _PLACE_END.search(second):
            found = "likely"
    alone = _called(word)
    if "姓" in alone:
        return "surname"
    return "given" if "名" in alone else found


def _in_kana(parts: list[str]) -> Naming:
    words = ["".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ん" else sign for sign in part) for part in parts]
    if len(words) == 2:
        if not all(1 <= len(word) <= 8 for word in words) or max(map(len, words)) < 2:
            return ""
        return "full" if "名" in _called(words[1]) or "姓" in _called(words[0]) else "likely"
    if len(words) > 2:
        return "likely" if len(words) <= 4 else ""
    word = words[0]
    if known := (_called(word) | _called(parts[0])) & _PERSONS:
        return "given" if "名" in known else "surname"
    for end in range(2, len(word) - 1):
        if "名" in _called(word[end:]) or ("姓" in _called(word[:end]) and len(word) - end >= 2):
            return "likely"
    return ""


def _in_letters(parts: list[str]) -> Naming:
    words = [kana_of(part.lower()) for part in parts]
    if len(parts) == 1:
        known = _called(words[0]) & _PERSONS if words[0] else frozenset()
        return "given" if known else "likely" if len(words[0]) >= 2 else ""
    if len(parts) == 2 and all(words):
        return "full" if any("名" in _called(word) for word in words) else "likely"
    return "likely" if len(parts) <= 5 and all(_ROMAN.fullmatch(part) for part in parts) else ""


def kana_of(word: str) -> str:
    """Return a word in Latin letters in kana when it is Japanese syllables from end to end, else an empty text."""
    found, place = "", 0
    while place < len(word):
        part = _SYLLABLE.match(word, place)
        if part is None:
            return ""
        place = part.end()
        if part["double"]:
            found += "ッ"
        elif part["n"]:
            found += "ン"
        elif part["vowel"]:
            first, vowel = part["first"] or "", "aiueo".index(part["vowel"])
            if first in _SMALL:
                found += _SMALL[first] + ("ャ", "", "ュ", "ェ", "ョ")[vowel]
            elif first == "f":
                found += ("ファ", "フィ", "フ", "フェ", "フォ")[vowel]
            else:
                found += _ROWS[first][vowel]
    return found


def is_business(value: str) -> bool:
    """Say whether a text names a company, a trade or an office by a word or sign of its own."""
    return bool(_TRADE.search(value))


def is_person(value: str, *, named: bool = False) -> bool:
    """Say whether a whole cell is a person's name. `named`: the column says that it holds names."""
    naming = naming_of(value)
    bare = _HONORIFIC.sub("", value.strip()).rstrip()
    if len(bare) < 3 or (bare.isascii() and len(bare.split()) < 2):
        return False
    if naming == "full":
        return named or not (bare.isascii() or _KANA.fullmatch(folded(_SPACES.sub("", bare))))
    if named and len(parts := _SPACES.split(folded(bare))) == 2 and all(_PART.fullmatch(part) for part in parts):
        return not _AFTER.search(parts[1])
    return named and naming in ("likely", "surname") and len(bare) <= 32 and (naming == "likely" or len(bare) >= 4)


def is_lone_person(value: str, *, named: bool = False) -> bool:
    """Say whether a cell that should name a company names a person: no legal form, no word of trade, surname and given name."""
    bare = _ALONE.sub("", _RARE.sub("々", _VARIANT.sub("", value.strip())))
    if _BUSINESS.search(value) or _BUSINESS.search(bare):
        return False
    return is_person(bare, named=named) or (named and bool(_LATIN_NAME.fullmatch(unicodedata.normalize("NFKC", bare))))


def persons_in(text: str, *, cases: bool = False) -> Iterable[str]:
    """Yield names of persons in a sentence that stand beside words of contact, care or kinship.

    In `cases` that people brought, and in notes on persons, a full name, and a surname or given name with an honorific or behind a
    word of kinship are one too (隣家の佐藤さん宅, 長男の陽翔).
    """
    plain = folded(text)
    if cases:
        for relative in _RELATIVE.finditer(plain):
            if relative["behind"] or "名" in _called(relative["name"]):
                yield relative["name"]
    tokens = _tokens(plain)
    place = 0
    for index, (surface, kind, part) in enumerate(tokens):
        after = place + len(surface)
        following = index + 1
        if following < len(tokens) and tokens[following][0].isspace():
            following += 1
        given = tokens[following] if following < len(tokens) else ("", "", "")
        if part == "姓" and (given[1:] == ("人名", "名") or (cases and _is_given(given))):
            behind = "".join(token[0] for token in tokens[following + 1 : following + 3])
            around = plain[max(0, place - 14) : after + len(given[0]) + 17]
            if is_business(surface + given[0]) or _AFTER.match(behind):
                pass
            elif cases or _CONTEXT.search(around):
                yield surface + given[0]
        elif (
            cases
            and kind in _PROPER
            and _called(surface) & _PERSONS
            and _HONOURED.match(plain, after)
            and not surface.isascii()
        ):
            yield surface
        place = after


def _is_given(word: tuple[str, str, str]) -> bool:
    surface, kind, _ = word
    return len(surface) >= 2 and kind in (*_PROPER, "普通名詞") and "名" in _called(surface)

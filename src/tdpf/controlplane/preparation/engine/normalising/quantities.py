"""Numbers as tables print them: full-width, with separators, units, triangles for minus, in kanji."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome

_UNITS = (
    "人|名|世帯|戸|件|個|個室|基|台|箇所|か所|ヶ所|ケ所|カ所|校|園|床|室|席|団体|施設|棟|回|日|年|月|歳|才|円|千円|百万円|％|%|m|km|cm|㎡|m2|㎥|m3|ha|"
    "階|ヶ月|か月|点|位|枚|本|冊|頭|匹|口|穴|据|便器|ブース|組|メートル|キロ|床数|名様|ベッド"
)
_METRES = frozenset(("", "m", "メートル"))
_ABOVE_SEA = re.compile(r"^(?:海抜|標高|T\.?P\.?(?=\s*[+\-]?\d))\s*[:：]?\s*\+?")
# Areas, lengths, shares and ages: nothing that a count of persons, beds, cubicles or sheets is stated in.
_MEASURES = frozenset(["％", "%", "m", "km", "cm", "㎡", "m2", "㎥", "m3", "ha", "歳", "才", "メートル", "キロ"])
_NUMBER = re.compile(
    rf"(?P<sign>[-+▲△])?\s*[¥￥]?(?P<whole>\d{{1,3}}(?:,\d{{3}})+|\d+)(?P<part>\.\d+)?\s*(?P<unit>{_UNITS})?(?P<bound>程度|前後|以内|まで|以上|以下|未満|超)?"
)
_ABOUT = re.compile(r"^(?:約|およそ|概ね|おおむね|最大|定員)\s*")
_RANGE = re.compile(r"\d\s*(?:~|〜|から|-)\s*\d")
_KANJI = {letter: number for number, letter in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "両": 2,
    "壱": 1,
    "弐": 2,
    "参": 3,
    "伍": 5,
}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "阡": 1000}
_MYRIADS = "万萬"
_MIXED = re.compile(r"(?P<myriads>\d{1,4}(?:\.\d{1,4})?)万(?:(?P<thousands>\d)千)?(?P<rest>\d{1,4})?")
_LABELLED = re.compile(
    r"(?:一般|療養|精神|感染症?|結核|有床|病床|病床数|許可病床|入院|診療所)\s*(?:病床|病棟)?\s*[:：]?\s*(?P<number>\S+)|[^\d\s:：、,]{1,8}[:：]\s*(?P<other>\d\S*)"
)
_EXPONENT = re.compile(r"[-+]?\d(?:\.\d+)?[eE][-+]?\d{1,3}")
_FREE = re.compile(r"無料|入場無料|参加無料")
_THERE = re.compile(rf"(?:有り?|あり|○|〇|◯)\s*[(]\s*(?P<count>\d+)\s*(?:{_UNITS})?\s*[)]")
_NONE = re.compile(r"無床(?:診療所)?")


def number(value: str) -> Outcome:
    """Return a number with a point for decimals and no separators; its digits stay as written."""
    clean = DASHES.sub("-", plain(value))
    if says_none(clean):
        return missing()
    if clean in ("X", "x", "χ", "Χ"):
        return Outcome(None, "", 0.0, "secret")
    about = _ABOUT.match(clean)
    body = clean[about.end() :] if about else clean
    match = _NUMBER.fullmatch(body)
    if match:
        sign = "-" if match.group("sign") in ("-", "▲", "△") else ""
        digits = match.group("whole").replace(",", "")
        digits = digits if digits == "0" else digits.lstrip("0") or "0"
        written = f"{sign}{digits}{match.group('part') or ''}"
        if about or match.group("bound"):
            return Outcome(written, "number.about", 0.7, "about", rest=clean)
        return changed(value, written, "number.notation")
    if _EXPONENT.fullmatch(body):
        return Outcome(None, "number.damaged", 0.0, "excel-damaged")
    bare = re.sub(rf"(?:{_UNITS})$", "", body.removeprefix("金"))
    kanji = _mixed_number(bare) if bare[:1].isdigit() else kanji_number(bare)
    if kanji is not None:
        return Outcome(str(kanji), "number.kanji", 0.95)
    if _RANGE.search(clean):
        return Outcome(None, "", 0.0, "a-range", rest=clean)
    return Outcome(None, "", 0.0, "not-a-number", rest=clean)


def measure(value: str) -> Outcome:
    """Return a height in metres; a number that counts or measures something else is refused."""
    bare = _ABOVE_SEA.sub("", plain(value))
    return Outcome(None, "", 0.0, "other-unit", rest=plain(value)) if _unit(bare) not in _METRES else number(bare)


def _unit(value: str) -> str:
    """Return the unit that stands behind the number of a value, "" when none does."""
    match = _NUMBER.fullmatch(_ABOUT.sub("", DASHES.sub("-", plain(value))))
    return (match.group("unit") or "") if match else ""


def integer(value: str) -> Outcome:
    """Return a whole number; a fraction of zero is left out, any other fraction is refused, and so is what no one counts."""
    clean = plain(value)
    if _unit(value) in _MEASURES:
        return Outcome(None, "", 0.0, "other-unit", rest=clean)
    if _FREE.fullmatch(clean):
        return Outcome("0", "number.free", 0.95, rest=clean)
    if _NONE.fullmatch(clean):
        return Outcome("0", "number.none", 0.95)
    if (there := _THERE.fullmatch(clean)) is not None:
        return Outcome(there.group("count"), "number.remark", 0.9)
    labelled = _LABELLED.fullmatch(clean)
    if labelled:
        inner = integer(labelled.group("number") or labelled.group("other"))
        if inner.value is not None and not inner.rest:
            return Outcome(inner.value, "number.remark", 0.85, rest=clean)
    found = number(value)
    if found.value is None or "." not in found.value:
        if found.value is None and found.reason == "not-a-number":
            return _with_remark(clean, found)
        return found
    whole, _, part = found.value.partition(".")
    if part.strip("0"):
        return Outcome(None, "", 0.0, "not-whole", rest=clean)
    return Outcome(whole or "0", "number.whole", found.confidence, found.reason, found.rest)


def _with_remark(clean: str, found: Outcome) -> Outcome:
    """Read one number with a remark in brackets or behind a line break: 220人（先着）; one with a number of its own is doubted."""
    match = re.fullmatch(
        r"(?:約|定員|先着|各)?\s*(\d{1,3}(?:,\d{3})+|\d+)\s*(?:(?:人|名|円|組|床|台|室)|(?=[（(]))\s*(.*)",
        clean,
        re.DOTALL,
    )
    if match and not re.search(r"\d", match.group(2)):
        return Outcome(match.group(1).replace(",", ""), "number.remark", 0.85, rest=clean)
    if match and re.fullmatch(r"[（(](?!\s*(?:注|※|＊|\*))[^（()）]*[)）]", match.group(2)):
        return Outcome(match.group(1).replace(",", ""), "number.remark", 0.6, "other-number", rest=clean)
    return found


def _mixed_number(text: str) -> int | None:
    """Return the value of digits with 万 and 千 between: 1万2千, 3万, 1万5000."""
    match = _MIXED.fullmatch(text)
    if match is None:
        return None
    whole = float(match.group("myriads")) * 10_000
    return round(whole) + int(match.group("thousands") or 0) * 1000 + int(match.group("rest") or 0)


def kanji_number(text: str) -> int | None:
    """Return the value of a number in kanji (二十三, 百五, 一〇), or None when it is none."""
    if not text or any(letter not in _KANJI and letter not in _TENS and letter not in _MYRIADS for letter in text):
        return None
    if text[0] in _MYRIADS:
        return None
    if not any(letter in _TENS or letter in _MYRIADS for letter in text):
        return int("".join(str(_KANJI[letter]) for letter in text))
    total = section = digit = 0
    for letter in text:
        if letter in _KANJI:
            if digit:
                return None
            digit = _KANJI[letter]
        elif letter in _MYRIADS:
            total = (total + section + digit) * 10_000
            section = digit = 0
        else:
            section += (digit or 1) * _TENS[letter]
            digit = 0
    return total + section + digit

"""Texts: what may be evened out depends on the kind of column; names keep their glyphs."""

from __future__ import annotations

import json
import re
import unicodedata

from tdpf.controlplane.preparation.engine.normalising.dates import day
from tdpf.controlplane.preparation.engine.normalising.marks import (
    DASHES,
    changed,
    full_kana,
    is_missing,
    missing,
    plain,
    without_controls,
)
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome
from tdpf.controlplane.preparation.engine.places import prefectures

_BREAK = re.compile(r"[ \t　]*\n+[ \t　]*")
_NUMBER_DASH = re.compile(r"(?<=[0-9A-Za-z丁番目条地])\s*[‐-―−－ｰー~〜]\s*(?=[0-9A-Za-z])")
_WIDE = re.compile(r"[０-９Ａ-Ｚａ-ｚ－]+")
_POSTAL_HEAD = re.compile(r"^(?:〒\s*\d{3}[-‐－−]?\d{4}|\d{3}[-‐－−]\d{4})(?![\d-])\s*")
_KANA = re.compile(
    r"[ァ-ヿー・･A-Za-z0-9０-９Ａ-Ｚａ-ｚ\s　「」『』（）()\-－‐.．,，、。&＆'’!！?？/／~～〜Ⅰ-ⅿ①-⑳+＋:：;；#＃%％☆★♪❤*＊@＠]+"
)
_DAMAGED = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}")
_FLOAT_CODE = re.compile(r"(\d+)\.0+")
_DATED_NUMBER = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{1,2}|(?:19|20)\d\d[/-]\d{1,2}[/-]\d{1,2}(?: 0?0:00(?::00)?)?"
)
_TOWN_ID = re.compile(r"(\d{4})-?(\d{3})")
_LIST_BREAK = re.compile(r"\s*(?:[、,，;；／/|｜]|\n|　+|\s{2,})\s*")


def text(value: str) -> Outcome:
    """Trim a free text; a lone sign for "no value" becomes empty."""
    clean = without_controls(value)
    if is_missing(clean):
        return missing()
    if "\ufffd" in clean:
        return Outcome(clean, "" if clean == value else "text.trim", 0.3, "broken-characters")
    return changed(value, clean, "text.trim")


def name(value: str) -> Outcome:
    """Trim a name and put it on one line; its characters stay what they are."""
    clean = _BREAK.sub(" ", without_controls(value))
    if is_missing(clean):
        return missing()
    if "\ufffd" in clean:
        return Outcome(clean, "" if clean == value else "name.trim", 0.3, "broken-characters")
    return changed(value, clean, "name.trim")


def kana(value: str) -> Outcome:
    """Write a reading in full-width katakana; kanji that stand in the column stay and are told."""
    clean = full_kana(_BREAK.sub(" ", without_controls(value)))
    if is_missing(clean):
        return missing()
    written = "".join(chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in clean)
    if not _KANA.fullmatch(written):
        return changed(value, clean, "kana.width", confidence=0.5, reason="not-kana")
    return changed(value, written, "kana.width")


def latin(value: str) -> Outcome:
    """Write a name in Latin letters with half-width characters."""
    clean = plain(value)
    if is_missing(clean):
        return missing()
    return changed(value, re.sub(r"\s*\n\s*", " ", clean), "latin.width")


def address(value: str) -> Outcome:
    """Even out widths and dashes of numbers in an address; kanji and building names stay; a postal code in front goes."""
    clean = full_kana(_BREAK.sub("", without_controls(value)))
    if is_missing(clean):
        return missing()
    if "\ufffd" in clean:
        return Outcome(clean, "", 0.3, "broken-characters")
    clean = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), clean).strip()
    postal = _POSTAL_HEAD.match(clean)
    rest = ""
    if postal and len(clean) > postal.end():
        rest, clean = postal.group().strip(), clean[postal.end() :]
    clean = _NUMBER_DASH.sub("-", clean)
    return changed(value, clean, "address.width", rest=rest)


def block(value: str) -> Outcome:
    """Even out a street number; one that a spreadsheet made a date (1月11日, 7-Feb, 2003/1/1) is lost."""
    found = address(value)
    if found.value and _DATED_NUMBER.fullmatch(found.value):
        return Outcome(None, "block.damaged", 0.0, "date-damaged")
    return found


def identifier(value: str) -> Outcome:
    """Even out the width of an identifier; one that a spreadsheet turned into an exponent is lost."""
    clean = DASHES.sub("-", plain(value))
    if is_missing(clean):
        return missing()
    if _DAMAGED.fullmatch(clean):
        exact = undamaged(clean)
        if exact is None:
            return Outcome(None, "identifier.damaged", 0.0, "excel-damaged")
        return Outcome(exact, "identifier.exponent", 0.9)
    whole = _FLOAT_CODE.fullmatch(clean)
    return changed(value, whole.group(1) if whole else clean, "identifier.width")


def town_id(value: str) -> Outcome:
    """Write a 町字ID as 0000-000."""
    clean = DASHES.sub("-", plain(value))
    if is_missing(clean):
        return missing()
    match = _TOWN_ID.fullmatch(clean.zfill(7) if clean.isdigit() and len(clean) >= 4 else clean)
    return changed(value, f"{match.group(1)}-{match.group(2)}" if match else clean, "town-id")


def day_or_words(value: str) -> Outcome:
    """Return a day as YYYY-MM-DD where one is said, else the words as they are (a month, a year)."""
    found = day(value)
    return found if found.value and not found.reason and not found.rest else text(value)


# A list of words as JSON has it: ["内科","外科"].
_JSON_WORDS = re.compile(r'\["[^"\\;]+"(?:,"[^"\\;]+")*\]')


def listed(value: str) -> Outcome:
    """Write several values in one cell with half-width semicolons between them, as the standards ask."""
    clean = full_kana(without_controls(value))
    if is_missing(clean):
        return missing()
    clean = re.sub(r"\n+(?=[（(])", "", clean)
    if _JSON_WORDS.fullmatch(clean):
        return changed(value, ";".join(dict.fromkeys(json.loads(clean))), "list.semicolons")
    parts = [part.strip(" 　・") for part in _outside_brackets(clean)]
    parts = [part for part in parts if part]
    if len(parts) == 1 and "・" in clean and all(part.endswith("科") for part in clean.split("・")):
        parts = clean.split("・")
    if len(parts) == 1 and re.fullmatch(r"\S+科(?:[\s　]+\S+科)+", clean):
        parts = clean.split()
    return changed(value, ";".join(dict.fromkeys(parts)) or clean, "list.semicolons")


def _outside_brackets(value: str) -> list[str]:
    """Split at separators that do not stand inside brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(value):
        if letter in "（([〔【":
            depth += 1
        elif letter in "）)]〕】":
            depth = max(0, depth - 1)
        elif not depth:
            mark = _LIST_BREAK.match(value, place)
            if mark and place >= start:
                parts.append(value[start:place])
                start = mark.end()
    return [*parts, value[start:]]


def prefecture(value: str) -> Outcome:
    """Return the full name of a prefecture."""
    clean = plain(value)
    if is_missing(clean):
        return missing()
    clean = re.sub(r"^\d{1,2}[_ ]?(?=\D)", "", clean).replace(" ", "") or clean
    for known in prefectures():
        if clean == known or (clean == known[:-1] and known != "北海道"):
            return changed(value, known, "prefecture.name")
    return Outcome(without_controls(value), "", 0.3, "not-a-prefecture")


def undamaged(value: str) -> str | None:
    """Return the digits behind an exponent when none were lost: 1.31016E+05 is 131016."""
    match = re.fullmatch(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,3})", value)
    if match is None:
        return None
    decimals, exponent = match.group(2) or "", int(match.group(3))
    if len(decimals) != exponent or exponent < 3:
        return None
    return match.group(1) + decimals

"""Signs that stand for "no value", and the evening out of widths that every reading of a value begins with."""

from __future__ import annotations

import re
import unicodedata

from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome

_MISSING = re.compile(
    r"[-‐-―−ー－ｰ~〜・.…‥*＊/／:：\s　]*|不明|不詳|未定|未設定|未登録|未入力|調査中|該当なし|該当無し|記載なし|データなし|特になし|N/?A|null|none|nil|nan|\(空白\)|（空白）|[(（]?(?:略|省略|中略)[)）]?",
    re.IGNORECASE,
)
_NONE = re.compile(r"(?:な|無)し|無|ナシ|非公開|非公表")
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|Err:\d{3}|#{3,}", re.IGNORECASE)
_DITTO = re.compile(r"〃|同上|同前|仝|々|[\"”″]|同じ|上に同じ")
_DITTO_HEAD = re.compile(r"(?:〃|仝|同上)[\s　]*(?=[^\s　])")
_CHOME = re.compile(r"[一二三四五六七八九十]{1,3}丁目")
_MUNICIPALITY = re.compile(
    r"(?:北海道|東京都|(?:京都|大阪)府|[^\d\s]{2,3}県)?(?:[^\d\s]{1,5}郡[^\d\s]{1,5}[町村]|[^\d\s]{1,5}?市[^\d\s]{1,3}区|[^\d\s]{1,5}?市?[市区])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b-\u200d\u2060]")
DASHES = re.compile(r"[‐-―−－ｰ﹣]")
_SIGN = r"[(（]\s*(?:※|＊|\*|注)\s*\d{0,2}\s*[)）]|※\s*\d{0,2}|[＊*†‡]|注\s*\d{1,2}"
_NOTED = re.compile(rf"(?P<value>.*?[^\s※＊*†‡（(])\s*(?P<sign>{_SIGN})", re.DOTALL)
_NOTED_FIRST = re.compile(r"(?P<sign>※\s*\d{1,2}\s+|[※＊*†‡]\s*(?=[^\d\s]))(?P<value>.*)", re.DOTALL)
_LEGEND = re.compile(rf"\s*(?P<sign>{_SIGN})\s*[:：.．、…]?\s*(?P<words>\S.*)")
_HALF_KANA = re.compile(r"[｡-ﾟ]+")


def plain(text: str) -> str:
    """Return a text with widths evened out and outer spaces off, for reading values that are not names."""
    return unicodedata.normalize("NFKC", _CONTROLS.sub("", text)).strip()


def is_missing(text: str) -> bool:
    """Say whether the whole value is a sign for "no value"."""
    return bool(_MISSING.fullmatch(text.strip()))


def says_none(text: str) -> bool:
    """Say whether the value says that there is none, where a number or an address was asked."""
    return is_missing(text) or bool(_NONE.fullmatch(text.strip()))


def is_ditto(text: str) -> bool:
    """Say whether the value is a sign for "as above"."""
    return bool(_DITTO.fullmatch(text.strip()))


def address_below(text: str, above: str) -> str | None:
    """Return an address that begins with a sign for "as above", written out; None when it does not.

    Before a number the sign stands for all up to the town, before a name for the municipality where the row above states it.
    """
    head = _DITTO_HEAD.match(text.strip())
    if head is None:
        return None
    rest = text.strip()[head.end() :]
    if plain(rest)[:1].isdecimal() or _CHOME.match(rest):
        return re.split(rf"[\d０-９]|{_CHOME.pattern}", above, maxsplit=1)[0].strip() + rest
    municipality = _MUNICIPALITY.match(above)
    return (municipality.group() if municipality else "") + rest


def town_below(text: str, above: str) -> str | None:
    """Return a town that begins with a sign for "as above" before its chome, written out: 〃二丁目 below 本町一丁目; else None."""
    head = _DITTO_HEAD.match(text.strip())
    rest = text.strip()[head.end() :] if head else ""
    town = re.split(rf"[\d０-９]|{_CHOME.pattern}", above, maxsplit=1)[0].strip()
    return town + rest if town and (plain(rest)[:1].isdecimal() or _CHOME.match(rest)) else None


def begins_as_above(text: str) -> bool:
    """Say whether a value begins with a sign for "as above" and goes on."""
    return _DITTO_HEAD.match(text.strip()) is not None


def is_error(text: str) -> bool:
    """Say whether the value is what a spreadsheet shows in place of a result it could not work out."""
    return bool(_ERROR.fullmatch(plain(text)))


def without_mark(text: str) -> tuple[str, str]:
    """Return a value without the sign that leads to a remark (※1, ＊, （注2）), and the sign; two empty texts when it has none."""
    found = _NOTED.fullmatch(text.strip()) or _NOTED_FIRST.fullmatch(text.strip())
    return (found.group("value"), _sign(found.group("sign"))) if found else ("", "")


def legends(text: str) -> dict[str, str]:
    """Return what the lines of a remark say about signs that stand in cells: {"※1": words}."""
    found = (_LEGEND.fullmatch(line) for line in text.splitlines())
    return {_sign(one.group("sign")): one.group("words").strip() for one in found if one}


def _sign(text: str) -> str:
    """Return one spelling of a sign, whether it stands in brackets or not."""
    return re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text))


def missing() -> Outcome:
    """Return the outcome for a sign that stands for "no value"."""
    return Outcome(None, "missing-mark", 1.0, "missing")


def changed(text: str, value: str, rule: str, *, confidence: float = 1.0, reason: str = "", rest: str = "") -> Outcome:
    """Return an outcome that names its rule only when the value differs from what was written."""
    return Outcome(value, "" if value == text else rule, confidence, reason, rest)


def without_controls(text: str) -> str:
    """Return a text without control characters, line ends as `\\n`, outer spaces off."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip().strip("\u3000").strip()


def full_kana(text: str) -> str:
    """Return a text with half-width kana made full-width, everything else untouched."""
    return _HALF_KANA.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)

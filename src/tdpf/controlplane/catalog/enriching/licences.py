"""Licences however they are written: Creative Commons of any spelling, 政府標準利用規約, 公共データ利用規約, ODbL, CKAN's codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.texts import clean, web_address
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.vocabularies.licences import CUSTOM, LICENCES, NOT_STATED
from tdpf.kit.text import Text


@dataclass(frozen=True, slots=True)
class Terms:
    """A licence code; the name and address are given where the code alone does not tell them."""

    code: str
    name: str = ""
    url: str = ""


_CODES = {
    "cc-zero": "CC0-1.0", "cc0": "CC0-1.0", "cczero": "CC0-1.0", "odc-by": "ODC-BY-1.0", "odc-odbl": "ODBL-1.0", "odbl": "ODBL-1.0",
    "odc-pddl": "PDDL-1.0", "pddl": "PDDL-1.0", "uk-ogl": "OGL-UK-3.0", "ogl": "OGL-UK-3.0", "pdl1.0": "PDL-1.0", "pdl-1.0": "PDL-1.0",
    "pdl": "PDL-1.0", "pdm": "PDM-1.0", "gjstu-2.0": "GJSTU-2.0", "gjstu-1.0": "GJSTU-1.0", "notspecified": NOT_STATED, "not-specified": NOT_STATED,
    "not-stated": NOT_STATED, "none": NOT_STATED, "null": NOT_STATED, "-": NOT_STATED, "unknown": NOT_STATED, "": NOT_STATED, "n/a": NOT_STATED,
    "not specified": NOT_STATED, "license not specified": NOT_STATED, "licence not specified": NOT_STATED, "なし": NOT_STATED, "未設定": NOT_STATED,
    "記載なし": NOT_STATED, "指定なし": NOT_STATED, "ライセンス未指定": NOT_STATED, "不明": NOT_STATED, "未指定": NOT_STATED, "未定": NOT_STATED,
}  # fmt: skip
_OTHERS = (
    (re.compile(r"opendatacommons\.org/licenses/odbl|open database licen[cs]e|\bodbl", re.IGNORECASE), "ODBL-1.0"),
    (re.compile(r"opendatacommons\.org/licenses/by|open data commons attribution|odc[-_ ]by", re.IGNORECASE), "ODC-BY-1.0"),
    (re.compile(r"opendatacommons\.org/licenses/pddl|\bpddl\b|odc[-_ ]pddl", re.IGNORECASE), "PDDL-1.0"),
    (re.compile(r"open-government-licence|open government licen[cs]e|OGL[_-]3", re.IGNORECASE), "OGL-UK-3.0"),
    (re.compile(r"公共データ利用規約|public[ _-]data[ _-]licen[cs]e|\bPDL\s*[-_ ]?v?1(?:\.0)?\b|public_data_license", re.IGNORECASE), "PDL-1.0"),
    (re.compile(r"政府標準利用規約.{0,10}1(?:\.0)?版?|gjstu[-_ ]?1", re.IGNORECASE), "GJSTU-1.0"),
    (re.compile(r"政府標準利用規約|government of japan standard terms|gjstu", re.IGNORECASE), "GJSTU-2.0"),
    (re.compile(r"publicdomain/mark|public domain mark|パブリック・?ドメイン・?マーク", re.IGNORECASE), "PDM-1.0"),
    (re.compile(r"publicdomain/zero|\bcc[\s_-]?0\b|\bcc[\s_-]?zero|パブリック・?ドメイン提供|CC0", re.IGNORECASE), "CC0-1.0"),
)  # fmt: skip
_CC = re.compile(
    r"creative[\s_-]?commons|クリエイティブ・?\s?コモンズ|クリエーティブ・?\s?コモンズ|(?<![a-z0-9])cc(?=[\s:_/.・-]*(?:by|表示|ライセンス|nc|sa|nd|licen))|cc:by"
    r"|(?<![a-z])by[\s_-](?:sa|nc|nd)|https?://creativecommons", re.IGNORECASE,
)  # fmt: skip
_VERSION = re.compile(r"(?<![\d.])([1-4])[._]([015])(?!\d)")
_JAPAN = re.compile(r"/jp\b|日本|japan|\bjp\b", re.IGNORECASE)
_STRICT = re.compile(
    r"(?:CC[\s-]?(?:BY(?:[\s-](?:SA|NC|ND))*|0)[\s-]?(?:[1-4]\.\d)?|クリエイティブ・コモンズ[^\n。]{0,60}|公共データ利用規約[^\n。]{0,20}|政府標準利用規約[^\n。]{0,20}"
    r"|https?://creativecommons\.org/[^\s<>\"）)]+)"
)
_NOT_A_LICENCE = re.compile(r"\A(?:other|その他|other \(.*\)|other-(?:open|pd|at|closed|nc))\Z", re.IGNORECASE)
_NO_VERSION = Text("版の記載がないため、4.0 として扱いました", "No version is stated, so it is treated as 4.0.")


def read_licence(
    licence: str, name: str, url: str, *, rights: str, description: str, parts: Iterable[str]
) -> Reading[Terms]:
    """Return the terms of use. `parts` are the licences of distributions, which decide where the dataset states none."""
    address = web_address(url, 1000) or web_address(licence, 1000)
    for words in (url, licence, name):
        code, versioned = licence_code(words[:1000])
        if code and code != NOT_STATED:
            return Reading(Terms(code)) if versioned else Reading(Terms(code), _NO_VERSION, "version")
    stated = next(
        (words for words in (name, licence) if words.strip() and not _is_unstated(words) and "://" not in words), ""
    )
    if stated or address:
        shown = clean(stated, 200) or clean(address, 200)
        vague = _NOT_A_LICENCE.match(shown) and not address
        notes = (Note(field="licence", stated=stated, reason=_VAGUE),) if vague else ()
        return Reading(Terms(CUSTOM, shown, address), notes=notes)
    named = {code for part in list(parts)[:200] if (code := licence_code(part[:1000])[0]) and code != NOT_STATED}
    if len(named) == 1:
        reason = Text("すべてのファイルが同じ利用条件のため", "All the files state the same licence.")
        return Reading(Terms(named.pop()), reason, "distributions")
    for field, text, reason in (("rights", rights, _IN_RIGHTS), ("description", description, _IN_DESCRIPTION)):
        found = _STRICT.search(text[:5000])
        code = licence_code(found[0])[0] if found is not None else ""
        if code and code != NOT_STATED:
            return Reading(Terms(code), reason, field)
    if rights.strip() and len(rights) <= 400 and (address := web_address(rights, 1000)):
        return Reading(Terms(CUSTOM, clean(rights, 200), address))
    return Reading(Terms(NOT_STATED))


_VAGUE = Text(
    "どの利用条件か分かりません。提供元のページで確かめてください。",
    "It does not say which terms; look at the source's page.",
)
_IN_RIGHTS = Text("権利の説明に書かれているため", "The statement of rights names it.")
_IN_DESCRIPTION = Text("説明に書かれているため", "The description names it.")


@lru_cache(maxsize=5000)
def licence_code(stated: str) -> tuple[str, bool]:
    """Return (code or "", whether the version is certain) for a code, a name or an address."""
    words = unicodedata.normalize("NFKC", stated).strip()
    low = words.casefold()
    if low in _CODES:
        return _CODES[low], True
    if words in LICENCES:
        return words, True
    upper = words.upper()
    if upper in LICENCES:
        return upper, True
    if "publications.europa.eu" in low:
        last = re.split(r"[/#]", words.rstrip("/#"))[-1].upper()
        known = next((entry.code for entry in LICENCES.values() if entry.eu == last), "")
        if known:
            return known, True
    for pattern, code in _OTHERS:
        if pattern.search(words):
            return code, True
    return _creative_commons(words) if _CC.search(words) or re.match(r"cc[_-]?(?:by|nc)", low) else ("", False)


def _creative_commons(words: str) -> tuple[str, bool]:
    low = words.casefold().replace("_", "-")
    no_commerce = bool(re.search(r"\bnc\b|(?<=by)nc|(?<=-)nc|non-?\s?commercial|非営利", low))
    no_change = bool(re.search(r"\bnd\b|(?<=-)nd|(?<=nc)nd|no-?\s?deriv|改変禁止", low))
    alike = bool(re.search(r"\bsa\b|(?<=by)sa|(?<=-)sa|(?<=nc)sa|share-?\s?alike|継承", low))
    kind = "BY" + ("-NC" if no_commerce else "") + ("-ND" if no_change else "-SA" if alike else "")
    named = re.search(r"\bby\b|(?<=cc)by|/by|-by|attribution|表示", low) or no_commerce or alike or no_change
    if not named:
        return "", False
    found = _VERSION.search(words)
    if found is None:
        return f"CC-{kind}-4.0", False
    version = f"{found[1]}.{found[2]}"
    if version == "2.1":
        version = "2.1-JP" if _JAPAN.search(words) or "2.1" in words else version
    code = f"CC-{kind}-{version}"
    return (code, True) if code in LICENCES else (f"CC-{kind}-4.0", False)


def _is_unstated(words: str) -> bool:
    return _CODES.get(unicodedata.normalize("NFKC", words).strip().casefold()) == NOT_STATED

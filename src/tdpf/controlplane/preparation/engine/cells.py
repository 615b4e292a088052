"""What a single cell looks like: a number, a missing mark, a unit, a remark."""

from __future__ import annotations

import re
import unicodedata

NUMBER = re.compile(r"[+\-−－▲△]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+\-]?\d+)?[%％]?")
_TERM = re.compile(
    r"https?://\S+[/#]([^\s/#?&=]+)"
    r"|(?:schema|geo|dc|dct|dcterms|foaf|ic|rdfs|skos|vcard|locn|org|jrrk|odp|sac|xsd):([^\s:/]+)"
    r"|(?:USER|FIELD|FLD|COL|ATTR)_(?=[^\x00-\x7f])(\S+)",
    re.IGNORECASE,
)
_MISSING = frozenset(
    (
        "-",
        "－",
        "―",
        "ー",
        "–",
        "—",
        "…",
        "...",
        "‥",
        "*",
        "***",
        "x",
        "X",
        "χ",
        "不明",
        "不詳",
        "N/A",
        "NA",
        "#N/A",
        "null",
        "NULL",
        "なし",
        "無し",
        ".",
    )
)
_UNIT_WORDS = (
    "人|名|世帯|戸|件|個|基|台|箇所|か所|ヶ所|ケ所|カ所|校|園|床|室|席|団体|事業所|施設|棟|区|回|日|年|月|時|時間|分|秒|歳|才|円|千円|万円|百万円|億円|"
    "度分秒|十進度?|10進度?|％|%|‰|m|ｍ|km|ｋｍ|cm|mm|㎡|m2|m²|平方メートル|ha|ｈａ|km2|㎢|km²|m3|㎥|t|ｔ|トン|kg|ｋｇ|g|L|ℓ|リットル|kW|kWh|ＫＷ|℃|度|株|頭|羽|本|冊|点|倍|位|枚|階"
)
UNIT = re.compile(rf"[（(\[［〔]?\s*(?:単位[:：]?\s*)?(?P<unit>{_UNIT_WORDS})\s*[）)\]］〕]?")
UNIT_IN_HEADER = re.compile(rf"[（(\[［〔]\s*(?:単位[:：]?\s*)?(?P<unit>{_UNIT_WORDS})\s*[）)\]］〕]")
UNIT_STATED = re.compile(rf"単\s*位\s*[:：]?\s*(?P<unit>{_UNIT_WORDS})")
_REMARK = re.compile(
    r"\s*[（(\[［【〔]?\s*(?:※|＊|\*|★|☆|[（(]注|[（(]再掲|・?本表|なお、|凡例|Note|NOTE|Source"
    r"|注(?:記|意|釈)|注\s*(?:[\d０-９①-⑨一二三]|[)）\]］】〕:：.．、\s　]|$)"
    r"|(?:備考|出典|資料|出所|典拠)(?:出所|提供|元)?\s*(?:[\d０-９①-⑨]|[)）\]］】〕:：.．、／/\s　「『]|$))"
)
DATE = re.compile(
    r"\s*(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|\d{1,2})|\d{4})\s*[年./\-－・]\s*\d{1,2}\s*(?:[月./\-－・]\s*\d{1,2}\s*日?|月)\s*(?:現在|時点)?.*"
)
_DAY = re.compile(r"(?:1[89]|20|21)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d\d.*)?")
_BREAKS = re.compile(r"[\r\n]+")


def plain(cell: str) -> str:
    """Return the cell's text with width and outer spaces evened out, for judging only."""
    return unicodedata.normalize("NFKC", cell).strip()


def is_number(cell: str) -> bool:
    """Say whether the cell shows a number: signs, thousands separators, percent and exponents included."""
    text = cell.strip()
    return bool(NUMBER.fullmatch(text) or NUMBER.fullmatch(plain(text)))


def is_day(cell: str) -> bool:
    """Say whether the cell is a day in Western notation, with or without a time."""
    return bool(_DAY.fullmatch(cell.strip()))


def has_digit(cell: str) -> bool:
    """Say whether there is a digit anywhere in the cell, full-width ones included."""
    return any(character.isdigit() for character in cell)


def is_missing(cell: str) -> bool:
    """Say whether the cell is a sign for "no value" as statistical tables use them."""
    return cell.strip() in _MISSING


def is_number_or_missing(cell: str) -> bool:
    """Say whether the cell may stand in a column of numbers."""
    return is_missing(cell) or is_number(cell)


def unit_of(cell: str) -> str:
    """Return the unit when the cell holds nothing but a unit, else an empty string."""
    match = UNIT.fullmatch(cell.strip())
    return match.group("unit") if match else ""


def is_remark(cell: str) -> bool:
    """Say whether the cell opens like a remark below a table."""
    return bool(_REMARK.match(cell))


def spoken_name(name: str) -> str:
    """Return what a column's name says where it is a term of a vocabulary (https://schema.org/name, geo:lat, ic:名称) or marked by
    a tool of maps (USER_施設名称): its last part. Other names stay as they are."""
    match = _TERM.fullmatch(name.strip())
    return match.group(1) or match.group(2) or match.group(3) if match else name


def header_text(cell: str | None) -> str:
    """Return a header cell as one line: line breaks out, outer spaces off, NFC."""
    if cell is None:
        return ""
    return unicodedata.normalize("NFC", "".join(map(str.strip, _BREAKS.split(cell))))

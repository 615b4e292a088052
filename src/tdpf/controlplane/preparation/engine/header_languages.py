"""Headers that name their columns in Japanese and in English: in two rows, or both in one cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.cells import has_digit, header_text, is_number_or_missing
from tdpf.controlplane.preparation.engine.outline import Outline

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥々]")
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z0-9 .,'’&()/:;#*_+%-]*")
_WORD = re.compile(r"[A-Za-z]{2}")
# What parts the two, the surest first.
_BETWEEN = tuple(
    map(re.compile, (r"[\r\n]+", r"\s*[/／|｜]\s*", r"\s+(?=[A-Za-z])|(?<=[A-Za-z.)])\s+(?=[^\x00-\x7f])"))
)
_BRACKET = re.compile(r"(?P<outer>[^()（）]+)[(（](?P<inner>[^()（）]+)[)）]")
# What stands in Latin letters behind a Japanese word and is no translation of it.
_NO_TITLE = re.compile(
    r"(?:ID|URL|TEL|FAX|AED|NO\.?|WEB|HP|SNS|WGS ?84|JGD ?\d*|EPSG.*|y{2,4}[-/]m{1,2}.*|h{1,2}:m{1,2}.*|m|km|ha|kg|cm|mm|CSV|PDF|GPS|Wi-?Fi|LAN)",
    re.IGNORECASE,
)
_ERA = re.compile(r"[MTSHR]\.?\d{1,2}(?:[./]\d{1,2})*", re.IGNORECASE)
_FEWEST = 3


def in_two_languages(cells: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return {cell: (Japanese, English)} of the cells of a header that hold both, when most of its words do; else nothing.

    One or two such cells say nothing: 緯度（WGS84） and 電話/FAX are names in one language.
    """
    named = list(dict.fromkeys(cell for cell in cells if cell and not cell.isspace()))
    found = {cell: both for cell in named if (both := _both(cell)) is not None}
    return found if len(found) >= max(_FEWEST, (len(named) * 3 + 4) // 5) else {}


def _both(cell: str) -> tuple[str, str] | None:
    bracketed = _BRACKET.fullmatch(cell.strip())
    if bracketed is not None:
        return _ordered(bracketed.group("outer"), bracketed.group("inner"))
    text = cell.strip()
    for between in _BETWEEN:
        for match in between.finditer(text):
            if (both := _ordered(text[: match.start()], text[match.end() :])) is not None:
                return both
    return None


def _ordered(one: str, other: str) -> tuple[str, str] | None:
    """Return the Japanese and the English of two words, None unless there is one of each."""
    for japanese, latin in ((one, other), (other, one)):
        english = unicodedata.normalize("NFKC", header_text(latin.replace("\n", " "))).strip()
        if (
            _JAPANESE.search(japanese)
            and _ENGLISH.fullmatch(english)
            and _WORD.search(english)
            and not _NO_TITLE.fullmatch(english)
        ):
            return header_text(japanese), re.sub(r"\s+", " ", english)
    return None


def latin_row(labels: Mapping[int, Sequence[str]], naming: Sequence[int]) -> int | None:
    """Return the row of a header that says in Latin letters what the Japanese row right above or below it says of nearly all columns."""
    for place, row in enumerate(naming):
        words = {column for column, label in enumerate(labels[row]) if label}
        latin = sum(map(_is_latin, (labels[row][column] for column in words)))
        if len(words) < 2 or latin * 10 < len(words) * 9 or not all(labels[row][column].isascii() for column in words):
            continue
        for other in naming[max(0, place - 1) : place + 2]:
            named = {column for column, label in enumerate(labels[other]) if label}
            japanese = sum(not labels[other][column].isascii() for column in named)
            same = len(words & named) * 5 >= max(len(words), len(named)) * 4
            if other != row and same and japanese * 5 >= len(named) * 4:
                return row
    return None


def _is_latin(label: str) -> bool:
    return label.isascii() and any(map(str.isalpha, label)) and not _ERA.fullmatch(label)


def says_in_english(outline: Outline, row: int, first: int) -> bool:
    """Say whether a row says in English what the Japanese names above it mean: words over columns that hold none such below."""
    columns = outline.full[row]
    cells = [outline.cell(row, column).strip() for column in columns]
    above = [outline.cell(first, column) for column in outline.full[first]]
    if (
        row != first + 1
        or len(columns) < _FEWEST
        or len(set(columns) & set(outline.full[first])) * 5 < len(above) * 4
        or sum(bool(_JAPANESE.search(cell)) for cell in above) * 5 < len(above) * 4
        or len(set(cells)) < len(cells)
        or any(
            is_number_or_missing(cell) or not _ENGLISH.fullmatch(unicodedata.normalize("NFKC", cell)) for cell in cells
        )
    ):
        return False
    body = [index for index in range(row + 1, min(len(outline.rows), row + 40)) if outline.full[index]]
    alien = 0
    for column, cell in zip(columns, cells, strict=True):
        below = [text for index in body if (text := outline.cell(index, column))]
        other = sum(not text.isascii() or (has_digit(text) and not has_digit(cell)) for text in below)
        alien += bool(below) and other * 5 >= len(below) * 4
    return alien >= 2 and alien * 2 >= len(columns)

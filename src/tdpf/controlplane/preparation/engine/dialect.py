"""How the fields of a text file are separated: the separator that gives the most constant number of fields."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

_SEPARATORS = (",", "\t", ";", "|")
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
NO_SEPARATOR = "\x1f"
LABELS = {
    ",": ("カンマ", "commas"),
    "\t": ("タブ", "tabs"),
    ";": ("セミコロン", "semicolons"),
    "|": ("縦棒", "vertical bars"),
    NO_SEPARATOR: ("なし（1列）", "nothing (one column)"),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read the records: separator, whether quotation marks mean anything, how many lines to skip first."""

    delimiter: str
    quoting: bool = True
    skip_lines: int = 0

    @property
    def csv_options(self) -> dict[str, object]:
        """Keyword arguments for `csv.reader`."""
        if self.quoting:
            return {"delimiter": self.delimiter, "quotechar": '"', "doublequote": True, "strict": False}
        return {"delimiter": self.delimiter, "quoting": csv.QUOTE_NONE, "strict": False}


def find_dialect(sample: str, *, hint: str = "") -> Dialect:
    """Return the dialect of the text's first part, which ends at a line end. `hint` is the file's suffix."""
    named = _SEP_LINE.match(sample)
    if named is not None:
        return Dialect(named.group(1), skip_lines=1)
    best: tuple[float, int, str] | None = None
    for order, separator in enumerate(_SEPARATORS):
        score = _constancy(sample, separator)
        if score <= 0:
            continue
        if hint == ".tsv" and separator == "\t":
            score += 0.2
        entry = (score, -order, separator)
        if best is None or entry > best:
            best = entry
    if best is None:
        return Dialect("," if hint == ".csv" and "\n," not in sample and not _commas_in_prose(sample) else NO_SEPARATOR)
    return Dialect(best[2])


def _constancy(sample: str, separator: str) -> float:
    """Return how constant and how wide the records are when cut at the separator; 0 when it does not separate."""
    widths = Counter(len(record) for record in _records(sample, separator) if record)
    total = sum(widths.values())
    if not total:
        return 0.0
    parted = sum(count for width, count in widths.items() if width > 1)
    width, count = max(
        ((w, c) for w, c in widths.items() if w > 1), key=lambda entry: (entry[1], entry[0]), default=(1, 0)
    )
    # Titles and lines between rows are whole; what is cut all alike, and wide, is a table among them.
    alike = count == parted and count >= 3 and width >= 4 and parted * 4 >= total
    if not count or (parted * 2 < total and not alike):
        return 0.0
    return count / total + min(width, 20) / 200


def _records(sample: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            records.append(record)
            if len(records) >= 500:
                break
    except csv.Error:
        pass
    return records


def _commas_in_prose(sample: str) -> bool:
    lines = [line for line in sample.splitlines() if line.strip()]
    with_comma = sum(1 for line in lines if "," in line)
    return bool(lines) and 0 < with_comma * 2 < len(lines)

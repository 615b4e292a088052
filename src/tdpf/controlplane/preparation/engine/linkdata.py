"""LinkData files: a preamble of #-lines, the header behind #property, types and contexts below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.types import Row

_OPENING = ("#LINK", "#link")
_PROPERTY = "#property"


@dataclass(frozen=True, slots=True)
class LinkData:
    """Where the header stands and which rows belong to the preamble, all counted from 0."""

    header: int
    preamble: tuple[int, ...]


def find_linkdata(rows: Sequence[Row]) -> LinkData | None:
    """Return the layout of a LinkData file, or None when the rows do not open with `#LINK`."""
    first = next((row for row in rows if any(row)), None)
    if first is None or not (first[0] or "").startswith(_OPENING):
        return None
    marked = [index for index, row in enumerate(rows[:60]) if row and (row[0] or "").startswith("#")]
    header = next((index for index in marked if (rows[index][0] or "").startswith(_PROPERTY)), None)
    if header is None:
        return None
    return LinkData(header, tuple(index for index in marked if index != header))


def property_name(cell: str | None) -> str:
    """Return a readable column name from a property: the last part of its URI, a label as it is."""
    text = (cell or "").strip()
    if text.startswith(("http://", "https://")):
        ending = text.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
        return ending or text
    return text.split("<--", 1)[0].strip() or text

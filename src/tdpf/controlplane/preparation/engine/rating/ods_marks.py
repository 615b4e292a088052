"""The marks of an .ods, read from its content.xml as a stream."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET  # parts with a DOCTYPE are refused before they are parsed

from tdpf.controlplane.preparation.engine.faults import DOCTYPE, damaged, met
from tdpf.controlplane.preparation.engine.rating.marks import PLAIN, DrawnObject, Look, SheetMarks

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_HIDDEN = ("collapse", "filter")
_OBJECTS = {
    "frame": "picture",
    "custom-shape": "shape",
    "rect": "shape",
    "ellipse": "shape",
    "line": "line",
    "g": "group",
}
_MAX_ROWS = 1_048_576
_MAX_REPEATED_MARKS = 16_384


class _Reader:
    """Follows the elements of content.xml and notes what stands where."""

    def __init__(self) -> None:
        self.found: dict[str, SheetMarks] = {}
        self.merges: dict[str, list[tuple[int, int, int, int]]] = {}
        self.hidden_sheets: set[str] = set()
        self.looks: dict[str, Look] = {}
        self.hidden_styles: set[str] = set()
        self.marks = SheetMarks()
        self.sheet = ""
        self.row = 0
        self.column = 0
        self.widths = 0
        self.depth = 0

    def start(self, element: ET.Element) -> None:
        tag = element.tag
        if tag == f"{_TABLE}table":
            self.depth += 1
            if self.depth == 1:
                self.sheet = element.get(f"{_TABLE}name", "")
                self.marks = self.found.setdefault(self.sheet, SheetMarks())
                self.merges.setdefault(self.sheet, [])
                self.row = self.column = self.widths = 0
        elif self.depth != 1:
            return
        elif tag == f"{_TABLE}table-row":
            self.column = 0
            if element.get(f"{_TABLE}visibility") in _HIDDEN:
                repeated = _repeated(element, "rows")
                self.marks.hidden_rows.extend(range(self.row, min(self.row + repeated, self.row + _MAX_REPEATED_MARKS)))
        elif tag == f"{_TABLE}table-column":
            repeated = _repeated(element, "columns")
            if element.get(f"{_TABLE}visibility") in _HIDDEN:
                self.marks.hidden_columns.extend(range(self.widths, min(self.widths + repeated, _MAX_REPEATED_MARKS)))
            self.widths += repeated
        elif tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._cell(element)
        elif tag == f"{_OFFICE}annotation":
            self.marks.objects.append(DrawnObject("comment", self.row, self.column))
        elif tag.startswith(_DRAW) and (kind := _OBJECTS.get(tag.rsplit("}", 1)[-1])):
            self.marks.objects.append(DrawnObject(kind, self.row, self.column))

    def _cell(self, element: ET.Element) -> None:
        place = self.row, self.column
        if element.get(f"{_TABLE}formula"):
            self.marks.formulas.append(place)
        look = self.looks.get(element.get(f"{_TABLE}style-name", ""))
        if look is not None:
            for further in range(min(_repeated(element, "columns"), 256)):
                self.marks.looks[self.row, self.column + further] = look
        across = int(element.get(f"{_TABLE}number-columns-spanned", "1"))
        down = int(element.get(f"{_TABLE}number-rows-spanned", "1"))
        if across > 1 or down > 1:
            self.merges[self.sheet].append((self.row, self.column, self.row + down - 1, self.column + across - 1))

    def end(self, element: ET.Element) -> None:
        tag = element.tag
        if tag == f"{_STYLE}style":
            self._style(element)
        elif tag == f"{_TABLE}table":
            self.depth -= 1
            if self.depth == 0 and element.get(f"{_TABLE}style-name", "") in self.hidden_styles:
                self.hidden_sheets.add(self.sheet)
            element.clear()
        elif tag == f"{_TABLE}table-row" and self.depth == 1:
            self.row = min(self.row + _repeated(element, "rows"), _MAX_ROWS)
            element.clear()
        elif tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell") and self.depth == 1:
            self.column += _repeated(element, "columns")

    def _style(self, element: ET.Element) -> None:
        name = element.get(f"{_STYLE}name", "")
        family = element.get(f"{_STYLE}family", "")
        if family == "table":
            properties = element.find(f"{_STYLE}table-properties")
            if properties is not None and properties.get(f"{_TABLE}display") == "false":
                self.hidden_styles.add(name)
        elif family == "table-cell":
            look = _look(element)
            if look != PLAIN:
                self.looks[name] = look


def read_ods_marks(
    path: Path, *, name: str, limit: int
) -> tuple[dict[str, SheetMarks], dict[str, list[tuple[int, int, int, int]]], set[str]]:
    """Return marks and merged ranges by sheet, and the names of hidden sheets. Raises Damaged."""
    reader = _Reader()
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        content = file.read(limit)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise damaged(name, "ODS", DOCTYPE, part="content.xml")
    try:
        for event, element in ET.iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314 - refused above
            if event == "start":
                reader.start(element)
            else:
                reader.end(element)
    except (ET.ParseError, ValueError) as fault:
        raise met(name, "ODS", fault, part="content.xml") from fault
    return reader.found, reader.merges, reader.hidden_sheets


def _repeated(element: ET.Element, what: str) -> int:
    return max(1, min(int(element.get(f"{_TABLE}number-{what}-repeated", "1")), _MAX_ROWS))


def _look(element: ET.Element) -> Look:
    cell = element.find(f"{_STYLE}table-cell-properties")
    text = element.find(f"{_STYLE}text-properties")
    fill = cell.get(f"{_FO}background-color", "") if cell is not None else ""
    fill = "" if fill in ("transparent", "#ffffff") else fill
    if text is None:
        return Look(fill)
    colour = text.get(f"{_FO}color", "")
    return Look(
        fill,
        "" if colour == "#000000" else colour,
        text.get(f"{_FO}font-weight") == "bold",
        text.get(f"{_FO}font-style") == "italic",
        text.get(f"{_STYLE}text-underline-style", "none") != "none",
        text.get(f"{_STYLE}text-line-through-style", "none") != "none",
    )

"""What python-calamine does not tell about an .xlsx: errors, formulas without results, cells shown with leading zeros."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET  # parts with a DOCTYPE are refused before they are parsed

from tdpf.controlplane.preparation.engine.faults import DOCTYPE, damaged, met

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<(?:x:)?c\b([^>]*?)(?:/>|>(.*?)</(?:x:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_VALUE = re.compile(rb"<(?:x:)?v[^>]*>([^<]+)</(?:x:)?v>")
_FORMULA = re.compile(rb"<(?:x:)?f[\s>/]")
_HIDDEN_ROW = re.compile(rb'<(?:x:)?row\b[^>]{0,2000}?\bhidden="(?:1|true)"[^>]{0,2000}>')
_ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_ZEROS = re.compile(r"(?:\"[^\"]*\"|\\.|[_*].)*(0{2,})(?:\"[^\"]*\"|\\.)*(?:;.*)?")
_PIECE = 8 * 1024 * 1024


@dataclass(slots=True)
class Marks:
    """Per cell (row, column from 0): the text shown for errors, the width of zero-padded numbers; formulas; rows that are hidden."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    padded: dict[tuple[int, int], int] = field(default_factory=dict)
    formulas_without_value: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)


def read_marks(path: Path, sheets: list[str], *, name: str, limit: int) -> dict[str, Marks]:
    """Return the marks of the named sheets of an .xlsx; `limit` is how many bytes of one part are looked at."""
    found: dict[str, Marks] = {}
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        targets = sheet_parts(archive, parts, name)
        padding = padding_styles(archive, parts, name)
        for sheet in sheets:
            part = targets.get(sheet, "")
            if part in parts:
                found[sheet] = _scan(archive, part, padding, limit)
    return found


def sheet_parts(archive: zipfile.ZipFile, parts: set[str], name: str) -> dict[str, str]:
    """Return the part of every sheet of an .xlsx by the sheet's name."""
    relations = parse_part(archive, "xl/_rels/workbook.xml.rels", parts, name)
    workbook = parse_part(archive, "xl/workbook.xml", parts, name)
    if relations is None or workbook is None:
        return {}
    targets = {}
    for relation in relations:
        target = relation.get("Target", "")
        targets[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return {
        sheet.get("name", ""): targets.get(sheet.get(_RELATION, ""), "") for sheet in workbook.iter(f"{_MAIN}sheet")
    }


def padding_styles(archive: zipfile.ZipFile, parts: set[str], name: str) -> dict[int, int]:
    """Return style numbers whose format only pads with zeros ("000000"), with the width."""
    styles = parse_part(archive, "xl/styles.xml", parts, name)
    if styles is None:
        return {}
    formats = {int(entry.get("numFmtId", "-1")): entry.get("formatCode", "") for entry in styles.iter(f"{_MAIN}numFmt")}
    padding = {}
    cells = styles.find(f"{_MAIN}cellXfs")
    for number, style in enumerate(cells if cells is not None else []):
        match = _ZEROS.fullmatch(formats.get(int(style.get("numFmtId", "0")), ""))
        if match:
            padding[number] = len(match.group(1))
    return padding


def parse_part(archive: zipfile.ZipFile, part: str, parts: set[str], name: str) -> ET.Element | None:
    """Return one part parsed, or None when it is missing; raises Damaged for broken XML and for a DOCTYPE."""
    if part not in parts:
        return None
    with archive.open(part) as file:
        content = file.read(64 * 1024 * 1024)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise damaged(name, "XLSX", DOCTYPE, part=part)
    try:
        return ET.fromstring(content)  # noqa: S314 - entities were refused above
    except ET.ParseError as fault:
        raise met(name, "XLSX", fault, part=part) from fault


def _scan(archive: zipfile.ZipFile, part: str, padding: dict[int, int], limit: int) -> Marks:
    marks = Marks()
    seen = 0
    rest = b""
    with archive.open(part) as file:
        while seen < limit and (piece := file.read(_PIECE)):
            seen += len(piece)
            piece = rest + piece
            cut = piece.rfind(b"</row>")
            whole, rest = (piece[:cut], piece[cut:]) if cut >= 0 else (b"", piece)
            marks.hidden_rows.extend(
                int(number.group(1)) - 1
                for row in _HIDDEN_ROW.finditer(whole)
                if (number := _ROW_NUMBER.search(row.group()))
            )
            if b't="e"' in whole or padding or _FORMULA.search(whole):
                _cells(whole, padding, marks)
    return marks


def _cells(content: bytes, padding: dict[int, int], marks: Marks) -> None:
    for match in _CELL.finditer(content):
        attributes, inner = match.group(1), match.group(2) or b""
        style = _STYLE.search(attributes) if padding else None
        width = padding.get(int(style.group(1)), 0) if style else 0
        error = b't="e"' in attributes
        formula = bool(inner) and b"f" in inner and bool(_FORMULA.search(inner))
        if not (width or error or formula):
            continue
        place = _place(attributes)
        value = _VALUE.search(inner)
        if place is None:
            continue
        if error and value:
            marks.errors[place] = value.group(1).decode("utf-8", "replace")
        elif formula and not value and b't="str"' not in attributes:
            marks.formulas_without_value.append(place)
        elif width and value:
            marks.padded[place] = width


def _place(attributes: bytes) -> tuple[int, int] | None:
    match = _REFERENCE.search(attributes)
    if match is None:
        return None
    column = 0
    for letter in match.group(1):
        column = column * 26 + letter - 64
    return int(match.group(2)) - 1, column - 1

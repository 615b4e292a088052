"""The marks of an .xlsx, read from its XML parts: hidden rows and columns, formulas, drawings, comments, styles."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET  # parts with a DOCTYPE are refused before they are parsed

from tdpf.controlplane.preparation.engine.rating.marks import PLAIN, DrawnObject, Look, SheetMarks
from tdpf.controlplane.preparation.engine.workbook_marks import padding_styles, parse_part, sheet_parts

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL = re.compile(rb"<(?:x:)?c\b([^>]*?)(?:/>|>(.*?)</(?:x:)?c>)", re.DOTALL)
_STYLED = re.compile(rb'<(?:x:)?c r="([A-Z]{1,3})(\d+)" s="(\d+)"')
_STYLED_LOOSE = re.compile(rb'<(?:x:)?c\b(?=[^>]*\br="([A-Z]{1,3})(\d+)")(?=[^>]*\bs="(\d+)")')
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_STYLE = re.compile(rb'\bs="(\d+)"')
_VALUE = re.compile(rb"<(?:x:)?v[^>]*>([^<]+)</(?:x:)?v>")
_FORMULA = re.compile(rb"<(?:x:)?f[\s>/]")
_ROW = re.compile(rb"<(?:x:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:x:)?col\b([^>]*)>")
_NUMBER = {name: re.compile(rb"\b" + name + rb'="(\d+)"') for name in (b"r", b"min", b"max")}
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"|\b(?:ht|width)="0(?:\.0+)?"')
_PIECE = 8 * 1024 * 1024
_KINDS = {
    "pic": "picture",
    "sp": "shape",
    "grpSp": "group",
    "cxnSp": "line",
    "graphicFrame": "chart",
    "contentPart": "ink",
}
_MAX_OBJECTS = 2_000
_COLUMNS = 16_384


def read_xlsx_marks(
    path: Path, sheets: list[str], far: Mapping[str, list[str]], *, name: str, limit: int
) -> dict[str, SheetMarks]:
    """Return the marks of the named sheets; `limit` is how many bytes of one part are looked at. Raises Damaged.

    `far` are the places by part of lone cells far from all others, which the reader takes off.
    """
    found: dict[str, SheetMarks] = {}
    with zipfile.ZipFile(path) as archive:
        parts = set(archive.namelist())
        targets = sheet_parts(archive, parts, name)
        looks = _looks(parse_part(archive, "xl/styles.xml", parts, name))
        padding = padding_styles(archive, parts, name)
        for sheet in sheets:
            part = targets.get(sheet, "")
            if part in parts:
                marks = _scan(archive, part, looks, padding, limit)
                marks.objects = list(_objects(archive, part, parts, name))[:_MAX_OBJECTS]
                marks.far = far.get(part, [])
                found[sheet] = marks
    return found


def _scan(
    archive: zipfile.ZipFile, part: str, looks: dict[int, Look], padding: dict[int, int], limit: int
) -> SheetMarks:
    marks = SheetMarks()
    wanted = {str(number).encode(): look for number, look in looks.items()}
    seen = 0
    rest = b""
    first = True
    with archive.open(part) as file:
        while seen < limit and (piece := file.read(_PIECE)):
            seen += len(piece)
            piece = rest + piece
            cut = piece.rfind(b"</row>")
            cut = cut if cut >= 0 else piece.rfind(b"</x:row>")
            whole, rest = (piece[:cut], piece[cut:]) if cut >= 0 else (b"", piece)
            if first and whole:
                _hidden_columns(whole[: whole.find(b"sheetData")], marks)
                first = False
            if _may_hide(whole) and _HIDDEN.search(whole):
                _hidden_rows(whole, marks)
            if wanted:
                _styled(whole, wanted, marks)
            if b't="e"' in whole or padding or _has_formulas(whole):
                _cells(whole, padding, marks)
    if rest and b"hidden" in rest:
        _hidden_rows(rest, marks)
    return marks


def _may_hide(content: bytes) -> bool:
    """Say whether a look at each attribute could find something hidden: a plain search is ten times as quick."""
    return b'hidden="' in content or b'ht="0' in content or b'width="0' in content


def _has_formulas(content: bytes) -> bool:
    return (b"<f" in content or b"<x:f" in content) and _FORMULA.search(content) is not None


def _hidden_columns(head: bytes, marks: SheetMarks) -> None:
    """Note hidden columns, each once however often a file hides it."""
    hidden = bytearray(_COLUMNS)
    for match in _COLUMN.finditer(head):
        attributes = match.group(1)
        low, high = _NUMBER[b"min"].search(attributes), _NUMBER[b"max"].search(attributes)
        if low and high and _HIDDEN.search(attributes):
            first, last = max(0, int(low.group(1)) - 1), min(int(high.group(1)), _COLUMNS)
            hidden[first:last] = b"\1" * len(range(first, last))
    marks.hidden_columns.extend(column for column, is_hidden in enumerate(hidden[:_COLUMNS]) if is_hidden)


def _hidden_rows(content: bytes, marks: SheetMarks) -> None:
    for match in _ROW.finditer(content):
        number = _NUMBER[b"r"].search(match.group(1))
        if number and _HIDDEN.search(match.group(1)):
            marks.hidden_rows.append(int(number.group(1)) - 1)


def _styled(content: bytes, wanted: dict[bytes, Look], marks: SheetMarks) -> None:
    pattern = _STYLED if _STYLED.search(content) else _STYLED_LOOSE
    for letters, row, style in pattern.findall(content):
        look = wanted.get(style)
        if look is not None:
            marks.looks[int(row) - 1, _column(letters)] = look


def _cells(content: bytes, padding: dict[int, int], marks: SheetMarks) -> None:
    for match in _CELL.finditer(content):
        attributes, inner = match.group(1), match.group(2) or b""
        style = _STYLE.search(attributes) if padding else None
        width = padding.get(int(style.group(1)), 0) if style else 0
        error = b't="e"' in attributes
        formula = bool(inner) and b"f" in inner and bool(_FORMULA.search(inner))
        if not (width or error or formula):
            continue
        reference = _REFERENCE.search(attributes)
        if reference is None:
            continue
        place = int(reference.group(2)) - 1, _column(reference.group(1))
        value = _VALUE.search(inner)
        if error and value:
            marks.errors[place] = value.group(1).decode("utf-8", "replace")
        elif width and value:
            marks.padded[place] = width
        if formula:
            marks.formulas.append(place)
            if not value and b't="str"' not in attributes:
                marks.formulas_without_value.append(place)


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1


def _looks(styles: ET.Element | None) -> dict[int, Look]:
    """Return the style numbers that do not look plain; plain is the workbook's first style."""
    if styles is None:
        return {}
    fonts = [_font(entry) for entry in styles.findall(f"{_MAIN}fonts/{_MAIN}font")]
    fills = [_fill(entry) for entry in styles.findall(f"{_MAIN}fills/{_MAIN}fill")]
    found: dict[int, Look] = {}
    for number, style in enumerate(styles.findall(f"{_MAIN}cellXfs/{_MAIN}xf")):
        font = fonts[int(style.get("fontId", "0"))] if int(style.get("fontId", "0")) < len(fonts) else PLAIN
        index = int(style.get("fillId", "0"))
        fill = fills[index] if index < len(fills) else ""
        look = Look(fill, font.colour, font.bold, font.italic, font.underline, font.strike)
        if look != PLAIN:
            found[number] = look
    return found


def _font(entry: ET.Element) -> Look:
    def has(tag: str) -> bool:
        element = entry.find(_MAIN + tag)
        return element is not None and element.get("val", "1") not in ("0", "false", "none")

    return Look("", _colour(entry.find(f"{_MAIN}color"), "1"), has("b"), has("i"), has("u"), has("strike"))


def _fill(entry: ET.Element) -> str:
    pattern = entry.find(f"{_MAIN}patternFill")
    if pattern is None:
        return "gradient" if entry.find(f"{_MAIN}gradientFill") is not None else ""
    kind = pattern.get("patternType", "none")
    if kind in ("none", "gray125"):
        return ""
    colour = _colour(pattern.find(f"{_MAIN}fgColor"), "0")
    return colour if kind == "solid" else f"{kind}:{colour}"


def _colour(entry: ET.Element | None, ground: str) -> str:
    """Return a colour as written, or nothing for the one that paper and ink have anyway; `ground` is that theme number."""
    if entry is None or entry.get("auto") or entry.get("indexed") in ("64", "65"):
        return ""
    if (theme := entry.get("theme")) is not None:
        tint = entry.get("tint", "0")
        return "" if theme == ground and float(tint or 0) == 0 else f"theme{theme}{tint if tint != '0' else ''}"
    if (indexed := entry.get("indexed")) is not None:
        plain = {"1": ("0", "8"), "0": ("1", "9")}[ground]
        return "" if indexed in plain else f"indexed{indexed}"
    rgb = (entry.get("rgb") or "").upper()[-6:]
    return "" if rgb == {"1": "000000", "0": "FFFFFF"}[ground] else rgb


def _objects(archive: zipfile.ZipFile, part: str, parts: set[str], name: str) -> Iterator[DrawnObject]:
    folder, file = posixpath.split(part)
    relations = parse_part(archive, f"{folder}/_rels/{file}.rels", parts, name)
    for relation in relations if relations is not None else ():
        target = relation.get("Target", "")
        target = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        if kind == "drawing":
            yield from _drawn(parse_part(archive, target, parts, name))
        elif kind == "comments":
            yield from _comments(parse_part(archive, target, parts, name))
        elif kind == "ctrlProp":
            yield DrawnObject("control")
        elif kind == "oleObject":
            yield DrawnObject("embedded")


def _drawn(drawing: ET.Element | None) -> Iterator[DrawnObject]:
    for anchor in drawing if drawing is not None else ():
        row = column = None
        for element in anchor.iter():
            tag = element.tag.rsplit("}", 1)[-1]
            if tag == "from":
                places = {child.tag.rsplit("}", 1)[-1]: child.text or "0" for child in element}
                row, column = _whole(places.get("row")), _whole(places.get("col"))
            elif tag in _KINDS:
                words = "".join(node.text or "" for node in element.iter() if node.tag.endswith("}t"))
                yield DrawnObject(_KINDS[tag], row, column, words[:200])
                if tag == "grpSp":
                    break


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _comments(comments: ET.Element | None) -> Iterator[DrawnObject]:
    for comment in comments.iter(f"{_MAIN}comment") if comments is not None else ():
        match = re.fullmatch(r"([A-Z]{1,3})(\d+)", comment.get("ref", ""))
        words = "".join(node.text or "" for node in comment.iter(f"{_MAIN}t"))
        if match:
            yield DrawnObject("comment", int(match.group(2)) - 1, _column(match.group(1).encode()), words[:200])

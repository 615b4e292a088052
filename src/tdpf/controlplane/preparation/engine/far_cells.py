"""Cells a slip of the hand left at the far end of a sheet (XFD1048576): taken off before a sheet as large as that is laid out."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

_ROW = re.compile(rb'<row\b[^>]{0,2000}?\br="(\d{1,7})"[^>]{0,2000}?(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(rb'<c\b[^>]{0,500}?\br="([A-Z]{1,3})(\d{1,7})"[^>]{0,500}?(?:/>|>.*?</c>)', re.DOTALL)
_THREE_LETTERS = re.compile(rb'r="[A-Z]{3}\d')
_DIMENSION = re.compile(rb"<dimension\b[^>]*/>")
_ROW_GAP, _COLUMN_GAP, _FEW = 20_000, 1_000, 5
_LARGEST_PART = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook's bytes for the reader, and the places of the cells that were taken off, by part."""

    content: bytes
    far: dict[str, list[str]]


def open_bytes(path: Path, kind: str) -> Opened:
    """Return the bytes of a workbook; of an .xlsx whose few far cells would make its sheets immense, without these."""
    content = path.read_bytes()
    if kind not in ("xlsx", "xlsm"):
        return Opened(content, {})
    changed: dict[str, bytes] = {}
    far: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.infolist():
                if part.filename.startswith("xl/worksheets/") and part.file_size <= _LARGEST_PART:
                    with archive.open(part) as file:
                        sheet = file.read(_LARGEST_PART)
                    mended, places = _without_far(sheet)
                    if places:
                        changed[part.filename], far[part.filename] = mended, places
            return Opened(_rewritten(archive, changed) if changed else content, far)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Opened(content, {})  # What is wrong with it the reader says better.


def _without_far(sheet: bytes) -> tuple[bytes, list[str]]:
    if not _THREE_LETTERS.search(sheet) and not _gap_at_end(sheet):
        return sheet, []
    # Nothing is looked for behind the last closing tag: every search ends soon, whatever a stranger wrote.
    rows = [(match, _cells(match.group(2) or b"")) for match in _ROW.finditer(sheet, 0, sheet.rfind(b"</row>") + 6)]
    rows = [(match, cells) for match, cells in rows if cells]
    gone: list[tuple[int, int]] = []
    places: list[str] = []
    numbers = [int(match.group(1)) for match, _ in rows]
    cut = _after_gap(numbers, _ROW_GAP)
    for match, cells in rows[cut:]:
        gone.append(match.span())
        places += [_place(cell) for cell in cells]
    rows = rows[:cut]
    columns = sorted(_column(cell) for _, cells in rows for cell in cells)
    edge = _after_gap(columns, _COLUMN_GAP)
    if edge < len(columns):
        for match, cells in rows:
            for cell in cells:
                if _column(cell) >= columns[edge]:
                    start = match.start(2)
                    gone.append((start + cell.start(), start + cell.end()))
                    places.append(_place(cell))
    if not gone:
        return sheet, []
    kept, at = [], 0
    for start, end in sorted(gone):
        kept.append(sheet[at:start])
        at = end
    kept.append(sheet[at:])
    return _DIMENSION.sub(b"", b"".join(kept), count=1), places


def _gap_at_end(sheet: bytes) -> bool:
    """Say whether one of the last few rows with cells stands far below the one before it; the others are not gone through."""
    numbers: list[int] = []
    end = sheet.rfind(b"</row>") + 6
    place = sheet.rfind(b"<row ", 0, end)
    while place >= 0 and len(numbers) <= _FEW:
        match = _ROW.match(sheet, place, end)
        if match and b"<c" in (match.group(2) or b""):
            numbers.append(int(match.group(1)))
            if numbers[-1] <= _ROW_GAP and len(numbers) == 1:
                return False
        place = sheet.rfind(b"<row ", 0, place)
    numbers.reverse()
    return _after_gap(numbers, _ROW_GAP) < len(numbers)


def _cells(row: bytes) -> list[re.Match[bytes]]:
    return list(_CELL.finditer(row, 0, row.rfind(b"</c>") + 4)) if b"</c>" in row else []


def _after_gap(numbers: list[int], gap: int) -> int:
    """Return from which place on only few numbers stand, behind a wide gap; the length when there is no such place."""
    for place in range(max(1, len(numbers) - _FEW), len(numbers)):
        if numbers[place] - numbers[place - 1] > gap:
            return place
    return len(numbers)


def _column(cell: re.Match[bytes]) -> int:
    column = 0
    for letter in cell.group(1):
        column = column * 26 + letter - 64
    return column


def _place(cell: re.Match[bytes]) -> str:
    return f"{cell.group(1).decode()}{cell.group(2).decode()}"


def _rewritten(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as fresh:
        for part in archive.infolist():
            with archive.open(part) as file:
                fresh.writestr(part.filename, changed.get(part.filename) or file.read())
    return out.getvalue()

"""The marks of a legacy .xls (BIFF8): its OLE2 container unpacked and its records gone through once.

Sources: [MS-CFB] for the container, [MS-XLS] for the records.
"""

from __future__ import annotations

import struct
from pathlib import Path

from tdpf.controlplane.preparation.engine.faults import met
from tdpf.controlplane.preparation.engine.rating.marks import PLAIN, DrawnObject, Look, SheetMarks

_FREE = 0xFFFFFFFA
_BOF, _EOF, _SHEET, _FONT, _XF = 0x0809, 0x000A, 0x0085, 0x0031, 0x00E0
_ROW, _COLUMNS, _FORMULA, _OBJECT, _NOTE = 0x0208, 0x007D, 0x0006, 0x005D, 0x001C
_CELLS = frozenset((0x0203, 0x00FD, 0x0204, 0x0201, 0x0205, _FORMULA))
_ROWS_OF_BLANKS, _ROWS_OF_NUMBERS = 0x00BE, 0x00BD
_OBJECT_KINDS = {0: "group", 1: "line", 2: "shape", 3: "shape", 5: "chart", 6: "shape", 8: "picture", 25: "comment"}
_DEFAULT_COLOURS = frozenset((0x7FFF, 8, 64, 0))


def read_xls_marks(path: Path) -> dict[str, SheetMarks]:
    """Return marks by sheet; nothing when the container or its records cannot be followed."""
    try:
        stream = _workbook_stream(path.read_bytes())
        return _sheets(stream) if stream else {}
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, RecursionError):
        return {}


def must_be_sound(path: Path, *, name: str) -> None:
    """Raise Damaged unless the container's chains of sectors end: a ring would keep a reader going for ever."""
    try:
        if not _workbook_stream(path.read_bytes()):
            raise ValueError("it holds no workbook")
    except (struct.error, IndexError, ValueError) as fault:
        raise met(name, "XLS", fault) from fault


def _workbook_stream(content: bytes) -> bytes:
    sector = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    if not 128 <= sector <= 65536 or not 8 <= small <= sector:
        return b""
    directory, cutoff = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 56)[0]
    table = _sector_table(content, sector)
    entries = _chain(content, table, directory, sector)
    streams: dict[str, tuple[int, int]] = {}
    for start in range(0, len(entries) - 127, 128):
        length = struct.unpack_from("<H", entries, start + 64)[0]
        title = entries[start : start + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        first, size = struct.unpack_from("<II", entries, start + 116)
        streams.setdefault(title, (first, size))
    found = streams.get("Workbook") or streams.get("Book")
    if found is None:
        return b""
    first, size = found
    if size >= cutoff:
        return _chain(content, table, first, sector)[:size]
    root = streams.get("Root Entry")
    if root is None:
        return b""
    pool = _chain(content, table, root[0], sector)
    mini = _chain(content, table, struct.unpack_from("<I", content, 60)[0], sector)
    small_table = list(struct.unpack(f"<{len(mini) // 4}I", mini[: len(mini) // 4 * 4]))
    return _follow(pool, small_table, first, small, 0)[:size]


def _sector_table(content: bytes, sector: int) -> list[int]:
    places = list(struct.unpack_from("<109I", content, 76))
    further, count = struct.unpack_from("<II", content, 68)
    if count and further >= _FREE:
        count = 0
    seen: set[int] = set()
    while count and further < _FREE:
        if further in seen or len(places) > 1_000_000:
            raise ValueError("its sector table is a ring")
        seen.add(further)
        block = content[(further + 1) * sector : (further + 2) * sector]
        numbers = struct.unpack(f"<{len(block) // 4}I", block)
        places.extend(numbers[:-1])
        further, count = numbers[-1], count - 1
    table: list[int] = []
    for place in places:
        if place < _FREE:
            block = content[(place + 1) * sector : (place + 2) * sector]
            table.extend(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))
    return table


def _chain(content: bytes, table: list[int], first: int, sector: int) -> bytes:
    return _follow(content, table, first, sector, 1)


def _follow(content: bytes, table: list[int], first: int, size: int, offset: int) -> bytes:
    blocks: list[bytes] = []
    place = first
    while place < _FREE and place < len(table):
        if len(blocks) > len(table):
            raise ValueError("a chain of its sectors is a ring")
        blocks.append(content[(place + offset) * size : (place + offset + 1) * size])
        place = table[place]
    return b"".join(blocks)


def _sheets(stream: bytes) -> dict[str, SheetMarks]:
    fonts: list[Look] = []
    styles: list[Look] = []
    starts: list[tuple[int, str]] = []
    for code, data in _records(stream, 0):
        if code == _FONT and len(data) >= 12:
            if len(fonts) == 4:
                fonts.append(PLAIN)  # there is no font number 4
            fonts.append(_font(data))
        elif code == _XF and len(data) >= 20:
            styles.append(_style(data, fonts))
        elif code == _SHEET and len(data) >= 8:
            length, wide = data[6], data[7] & 1
            raw = data[8 : 8 + length * (2 if wide else 1)]
            starts.append((struct.unpack_from("<I", data)[0], raw.decode("utf-16-le" if wide else "latin-1")))
    return {title: _sheet(stream, start, styles) for start, title in starts}


def _records(stream: bytes, place: int) -> list[tuple[int, bytes]]:
    """Return the records of one substream."""
    found = []
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        found.append((code, stream[place + 4 : place + 4 + length]))
        place += 4 + length
        if code == _EOF:
            break
    return found


def _sheet(stream: bytes, start: int, styles: list[Look]) -> SheetMarks:
    marks = SheetMarks()
    depth = 0
    place = start
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        data = stream[place + 4 : place + 4 + length]
        place += 4 + length
        if code == _BOF:
            depth += 1
        elif code == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth == 1:
            _note(code, data, styles, marks)
    return marks


def _note(code: int, data: bytes, styles: list[Look], marks: SheetMarks) -> None:
    if code == _ROW and len(data) >= 16:
        if data[12] & 0x20:
            marks.hidden_rows.append(struct.unpack_from("<H", data)[0])
    elif code == _COLUMNS and len(data) >= 10:
        first, last, width, _, options = struct.unpack_from("<5H", data)
        if options & 1 or width == 0:
            known = set(marks.hidden_columns)
            marks.hidden_columns.extend(column for column in range(first, min(last, 255) + 1) if column not in known)
    elif code in _CELLS and len(data) >= 6:
        row, column, style = struct.unpack_from("<3H", data)
        if code == _FORMULA:
            marks.formulas.append((row, column))
        _look_at(row, column, style, styles, marks)
    elif code in (_ROWS_OF_BLANKS, _ROWS_OF_NUMBERS) and len(data) >= 6:
        row, column = struct.unpack_from("<HH", data)
        step = 2 if code == _ROWS_OF_BLANKS else 6
        for number, place in enumerate(range(4, len(data) - 3, step)):
            _look_at(row, column + number, struct.unpack_from("<H", data, place)[0], styles, marks)
    elif code == _OBJECT and len(data) >= 8:
        kind = _OBJECT_KINDS.get(struct.unpack_from("<H", data, 4)[0])
        if kind and kind != "comment":
            marks.objects.append(DrawnObject(kind))
    elif code == _NOTE and len(data) >= 4:
        row, column = struct.unpack_from("<HH", data)
        marks.objects.append(DrawnObject("comment", row, column))


def _look_at(row: int, column: int, style: int, styles: list[Look], marks: SheetMarks) -> None:
    if style < len(styles) and styles[style] != PLAIN:
        marks.looks[row, column] = styles[style]


def _font(data: bytes) -> Look:
    options, colour, weight = struct.unpack_from("<HHH", data, 2)
    return Look(
        "",
        "" if colour in _DEFAULT_COLOURS else f"indexed{colour}",
        weight >= 600,
        bool(options & 2),
        data[10] != 0,
        bool(options & 8),
    )


def _style(data: bytes, fonts: list[Look]) -> Look:
    font = struct.unpack_from("<H", data)[0]
    pattern = struct.unpack_from("<I", data, 14)[0] >> 26
    ground = struct.unpack_from("<H", data, 18)[0] & 0x7F
    fill = "" if pattern == 0 or (pattern == 1 and ground in (9, 65, 1)) else f"{pattern}:indexed{ground}"
    look = fonts[font] if font < len(fonts) else PLAIN
    return Look(fill, look.colour, look.bold, look.italic, look.underline, look.strike)

"""Opens a file of any kind as a subject: sheets, tables and marks, before anything is judged."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

from tdpf.controlplane.preparation.engine.blocks import Block, find_blocks
from tdpf.controlplane.preparation.engine.delimited import open_delimited
from tdpf.controlplane.preparation.engine.encoding import find_encoding
from tdpf.controlplane.preparation.engine.errors import (
    Damaged,
    EmptyFile,
    Encrypted,
    NoTable,
    NotATable,
    TooManyCells,
)
from tdpf.controlplane.preparation.engine.far_cells import open_bytes
from tdpf.controlplane.preparation.engine.faults import met
from tdpf.controlplane.preparation.engine.grid import MemoryGrid, Merge, bounded_merges
from tdpf.controlplane.preparation.engine.json_tables import open_json
from tdpf.controlplane.preparation.engine.kinds import find_kind, is_xml, made_for_paper
from tdpf.controlplane.preparation.engine.mixed_lines import MIXED
from tdpf.controlplane.preparation.engine.rating.lines import broken_rows
from tdpf.controlplane.preparation.engine.rating.marks import SheetMarks
from tdpf.controlplane.preparation.engine.rating.ods_marks import read_ods_marks
from tdpf.controlplane.preparation.engine.rating.pieces import Store
from tdpf.controlplane.preparation.engine.rating.subject import (
    DAY,
    NOTHING,
    NUMBER,
    TEXT,
    LineNumbers,
    Sheet,
    Subject,
    Table,
    take_table,
)
from tdpf.controlplane.preparation.engine.rating.xls_marks import must_be_sound, read_xls_marks
from tdpf.controlplane.preparation.engine.rating.xlsx_marks import read_xlsx_marks
from tdpf.controlplane.preparation.engine.samples import is_sample, is_supplement
from tdpf.controlplane.preparation.engine.types import Limits, Row
from tdpf.controlplane.preparation.engine.workbooks import shown
from tdpf.controlplane.preparation.engine.xml_tables import open_xml

_PROSE = frozenset((".md", ".markdown", ".rst", ".adoc", ".tex"))
_OTHER_SHAPES = frozenset(
    (".yaml", ".yml", ".toml", ".ini", ".cfg", ".py", ".js", ".ts", ".css", ".sql", ".sh", ".ttl", ".nt")
)
# Sheets about the data in the others: where to find what, what was changed, what codes mean.
_ABOUT = re.compile(
    r"表紙|目次|もくじ|索引|更新履歴|変更履歴|改[訂定]履歴|コード(?:表|一覧)|データ項目|メタデータ|^(?:注記?|注釈|備考|出典|概要|利用規約|利用条件|お知らせ|連絡先)$|^(?:cover|contents|index|about|notes?|metadata|change ?log|codes?)$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"。|[：:]|^[・※（(]|^\d+[\s.．、)）]")
_KINDS = {str: TEXT, dt.date: DAY, dt.datetime: DAY}


def open_subject(path: Path, name: str, limits: Limits) -> Subject:
    """Return the file opened; raises a NotReadable for what cannot be opened or holds no table."""
    try:
        kind: str = find_kind(path, name=name, limits=limits)
    except NotATable:
        if not is_xml(path):
            raise
        kind = "xml"
    if kind in ("pdf", "picture"):
        raise made_for_paper(path, name=name)
    if kind == "json":
        try:
            encoding, tables = open_json(path, name=name)
        except NoTable:
            lists = _lists(path, name)
            if lists is None:
                raise
            return lists
        return _records(name, "json", encoding, [(table.place, table.grid) for table in tables])
    if kind == "xml":
        encoding, found = open_xml(path, name=name)
        return _records(name, "xml", encoding, [(table.place, table.grid) for table in found])
    if kind == "text":
        _refuse_words(name)
        return _delimited(path, name, limits)
    return _workbook(path, kind, name, limits)


def _refuse_words(name: str) -> None:
    """Raise for a text whose ending says that it is prose (NotATable), or data of another shape than a table (NoTable)."""
    ending = Path(name).suffix.lower()
    if ending in _PROSE:
        raise NotATable(
            file=name,
            kind_ja=f"文章（{ending}）",
            kind_en=f"prose ({ending})",
            cure_ja="中の表をCSV（UTF-8）かExcelブックにして公開してください。",
            cure_en="Publish the tables in it as CSV (UTF-8) or an Excel workbook.",
        )
    if ending in _OTHER_SHAPES:
        raise NoTable(
            file=name,
            seen_ja=f"表ではない形式（{ending}）のテキストです。",
            seen_en=f"It is text of a form that is no table ({ending}).",
        )


def _records(name: str, form: str, encoding: str, found: list[tuple[str, MemoryGrid]]) -> Subject:
    sheets = []
    for place, grid in found:
        names = [str(cell) for cell in grid.cells[0]]
        if not names:
            continue
        sheet = Sheet(place, grid.cells)
        block = Block(
            header_rows=(0,),
            first_row=1,
            last_row=len(grid.cells) - 1,
            columns=tuple(range(len(names))),
            parts=tuple((column,) if column else () for column in names),
            units=("",) * len(names),
            filled_rows=len(grid.cells) - 1,
        )
        sheet.tables = [take_table(sheet, block)]
        sheets.append(sheet)
    return Subject(name, "records", form, encoding, sheets)


def _lists(path: Path, name: str) -> Subject | None:
    """Return a JSON array of arrays as a table whose first array are the names, or None when it is no such array."""
    encoding = find_encoding(path, name=name)
    try:
        document = json.loads(path.read_text(encoding=encoding.codec, errors="replace").removeprefix("\ufeff"))
    except json.JSONDecodeError:
        return None
    if not isinstance(document, list) or len(document) < 2 or not all(isinstance(row, list) for row in document):
        return None
    if any(isinstance(cell, list | dict) for row in document for cell in row):
        return None
    width = max(len(row) for row in document)
    cells: list[Row] = [
        [shown(cell if not isinstance(cell, int) or isinstance(cell, bool) else str(cell)) for cell in row]
        + [None] * (width - len(row))
        for row in document
    ]
    return _records(name, "json", encoding.label, [("$", MemoryGrid("$", cells))])


def _delimited(path: Path, name: str, limits: Limits) -> Subject:
    grid = open_delimited(path, name=name, limits=limits)
    cells: Sequence[Row]
    if path.stat().st_size > limits.held_bytes:
        cells = Store(grid.rows())
    else:
        known: dict[str, str] = {}
        # Municipal columns repeat: one text for equal values keeps a large file small in memory.
        cells = [
            [known.setdefault(cell, cell) if cell is not None and len(cell) < 64 else cell for cell in record]
            for record in grid.rows()
        ]
    if not any(map(any, cells)):
        raise EmptyFile(file=name)
    sheet = Sheet("", cells)
    blocks = [block for block in find_blocks(MemoryGrid("", cells)) if block.filled_rows or _says_something(block)]
    sheet.tables = [take_table(sheet, block) for block in blocks]
    suffix = Path(name).suffix.lower().removeprefix(".")
    form = "tsv" if grid.dialect.delimiter == "\t" else suffix if suffix in ("csv", "txt") else "csv"
    return Subject(
        name,
        "delimited",
        form,
        grid.encoding.label,
        [sheet],
        delimiter=grid.dialect.delimiter,
        quotes_broken=any(found.code == "quoting" for found in grid.notes),
        misfits=grid.encoding.misfits,
        mixed=(grid.encoding.why_ja, grid.encoding.why_en) if grid.encoding.codec == MIXED else ("", ""),
        lines=_line_numbers(grid.dialect.skip_lines, sheet),
    )


def _line_numbers(skipped: int, sheet: Sheet) -> LineNumbers | None:
    """Return the line on which each record begins, or None when records and lines are the same."""
    if isinstance(sheet.cells, Store):
        further = sheet.cells.breaks
    else:
        further = {}
        for row in broken_rows(sheet):
            text = "".join(filter(None, sheet.cells[row]))
            further[row] = text.count("\n") or text.count("\r")
    return LineNumbers(skipped, further) if further or skipped else None


def _says_something(block: Block) -> bool:
    return any(letter.isalnum() for parts in block.parts for part in parts for letter in part)


def _workbook(path: Path, kind: str, name: str, limits: Limits) -> Subject:
    if kind == "xls":
        must_be_sound(path, name=name)
    try:
        opened = open_bytes(path, kind)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(opened.content))
    except calamine.PasswordError as fault:
        raise Encrypted(file=name) from fault
    except calamine.CalamineError as fault:
        raise _broken(fault, kind, name) from fault
    worksheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in worksheets if sheet.visible is calamine.SheetVisibleEnum.Visible]
    hidden = [sheet.name for sheet in worksheets if sheet.name not in visible]
    marks: dict[str, SheetMarks] = {}
    merges: dict[str, list[tuple[int, int, int, int]]] = {}
    if kind in ("xlsx", "xlsm"):
        marks = read_xlsx_marks(path, visible, opened.far, name=name, limit=limits.max_unzipped_bytes)
    elif kind == "ods":
        marks, merges, unseen = read_ods_marks(path, name=name, limit=limits.max_unzipped_bytes)
        hidden.extend(title for title in visible if title in unseen)
        visible = [title for title in visible if title not in unseen]
    elif kind == "xls":
        marks = read_xls_marks(path)
    sheets: list[Sheet] = []
    cells = 0
    for title in visible:
        try:
            sheet = _sheet(book.get_sheet_by_name(title), title, marks.get(title, SheetMarks(known=False)), limits)
        except calamine.CalamineError as fault:
            raise _broken(fault, kind, name) from fault
        if title in merges:
            sheet.merges = [Merge(*four) for four in merges[title]]
        cells += sum(sheet.cells.widths) if isinstance(sheet.cells, Store) else sum(map(len, sheet.cells))
        if cells > limits.max_cells:
            raise TooManyCells(file=name, limit=limits.max_cells)
        if any(map(any, sheet.cells)) or sheet.marks.objects:
            sheets.append(sheet)
    if not sheets:
        raise EmptyFile(file=name)
    _find_tables(sheets)
    return Subject(name, "workbook", kind, "", sheets, hidden_sheets=tuple(hidden))


def _sheet(sheet: calamine.CalamineSheet, title: str, marks: SheetMarks, limits: Limits) -> Sheet:
    large = sheet.total_height * sheet.total_width > limits.held_cells
    kinds: list[bytes] = []
    # Rows one by one begin at the first column that is used, rows in one go at column A.
    before = [""] * sheet.start[1] if sheet.start else []
    texts = _texts((before + row for row in sheet.iter_rows()), kinds)
    marked = _marked(texts, marks)
    cells: Sequence[Row] = Store(marked) if large else list(marked)
    merges = list(bounded_merges(sheet.merged_cell_ranges or [], cells))
    return Sheet(title, cells, kinds, merges, marks)


def _texts(rows: Iterable[Sequence[Any]], kinds: list[bytes]) -> Iterator[Row]:
    """Yield rows as they are shown, and keep of each cell what kind of value it holds."""
    known: dict[Any, str | None] = {}
    for row in rows:
        line: Row = []
        for value in row:
            if value == "":
                line.append(None)
                continue
            key = (value.__class__, value)
            text = known.get(key)
            if text is None:
                text = shown(value)
                if len(known) < 100_000:
                    known[key] = text
            line.append(text)
        kinds.append(bytes([_KINDS.get(value.__class__, NUMBER) if value != "" else NOTHING for value in row]))
        yield line


def _marked(rows: Iterable[Row], marks: SheetMarks) -> Iterator[Row]:
    """Yield rows with the errors and leading zeros that only the marks know."""
    errors: dict[int, dict[int, str]] = {}
    for (row, column), error in marks.errors.items():
        errors.setdefault(row, {})[column] = error
    padded: dict[int, dict[int, int]] = {}
    for (row, column), width in marks.padded.items():
        padded.setdefault(row, {})[column] = width
    for number, line in enumerate(rows):
        for column, error in errors.get(number, {}).items():
            if column < len(line):
                line[column] = error
        for column, width in padded.get(number, {}).items():
            value = line[column] if column < len(line) else None
            if value and value.isdigit() and len(value) < width:
                line[column] = value.zfill(width)
        yield line


def _find_tables(sheets: list[Sheet]) -> None:
    """Find the tables of every sheet, and set aside the sheets that are examples or notes where there are others."""
    for sheet in sheets:
        blocks = find_blocks(MemoryGrid(sheet.name, sheet.cells, sheet.merges))
        sheet.tables = [take_table(sheet, block) for block in blocks]
        if is_sample(sheet.name, sheet.cells[:60]):
            sheet.aside = "sample"
        elif is_supplement(sheet.name) or _ABOUT.search(sheet.name):
            sheet.aside = "supplement"
        elif not any(len(table.columns) >= 2 or _is_list(table) for table in sheet.tables):
            sheet.aside = "words"
        elif not any(table.rows for table in sheet.tables):
            sheet.aside = "empty"
    if all(sheet.aside for sheet in sheets):
        for sheet in sheets:
            sheet.aside = ""
    for sheet in sheets:
        if not sheet.aside:
            tabular = [table for table in sheet.tables if len(table.columns) >= 2 or len(table.rows) >= 2]
            sheet.tables = tabular or sheet.tables


def _is_list(table: Table) -> bool:
    """Say whether a table of one column is a list, not the lines of a cover: rows that follow each other, with no gap and no sentence."""
    values = [value for value in table.columns[0].values if value] if table.columns else []
    return len(values) >= 2 and not table.blank_rows and not any(map(_SENTENCE.search, values))


def _broken(fault: Exception, kind: str, name: str) -> Damaged | Encrypted:
    words = str(fault)
    if "password" in words.lower() or "encrypt" in words.lower():
        return Encrypted(file=name)
    return met(name, kind.upper(), fault)

"""Rules for text files with separated fields: one record a line, commas inside values quoted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.rating.margins import header_end, names_end
from tdpf.controlplane.preparation.engine.rating.pieces import Store
from tdpf.controlplane.preparation.engine.rating.subject import Column, Sheet, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import narrow
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, normalise

_ADDRESS = re.compile(r"住所|所在地|address", re.IGNORECASE)
_OF_LINK = re.compile(r"[\w.~&=?%/#+:;@!$'()*-]*", re.ASCII)
_NUMBERS = re.compile(r"\d{1,4}(?:丁目|番地?|号|-|$)")
_BUILDING = re.compile(
    r"(?:ビル|ビルディング|マンション|ハイツ|コーポ|アパート|プラザ|タワー|会館|センター)?(?:\d{1,3}階|\d{1,2}F|\d{2,4}号室?)$|ビル$"
)


def one_record_a_line(subject: Subject) -> RuleVerdict:
    """L1-14."""
    case = Case("L1-14")
    sheet = subject.sheets[0]
    rows = broken_rows(sheet)
    case.weigh(sheet, max(1, len(sheet.cells)))
    if rows:
        columns = sorted(
            {column for row in rows for column, cell in enumerate(sheet.cells[row]) if cell and _breaks(cell)}
        )
        case.find(
            sheet,
            len(rows),
            subject.place(sheet, rows, columns),
            f"{len(rows)} 件のレコードで値の中に改行があるため、取り除いてください。",
            f"{len(rows)} records hold line breaks inside values; remove them.",
            normalise(_names(subject, columns), "name"),
        )
    return case.verdict()


def broken_rows(sheet: Sheet) -> list[int]:
    """Return the records that hold line breaks."""
    if isinstance(sheet.cells, Store):
        return list(sheet.cells.breaks)
    return [row for row, cells in enumerate(sheet.cells) if _breaks("".join(filter(None, cells)))]


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text


def _names(subject: Subject, columns: list[int]) -> list[str]:
    wanted = set(columns)
    return [
        column.name for table in subject.tables for column in table.columns if column.index in wanted and column.name
    ]


def commas_quoted(subject: Subject) -> RuleVerdict:
    """L1-15: records with more values than there are names, while most records have as many as names."""
    case = Case("L1-15")
    sheet = subject.sheets[0]
    case.weigh(sheet, max(1, len(sheet.cells)))
    if subject.quotes_broken:
        case.find(
            sheet,
            len(sheet.cells),
            "",
            '引用符（"）の対応が崩れているため、カンマを含む値を「"」で正しく囲んで保存し直してください。',
            "Quotation marks do not pair up; save the file again with values that hold commas in quotes.",
        )
    for table in subject.tables:
        rows = _too_long(sheet, table)
        if rows:
            case.find(
                sheet,
                len(rows),
                subject.place(sheet, rows),
                f'{len(rows)} 行で値の数が項目の数より多く、カンマを含む値が囲まれていないと考えられるため、「"」で囲んでください。',
                f"{len(rows)} lines have more values than there are columns, most likely from commas outside quotes; quote them.",
            )
    return case.verdict()


def shifted_rows(subject: Subject, table: Table) -> frozenset[int]:
    """Return the rows of a table whose values stand in the wrong columns because of a comma outside quotes."""
    return frozenset(_too_long(table.sheet, table)) if subject.kind == "delimited" else frozenset()


def _too_long(sheet: Sheet, table: Table) -> list[int]:
    end = names_end(table)
    if sum(1 for column in table.columns if column.parts) < 2:
        return []
    written = max(end, header_end(table))
    long = _filled_past(sheet, table, written)
    if long and len(long) * 2 <= len(table.rows):
        return long
    return _split_in_all(sheet, table, long if written == end else _filled_past(sheet, table, end), end)


def _filled_past(sheet: Sheet, table: Table, end: int) -> list[int]:
    """Return the rows of a table that hold a value in column `end` or right of it."""
    if isinstance(sheet.cells, Store):
        over = sheet.cells.rows_past(end)
        return [row for row in over if (at := bisect_left(table.rows, row)) < len(table.rows) and table.rows[at] == row]
    return [row for row in table.rows if any(sheet.cells[row][end:])]


def _split_in_all(sheet: Sheet, table: Table, long: list[int], end: int) -> list[int]:
    """Return the rows even where most are too long, when what is too much is a number cut at its thousands, or an address cut in two."""
    if not long or end < 3:
        return []
    if header_end(table) == end and (_of_many_lengths(sheet, long) or _cut_links(sheet, table, long, end)):
        return long
    cut = [row for row in long if any(map(_cut_number, *_neighbours(sheet, row)))]
    if len(cut) * 2 > len(table.rows):
        return cut
    if header_end(table) > end or len(long) * 10 < len(table.rows) * 9 or len(table.rows) < 3:
        return []
    for column in table.columns:
        if column.index < end and _ADDRESS.search(header_text(column.name)) and _cut_addresses(sheet, column, long):
            return long
    return []


def _of_many_lengths(sheet: Sheet, rows: list[int]) -> bool:
    """Say whether rows go beyond the names by different numbers of fields, as commas in texts do and nameless columns do not."""
    lengths = Counter(
        sheet.cells.widths[row] if isinstance(sheet.cells, Store) else len(sheet.cells[row]) for row in rows
    )
    return len(lengths) > 1 and lengths.most_common()[1][1] * 5 >= len(rows)


def _cut_links(sheet: Sheet, table: Table, rows: list[int], end: int) -> bool:
    """Say whether what stands beyond the names carries on the address of a page in the last column."""
    cut = 0
    for row in rows:
        last, *after = [cell or "" for cell in sheet.cells[row][end - 1 :]]
        cut += last.startswith(("http://", "https://")) and all(map(_OF_LINK.fullmatch, after))
    return cut * 10 >= len(rows) * 9 and len(rows) * 2 > len(table.rows)


def _neighbours(sheet: Sheet, row: int) -> tuple[list[str], list[str]]:
    cells = [(cell or "").strip() for cell in sheet.cells[row]]
    return cells[:-1], cells[1:]


def _cut_number(left: str, right: str) -> bool:
    return left.lstrip("-").isdigit() and len(left) <= 3 and len(right) == 3 and right.isdigit()


def _cut_addresses(sheet: Sheet, column: Column, rows: list[int]) -> bool:
    """Say whether the cells right of a column of addresses carry these on: the numbers, or the building."""
    rest = 0
    for row in rows:
        line = sheet.cells[row]
        address = narrow(line[column.index] or "")
        after = narrow(line[column.index + 1] or "") if column.index + 1 < len(line) else ""
        rest += bool((_NUMBERS.match(after) and not address[-1:].isdigit()) or _BUILDING.search(after))
    return rest * 10 >= len(rows) * 8

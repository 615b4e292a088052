"""Rules for text files with separated fields: one record a line, commas inside values quoted."""

from __future__ import annotations

from bisect import bisect_left

from tdpf.controlplane.preparation.engine.rating.pieces import Store
from tdpf.controlplane.preparation.engine.rating.subject import Sheet, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, normalise


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


def _too_long(sheet: Sheet, table: Table) -> list[int]:
    named = [column.index for column in table.columns if column.parts]
    if not named or len(named) < 2:
        return []
    end = max(named) + 1
    if isinstance(sheet.cells, Store):
        over = sheet.cells.rows_past(end)
        long = [row for row in over if (at := bisect_left(table.rows, row)) < len(table.rows) and table.rows[at] == row]
    else:
        long = [row for row in table.rows if any(sheet.cells[row][end:])]
    return long if long and len(long) * 2 <= len(table.rows) else _split_in_all(sheet, table, long, end)


def _split_in_all(sheet: Sheet, table: Table, long: list[int], end: int) -> list[int]:
    """Return the rows even where most are too long, when what is too much is a number cut at its thousands."""
    cut = [
        row
        for row in long
        if any(
            (left or "").strip().lstrip("-").isdigit()
            and len((left or "").strip()) <= 3
            and len(right or "") == 3
            and (right or "").isdigit()
            for left, right in zip(sheet.cells[row], sheet.cells[row][1:], strict=False)
        )
    ]
    return cut if len(long) and len(cut) * 2 > len(table.rows) and end > 2 else []

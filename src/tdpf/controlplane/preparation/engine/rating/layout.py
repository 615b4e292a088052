"""Rules about where tables stand: one table a sheet, no gaps, nothing beside it, the header first and named well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdpf.controlplane.preparation.engine.cells import is_number
from tdpf.controlplane.preparation.engine.grid import filled
from tdpf.controlplane.preparation.engine.rating.margins import is_memo
from tdpf.controlplane.preparation.engine.rating.subject import Sheet, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.verdicts import NO_LAYOUT, NO_TABLE, Case, detect, not_applicable


def one_table(subject: Subject) -> RuleVerdict:
    """L1-02."""
    case = Case("L1-02")
    for sheet in subject.data_sheets:
        tables = [table for table in sheet.tables if table.rows or subject.kind != "records"]
        if not tables and not sheet.tables:
            continue
        case.weigh(sheet, 1)
        stated = [table.block.range for table in tables]
        beside = list(_tables_beside(sheet))
        if len(tables) > 1 or beside:
            places = [*stated, *beside]
            where = ",".join(f"{sheet.name}!{place}" if sheet.name else place for place in places[:12])
            case.find(
                sheet,
                1,
                where,
                f"一つの{'シート' if sheet.name else 'ファイル'}に表が {len(places)} 個あるため、表ごとに分けてください。",
                f"There are {len(places)} tables in one {'sheet' if sheet.name else 'file'}; give each its own.",
                detect() if stated else None,
            )
    if subject.kind == "records" and len(subject.data_sheets) > 1:
        return _several_arrays(subject)
    return case.verdict(*NO_TABLE)


def _several_arrays(subject: Subject) -> RuleVerdict:
    case = Case("L1-02")
    case.weigh(None, 1)
    names = {
        sheet.name: {column.name for table in sheet.tables for column in table.columns} for sheet in subject.data_sheets
    }
    large = [sheet for sheet in subject.data_sheets if sum(len(table.rows) for table in sheet.tables) >= 2]
    columns = {name for found in names.values() for name in found}
    described = [
        sheet for sheet in large if {"id", "type"} <= names[sheet.name] or {"name", "type"} <= names[sheet.name]
    ]
    if len(large) - len(described) > 1 and columns:
        places = ", ".join(sheet.name for sheet in large[:8])
        case.find(
            None,
            1,
            places,
            f"一つのファイルに表（レコードの並び）が {len(large)} 個あるため、表ごとに分けてください。",
            f"The file holds {len(large)} lists of records; give each a file of its own.",
        )
    return case.verdict()


def _tables_beside(sheet: Sheet) -> Iterator[str]:
    """Yield the places of small tables that stand beside the main one: labels with numbers, several lines of them."""
    for table in sheet.tables:
        for note in table.block.notes:
            if note.code != "beside-table":
                continue
            lines = [line.split() for line in note.text.splitlines()]
            pairs = [line for line in lines if len(line) >= 2 and any(is_number(cell) for cell in line[1:])]
            if len(pairs) >= 2:
                yield note.where


def undivided(subject: Subject) -> RuleVerdict:
    """L1-03."""
    if subject.kind == "records":
        return not_applicable("L1-03", *NO_LAYOUT)
    case = Case("L1-03")
    for table in subject.tables:
        sheet = table.sheet
        height = len(table.rows) + len(table.blank_rows)
        case.weigh(sheet, max(1, height))
        if table.blank_rows:
            case.find(
                sheet,
                len(table.blank_rows),
                subject.place(sheet, table.blank_rows),
                f"表の中に空白行が {len(table.blank_rows)} 行あるため、削除してください。",
                f"There are {len(table.blank_rows)} blank rows inside the table; delete them.",
                detect(),
            )
        if table.repeated_headers:
            case.find(
                sheet,
                len(table.repeated_headers),
                subject.place(sheet, table.repeated_headers),
                f"表の途中で見出しが {len(table.repeated_headers)} 回くり返されているため、くり返しの行を削除してください。",
                f"The header is repeated {len(table.repeated_headers)} times inside the table; delete the repetitions.",
                detect(),
            )
        _gaps_around(subject, table, case)
        _blank_records_below(subject, table, case)
    return case.verdict(*NO_TABLE)


def _gaps_around(subject: Subject, table: Table, case: Case) -> None:
    sheet, block = table.sheet, table.block
    left, right = block.columns[0], block.columns[-1]
    unused = sorted(set(range(left, right + 1)) - set(block.columns))
    nameless = [
        column.index
        for column in table.columns
        if not column.filled and not column.parts and column.index not in unused
    ]
    inside = sorted({*unused, *nameless})
    if inside and table.rows:
        case.find(
            sheet,
            len(table.rows) * len(inside) / max(1, len(block.columns)),
            subject.place(sheet, [], inside),
            f"表の中に空白列が {len(inside)} 列あるため、削除してください。",
            f"There are {len(inside)} blank columns inside the table; delete them.",
            detect(),
        )
    beyond = _separators_beyond(subject, sheet, table)
    if beyond:
        case.find(
            sheet,
            len(table.rows) * beyond / (len(block.columns) + beyond),
            subject.place(sheet, [], range(right + 1, right + 1 + beyond)),
            f"表の右に項目名も値もない列（カンマだけ）が {beyond} 列あるため、削除してください。",
            f"There are {beyond} columns of separators alone right of the table; delete them.",
            detect(),
        )
    first = min((other.block.columns[0] for other in sheet.tables), default=left)
    if left == first and left > 0 and _blank_before(sheet, table, left):
        case.find(
            sheet,
            1,
            subject.place(sheet, [], range(left)),
            f"表の左に空白列が {left} 列あるため、削除してください。",
            f"There are {left} blank columns left of the table; delete them.",
            detect(),
        )
    top = block.top
    if table is sheet.tables[0] and top > 0:
        blank = [row for row in range(top) if row >= len(sheet.cells) or not filled(sheet.cells[row])]
        if blank:
            case.find(
                sheet,
                len(blank),
                subject.place(sheet, blank),
                f"表の上に空白行が {len(blank)} 行あるため、削除してください。",
                f"There are {len(blank)} blank rows above the table; delete them.",
                detect(),
            )
    between = [row for row in range(top, block.first_row) if row < len(sheet.cells) and not filled(sheet.cells[row])]
    if between and block.header_rows:
        case.find(
            sheet,
            len(between),
            subject.place(sheet, between),
            "見出しとデータの間に空白行があるため、削除してください。",
            "There are blank rows between header and data; delete them.",
            detect(),
        )


def _separators_beyond(subject: Subject, sheet: Sheet, table: Table) -> int:
    """Return how many columns of separators alone every record of a text file goes on with; one may be a habit of the program that wrote it."""
    if subject.kind != "delimited" or len(sheet.tables) != 1 or not table.rows:
        return 0
    right = table.block.columns[-1]
    records = [sheet.cells[row] for row in (*table.block.header_rows, *table.rows) if row < len(sheet.cells)]
    beyond = min((len(record) - right - 1 for record in records), default=0)
    return beyond if beyond > 1 and not any(filled(record[right + 1 :]) for record in records) else 0


def _blank_records_below(subject: Subject, table: Table, case: Case) -> None:
    """Records of separators alone after the last row: ",,,,"."""
    sheet = table.sheet
    if subject.kind != "delimited" or table is not sheet.tables[-1]:
        return
    below = [
        row
        for row in range(table.block.last_row + 1, len(sheet.cells))
        if len(sheet.cells[row]) > 1 and not filled(sheet.cells[row])
    ]
    if below:
        case.find(
            sheet,
            len(below),
            subject.place(sheet, below),
            f"表の下に値のないレコード（カンマだけの行）が {len(below)} 行あるため、削除してください。",
            f"There are {len(below)} records of separators alone below the table; delete them.",
            detect(),
        )


def _blank_before(sheet: Sheet, table: Table, left: int) -> bool:
    rows = [*table.block.header_rows, *table.rows[:2000]]
    return not any(cell and not cell.isspace() for row in rows for cell in sheet.cells[row][:left])


def nothing_else(subject: Subject) -> RuleVerdict:
    """L1-04."""
    if subject.kind == "records":
        return not_applicable("L1-04", *NO_LAYOUT)
    case = Case("L1-04")
    for sheet in subject.data_sheets:
        if not sheet.tables:
            continue
        rows = sum(len(table.rows) for table in sheet.tables)
        case.weigh(sheet, max(1, rows))
        if sheet.marks.far:
            case.find(
                sheet,
                len(sheet.marks.far),
                f"{sheet.name}!{','.join(sheet.marks.far[:12])}",
                "表から遠く離れたセルに値が残っているため、削除してください。",
                "Values are left in cells far away from the table; delete them.",
                detect(),
            )
        for table in sheet.tables:
            for note in table.block.notes:
                if note.code == "notes-below":
                    where = _note_place(subject, sheet, note.where)
                    case.find(
                        sheet,
                        max(1, note.text.count("\n") + 1),
                        where,
                        "表の下に注記などがあるため、データの説明に移してください。",
                        "There are notes below the table; move them to the description of the data.",
                        detect(),
                    )
                elif note.code == "beside-table":
                    case.find(
                        sheet,
                        max(1, note.text.count("\n") + 1),
                        f"{sheet.name}!{note.where}" if sheet.name else note.where,
                        "表の横に注記や集計があるため、別の表かデータの説明に移してください。",
                        "There are remarks or sums beside the table; move them out of the sheet.",
                        detect(),
                    )
                elif note.code == "linkdata":
                    case.find(
                        sheet,
                        note.text.count("\n") + 1,
                        _note_place(subject, sheet, note.where),
                        "先頭にLinkDataの説明行があるため、削除してください。",
                        "There are LinkData lines above the table; delete them.",
                        detect(),
                    )
            for column in table.columns:
                if is_memo(subject, table, column):
                    case.find(
                        sheet,
                        column.filled,
                        subject.place(
                            sheet, [table.rows[at] for at in column.cells_with(column.which(bool))], column.index
                        ),
                        f"表の右に項目名のない書き込みが {column.filled} セルあるため、削除するか、項目名を付けて列にしてください。",
                        f"There are {column.filled} cells with remarks right of the table; delete them or give them a named column.",
                        detect(),
                    )
            for row in _stray_rows(table):
                case.find(
                    sheet,
                    1,
                    subject.place(sheet, [row]),
                    "表の終わりから離れた行に値が残っているため、削除してください。",
                    "A value is left far below the end of the table; delete it.",
                    detect(),
                )
            _titles(subject, table, case)
    return case.verdict(*NO_TABLE)


def _titles(subject: Subject, table: Table, case: Case) -> None:
    """Remarks above the table beyond its title: 単位, 出典, 注, 問い合わせ先."""
    block, sheet = table.block, table.sheet
    top = min(block.header_rows, default=block.first_row)
    rows = [
        row
        for row in range(top)
        if row < len(sheet.cells) and any(_ASIDE.match(cell) for cell in sheet.cells[row] if cell)
    ]
    if rows and table is sheet.tables[0]:
        case.find(
            sheet,
            len(rows),
            subject.place(sheet, rows),
            "表の上に注記があるため、データの説明に移してください。",
            "There are notes above the table; move them to the description of the data.",
            detect(),
        )


_ASIDE = re.compile(
    r"\s*[（(]?\s*(?:※|＊|注[)）:：\d１-９]|注$|[（(]?[0-9０-９]+[)）]|注意|備考|出典|資料|出所|お?問い?合わ?せ|担当|作成者|更新者|メモ)"
)


def _stray_rows(table: Table) -> list[int]:
    """Return lone values that follow after a gap of ten rows or more."""
    rows = table.rows
    stray: list[int] = []
    for position in range(len(rows) - 1, max(0, len(rows) - 4), -1):
        gap = rows[position] - rows[position - 1]
        line = table.sheet.cells[rows[position]]
        if gap > 10 and len(filled(line)) <= max(1, len(table.columns) // 5):
            return [*rows[position:]]
    return stray


def _note_place(subject: Subject, sheet: Sheet, where: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", where.split("行")[0])]
    if not numbers:
        return where
    return subject.place(sheet, range(numbers[0] - 1, numbers[-1]))

"""Rules about names: every column has one that tells, no two are alike, and they stand in the first row."""

from __future__ import annotations

import re
from collections import defaultdict

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.rating.lines import shifted_rows
from tdpf.controlplane.preparation.engine.rating.margins import is_memo, is_spill, names_end
from tdpf.controlplane.preparation.engine.rating.subject import Column, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import bare_name, narrow
from tdpf.controlplane.preparation.engine.rating.verdicts import NO_LAYOUT, NO_TABLE, Case, detect, not_applicable

_EMPTY_NAME = re.compile(
    r"(?:列|項目[_\- ]?\d|カラム|フィールド|field|column|col|f|x|v|c|data|unnamed: ?)[_\- ]?\d*|(?:列|項目|カラム|データ|フィールド|field|column|col|fld|item|data|val|var)[_\- ]?(?:\d+|[a-z])|[^\w\s]+|(?:無題|名称未設定)\d*|[_\-]+",
    re.IGNORECASE,
)

_CODED_NAME = re.compile(r"([A-Za-z]{1,3}(?:\d{1,3}(?=[_-]))?)[_-]?(?:\d{3,}|0\d)")
_TELLING = re.compile(r"[MTSHR]0?\d{1,2}|(?:Q|PM|NO|SO|CO|TEL|FAX|URL|SDG|AED)[_-]?\d+", re.IGNORECASE)
_QUESTION = re.compile(r"(?:Q|問|設問|質問)[_-]?\d{1,2}", re.IGNORECASE)
_NUMBER_SIGNS = frozenset(("№", "#", "％", "%", "〒", "℡", "TEL"))
_AXES = frozenset("xyzXYZ")


def named(subject: Subject) -> RuleVerdict:
    """L1-05."""
    case = Case("L1-05")
    for table in subject.tables:
        sheet, block = table.sheet, table.block
        case.weigh(sheet, len(table.columns))
        if not block.header_rows:
            case.find(
                sheet,
                len(table.columns),
                subject.place(sheet, [block.first_row]),
                "項目名の行がないため、1行目に各列の項目名を入れてください。",
                "There is no header row; put the names of the columns into the first row.",
            )
            continue
        row = block.header_rows[-1]
        shifted = shifted_rows(subject, table)
        empty = [
            column.index
            for column in table.columns
            if not column.parts
            and column.filled
            and not is_spill(subject, table, column)
            and not is_memo(subject, table, column)
            and not (shifted and column.index >= names_end(table))
        ]
        if empty:
            case.find(
                sheet,
                len(empty),
                subject.place(sheet, [row], empty),
                f"値があるのに項目名のない列が {len(empty)} 列あるため、項目名を付けてください。",
                f"{len(empty)} columns hold values but have no name; name them.",
            )
        coded = _coded(table)
        vague = [column for column in table.columns if column.parts and (column.name in coded or _is_vague(column))]
        for column in vague:
            case.find(
                sheet,
                1,
                subject.place(sheet, [row], column.index),
                f"項目名「{column.name}」からは内容が分からないため、具体的な名前にしてください。",
                f"The name “{column.name}” does not tell what the column holds; use a telling one.",
            )
    return case.verdict(*NO_TABLE)


def _is_vague(column: Column) -> bool:
    name = narrow(header_text(column.name))
    if _EMPTY_NAME.fullmatch(name) and name not in _NUMBER_SIGNS and name not in _AXES:
        return True
    if name.startswith("#") and len(name) > 1:
        return True
    if name.isascii() and len(name) == 1 and name.isalpha():
        return name not in _AXES or not _beside_axes(column, name)
    return name.isdigit() and not 1868 <= int(name) <= 2150 and not _in_series(column)


def _beside_axes(column: Column, name: str) -> bool:
    """Say whether another axis has a column too: an x alone tells nothing, nor does a z."""
    return any(narrow(header_text(other.name)) in _AXES - {name} for other in column.table.columns)


def _coded(table: Table) -> frozenset[str]:
    """Return names that are numbers of a system, two or more with the same short letters before: K101, K102, P20_001, P20_002; no PM10, H30."""
    alike: dict[str, list[str]] = defaultdict(list)
    for column in table.columns:
        match = _CODED_NAME.fullmatch(column.name)
        if match and not _TELLING.fullmatch(column.name):
            alike[match.group(1)].append(column.name)
    found = {name for names in alike.values() if len(names) > 1 for name in names}
    asked = [column.name for column in table.columns if _QUESTION.fullmatch(column.name)]
    if len(asked) > 4:
        found.update(asked)  # more than the quarters of a year: questions that are told elsewhere
    return frozenset(found)


def _in_series(column: Column) -> bool:
    """Say whether a number is one of several that name columns in steps: ages, months, hours."""
    numbers = [header_text(other.name) for other in column.table.columns if header_text(other.name).isdigit()]
    return len(numbers) >= 5 and len(set(numbers)) == len(numbers)


def distinct_names(subject: Subject) -> RuleVerdict:
    """L2-03."""
    case = Case("L2-03")
    for table in subject.tables:
        sheet, block = table.sheet, table.block
        if not block.header_rows:
            continue
        case.weigh(sheet, len(table.columns))
        alike: dict[str, list[Column]] = defaultdict(list)
        for column in table.columns:
            if column.parts:
                alike[narrow(bare_name(column))].append(column)
        for columns in alike.values():
            times, name = len(columns), header_text(columns[0].name)
            if times > 1:
                places = [column.index for column in columns]
                case.find(
                    sheet,
                    times,
                    subject.place(sheet, [block.header_rows[-1]], places),
                    f"項目名「{name}」の列が {times} 列あるため、別々の名前にしてください。",
                    f"{times} columns are called “{name}”; give them different names.",
                    detect(),
                )
        if subject.kind != "records" and (spread := _spread_names(table)):
            case.find(
                sheet,
                len(spread),
                subject.place(sheet, block.header_rows, [column.index for column in spread]),
                f"項目名が {len(block.header_rows)} 行に分かれていて1行では区別できないため、「{spread[0].name}」のように1行にまとめてください。",
                f"Names are spread over {len(block.header_rows)} rows; join them into one, as in “{spread[0].name}”.",
                detect(),
            )
    return case.verdict("項目名の行がありません。", "There is no header row.")


def _spread_names(table: Table) -> list[Column]:
    """Return the columns that no single header row names whole and differently from all others."""
    rows = [row for row in table.block.header_rows if row < len(table.sheet.cells)]
    if len(rows) < 2:
        return []
    for row in rows:
        line = table.sheet.cells[row]
        labels = [header_text(line[column.index]) if column.index < len(line) else "" for column in table.columns]
        if all(labels) and len(set(labels)) == len(labels):
            return []
    joined = [column for column in table.columns if len(column.parts) > 1]
    return joined or [column for column in table.columns if column.parts]


def header_first(subject: Subject) -> RuleVerdict:
    """L3-01."""
    if subject.kind == "records":
        return not_applicable("L3-01", *NO_LAYOUT)
    case = Case("L3-01")
    for sheet in subject.data_sheets:
        if not sheet.tables:
            continue
        table = sheet.tables[0]
        block = table.block
        case.weigh(sheet, 1)
        fix = detect()
        if not block.header_rows:
            case.find(
                sheet,
                1,
                subject.place(sheet, [0]),
                "項目名の行がないため、1行目に項目名を入れてください。",
                "There is no header row; put the names into the first row.",
            )
        elif block.header_rows[0] > 0:
            above = list(range(block.header_rows[0]))
            case.find(
                sheet,
                1,
                subject.place(sheet, above),
                f"項目名の行より上に {len(above)} 行あるため、1行目を項目名にしてください。",
                f"There are {len(above)} rows above the header; make the header the first row.",
                fix,
            )
        elif block.first_row > 1 or len(block.header_rows) > 1:
            case.find(
                sheet,
                1,
                subject.place(sheet, range(1, block.first_row)),
                f"項目名が {block.first_row} 行にわたり、2行目からデータが始まっていないため、項目名を1行にしてください。",
                f"The header takes {block.first_row} rows, so data do not begin in the second; make it one row.",
                fix,
            )
        elif not any(found.rows for found in sheet.tables):
            case.find(
                sheet,
                1,
                subject.place(sheet, [block.header_rows[-1] + 1]),
                "項目名の行だけでデータが1行もないため、2行目からデータを入れてください。",
                "There is a header and not one row of data; put the data into the second row and below.",
            )
    return case.verdict(*NO_TABLE)

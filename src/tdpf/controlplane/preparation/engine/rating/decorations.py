"""Rules for workbooks: no objects, no meaning in colours, no merges, nothing hidden, no formulas."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import chain, pairwise

from tdpf.controlplane.preparation.engine.grid import a1, filled
from tdpf.controlplane.preparation.engine.rating.marks import PLAIN, Look
from tdpf.controlplane.preparation.engine.rating.subject import Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import narrow
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, detect

_KINDS = {
    "picture": ("画像", "picture"),
    "shape": ("図形・テキストボックス", "shape or text box"),
    "group": ("図形のまとまり", "group of shapes"),
    "line": ("線", "line"),
    "chart": ("グラフ", "chart"),
    "ink": ("手書き", "ink drawing"),
    "comment": ("コメント", "comment"),
    "control": ("フォームの部品", "form control"),
    "embedded": ("埋め込みオブジェクト", "embedded object"),
}
_TOTAL = re.compile(r"(?:^|[小合総累])計|(?<!設)計$|総数|平均|全国|全体|再掲|total|subtotal", re.IGNORECASE)
_LINK = re.compile(r"https?://|@|www\.")
_NO_SHEET = ("シートがありません。", "There is no sheet.")


def no_objects(subject: Subject) -> RuleVerdict:
    """L1-10."""
    case = Case("L1-10")
    for sheet in subject.data_sheets:
        case.weigh(sheet, 1)
        by_kind: dict[str, list[str]] = defaultdict(list)
        for drawn in sheet.marks.objects:
            place = (
                ""
                if drawn.row is None or drawn.column is None
                else a1(drawn.row, drawn.column, drawn.row, drawn.column)
            )
            by_kind[drawn.kind].append(place.split(":")[0])
        for kind, places in by_kind.items():
            ja, en = _KINDS.get(kind, (kind, kind))
            known = [place for place in places if place]
            where = f"{sheet.name}!{','.join(known[:12])}{',…' if len(known) > 12 else ''}" if known else sheet.name
            case.find(
                sheet,
                1 / len(by_kind),
                where,
                f"{ja}が {len(places)} 個あるため、中の文字をセルに移して削除してください。",
                f"There are objects ({en}: {len(places)}); move their words into cells and delete them.",
            )
    return case.verdict(*_NO_SHEET)


def no_meaning_in_looks(subject: Subject) -> RuleVerdict:
    """L1-11."""
    case = Case("L1-11")
    for table in subject.tables:
        case.weigh(table.sheet, max(1, table.cells))
        if not table.sheet.marks.looks or not table.rows:
            continue
        for kind_ja, kind_en, cells in _set_apart(table):
            by_column: dict[int, list[int]] = defaultdict(list)
            for row, column in cells:
                by_column[column].append(row)
            rows = sorted({row for row, _ in cells})
            where = (
                subject.place(table.sheet, rows, sorted(by_column))
                if len(by_column) > 3
                else ",".join(subject.place(table.sheet, found, column) for column, found in sorted(by_column.items()))
            )
            case.find(
                table.sheet,
                len(cells),
                where,
                f"{len(cells)} セルが{kind_ja}で区別されているため、その意味を文字で書いた列を足してください。",
                f"{len(cells)} cells are set apart by {kind_en}; add a column that says what it means.",
            )
    return case.verdict(*_NO_SHEET)


def _set_apart(table: Table) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """Return the kinds of looks by which some body cells differ from the rest of their column.

    Bands of alternating rows, whole columns, rows of totals and links are no meaning.
    """
    found = []
    for part, ja, en in (
        ("strike", "取り消し線", "strike-through"),
        ("fill", "セルの色", "cell colour"),
        ("colour", "文字の色", "letter colour"),
        ("bold", "太字", "bold letters"),
        ("italic", "斜体", "italics"),
    ):
        cells = _odd_cells(table, part)
        if cells:
            found.append((ja, en, cells))
    return found


def _odd_cells(table: Table, part: str) -> list[tuple[int, int]]:
    looks = table.sheet.marks.looks
    totals = {row for row in table.rows if _is_total(table, row)}
    odd: list[tuple[int, int]] = []
    for column in table.columns:
        seen = [(row, _look(looks.get((row, column.index), PLAIN), part)) for row in table.rows]
        counts = Counter(look for _, look in seen)
        if len(counts) < 2:
            continue
        usual = counts.most_common(1)[0][0]
        for position, (row, look) in enumerate(seen):
            if look == usual or row in totals:
                continue
            value = column.values[position]
            if part in ("colour", "bold", "italic", "strike") and not (value and value.strip()):
                continue
            if part == "colour" and value and _LINK.search(value):
                continue
            odd.append((row, column.index))
    if not odd:
        return []
    rows = {row for row, _ in odd}
    if part == "fill" and _is_banded(table, rows):
        return []
    if part != "strike" and len(table.rows) < 3:
        return []
    return [] if part in ("fill", "colour") and (_said_by_sign(table, odd) or _said_by_value(table, odd)) else odd


def _said_by_sign(table: Table, odd: list[tuple[int, int]]) -> bool:
    """Say whether what is set apart are just the negative numbers of its columns."""
    columns = {column for _, column in odd}
    negative = {
        (row, column.index)
        for column in table.columns
        if column.index in columns
        for row, value in zip(table.rows, column.values, strict=True)
        if value and value.lstrip().startswith(("-", "△", "▲"))
    }
    return negative == set(odd)


def _said_by_value(table: Table, odd: list[tuple[int, int]]) -> bool:
    """Say whether a column of few values says in words which rows are set apart, whole or in that column: the weekday, the kind."""
    rows, columns = {row for row, _ in odd}, {column for _, column in odd}
    whole = len(odd) * 5 >= len(rows) * len(table.columns) * 4
    if len(rows) < 2:
        return False
    for column in table.columns:
        if not whole and columns != {column.index}:
            continue
        if not 2 <= column.different * 2 <= len(table.rows) or column.filled < len(table.rows):
            continue
        apart: Counter[str | None] = Counter()
        for row, value in zip(table.rows, column.values, strict=True):
            apart[value] += row in rows
        times = column.counts
        if all(times[value] > 1 and count in (0, times[value]) for value, count in apart.items() if value and count):
            return True
    return False


def _look(look: Look, part: str) -> object:
    """Return one part of a look; the colour of a link, which is underlined, is that of plain letters."""
    return PLAIN.colour if part == "colour" and look.underline else getattr(look, part)


def _is_total(table: Table, row: int) -> bool:
    line = table.sheet.cells[row]
    words = [line[column.index] for column in table.columns[:4] if column.index < len(line)]
    return any(word and len(word) < 20 and _TOTAL.search(narrow(word)) for word in words)


def _is_banded(table: Table, rows: set[int]) -> bool:
    """Say whether coloured rows alternate regularly, which is for the eye alone."""
    positions = [position for position, row in enumerate(table.rows) if row in rows]
    if len(positions) * 3 < len(table.rows) or len(positions) < 2:
        return False
    steps = Counter(after - before for before, after in pairwise(positions))
    step, count = steps.most_common(1)[0]
    return step >= 2 and count * 10 >= (len(positions) - 1) * 9


def no_merges(subject: Subject) -> RuleVerdict:
    """L1-12."""
    case = Case("L1-12")
    for sheet in subject.data_sheets:
        if not sheet.tables:
            continue
        total = sum(table.cells for table in sheet.tables) + sum(
            len(table.block.header_rows) * len(table.columns) for table in sheet.tables
        )
        case.weigh(sheet, max(1, total))
        first_row = min(table.block.first_row for table in sheet.tables)
        for body in (False, True):
            merges = [merge for merge in sheet.merges if (merge.top >= first_row) == body]
            if not merges:
                continue
            cells = sum((merge.bottom - merge.top + 1) * (merge.right - merge.left + 1) for merge in merges)
            places = [a1(merge.top, merge.left, merge.bottom, merge.right) for merge in merges]
            where = f"{sheet.name}!{','.join(places[:12])}{',…' if len(places) > 12 else ''}"
            part_ja, part_en = ("データの部分", "body") if body else ("見出しや表題", "header or title")
            case.find(
                sheet,
                min(cells, total),
                where,
                f"{part_ja}に結合したセルが {len(merges)} か所あるため、結合を解いて各セルに値を入れてください。",
                f"There are {len(merges)} merged ranges in the {part_en}; unmerge them and fill every cell.",
                detect(),
            )
    return case.verdict(*_NO_SHEET)


def nothing_hidden(subject: Subject) -> RuleVerdict:
    """L1-13."""
    case = Case("L1-13")
    for title in subject.hidden_sheets:
        case.weigh(None, 1)
        case.find(
            None,
            1,
            title,
            f"シート「{title}」が非表示になっているため、不要なら削除し、必要なら表示してください。",
            f"The sheet “{title}” is hidden; delete it, or show it if it is needed.",
        )
    for sheet in subject.data_sheets:
        height = len(sheet.cells)
        width = max((len(row) for row in sheet.cells), default=0)
        case.weigh(sheet, max(1, height))
        rows = [row for row in sheet.marks.hidden_rows if row < height]
        columns = [column for column in sheet.marks.hidden_columns if column < width]
        if rows:
            last = next((row for row in range(height - 1, -1, -1) if filled(sheet.cells[row])), -1)
            rows = sorted({row for row in rows if row <= last})
        if rows:
            case.find(
                sheet,
                len(rows),
                subject.place(sheet, rows),
                f"非表示の行が {len(rows)} 行あるため、不要なら削除し、必要なら表示してください。",
                f"{len(rows)} rows are hidden; delete them, or show them if they are needed.",
            )
        if columns:
            case.find(
                sheet,
                max(1, height * len(columns) / max(1, width)),
                subject.place(sheet, [], columns),
                f"非表示の列が {len(columns)} 列あるため、不要なら削除し、必要なら表示してください。",
                f"{len(columns)} columns are hidden; delete them, or show them if they are needed.",
            )
    return case.verdict(*_NO_SHEET)


def no_formulas(subject: Subject) -> RuleVerdict:
    """L2-06."""
    case = Case("L2-06")
    any_formula = any(sheet.marks.formulas for sheet in subject.data_sheets)
    for sheet in subject.data_sheets:
        case.weigh(sheet, sum(map(bool, chain.from_iterable(sheet.cells))) if any_formula else 1)
        if sheet.marks.formulas:
            by_column: dict[int, list[int]] = defaultdict(list)
            for row, column in sheet.marks.formulas:
                by_column[column].append(row)
            where = ",".join(subject.place(sheet, rows, column) for column, rows in sorted(by_column.items())[:8])
            bare = len(sheet.marks.formulas_without_value)
            more_ja = f"（うち {bare} セルは計算結果がありません）" if bare else ""
            more_en = f" ({bare} of them without a stored result)" if bare else ""
            case.find(
                sheet,
                len(sheet.marks.formulas),
                where,
                f"数式が {len(sheet.marks.formulas)} セルに残っている{more_ja}ため、値の貼り付けで値に置き換えてください。",
                f"{len(sheet.marks.formulas)} cells hold formulas{more_en}; replace them by their values.",
                None if bare else detect(),
            )
    return case.verdict(*_NO_SHEET)

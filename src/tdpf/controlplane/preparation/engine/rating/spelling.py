"""Rules about the characters in cells: no spaces for looks, one value a cell, no platform-dependent characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from heapq import nsmallest

from tdpf.controlplane.preparation.engine.rating.lines import shifted_rows
from tdpf.controlplane.preparation.engine.rating.several import holds_several
from tdpf.controlplane.preparation.engine.rating.subject import Column, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import sort_of
from tdpf.controlplane.preparation.engine.rating.verdicts import NO_TABLE, Case, detect, example, normalise

_ANY_SPACE = re.compile(r"[\s\u00a0\u200b\ufeff]")
_OUTER = re.compile(r"^[\s\u00a0\u200b\ufeff]|[\s\u00a0\u200b\ufeff]$")
_DOUBLE = re.compile(r"[^\S\n\r]{2,}|\u200b|\t")
_WIDE = r"[\u3041-\u30ff\u3400-\u9fff々〇]"
_SPACED_OUT = re.compile(rf"{_WIDE}(?:[ \u3000\u00a0]+{_WIDE})+")
_SPACED_NAME = re.compile(rf"{_WIDE}(?:[ \u3000\u00a0]+{_WIDE})+\s*(?:[（(\[].*)?")
_SPACED_RUN = re.compile(rf"(?<!{_WIDE}){_WIDE}(?:[ \u3000\u00a0]+{_WIDE}){{2,}}(?!{_WIDE})")
_PERSON_NAME = re.compile(
    r"氏名|代表者|営業者|管理者|開設者|設置者|薬剤師|医師|責任者|担当者|申請者|届出者|届出人|名前|委員|議員|候補|作者|氏|person|author|施設長|院長|園長|校長|会長|理事長"
)
_SENTENCE = re.compile(r"[。．!！?？]|です|ます|した")
_PRIVATE = r"\ue000-\uf8ff\U000f0000-\U0010ffff"
_SIGNS_SAME_ELSEWHERE = frozenset("～－∥￠￡￢―‖—–−〜‐‑·•™©®€’‘“”…＂＇\u00a0\ufeff\u200b\ufffd")


def no_layout_spaces(subject: Subject) -> RuleVerdict:
    """L1-06."""
    case = Case("L1-06")
    for table in subject.tables:
        case.weigh(table.sheet, max(1, table.cells))
        _title_spaces(subject, table, case)
        _header_spaces(subject, table, case)
        for column in table.columns:
            if not _ANY_SPACE.search(column.letters) or sort_of(column) == "nested":
                continue
            _column_spaces(subject, table, column, case)
    return case.verdict(*NO_TABLE)


def _title_spaces(subject: Subject, table: Table, case: Case) -> None:
    """Titles and remarks above the table, spread out or pushed to the right by spaces."""
    sheet = table.sheet
    if subject.kind == "records" or table is not sheet.tables[0]:
        return
    rows = []
    for row in range(min(table.block.header_rows, default=table.block.first_row)):
        line = sheet.cells[row] if row < len(sheet.cells) else []
        if any(cell and not cell.isspace() and _is_pushed(cell) for cell in line):
            rows.append(row)
    if rows:
        case.find(
            sheet,
            len(rows),
            subject.place(sheet, rows),
            "表の上の表題や注記に体裁のための空白があるため、取り除いてください。",
            "Titles or remarks above the table hold spaces for looks; remove them.",
            detect(),
        )


def _is_pushed(cell: str) -> bool:
    return bool(_OUTER.search(cell) or _DOUBLE.search(cell) or len(_SPACED_OUT.findall(cell)) > 2)


def _header_spaces(subject: Subject, table: Table, case: Case) -> None:
    if subject.kind == "records":
        return
    sheet = table.sheet
    for row in table.block.header_rows:
        line = sheet.cells[row] if row < len(sheet.cells) else []
        wrong = []
        for column in table.columns:
            cell = line[column.index] if column.index < len(line) else None
            if cell and (
                _OUTER.search(cell) or _DOUBLE.search(cell) or "\n" in cell or _SPACED_NAME.fullmatch(cell.strip())
            ):
                wrong.append(column.index)
        if wrong:
            case.find(
                sheet,
                len(wrong),
                subject.place(sheet, [row], wrong),
                f"項目名 {len(wrong)} 個に体裁のための空白や改行があるため、取り除いてください。",
                f"{len(wrong)} names of columns hold spaces or line breaks for looks; remove them.",
                detect(),
            )


def _column_spaces(subject: Subject, table: Table, column: Column, case: Case) -> None:
    sort = sort_of(column)
    persons = bool(_PERSON_NAME.search(column.name))
    kinds: tuple[tuple[str, str, str, Callable[[str], object]], ...] = (
        ("値の前後に空白があるため", "have spaces before or after the value", "text", _OUTER.search),
        (
            "字の間に体裁のための空白があるため",
            "have spaces between letters for looks",
            "",
            lambda value: _DOUBLE.search(value.strip()),
        ),
        (
            "字の間に体裁のための空白があるため",
            "have spaces between letters for looks",
            "",
            lambda value: (_SPACED_OUT.fullmatch(value.strip()) or _SPACED_RUN.search(value)) if not persons else None,
        ),
        (
            "セルの中で改行しているため",
            "hold line breaks",
            "name",
            lambda value: ("\n" in value.strip() or "\r" in value.strip()) and sort != "prose" and not _is_prose(value),
        ),
    )
    shifted = shifted_rows(subject, table)
    for place, (ja, en, how, fits) in enumerate(kinds):
        wrong = column.which(_alone(fits, [before for _, _, _, before in kinds[:place]]))
        if not wrong:
            continue
        positions = [position for position in column.cells_with(wrong) if table.rows[position] not in shifted]
        if not positions:
            continue
        case.find(
            table.sheet,
            len(positions),
            subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
            f"列「{column.label}」の {len(positions)} セルは{ja}、取り除いてください。",
            f"{len(positions)} cells of “{column.label}” {en}; remove them.",
            normalise([column.name], how) if how else None,
        )


def _alone(fits: Callable[[str], object], earlier: Sequence[Callable[[str], object]]) -> Callable[[str], bool]:
    return lambda value: bool(fits(value)) and not any(before(value) for before in earlier)


def _is_prose(value: str) -> bool:
    return len(value) > 40 or bool(_SENTENCE.search(value))


def one_value_a_cell(subject: Subject) -> RuleVerdict:
    """L1-07."""
    case = Case("L1-07")
    for table in subject.tables:
        case.weigh(table.sheet, max(1, table.cells))
        for column in table.columns:
            wrong = holds_several(column)
            if not wrong:
                continue
            positions = column.cells_with(wrong)
            seen = example(wrong, column)
            case.find(
                table.sheet,
                len(positions),
                subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                f"列「{column.label}」の {len(positions)} セルに複数の値（例「{seen}」）が入っているため、列か行を分けてください。",
                f"{len(positions)} cells of “{column.label}” hold several values (as in “{seen}”); part them.",
            )
    return case.verdict(*NO_TABLE)


def portable_characters(subject: Subject) -> RuleVerdict:
    """L1-08."""
    case = Case("L1-08")
    pattern = _dependent()
    for table in subject.tables:
        case.weigh(table.sheet, max(1, table.cells))
        for column in table.columns:
            header = column.name
            if subject.kind != "records" and pattern.search(header):
                case.find(
                    table.sheet,
                    1,
                    subject.place(table.sheet, table.block.header_rows[-1:], column.index),
                    f"項目名「{header}」に機種依存文字{_listed(header)}があるため、ほかの字に書き直してください。",
                    f"The name “{header}” holds platform-dependent characters {_listed(header)}; write it without them.",
                )
            if not pattern.search(column.letters):
                continue
            wrong = column.which(pattern.search)
            positions = column.cells_with(wrong)
            found = _listed("".join(nsmallest(200, wrong)))
            case.find(
                table.sheet,
                len(positions),
                subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                f"列「{column.label}」の {len(positions)} セルに機種依存文字{found}があるため、ほかの字に書き直してください。",
                f"{len(positions)} cells of “{column.label}” hold platform-dependent characters {found}; rewrite them.",
            )
    return case.verdict(*NO_TABLE)


def _listed(text: str) -> str:
    found = dict.fromkeys(_dependent().findall(text))
    shown = "".join("外字" if re.match(f"[{_PRIVATE}]", character) else character for character in list(found)[:8])
    return f"「{shown}」"


@cache
def _dependent() -> re.Pattern[str]:
    """Return the characters that JIS X 0208 lacks and vendors added: NEC row 13, IBM extensions that are signs, gaiji, emoji.

    Kanji are left alone: names need them (the rule's own exception).
    """
    signs = "".join(re.escape(character) for character in _vendor_signs())
    return re.compile(
        f"[{signs}{_PRIVATE}\u2460-\u24ff\u2776-\u2793\u3200-\u33ff\u2150-\u218f\u2600-\u2604\u2607-\u263f\u2643-\u2669"
        "\u266b-\u266c\u266e\u2670-\u27bf\U0001f000-\U0001faff\U0001f100-\U0001f1ff]"
    )


def _vendor_signs() -> Iterator[str]:
    for lead in range(0x81, 0xFD):
        for trail in range(0x40, 0xFD):
            try:
                character = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
            if len(character) != 1 or "\u4e00" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff":
                continue
            if character in _SIGNS_SAME_ELSEWHERE or "\ue000" <= character <= "\uf8ff":
                continue
            try:
                character.encode("shift_jis")
            except UnicodeEncodeError:
                yield character

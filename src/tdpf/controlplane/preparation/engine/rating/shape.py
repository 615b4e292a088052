"""Rules about shape and history: long instead of wide, alike from year to year, defined and dated."""

from __future__ import annotations

import re
from collections import defaultdict

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.rating.subject import Column, Sheet, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import is_flag, narrow, numeric_share, sort_of
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, not_applicable

_PERIOD = re.compile(
    r"(?:18|19|20|21)\d{2}|(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:元|\d{1,2})\s?(?:年|\.|$|度)|第?\d四半期|\d{1,2}月(?!\d)|[HR]\d{1,2}"
)
_DIGITS = re.compile(r"\d+|[一二三四五六七八九十]+(?=[月級年号種回])")
_MONTHS = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", re.IGNORECASE)
_MANY = 6
_MEASURES = 3
_PERIOD_SHEET = re.compile(r"(?:18|19|20)\d\d|(?:平成|令和|昭和|[HRS])\s?(?:元|\d{1,2})|^\d{1,2}月")
_DEFINITIONS = re.compile(r"定義|項目説明|データ項目|説明|凡例|仕様|README|dictionary|メタデータ", re.IGNORECASE)
_HISTORY = re.compile(r"更新履歴|変更履歴|改訂履歴|更新日|最終更新|履歴|版数|作成日|revision|updated", re.IGNORECASE)
_CHANGES = re.compile(r"(?:更新|変更|改訂|改定)履歴|change ?log|revision history", re.IGNORECASE)


def long_form(subject: Subject) -> RuleVerdict:
    """L3-09."""
    case = Case("L3-09")
    for table in subject.tables:
        if len(table.columns) < 2 or not table.block.header_rows:
            continue
        case.weigh(table.sheet, len(table.columns))
        for columns, periods in _repeated(table):
            names = f"{columns[0].label}〜{columns[-1].label}"
            case.find(
                table.sheet,
                len(columns),
                subject.place(table.sheet, table.block.header_rows[-1:], [column.index for column in columns]),
                f"{'年や月' if periods else '同じ種類の項目'}が {len(columns)} 列（{names}）横に並んでいるため、「区分」と「値」の縦持ちに並べ直してください。",
                f"{len(columns)} columns ({names}) repeat {'periods' if periods else 'one kind of item'} sideways; turn them into rows.",
            )
    return case.verdict("列が一つ以下です。", "There is at most one column.")


def _repeated(table: Table) -> list[tuple[list[Column], bool]]:
    """Return groups of columns whose names differ in a number or period alone, with whether these are periods."""
    numeric = [column for column in table.columns if column.parts and _holds_numbers(column)]
    groups: dict[str, list[Column]] = defaultdict(list)
    for column in numeric:
        name = narrow(header_text(column.name))
        if _PERIOD.search(name) or _MONTHS.search(name):
            groups["\x01" + _MONTHS.sub("#", _DIGITS.sub("#", _PERIOD.sub("#", name)))].append(column)
        elif _DIGITS.search(name):
            groups[_skeleton(name)].append(column)
    found = []
    crossed = sum(len(columns) >= 3 for skeleton, columns in groups.items() if not skeleton.startswith("\x01")) >= 2
    taken: set[int] = set()
    for skeleton, columns in groups.items():
        periods = skeleton.startswith("\x01")
        if len(columns) >= (3 if periods or crossed else 4):
            found.append((columns, periods))
            taken.update(column.index for column in columns)
    twice = [columns for skeleton, columns in groups.items() if skeleton.startswith("\x01") and len(columns) == 2]
    if len(twice) >= _MEASURES:
        # Two years for each of several measures.
        found.append((sorted((one for columns in twice for one in columns), key=lambda one: one.index), True))
    if not found and table.rows:
        found.extend((columns, False) for columns in _crossed(numeric))
    return found


def _crossed(numeric: list[Column]) -> list[list[Column]]:
    """Return columns that cross two kinds of items: 就業者数 by many positions, births and deaths each by sex."""
    named = {column.index: _steps(column) for column in numeric}
    groups: dict[tuple[str, ...], list[Column]] = defaultdict(list)
    endings: dict[str, list[Column]] = defaultdict(list)
    for column in numeric:
        steps = named[column.index]
        if len(steps) > 1:
            groups[steps[:-1]].append(column)
            endings[steps[-1]].append(column)
    wide = [columns for columns in groups.values() if len(columns) >= _MANY]
    repeated = [columns for columns in endings.values() if len(columns) >= 3]
    if len(repeated) >= 2:
        wide.append(sorted((column for columns in repeated for column in columns), key=lambda column: column.index))
    return wide[:1] if len(repeated) >= 2 and wide else wide


def _steps(column: Column) -> tuple[str, ...]:
    if len(column.parts) > 1:
        return tuple(header_text(part) for part in column.parts)
    return tuple(step for step in narrow(header_text(column.name)).split("_") if step)


def _skeleton(name: str) -> str:
    return re.sub(r"[#~〜～\-以上未満歳代才\s]+", "#", _DIGITS.sub("#", name))


def _holds_numbers(column: Column) -> bool:
    if not column.filled:
        return not column.table.rows
    return (sort_of(column) == "number" or numeric_share(column) >= 0.8) and not is_flag(column)


def alike_over_years(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
    """L3-07."""
    periodic = [sheet for sheet in subject.data_sheets if sheet.tables and _PERIOD_SHEET.search(narrow(sheet.name))]
    case = Case("L3-07")
    if len(periodic) >= 2:
        reference = _names(periodic[0])
        for sheet in periodic:
            case.weigh(sheet, 1)
            shared = _likeness(reference, _names(sheet))
            if shared < 0.6:
                case.find(
                    sheet,
                    1 - shared,
                    f"{sheet.name}!{sheet.tables[0].block.range}",
                    f"シート「{sheet.name}」の項目名が「{periodic[0].name}」と大きく異なるため、同じ項目名にそろえてください。",
                    f"The columns of “{sheet.name}” differ much from those of “{periodic[0].name}”; use the same names.",
                )
    if facts.earlier:
        earlier = facts.earlier[0]
        now = {_period_free(column.name) for table in subject.tables for column in table.columns if column.name}
        shared = _likeness(now, {_period_free(name) for name in earlier.columns})
        case.weigh(None, 1)
        if shared < 0.6 and not _beside(subject, _CHANGES):
            gone = [name for name in earlier.columns if _period_free(name) not in now][:5]
            case.find(
                None,
                1 - shared,
                "",
                f"前の版（{earlier.label}）と項目名の {round(100 * (1 - shared))}％ が異なるため（なくなった項目「{'」「'.join(gone)}」）、項目名をそろえるか変更履歴を書いてください。",
                f"{round(100 * (1 - shared))}% of the names differ from the version before ({earlier.label}); keep them or say what changed.",
            )
    if not case.looked:
        return not_applicable(
            "L3-07",
            "前の年や版のデータがカタログにないため、比べられません。",
            "The catalogue has no earlier version to compare with.",
        )
    return case.verdict()


def _names(sheet: Sheet) -> set[str]:
    return {_period_free(column.name) for table in sheet.tables for column in table.columns if column.name}


def _period_free(name: str) -> str:
    return _DIGITS.sub("#", _PERIOD.sub("#", narrow(header_text(name))))


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _beside(subject: Subject, words: re.Pattern[str]) -> bool:
    """Say whether words stand in the name of a sheet or beside a table."""
    return any(words.search(sheet.name) or words.search(sheet.words) for sheet in subject.sheets)


def defined_and_dated(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
    """L3-08."""
    columns = [column for table in subject.tables for column in table.columns]
    definitions = any(sheet.aside == "supplement" and _DEFINITIONS.search(sheet.name) for sheet in subject.sheets)
    history = _beside(subject, _HISTORY)
    case = Case("L3-08")
    if subject.mixed[0]:
        case.weigh(None, 1)
        case.find(
            None,
            1,
            "",
            f"文字コードが一つではありません（{subject.mixed[0]}）。全体をUTF-8で保存し直してください。",
            f"The file is not in one encoding ({subject.mixed[1]}); save the whole of it as UTF-8.",
        )
    if facts.dictionary is None and facts.history is None and facts.described is None:
        if subject.mixed[0]:
            return case.verdict()
        if definitions and history:
            case.weigh(None, 1)
            return case.verdict()
        return not_applicable(
            "L3-08",
            "定義や更新履歴はカタログに書かれるもので、ファイルだけでは分かりません。",
            "Definitions and history belong to the catalogue; the file alone does not tell.",
        )
    case.weigh(None, 3)
    dictionary = facts.dictionary or {}
    undefined = [column.label for column in columns if not dictionary.get(column.name, {}).get("description")]
    if columns and len(undefined) * 2 > len(columns) and not definitions:
        case.find(
            None,
            len(undefined) / len(columns),
            "",
            f"{len(columns)} 項目のうち {len(undefined)} 項目に説明がないため、データ項目の説明を書いてください。",
            f"{len(undefined)} of {len(columns)} columns are not described; write the data dictionary.",
        )
    if facts.described is False:
        case.find(
            None,
            1,
            "",
            "出典・算出方法・更新頻度が書かれていないため、データセットの説明に書いてください。",
            "Source, method and frequency are not stated; add them to the description of the dataset.",
        )
    if not facts.history and not history:
        case.find(
            None,
            1,
            "",
            "更新履歴がないため、版ごとに何が変わったかを書いてください。",
            "There is no history; say with each version what changed.",
        )
    return case.verdict()

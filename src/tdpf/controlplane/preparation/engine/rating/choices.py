"""Rules about repeated words: nothing left out, one spelling for each choice, details of “other” apart, codes explained."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.rating.folding import folded, sign_of
from tdpf.controlplane.preparation.engine.rating.signs import NO, YES, is_signs, led_by_signs
from tdpf.controlplane.preparation.engine.rating.subject import Column, Found, Subject, Table
from tdpf.controlplane.preparation.engine.rating.types import CatalogueFacts, RuleVerdict
from tdpf.controlplane.preparation.engine.rating.values import NAME_NAME, TOTAL_LETTER, is_total, narrow, sort_of
from tdpf.controlplane.preparation.engine.rating.verdicts import Case, example, not_applicable

_DITTO = re.compile(r"[〃″゛〝々\"]|''|同上|同左|同右|上に同じ|(?:〃\s*){2,}|[（(]同上[)）]|[↓⇩]")
_DITTO_LETTER = re.compile(r"[〃″゛〝々\"'同上↓⇩]")
_OPTIONAL = re.compile(
    r"カナ|かな|英語|英字|英名|[2-9２-９]$|方書|備考|位置|紹介|説明|電話|FAX|URL|ＵＲＬ|住所|所在地|画像|特記|リンク|メール|通称|内線|注記|NO$|ID$|№|番号|コード|name$|緯度|経度|有無",
    re.IGNORECASE,
)
_GROUPS = re.compile(
    r"地[区域方]|圏|区分|分類|種[別類]|年度?$|年月|月$|月次|期$|都道府県|市区?町?村?名?$|[区町]名$|[大中小]項目|^[款項目節章部課局]名?$|部[門署局]|部名|課名|所管|グループ|系統|路線|沿線|カテゴリ|ジャンル|産業|業種|学校|校種|性別|階級|施策|政策|基本目標|会派|ブロック|category|group|region|area|year",
    re.IGNORECASE,
)
_REMARKS = re.compile(
    r"略称|愛称|別名|別称|^旧|旧称|摘要|変更|指定|認定|更新|資格|称号|役職|印$|チェック|新規|新設|状態|ランク"
)
_OTHER = re.compile(
    r"その他\s*[（(:：・、,/／→⇒>［\[【\s].*\S|その他[^\s)）]{2,}|その外\s*[（(:：].+|other\s*[(:：].+", re.IGNORECASE
)
_OTHER_SIGN = re.compile(r"(?:その[他外]|other)\s*[(:・、,/→⇒>\[【\s]", re.IGNORECASE)
_OTHER_CLASS = re.compile(r"再掲|不明|不詳|含む|除く|以外|上記|分類")
_OTHER_ALONE = re.compile(r"その他(?:の.{0,12})?|その外|other")
_CYCLED = 5_000
_ADDS_NOTHING = re.compile(r"(?:を)?(?:し(?:てい)?ます|する|している|あり|有り?|です)。?")
_CODED_NAME = re.compile(
    r"コード|区分|種別|種類|分類|フラグ|判定|code|class|type|kind|flag|status|状態|性別|選択", re.IGNORECASE
)
_PUBLIC_CODE = re.compile(
    r"市区町村|都道府県|団体|自治体|地方公共|地域コード|行政区|町字|大字|郵便|法人|金融|電話|JIS|POI|標準地域|prefecture|city|lg_?code|postal|zip|事業所番号|医療機関コード|pref",
    re.IGNORECASE,
)
_CODE_WORDS = re.compile(r"(?:^|[\s、,;；「（(])[0-9０-９A-Z]{1,3}\s*[:：=＝…\-]\s*[^\s\d]")


def nothing_left_out(subject: Subject) -> RuleVerdict:
    """L2-02."""
    case = Case("L2-02")
    for table in subject.tables:
        case.weigh(table.sheet, max(1, len(table.rows)))
        for column in table.columns:
            if not _DITTO_LETTER.search(column.letters):
                continue
            marks = column.which(lambda value: len(value) < 16 and _DITTO.fullmatch(value.strip()))
            if marks:
                positions = column.cells_with(marks)
                case.find(
                    table.sheet,
                    len(positions),
                    subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                    f"列「{column.label}」の {len(positions)} セルで「{min(marks)}」により値が省略されているため、値を入れてください。",
                    f"{len(positions)} cells of “{column.label}” say “{min(marks)}” in place of the value; fill it in.",
                )
        if subject.kind != "records":
            _blanks(subject, table, case)
    return case.verdict("データの行がありません。", "There are no rows of data.")


def _blanks(subject: Subject, table: Table, case: Case) -> None:
    merged = _merged_stubs(table)
    totals = _totals(table)
    for column in table.columns:
        positions = merged.get(column.index) or (_left_out(table, column, totals) if column.index not in merged else [])
        if positions:
            case.find(
                table.sheet,
                len(positions),
                subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                f"列「{column.label}」で上の行と同じ値が {len(positions)} セル省略されて空白になっているため、値を入れてください。",
                f"{len(positions)} cells of “{column.label}” are blank where the value above holds on; fill it in.",
            )


def _merged_stubs(table: Table) -> dict[int, list[int]]:
    """Return by column the positions that a merge downwards leaves blank."""
    found: dict[int, list[int]] = defaultdict(list)
    if not table.sheet.merges:
        return found
    where = {row: position for position, row in enumerate(table.rows)}
    columns = {column.index for column in table.columns}
    for merge in table.sheet.merges:
        if merge.left in columns and merge.bottom > merge.top and merge.top >= table.block.first_row:
            found[merge.left].extend(where[row] for row in range(merge.top + 1, merge.bottom + 1) if row in where)
    return found


def _totals(table: Table) -> set[int]:
    """Return the positions of rows that are totals: what is blank there was never meant to be filled."""
    return {
        position
        for column in table.columns
        if TOTAL_LETTER.search(column.letters) and (totals := column.which(is_total))
        for position in column.cells_with(totals)
    }


def _left_out(table: Table, column: Column, totals: set[int]) -> list[int]:
    """Return the blanks of a column that gives a value once for the rows below it.

    Such a column stands left of the first column that names every row; its first row is filled, its blanks come in
    runs, and no value stands twice in a row. A column that is simply optional does not look like that: there values
    stand in neighbouring rows as well, unless its name speaks of groups.
    """
    height = len(column.values) - len(totals)
    if height < 4 or (len(column.values) - column.filled) * 5 < height or _OPTIONAL.search(header_text(column.name)):
        return []
    if not _left_of_names(table, column):
        return []
    if _labels_a_cycle(table, column):
        return list(column.blanks())
    kept = [position for position in range(len(column.values)) if position not in totals]
    values = [value for position, value in enumerate(column.values) if position not in totals]
    if not values[0] or not values[0].strip():
        return []
    blank = [position for position, value in enumerate(values) if not value or not value.strip()]
    present = len(values) - len(blank)
    if len(blank) * 5 < len(values) or present < 2:
        return []
    shown = [value for value in values if value and value.strip()]
    repeats = sum(1 for above, below in pairwise(shown) if above == below)
    if repeats * 10 > len(shown) or len(set(shown)) * 5 < len(shown) * 3:
        return []
    name = header_text(column.name)
    if not _GROUPS.search(name):
        side_by_side = sum(1 for above, below in pairwise(values) if above and below)
        alone = all(values[position + 1] for position in blank if position + 1 < len(values))
        if _REMARKS.search(name) or side_by_side * 5 > present or len(blank) < present or alone:
            return []  # a value in every other row may as well be an optional one
    lone = sum(1 for position in blank if position + 1 < len(values) and values[position + 1] and values[position - 1])
    if lone * 10 > len(blank) * 9 and len(blank) > 4 and present > 2 * len(blank):
        return []
    return [kept[position] for position in blank]


def _labels_a_cycle(table: Table, column: Column) -> bool:
    """Say whether the first column labels groups of rows that go through the same steps again and again: a label for every seven rows.

    The label may stand in the middle of its group, or a letter a row.
    """
    if column is not table.columns[0] or len(table.columns) < 3 or len(column.values) > _CYCLED:
        return False
    steps = list(table.columns[1].values)
    width = next((place for place in range(1, len(steps)) if steps[place] == steps[0]), 0)
    if width < 3 or len(steps) < 3 * width or len(set(steps[:width])) < width:
        return False
    if not all(step and step == steps[place % width] for place, step in enumerate(steps)):
        return False
    groups = [column.values[first : first + width] for first in range(0, len(steps), width)]
    labels = ["".join(filter(None, group)) for group in groups]
    return all(labels) and len(set(labels)) == len(labels)


def _left_of_names(table: Table, column: Column) -> bool:
    for other in table.columns:
        if other is column:
            return True
        whole = other.filled == len(other.values)
        serial = sort_of(other) in ("code", "number") and re.search(
            r"^(?:no|№|番号|連番|項番|#)", other.name, re.IGNORECASE
        )
        if whole and other.different * 2 >= other.filled and not serial:
            return False
    return False


def choices_alike(subject: Subject) -> RuleVerdict:
    """L2-04."""
    case = Case("L2-04")
    for table in subject.tables:
        for column in table.columns:
            led = led_by_signs(column)
            if sort_of(column) != "choice" and not is_signs(column) and not led:
                continue
            case.weigh(table.sheet, column.filled)
            groups = [*led, *_variants(column)]
            for kept, others in groups:
                positions = column.cells_with(others)
                shown = "」「".join(example([other], column) for other in sorted(others)[:4])
                case.find(
                    table.sheet,
                    len(positions),
                    subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                    f"列「{column.label}」で「{example([kept], column)}」と「{shown}」のように書き方が揺れているため、一つにそろえてください。",
                    f"“{column.label}” spells one choice in several ways (“{example([kept], column)}”, “{shown}”); use one.",
                )
    return case.verdict("選択肢の列がありません。", "There is no column of choices.")


def _variants(column: Column) -> list[tuple[str, set[str]]]:
    """Return (most frequent spelling, other spellings) of choices that are written in several ways."""
    groups: dict[str, list[str]] = defaultdict(list)
    for value in column.counts:
        groups[folded(value)].append(value)
    found = []
    for spellings in groups.values():
        stripped = {spelling.strip() for spelling in spellings}
        if len(stripped) > 1:
            kept = max(spellings, key=lambda value: column.counts[value])
            found.append((kept, {value for value in spellings if value.strip() != kept.strip()}))
    found.extend(_inflected(column))
    signs = is_signs(column)
    for meaning in (YES, NO):
        yes = [value for value in column.counts if sign_of(value) in meaning]
        if len({meaning[sign_of(value)] for value in yes}) < 2 or (len(column.counts) > 6 and not signs):
            continue
        if meaning is NO and not signs:
            continue
        kept = max(yes, key=lambda value: column.counts[value])
        taken = {other for _, others in found for other in others}
        others = {value for value in yes if value != kept and folded(value) != folded(kept)} - taken
        mild = others | {kept}
        if others and not (
            {narrow(value) for value in mild} <= {"○", "◎", "〇", "可", "可能"} and len(mild) == 2 and "◎" in mild
        ):
            found.append((kept, others))
    return found


def _inflected(column: Column) -> Iterator[tuple[str, set[str]]]:
    """Yield words that stand alone and with an ending that adds nothing: 実施, 実施する, 実施している."""
    for value in column.counts:
        others = {other for other in column.counts if other != value and _ADDS_NOTHING.fullmatch(other[len(value) :])}
        others = {other for other in others if other.startswith(value)}
        if len(value) > 1 and others:
            yield value, others


def other_apart(subject: Subject) -> RuleVerdict:
    """L2-05."""
    case = Case("L2-05")
    for table in subject.tables:
        for column in table.columns:
            sort = sort_of(column)
            if sort not in ("choice", "text") or NAME_NAME.search(header_text(column.name)):
                continue
            detailed = column.which(_details_other)
            if detailed and _is_category(column, detailed):
                detailed = set()
            if sort == "text":
                short = sum(1 for value in column.sample if len(value) <= 16)
                if not detailed or short * 2 < len(column.sample) or column.different * 4 > column.filled * 3:
                    continue
            case.weigh(table.sheet, max(1, column.filled))
            if detailed and (sort == "choice" or column.different < column.filled):
                positions = column.cells_with(detailed)
                case.find(
                    table.sheet,
                    len(positions),
                    subject.place(table.sheet, (table.rows[position] for position in positions), column.index),
                    f"列「{column.label}」の {len(positions)} セルで「その他」の内容（例「{example(detailed, column)}」）が選択肢に混ざっているため、列を分けてください。",
                    f"{len(positions)} cells of “{column.label}” mix details of “other” into the choices; part the columns.",
                )
    return case.verdict("選択肢の列がありません。", "There is no column of choices.")


def _is_category(column: Column, detailed: Found) -> bool:
    """Say whether what is said of “other” is a label of the list, as その他公園 and その他（再掲）, beside which no “other” stands alone."""
    first = set(islice(iter(detailed), 2))
    few = len(first) < 2 and _OTHER_CLASS.search("".join(first)) is not None
    attached = not any(_OTHER_SIGN.match(narrow(value)) for value in islice(iter(detailed), 1000))
    return few or (attached and not any(_OTHER_ALONE.fullmatch(narrow(value)) for value in column.words))


def _details_other(value: str) -> bool:
    if not ("その他" in value or "その外" in value or "other" in value.lower()):
        return False
    return _OTHER.fullmatch(narrow(value)) is not None and not _OTHER_ALONE.fullmatch(narrow(value))


def codes_explained(subject: Subject, facts: CatalogueFacts) -> RuleVerdict:
    """L3-02."""
    coded = [
        (table, column)
        for table in subject.tables
        for column in table.columns
        if _is_coded(column) and not _named_beside(table, column)
    ]
    if not coded:
        return not_applicable(
            "L3-02", "意味の説明が要るコードの列がありません。", "No column holds codes that need explaining."
        )
    case = Case("L3-02")
    attached = _code_sheet(subject)
    open_questions = []
    for table, column in coded:
        case.weigh(table.sheet, max(1, column.filled))
        explained = attached or _CODE_WORDS.search(table.sheet.words) is not None
        if facts.code_tables is not None and column.name in facts.code_tables:
            explained = True
        if explained:
            continue
        if facts.code_tables is None:
            open_questions.append(column.label)
            continue
        case.find(
            table.sheet,
            column.filled,
            subject.place(table.sheet, table.rows, column.index),
            f"列「{column.label}」はコードですが意味の一覧がないため、データ項目の説明にコード表を付けてください。",
            f"“{column.label}” holds codes without a list of meanings; attach one in the data dictionary.",
        )
    if open_questions and not case.findings:
        shown = "」「".join(open_questions[:5])
        return not_applicable(
            "L3-02",
            f"列「{shown}」はコードですが、コード表が別にあるかはファイルだけでは分かりません。",
            f"“{shown}” hold codes; whether a list of meanings exists the file alone does not tell.",
        )
    return case.verdict()


def _is_coded(column: Column) -> bool:
    name = header_text(column.name)
    if _PUBLIC_CODE.search(name) or not column.filled or not _CODED_NAME.search(name) or re.search(r"名$|名称$", name):
        return False
    if column.different > max(60, column.filled // 3):
        return False
    if column.different <= 4 and {narrow(value) for value in column.words} <= {"0", "1"}:
        return False
    return all(re.fullmatch(r"\d{1,4}|[A-Z]\d{0,3}", narrow(value)) for value in column.words)


def _named_beside(table: Table, column: Column) -> bool:
    """Say whether another column spells every code out: one meaning for each code."""
    for other in table.columns:
        if other is column or sort_of(other) not in ("text", "choice") or other.different > 3 * column.different:
            continue
        meanings: dict[str, set[str]] = defaultdict(set)
        for code, meaning in zip(column.values, other.values, strict=True):
            if code and meaning:
                meanings[code].add(meaning)
        if meanings and len(meanings) == column.different and all(len(found) == 1 for found in meanings.values()):
            spelled = {next(iter(found)) for found in meanings.values()}
            if len(spelled) == len(meanings):
                return True
    return False


def _code_sheet(subject: Subject) -> bool:
    return any(
        sheet.aside and re.search(r"コード|凡例|選択肢|区分|定義|code", sheet.name, re.IGNORECASE)
        for sheet in subject.sheets
    )

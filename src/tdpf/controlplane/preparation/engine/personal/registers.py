"""What a table is about, as far as it decides on personal data: registers published by law, and sensitive statistics."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.cells import plain
from tdpf.controlplane.preparation.engine.personal.headers import key_of
from tdpf.controlplane.preparation.engine.types import TableFound

_PERMIT = re.compile(
    r"許可番号|許可年月日|許可日|許可満了|許可期限|有効期[間限]|免許番号|(?<!車両)(?<!車輌)(?<!自動車)登録番号(?!.*車)|登録年月日|指定番号|指定年月日|指令番号|届出番号|届出年月日|確認番号|事業所番号|営業の種類|営業種目|業種|業態|施設区分"
)
_DESIGNATED = re.compile(r"指定管理者(?:名称?)?")
_SITE = re.compile(
    r"施設|屋号|商号|店舗|工事店|業者名|会社|企業名|法人|医院|病院|施術所|営業所|事業所|薬局|名称|開設場所|営業の場所|(?:hospital|clinic|pharmacy|facility)_?name",
    re.IGNORECASE,
)
# Who opened and who runs a place of healing is made public by law, whatever else the list says.
_HEALING = re.compile(
    r"診療科目|標榜科|診療時間|診療日|病床|medical_?subject|number_?of_?beds|(?:sick)?bed_?(?:num|count)", re.IGNORECASE
)
_LAWFUL = re.compile(
    r"代表者|営業者|開設者|設置者|管理者|届出者|許可者|申請者|理事長|院長|施設長|責任者|薬剤師|登録販売者|名義人|事業者|法人名|representative|establisher",
    re.IGNORECASE,
)
_HOME = re.compile(r"自宅|現住所|本籍|居住|生年月日|携帯")
_SENSITIVE = re.compile(
    r"障害|障がい|療育|身障|手帳所持|生活保護|被保護|要介護|要支援|疾病|患者|罹患|感染|虐待|DV|ＤＶ|死亡|自殺|ひとり親|母子|父子|犯罪|非行|不登校|いじめ|難病|精神|妊娠|中絶|児童扶養|滞納|困窮"
)
_NATION = re.compile(r"^(?:国籍|国籍[・･/]?地域|出身国|出身地域)$")
_GRAVE = re.compile(r"自殺|生活保護|被保護|虐待|性犯罪|性暴力|DV|ＤＶ|HIV|ＨＩＶ|エイズ|梅毒|中絶")
_TOWN = re.compile(r"市区?町村|区市町村|^(?:市|区|町|村)名?$|自治体|保健所|団体名")
_SMALL_AREA = re.compile(
    r"町丁|町名|丁目|大字|字|地区|学区|校区|自治会|町内?会|行政区|自治区|団地|地域名|学校|園名|集落"
)
_COUNTED = re.compile(r"\d+")
_WHOLE = re.compile(r"総数|合計|総計|計$")
_HIDDEN = frozenset(("x", "χ", "*", "秘", "***"))
_OF_SITES = re.compile(
    r"緯度|経度|^(?:TEL|電話|ファ|FAX|住所|所在地)|電話番号|住所$|所在地$|latitude|longitude|address|(?:tele)?phone",
    re.IGNORECASE,
)
_FEWEST_ROWS = 5


def is_register(names: Sequence[str], titles: Sequence[str]) -> bool:
    """Say whether a table is a register of permits, licences or designated providers whose operators the law makes public."""
    permits = sum(1 for name in names if _PERMIT.search(name))
    if any(_DESIGNATED.fullmatch(name) for name in names):
        permits += 2
    site = any(_SITE.search(name) for name in names)
    said = any(
        re.search(r"許可|営業|届出|指定|登録|名簿|台帳|薬局|旅館|浴場|クリーニング|理容|美容", title)
        for title in titles
    )
    return site and (permits >= 2 or (permits >= 1 and (said or len(names) >= 5)))


def lists_healers(names: Sequence[str]) -> bool:
    """Say whether a table lists hospitals, clinics or the like by what they treat, when and with how many beds."""
    return any(_HEALING.search(name) for name in names)


def is_lawfully_named(column: str) -> bool:
    """Say whether a column of a register holds those whose names the law makes public, not where they live."""
    return bool(_LAWFUL.search(column)) and not _HOME.search(column)


def is_sensitive(lines: Sequence[str]) -> bool:
    """Say whether what stands above a table speaks of illness, disability, need or crime."""
    return any(_SENSITIVE.search(line) for line in lines)


def small_cells(table: TableFound) -> dict[str, list[int]]:
    """Return, for statistics on sensitive matters by small areas, the rows (from 1) of each column with a count of 1 or 2."""
    names = [key_of(name) for name in table.column_names]
    said = " ".join((*table.title_lines, table.sheet, *names))
    small = any(_SMALL_AREA.search(name) for name in names)
    sensitive = _SENSITIVE.search(said) or any(_NATION.search(name) for name in names)
    if not (small and sensitive) and not (_GRAVE.search(said) and any(_TOWN.search(name) for name in names)):
        return {}
    numeric = [
        index
        for index, column in enumerate(table.columns)
        if (
            column.type in ("integer", "number")
            or (column.examples and all(_is_count(value) for value in column.examples))
        )
        and not re.search(r"年$|年度|コード|番号|NO|ID|率|割合|%|％|緯度|経度", column.name)
    ]
    if any(_OF_SITES.search(name) for name in names):
        return {}  # beds and opening days of facilities, row by row
    numeric = [index for index in numeric if not _counts_up(table, index)]
    if len(numeric) == 0 or table.row_count < _FEWEST_ROWS:
        return {}
    found: dict[str, list[int]] = {}
    totals = [index for index in numeric if _WHOLE.search(table.columns[index].name)]
    parts = [index for index in numeric if index not in totals]
    for number, row in enumerate(table.iter_rows(), start=1):
        for index in numeric:
            if plain(row[index] or "") in ("1", "2"):
                found.setdefault(table.columns[index].name, []).append(number)
        hidden = _uncovered(row, totals, parts)
        if hidden is not None:
            found.setdefault(table.columns[hidden].name, []).append(number)
    return found


def _counts_up(table: TableFound, index: int) -> bool:
    """Say whether a column numbers its rows: 1, 2, 3."""
    column = table.columns[index]
    return column.unique and column.examples[:3] == ("1", "2", "3")


def _uncovered(row: Sequence[str | None], totals: Sequence[int], parts: Sequence[int]) -> int | None:
    """Return the column of a count of 1 or 2 that is hidden by a mark, and that the total gives away: 総数 12, 65歳未満 10, 65歳以上 x."""
    if len(totals) != 1 or len(parts) < 2:
        return None
    cells = {index: plain(row[index] or "").replace(",", "") for index in (*totals, *parts)}
    hidden = [index for index in parts if cells[index].casefold() in _HIDDEN]
    if len(hidden) != 1 or not all(cells[index].isdecimal() for index in cells if index != hidden[0]):
        return None
    left = int(cells[totals[0]]) - sum(int(cells[index]) for index in parts if index != hidden[0])
    return hidden[0] if left in (1, 2) else None


def _is_count(value: str) -> bool:
    return bool(_COUNTED.fullmatch(plain(value).replace(",", ""))) or value.strip() in ("-", "－", "x", "X", "*")

"""Which rows beside the one that names columns belong to the header: groups above it, names below groups, names said again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.cells import has_digit, is_number_or_missing
from tdpf.controlplane.preparation.engine.outline import Outline

CORNER = re.compile(r"別紙|別表|別添|様式|資料|参考|単位|現在|一覧|統計|[（(]")
_FIRST_LABEL = re.compile(
    r"(?:番号|連番|通番|No\.?|NO\.?|№|ID|名称|.{0,6}名称?|区分|種別|種類|項目|地域|地区|年度?|月|日付)", re.IGNORECASE
)


def groups_later_ones(outline: Outline, first: int, above: Sequence[int]) -> bool:
    """Say whether words above labels begin after the first column and group those below them: 位置, 連絡先 over 番号, 名称, 緯度, 経度, 電話, FAX."""
    labels = outline.full[first]
    if first != 1 or above[0] <= labels[0] or not set(above) <= set(labels) or len(labels) != len(outline.used):
        return False
    words = [outline.cell(first - 1, column).strip() for column in above]
    return all(len(word) <= 8 and not has_digit(word) and not CORNER.search(word) for word in words) and len(
        labels
    ) >= 2 * len(above)


def names_all(outline: Outline, row: int, first: int, missing: frozenset[int]) -> bool:
    """Say whether a row names every column below a group row that leaves the first column without a name: 名称 under a blank."""
    columns = outline.full[row]
    cells = [outline.cell(row, column).strip() for column in columns]
    return (
        row == first + 1
        and set(columns) == outline.used
        and min(outline.used) in missing
        and len(set(cells)) == len(cells)
        and bool(_FIRST_LABEL.fullmatch(cells[0]))
        and not any(has_digit(cell) or len(cell) > 20 for cell in cells)
    )


def says_again(outline: Outline, row: int, first: int) -> bool:
    """Say whether a row says in Japanese what the Latin names above it mean, over columns that hold digits below."""
    columns = outline.full[row]
    cells = [outline.cell(row, column).strip() for column in columns]
    return (
        row == first + 1
        and all(outline.cell(first, column).isascii() for column in outline.full[first])
        and len(columns) * 5 >= len(outline.full[first]) * 4 >= 16
        and len(set(cells)) * 10 >= len(cells) * 9
        and not any(is_number_or_missing(cell) or len(cell) > 30 for cell in cells)
        and sum(1 for cell in cells if not cell.isascii()) * 5 >= len(cells) * 4
        and sum(1 for column in outline.digits & set(columns) if not has_digit(outline.cell(row, column))) >= 2
    )

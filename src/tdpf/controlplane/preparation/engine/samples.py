"""Sheets that are not data: filled-in examples with dummy rows, definitions, instructions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.types import Row

_SAMPLE_NAME = re.compile(
    r"作成例|記入例|記載例|入力例|サンプル|見本|(?:^|[_\-\s])sample(?:$|[_\-\s\d])|(?:^|[_\-\s])example(?:$|[_\-\s\d])",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(
    r"定義書?$|項目定義|項目説明|記入要領|入力要領|記入方法|入力方法|注意事項|凡例|^説明$|はじめに|README|選択肢|プルダウン|入力規則|^リスト$|^マスタ",
    re.IGNORECASE,
)
_FORM_NAME = re.compile(r"様式|[ひ雛]な?[形型]|テンプレート|フォーマット|template", re.IGNORECASE)
_SAMPLE_TITLE = re.compile(
    r"\s*[【〔（(［\[<＜※]*\s*(?:作成例|記入例|記載例|入力例|見本|サンプル)\s*(?:[】〕）)］\]>＞:：].*)?"
)
_DUMMY = re.compile(r"[〇○◯●×△]{2,}|サンプル|ダミー|記入例|例[）)：:]")


def is_sample(sheet: str, rows: Sequence[Row]) -> bool:
    """Say whether a sheet is a filled-in example: its name or title says so, or it has few rows and most are dummies."""
    if _SAMPLE_NAME.search(sheet) or _titled_sample(rows):
        return True
    body = [row for row in rows if any(row)][1:]
    if not 1 <= len(body) <= 20:
        return False
    dummies = sum(1 for row in body if any(cell and _DUMMY.search(cell) for cell in row))
    sapporo = sum(1 for row in body if "011002" in row or "札幌市" in row)
    if dummies * 2 > len(body) and sapporo * 2 > len(body):
        return True
    records = sum(1 for row in body if sum(1 for cell in row if cell) > 1) - (sum(map(bool, rows[0])) < 2)
    return _FORM_NAME.search(sheet) is not None and 0 < records < dummies * 2


def _titled_sample(rows: Sequence[Row]) -> bool:
    """Say whether a word for examples stands alone in one of the first rows."""
    first = [[cell for cell in row if cell and not cell.isspace()] for row in rows if any(row)][:3]
    return any(len(cells) == 1 and _SAMPLE_TITLE.fullmatch(cells[0]) for cells in first)


def is_supplement(sheet: str) -> bool:
    """Say whether a sheet's name announces definitions, instructions or choices, not data."""
    return bool(_OTHER_NAME.search(sheet))

"""The same checks the obvious way, with pandas and openpyxl: what `tdpf bench rate` compares with. Not used otherwise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_SPACES = r"^\s|\s$|[ 　]{2,}"
_SEVERAL = r"[、;；]"
_DEPENDENT = r"[①-⓿㈀-㏿Ⅰ-ↈ]"
_UNIT = r"^[\d,.]+\s*(?:人|円|件|％|%|世帯|㎡|ｍ|m)$"
_ERA = r"^(?:明治|大正|昭和|平成|令和|[MTSHR])\s*(?:元|\d{1,2})"
_DITTO = r"^(?:〃|同上)$"


def check(path: Path) -> dict[str, int]:
    """Return counts per check for a CSV or XLSX; the header is taken to be the first row."""
    import pandas as pd

    found: dict[str, int] = {}
    if path.suffix == ".csv":
        try:
            frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
        except UnicodeDecodeError:
            frame = pd.read_csv(path, dtype=str, encoding="cp932")
    else:
        found.update(_workbook(path))
        frame = pd.read_excel(path, dtype=str, engine="openpyxl")
    found["blank rows"] = int(frame.isna().all(axis=1).sum())
    found["unnamed"] = sum(str(name).startswith("Unnamed") for name in frame.columns)
    found["repeated names"] = len(frame.columns) - len({re.sub(r"\.\d+$", "", str(name)) for name in frame.columns})
    for name in frame.columns:
        column = frame[name].dropna().astype(str)
        for what, pattern in (
            ("spaces", _SPACES),
            ("several values", _SEVERAL),
            ("dependent characters", _DEPENDENT),
            ("units in numbers", _UNIT),
            ("eras", _ERA),
            ("ditto", _DITTO),
            ("line breaks", r"\n"),
        ):
            found[what] = found.get(what, 0) + int(column.str.contains(pattern, regex=True).sum())
        numbers = pd.to_numeric(column, errors="coerce")
        found["numeric columns"] = found.get("numeric columns", 0) + int(numbers.notna().mean() > 0.6)
        found["choices"] = found.get("choices", 0) + int(column.nunique() <= 20)
    return found


def _workbook(path: Path) -> dict[str, int]:
    import openpyxl

    book: Any = openpyxl.load_workbook(path)
    found = {"merges": 0, "hidden": 0, "formulas": 0, "comments": 0, "struck": 0, "coloured": 0, "objects": 0}
    for sheet in book.worksheets:
        found["merges"] += len(sheet.merged_cells.ranges)
        found["hidden"] += sum(1 for entry in sheet.row_dimensions.values() if entry.hidden)
        found["hidden"] += sum(1 for entry in sheet.column_dimensions.values() if entry.hidden)
        found["objects"] += len(sheet._images) + len(sheet._charts)
        for row in sheet.iter_rows():
            for cell in row:
                found["formulas"] += cell.data_type == "f"
                found["comments"] += cell.comment is not None
                found["struck"] += bool(cell.font.strike)
                found["coloured"] += cell.fill.fill_type is not None
    return found

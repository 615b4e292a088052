"""Files made up for the reader, and a short way to read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from engine_files import Read

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.types import ReadResult


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read bytes or text as a file of the given name."""

    def reading(content: bytes | str, name: str = "made.csv", encoding: str = "utf-8", **options: Any) -> ReadResult:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return read_file(path, name, **options)

    return reading


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a workbook from {sheet: rows}; `change` gets the openpyxl workbook before it is saved."""
    import openpyxl

    def writing(
        sheets: dict[str, list[list[Any]]], name: str = "made.xlsx", change: Callable[[Any], None] | None = None
    ) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        if change is not None:
            change(book)
        path = tmp_path / name
        book.save(path)
        return path

    return writing

"""The files of the main journey: real ones from the corpus, or made ones in the same formats."""

from __future__ import annotations

import csv
import os
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import openpyxl


@dataclass(frozen=True)
class File:
    """One municipal file and what is in it, counted by a reader that is not ours."""

    path: Path
    header: list[str]
    rows: int
    located: bool = True


@dataclass(frozen=True)
class Files:
    """Two towns' toilets, and a series of shelter reports in the order of time."""

    toilet_workbook: File
    toilet_csv: File
    shelter_status: list[File]


def journey_files() -> Files:
    """Return real files where the corpus is; else samples, of which one is written as a workbook."""
    named = os.environ.get("TDPF_CORPUS")
    corpus = Path(named) if named else Path(__file__).resolve().parents[3] / "shared" / "data"
    if corpus.is_dir():
        reports = sorted((corpus / "shelter_status").glob("open_shelter_*-0600.csv"))[:3]
        return Files(
            _workbook(corpus / "toilet" / "takamatsu_public_toilet.xlsx"),
            _csv(corpus / "toilet" / "oyama_092088_public_toilet.csv"),
            [_csv(path) for path in reports],
        )
    samples = Path(str(files("tdpf.processes").joinpath("samples")))
    return Files(
        _workbook(_as_workbook(samples / "sample_public_toilet.csv")),
        _csv(samples / "sample_public_toilet.csv"),
        [_csv(samples / f"sample_shelter_status_{number}.csv") for number in (1, 2)],
    )


def _csv(path: Path) -> File:
    text = path.read_bytes()
    for encoding in ("utf-8-sig", "cp932"):
        try:
            rows = [row for row in csv.reader(text.decode(encoding).splitlines(keepends=True)) if any(row)]
        except UnicodeDecodeError:
            continue
        return File(path, rows[0], len(rows) - 1, located="緯度" in rows[0])
    raise AssertionError(f"{path} is in no encoding we know")


def _workbook(path: Path) -> File:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if any(cell is not None for cell in row)]
    return File(path, [str(cell) for cell in rows[0] if cell is not None], len(rows) - 1)


def _as_workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.reader(stream):
            sheet.append(row)
    target = Path(tempfile.mkdtemp(prefix="tdpf-book-")) / "toilets.xlsx"
    book.save(target)
    return target

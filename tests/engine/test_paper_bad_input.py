"""Broken, locked and hostile PDFs: a Problem that says why, or a table; never a traceback, never without end."""

from __future__ import annotations

import contextlib
import io
import signal
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_files import POPULATION, Sheet, assemble, pdf, population_rows, table_pages

from tdpf.controlplane.preparation.engine.errors import (
    Damaged,
    EncryptedPdf,
    NoTable,
    NotReadable,
    ReaderStopped,
    TooManyPages,
)
from tdpf.controlplane.preparation.engine.pages import opening
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits

GOOD = pdf(table_pages(POPULATION, population_rows(5)))


def _read(tmp_path: Path, content: bytes, name: str = "made.pdf") -> None:
    path = tmp_path / name
    path.write_bytes(content)
    read_file(path, name)


def test_a_locked_pdf_is_told_from_a_broken_one(tmp_path: Path) -> None:
    lock = b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>"
    content = GOOD.replace(b"/Root 1 0 R", b"/Root 1 0 R /ID [<00><00>] /Encrypt " + lock)
    with pytest.raises(EncryptedPdf):
        _read(tmp_path, content)
    with pytest.raises(Damaged):
        _read(tmp_path, b"%PDF-1.7\nnothing of the kind\n")
    with pytest.raises(Damaged):
        _read(tmp_path, GOOD[:200])


def test_words_without_a_table_say_so(tmp_path: Path) -> None:
    sheet = Sheet()
    for line in range(12):
        sheet.text(60, 80 + 16 * line, "これは表ではなく、ふつうの文章です。")
    with pytest.raises(NoTable):
        _read(tmp_path, pdf([sheet]))


def test_ten_thousand_pages_are_refused_before_they_are_read(tmp_path: Path) -> None:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + b"3 0 R " * 10_000 + b"] /Count 10000 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    with pytest.raises(TooManyPages):
        _read(tmp_path, assemble(objects))


def test_a_stream_that_unfolds_without_measure_stops_at_the_limits(tmp_path: Path) -> None:
    packed = zlib.compress(zlib.compress(b" " * 150_000_000, 9), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n" % len(packed) + packed + b"\nendstream",
    ]
    path = tmp_path / "bomb.pdf"
    path.write_bytes(assemble(objects))
    limits = Limits(memory_bytes=450 * 1024 * 1024, cpu_seconds=20, wall_seconds=60)
    with pytest.raises((ReaderStopped, NoTable, Damaged)):
        read_in_sandbox(path, path.name, folder=tmp_path, limits=limits)


def test_rules_beyond_measure_end_in_time(tmp_path: Path) -> None:
    grid = Sheet()
    for step in range(3_000):
        grid.line(0, step * 0.28, 595, step * 0.28)
        grid.line(step * 0.19, 0, step * 0.19, 842)
    with pytest.raises(NoTable):
        _read(tmp_path, pdf([grid]))


def test_a_file_that_is_two_kinds_is_read_as_what_it_says_first(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    path = tmp_path / "both.xlsx"
    path.write_bytes(GOOD + packed.getvalue())
    result = read_file(path, path.name)
    assert result.format == "pdf"
    assert result.table.row_count == 5
    with pytest.raises(NotReadable):
        _read(tmp_path, b"%PDF-1.4\n" + packed.getvalue())


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=6), st.integers(0, 40)), min_size=1, max_size=8
    )
)
def test_a_damaged_pdf_is_a_table_or_a_problem(changes: list[tuple[int, bytes, int]]) -> None:
    content = bytearray(GOOD)
    for place, new, length in changes:
        content[place : place + length] = new
    _survives(bytes(content))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["l", "t", "m"]),
            st.floats(-1e6, 1e6),
            st.floats(-1e6, 1e6),
            st.floats(-900, 900),
            st.text(max_size=5),
        ),
        max_size=40,
    )
)
def test_letters_and_rules_anywhere_are_a_table_or_a_problem(drawn: list[tuple[str, float, float, float, str]]) -> None:
    sheet = Sheet()
    for kind, x, y, size, text in drawn:
        if kind == "l":
            sheet.line(x % 600, y % 850, (x + size) % 600, y % 850 if abs(size) > 300 else (y + size) % 850)
        elif kind == "m":
            sheet.parts.append(f"{size:.3f} 0 {x:.1f} 1 {y:.1f} 0 cm")
        else:
            sheet.text(x % 600, y % 850, text.encode("utf-16-be", "ignore").decode("utf-16-be")[:5], size)
    _survives(pdf([sheet]))


def _ring(*_: object) -> None:
    raise TimeoutError("reading did not end")


def _survives(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        # Recognition takes seconds a page and has tests of its own; here a page without readable letters stays a picture.
        patched.setattr(opening, "is_installed", lambda: False)
        path = Path(folder) / "made.pdf"
        path.write_bytes(content)
        before = signal.signal(signal.SIGALRM, _ring)
        signal.alarm(10)
        try:
            with contextlib.suppress(NotReadable):
                result = read_file(path, path.name)
                width = len(result.table.columns)
                assert all(len(row) == width for row in result.table.iter_rows())
                assert all(len(places) == width for places in result.table.iter_cells())
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

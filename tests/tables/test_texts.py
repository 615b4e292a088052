"""The byte-true CSV is read by pieces as it is read whole."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdpf.tables import texts as texts_module
from tdpf.tables.texts import scan_by_piece, scan_texts, texts_by_piece


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.sampled_from([None, "", "a", '"', '""', "\r\n", 'x"\r\n"y', ",", "区", "\r\n\r\n"]),
            min_size=2,
            max_size=2,
        ),
        max_size=8,
    ),
    header=st.sampled_from([["a", "b"], ['"\r\n', "区,\r\n"]]),
    piece=st.integers(1, 40),
    is_cut=st.booleans(),
)
def test_pieces_are_the_whole(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[list[str | None]],
    header: list[str],
    piece: int,
    is_cut: bool,
) -> None:
    path = tmp_path / "data.csv"
    pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row").write_csv(path, line_terminator="\r\n")
    if is_cut:
        path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    monkeypatch.setattr(texts_module, "_PIECE", piece)
    whole = scan_texts(path, 2).collect()
    assert whole.rows() == [tuple(cell or None for cell in row) for row in rows]
    assert pl.concat(texts_by_piece(path, 2)).equals(whole)
    assert scan_by_piece(path, 2).collect().equals(whole)


def test_a_piece_holds_some_rows_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"a\r\n" + b"1\r\n" * 100)
    monkeypatch.setattr(texts_module, "_PIECE", 30)
    assert max(len(piece) for piece in texts_by_piece(path, 1)) <= 10

"""Reads `data.csv`, the byte-true copy of a table, as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

_PIECE = 4 << 20


def label(position: int) -> str:
    """Return what the column at a position is called inside Polars, where a published name could be read as a pattern."""
    return f"c{position}"


def scan_texts(csv: Path, width: int) -> pl.LazyFrame:
    """Return the file's columns as strings named `c0`, `c1` … in row order, null for empty cells."""
    labels = [label(position) for position in range(width)]
    texts = pl.scan_csv(csv, infer_schema=False, glob=False, new_columns=labels)
    return texts.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in labels)


def texts_by_piece(csv: Path, width: int) -> Iterator[pl.DataFrame]:
    """Yield what `scan_texts` gives, some thousand rows at a time in bounded memory; Polars itself reads far ahead."""
    labels = [label(position) for position in range(width)]
    emptied = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in labels]
    is_first = True
    for records in _records(csv):
        piece = pl.read_csv(records, has_header=is_first, infer_schema=False, new_columns=labels)
        is_first = False
        yield piece.select(emptied)


def scan_by_piece(csv: Path, width: int) -> pl.LazyFrame:
    """Return `texts_by_piece` as a lazy frame, all of whose columns are wanted."""

    def pieces(*_: object) -> Iterator[pl.DataFrame]:
        return texts_by_piece(csv, width)

    return register_io_source(pieces, schema={label(position): pl.String for position in range(width)})


def _records(csv: Path) -> Iterator[bytes]:
    rest = b""
    with csv.open("rb") as stream:
        while block := stream.read(_PIECE):
            data = rest + block
            end = _last_record_end(data)
            rest = data[end:]
            if end:
                yield data[:end]
    if rest:
        yield rest


def _last_record_end(data: bytes) -> int:
    """Return where the last whole record ends, 0 for none: a line end inside an odd number of quotation marks is text."""
    odd, end = data.count(b'"') % 2, len(data)
    while (end := data.rfind(b"\r\n", 0, end)) >= 0:
        if (data.count(b'"', end) + odd) % 2 == 0:
            return end + 2
    return 0

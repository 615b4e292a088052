"""Reads `data.csv`, the byte-true copy of a table, as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def label(position: int) -> str:
    """Return what the column at a position is called inside Polars, where a published name could be read as a pattern."""
    return f"c{position}"


def scan_texts(csv: Path, width: int) -> pl.LazyFrame:
    """Return the file's columns as strings named `c0`, `c1` … in row order, null for empty cells."""
    labels = [label(position) for position in range(width)]
    texts = pl.scan_csv(csv, infer_schema=False, glob=False, new_columns=labels)
    return texts.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in labels)

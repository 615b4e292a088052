"""Writes every row that differs between two versions of a table as CSV, for a person with a spreadsheet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tdpf.tables.diff import HASH, TextTable, key_labels, row_hash, shared_labels, telling_key
from tdpf.tables.formulas import neutralised, neutralised_expression
from tdpf.tables.texts import label

_KIND = "\x00kind"
_PLACE = "\x00place"
_ORDINAL = "\x00ordinal"
_OTHER = "\x00other"
_BEFORE = "\x00before"


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    """What the file calls its first column and the four kinds of rows."""

    kind: str
    added: str
    removed: str
    before: str
    after: str


def write_differences(
    old: TextTable,
    new: TextTable,
    key_columns: Sequence[str],
    out: Path,
    *,
    words: DifferenceWords,
    told: Collection[str] | None = None,
) -> None:
    """Write the rows that were added, then those removed, then the changed ones, each as it was and as it is.

    A row is the same row as `tables.diff.differences` says. All columns of either table are there, the new one's first;
    with `told`, these alone are written, and a row changed if one of them did, also where the key is not among them.
    """
    if told is not None:
        needed = {*told, *key_columns}
        old, new = old.only(needed), new.only(needed)
    names = [*new.names, *(name for name in old.names if name not in new.names)]
    labels = {name: label(position) for position, name in enumerate(names)}
    written = [name for name in names if told is None or name in told]
    shorts = [labels[name] for name in written]
    shared = [labels[name] for name in shared_labels(old, new) if name in written]
    before, after = _widened(old, labels), _widened(new, labels)
    key = key_labels({name: labels[name] for name in shared_labels(old, new)}, key_columns)
    key = telling_key(before, after, key)
    parts = (
        _by_key(before, after, key, [short for short in shared if short not in key], words)
        if key
        else _by_rows(before, after, shared, words)
        if shared
        else [_said(after, words.added), _said(before, words.removed)]
    )
    columns = [
        pl.col(_KIND).alias(words.kind),
        *(neutralised_expression(pl.col(short)).alias(short) for short in shorts),
    ]
    whole = pl.concat([part.select(_KIND, *shorts) for part in parts]).select(columns).collect()
    header = pl.DataFrame([[words.kind, *map(neutralised, written)]], schema=whole.columns, orient="row")
    with out.open("wb") as stream:
        stream.write("\ufeff".encode())
        for frame in (header, whole):
            frame.write_csv(stream, include_header=False, line_terminator="\r\n")


def _widened(table: TextTable, labels: dict[str, str]) -> pl.LazyFrame:
    missing = [short for name, short in labels.items() if name not in table.names]
    return table.renamed(labels).with_columns(pl.lit(None, dtype=pl.String).alias(short) for short in missing)


def _by_key(
    before: pl.LazyFrame, after: pl.LazyFrame, key: list[str], others: list[str], words: DifferenceWords
) -> list[pl.LazyFrame]:
    old = before.unique(key, keep="first", maintain_order=True).with_columns(row_hash(others))
    new = after.unique(key, keep="first", maintain_order=True).with_columns(row_hash(others)).with_row_index(_PLACE)
    was = old.select(*key, pl.col(HASH).alias(_BEFORE))
    changed = new.join(was, on=key, how="inner", nulls_equal=True).filter(pl.col(HASH) != pl.col(_BEFORE))
    earlier = old.join(changed.select(*key, _PLACE), on=key, how="inner", nulls_equal=True)
    in_order = _names(before)
    pairs = pl.concat([
        _said(earlier, words.before).with_columns(pl.lit(0).alias(_ORDINAL)).select(in_order),
        _said(changed, words.after).with_columns(pl.lit(1).alias(_ORDINAL)).select(in_order),
    ])  # fmt: skip
    return [
        _said(new.join(old, on=key, how="anti", nulls_equal=True, maintain_order="left"), words.added),
        _said(old.join(new, on=key, how="anti", nulls_equal=True, maintain_order="left"), words.removed),
        pairs.sort(_PLACE, _ORDINAL),
    ]


def _names(table: pl.LazyFrame) -> list[str]:
    return [_KIND, _PLACE, _ORDINAL, *table.collect_schema().names()]


def _by_rows(
    before: pl.LazyFrame, after: pl.LazyFrame, shared: list[str], words: DifferenceWords
) -> list[pl.LazyFrame]:
    return [
        _said(_beyond(after, before, shared), words.added),
        _said(_beyond(before, after, shared), words.removed),
    ]


def _beyond(these: pl.LazyFrame, those: pl.LazyFrame, shared: list[str]) -> pl.LazyFrame:
    """Return the rows that stand here more often than there, as often as they do."""
    counted = those.select(row_hash(shared)).group_by(HASH).agg(pl.len().cast(pl.Int64).alias(_OTHER))
    numbered = these.with_columns(row_hash(shared)).with_columns(
        pl.int_range(pl.len()).over(HASH).cast(pl.Int64).alias(_ORDINAL)
    )
    known = numbered.join(counted, on=HASH, how="left", maintain_order="left")
    return known.filter(pl.col(_ORDINAL) >= pl.col(_OTHER).fill_null(0))


def _said(rows: pl.LazyFrame, word: str) -> pl.LazyFrame:
    return rows.with_columns(pl.lit(word).alias(_KIND))

"""Says what changed between two versions of a table: rows added, removed and changed, columns added and removed."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from tdpf.tables.texts import label, scan_texts
from tdpf.tables.verify import read_manifest

_SAMPLES = 20
_NO_SAMPLES: dict[str, list[Any]] = {"added": [], "removed": [], "changed": []}
_PIECE_ROWS = 20_000
HASH = "\x00hash"
_OLD = "\x00old"
_TIMES = "\x00times"


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as it is compared: its columns' names, and its cells as text in columns `c0`, `c1` …, null for empty ones."""

    names: tuple[str, ...]
    texts: pl.LazyFrame

    def only(self, columns: Collection[str]) -> TextTable:
        """Return the table with these columns alone, as far as it has them."""
        kept = tuple(name for name in self.names if name in columns)
        return TextTable(kept, self.renamed({name: label(position) for position, name in enumerate(kept)}))

    def renamed(self, labels: Mapping[str, str]) -> pl.LazyFrame:
        """Return the texts of the columns that `labels` has, in its order, under its names."""
        return self.texts.select(
            pl.col(label(self.names.index(name))).alias(short) for name, short in labels.items() if name in self.names
        )


def table_in(folder: Path) -> TextTable:
    """Return a published table for comparing. Raises TableMissing."""
    manifest = read_manifest(folder)
    return TextTable(manifest.column_names, scan_texts(folder / manifest.files["csv"].path, len(manifest.fields)))


def table_of(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> TextTable:
    """Return rows that are not published yet for comparing; they are all held in memory, as Polars keeps them."""
    schema = {label(position): pl.String for position in range(len(names))}
    pieces, rest = [pl.DataFrame(schema=schema)], iter(rows)
    while piece := [[cell or None for cell in row] for row in islice(rest, _PIECE_ROWS)]:
        pieces.append(pl.DataFrame(piece, schema=schema, orient="row"))
    return TextTable(tuple(unicodedata.normalize("NFC", name) for name in names), pl.concat(pieces).lazy())


def diff_tables(old_folder: Path, new_folder: Path, key_columns: Sequence[str] = ()) -> dict[str, Any]:
    """Compare two table folders; returns as `differences`."""
    return differences(table_in(old_folder), table_in(new_folder), key_columns)


def differences(before: TextTable, after: TextTable, key_columns: Sequence[str] = ()) -> dict[str, Any]:
    """Compare two tables and return `{added, removed, changed, columns_added, columns_removed, samples}`.

    With a key that both tables have and that tells the rows of each apart, a row is the same row when its key is; `changed` counts rows whose other values, in the
    columns both have, differ. Without one, rows are compared whole, so nothing is `changed`; where the tables have no column in
    common, all rows went and all rows came. `samples` has at most 20 of each:
    rows as objects, for a change `{"key", "before", "after"}` with only the cells that differ.
    """
    labels = shared_labels(before, after)
    old, new = before.renamed(labels), after.renamed(labels)
    key = telling_key(old, new, key_labels(labels, key_columns))
    columns = list(labels.values())
    if columns:
        found = _by_key(old, new, key, columns) if key else _by_rows(old, new, columns)
    else:
        found = {"added": _height(after), "removed": _height(before), "changed": 0, "samples": _NO_SAMPLES}
    return {
        **_named(found, {short: name for name, short in labels.items()}),
        "columns_added": [name for name in after.names if name not in before.names],
        "columns_removed": [name for name in before.names if name not in after.names],
    }


def shared_labels(before: TextTable, after: TextTable) -> dict[str, str]:
    """Return what the columns that both tables have are called while they are compared."""
    shared = [name for name in after.names if name in before.names]
    return {name: label(position) for position, name in enumerate(shared)}


def key_labels(labels: Mapping[str, str], key_columns: Sequence[str]) -> list[str]:
    """Return the labels of the key, or nothing where one of its columns is not in both tables."""
    key = [labels[column] for column in key_columns if column in labels]
    return key if len(key) == len(key_columns) else []


def _height(table: TextTable) -> int:
    return int(table.texts.select(pl.len()).collect().item())


def telling_key(before: pl.LazyFrame, after: pl.LazyFrame, key: list[str]) -> list[str]:
    """Return the key where no two rows of either table have the same one, else nothing: rows that share a key would hide each other."""
    if not key:
        return []
    for table in (before, after):
        counted = table.select(pl.len(), pl.struct(key).n_unique().alias(_TIMES)).collect()
        if counted.row(0)[0] != counted.row(0)[1]:
            return []
    return key


def _named(found: Any, names: Mapping[str, str]) -> Any:
    if isinstance(found, list):
        return [_named(item, names) for item in found]
    if isinstance(found, dict):
        return {names.get(key, key): _named(value, names) for key, value in found.items()}
    return found


def row_hash(columns: Sequence[str]) -> pl.Expr:
    """Return the expression for a short text that only equal cells give, named `HASH`."""
    # Length-prefixed, so that no two different rows join to the same text.
    parts = [
        pl.when(pl.col(name).is_null())
        .then(pl.lit("-"))
        .otherwise(pl.format("{}:{}", pl.col(name).str.len_bytes(), pl.col(name)))
        for name in columns
    ]
    text = pl.concat_str(parts) if parts else pl.lit("")
    return pl.concat_str([text.hash(7).cast(pl.String), text.hash(11).cast(pl.String)], separator="-").alias(HASH)


def _by_key(old: pl.LazyFrame, new: pl.LazyFrame, key: list[str], shared: list[str]) -> dict[str, Any]:
    others = [name for name in shared if name not in key]
    before = old.select(*key, row_hash(others)).unique(key, keep="first", maintain_order=True)
    after = new.select(*key, row_hash(others)).unique(key, keep="first", maintain_order=True)
    added = after.join(before, on=key, how="anti", nulls_equal=True, maintain_order="left").select(key).collect()
    removed = before.join(after, on=key, how="anti", nulls_equal=True, maintain_order="left").select(key).collect()
    paired = after.join(before.rename({HASH: _OLD}), on=key, how="inner", nulls_equal=True, maintain_order="left")
    changed = paired.filter(pl.col(HASH) != pl.col(_OLD)).select(key).collect()
    return {
        "added": added.height,
        "removed": removed.height,
        "changed": changed.height,
        "samples": {
            "added": _rows_with(new, added.head(_SAMPLES), key),
            "removed": _rows_with(old, removed.head(_SAMPLES), key),
            "changed": _changes(old, new, changed.head(_SAMPLES), key, others),
        },
    }


def _rows_with(texts: pl.LazyFrame, keys: pl.DataFrame, key: list[str]) -> list[dict[str, Any]]:
    if keys.is_empty():
        return []
    found = texts.join(keys.lazy(), on=key, how="semi", nulls_equal=True, maintain_order="left").unique(
        key, keep="first", maintain_order=True
    )
    return found.collect().to_dicts()


def _changes(
    old: pl.LazyFrame, new: pl.LazyFrame, keys: pl.DataFrame, key: list[str], others: list[str]
) -> list[dict[str, Any]]:
    before = {tuple(row[name] for name in key): row for row in _rows_with(old, keys, key)}
    samples = []
    for after in _rows_with(new, keys, key):
        earlier = before[tuple(after[name] for name in key)]
        differing = [name for name in others if earlier[name] != after[name]]
        samples.append(
            {
                "key": {name: after[name] for name in key},
                "before": {name: earlier[name] for name in differing},
                "after": {name: after[name] for name in differing},
            }
        )
    return samples


def _by_rows(old: pl.LazyFrame, new: pl.LazyFrame, shared: list[str]) -> dict[str, Any]:
    before, after = _counted(old, shared), _counted(new, shared)
    joined = after.join(before, on=HASH, how="full", coalesce=True, suffix=_OLD).with_columns(
        pl.col(_TIMES, _TIMES + _OLD).fill_null(0).cast(pl.Int64)
    )
    surplus = joined.select(HASH, (pl.col(_TIMES) - pl.col(_TIMES + _OLD)).alias("n")).collect()
    more, fewer = surplus.filter(pl.col("n") > 0), surplus.filter(pl.col("n") < 0)
    return {
        "added": int(more["n"].sum()),
        "removed": -int(fewer["n"].sum()),
        "changed": 0,
        "samples": {
            "added": _rows_hashed(new, more, shared),
            "removed": _rows_hashed(old, fewer, shared),
            "changed": [],
        },
    }


def _counted(texts: pl.LazyFrame, shared: list[str]) -> pl.LazyFrame:
    return texts.select(row_hash(shared)).group_by(HASH).agg(pl.len().alias(_TIMES))


def _rows_hashed(texts: pl.LazyFrame, hashes: pl.DataFrame, shared: list[str]) -> list[dict[str, Any]]:
    if hashes.is_empty():
        return []
    hashed = texts.with_columns(row_hash(shared))
    found = hashed.join(hashes.lazy(), on=HASH, how="semi", maintain_order="left").unique(
        HASH, keep="first", maintain_order=True
    )
    return found.drop(HASH).head(_SAMPLES).collect().to_dicts()

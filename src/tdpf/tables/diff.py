"""Says what changed between two versions of a table: rows added, removed and changed, columns added and removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from tdpf.tables.texts import label, scan_texts
from tdpf.tables.verify import read_manifest

_SAMPLES = 20
_HASH = "\x00hash"
_OLD = "\x00old"
_TIMES = "\x00times"


def diff_tables(old_folder: Path, new_folder: Path, key_columns: Sequence[str] = ()) -> dict[str, Any]:
    """Compare two table folders and return `{added, removed, changed, columns_added, columns_removed, samples}`.

    With a key that both tables have, a row is the same row when its key is; `changed` counts rows whose other values, in the
    columns both have, differ. Without one, rows are compared whole, so nothing is `changed`. `samples` has at most 20 of each:
    rows as objects, for a change `{"key", "before", "after"}` with only the cells that differ.
    """
    old_names = read_manifest(old_folder).column_names
    new_names = read_manifest(new_folder).column_names
    shared = [name for name in new_names if name in old_names]
    labels = {name: label(position) for position, name in enumerate(shared)}
    old, new = _texts(old_folder, old_names, labels), _texts(new_folder, new_names, labels)
    key = [labels[column] for column in key_columns if column in labels]
    with_key = bool(key) and len(key) == len(key_columns)
    columns = list(labels.values())
    found = _by_key(old, new, key, columns) if with_key else _by_rows(old, new, columns)
    return {
        **_named(found, {short: name for name, short in labels.items()}),
        "columns_added": [name for name in new_names if name not in old_names],
        "columns_removed": [name for name in old_names if name not in new_names],
    }


def _texts(folder: Path, names: Sequence[str], labels: Mapping[str, str]) -> pl.LazyFrame:
    texts = scan_texts(folder / read_manifest(folder).files["csv"].path, len(names))
    return texts.select(pl.col(label(names.index(name))).alias(short) for name, short in labels.items())


def _named(found: Any, names: Mapping[str, str]) -> Any:
    if isinstance(found, list):
        return [_named(item, names) for item in found]
    if isinstance(found, dict):
        return {names.get(key, key): _named(value, names) for key, value in found.items()}
    return found


def _row_hash(columns: Sequence[str]) -> pl.Expr:
    # Length-prefixed, so that no two different rows join to the same text.
    parts = [
        pl.when(pl.col(name).is_null())
        .then(pl.lit("-"))
        .otherwise(pl.format("{}:{}", pl.col(name).str.len_bytes(), pl.col(name)))
        for name in columns
    ]
    text = pl.concat_str(parts) if parts else pl.lit("")
    return pl.concat_str([text.hash(7).cast(pl.String), text.hash(11).cast(pl.String)], separator="-").alias(_HASH)


def _by_key(old: pl.LazyFrame, new: pl.LazyFrame, key: list[str], shared: list[str]) -> dict[str, Any]:
    others = [name for name in shared if name not in key]
    before = old.select(*key, _row_hash(others)).unique(key, keep="first", maintain_order=True)
    after = new.select(*key, _row_hash(others)).unique(key, keep="first", maintain_order=True)
    added = after.join(before, on=key, how="anti", nulls_equal=True, maintain_order="left").select(key).collect()
    removed = before.join(after, on=key, how="anti", nulls_equal=True, maintain_order="left").select(key).collect()
    paired = after.join(before.rename({_HASH: _OLD}), on=key, how="inner", nulls_equal=True, maintain_order="left")
    changed = paired.filter(pl.col(_HASH) != pl.col(_OLD)).select(key).collect()
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
    joined = after.join(before, on=_HASH, how="full", coalesce=True, suffix=_OLD).with_columns(
        pl.col(_TIMES, _TIMES + _OLD).fill_null(0).cast(pl.Int64)
    )
    surplus = joined.select(_HASH, (pl.col(_TIMES) - pl.col(_TIMES + _OLD)).alias("n")).collect()
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
    return texts.select(_row_hash(shared)).group_by(_HASH).agg(pl.len().alias(_TIMES))


def _rows_hashed(texts: pl.LazyFrame, hashes: pl.DataFrame, shared: list[str]) -> list[dict[str, Any]]:
    if hashes.is_empty():
        return []
    hashed = texts.with_columns(_row_hash(shared))
    found = hashed.join(hashes.lazy(), on=_HASH, how="semi", maintain_order="left").unique(
        _HASH, keep="first", maintain_order=True
    )
    return found.drop(_HASH).head(_SAMPLES).collect().to_dicts()

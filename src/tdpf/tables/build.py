"""Builds a published table: one folder, written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO

import orjson
import polars as pl

from tdpf.kit.clock import now
from tdpf.kit.hashing import sha256_file
from tdpf.kit.writing import settle
from tdpf.tables.errors import (
    DuplicateColumn,
    EmptyColumnName,
    NoColumns,
    RowTooLong,
    TableDamaged,
    TooManyColumns,
    UnknownKeyColumn,
)
from tdpf.tables.identity import table_folder
from tdpf.tables.rows_writer import RowsWriter
from tdpf.tables.texts import label, scan_by_piece, texts_by_piece
from tdpf.tables.types import ColumnFacts, Field, FileFacts, Located, TableManifest, find_located
from tdpf.tables.values import TypedColumn, parquet_expression, type_column
from tdpf.tables.verify import read_manifest, read_manifest_or_none, verify_file

Row = Sequence[str | None]
MOST_COLUMNS = 1_000
MANIFEST = "table.json"
_CELLS_PER_CHUNK = 400_000
_ROW_GROUP = 122_880


def build_table(
    rows: Iterable[Row],
    fields: Sequence[Field],
    *,
    out_root: Path,
    identity: str,
    key_columns: Sequence[str] = (),
    name: str = "main",
    located: Located | None = None,
) -> TableManifest:
    """Write the table's folder below `out_root` and return its manifest; a table that is there already is left alone.

    `rows` is read once, in order, a chunk at a time; None and "" are empty cells, a short row is filled with empty cells.
    `located` is found by the columns' names when it is not given. Raises the problems of `tables.errors`; nothing is left
    behind when it fails.
    """
    folder = table_folder(out_root, identity)
    known = read_manifest_or_none(folder)
    if known is not None:
        return known
    checked = _checked_fields(fields)
    keys = tuple(unicodedata.normalize("NFC", column) for column in key_columns)
    names = {field.name for field in checked}
    for column in keys:
        if column not in names:
            raise UnknownKeyColumn(column=column)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{identity[:16]}-", dir=folder.parent))
    try:
        place = located or find_located(checked)
        manifest = _write(work, rows, checked, keys, place, identity=identity, name=name)
        return _put_in_place(work, folder, manifest)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def rebuild_table(folder: Path) -> TableManifest:
    """Write the folder's files anew from its byte-true CSV and return the manifest; the identity stays.

    Raises TableMissing without a manifest, TableDamaged when the CSV itself is not what was written.
    """
    manifest = read_manifest(folder)
    if not verify_file(folder, manifest, "csv"):
        raise TableDamaged(identity=manifest.identity, file=manifest.files["csv"].path)
    work = Path(tempfile.mkdtemp(prefix=f".{manifest.identity[:16]}-", dir=folder.parent))
    try:
        texts = texts_by_piece(folder / manifest.files["csv"].path, len(manifest.fields))
        rows = (row for frame in texts for row in frame.iter_rows())
        fresh = _write(
            work,
            rows,
            manifest.fields,
            manifest.key_columns,
            manifest.located,
            identity=manifest.identity,
            name=manifest.name,
        )
        return _put_in_place(work, folder, fresh, replace_sound=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _checked_fields(fields: Sequence[Field]) -> tuple[Field, ...]:
    if not fields:
        raise NoColumns
    if len(fields) > MOST_COLUMNS:
        raise TooManyColumns(count=len(fields), limit=MOST_COLUMNS)
    checked = tuple(replace(field, name=unicodedata.normalize("NFC", field.name)) for field in fields)
    seen: set[str] = set()
    for position, field in enumerate(checked, start=1):
        if not field.name.strip():
            raise EmptyColumnName(position=position)
        if field.name in seen:
            raise DuplicateColumn(column=field.name)
        seen.add(field.name)
    return checked


def _write(
    work: Path,
    rows: Iterable[Row],
    fields: tuple[Field, ...],
    keys: tuple[str, ...],
    located: Located | None,
    *,
    identity: str,
    name: str,
) -> TableManifest:
    writer = RowsWriter(work / "rows.sqlite", fields, keys, located)
    try:
        with ThreadPoolExecutor(1) as beside:
            with (work / "data.csv").open("wb") as texts:
                added: Future[None] | None = None
                for chunk in _chunks(rows, len(fields)):
                    columns = [type_column(field, texts) for field, texts in zip(fields, chunk, strict=True)]
                    _append_csv(texts, fields, columns, with_header=texts.tell() == 0)
                    # One chunk goes into the rows file while the next is taken and typed.
                    if added is not None:
                        added.result()
                    added = beside.submit(writer.add, columns)
                if added is None:
                    columns = [type_column(field, pl.Series([], dtype=pl.String)) for field in fields]
                    _append_csv(texts, fields, columns, with_header=True)
                else:
                    added.result()
                _settle(texts)
            facts = tuple(ColumnFacts(*seen) for seen in writer.facts())
            # Sorting the indexes leaves a core for the columns to be packed on.
            finished = beside.submit(writer.finish)
            _write_parquet(work, fields, facts)
            finished.result()
    except BaseException:
        writer.abandon()
        raise
    files = {
        kind: FileFacts(file, (work / file).stat().st_size, sha256_file(work / file))
        for kind, file in (("rows", "rows.sqlite"), ("parquet", "data.parquet"), ("csv", "data.csv"))
    }
    return TableManifest(
        identity=identity,
        name=name,
        fields=fields,
        columns=facts,
        rows=writer.rows,
        located=located,
        key_columns=keys,
        files=files,
        extent=writer.extent,
        created_at=now().isoformat(timespec="seconds"),
    )


def _chunks(rows: Iterable[Row], width: int) -> Iterator[list[pl.Series]]:
    size = max(1_000, min(25_000, _CELLS_PER_CHUNK // width))
    source, done = iter(rows), 0
    while chunk := list(islice(source, size)):
        if any(len(row) != width for row in chunk):
            chunk = [_fitted(row, width, done + number) for number, row in enumerate(chunk, start=1)]
        yield [_emptied(pl.Series(list(column), dtype=pl.String)) for column in zip(*chunk, strict=True)]
        done += len(chunk)


def _fitted(row: Row, width: int, number: int) -> Row:
    if len(row) > width and any(row[width:]):
        raise RowTooLong(row=number, cells=len(row), columns=width)
    return [*row[:width], *[None] * (width - len(row))]


def _emptied(texts: pl.Series) -> pl.Series:
    return texts.set(texts == "", None) if (texts == "").any() else texts


def _append_csv(stream: IO[bytes], fields: tuple[Field, ...], columns: list[TypedColumn], with_header: bool) -> None:
    frame = pl.DataFrame([column.texts.alias(field.name) for field, column in zip(fields, columns, strict=True)])
    frame.write_csv(
        stream, include_header=with_header, line_terminator="\r\n", null_value='""' if len(fields) == 1 else ""
    )


def _write_parquet(work: Path, fields: tuple[Field, ...], facts: tuple[ColumnFacts, ...]) -> None:
    typed = [
        parquet_expression(field, fact.as_text, pl.col(label(position))).alias(field.name)
        for position, (field, fact) in enumerate(zip(fields, facts, strict=True))
    ]
    texts = scan_by_piece(work / "data.csv", len(fields))
    texts.select(typed).sink_parquet(work / "data.parquet", compression="zstd", row_group_size=_ROW_GROUP)


def _put_in_place(work: Path, folder: Path, manifest: TableManifest, *, replace_sound: bool = False) -> TableManifest:
    with (work / MANIFEST).open("wb") as stream:
        stream.write(orjson.dumps(manifest.as_dict(), option=orjson.OPT_INDENT_2))
        _settle(stream)
    for facts in manifest.files.values():
        with (work / facts.path).open("rb") as stream:
            os.fsync(stream.fileno())
    work.chmod(0o755)
    if folder.exists():
        known = read_manifest_or_none(folder)
        if known is not None and not replace_sound:
            return known
        aside = folder.with_name(f".broken-{folder.name[:16]}-{os.getpid()}")
        folder.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)
    work.rename(folder)
    settle(folder)
    settle(folder.parent)
    return manifest


def _settle(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())

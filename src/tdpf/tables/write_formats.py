"""Writes a table, or some of its rows and columns, in the formats people and programs ask for. Every file is written aside
and renamed, so that a file that exists is whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, get_args
from uuid import uuid4

import orjson
import polars as pl
import xlsxwriter

from tdpf.tables.errors import TooManyRowsForExcel
from tdpf.tables.formulas import neutralised, neutralised_expression
from tdpf.tables.read import Form, RowsFile, Selection
from tdpf.tables.texts import label, scan_texts
from tdpf.tables.types import Field, TableManifest
from tdpf.tables.values import ordered_expression, parquet_expression
from tdpf.tables.verify import read_manifest

TableFormat = Literal["csv", "excel-csv", "xlsx", "json", "ndjson", "geojson", "parquet", "arrow"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)
MOST_EXCEL_ROWS = 100_000
_LONGEST_EXCEL_CELL = 32_767
_BATCH = 2_000
_CSV_BATCH = 5_000


def write_format(
    folder: Path,
    kind: TableFormat,
    out: Path,
    *,
    columns: Sequence[str] | None = None,
    selection: Selection | None = None,
    with_place: bool = True,
    with_key: bool = True,
) -> Path:
    """Write the table at `folder` to `out` and return `out`.

    `columns` are names in the wished order (None: all), `selection` the rows (None: all in order). `with_place` and `with_key`
    say whether GeoJSON may show the place and the declared key. Raises TooManyRowsForExcel.
    """
    manifest = read_manifest(folder)
    names = manifest.column_names
    chosen = None if columns is None or tuple(columns) == names else tuple(names.index(column) for column in columns)
    with _aside(out) as work:
        match kind:
            case "json" | "ndjson" | "geojson":
                form = Form("feature" if kind == "geojson" else "row", chosen, with_place, with_key)
                _write_json(folder, manifest, kind, work, selection or Selection(), form)
            case "parquet" | "arrow" if selection is None:
                lazy = pl.scan_parquet(folder / manifest.files["parquet"].path, glob=False)
                _sink(lazy.select(pl.nth(position) for position in chosen) if chosen is not None else lazy, kind, work)
            case "csv" if selection is None and chosen is None:
                shutil.copyfile(folder / manifest.files["csv"].path, work)
            case _:
                with _texts(folder, manifest, chosen, selection, work) as texts:
                    _from_texts(texts, manifest, chosen, kind, work)
    return out


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    out.parent.mkdir(parents=True, exist_ok=True)
    work = out.with_name(f".{out.name}.{uuid4().hex}")
    try:
        yield work
        with work.open("rb") as stream:
            os.fsync(stream.fileno())
        work.rename(out)
    finally:
        work.unlink(missing_ok=True)


@contextmanager
def _texts(
    folder: Path, manifest: TableManifest, chosen: tuple[int, ...] | None, selection: Selection | None, work: Path
) -> Iterator[pl.LazyFrame]:
    kept = range(len(manifest.fields)) if chosen is None else chosen
    if selection is None:
        texts = scan_texts(folder / manifest.files["csv"].path, len(manifest.fields))
        yield texts.select(pl.col(label(position)) for position in kept)
        return
    csv = work.with_name(work.name + ".csv")
    rows = RowsFile(folder, manifest)
    rows.allow()
    try:
        with csv.open("wb") as stream:
            for piece in csv_pieces(rows, selection, chosen):
                stream.write(piece)
        yield scan_texts(csv, len(kept))
    finally:
        rows.close()
        with suppress(FileNotFoundError):
            csv.unlink()


def csv_pieces(rows: RowsFile, selection: Selection, positions: Sequence[int] | None) -> Iterator[bytes]:
    """Yield CSV (UTF-8, CRLF, header first) of the selected rows, byte-true to the published texts, in bounded memory."""
    fields = rows.manifest.fields
    kept = tuple(range(len(fields))) if positions is None else tuple(positions)
    yield _csv(pl.DataFrame(schema={fields[position].name: pl.String for position in kept}), header=True)
    prefixes = rows.prefixes
    for stored in rows.values(selection, batch=_CSV_BATCH):
        ready = pl.DataFrame({"row": stored})
        members = pl.col("row").str.split(rows.separator)
        values = ready.select(members).select(
            pl.col("row").list.get(position).str.strip_prefix(prefixes[position]).alias(str(place))
            for place, position in enumerate(kept)
        )
        yield _csv(pl.DataFrame([_texts_of(values[str(place)]) for place in range(len(kept))]), header=False)


def _texts_of(values: pl.Series) -> pl.Series:
    """The texts that JSON values stand for: what is in the quotes, or the number as it is written."""
    if values.str.contains("\\", literal=True).any():
        decoded = [None if v == "null" else orjson.loads(v) if v[0] == '"' else v for v in values.to_list()]
        return pl.Series(values.name, decoded, dtype=pl.String)
    bare = pl.col(values.name)
    inner = bare.str.strip_prefix('"').str.strip_suffix('"')
    return values.to_frame().select(pl.when(bare != "null").then(inner)).to_series()


def _csv(frame: pl.DataFrame, *, header: bool) -> bytes:
    null = '""' if frame.width == 1 else ""
    return frame.write_csv(include_header=header, line_terminator="\r\n", null_value=null).encode()


def _from_texts(
    texts: pl.LazyFrame, manifest: TableManifest, chosen: tuple[int, ...] | None, kind: TableFormat, work: Path
) -> None:
    kept = range(len(manifest.fields)) if chosen is None else chosen
    fields = [manifest.fields[position] for position in kept]
    columns = [pl.col(name) for name in texts.collect_schema().names()]
    null = '""' if len(fields) == 1 else ""
    if kind == "csv":
        named = [column.alias(field.name) for column, field in zip(columns, fields, strict=True)]
        texts.select(named).sink_csv(work, line_terminator="\r\n", null_value=null)
    elif kind == "excel-csv":
        safe = [
            neutralised_expression(column).alias(neutralised(field.name))
            for column, field in zip(columns, fields, strict=True)
        ]
        texts.select(safe).sink_csv(work, include_bom=True, line_terminator="\r\n", null_value=null)
    elif kind == "xlsx":
        _write_excel(texts.collect(), fields, manifest.name, work)
    else:
        typed = [
            parquet_expression(field, manifest.columns[position].as_text, column).alias(field.name)
            for position, field, column in zip(kept, fields, columns, strict=True)
        ]
        _sink(texts.select(typed), kind, work)


def _sink(frame: pl.LazyFrame, kind: TableFormat, work: Path) -> None:
    if kind == "parquet":
        frame.sink_parquet(work, compression="zstd")
    else:
        frame.sink_ipc(work, compression="uncompressed", compat_level=pl.CompatLevel.oldest())


def _write_json(
    folder: Path, manifest: TableManifest, kind: TableFormat, work: Path, selection: Selection, form: Form
) -> None:
    opening, separator, closing = {
        "json": ('{"rows":[\n', b",\n", "\n]}\n"),
        "geojson": ('{"type":"FeatureCollection","features":[\n', b",\n", "\n]}\n"),
        "ndjson": ("", b"\n", ""),
    }[kind]
    rows = RowsFile(folder, manifest)
    rows.allow()
    try:
        with work.open("wb") as stream:
            stream.write(opening.encode())
            first = True
            for _, data in rows.stream(selection, form, batch=_BATCH, between=separator):
                stream.write(data if first else separator + data)
                first = False
            stream.write((closing if kind != "ndjson" or first else "\n").encode())
    finally:
        rows.close()


def _write_excel(texts: pl.DataFrame, fields: Sequence[Field], name: str, work: Path) -> None:
    if texts.height > MOST_EXCEL_ROWS:
        raise TooManyRowsForExcel(rows=texts.height, limit=MOST_EXCEL_ROWS)
    book = xlsxwriter.Workbook(
        str(work), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for position, field in enumerate(fields):
        sheet.write_string(0, position, neutralised(field.name), bold)
    numeric = [position for position, field in enumerate(fields) if field.type in ("integer", "number")]
    numbers = {position: _numbers(fields[position], texts.to_series(position)) for position in numeric}
    for row, values in enumerate(texts.iter_rows(), start=1):
        for position, value in enumerate(values):
            if value is None:
                continue
            number = numbers[position][row - 1] if position in numbers else None
            if number is not None:
                sheet.write_number(row, position, number)
            else:
                sheet.write_string(row, position, neutralised(value)[:_LONGEST_EXCEL_CELL])
    book.close()


def _numbers(field: Field, texts: pl.Series) -> list[int | float | None]:
    frame = texts.alias("t").to_frame()
    return frame.select(ordered_expression(field, pl.col("t"))).to_series().to_list()


def _sheet_name(name: str) -> str:
    plain = "".join("_" if character in "[]:*?/\\'" else character for character in name).strip()
    return plain[:31] or "data"

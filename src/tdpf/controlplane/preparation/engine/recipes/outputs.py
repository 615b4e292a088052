"""Writes the standard table: CSV, Excel workbook, GeoJSON, Parquet. The same run gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.barrier_free.forms import nest
from tdpf.controlplane.preparation.engine.recipes.errors import OutputUnknown
from tdpf.controlplane.preparation.engine.recipes.types import Run
from tdpf.controlplane.preparation.engine.schemas.types import Schema
from tdpf.kit.writing import whole_file


def write_table(run: Run, schema: Schema, path: Path) -> None:
    """Write the table in the format of the file's ending; raises OutputUnknown. Half a file is never left."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise OutputUnknown(file=path.name, known="・".join(WRITERS))
    with whole_file(path) as stream:
        stream.write(writer(run, schema))


def as_csv(run: Run, schema: Schema) -> bytes:
    """Return UTF-8 with CRLF as RFC 4180 asks; the first line are the schema's names."""
    del schema
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(run.columns)
    writer.writerows(["" if cell is None else cell for cell in row] for row in run.rows())
    return out.getvalue().encode("utf-8")


def as_geojson(run: Run, schema: Schema) -> bytes:
    """Return a FeatureCollection (RFC 7946); rows without coordinates have geometry null."""
    lat, lon = schema.of("latitude"), schema.of("longitude")
    features = []
    for number, row in enumerate(run.rows(), start=1):
        cells = dict(zip(run.columns, row, strict=True))
        place = None
        if lat and lon and cells.get(lat.name) and cells.get(lon.name):
            place = {"type": "Point", "coordinates": [float(cells[lon.name] or 0), float(cells[lat.name] or 0)]}
        properties = {name: _typed(schema, name, cell) for name, cell in cells.items()}
        features.append({"type": "Feature", "id": number, "geometry": place, "properties": properties})
    return orjson.dumps({"type": "FeatureCollection", "features": features}) + b"\n"


def _typed(schema: Schema, name: str, cell: str | None) -> str | int | float | None:
    field = schema.field(name)
    if cell is None or field is None:
        return cell
    try:
        if field.type == "integer":
            return int(cell)
        if field.type == "number":
            return float(cell)
    except ValueError:
        return cell
    return cell


def as_xlsx(run: Run, schema: Schema) -> bytes:
    """Return a workbook of one sheet; codes and telephone numbers stay text, nothing is a formula."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": schema.title, "created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bg_color": "#e8f1fe", "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(schema.title[:31])
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(run.columns):
        sheet.write_string(0, place, name, bold)
    for number, row in enumerate(run.rows(), start=1):
        for place, (name, cell) in enumerate(zip(run.columns, row, strict=True)):
            typed = _typed(schema, name, cell)
            if isinstance(typed, int | float):
                sheet.write_number(number, place, typed)
            elif typed is not None:
                sheet.write_string(number, place, typed[:32_767])
    book.close()
    return out.getvalue()


def as_parquet(run: Run, schema: Schema) -> bytes:
    """Return Parquet with whole numbers and numbers typed, everything else text."""
    import polars as pl

    columns = {}
    for name in run.columns:
        field = schema.field(name)
        cells = [_typed(schema, name, cell) for cell in run.frame.columns[name]]
        kind = {"integer": pl.Int64, "number": pl.Float64}.get(field.type if field else "", pl.String)
        if kind is not pl.String and any(isinstance(cell, str) for cell in cells):
            kind, cells = pl.String, list(run.frame.columns[name])
        columns[name] = pl.Series(name, cells, dtype=kind)
    out = io.BytesIO()
    pl.DataFrame(columns).write_parquet(out, compression="zstd", statistics=True)
    return out.getvalue()


def as_json(run: Run, schema: Schema) -> bytes:
    """Return an array of objects; a schema with levels is written in its nested form."""
    rows = [dict(zip(run.columns, row, strict=True)) for row in run.rows()]
    if any(field.level for field in schema.fields):
        return orjson.dumps(nest(rows)) + b"\n"
    return orjson.dumps([{name: _typed(schema, name, cell) for name, cell in row.items()} for row in rows]) + b"\n"


WRITERS: dict[str, Callable[[Run, Schema], bytes]] = {
    ".csv": as_csv,
    ".xlsx": as_xlsx,
    ".geojson": as_geojson,
    ".parquet": as_parquet,
    ".json": as_json,
}

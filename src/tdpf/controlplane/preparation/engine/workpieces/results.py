"""The files that a finished workpiece leaves: the table in every format, its recipe, manual and report beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.recipes.document import to_yaml
from tdpf.controlplane.preparation.engine.recipes.manual_pdf import manual_pdf
from tdpf.controlplane.preparation.engine.recipes.outputs import as_csv, as_geojson, as_json, as_parquet, as_xlsx
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.recipes.types import Run
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_MOST_EXCEL_ROWS = 1_048_575


def write_results(prepared: Prepared, report: dict[str, Any], folder: Path) -> dict[str, int]:
    """Write every file into `folder/out` and return their sizes in bytes by name."""
    run, schema = prepared.run, prepared.schema
    out = folder / "out"
    out.mkdir(exist_ok=True)
    writers: dict[str, Callable[[Run, Schema], bytes]] = {
        f"{schema.name}.csv": as_csv,
        f"{schema.name}-excel.csv": as_excel_csv,
        f"{schema.name}.parquet": as_parquet,
        f"{schema.name}.json": as_json,
    }
    if len(run.frame.origins) <= _MOST_EXCEL_ROWS:
        writers[f"{schema.name}.xlsx"] = as_xlsx
    if schema.of("latitude") and schema.of("longitude"):
        writers[f"{schema.name}.geojson"] = as_geojson
    for old in out.iterdir():
        old.unlink()
    for name, writer in writers.items():
        (out / name).write_bytes(writer(run, schema))
    recipe = to_yaml(prepared.recipe)
    (out / "recipe.yaml").write_text(recipe, encoding="utf-8")
    (out / "manual.md").write_text(report["manual_ja"], encoding="utf-8")
    (out / "manual.pdf").write_bytes(manual_pdf(report["manual_ja"], title=f"{schema.title} 整備マニュアル"))
    (out / "report.html").write_text(page_of(report, recipe_yaml=recipe), encoding="utf-8")
    (out / "report.json").write_bytes(orjson.dumps(report))
    return {path.name: path.stat().st_size for path in sorted(out.iterdir())}


def as_excel_csv(run: Run, schema: Schema) -> bytes:
    """Return CSV that Excel opens as it is: with a byte order mark (CP932 would lose letters), no cell taken for a formula."""
    from tdpf.tables.formulas import neutralised

    del schema
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutralised(name) for name in run.columns])
    writer.writerows(["" if cell is None else neutralised(cell) for cell in row] for row in run.rows())
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")

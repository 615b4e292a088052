"""The files that a finished workpiece leaves: the table in every format, its recipe, manual and report beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.recipes.document import to_yaml
from tdpf.controlplane.preparation.engine.recipes.manual_pdf import manual_pdf
from tdpf.controlplane.preparation.engine.recipes.outputs import as_csv, as_geojson, as_json, as_parquet, as_xlsx
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.report import shown_recipe
from tdpf.controlplane.preparation.engine.recipes.report_lists import write_report
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.recipes.toilet_lists import CONVERSIONS, write_as
from tdpf.controlplane.preparation.engine.recipes.types import Run
from tdpf.controlplane.preparation.engine.schemas.types import Schema

SOURCE = "もとの資料"
_MOST_EXCEL_ROWS = 1_048_575
_NO_NAMES: Mapping[str, str] = {}


def write_results(
    prepared: Prepared, report: dict[str, Any], folder: Path, names: Mapping[str, str] = _NO_NAMES
) -> dict[str, int]:
    """Write every file into `folder/out` and return their sizes in bytes by name; `names` says how a file is called to readers."""
    run, schema = prepared.run, prepared.schema
    out = folder / "out"
    out.mkdir(exist_ok=True)
    labels = {source.id: names.get(source.file, source.file) for source in prepared.sources}
    writers: dict[str, Callable[[Run, Schema], bytes]] = {
        f"{schema.name}.csv": as_csv,
        f"{schema.name}-excel.csv": as_excel_csv,
        f"{schema.name}.parquet": as_parquet,
        f"{schema.name}.json": as_json,
    }
    if len(prepared.sources) > 1:
        writers[f"{schema.name}-sources.csv"] = lambda run, _schema: as_sourced_csv(run, labels)
    if len(run.frame.origins) <= _MOST_EXCEL_ROWS:
        writers[f"{schema.name}.xlsx"] = as_xlsx
    if schema.of("latitude") and schema.of("longitude"):
        writers[f"{schema.name}.geojson"] = as_geojson
    for name, found in CONVERSIONS.items():
        if found.of == schema.name:
            ending = found.endings[0]
            writers[f"{schema.name}-{name}{ending}"] = partial(_as_list, name, ending)
    for old in out.iterdir():
        old.unlink()
    for name, writer in writers.items():
        (out / name).write_bytes(writer(run, schema))
    recipe = to_yaml(prepared.recipe)
    (out / "recipe.yaml").write_text(recipe, encoding="utf-8")
    (out / "manual.md").write_text(report["manual_ja"], encoding="utf-8")
    (out / "manual.pdf").write_bytes(manual_pdf(report["manual_ja"], title=f"{schema.title} 整備マニュアル"))
    (out / "report.html").write_text(page_of(report, recipe_yaml=shown_recipe(prepared)), encoding="utf-8")
    with (out / "report.json").open("wb") as stream:
        write_report(prepared, report, stream)
    return {path.name: path.stat().st_size for path in sorted(out.iterdir())}


def _as_list(name: str, ending: str, run: Run, schema: Schema) -> bytes:
    del schema
    return write_as(name, run, ending)


def as_excel_csv(run: Run, schema: Schema) -> bytes:
    """Return CSV that Excel opens as it is: with a byte order mark (CP932 would lose letters), no cell taken for a formula."""
    from tdpf.tables.formulas import neutralised

    del schema
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutralised(name) for name in run.columns])
    writer.writerows(["" if cell is None else neutralised(cell) for cell in row] for row in run.rows())
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def as_sourced_csv(run: Run, labels: Mapping[str, str]) -> bytes:
    """Return the table as CSV with one more column: of which inputs each row was made, several parted by a semicolon."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*run.columns, SOURCE])
    for place, row in enumerate(run.rows()):
        first, _number = run.frame.origins[place]
        others = (
            ref.input
            for name, cell in zip(run.columns, row, strict=True)
            if cell
            for ref in run.frame.trace(place, name)
        )
        made_of = dict.fromkeys(labels.get(source, source) for source in (first, *others))
        writer.writerow([*("" if cell is None else cell for cell in row), ";".join(made_of)])
    return out.getvalue().encode("utf-8")

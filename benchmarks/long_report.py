"""What the report of a long table costs: a made-up CSV is prepared and reported on, with the peak of memory after each stage.

    .venv/bin/python -m benchmarks.long_report [--rows N]

Prints one JSON line: sizes in MB, the peak resident memory in MB after reading and running, after the report and after writing it
as JSON and as a page, seconds of processor time, and how many cells the events speak of.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tdpf.controlplane.preparation.engine.recipes.document import to_yaml
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_lists import write_report
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

_HEAD = "屋号,屋号カナ,営業所所在地,営業所電話番号,業種,許可番号,許可年月日,有効期限\r\n"


def main() -> int:
    """Prepare, report and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    found: dict[str, float] = {"rows": rows}
    with tempfile.TemporaryDirectory(prefix="tdpf-long-") as folder:
        path = Path(folder) / "こもれび市_食品営業許可（作り物）.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(_HEAD)
            file.writelines(_line(number) for number in range(rows))
        _note(found, "csv", path)
        began = time.process_time()
        prepared = prepare([path], load_schema("food_business"), folder=Path(folder) / "rows")
        found |= {"prepare_seconds": time.process_time() - began, "prepare_peak_mb": _peak()}
        began = time.process_time()
        told = report_of(prepared, at=datetime.now(UTC))
        found |= {"events": told["in_all"]["events"], "report_peak_mb": _peak()}
        written = Path(folder) / "report.json"
        with written.open("wb") as stream:
            write_report(prepared, told, stream)
        _note(found, "json", written)
        page = Path(folder) / "report.html"
        page.write_text(page_of(told, recipe_yaml=to_yaml(prepared.recipe)), encoding="utf-8")
        _note(found, "html", page)
        found |= {"report_seconds": time.process_time() - began, "peak_mb": _peak()}
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))
    return 0


def _line(number: int) -> str:
    ends = "不明" if number % 4 == 0 else "R13.3.31"
    return (
        f"喫茶こもれび{number},ｷｯｻｺﾓﾚﾋﾞ,東京都立川市曙町９丁目{number % 97}番{number % 13}号,０４２－{number // 10_000:03}－{number % 10_000:04},"
        f"飲食店営業,７立保食第{number}号,R7.4.{number % 30 + 1},{ends}\r\n"
    )


def _note(found: dict[str, float], name: str, path: Path) -> None:
    found[f"{name}_mb"] = path.stat().st_size / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())

"""Two towns' files or more of each of the eight kinds, merged into one standard table by nothing but `prepare`.

    TDPF_CORPUS=… .venv/bin/python -m benchmarks.eight_kinds [--out FOLDER]

Real files are taken from the corpus; where it has none of a second town, a made-up one in the style of real towns stands in and is
marked so. Prints a line for each kind: rows in and out, totals set apart, cells that were emptied because they could not be read, rows
to look at before publishing, groups of the same thing and contradictions. With `--out` the tables and reports are kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import made_towns

from tdpf.controlplane.preparation.engine.recipes.document import to_yaml
from tdpf.controlplane.preparation.engine.recipes.outputs import write_table
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.kit.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: its standard table, real files in the corpus, made-up ones."""

    title: str
    schema: str
    real: Sequence[str] = ()
    made: Mapping[str, str] = field(default_factory=dict)


KINDS = (
    Kind(title="地域・年齢別人口", schema="population", real=(
        "population/shinjuku_2018-07-01_all.csv", "population/hofu_352063.csv", "population/shimonoseki_352012_20210930.csv",
    )),
    Kind(title="介護サービス事業所", schema="care_service", real=("care/takamatsu_nursing_home.xlsx",), made=made_towns.CARE_SERVICE),
    Kind(title="医療機関", schema="hospital", real=("medical/takamatsu_hospital.xlsx", "medical/tokyo_disaster_base_hospitals_20220101.csv")),
    Kind(title="避難関連施設", schema="evacuation_space", real=(
        "evacuation/takamatsu_evacuation_space.xlsx", "evacuation/122033_103_evacuation_space.csv",
    )),
    Kind(title="公衆トイレ", schema="public_toilet", real=(
        "toilet/takamatsu_public_toilet.xlsx", "toilet/osaka_271004_public_toilet_202010.csv", "toilet/oyama_092088_public_toilet.csv",
    )),
    Kind(title="バリアフリートイレ", schema="barrier_free_toilet", real=(
        "toilet/chiyoda_barrier_free_toilet.json", "toilet/oyama_092088_public_toilet.csv",
    )),
    Kind(title="食品等営業許可・届出", schema="food_business", real=("food_licence/takamatsu_food_licence_20260731.xlsx",), made=made_towns.FOOD_BUSINESS),
    Kind(title="交通規制", schema="traffic_restriction", made=made_towns.TRAFFIC_RESTRICTION),
    Kind(title="行政情報公開請求", schema="disclosure_request", made=made_towns.DISCLOSURE_REQUEST),
)  # fmt: skip
HEAD = "| 種類 | ファイル（うち作り物） | 入った行 | できた行 | 地図に載る行 | 合計など | 使えず空にしたセル | 公開前に確かめる行 | 同じもの（組） | 食い違い | 秒 |"


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table of all kinds; 1 when one of them could not be merged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args(argv)
    corpus = Path(os.environ.get("TDPF_CORPUS", ""))
    if not (corpus / "toilet").is_dir():
        print("TDPF_CORPUS must name the folder with the municipal files", file=sys.stderr)
        return 2
    print(HEAD)
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    failed = 0
    for kind in KINDS:
        try:
            print(line_of(kind, *merged(kind, corpus, out=arguments.out)), flush=True)
        except Problem as problem:
            failed += 1
            print(f"| {kind.title} | {problem.title_in('ja')}: {problem.detail_in('ja')} |", flush=True)
    return 1 if failed else 0


def merged(kind: Kind, corpus: Path, *, out: Path | None = None) -> tuple[dict[str, Any], float]:
    """Merge the files of a kind and return the report with the seconds it took; keep table and report in `out`."""
    schema = load_schema(kind.schema)
    with tempfile.TemporaryDirectory(prefix="tdpf-kinds-") as folder:
        files = [corpus / name for name in kind.real]
        for name, text in kind.made.items():
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            files.append(path)
        began = time.perf_counter()
        prepared = prepare(files, schema, folder=Path(folder))
        seconds = time.perf_counter() - began
        told = report_of(prepared)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            write_table(prepared.run, schema, out / f"{kind.schema}.csv")
            page = page_of(told, recipe_yaml=to_yaml(prepared.recipe))
            (out / f"{kind.schema}.html").write_text(page, encoding="utf-8")
    return told, seconds


def line_of(kind: Kind, told: Mapping[str, Any], seconds: float) -> str:
    """Return the line of the table for one kind."""
    rows = told["rows"]
    emptied = sum(entry["count"] for entry in told["problems"] if entry["severity"] == "error")
    both = {entry["name"]: entry["filled"] for entry in told["columns"] if entry["name"] in ("緯度", "経度")}
    located = min(both.values(), default=0)
    cells = (
        kind.title, f"{len(kind.real) + len(kind.made)}（{len(kind.made)}）", f"{rows['in']:,}", f"{rows['out']:,}", f"{located:,}", f"{rows['apart']:,}",
        f"{emptied:,}", f"{rows['quarantined']:,}", f"{len(told['duplicates']):,}", f"{len(told['conflicts']):,}", f"{seconds:.1f}",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())

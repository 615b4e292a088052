"""`tdpf prepare` and `tdpf schemas`: municipal files to a standard table, from a terminal and without Django."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.addresses.installed import installed_gazetteer
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.outputs import WRITERS, write_table
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.kit.errors import Problem

_REPORTS = (".json", ".html", ".htm")


def print_schemas() -> int:
    """Print every standard table, one a line: name, tab, title."""
    for name in schema_names():
        print(f"{name}\t{load_schema(name).title}")
    return 0


def prepare_files(files: Sequence[Path], *, schema: str, recipe: Path | None, out: Path, report: Path) -> int:
    """Prepare the files as one table; return 0 written, 1 refused (the reason on standard error), 2 wrong use."""
    wrong = _wrong_use(files, schema=schema, recipe=recipe, out=out, report=report)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        standard = load_schema(schema)
        given = from_yaml(recipe.read_text(encoding="utf-8")) if recipe else None
        with tempfile.TemporaryDirectory(prefix="tdpf-prepare-") as folder:
            prepared = prepare(
                list(files), standard, folder=Path(folder), recipe=given, gazetteer=installed_gazetteer()
            )
            told = report_of(prepared, at=datetime.now(UTC))
        write_table(prepared.run, standard, out)
        if report.suffix.lower() == ".json":
            report.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        else:
            report.write_text(page_of(told, recipe_yaml=to_yaml(prepared.recipe)), encoding="utf-8")
    except Problem as problem:
        print(told_problem(problem), file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as fault:
        print(f"読み書きできません / cannot be read or written: {fault}", file=sys.stderr)
        return 1
    rows = told["rows"]
    problems = sum(entry["count"] for entry in told["problems"] if entry["severity"] == "error")
    print(
        f"{out}: {rows['out']} 行 / rows（入力 / in {rows['in']}、空にしたセル / emptied {problems}、確認する行 / to check {rows['quarantined']}）"
    )
    return 0


def told_problem(problem: Problem) -> str:
    """Return a problem in both languages with its cure, for a terminal."""
    lines = [f"{problem.title_in('ja')}: {problem.detail_in('ja')}", problem.cure.filled(problem.data).in_("ja")]
    lines += [f"{problem.title_in('en')}: {problem.detail_in('en')}", problem.cure.filled(problem.data).in_("en")]
    choices = problem.data.get("choices")
    if isinstance(choices, list):
        lines += [f"  - {choice['id'] if isinstance(choice, dict) else choice}" for choice in choices]
    return "\n".join(lines)


def _wrong_use(files: Sequence[Path], *, schema: str, recipe: Path | None, out: Path, report: Path) -> str:
    if schema not in schema_names():
        return f"--schema: {schema} という表はありません / unknown; choose one of: {', '.join(schema_names())}"
    if out.suffix.lower() not in WRITERS:
        return f"--out: 終わりを {'・'.join(WRITERS)} のどれかにしてください / must end in one of these"
    if report.suffix.lower() not in _REPORTS:
        return f"--report: 終わりを {'・'.join(_REPORTS)} のどれかにしてください / must end in one of these"
    for path in [*files, *([recipe] if recipe else [])]:
        if not path.is_file():
            return f"{path}: ファイルがありません / no such file"
    for path in (out, report):
        if not path.parent.is_dir():
            return f"{path.parent}: フォルダがありません / no such folder"
    return ""

"""`tdpf prepare`: municipal files to a standard table, from a terminal and without Django."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from tdpf.controlplane.preparation.engine.addresses.installed import installed_gazetteer
from tdpf.controlplane.preparation.engine.errors import ChoiceUnknown, SeveralTables
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.errors import NotPreparable, PersonalDataInOutput
from tdpf.controlplane.preparation.engine.recipes.hiding import confirmed_in_output
from tdpf.controlplane.preparation.engine.recipes.outputs import WRITERS, write_table
from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of, shown_recipe
from tdpf.controlplane.preparation.engine.recipes.report_lists import write_report
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.recipes.toilet_lists import CONVERSIONS, left_behind, write_as
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema, schema_names
from tdpf.kit.errors import Problem
from tdpf.kit.terminal import shown_json
from tdpf.kit.writing import same_as, whole_file
from tdpf.processes.untaken import persons_in, persons_told, untaken

_TOLD_NOTES = ("formula-without-value", "hidden-rows", "error-cells", "far-cells", "long-rows", "unreadable-characters")
_BRIEF = ("file", "sheet", "range", "column", "kind", "certainty", "count")
_REPORTS = (".json", ".html", ".htm")


def prepare_files(
    files: Sequence[Path],
    *,
    schema: str,
    recipe: Path | None,
    out: Path,
    report: Path,
    tables: Sequence[str] = (),
    save_recipe: Path | None = None,
    as_json: bool = False,
    as_list: str = "",
) -> int:
    """Prepare the files as one table; return 0 written, 1 refused (the reason on standard error), 2 wrong use.

    Columns with confirmed personal data are refused: only the report and the recipe are written then. `tables` are the ids of the tables to take, one for each file in turn. What a person should look at is told on standard error,
    the tables that were not taken and personal data anywhere in the files among it; `as_json` prints one JSON object on standard
    output instead of a line, `{"error": …}` when it was refused. The recipe that was run goes into `save_recipe`.
    `as_list` names another list of toilets whose form the output takes; what that list has no place for is told.
    """
    wrong = _wrong_use(files, schema=schema, recipe=recipe, out=out, report=report, save_recipe=save_recipe)
    if len(tables) > len(files):
        wrong = wrong or f"--table: ファイルは {len(files)} 個です / there are {len(files)} files"
    wrong = wrong or (wrong_list(as_list, schema, out) if as_list else "")
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        standard = load_schema(schema)
        given = from_yaml(recipe.read_bytes()) if recipe else None
        with tempfile.TemporaryDirectory(prefix="tdpf-prepare-") as folder:
            prepared = prepare(
                list(files),
                standard,
                folder=Path(folder),
                recipe=given,
                choices=dict(enumerate(tables)),
                gazetteer=installed_gazetteer(),
            )
            beside = untaken(files, prepared.sources)
            told = report_of(prepared, at=datetime.now(UTC))
            told |= {"tables_not_taken": list(beside.tables), "personal_data_elsewhere": list(beside.persons)}
            lost = left_behind(as_list, prepared.run) if as_list else {}
            told |= {"written_as": as_list, "left_behind": lost}
            persons = confirmed_in_output(prepared)
            with whole_file(report) as stream:
                if report.suffix.lower() == ".json":
                    write_report(prepared, told, stream)
                else:
                    stream.write(page_of(told, recipe_yaml=shown_recipe(prepared)).encode("utf-8"))
                if not persons and as_list:
                    with whole_file(out) as stream:
                        stream.write(write_as(as_list, prepared.run, out.suffix.lower()))
                elif not persons:
                    write_table(prepared.run, standard, out)
        if save_recipe is not None:
            with whole_file(save_recipe) as stream:
                stream.write(to_yaml(prepared.recipe).encode("utf-8"))
        if persons:
            raise PersonalDataInOutput(columns="、".join(persons))
    except Problem as problem:
        return _refused(problem, files, as_json=as_json)
    except (OSError, UnicodeDecodeError) as fault:
        print(f"読み書きできません / cannot be read or written: {fault}", file=sys.stderr)
        return 1
    rows = told["rows"]
    problems = sum(entry["count"] for entry in told["problems"] if entry["severity"] == "error")
    if as_json:
        _print_json(_summary(told, out=out, report=report, recipe=save_recipe or recipe))
        return 0
    print(
        f"{out}: {rows['out']} 行 / rows（入力 / in {rows['in']}、空にしたセル / emptied {problems}、確認する行 / to check {rows['quarantined']}）"
    )
    for line in (*_to_look_at(told), *beside.lines()):
        print(line, file=sys.stderr)
    return 0


def _refused(problem: Problem, files: Sequence[Path], *, as_json: bool) -> int:
    """Tell why nothing was written, and what the screen finds in the files, so that the next answer is not another refusal."""
    readable = isinstance(problem, (NotPreparable, SeveralTables, ChoiceUnknown))
    persons = persons_in(files) if readable and not isinstance(problem, PersonalDataInOutput) else []
    print(told_problem(problem), file=sys.stderr)
    if persons:
        print(persons_told(persons), file=sys.stderr)
    if as_json:
        error = {"code": problem.code, "ja": problem.detail_in("ja"), "en": problem.detail_in("en")}
        _print_json({"error": error, "personal_data": [_brief(found) for found in persons]})
    return 1


def _brief(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in _BRIEF if name in finding}


def _summary(told: Mapping[str, Any], *, out: Path, report: Path, recipe: Path | None) -> dict[str, Any]:
    """Return what a script wants to know of a run: whether the table is whole, and what a person must still look at."""
    counts = {"error": 0, "warning": 0}
    for entry in told["problems"]:
        counts[entry["severity"]] += entry["count"]
    return {
        "out": str(out),
        "report": str(report),
        "recipe": str(recipe) if recipe else None,
        "recipe_sha256": told["recipe_sha256"],
        "schema": told["schema"]["name"],
        "rows": told["rows"],
        "cells": {
            "changed": sum(entry["count"] for entry in told["changed"]),
            "emptied": counts["error"],
            "doubtful": counts["warning"],
        },
        "missing_required": [entry["name"] for entry in told["missing_required"]],
        "columns_left_out": list(dict.fromkeys(entry["column"] for entry in told["columns_left_out"])),
        "personal_data": [_brief(finding) for finding in told["personal_data"] if finding["certainty"] != "clear"],
        "personal_data_elsewhere": [_brief(finding) for finding in told["personal_data_elsewhere"]],
        "tables_not_taken": told["tables_not_taken"],
        "written_as": told["written_as"] or None,
        "left_behind": told["left_behind"],
        "fits_better": told["fits_better"]["schema"] if told["fits_better"] else None,
    }


def _print_json(document: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(shown_json(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)))
    sys.stdout.buffer.flush()


def _to_look_at(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the table's maker should know before using it, a line each, in both languages."""
    if told["fits_better"]:
        better = told["fits_better"]
        yield f"この表より {better['title']}（--schema {better['schema']}）に合うファイルのようです / the file seems to be of --schema {better['schema']}"
    lacking = [
        f"{entry['name']}（{entry['message_ja']} / {entry['message_en']}）" if entry["column"] else entry["name"]
        for entry in told["missing_required"]
    ]
    if lacking:
        yield f"必須なのに、すべての行で空の項目 / required and empty in every row: {'、'.join(lacking)}"
    for note in (note for given in told["inputs"] for note in given["notes"] if note["code"] in _TOLD_NOTES):
        yield f"{note['where']}: {note['ja']} / {note['en']}"
    renamed = [
        f"{shown['before']} → {shown['after']}"
        for entry in told["problems"]
        if entry["reason"] == "column-renamed"
        for shown in entry["examples"]
    ]
    if renamed:
        yield f"レシピの項目の代わりに使った列（確かめてください）/ columns taken for the recipe's, to be checked: {'、'.join(renamed)}"
    left = [entry["column"] for entry in told["columns_left_out"]]
    if left:
        yield f"使わなかった列（値あり）/ columns with values that were left out: {'、'.join(dict.fromkeys(left))}"
    if told["left_behind"]:
        behind = "、".join(f"{column}（{count}）" for column, count in told["left_behind"].items())
        yield f"この形に入らなかった項目 / what this list has no place for: {behind}"
    risky = [f"{entry['column']}（{entry['count']}）" for entry in told["formula_like"]]
    if risky:
        yield f"表計算ソフトが数式とみなしうる値（CSVでは変えていません）/ values a spreadsheet may run (unchanged in CSV): {'、'.join(risky)}"
    persons = list(
        dict.fromkeys(finding["column"] for finding in told["personal_data"] if finding["certainty"] != "clear")
    )
    if persons:
        yield f"個人情報かもしれない列 / columns that may hold personal data: {'、'.join(persons)}"


def wrong_list(name: str, schema: str, out: Path) -> str:
    """Say why prepared toilets cannot be written as another list, in both languages, "" when they can."""
    found = CONVERSIONS[name]
    if found.of != schema:
        return f"--as {name}: --schema {found.of} のときだけ使えます（{found.title.ja}）/ goes with --schema {found.of} only ({found.title.en})"
    if out.suffix.lower() not in found.endings:
        return f"--as {name}: --out の終わりを {'・'.join(found.endings)} のどれかにしてください / --out must end in one of these"
    return ""


def told_problem(problem: Problem) -> str:
    """Return a problem in both languages with its cure, for a terminal."""
    lines = [f"{problem.title_in('ja')}: {problem.detail_in('ja')}", problem.cure.filled(problem.data).in_("ja")]
    lines += [f"{problem.title_in('en')}: {problem.detail_in('en')}", problem.cure.filled(problem.data).in_("en")]
    choices = problem.data.get("choices")
    if isinstance(choices, list):
        lines += [f"  - {choice['id'] if isinstance(choice, dict) else choice}" for choice in choices]
    return "\n".join(lines)


def _wrong_use(
    files: Sequence[Path], *, schema: str, recipe: Path | None, out: Path, report: Path, save_recipe: Path | None
) -> str:
    if schema not in schema_names():
        return f"--schema: {schema} という表はありません / unknown; choose one of: {', '.join(schema_names())}"
    if out.suffix.lower() not in WRITERS:
        return f"--out: 終わりを {'・'.join(WRITERS)} のどれかにしてください / must end in one of these"
    if report.suffix.lower() not in _REPORTS:
        return f"--report: 終わりを {'・'.join(_REPORTS)} のどれかにしてください / must end in one of these"
    given = [*files, *([recipe] if recipe else [])]
    for path in given:
        if not path.is_file():
            return not_a_file(path)
    for path in (out, report, *([save_recipe] if save_recipe else [])):
        if not path.parent.is_dir():
            return f"{path.parent}: フォルダがありません / no such folder"
    return (
        written_over("--out", out, given)
        or written_over("--report", report, given)
        or written_over("--report", report, [out])
        or (written_over("--save-recipe", save_recipe, [*given, out, report]) if save_recipe else "")
    )


def not_a_file(path: Path) -> str:
    """Say why nothing can be read where a file was expected, in both languages."""
    if str(path) == "-":
        return "標準入力（-）は読めません。ファイルに保存してから渡してください / standard input (-) is not read; save it to a file first"
    if path.is_dir():
        return f"{path}: フォルダです。中のファイルを渡してください / this is a folder; name the files in it"
    if path.exists():
        return f"{path}: ふつうのファイルではありません / this is not an ordinary file"
    return f"{path}: ファイルがありません / no such file"


def written_over(option: str, target: Path, others: Sequence[Path]) -> str:
    """Say that an output would take the place of another file of the same call, "" when it does not."""
    other = same_as(target, others)
    if other is None:
        return ""
    return f"{option}: {target} は {other} と同じファイルです。別の名前にしてください / is the same file; give another name"

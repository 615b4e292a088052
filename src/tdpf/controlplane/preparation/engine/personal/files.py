"""Screens whole files for personal data: every table of every sheet, hidden ones too, with the place of each finding and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.encoding import find_encoding
from tdpf.controlplane.preparation.engine.errors import NoTable, NotReadable
from tdpf.controlplane.preparation.engine.kinds import find_kind
from tdpf.controlplane.preparation.engine.personal.around import COMMENTS, FILE, is_of_a_person, screen_lines
from tdpf.controlplane.preparation.engine.personal.masking import mask
from tdpf.controlplane.preparation.engine.personal.overlays import lines_over
from tdpf.controlplane.preparation.engine.personal.screened import (
    LocatedFinding,
    Place,
    Screened,
    ScreenedTable,
    Verdict,
    unscreened,
)
from tdpf.controlplane.preparation.engine.personal.screening import outcome, screen
from tdpf.controlplane.preparation.engine.personal.within import records_within, table_of
from tdpf.controlplane.preparation.engine.personal.words import Certainty, mend_of
from tdpf.controlplane.preparation.engine.reading import read_tables
from tdpf.controlplane.preparation.engine.types import Finding, Limits, TableFound
from tdpf.kit.text import Text

_VERDICTS: dict[Certainty, Verdict] = {"confirmed": "confirmed", "doubtful": "doubtful", "clear": "clean"}
# What was read in parts that stay on disk meanwhile.
_SPILLED = 16 * 1024 * 1024
_NO_FILE = Text("ファイルがありません。", "There is no such file.")
_FOLDER = Text("フォルダーです。ファイルを指定してください。", "This is a folder; name a file.")
_NO_REGULAR_FILE = Text("ふつうのファイルではありません。", "This is no regular file.")


def screen_path(
    path: Path, *, shown: str = "", name: str = "", limits: Limits | None = None, folder: Path | None = None
) -> Screened:
    """Screen a file. Parsers run in this process: use `screen_in_sandbox` for what strangers hand in.

    `shown` is the path as it was given, `name` the file's own name where the path has another; rows of large files go
    into `folder`.
    """
    shown, name = shown or str(path), name or path.name
    try:
        if not path.is_file():
            why = _FOLDER if path.is_dir() else _NO_REGULAR_FILE if path.exists() or path.is_symlink() else _NO_FILE
            return unscreened(shown, "preparation/no-such-file" if why is _NO_FILE else "preparation/not-a-file", why)
        spill = folder if path.stat().st_size > _SPILLED else None
        return _screened(path, shown, name, limits or Limits(), spill)
    except NotReadable as problem:
        told = problem.detail.filled(problem.data)
        return unscreened(shown, problem.code, told, cure=problem.cure.filled(problem.data))
    except OSError as fault:
        why = Text(f"ファイルを開けません（{fault.strerror}）。", f"The file cannot be opened ({fault.strerror}).")
        return unscreened(shown, "preparation/cannot-open", why)


def _screened(path: Path, shown: str, name: str, limits: Limits, spill: Path | None) -> Screened:
    form = encoding = ""
    tables: list[ScreenedTable] = []
    found: list[LocatedFinding] = []
    for form, encoding, table in _tables(path, name, limits, spill):  # noqa: B007 - they are the file's
        # What the name of the file says is said once.
        findings = [one for one in screen(table, name) if not tables or one.column != FILE]
        if tables and not table.range and not findings:
            continue  # what JSON says of itself beside its records
        tables.append(
            ScreenedTable(
                sheet=_shown(table.sheet),
                range=table.range,
                rows=table.row_count,
                columns=len(table.columns),
                verdict=_VERDICTS[outcome(findings)],
            )
        )
        found.extend(_placed(findings, table))
    over = [] if form not in ("xlsx", "xlsm") else list(screen_lines(COMMENTS, lines_over(path)))
    found.extend(_located(one, Place(sheet="", range="", column=COMMENTS, cells=())) for one in over)
    verdicts = {*(table.verdict for table in tables), *(_VERDICTS[one.certainty] for one in over)}
    gravest: tuple[Verdict, ...] = ("confirmed", "doubtful", "clean")
    return Screened(
        path=shown,
        format=form,
        encoding=encoding,
        verdict=next(verdict for verdict in gravest if verdict in verdicts),
        tables=tuple(tables),
        findings=tuple(
            sorted((one for one in found if one.certainty != "clear"), key=lambda one: one.certainty != "confirmed")
        ),
        clear=tuple(one for one in found if one.certainty == "clear"),
    )


def _tables(path: Path, name: str, limits: Limits, spill: Path | None) -> Iterator[tuple[str, str, TableFound]]:
    """Yield format, encoding and table of every table, and of the objects of JSON that stand in no array."""
    lone = _lone_objects(path, name, limits)
    encoding = ""
    try:
        for result in read_tables(path, name, limits=limits, spill=spill):
            encoding = result.encoding
            yield result.format, encoding, result.table
    except NoTable:
        if not lone:
            raise
    for place, records in lone:
        where = place.removeprefix("$").strip(".")
        yield "json", encoding, replace(table_of(records, where), sheet=where)


def _lone_objects(path: Path, name: str, limits: Limits) -> list[tuple[str, list[Mapping[str, Any]]]]:
    try:
        if find_kind(path, name=name, limits=limits) != "json":
            return []
        text = path.read_text(encoding=find_encoding(path, name=name).codec, errors="replace")
        return list(records_within(json.loads(text.removeprefix("\ufeff"))))
    except (NotReadable, json.JSONDecodeError, RecursionError):
        return []


def _placed(findings: list[Finding], table: TableFound) -> Iterator[LocatedFinding]:
    """Yield the findings of a table with their cells."""
    letters = dict(zip(table.column_names, table.column_places, strict=False))
    for one in findings:
        column = _shown(one.column)
        cells = [
            f"{letters[one.column]}{row}"
            for place in one.places
            if one.column in letters and (row := _sheet_row(table, int(place)))
        ]
        yield _located(one, Place(sheet=_shown(table.sheet), range=table.range, column=column, cells=tuple(cells)))


def _located(one: Finding, where: Place) -> LocatedFinding:
    mend = mend_of(one.kind)
    return LocatedFinding(
        where=where,
        kind=one.kind,
        certainty=one.certainty,
        count=one.count,
        share=one.share,
        example=one.masked_sample,
        message_ja=one.message_ja.replace(one.column, where.column),
        message_en=one.message_en.replace(one.column, where.column),
        fix_ja="" if one.certainty == "clear" else mend.ja,
        fix_en="" if one.certainty == "clear" else mend.en,
    )


def _shown(name: str) -> str:
    """Return a name of a column, sheet or member of JSON as it may be shown: parts that are a person's are masked."""
    if is_of_a_person(name):
        return mask(name)
    return ".".join(mask(part) if is_of_a_person(part) else part for part in name.split("."))


def _sheet_row(table: TableFound, place: int) -> int:
    """Return the row of the sheet, from 1, of a row of the data, from 1; 0 when it is not known."""
    for first, count in table.row_runs:
        if place <= count:
            return first + place - 1
        place -= count
    return 0

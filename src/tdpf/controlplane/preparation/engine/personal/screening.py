"""The first screen for personal data: columns are judged, not cells; values are masked at once and never kept.

Evidence (the header's words, the values' shapes) is counted column by column; whom the rows are about is decided once for the table; then
every column is asked what it holds of a person. A header alone seldom convicts, and values alone do where their shape is telling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tdpf.controlplane.preparation.engine.personal.around import screen_around
from tdpf.controlplane.preparation.engine.personal.findings import UNNAMED, finding
from tdpf.controlplane.preparation.engine.personal.headers import header_of
from tdpf.controlplane.preparation.engine.personal.judging import are_districts, is_of_things, judge
from tdpf.controlplane.preparation.engine.personal.naming import judge_names
from tdpf.controlplane.preparation.engine.personal.registers import small_cells
from tdpf.controlplane.preparation.engine.personal.subjects import DATED, About, about_of
from tdpf.controlplane.preparation.engine.personal.tallies import (
    Tally,
    count_logged,
    count_prose,
    count_shapes,
    count_values,
)
from tdpf.controlplane.preparation.engine.personal.within import tables_within
from tdpf.controlplane.preparation.engine.personal.words import Certainty
from tdpf.controlplane.preparation.engine.types import ColumnFound, Finding, TableFound

_BATCH = 4_000
_DEEPEST = 4
_PLACES = 5
# What is written about places and events names their makers and speakers, who are no private persons.
_PUBLISHED_PROSE = re.compile(
    r"説明|概要|紹介|内容|解説|見どころ|由来|名称|名$|名称[1１2２]|タイトル|title|description|text|label|abstract",
    re.IGNORECASE,
)
# Lines of a log begin with a moment, or have one in brackets behind the sender.
_LOGGED = re.compile(
    r"\s*\[?(?:19|20)\d\d[-/]\d\d[-/]\d\d[T ]\d\d:\d\d\S*\s+\S.*\S\s+\S|\S.*\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d"
)
_SPOKEN = re.compile(r"[ぁ-ん]{3}|[はがをにへと]\S+[たいるすむくう。]$")


def screen(table: TableFound, name: str = "") -> list[Finding]:
    """Return what the first screen found in a table and around it, confirmed findings first; places are row numbers of the data, from 1.

    `name` is the name of the file, which is published with the table. What stands around it has no column's name but one in brackets.
    """
    return _screen(table, name, 0)


def _screen(table: TableFound, name: str, depth: int) -> list[Finding]:
    tallies = [Tally(column.name, header_of(column.name), is_code=column.type == "code") for column in table.columns]
    looked_at = [index for index, column in enumerate(table.columns) if _may_hold(column)]
    logs = {index for index, column in enumerate(table.columns) if _is_log(column)}
    for first, batch in _batches(table):
        for index in looked_at:
            values = [row[index] for row in batch]
            count_values(tallies[index], values, first)
            if index in logs:
                count_logged(tallies[index], values, first)
    for tally in tallies:
        count_shapes(tally)
    about = about_of(table, tallies, name)
    for index, tally in enumerate(tallies):
        count_prose(
            tally,
            cases=not about.sites
            and (
                about.cases
                or index in logs
                or about.persons
                or tally.header.matter == "text"
                or tally.share("file") >= 0.5
                or _is_told(tally)
            ),
        )
    findings = [found for place, tally in enumerate(tallies) for found in _judge(tally, about, tallies[:place])]
    for column, rows in ({} if about.sure else small_cells(table)).items():
        tally = Tally(column, header_of(column), total=table.row_count)
        tally.hits["small"], tally.places["small"] = len(rows), [str(row) for row in rows[:_PLACES]]
        findings.append(finding(tally, "small_cells", "small", "doubtful"))
    findings.extend(screen_around(table, name))
    findings.extend(_within(table, {(found.column, found.kind) for found in findings}, depth))
    order = {"confirmed": 0, "doubtful": 1, "clear": 2}
    return sorted(findings, key=lambda finding: (order[finding.certainty], -finding.count))


def _within(table: TableFound, known: set[tuple[str, str]], depth: int) -> Iterator[Finding]:
    """Yield what the tables within a table hold; a finding in a column of JSON is one of that column."""
    if depth >= _DEEPEST:
        return
    for column, inner in tables_within(table):
        for found in _screen(inner, "", depth + 1):
            one = replace(found, column=column or found.column, places=())
            if (one.column, one.kind) not in known:
                known.add((one.column, one.kind))
                yield one


def outcome(findings: list[Finding]) -> Certainty:
    """Return the gravest certainty among the findings."""
    certainties = {finding.certainty for finding in findings}
    if "confirmed" in certainties:
        return "confirmed"
    return "doubtful" if "doubtful" in certainties else "clear"


def _batches(table: TableFound) -> Iterator[tuple[int, list[list[str | None]]]]:
    batch: list[list[str | None]] = []
    first = 1
    for row in table.iter_rows():
        batch.append(row)
        if len(batch) >= _BATCH:
            yield first, batch
            first += len(batch)
            batch = []
    if batch:
        yield first, batch


def _may_hold(column: ColumnFound) -> bool:
    """Say whether a column can hold personal data at all: measures, flags and times cannot, unless their name says so."""
    header = header_of(column.name)
    if (
        header.born
        or header.holder
        or UNNAMED.fullmatch(column.name)
        or header.matter in ("my_number", "account", "phone", "health", "attribute", "number")
    ):
        return True
    if column.type in ("number", "time", "datetime", "boolean"):
        return False
    if column.type == "integer":
        return any(len(example) >= 7 for example in column.examples)
    return column.type != "date" or not DATED.search(header.key)


def _is_log(column: ColumnFound) -> bool:
    """Say whether a column holds the lines of a log."""
    return len(column.examples) >= 2 and all(map(_LOGGED.match, column.examples))


def _judge(tally: Tally, about: About, before: list[Tally]) -> Iterator[Finding]:
    """Yield what a column holds of persons; `before` are the columns left of it."""
    if not tally.total:
        return
    yield from judge_names(tally, about, before)
    of_things = tally.header.whose in ("site", "thing", "author") or is_of_things(tally)
    of_things = of_things or (tally.header.matter in ("home", "address") and are_districts(tally))
    if tally.hits["prose"] and not of_things and not (about.sites and _PUBLISHED_PROSE.search(tally.header.key)):
        yield finding(tally, "free_text", "prose", "doubtful")
    yield from judge(tally, about, before)


def _is_told(tally: Tally) -> bool:
    """Say whether a column holds sentences in persons' own words: most of its longer values have the particles and endings of speech."""
    longer = [value for value in tally.prose if len(value) >= 10]
    return len(longer) >= 3 and sum(bool(_SPOKEN.search(value)) for value in longer) * 2 >= len(longer)

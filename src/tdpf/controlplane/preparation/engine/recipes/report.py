"""The run's report as JSON values: what was found, mapped, changed, what could not be used, how to mend it at the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from tdpf.controlplane.preparation.engine.addresses.types import LEVELS
from tdpf.controlplane.preparation.engine.normalising.outcome import REASONS
from tdpf.controlplane.preparation.engine.normalising.rules import MENDING, RULES
from tdpf.controlplane.preparation.engine.recipes.lineage import openlineage_event, prov_document
from tdpf.controlplane.preparation.engine.recipes.manual import manual_of
from tdpf.controlplane.preparation.engine.recipes.paper import PaperPlaces, paper_pages
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared
from tdpf.controlplane.preparation.engine.recipes.types import Event, Run
from tdpf.kit.text import Text

_EXAMPLES = 5
_LISTED = 2000
_FORMULA_LIKE = tuple("=+-@＝＋＠\t\r\n")
_REASONS = {
    "required-missing": Text("必須の項目が空です", "a required cell is empty"),
    "required-with-missing": Text(
        "対になる項目に値があるのに空です（画像とライセンス、高度の種別と値）",
        "empty though its counterpart has a value (image and licence, kind and value of height)",
    ),
    "paper-unsure": Text(
        "紙からの文字の読み取りに自信がありません", "the letters on the page were read with little confidence"
    ),
    "paper-conflict": Text("合計や内訳と合わない数です", "a number that disagrees with a sum"),
}
_FROM = "coordinate.from-"
_APART = {
    "heading": Text("下の行をまとめる見出しの行", "a line that heads the rows below it"),
    "of-which": Text("上の行の内数の行（うち…）", "a row that is part of the one above it"),
    "total-label": Text("合計・小計の行", "a row of totals"),
    "total-sum": Text("ほかの行の合計と一致する、名前のない行", "an unnamed row that is the sum of others"),
    "duplicate": Text("ほかの行と同じものを指す行（まとめたもの）", "a row of something that another row stands for"),
    "total-unnamed": Text("表の最後の、名前のない数だけの行", "an unnamed last row of numbers only"),
}

_SAME = {
    "name-address": Text("名前と住所が同じ", "same name and address"),
    "name-near": Text("名前が同じで、場所が近い", "same name, close to each other"),
    "address-near": Text("住所が同じで、名前が似ている", "same address, similar names"),
    "said": Text("担当者が同じものと決めた", "a person said that they are the same"),
}


def report_of(prepared: Prepared, *, at: datetime | None = None) -> dict[str, Any]:
    """Return the report: the recipe in full, where each row came from, and the events, of each kind no more than a few thousand.

    The counts of `changed` and `problems` are complete; `events_in_all` says how many events there were.

    With `at`, the time of the run, it holds PROV and OpenLineage documents too; without it, it is a function of the run alone.
    """
    run, schema = prepared.run, prepared.schema
    rows = run.rows()
    paper = PaperPlaces(prepared.sources)
    filled = {name: sum(1 for cell in run.frame.columns[name] if cell) for name in run.columns}
    return {
        "report": 1,
        "key": run.key,
        "schema": {
            "name": schema.name,
            "title": schema.title,
            "version": schema.version,
            "source": asdict(schema.source),
        },
        "recipe_sha256": prepared.recipe.sha256,
        "inputs": [_input(prepared, place) for place in range(len(prepared.sources))],
        "rows": {
            "in": sum(source.table.row_count for source in prepared.sources),
            "out": len(rows),
            "apart": len(run.apart),
            "quarantined": len(run.quarantined),
            "duplicates": sum(len(group.members) - 1 for group in run.duplicates),
        },
        "columns": [
            {
                "name": field.name,
                "required": field.required,
                "filled": filled[field.name],
                "from": run.frame.header.get(field.name, "") if run.frame.sources.get(field.name) else "",
            }
            for field in schema.fields
        ],
        "mapping": _mapping(prepared),
        "columns_left_out": _left_out(prepared),
        "fits_better": {"schema": prepared.other.schema.name, "title": prepared.other.schema.title}
        if prepared.other
        else None,
        "changed": _grouped([event for event in run.events if event.severity == "info" and event.row], rules=True),
        "problems": _grouped([event for event in run.events if event.severity != "info"], rules=False),
        "coordinates": _coordinates(prepared),
        "missing_required": [
            {"name": field.name, **_lack(run, field.name)}
            for field in schema.fields
            if field.required and not filled[field.name]
        ],
        "apart": [
            {**asdict(row), "message_ja": _APART[row.why].ja, "message_en": _APART[row.why].en} for row in run.apart
        ],
        "quarantined": [
            {"row": entry.row, "reasons": [{"column": column, "reason": reason} for column, reason in entry.reasons]}
            for entry in run.quarantined
        ],
        "cells_to_check": paper.to_check(),
        "duplicates": [
            {
                "row": group.row,
                "why": group.why,
                "message_ja": _SAME[group.why].ja,
                "message_en": _SAME[group.why].en,
                "metres": group.metres,
                "members": [
                    {"input": source, "row": row, "name": mark[1], "address": mark[2]}
                    for (source, row), mark in zip(group.members, group.marks, strict=True)
                ],
            }
            for group in run.duplicates
        ],
        "conflicts": [
            {
                "row": found.row,
                "column": found.column,
                "kept": found.kept,
                "values": [
                    {"input": source, "row": row, "value": value} for (source, row), value in found.values.items()
                ],
            }
            for found in run.conflicts
        ],
        "personal_data": [asdict(finding) for finding in run.findings],
        "steps": [{"step": name, "rows_in": before, "rows_out": after} for name, before, after in run.steps],
        "row_origins": _origins(run.frame.origins),
        "recipe": prepared.recipe.as_dict(),
        "manual_ja": manual_of(prepared.recipe, schema),
        "events": [_event(event, paper) for event in _listed(run.events)],
        "events_in_all": len(run.events),
        "events_listed_per_kind": _LISTED,
        "formula_like": _formula_like(run),
        **(
            {"lineage": {"prov": prov_document(prepared, at=at), "openlineage": openlineage_event(prepared, at=at)}}
            if at
            else {}
        ),
    }


def _listed(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events, of each kind (column, rule, reason) only so many: a report must stay readable."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for event in events:
        kind = (event.column, event.rule, event.reason, event.severity)
        seen[kind] += 1
        if seen[kind] <= _LISTED:
            yield event


def _formula_like(run: Run) -> list[dict[str, Any]]:
    """Return the columns with text that a spreadsheet would run when it opens the CSV; the values are not changed."""
    from tdpf.tables.formulas import neutralised

    found = []
    for name in run.columns:
        cells = [cell for cell in run.frame.columns[name] if cell and cell.startswith(_FORMULA_LIKE)]
        risky = [cell for cell in cells if neutralised(cell) != cell]
        if risky:
            found.append({"column": name, "count": len(risky), "example": risky[0][:80]})
    return found


def _lack(run: Run, name: str) -> dict[str, str]:
    """Say why a required field is empty in every row: no column, a column without values, or values that cannot be used."""
    column = run.frame.header.get(name, "")
    lost = sum(1 for event in run.events if event.column == name and event.row and event.before and not event.after)
    if column and lost:
        return {
            "column": column,
            "message_ja": f"列「{column}」の値 {lost} 件は、どれも使えませんでした",
            "message_en": f"none of the {lost} values of the column “{column}” could be used",
        }
    if column:
        return {
            "column": column,
            "message_ja": f"列「{column}」に値がありません",
            "message_en": f"the column “{column}” holds no values",
        }
    return {
        "column": "",
        "message_ja": "必須の項目に当てはまる列がありません",
        "message_en": "no column for a required field",
    }


def _coordinates(prepared: Prepared) -> dict[str, Any] | None:
    """Return how many points were stated, how many filled at which level and what was doubted; None without such columns."""
    schema, frame = prepared.schema, prepared.run.frame
    lat, lon = schema.of("latitude"), schema.of("longitude")
    if lat is None or lon is None or lat.virtual or lon.virtual:
        return None
    filled = Counter(
        event.rule.removeprefix(_FROM)
        for event in prepared.run.events
        if event.column == lat.name and event.rule.startswith(_FROM)
    )
    doubts = Counter(
        event.reason for event in prepared.run.events if event.step == "geo.transform" and event.severity == "warning"
    )
    pairs = zip(frame.columns[lat.name], frame.columns[lon.name], strict=True)
    there = sum(1 for pair in pairs if all(pair))
    return {
        "stated": there - filled.total(),
        "filled": {level: filled[level] for level in LEVELS if filled[level]},
        "empty": frame.height - there,
        "doubts": dict(sorted(doubts.items())),
        "gazetteer": prepared.run.gazetteer,
    }


def reason_text(reason: str) -> Text:
    """Return the sentence of a reason."""
    return _REASONS.get(reason) or REASONS.get(reason, Text(reason, reason))


def same_text(why: str) -> Text:
    """Return why rows are taken for the same thing."""
    return _SAME.get(why, Text(why, why))


def rule_text(rule: str) -> Text:
    """Return the sentence of a rule."""
    return RULES.get(rule, Text(rule, rule))


def mending_text(reason: str) -> Text:
    """Return how to mend a reason at the source."""
    return MENDING.get(reason, Text("もとの表の値を確かめてください", "check the value at the source"))


def _input(prepared: Prepared, place: int) -> dict[str, Any]:
    source = prepared.sources[place]
    publisher = prepared.proposal.publishers.get(source.id) if prepared.proposal else None
    result = source.result
    return {
        "id": source.id,
        "file": source.file,
        "sha256": source.sha256,
        "format": result.format,
        "encoding": result.encoding,
        "sheet": source.table.sheet,
        "range": source.table.range,
        "header_rows": list(source.table.header_rows),
        "rows": source.table.row_count,
        "pages": paper_pages(source.table),
        "titles": list(source.table.title_lines),
        "local_government": {"code": publisher.code, "name": publisher.name, "evidence": publisher.evidence}
        if publisher
        else None,
        "notes": [
            {
                "code": note.code,
                "where": note.where,
                "ja": note.ja,
                "en": note.en,
                "level": note.level,
                "text": note.text,
            }
            for note in (
                *result.notes,
                *source.table.notes,
                *(note for column in source.table.columns for note in column.notes),
            )
        ],
    }


def _mapping(prepared: Prepared) -> list[dict[str, Any]]:
    if prepared.proposal is None:
        mapped = prepared.recipe.step("columns.map")
        return [
            {"input": key, "column": column, "target": target, "method": "recipe", "suggestions": []}
            for key, fields in mapped.items()
            for column, target in dict(fields).items()
        ]
    return [
        {
            "input": key,
            "column": entry.column,
            "target": entry.target,
            "method": entry.method,
            "suggestions": [
                {"target": found.target, "score": found.score, "name": found.name, "values": found.values}
                for found in entry.suggestions
            ],
        }
        for key, mapping in prepared.proposal.mappings.items()
        for entry in mapping.columns
    ]


def _left_out(prepared: Prepared) -> list[dict[str, Any]]:
    """Return the columns with values that went nowhere, with how many values."""
    if prepared.proposal is None:
        return []
    found = []
    for source in prepared.sources:
        names = {
            entry.column
            for entry in prepared.proposal.mappings[source.id].columns
            if not entry.target and entry.method != "reshape"
        }
        for column in source.table.columns:
            cells = source.table.row_count - column.nulls
            if column.name in names and cells:
                found.append({"input": source.id, "column": column.name, "cells": cells})
    return found


def _grouped(events: Sequence[Event], *, rules: bool) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str, str], list[Event]] = {}
    for event in events:
        groups.setdefault(
            (event.column, event.rule if rules else event.reason or event.rule, event.severity), []
        ).append(event)
    found = []
    for (column, code, severity), members in groups.items():
        text = rule_text(code) if rules else reason_text(code)
        entry: dict[str, Any] = {
            "column": column,
            "rule" if rules else "reason": code,
            "severity": severity,
            "count": len(members),
            "message_ja": text.ja,
            "message_en": text.en,
            "examples": [
                {
                    "before": member.before,
                    "after": member.after,
                    "input": member.input,
                    "row": member.source_row,
                    "column": member.source_column,
                    "out_row": member.row,
                }
                for member in members[:_EXAMPLES]
            ],
        }
        if not rules:
            mend = mending_text(code)
            entry |= {"mend_ja": mend.ja, "mend_en": mend.en}
        found.append(entry)
    return sorted(found, key=lambda entry: (-entry["count"], entry["column"]))


def _origins(origins: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return where the output rows came from, runs of neighbouring rows as one entry."""
    runs: list[dict[str, Any]] = []
    for number, (source, row) in enumerate(origins, start=1):
        last = runs[-1] if runs else None
        if last and last["input"] == source and last["source_row"] + last["count"] == row:
            last["count"] += 1
        else:
            runs.append({"out_row": number, "input": source, "source_row": row, "count": 1})
    return runs


def _event(event: Event, paper: PaperPlaces) -> dict[str, Any]:
    return {
        "row": event.row,
        "column": event.column,
        "step": event.step,
        "severity": event.severity,
        "rule": event.rule,
        "reason": event.reason,
        "before": event.before,
        "after": event.after,
        "confidence": event.confidence,
        "source": {
            "input": event.input,
            "row": event.source_row,
            "column": event.source_column,
            **paper.shown(event.input, event.source_row, event.source_column),
        },
    }

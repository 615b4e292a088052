"""Proposes which column is which field: names, then values (which have a veto), then one column for one field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tdpf.controlplane.preparation.engine.mapping.assignment import assign
from tdpf.controlplane.preparation.engine.mapping.evidence import Evidence, evidence, sample_of
from tdpf.controlplane.preparation.engine.mapping.names import EXACT, PATTERN, fold, name_score
from tdpf.controlplane.preparation.engine.mapping.types import ColumnMapping, Confirmations, Suggestion, TableMapping
from tdpf.controlplane.preparation.engine.normalising import ages
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.schemas.types import Schema, SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

SURE = 0.9
HINT = 0.5
_SUGGESTED = 0.25
_STATED = re.compile(
    r"(?:約|最大|定員)?\d[\d,]*(?:\.\d+)?\s*(?:人|名|台|床|席)?\s*(?:程度|以上|以内)?\s*(?:[(~〜].*)?|未定|不明|検討中|調整中"
)
_FULL, _SPARSE = 0.95, 0.67


def propose_mapping(
    columns: Sequence[ColumnFound],
    values: Sequence[Sequence[str | None]],
    schema: Schema,
    *,
    confirmed: Confirmations | None = None,
    publisher: str = "",
) -> TableMapping:
    """Return a mapping of a table's columns (with their values, column by column) to a schema's fields."""
    targets = schema.targets
    table: list[list[Suggestion]] = []
    fixed: dict[int, str] = {}
    for place, column in enumerate(columns):
        said = confirmed.target(schema.name, column.name, publisher) if confirmed else None
        if said is not None:
            fixed[place] = said
        table.append(_scores(column, values[place], targets))
    scores = [[_weight(suggestion) for suggestion in row] for row in table]
    _fuller_first(scores, table, values, targets)
    names = [field.name for field in targets]
    for place, target in fixed.items():
        for at in range(len(targets)):
            scores[place][at] = 0.0
        if target in names:
            at = names.index(target)
            for weights in scores:
                weights[at] = 0.0
            scores[place][at] = 2.0
    given = assign(scores)
    mapped = []
    for place, (column, row, chosen) in enumerate(zip(columns, table, given, strict=True)):
        best = sorted((entry for entry in row if entry.score >= _SUGGESTED), key=lambda entry: -entry.score)[:3]
        if place in fixed:
            mapped.append(ColumnMapping(column.name, fixed[place], "confirmed", tuple(best)))
            continue
        target = ""
        if chosen is not None and row[chosen].score >= SURE:
            target = row[chosen].target
        if chosen is not None and row[chosen].score >= _SUGGESTED and row[chosen] not in best[:1]:
            best = [row[chosen], *(entry for entry in best if entry is not row[chosen])][:3]
        mapped.append(ColumnMapping(column.name, target, "automatic" if target else "", tuple(best)))
    return TableMapping(schema.name, tuple(mapped))


def _scores(column: ColumnFound, values: Sequence[str | None], targets: Sequence[SchemaField]) -> list[Suggestion]:
    sample = sample_of(values)
    present = sum(1 for value in values if value)
    distinct_share = len(set(values) - {None}) / present if present else 1.0
    age = _age_of(column)
    row = []
    for field in targets:
        name = _age_score(age, field) if age else name_score(column.name, column.header, field)
        found = evidence(field, sample, distinct_share=distinct_share) if name >= 0.2 else Evidence(0, 0.0)
        if fold(column.name) in ("x", "y") and not found.specific:
            name = min(name, HINT)  # In plane systems X points north; only degrees tell which is which.
        if name == EXACT and found.veto:
            # It says itself that it is this field: what does not fit is told cell by cell, not left out with the column.
            found = replace(found, veto=False, seen=0)
        if found.veto and name >= SURE and found.share and field.normaliser in ("integer", "number"):
            # Numbers with remarks, ranges and "undecided": one cell or another cannot be read, the column is what it says.
            stated = sum(1 for value in sample if _STATED.fullmatch(plain(value)))
            found = replace(found, veto=False, seen=0) if stated * 10 >= len(sample) * 8 else found
        row.append(Suggestion(field.name, round(_joined(name, found), 4), round(name, 4), round(found.share, 4)))
    return row


def _joined(name: float, found: Evidence) -> float:
    if found.veto:
        return 0.0
    if not found.seen:
        return name
    score = name
    if found.specific and name >= 0.6:
        score = 1 - (1 - name) * 0.4
    if found.share < 0.8:
        score -= (0.8 - found.share) * 0.2
    return max(0.0, score)


def _weight(suggestion: Suggestion) -> float:
    """Return what a pair is worth in the assignment: sure pairs first, so that a hopeful one never displaces them."""
    if suggestion.score < _SUGGESTED:
        return 0.0
    return suggestion.score + 1.0 if suggestion.score >= SURE else suggestion.score / 100


def _fuller_first(
    scores: Sequence[list[float]],
    table: Sequence[Sequence[Suggestion]],
    values: Sequence[Sequence[str | None]],
    targets: Sequence[SchemaField],
) -> None:
    """Let a column that is often empty stand back from a required field that another sure one fills in every row."""
    filled = [sum(1 for value in cells if value and not is_missing(value)) / max(1, len(cells)) for cells in values]
    for at, field in enumerate(targets):
        sure = [place for place, row in enumerate(table) if row[at].score >= SURE] if field.required else []
        if any(filled[place] >= _FULL for place in sure):
            for place in sure:
                if filled[place] <= _SPARSE:
                    scores[place][at] = table[place][at].score


def _age_of(column: ColumnFound) -> tuple[ages.Band, str] | None:
    found = ages.band(column.name)
    sex = ages.sex(column.name)
    return (found, sex) if found is not None and ("歳" in column.name or "才" in column.name or sex) else None


def _age_score(age: tuple[ages.Band, str], field: SchemaField) -> float:
    band, sex = age
    return PATTERN + 0.07 if field.ages == band and field.sex == sex and sex else 0.0

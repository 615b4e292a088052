"""Steps on whole tables: columns.map, union, overrides, validate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.merging.matching import folded_address, folded_name
from tdpf.controlplane.preparation.engine.normalising.registry import NORMALISERS, outcomes
from tdpf.controlplane.preparation.engine.recipes.errors import RecipeForOther, RecipeNotUnderstood
from tdpf.controlplane.preparation.engine.recipes.event_store import Event, Events
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame, Quarantined, Values


def map_columns(state: State, with_: Mapping[str, Any]) -> None:
    """Rename columns: `with_` is {input: {column of the file: field}}. Columns that are not named stay out of the table."""
    for key, frame in state.frames.items():
        if key not in with_:
            continue
        wanted = {str(column): str(field) for column, field in dict(with_[key]).items() if field}
        lacking = [column for column in wanted if column not in frame.columns]
        if lacking:
            free = [name for name in frame.columns if name not in wanted]
            raise RecipeForOther(
                why_ja=f"レシピにある項目「{'」「'.join(lacking[:5])}」が表になく、代わりと思われる列も見つかりません。"
                + (f"表だけにある列は「{'」「'.join(free[:8])}」です。" if free else ""),
                why_en=f"The table lacks columns of the recipe, and none looks like them: {', '.join(lacking[:5])}."
                + (f" Columns only in the table: {', '.join(free[:8])}." if free else ""),
            )
        twice = [field for field in wanted.values() if list(wanted.values()).count(field) > 1]
        if twice:
            raise RecipeNotUnderstood(
                where=f"columns.map.{key}",
                why_ja=f"「{twice[0]}」に二つの項目が対応しています",
                why_en=f"two columns are mapped to “{twice[0]}”",
            )
        for field in wanted.values():
            if state.schema.field(field) is None:
                raise RecipeNotUnderstood(
                    where=f"columns.map.{key}",
                    why_ja=f"標準の表に「{field}」という項目はありません",
                    why_en=f"the standard table has no column “{field}”",
                )
        frame.columns = {field: frame.columns[column] for column, field in wanted.items()}
        frame.sources = {field: frame.sources.get(column, {}) for column, field in wanted.items()}
        frame.header = {field: column for column, field in wanted.items()}
        frame.cells = {(row, wanted[name]): refs for (row, name), refs in frame.cells.items() if name in wanted}


def union(state: State, with_: Mapping[str, Any]) -> None:
    """Put the frames of all inputs (or of those named in `inputs`) below each other."""
    keys = [str(key) for key in with_.get("inputs", list(state.frames))]
    frames = [(key, state.frames[key]) for key in keys if key in state.frames]
    if len(frames) < 2:
        return
    names = list(dict.fromkeys(name for _, frame in frames for name in frame.columns))
    columns: dict[str, Values] = {name: [] for name in names}
    joined = Frame(columns, [], {}, {}, {})
    for _, frame in frames:
        start = joined.height
        for name in names:
            columns[name].extend(frame.columns.get(name) or [None] * frame.height)
        joined.origins.extend(frame.origins)
        for name, sources in frame.sources.items():
            joined.sources.setdefault(name, {}).update(sources)
        for (row, name), refs in frame.cells.items():
            joined.cells[(row + start, name)] = refs
        joined.header.update(frame.header)
    rests: dict[str, dict[int, str]] = {}
    state.frames = {"all": joined}
    state.rests = {"all": rests}
    _renumber(state, [(key, frame.height) for key, frame in frames])


def _renumber(state: State, heights: list[tuple[str, int]]) -> None:
    """Give earlier events the row numbers of the joined table."""
    from dataclasses import replace

    starts: dict[str, int] = {}
    total = 0
    joined = state.frames["all"]
    for key, height in heights:
        for source in {source for source, _ in joined.origins[total : total + height]}:
            starts[source] = total
        starts.setdefault(key, total)
        total += height
    state.log.events = Events(
        replace(event, row=event.row + starts.get(event.input, 0)) if event.row else event for event in state.log.events
    )


def overrides(state: State, with_: Mapping[str, Any]) -> None:
    """Put in what persons corrected, one cell or every cell that held a value.

    `cells` is a list of {input, row (of the sheet), column, value, by, why}; with `before`, only where the file still says so. With
    `of` {name, address} it is the row of the input that is known by them, wherever it stands in this edition.
    `values` is a list of {column, before, value, by, why} and speaks for every cell of the column whose value in the file is `before`:
    it holds for next year's file too. Cells of one `conflict` (its key, `at` a time) are one answer about values that differ.
    """
    fields = [field.name for concept in ("name", "address") if (field := state.schema.of(concept)) is not None]
    unmended = {
        key: {name: list(frame.columns[name]) for name in fields if name in frame.columns}
        for key, frame in state.frames.items()
    }
    _override_values(state, with_)
    cells = with_.get("cells", [])
    for place, entry in enumerate(cells, start=1):
        if entry["column"] not in state.schema.names:
            raise RecipeNotUnderstood(
                where=f"overrides.cells[{place}]",
                why_ja=f"標準の表に「{entry['column']}」という項目はありません",
                why_en=f"the standard table has no column “{entry['column']}”",
            )
    names = {str(entry["column"]) for entry in cells}
    for key, frame in state.frames.items():
        raw = raw_values(state, frame, names) if cells else {}
        stood = {name: list(frame.column(name)) for name in names}
        for entry in cells:
            name, value = str(entry["column"]), entry["value"]
            for index in _rows_meant(state, frame, unmended[key], entry):
                before = raw.get((index, name), stood[name][index])
                if "before" in entry and _bare(before) != _bare(entry["before"]):
                    continue
                if "conflict" not in entry or _bare(frame.column(name)[index]) != _bare(value):
                    _put(state, frame, index, name, value, before=before)
        for name, values in unmended[key].items():
            for index, value in enumerate(values):
                if value != frame.columns[name][index]:
                    state.unmended[frame.origins[index], name] = value


def _rows_meant(
    state: State, frame: Frame, unmended: Mapping[str, Sequence[str | None]], entry: Mapping[str, Any]
) -> list[int]:
    """Return the rows that a corrected cell is in: the one of that name and address, of several alike the one in its old place.

    A row is known by what it was called before anybody corrected it, and after.
    """
    source, row, of = entry["input"], entry["row"], entry.get("of")
    own = [index for index, origin in enumerate(frame.origins) if origin[0] == source]
    there = [index for index in own if frame.origins[index][1] == row]
    fields = {concept: state.schema.of(concept) for concept in ("name", "address")}
    asked = {
        (field.name, fold): fold(str(of[concept]))
        for (concept, field), fold in zip(fields.items(), (folded_name, folded_address), strict=True)
        if of and of.get(concept) and field is not None and field.name in frame.columns
    }
    if not asked:
        return there
    known = [
        index
        for index in own
        if all(
            wanted
            in (fold(frame.columns[name][index] or ""), fold(unmended.get(name, frame.columns[name])[index] or ""))
            for (name, fold), wanted in asked.items()
        )
    ]
    return known if len(known) == 1 else [index for index in there if index in known]


def _override_values(state: State, with_: Mapping[str, Any]) -> None:
    wanted: dict[str, dict[str | None, Any]] = {}
    for place, entry in enumerate(with_.get("values", []), start=1):
        name, before, value = entry["column"], _bare(entry["before"]), entry["value"]
        if name not in state.schema.names or before is None:
            raise RecipeNotUnderstood(
                where=f"overrides.values[{place}]",
                why_ja=f"標準の表に「{name}」という項目がないか、before が空です",
                why_en=f"the standard table has no column “{name}”, or before is empty",
            )
        wanted.setdefault(name, {})[before] = value
    if not wanted:
        return
    for frame in state.frames.values():
        raw = raw_values(state, frame, set(wanted))
        for name, values in wanted.items():
            for index, value in enumerate(list(frame.column(name))):
                before = raw.get((index, name), value)
                if _bare(before) in values and before is not None:
                    _put(state, frame, index, name, values[_bare(before)], before=before)


def raw_values(state: State, frame: Frame, names: set[str]) -> dict[tuple[int, str], str | None]:
    """Return what cells held before the first step that changed them, for those that were changed."""
    own = {source for source, _ in frame.origins}
    alone = len(state.frames) == 1
    found: dict[tuple[int, str], str | None] = {}
    for event in state.log.events:
        if event.row and event.column in names and event.before is not None and (alone or event.input in own):
            found.setdefault((event.row - 1, event.column), event.before)
    return found


def _put(state: State, frame: Frame, index: int, name: str, value: Any, *, before: str | None) -> None:
    """Put in what a person said as the field's normaliser reads it; what it cannot read leaves an empty cell and is told."""
    column, field = frame.column(name), state.schema.field(name)
    said = None if value is None or value == "" else str(value)
    column[index] = said
    if said is not None and field is not None and field.normaliser in NORMALISERS:
        found = outcomes(field.normaliser, [said])[said]
        column[index] = found.value
        if found.value is None and found.reason not in ("", "missing"):
            state.log.add(
                frame, index, name, step="overrides", before=before or said, after=None, rule="dropped",
                reason="answer-unread", confidence=0.0, severity="error",
            )  # fmt: skip
            return
    state.log.add(frame, index, name, step="overrides", before=before, after=column[index], rule="override")


def _bare(value: object) -> str | None:
    return str(value).strip() or None if value is not None else None


def validate(state: State, with_: Mapping[str, Any]) -> None:
    """Note what the schema requires and a row lacks, and which rows may not be published; no row is taken out."""
    del with_
    required = [field.name for field in state.schema.fields if field.required]
    for frame in state.frames.values():
        _doubt(state, frame)
        lost: dict[int, list[tuple[str, str]]] = {}
        for event in state.log.events:
            mended = event.row and frame.column(event.column)[event.row - 1]
            if event.severity == "error" and event.row and event.column in required and not mended:
                lost.setdefault(event.row - 1, []).append((event.column, event.reason))
        for name in required:
            values = frame.column(name)
            absent = not any(values)
            for row, value in enumerate(values):
                if value:
                    continue
                if not absent:
                    state.log.add(
                        frame,
                        row,
                        name,
                        step="validate",
                        before=None,
                        after=None,
                        reason="required-missing",
                        severity="warning",
                    )
                known = [reason for column, reason in lost.get(row, []) if column == name]
                if not known and not absent:
                    lost.setdefault(row, []).append((name, "required-missing"))
        _conditional(state, frame)
        state.quarantined.extend(
            Quarantined(row=row + 1, reasons=tuple(dict.fromkeys(reasons))) for row, reasons in sorted(lost.items())
        )


def _doubt(state: State, frame: Frame) -> None:
    """Warn of what each cell allows and the row or the table does not: counts below zero, an end before its beginning, one ID twice."""
    schema = state.schema

    def warn(row: int, name: str, reason: str) -> None:
        value = frame.columns[name][row]
        state.log.add(
            frame, row, name, step="validate", before=value, after=value, reason=reason, confidence=0.5, severity="warning"
        )  # fmt: skip

    for field in schema.fields:
        if field.normaliser == "integer":
            for row, value in enumerate(frame.columns.get(field.name, ())):
                if value and value.startswith("-"):
                    warn(row, field.name, "negative")
    days = [field.name for field in schema.fields if field.normaliser == "date" and field.name in frame.columns]
    for last in (name for name in days if "終了" in name and name.replace("終了", "開始") in days):
        for row, value in enumerate(frame.columns[last]):
            begun = frame.columns[last.replace("終了", "開始")][row]
            if value and begun and value < begun:
                warn(row, last, "ends-before")
    identifier, publisher = schema.of("record.id"), schema.of("publisher.code")
    if identifier is not None and schema.table != "population" and identifier.name in frame.columns:
        codes = frame.columns.get(publisher.name) if publisher else None
        seen: set[tuple[str | None, str]] = set()
        for row, value in enumerate(frame.columns[identifier.name]):
            key = (codes[row] if codes else None, value or "")
            if value and key in seen:
                warn(row, identifier.name, "id-repeated")
            seen.add(key)


def _conditional(state: State, frame: Frame) -> None:
    """Note cells that must not be empty because another one of the row has a value; a column that is not there is noted once."""
    for field in state.schema.fields:
        other = state.schema.of(field.required_with) if field.required_with else None
        if other is None or not any(frame.column(other.name)):
            continue
        values = frame.column(field.name)
        lacking = [row for row, value in enumerate(frame.column(other.name)) if value and not values[row]]
        if lacking and not any(values):
            source = frame.origins[lacking[0]][0]
            state.log.events.append(
                Event(0, field.name, "validate", "warning", "", "required-with-missing", None, None, 1.0, source)
            )
            continue
        for row in lacking:
            state.log.add(
                frame,
                row,
                field.name,
                step="validate",
                before=None,
                after=None,
                reason="required-with-missing",
                severity="warning",
            )

"""Takes the rows of one block out of its grid: nothing lost, nothing altered, every column profiled on the way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import orjson

from tdpf.controlplane.preparation.engine.blocks import Block
from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.errors import CellTooLong
from tdpf.controlplane.preparation.engine.grid import Grid, column_letters, filled
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.profile import ColumnProfile
from tdpf.controlplane.preparation.engine.types import Level, Limits, Note, Row, TableFound

_BATCH = 4_000
_REMARKS_KEPT = 20
_REMARK_LENGTH = 200
_PLACES = 5
_TELLING = 2
_Cut = tuple[int, Row, Row]
_EXAMPLE = re.compile(
    r"\s*(?:[（(【\[〔<＜]\s*(?:記入|記載|入力|作成)?例\s*[）)】\]〕>＞]|(?:記入|記載|入力|作成)例|例\s*(?:$|[:：]))"
)
# ※以下は…, （注）…, 凡例：1=指定: a name of a facility may begin with a star, so stars are none.
_ASIDE = re.compile(r"\s*(?:※\s*\S.{3}|[（(【〔]注|注\d?\s*[）)：:.．]|[【〔［（(]?凡例)")


class _Counter:
    """Counts something and remembers the first places."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, row: int) -> None:
        self.count += 1
        if len(self.first) < _PLACES:
            self.first.append(str(row + 1))

    @property
    def places(self) -> str:
        more = "…" if self.count > len(self.first) else ""
        return ", ".join(self.first) + more


def extract(
    grid: Grid, block: Block, *, table_id: str, file_name: str, limits: Limits, spill: Path | None = None
) -> TableFound:
    """Return the block as a table; its rows go to the file `spill`, or stay in memory without one."""
    names, header_notes = column_names(block)
    profiles = [ColumnProfile(name) for name in names]
    report: list[Note] = []
    rows: list[tuple[str | None, ...]] | None = None if spill else []
    out: IO[bytes] | None = spill.open("wb") if spill else None
    total = 0
    runs: list[tuple[int, int]] = []
    try:
        for batch in _batches(_body(grid, block, report, file_name, limits, runs)):
            for profile, values in zip(profiles, zip(*batch, strict=True), strict=True):
                profile.add(values, len(batch))
            total += len(batch)
            if out is not None:
                out.write(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in batch))
            elif rows is not None:
                rows.extend(tuple(row) for row in batch)
    finally:
        if out is not None:
            out.close()
    if not total:
        report.append(note("no-rows", level="warning"))
    english = block.english or ("",) * len(block.parts)
    columns = tuple(
        replace(profile.found(parts, unit), title_en=title)
        for profile, parts, unit, title in zip(profiles, block.parts, block.units, english, strict=True)
    )
    return TableFound(
        id=table_id,
        sheet=grid.name,
        range=block.range,
        header_rows=tuple(row + 1 for row in block.header_rows),
        title_lines=block.title_lines,
        columns=columns,
        row_count=total,
        rows=tuple(rows) if rows is not None else None,
        rows_path=spill,
        notes=(*grid.notes, *block.notes, *header_notes, *report),
        row_runs=tuple(runs),
        column_places=tuple(column_letters(column) for column in block.columns),
    )


def column_names(block: Block) -> tuple[list[str], list[Note]]:
    """Return a name for every column, each only once, and notes on what was named or renamed."""
    notes: list[Note] = []
    wanted = ["_".join(parts) for parts in block.parts]
    unnamed = [f"列{index + 1}" for index, name in enumerate(wanted) if not name]
    if unnamed and block.header_rows:
        notes.append(note("header-empty", level="warning", count=len(unnamed), names=_listed(unnamed)))
    wanted = [name or f"列{index + 1}" for index, name in enumerate(wanted)]
    times: dict[str, int] = {}
    for name in wanted:
        times[name] = times.get(name, 0) + 1
    repeated = [name for name, count in times.items() if count > 1]
    if repeated:
        notes.append(note("header-duplicate", level="warning", count=len(repeated), names=_listed(repeated)))
    taken = set(wanted)
    seen: set[str] = set()
    names = []
    for name in wanted:
        unique = name
        number = 2
        while unique in seen or (unique != name and unique in taken):
            unique = f"{name}_{number}"
            number += 1
        seen.add(unique)
        names.append(unique)
    return names, notes


def _listed(names: Sequence[str]) -> str:
    return "・".join(f"「{name}」" for name in names[:5]) + ("…" if len(names) > 5 else "")


def _body(
    grid: Grid, block: Block, report: list[Note], file_name: str, limits: Limits, runs: list[tuple[int, int]]
) -> Iterator[Row]:
    """Yield the block's rows in its own columns; blank rows and repeated headers are counted, not yielded.

    `runs` is filled with where the yielded rows stood.
    """
    columns = block.columns
    right = columns[-1]
    width = len(columns)
    named = [column for column, parts in zip(columns, block.parts, strict=True) if parts]
    header_end = (max(named) if named else right) + 1
    blank, short, long, sparse, repeated, said, shown, cut = (_Counter() for _ in range(8))
    example = ""
    words: list[str] = []
    usual = max(2, width // 8) if width >= 6 else 0
    longest = limits.max_cell_chars
    ragged = not grid.name and block.filled_rows > 0
    following = -1
    for index, cells, row in _without_repeats(_cut(grid, block), len(block.header_rows), repeated):
        length = len(cells)
        if not any(row) or not filled(row):
            blank.add(index)
            continue
        if width >= 3 and (remark := _remark(row)):
            said.add(index)
            if len(words) < _REMARKS_KEPT:
                words.append(remark[:_REMARK_LENGTH])
            continue
        if following == -1 and not example and width >= 3 and _is_example(row):
            shown.add(index)
            example = " ".join(cell.strip() for cell in row if cell)
            continue
        if ragged:
            if length < header_end:
                short.add(index)
            elif length > header_end and any(cells[header_end:]):
                long.add(index)
        if usual and width - row.count(None) < usual:
            sparse.add(index)
        for place, cell in enumerate(row):
            if cell is not None and len(cell) > longest:
                if not limits.cuts:
                    raise CellTooLong(file=file_name, where=f"{index + 1}行目 / row {index + 1}", limit=longest)
                row[place] = cell[:longest]
                cut.add(index)
        if index == following:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((index + 1, 1))
        following = index + 1
        yield row
    if example:
        report.append(note("example-row", where=shown.places, text=example))
    if words:
        report.append(note("remarks-within", where=said.places, text="\n".join(words), count=said.count))
    for code, counter in (
        ("blank-rows", blank),
        ("header-repeated", repeated),
        ("short-rows", short),
        ("long-rows", long),
        ("sparse-rows", sparse),
        ("cells-cut", cut),
    ):
        if code == "sparse-rows" and counter.count > max(5, (block.filled_rows or 0) // 50):
            continue
        if counter.count:
            level: Level = "warning" if code in ("long-rows", "sparse-rows", "cells-cut") else "info"
            report.append(note(code, where=counter.places, level=level, count=counter.count, places=counter.places))


def _remark(row: Row) -> str:
    """Return what a row says that holds nothing but a remark at its left end, which no record would be; else an empty text."""
    for column, cell in enumerate(row[:2]):
        if cell and not cell.isspace():
            alone = _ASIDE.match(cell) and not any(value and not value.isspace() for value in row[column + 1 :])
            return cell.strip() if alone else ""
    return ""


def _is_example(row: Row) -> bool:
    """Say whether the first row below a header is a filled-in example: its first cells say so (例, （例）○○会館)."""
    first = [cell for cell in row if cell and not cell.isspace()][:2]
    return any(_EXAMPLE.match(cell) for cell in first)


def _cut(grid: Grid, block: Block) -> Iterator[_Cut]:
    """Yield the rows of a block's header, then those of its body, each with its place, whole and in the block's own columns."""
    columns = block.columns
    left, right = columns[0], columns[-1]
    whole = list(columns) == list(range(left, right + 1))
    width, header = len(columns), set(block.header_rows)
    for index, cells in enumerate(grid.rows()):
        if index > block.last_row:
            return
        if index < block.first_row and index not in header:
            continue
        row = cells[left : right + 1] if whole else [cells[c] if c < len(cells) else None for c in columns]
        yield index, cells, row + [None] * (width - len(row))


def _without_repeats(rows: Iterator[_Cut], depth: int, repeated: _Counter) -> Iterator[_Cut]:
    """Yield the rows of the body without those that repeat all `depth` rows of the header; who repeats but a part is data."""
    header = [row for _, _, row in itertools.islice(rows, depth)]
    if sum(len(filled(row)) for row in header) < _TELLING:
        yield from rows
        return
    labels = [_labels(row) for row in header]
    lead = next(iter(filled(header[0])), 0)
    held: list[_Cut] = []
    for entry in rows:
        if not held and header_text(entry[2][lead]) != labels[0][lead]:
            yield entry
            continue
        if _labels(entry[2]) == labels[len(held)]:
            held.append(entry)
            if len(held) == depth:
                for place, _, _ in held:
                    repeated.add(place)
                held.clear()
            continue
        yield from held
        held = [entry] if _labels(entry[2]) == labels[0] else []
        if not held:
            yield entry
    yield from held


def _labels(row: Row) -> list[str]:
    return [header_text(cell) for cell in row]


def _batches(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

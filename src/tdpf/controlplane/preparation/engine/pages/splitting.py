"""Columns and rows that no rule parts: found by the stretches and steps that the words of a cell keep to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.cells import is_number_or_missing
from tdpf.controlplane.preparation.engine.pages.parts import Part, PartCell
from tdpf.controlplane.preparation.engine.pages.ruling import Region
from tdpf.controlplane.preparation.engine.pages.types import Box
from tdpf.controlplane.preparation.engine.pages.unruled import without_sparse
from tdpf.controlplane.preparation.engine.pages.words import Line, is_spread, line_text

_FEWEST_LINES = 6
_WIDE_STEP = 1.7


def split_columns(parts: Sequence[Part]) -> None:
    """Part columns in place where the words of all pages leave the same stretch free and begin in the same place."""
    column = 0
    while column < parts[0].columns:
        cuts = _cuts(parts, column)
        for part in parts:
            if cuts:
                _cut(part, column, [part.xs[column] + cut for cut in cuts])
        column += 1 + len(cuts)


def _cuts(parts: Sequence[Part], column: int) -> list[float]:
    """Return where a column is to be parted, from its left edge."""
    lines: list[list[tuple[float, float]]] = []
    sizes: list[float] = []
    for part in parts:
        edge = part.xs[column]
        for cell in part.cells:
            if cell.region.left == cell.region.right == column and cell.letters:
                for line in cell.lines:
                    if not is_spread(line):
                        lines.append([(word.box.left - edge, word.box.right - edge) for word in line.words])
                        sizes.append(line.size)
    if len(lines) < _FEWEST_LINES:
        return []
    size = sorted(sizes)[len(sizes) // 2]
    spans = sorted(span for line in lines for span in line)
    cuts = []
    reach = spans[0][1]
    for left, right in spans[1:]:
        if left - reach > 0.8 * size and _is_stretch(lines, reach, left):
            cuts.append((reach + left) / 2)
        reach = max(reach, right)
    if not cuts:
        return []
    centres = [[(left + right) / 2 for left, right in line] for line in lines]
    return without_sparse(centres, [spans[0][0] - 1, *cuts, reach + 1])[1:-1]


def _is_stretch(lines: Sequence[Sequence[tuple[float, float]]], reach: float, left: float) -> bool:
    """Say whether a free stretch parts two columns: lines on both sides of it, and one place where words begin or end."""
    both = sum(1 for line in lines if line[0][1] <= reach and line[-1][0] >= left)
    after = [next(span for span in line if span[0] >= left) for line in lines if line[-1][0] >= left]
    if both < 3 or both * 20 < len(lines) or len(after) < 4:
        return False
    return any(
        sum(abs(place - places[len(places) // 2]) < 3 for place in places) * 10 >= len(places) * 7
        for places in (sorted(span[0] for span in after), sorted(span[1] for span in after))
    )


def _cut(part: Part, column: int, cuts: Sequence[float]) -> None:
    further = len(cuts)
    cells: list[PartCell] = []
    for cell in part.cells:
        region = cell.region
        if region.left > column:
            region = Region(region.top, region.left + further, region.bottom, region.right + further)
        elif region.right > column or (region.right == column and region.left < column):
            region = Region(region.top, region.left, region.bottom, region.right + further)
        elif region.left == region.right == column:
            cells.extend(_pieces(cell, column, cuts))
            continue
        cell.region = region
        cells.append(cell)
    part.cells = sorted(cells, key=lambda cell: (cell.region.top, cell.region.left))
    part.xs[column + 1 : column + 1] = list(cuts)


def _pieces(cell: PartCell, column: int, cuts: Sequence[float]) -> list[PartCell]:
    region = cell.region
    lines = cell.lines
    if len(lines) == 1 and is_spread(lines[0]) and any(lines[0].box.left < cut < lines[0].box.right for cut in cuts):
        return [PartCell(Region(region.top, column, region.bottom, column + len(cuts)), cell.box, cell.letters)]
    edges = [cell.box.left, *cuts, cell.box.right]
    pieces = []
    for place in range(len(edges) - 1):
        left, right = edges[place], edges[place + 1]
        last = place == len(edges) - 2
        pieces.append(
            PartCell(
                Region(region.top, column + place, region.bottom, column + place),
                Box(left, cell.box.top, right, cell.box.bottom),
                [
                    letter
                    for letter in cell.letters
                    if (letter.box.centre >= left or not place) and (letter.box.centre < right or last)
                ],
            )
        )
    return pieces


def split_joined(part: Part) -> None:
    """Part cells over several columns in place whose words keep to the columns that other rows show."""
    cells: list[PartCell] = []
    for cell in part.cells:
        region = cell.region
        words = [word for line in cell.lines if not is_spread(line) for word in line.words]
        inner = part.xs[region.left + 1 : region.right + 1]
        inside = {sum(word.box.centre >= x for x in inner) for word in words}
        crossing = any(word.box.left < x - 1 and word.box.right > x + 1 for word in words for x in inner)
        if len(inside) < 2 or crossing:
            cells.append(cell)
            continue
        for place in range(region.left, region.right + 1):
            left, right = part.xs[place], part.xs[place + 1]
            cells.append(
                PartCell(
                    Region(region.top, place, region.bottom, place),
                    Box(left, cell.box.top, right, cell.box.bottom),
                    [
                        letter
                        for letter in cell.letters
                        if (letter.box.centre >= left or place == region.left)
                        and (letter.box.centre < right or place == region.right)
                    ],
                )
            )
    part.cells = sorted(cells, key=lambda cell: (cell.region.top, cell.region.left))


@dataclass(frozen=True, slots=True)
class _Column:
    cell: PartCell
    lines: list[Line]


def split_rows(part: Part) -> None:
    """Part bands in place that hold several rows without rules between them."""
    part.cells = [piece for cell in part.cells for piece in _by_bands(part, cell)]
    by_band: dict[int, list[_Column]] = {}
    for cell in part.cells:
        if cell.region.top == cell.region.bottom:
            lines = cell.lines
            if lines:
                by_band.setdefault(cell.region.top, []).append(_Column(cell, lines))
    steps = {band: found for band, columns in by_band.items() if (found := _steps(columns))}
    if not steps:
        return
    cuts = {
        band: [(before + after) / 2 for before, after in itertools.pairwise(middles)] for band, middles in steps.items()
    }
    starts: dict[int, int] = {}
    ys = [part.ys[0]]
    number = 0
    for band in range(len(part.ys) - 1):
        starts[band] = number
        inner = cuts.get(band, [])
        ys.extend(inner)
        ys.append(part.ys[band + 1])
        number += 1 + len(inner)
    starts[len(part.ys) - 1] = number
    cells: list[PartCell] = []
    for cell in part.cells:
        region = cell.region
        top, bottom = starts[region.top], starts[region.bottom + 1] - 1
        goes_on = part.open_below and region.bottom == len(part.ys) - 2
        if (
            region.top == region.bottom
            and region.top in cuts
            and not _is_for_all(cell, steps[region.top], goes_on=goes_on)
        ):
            cells.extend(_row_pieces(cell, cuts[region.top], top))
        else:
            cell.region = Region(top, region.left, bottom, region.right)
            cells.append(cell)
    part.cells = sorted(cells, key=lambda cell: (cell.region.top, cell.region.left))
    part.ys = ys


def _by_bands(part: Part, cell: PartCell) -> list[PartCell]:
    """Part a cell over several bands whose lines stand apart, several of them in one band: labels of rows, one below another."""
    region = cell.region
    if region.top == region.bottom:
        return [cell]
    lines = cell.lines
    if len(lines) < 3 or _closest(lines) < _WIDE_STEP * lines[0].size:
        return [cell]
    bands = [
        [line for line in lines if part.ys[band] <= line.box.middle < part.ys[band + 1]]
        for band in range(region.top, region.bottom + 1)
    ]
    if not bands[0] or max(map(len, bands)) < 2 or _is_list(lines):
        return [cell]
    pieces = []
    held: list[Line] = []
    for place, own in enumerate(bands):
        band = region.top + place
        held = own or held[-1:]
        box = Box(cell.box.left, part.ys[band], cell.box.right, part.ys[band + 1])
        letters = [
            letter
            for letter in cell.letters
            if any(line.box.top <= letter.box.middle <= line.box.bottom for line in held)
        ]
        pieces.append(PartCell(Region(band, region.left, band, region.right), box, letters))
    return pieces


def _closest(lines: Sequence[Line]) -> float:
    return min(after.box.middle - before.box.middle for before, after in itertools.pairwise(lines))


def _steps(columns: Sequence[_Column]) -> list[float]:
    """Return the middles of the rows of a band, or nothing when its cells are merely wrapped."""
    longest = max(columns, key=lambda column: len(column.lines))
    lines = longest.lines
    if len(lines) < 2 or all(len(line_text(line)) == 1 for line in lines):
        return []
    if _is_list(lines) and all(column is longest or len(column.lines) == 1 for column in columns):
        return []
    size = sorted(line.size for line in lines)[len(lines) // 2]
    steps = [after.box.middle - before.box.middle for before, after in itertools.pairwise(lines)]
    apart = min(steps) >= _WIDE_STEP * size and not _is_one_record(columns, longest)
    if not apart and not _in_step(columns, lines, size):
        return []
    return _middles(columns, lines, min(steps)) if apart else sorted(line.box.middle for line in lines)


def _is_one_record(columns: Sequence[_Column], longest: _Column) -> bool:
    """Say whether at least half of four or more cells, its name among them, hold one line in the middle of the band."""
    if longest.cell is min((column.cell for column in columns), key=lambda cell: cell.region.left):
        return False
    before = [column for column in columns if column.cell.region.left < longest.cell.region.left]
    if not any(
        abs(column.lines[0].box.middle - column.cell.box.middle) < 0.4 * column.lines[0].size for column in before
    ):
        return False
    single = sum(
        1
        for column in columns
        if len(column.lines) == 1
        and abs(column.lines[0].box.middle - column.cell.box.middle) < 0.4 * column.lines[0].size
    )
    return len(columns) >= 4 and single * 2 >= len(columns)


def _is_list(lines: Sequence[Line]) -> bool:
    """Say whether lines are one list set over several: most of them end in a comma."""
    open_ended = sum(1 for line in lines[:-1] if line_text(line).endswith(("、", "，", "､")))
    return open_ended * 2 >= len(lines) - 1


def _middles(columns: Sequence[_Column], lines: Sequence[Line], step: float) -> list[float]:
    """Return the middles of rows: of the longest cell's lines, and of lines in other cells that keep its step."""
    middles = [line.box.middle for line in lines]
    for column in columns:
        for line in column.lines:
            if all(abs(line.box.middle - middle) > 0.8 * step for middle in middles):
                middles.append(line.box.middle)
    return sorted(middles)


def _in_step(columns: Sequence[_Column], lines: Sequence[Line], size: float) -> bool:
    """Say whether most cells of a band have a line in every step, numbers among them: rows, not wrapped words."""
    if len(columns) < 2 or len(lines) < 2:
        return False
    middles = [line.box.middle for line in lines]
    full = 0
    numbers = 0
    for column in columns:
        if any(min(abs(line.box.middle - middle) for middle in middles) > 0.5 * size for line in column.lines):
            return False
        full += len(column.lines) * 10 >= len(lines) * 6
        texts = [line_text(line).replace(" ", "") for line in column.lines]
        numbers += len(texts) > 1 and all(is_number_or_missing(text) for text in texts)
    return full >= max(2, 0.6 * len(columns)) and numbers >= 1


def _is_for_all(cell: PartCell, middles: Sequence[float], *, goes_on: bool) -> bool:
    """Say whether a cell stands for all rows: its lines keep no step with them, or its only line is in the middle.

    The middle of a cell that goes on over the page is not to be seen: there the only line need only not be the first.
    """
    lines = cell.lines
    if not lines:
        return False
    if any(min(abs(line.box.middle - middle) for middle in middles) > 0.35 * line.size for line in lines):
        return True
    if len(lines) == 1 and goes_on and len(middles) >= 3:
        return lines[0].box.middle > middles[0] + lines[0].size
    return len(lines) == 1 and abs(lines[0].box.middle - cell.box.middle) < 0.3 * lines[0].size


def _row_pieces(cell: PartCell, cuts: Sequence[float], top: int) -> list[PartCell]:
    edges = [cell.box.top, *cuts, cell.box.bottom]
    pieces = []
    for place in range(len(edges) - 1):
        low, high = edges[place], edges[place + 1]
        last = place == len(edges) - 2
        pieces.append(
            PartCell(
                Region(top + place, cell.region.left, top + place, cell.region.right),
                Box(cell.box.left, low, cell.box.right, high),
                [
                    letter
                    for letter in cell.letters
                    if (letter.box.middle >= low or not place) and (letter.box.middle < high or last)
                ],
            )
        )
    return pieces

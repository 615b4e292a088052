"""Lines of a table without a frame as bands, one for each row: between rules across, or where the gaps are wide."""

from __future__ import annotations

import itertools
from bisect import bisect
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.pages.types import Across
from tdpf.controlplane.preparation.engine.pages.words import Line

_FEWEST = 4
_LEVEL = 2.0


def bands_by_rules(
    rows: Sequence[Line], following: Sequence[Line], across: Sequence[Across], xs: Sequence[float]
) -> list[list[Line]]:
    """Return the lines between rules that run through the table; none when most rules part several rows.

    A line that follows belongs to the last row when a rule still stands below it.
    """
    through = _through(across, xs)
    ends = [y for y in through if y > rows[-1].box.middle]
    lines = [*rows, *(line for line in following if ends and line.box.middle < ends[0])]
    if any(line.box.top + _LEVEL < y < line.box.bottom - _LEVEL for line in lines for y in through):
        return []
    bands: list[list[Line]] = []
    last = -1
    for line in lines:
        place = bisect(through, line.box.middle)
        if place != last:
            bands.append([])
        bands[-1].append(line)
        last = place
    heads = sum(_is_head(line, xs) for line in lines)
    return bands if len(bands) >= _FEWEST and len(bands) * 2 >= heads else []


def widest_within(rows: Sequence[Line]) -> float | None:
    """Return what parts narrow gaps between lines from wide ones, when there are two kinds of them and little between."""
    known = sorted(max(0.0, gap) for gap in _gaps(rows))
    if len(known) < _FEWEST:
        return None
    jumps = [
        (after - before, before, after) for before, after in itertools.pairwise(known) if after >= 1.4 * before + 0.8
    ]
    if not jumps:
        return None
    usual = known[len(known) // 2 :][0]
    near = [jump for jump in jumps if jump[1] <= usual * 1.1] or jumps
    _, before, after = max(near)
    return (before + after) / 2


def bands_by_gaps(
    rows: Sequence[Line], following: Sequence[Line], across: Sequence[Across], xs: Sequence[float], limit: float
) -> list[list[Line]]:
    """Return the lines between gaps wider than `limit` and between rules, the narrow gaps being those of wrapped cells.

    None unless each band has a first column; one may be the rest of a row that a page break cuts.
    """
    through = _through(across, xs)
    bands: list[list[Line]] = [[rows[0]]]
    for line, gap in zip(rows[1:], _gaps(rows), strict=True):
        reached = max(above.box.bottom for above in bands[-1])
        if gap > limit or any(reached - _LEVEL <= y <= line.box.top + _LEVEL for y in through):
            bands.append([])
        bands[-1].append(line)
    for line in following:
        if _gaps([*bands[-1], line])[-1] > limit or _is_head(line, xs):
            break
        bands[-1].append(line)
    heads = [sum(_is_head(line, xs) for line in band) for band in bands]
    odd = sum(not 1 <= count <= 2 for count in heads)
    return bands if odd <= max(1, len(bands) // 20) and heads.count(1) * 2 >= len(bands) else []


def _through(across: Sequence[Across], xs: Sequence[float]) -> list[float]:
    """Return the heights of the rules that run through a table."""
    width = xs[-1] - xs[0]
    return sorted(
        rule.y
        for rule in across
        if min(rule.right, xs[-1]) - max(rule.left, xs[0]) >= 0.7 * width and rule.left < xs[1]
    )


def _is_head(line: Line, xs: Sequence[float]) -> bool:
    return any(between(xs, word.box.centre) == 0 for word in line.words)


def _gaps(lines: Sequence[Line]) -> list[float]:
    """Return how far each line but the first stands below all lines before it; below 0 where it stands beside one."""
    reached = itertools.accumulate((line.box.bottom for line in lines), max)
    return [line.box.top - bottom for bottom, line in zip(reached, lines[1:], strict=False)]


def between(places: Sequence[float], value: float) -> int:
    low, high = 0, len(places) - 1
    if not places[0] - 1 <= value <= places[-1] + 1:
        return -1
    while low + 1 < high:
        middle = (low + high) // 2
        if places[middle] <= value:
            low = middle
        else:
            high = middle
    return low

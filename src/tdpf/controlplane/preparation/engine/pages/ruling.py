"""Rules on a page as frames: a lattice of lines, and the regions between them (cells, merged or not)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tdpf.controlplane.preparation.engine.pages.types import Across, Box, Down, Letter, Page

_TOUCH = 3.0
_MOST_LINES = 2_000
_MOST_UNITS = 120_000


@dataclass(frozen=True, slots=True)
class Region:
    """One region of a lattice: rows and columns between the lines, counted from 0, both ends inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """A frame of rules: `xs` and `ys` are the places of its lines; `regions` tile it, those of `open` without a rule below."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    regions: tuple[Region, ...]
    open_below: bool = False
    open: frozenset[Region] = frozenset()

    @property
    def box(self) -> Box:
        """The outline."""
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.xs) - 1

    @property
    def rows(self) -> int:
        """How many bands there are."""
        return len(self.ys) - 1

    def box_of(self, region: Region) -> Box:
        """Return the box of a region."""
        return Box(self.xs[region.left], self.ys[region.top], self.xs[region.right + 1], self.ys[region.bottom + 1])


def find_lattices(page: Page) -> list[Lattice]:
    """Return the frames of a page from top to bottom; a single box or lone rules are none."""
    across = joined_across(rule for rule in page.across if rule.right - rule.left > 2)
    down = _joined_down(rule for rule in page.down if rule.bottom - rule.top > 2)
    by_height = sorted(
        (letter for letter in page.letters if not letter.text.isspace()), key=lambda letter: letter.box.top
    )
    tops = [letter.box.top for letter in by_height]
    across = [
        rule
        for rule in across
        if _crosses(rule, down)
        or not _is_underline(rule, by_height[bisect_left(tops, rule.y - 60) : bisect_left(tops, rule.y)])
    ]
    found = []
    for group_across, group_down in _groups(across, down):
        lattice = _lattice(*_edges_of_cells(group_across, group_down))
        if lattice is not None:
            found.append(lattice)
    return sorted(found, key=lambda lattice: (lattice.ys[0], lattice.xs[0]))


def joined_across(rules: Iterable[Across]) -> list[Across]:
    """Join pieces of one rule: dashes, and the sides of cells next to each other."""
    joined: list[Across] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.y), rule.left)):
        last = joined[-1] if joined else None
        if last and abs(last.y - rule.y) <= 1 and rule.left <= last.right + _TOUCH:
            joined[-1] = Across(last.y, last.left, max(last.right, rule.right))
        else:
            joined.append(rule)
    return joined


def _joined_down(rules: Iterable[Down]) -> list[Down]:
    joined: list[Down] = []
    for rule in sorted(rules, key=lambda rule: (round(rule.x), rule.top)):
        last = joined[-1] if joined else None
        if last and abs(last.x - rule.x) <= 1 and rule.top <= last.bottom + _TOUCH:
            joined[-1] = Down(last.x, last.top, max(last.bottom, rule.bottom))
        else:
            joined.append(rule)
    return joined


def _crosses(rule: Across, down: Sequence[Down]) -> bool:
    """Say whether a rule crosses one from top to bottom, as no underline does."""
    return any(
        rule.left + _TOUCH < wall.x < rule.right - _TOUCH and wall.top - _TOUCH <= rule.y <= wall.bottom + _TOUCH
        for wall in down
    )


def _is_underline(rule: Across, letters: Sequence[Letter]) -> bool:
    """Say whether a rule runs right under letters, from the first of them to the last."""
    above = [
        letter
        for letter in letters
        if letter.box.bottom - 0.45 * letter.size < rule.y < letter.box.bottom + 0.3 * letter.size
        and letter.box.right > rule.left
        and letter.box.left < rule.right
    ]
    if not above:
        return False
    left, right = min(letter.box.left for letter in above), max(letter.box.right for letter in above)
    near = 0.35 * max(letter.size for letter in above)
    return abs(left - rule.left) < near and abs(right - rule.right) < near


def _edges_of_cells(across: Sequence[Across], down: Sequence[Down]) -> tuple[list[Across], list[Down]]:
    """Leave out what hangs free inside a frame: a rule that crosses none and ends neither at one nor where others end."""
    left, right = min(rule.left for rule in across), max(rule.right for rule in across)

    def held(x: float, y: float) -> bool:
        return (
            abs(x - left) <= _TOUCH
            or abs(x - right) <= _TOUCH
            or any(abs(rule.x - x) <= _TOUCH and rule.top - _TOUCH <= y <= rule.bottom + _TOUCH for rule in down)
        )

    ends: list[float] = []
    kept: list[tuple[Across, bool, bool]] = []
    for rule in across:
        starts, stops = held(rule.left, rule.y), held(rule.right, rule.y)
        if starts or stops:
            kept.append((rule, starts, stops))
            ends.extend([] if starts else [rule.left])
            ends.extend([] if stops else [rule.right])
    shared = [x for x in ends if sum(abs(x - other) <= 1 for other in ends) >= 2]
    rules = [
        rule
        for rule, starts, stops in kept
        if (
            (starts or any(abs(rule.left - x) <= 1 for x in shared))
            and (stops or any(abs(rule.right - x) <= 1 for x in shared))
        )
        or _crosses(rule, down)
    ]
    return rules, list(down)


def _groups(
    across: Sequence[Across], down: Sequence[Down], *, depth: int = 0, by_rows: bool = True, stuck: bool = False
) -> list[tuple[Sequence[Across], Sequence[Down]]]:
    """Part the rules by gaps that no rule spans, by turns from top to bottom and from left to right."""
    if not across or not down:
        return []
    if depth > 12:
        return [(across, down)]
    spans: list[tuple[float, float]] = []
    if by_rows:
        spans = [(rule.y, rule.y) for rule in across] + [(rule.top, rule.bottom) for rule in down]
    else:
        spans = [(rule.left, rule.right) for rule in across] + [(rule.x, rule.x) for rule in down]
    cuts = _runs(spans)
    if len(cuts) == 1:
        if stuck:
            return [(across, down)]
        return _groups(across, down, depth=depth + 1, by_rows=not by_rows, stuck=True)
    found = []
    for low, high in cuts:
        if by_rows:
            part_across = [rule for rule in across if low <= rule.y <= high]
            part_down = [rule for rule in down if low <= rule.top <= high]
        else:
            part_across = [rule for rule in across if low <= rule.left <= high]
            part_down = [rule for rule in down if low <= rule.x <= high]
        found.extend(_groups(part_across, part_down, depth=depth + 1, by_rows=not by_rows))
    return found


def _runs(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    runs: list[list[float]] = []
    for low, high in sorted(spans):
        if runs and low <= runs[-1][1] + _TOUCH:
            runs[-1][1] = max(runs[-1][1], high)
        else:
            runs.append([low, high])
    return [(low, high) for low, high in runs]


def _is_apart(x: float, xs: Sequence[float]) -> bool:
    return all(abs(x - other) > _TOUCH for other in xs)


def _lattice(across: Sequence[Across], down: Sequence[Down]) -> Lattice | None:
    if not across or not down:
        return None
    left = min(rule.left for rule in across)
    right = max(rule.right for rule in across)
    top = min(rule.top for rule in down)
    bottom = max(rule.bottom for rule in down)
    last_rule = max(rule.y for rule in across)
    xs = _places([*(rule.x for rule in down), left, right])
    xs = _places([*xs, *(x for rule in across for x in (rule.left, rule.right) if _is_apart(x, xs))])
    ys = _places([*(rule.y for rule in across), top, bottom])
    if len(xs) < 2 or len(ys) < 3 or len(xs) > _MOST_LINES or len(ys) > _MOST_LINES:
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    if columns * rows > _MOST_UNITS or columns * rows < 2:
        return None
    floors = [[False] * columns for _ in range(rows + 1)]
    walls = [[False] * (columns + 1) for _ in range(rows)]
    for across_rule in across:
        line = _nearest(ys, across_rule.y)
        for column in range(columns):
            if _covers(across_rule.left, across_rule.right, xs[column], xs[column + 1]):
                floors[line][column] = True
    for down_rule in down:
        line = _nearest(xs, down_rule.x)
        for row in range(rows):
            if _covers(down_rule.top, down_rule.bottom, ys[row], ys[row + 1]):
                walls[row][line] = True
    regions = _regions(rows, columns, floors, walls)
    if len(regions) < 2:
        return None
    unended = frozenset(
        region
        for region in regions
        if region.bottom == rows - 1 and not any(floors[rows][region.left : region.right + 1])
    )
    return Lattice(tuple(xs), tuple(ys), tuple(regions), bottom - last_rule > 2 * _TOUCH, unended)


def _covers(low: float, high: float, start: float, end: float) -> bool:
    """Say whether a rule runs along most of a stretch."""
    return min(high, end) - max(low, start) >= (end - start) * 0.6


def _places(values: list[float]) -> list[float]:
    """Return the places of lines; lines closer together than a letter is high are one."""
    places: list[list[float]] = []
    for value in sorted(values):
        if places and value - places[-1][-1] <= _TOUCH:
            places[-1].append(value)
        else:
            places.append([value])
    return [sum(group) / len(group) for group in places]


def _nearest(places: Sequence[float], value: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - value))


def _regions(
    rows: int, columns: int, floors: Sequence[Sequence[bool]], walls: Sequence[Sequence[bool]]
) -> list[Region]:
    """Join units that no rule parts; what is not a rectangle is taken apart column by column."""
    parent = list(range(rows * columns))

    def root(unit: int) -> int:
        while parent[unit] != unit:
            parent[unit] = parent[parent[unit]]
            unit = parent[unit]
        return unit

    for row in range(rows):
        for column in range(columns):
            if column + 1 < columns and not walls[row][column + 1]:
                parent[root(row * columns + column + 1)] = root(row * columns + column)
            if row + 1 < rows and not floors[row + 1][column]:
                parent[root((row + 1) * columns + column)] = root(row * columns + column)
    members: dict[int, list[tuple[int, int]]] = {}
    for row in range(rows):
        for column in range(columns):
            members.setdefault(root(row * columns + column), []).append((row, column))
    regions = []
    for units in members.values():
        box = Region(
            min(row for row, _ in units),
            min(column for _, column in units),
            max(row for row, _ in units),
            max(column for _, column in units),
        )
        whole = len(units) == (box.bottom - box.top + 1) * (box.right - box.left + 1)
        if whole and not any(
            floors[row][column]
            for row in range(box.top + 1, box.bottom + 1)
            for column in range(box.left, box.right + 1)
        ):
            regions.append(box)
        else:
            regions.extend(_column_pieces(units, floors))
    return sorted(regions, key=lambda region: (region.top, region.left))


def _column_pieces(units: list[tuple[int, int]], floors: Sequence[Sequence[bool]]) -> list[Region]:
    """Take a region with corners apart: stretches of columns first, so that a label beside several rows stays one."""
    pieces: list[Region] = []
    for column, row in sorted((column, row) for row, column in units):
        last = pieces[-1] if pieces else None
        if last and last.left == column and last.bottom == row - 1 and not floors[row][column]:
            pieces[-1] = Region(last.top, column, row, column)
        else:
            pieces.append(Region(row, column, row, column))
    joined: list[Region] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top, piece.bottom, piece.left)):
        last = joined[-1] if joined else None
        if last and (last.top, last.bottom) == (piece.top, piece.bottom) and last.right == piece.left - 1:
            joined[-1] = Region(last.top, last.left, last.bottom, piece.right)
        else:
            joined.append(piece)
    return joined

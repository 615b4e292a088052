"""Tables that no frame shows: columns where all lines leave a stretch free, rows by rules across, by gaps or by their first column."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.pages.banding import (
    bands_by_gaps,
    bands_by_rules,
    between,
    widest_within,
)
from tdpf.controlplane.preparation.engine.pages.ruling import Lattice, Region
from tdpf.controlplane.preparation.engine.pages.strips import narrow_strips
from tdpf.controlplane.preparation.engine.pages.types import Across, Letter
from tdpf.controlplane.preparation.engine.pages.words import Line, Word, is_spread, line_text, lines_of


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table without a frame is laid out: the edges of its columns, and the gap that parts its rows where one does."""

    xs: tuple[float, ...]
    gap: float | None = None


def unruled_lattices(
    lines: Sequence[Line],
    letters: Sequence[Letter],
    across: Sequence[Across],
    *,
    fewest: int,
    before: Layout | None = None,
) -> list[tuple[Lattice, Layout]]:
    """Return lattices for tables that only the places of words show; rules `across` part their rows.

    `before` is the layout of the table that the page before ends with: a few lines that keep to it carry that table on.
    """
    blocks: list[list[Line]] = []
    for line in lines:
        if not blocks or line.box.top - blocks[-1][-1].box.bottom > 2.5 * max(line.size, blocks[-1][-1].size):
            blocks.append([])
        blocks[-1].append(line)
    found = []
    for place, block in enumerate(blocks):
        top, bottom = block[0].box.top - 1, block[-1].box.bottom + 1
        inside = [letter for letter in letters if top <= letter.box.middle <= bottom]
        made = _of_block(block, inside, across, fewest)
        if before and not place and (made is None or len(made[1].xs) != len(before.xs)):
            made = _carried_on(inside, across, before) or made
        if made is not None:
            found.append(made)
    return found


def _carried_on(letters: Sequence[Letter], across: Sequence[Across], layout: Layout) -> tuple[Lattice, Layout] | None:
    """Return lines in the layout of the page before; nothing when a word crosses one of its edges or they are no rows."""
    lines = lines_of(letters, layout.xs[1:-1])
    words = [word for line in lines for word in line.words]
    inside = (
        layout.xs[0] - 2 <= min(word.box.left for word in words)
        and max(word.box.right for word in words) <= layout.xs[-1] + 2
    )
    several = sum(_is_row(line) for line in lines)
    if not inside or not several or several * 2 < len(lines):
        return None
    if any(word.box.left < x - 1 and word.box.right > x + 1 for word in words for x in layout.xs[1:-1]):
        return None
    bands = bands_by_rules(lines, (), across, layout.xs)
    if not bands and layout.gap is not None:
        bands = bands_by_gaps(lines, (), across, layout.xs, layout.gap)
    return _laid(bands or _bands(lines, layout.xs), layout)


def _of_block(
    lines: Sequence[Line], letters: Sequence[Letter], across: Sequence[Across], fewest: int
) -> tuple[Lattice, Layout] | None:
    if len(lines) < fewest:
        return None
    cuts = narrow_strips(letters)
    if cuts:
        lines = lines_of(letters, cuts)
    sizes = sorted(line.size for line in lines)
    first = next(
        (index for index, line in enumerate(lines) if _is_row(line) and line.size < 1.25 * sizes[len(sizes) // 2]), None
    )
    if first is None:
        return None
    last = max(index for index, line in enumerate(lines) if _is_row(line))
    rows = list(lines[first : last + 1])
    several = [line for line in rows if _is_row(line)]
    if len(several) < fewest or len(several) * 3 < len(rows):
        return None
    xs = _columns_between_words(several)
    if len(xs) < 3 or (len(xs) == 3 and not _is_aligned(several, xs)):
        return None
    rows = _with_header_lines(lines, first, last, xs)
    rest = lines[last + 1 :]
    gap = widest_within(rows)
    bands = bands_by_rules(rows, rest, across, xs)
    if not bands and gap is not None:
        bands = bands_by_gaps(rows, rest, across, xs, gap)
    if not bands and len(several) * 2 < len(rows):
        return None
    return _laid(bands or _bands(rows, xs), Layout(tuple(xs), gap))


def _laid(bands: Sequence[Sequence[Line]], layout: Layout) -> tuple[Lattice, Layout] | None:
    """Return the lattice of bands, unless one begins above the end of another."""
    ys = [min(line.box.top for line in bands[0]) - 1]
    for above, below in itertools.pairwise(bands):
        ys.append((max(line.box.bottom for line in above) + min(line.box.top for line in below)) / 2)
    ys.append(max(line.box.bottom for line in bands[-1]) + 1)
    if len(ys) < 2 or any(after <= before for before, after in itertools.pairwise(ys)):
        return None
    regions: list[Region] = []
    for row, band in enumerate(bands):
        regions.extend(_row_regions(row, [word for line in band for word in _spans(line)], layout.xs))
    return Lattice(layout.xs, tuple(ys), tuple(regions)), layout


def _is_row(line: Line) -> bool:
    return len(line.words) >= 2 and not is_spread(line)


def _with_header_lines(lines: Sequence[Line], first: int, last: int, xs: Sequence[float]) -> list[Line]:
    """Include lines right above that hold group labels over inner columns."""
    start = first
    while start > 0:
        above, below = lines[start - 1], lines[start]
        near = below.box.top - above.box.bottom < 0.9 * below.size
        inner = above.box.left >= xs[1] - 1 and above.box.right <= xs[-1] + 1
        if not (near and inner and above.size <= below.size * 1.15):
            break
        start -= 1
    return list(lines[start : last + 1])


def _spans(line: Line) -> list[Word]:
    if is_spread(line):
        return [replace(line.words[0], text=line_text(line), box=line.box)]
    return list(line.words)


def _columns_between_words(rows: Sequence[Line]) -> list[float]:
    """Return the edges of columns: stretches that no word of the fuller lines crosses."""
    most = max(len(line.words) for line in rows)
    fuller = [line for line in rows if len(line.words) * 10 >= most * 6]
    spans = sorted((word.box.left, word.box.right) for line in fuller for word in line.words)
    size = sorted(line.size for line in fuller)[len(fuller) // 2]
    edges = [min(line.box.left for line in rows) - 1]
    reach = spans[0][1]
    for left, right in spans[1:]:
        if left - reach > 0.35 * size:
            edges.append((left + reach) / 2)
        reach = max(reach, right)
    edges.append(max(line.box.right for line in rows) + 1)
    return without_sparse([[word.box.centre for word in line.words] for line in rows], edges)


def without_sparse(lines: Sequence[Sequence[float]], edges: Sequence[float]) -> list[float]:
    """Join a column that a line or two use, and never beside the next one, to that: a label set apart from its values."""
    kept = list(edges)
    few = max(2, len(lines) // 12)
    place = 1
    while place < len(kept) - 1:
        before, edge, after = kept[place - 1], kept[place], kept[place + 1]
        left = [any(before <= centre < edge for centre in line) for line in lines]
        right = [any(edge <= centre < after for centre in line) for line in lines]
        both = sum(first and second for first, second in zip(left, right, strict=True))
        if not both and min(sum(left), sum(right)) <= few:
            del kept[place]
            place = max(1, place - 1)
        else:
            place += 1
    return kept


def _is_aligned(rows: Sequence[Line], xs: Sequence[float]) -> bool:
    """Say whether the second of two columns begins or ends in one place, as prose in two runs does not."""
    starts = [[word for word in line.words if word.box.centre > xs[1]] for line in rows]
    begun = sorted(words[0].box.left for words in starts if words)
    ended = sorted(words[-1].box.right for words in starts if words)
    return any(
        values and sum(abs(value - values[len(values) // 2]) < 2 for value in values) * 10 >= len(values) * 7
        for values in (begun, ended)
    )


def _bands(lines: Sequence[Line], xs: Sequence[float]) -> list[list[Line]]:
    """Join a line to the row above when it only carries on wrapped cells: no first column, no number, set closer."""
    filled = [{between(xs, word.box.centre) for word in line.words} for line in lines]
    steps = [after.box.middle - before.box.middle for before, after in itertools.pairwise(lines)]
    full = [step for step, columns in zip(steps, filled[1:], strict=False) if 0 in columns]
    usual = sorted(full)[len(full) // 2] if full else 0
    bands: list[list[Line]] = [[lines[0]]]
    for index, line in enumerate(lines[1:], start=1):
        words = [word.text for word in line.words]
        carried = (
            0 not in filled[index]
            and index > 1
            and steps[index - 1] < usual * 0.95
            and len(filled[index]) * 2 <= len(xs) - 1
            and not any(word.replace(",", "").replace(".", "").isdigit() for word in words)
        )
        if carried:
            bands[-1].append(line)
        else:
            bands.append([line])
    return bands


def _row_regions(row: int, words: Sequence[Word], xs: Sequence[float]) -> list[Region]:
    """Return the regions of one row: a word over several columns joins them."""
    columns = len(xs) - 1
    joined = list(range(columns))
    for word in words:
        reached = [
            column
            for column in range(columns)
            if min(word.box.right, xs[column + 1]) - max(word.box.left, xs[column]) > 0.25 * word.size
        ]
        centre = between(xs, word.box.centre)
        alone = all(other is word or between(xs, other.box.centre) not in reached for other in words)
        if len(reached) > 1 and alone and centre in reached:
            for column in reached:
                joined[column] = reached[0]
    regions = []
    column = 0
    while column < columns:
        end = column
        while end + 1 < columns and joined[end + 1] == joined[column] != end + 1:
            end += 1
        regions.append(Region(row, column, row, end))
        column = end + 1
    return regions

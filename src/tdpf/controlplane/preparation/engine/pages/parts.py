"""Tables of one page as parts: cells with their letters, laid over lines that are drawn or that only the words show."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tdpf.controlplane.preparation.engine.pages.ruling import Lattice, Region, find_lattices
from tdpf.controlplane.preparation.engine.pages.types import Box, Letter, Page, enclosing
from tdpf.controlplane.preparation.engine.pages.words import Line, Word, cell_text, is_spread, line_text, lines_of

_FEWEST_LINES = 3


@dataclass(slots=True)
class PartCell:
    """One cell of a part: its lines, counted from 0 and inclusive, its box and its letters in the order of writing."""

    region: Region
    box: Box
    letters: list[Letter] = field(default_factory=list)
    _lines: tuple[int, list[Line]] | None = None

    @property
    def lines(self) -> list[Line]:
        """The lines its letters form, from top to bottom."""
        if self._lines is None or self._lines[0] != len(self.letters):
            self._lines = (len(self.letters), lines_of(self.letters))
        return self._lines[1]

    @property
    def text(self) -> str:
        """Its text as a person reads it."""
        return cell_text(self.letters, self.box, self.lines)


@dataclass(slots=True)
class Part:
    """One table, or the stretch of one, on one page; `above` and `below` are lines of words outside of it."""

    page: int
    xs: list[float]
    ys: list[float]
    cells: list[PartCell]
    ruled: bool
    open_below: bool = False
    above: list[Line] = field(default_factory=list)
    below: list[Line] = field(default_factory=list)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.xs) - 1

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.xs[-1] - self.xs[0]


@dataclass(frozen=True, slots=True)
class PageParts:
    """The parts of a page from top to bottom, and the words of a page that has none."""

    page: int
    parts: tuple[Part, ...]
    loose: tuple[Line, ...] = ()


def parts_of(page: Page) -> PageParts:
    """Return the tables of a page; tables without rules are looked for in what the rules leave over."""
    parts: list[Part] = []
    rest = list(page.letters)
    for lattice in find_lattices(page):
        part, rest = _filled(lattice, rest, page.number)
        if part is not None:
            parts.append(part)
    ruled = len(page.letters) - len(rest)
    lines = _without_page_number(lines_of(rest), page)
    for lattice in _unruled(lines, fewest=_FEWEST_LINES if ruled * 2 < len(page.letters) else 6):
        part, rest = _filled(lattice, rest, page.number, ruled=False)
        if part is not None:
            parts.append(part)
    lines = _without_page_number(lines_of(rest), page)
    parts.sort(key=lambda part: (part.ys[0], part.xs[0]))
    if not parts:
        return PageParts(page.number, (), tuple(lines))
    for line in lines:
        following = next((part for part in parts if line.box.middle < part.ys[0]), None)
        if following is None:
            parts[-1].below.append(line)
            continue
        beside = [part for part in parts if abs(part.ys[0] - following.ys[0]) < 2 * line.size]
        for part, piece in _dealt(line, beside):
            part.above.append(piece)
    return PageParts(page.number, tuple(parts))


def _dealt(line: Line, beside: Sequence[Part]) -> list[tuple[Part, Line]]:
    """Deal the words of a line to the tables below that stand beside each other, each of them to the one it stands over."""
    if len(beside) < 2 or len(line.words) < 2:
        return [(beside[0], line)]
    own: dict[int, list[Word]] = {}
    before: tuple[int, float] | None = None
    for word in line.words:
        over = next((at for at, part in enumerate(beside) if part.xs[0] - 2 <= word.box.centre <= part.xs[-1] + 2), -1)
        if over < 0 or (before and before[0] != over and word.box.left - before[1] < 3 * line.size):
            return [(beside[0], line)]
        own.setdefault(over, []).append(word)
        before = (over, word.box.right)
    return [
        (beside[at], Line(tuple(words), enclosing([word.box for word in words]), line.size))
        for at, words in sorted(own.items())
    ]


def _filled(
    lattice: Lattice, letters: Sequence[Letter], page: int, *, ruled: bool = True
) -> tuple[Part | None, list[Letter]]:
    """Put letters into the regions their middles lie in; return what lies outside as well."""
    cells = [PartCell(region, lattice.box_of(region)) for region in lattice.regions]
    owner: dict[tuple[int, int], PartCell] = {}
    for cell in cells:
        region = cell.region
        for row in range(region.top, region.bottom + 1):
            for column in range(region.left, region.right + 1):
                owner[row, column] = cell
    outside: list[Letter] = []
    inside = 0
    for run in _runs(letters):
        owners = [
            owner.get((_between(lattice.ys, letter.box.middle), _between(lattice.xs, letter.box.centre)))
            for letter in run
        ]
        if any(found is not owners[0] for found in owners) and (home := _home(run, owners)) is not None:
            owners = [home] * len(run)
        for letter, found in zip(run, owners, strict=True):
            if found is None:
                outside.append(letter)
            else:
                found.letters.append(letter)
                inside += not letter.text.isspace()
    filled = sum(1 for cell in cells if any(not letter.text.isspace() for letter in cell.letters))
    if filled < 2 or inside < 2:
        return None, list(letters)
    part = Part(page, list(lattice.xs), list(lattice.ys), cells, ruled, open_below=lattice.open_below)
    return part, outside


def _runs(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Return letters as they were written one after another without a gap."""
    runs: list[list[Letter]] = []
    for letter in letters:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and abs(letter.box.left - last.box.right) <= 0.06 * letter.size
            and abs(letter.box.middle - last.box.middle) <= 0.2 * letter.size
            and not letter.turned
            and letter.confidence is None
        ):
            runs[-1].append(letter)
        else:
            runs.append([letter])
    return runs


def _home(run: Sequence[Letter], owners: Sequence[PartCell | None]) -> PartCell | None:
    """Return the cell that a run belongs to which sticks out of it: where it begins at the edge, else where most of it is."""
    first = owners[0]
    if first is not None and run[0].box.left - first.box.left < run[0].size:
        return first
    inside = [owner for owner in owners if owner is not None]
    return max(inside, key=lambda owner: sum(other is owner for other in inside)) if inside else None


def _between(places: Sequence[float], value: float) -> int:
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


def _without_page_number(lines: Sequence[Line], page: Page) -> list[Line]:
    """Leave out a lone page number at the edge of the page: 3, - 3 -, 3/12, 3 ページ."""
    return [
        line
        for line in lines
        if not (
            (line.box.top > page.height * 0.88 or line.box.bottom < page.height * 0.08)
            and _is_page_number(line_text(line))
        )
    ]


def _is_page_number(text: str) -> bool:
    bare = text.strip().strip("-－‐–—ー()（）[]Pp.頁 　").replace("ページ", "").replace(" ", "")
    digits = list(bare.replace("／", "/").split("/"))
    return 1 <= len(digits) <= 2 and all(piece.isdigit() and len(piece) <= 4 for piece in digits)


def _unruled(lines: Sequence[Line], *, fewest: int) -> list[Lattice]:
    """Return lattices for tables that only the places of words show."""
    found = []
    block: list[Line] = []
    for line in lines:
        if block and line.box.top - block[-1].box.bottom > 2.5 * max(line.size, block[-1].size):
            found.extend(_of_block(block, fewest))
            block = []
        block.append(line)
    found.extend(_of_block(block, fewest))
    return found


def _of_block(lines: Sequence[Line], fewest: int) -> list[Lattice]:
    sizes = sorted(line.size for line in lines)
    first = next(
        (index for index, line in enumerate(lines) if _is_row(line) and line.size < 1.25 * sizes[len(sizes) // 2]), None
    )
    if first is None:
        return []
    last = max(index for index, line in enumerate(lines) if _is_row(line))
    rows = list(lines[first : last + 1])
    several = [line for line in rows if _is_row(line)]
    if len(several) < fewest or len(several) * 2 < len(rows):
        return []
    xs = _columns_between_words(several)
    if len(xs) < 3 or (len(xs) == 3 and not _is_aligned(several, xs)):
        return []
    rows = _with_header_lines(lines, first, last, xs)
    bands = _bands(rows, xs)
    ys = [bands[0][0].box.top - 1]
    for above, below in itertools.pairwise(bands):
        ys.append((max(line.box.bottom for line in above) + min(line.box.top for line in below)) / 2)
    ys.append(max(line.box.bottom for line in bands[-1]) + 1)
    if any(after <= before for before, after in itertools.pairwise(ys)):
        return []
    regions: list[Region] = []
    for row, band in enumerate(bands):
        regions.extend(_row_regions(row, [word for line in band for word in _spans(line)], xs))
    return [Lattice(tuple(xs), tuple(ys), tuple(regions))]


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
    filled = [{_between(xs, word.box.centre) for word in line.words} for line in lines]
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
        centre = _between(xs, word.box.centre)
        alone = all(other is word or _between(xs, other.box.centre) not in reached for other in words)
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

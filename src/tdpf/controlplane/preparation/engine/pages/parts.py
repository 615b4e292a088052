"""Tables of one page as parts: cells with their letters, laid over lines that are drawn or that only the words show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tdpf.controlplane.preparation.engine.pages.banding import between
from tdpf.controlplane.preparation.engine.pages.ruling import Lattice, Region, find_lattices, joined_across
from tdpf.controlplane.preparation.engine.pages.types import Box, Letter, Page, enclosing
from tdpf.controlplane.preparation.engine.pages.unruled import Layout, unruled_lattices
from tdpf.controlplane.preparation.engine.pages.words import Line, Word, cell_text, line_text, lines_of

_FEWEST_LINES = 3


@dataclass(slots=True)
class PartCell:
    """One cell of a part: its lines, counted from 0 and inclusive, its box and its letters in the order of writing.

    It is open below where no rule ends it.
    """

    region: Region
    box: Box
    letters: list[Letter] = field(default_factory=list)
    open_below: bool = False
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
    layout: Layout | None = None
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


def parts_of(page: Page, before: PageParts | None = None) -> PageParts:
    """Return the tables of a page; tables without rules are looked for in what the rules leave over.

    `before` is the page before, whose last table may go on here.
    """
    parts: list[Part] = []
    rest = list(page.letters)
    for lattice in find_lattices(page):
        part, rest = _filled(lattice, rest, page.number)
        if part is not None:
            parts.append(part)
    ruled = len(page.letters) - len(rest)
    lines = _without_page_number(lines_of(rest), page)
    fewest = _FEWEST_LINES if ruled * 2 < len(page.letters) else 6
    across = joined_across(page.across)
    known = before.parts[-1].layout if before is not None and before.parts and not parts else None
    for lattice, layout in unruled_lattices(lines, rest, across, fewest=fewest, before=known):
        part, rest = _filled(lattice, rest, page.number, layout=layout)
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
    lattice: Lattice, letters: Sequence[Letter], page: int, *, layout: Layout | None = None
) -> tuple[Part | None, list[Letter]]:
    """Put letters into the regions their middles lie in; return what lies outside as well."""
    cells = [PartCell(region, lattice.box_of(region), open_below=region in lattice.open) for region in lattice.regions]
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
            owner.get((between(lattice.ys, letter.home[1]), between(lattice.xs, letter.home[0]))) for letter in run
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
    part = Part(page, list(lattice.xs), list(lattice.ys), cells, layout is None, lattice.open_below, layout)
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

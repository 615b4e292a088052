"""Pages whose writing lies on its side or head: turned so that it stands upright, and the places of cells turned back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

from tdpf.controlplane.preparation.engine.pages.grids import PageGrid
from tdpf.controlplane.preparation.engine.pages.types import Across, Box, Down, Page
from tdpf.controlplane.preparation.engine.types import CellPlace

_FEWEST = 10


def quarters_of(page: Page) -> int:
    """Return by how many quarters to the left the page has to be turned for nearly all of its writing to run to the right."""
    inked = [letter for letter in page.letters if not letter.text.isspace()]
    if len(inked) < _FEWEST:
        return 0
    steps = [0, 0, 0, 0]
    for before, after in itertools.pairwise(inked):
        aside, down = after.box.centre - before.box.centre, after.box.middle - before.box.middle
        near = 1.6 * max(before.box.width, before.box.height)
        sideways = before.turned and after.turned
        if sideways and abs(aside) < 0.3 * near and 0 < abs(down) < near:
            steps[1 if down > 0 else 3] += 1
        elif not sideways and abs(down) < 0.3 * near and 0 < abs(aside) < near:
            steps[0 if aside > 0 else 2] += 1
    most = max(range(4), key=steps.__getitem__)
    return most if steps[most] * 10 >= sum(steps) * 8 and steps[most] >= _FEWEST // 2 else 0


def turned(page: Page, quarters: int) -> Page:
    """Return the page turned by quarters to the left."""
    if not quarters:
        return page
    size = (page.width, page.height)
    width, height = size if quarters == 2 else (page.height, page.width)
    made = Page(page.number, width, height, notes=page.notes, has_picture=page.has_picture, unreadable=page.unreadable)
    made.letters = [
        replace(
            letter,
            box=_box(letter.box, quarters, size),
            turned=letter.turned != (quarters != 2),
            within=letter.within and _box(letter.within, quarters, size),
        )
        for letter in page.letters
    ]
    rules = [Box(rule.left, rule.y, rule.right, rule.y) for rule in page.across]
    rules += [Box(rule.x, rule.top, rule.x, rule.bottom) for rule in page.down]
    for rule in rules:
        laid = _box(rule, quarters, size)
        if laid.width >= laid.height:
            made.across.append(Across(laid.top, laid.left, laid.right))
        else:
            made.down.append(Down(laid.left, laid.top, laid.bottom))
    return made


def _box(box: Box, quarters: int, size: tuple[float, float]) -> Box:
    width, height = size
    if quarters == 1:
        return Box(box.top, width - box.right, box.bottom, width - box.left)
    if quarters == 2:
        return Box(width - box.right, height - box.bottom, width - box.left, height - box.top)
    return Box(height - box.bottom, box.left, height - box.top, box.right)


def turned_back(grid: PageGrid, pages: Mapping[int, tuple[int, float, float]]) -> PageGrid:
    """Return the grid with its places as the pages show them; `pages` says of a turned page by how many quarters, and its size."""
    if not any(place is not None and place.page in pages for row in grid.places for place in row):
        return grid

    def back(place: CellPlace | None) -> CellPlace | None:
        if place is None or place.page not in pages:
            return place
        quarters, width, height = pages[place.page]
        size = (width, height) if quarters == 2 else (height, width)
        box = _box(Box(*place.box), 4 - quarters, size)
        return replace(place, box=(round(box.left, 1), round(box.top, 1), round(box.right, 1), round(box.bottom, 1)))

    return replace(grid, places=[[back(place) for place in row] for row in grid.places])

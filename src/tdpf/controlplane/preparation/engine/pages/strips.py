"""Stretches between columns set so close that a gap in one line does not show them, but the same gap in all lines does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.pages.types import Letter

_FEWEST_LINES = 6
_NARROWEST = 0.3
_WIDEST = 0.9
_LEVEL = 1.5


def narrow_strips(letters: Sequence[Letter]) -> list[float]:
    """Return the middles of narrow stretches that nearly all lines leave free and behind which their words begin in one place.

    Letters set apart evenly and written spaces make none.
    """
    lines = _levels([letter for letter in letters if not letter.text.isspace() and letter.confidence is None])
    if len(lines) < _FEWEST_LINES:
        return []
    size = sorted(letter.size for line in lines for letter in line)[sum(map(len, lines)) // 2]
    spaces = [letter.box.centre for letter in letters if letter.text.isspace() and letter.box.width > 0]
    usual = _usual_gap(lines)
    found = []
    for left, right in _free(lines, len(lines) // 30):
        if not max(_NARROWEST * size, 2 * usual) <= right - left <= _WIDEST * size + 1:
            continue
        after = sorted(
            next(letter.box.left for letter in line if letter.box.left >= right - 0.5)
            for line in lines
            if line[0].box.right <= left + 0.5 and line[-1].box.left >= right - 0.5
        )
        written = sum(left <= space <= right for space in spaces)
        if len(after) < max(_FEWEST_LINES, len(lines) // 5) or written * 2 > len(after):
            continue
        if sum(abs(place - after[len(after) // 2]) <= _LEVEL for place in after) * 10 >= len(after) * 8:
            found.append((left + right) / 2)
    return found


def _levels(letters: Sequence[Letter]) -> list[list[Letter]]:
    """Return letters line by line, each from left to right."""
    lines: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda letter: letter.box.middle):
        if lines and letter.box.middle - lines[-1][0].box.middle <= 0.45 * letter.size:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    for line in lines:
        line.sort(key=lambda letter: letter.box.left)
    return lines


def _usual_gap(lines: Sequence[Sequence[Letter]]) -> float:
    gaps = sorted(
        max(0.0, after.box.left - before.box.right) for line in lines for before, after in itertools.pairwise(line)
    )
    return gaps[len(gaps) // 2] if gaps else 0.0


def _free(lines: Sequence[Sequence[Letter]], allowed: int) -> list[tuple[float, float]]:
    """Return the stretches that at most `allowed` lines cross."""
    edges: list[tuple[float, int]] = []
    for line in lines:
        left, right = line[0].box.left, line[0].box.right
        for letter in line[1:]:
            if letter.box.left > right:
                edges += [(left, 1), (right, -1)]
                left = letter.box.left
            right = max(right, letter.box.right)
        edges += [(left, 1), (right, -1)]
    found = []
    count = 0
    begun: float | None = None
    for place, step in sorted(edges):
        count += step
        if count <= allowed and begun is None:
            begun = place
        elif count > allowed and begun is not None:
            if place > begun:
                found.append((begun, place))
            begun = None
    return found

"""Rules that are drawn as rows of dots, as browsers draw dotted borders."""

from __future__ import annotations

from collections.abc import Iterable

from tdpf.controlplane.preparation.engine.pages.types import Across, Down

_GAP = 4.0
_LEVEL = 0.6
_FEWEST = 6
_SHORTEST = 8.0


def rules_of_dots(dots: Iterable[tuple[float, float]]) -> tuple[list[Across], list[Down]]:
    """Return the rules that dots (x, y) form: six or more in a line, none further from the next than 4 points."""
    places = list(dots)
    across = [Across(level, first, last) for level, first, last in _chains([(y, x) for x, y in places])]
    down = [Down(level, first, last) for level, first, last in _chains(places)]
    return across, down


def _chains(places: list[tuple[float, float]]) -> list[tuple[float, float, float]]:
    """Return (level, first, last) of dots given as (level, place) that stand one after another on one level."""
    levels: list[list[tuple[float, float]]] = []
    for place in sorted(places):
        if levels and place[0] - levels[-1][-1][0] <= _LEVEL / 2 and place[0] - levels[-1][0][0] <= _LEVEL:
            levels[-1].append(place)
        else:
            levels.append([place])
    found = []
    for level in levels:
        chain: list[float] = []
        for at in [*sorted(at for _, at in level), float("inf")]:
            if chain and at - chain[-1] > _GAP:
                if len(chain) >= _FEWEST and chain[-1] - chain[0] >= _SHORTEST:
                    found.append((level[0][0], chain[0], chain[-1]))
                chain = []
            chain.append(at)
    return found

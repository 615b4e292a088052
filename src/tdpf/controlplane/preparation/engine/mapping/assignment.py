"""One-to-one assignment of the greatest total score (Hungarian method with potentials, Kuhn 1955)."""

from __future__ import annotations

from collections.abc import Sequence


def assign(scores: Sequence[Sequence[float]]) -> list[int | None]:
    """Return for every row the column it is given, or None; a pair of score 0 is never made.

    `scores` is rows × columns, not negative. Time grows with rows² × columns.
    """
    rows = len(scores)
    columns = len(scores[0]) if rows else 0
    if not columns:
        return [None] * rows
    width = columns + rows
    costs = [[-score for score in row] + [0.0] * rows for row in scores]
    row_potential = [0.0] * (rows + 1)
    column_potential = [0.0] * (width + 1)
    holder = [0] * (width + 1)
    for row in range(1, rows + 1):
        holder[0] = row
        at = 0
        least = [float("inf")] * (width + 1)
        came_from = [0] * (width + 1)
        used = [False] * (width + 1)
        while holder[at]:
            used[at] = True
            current = holder[at]
            step, following = float("inf"), 0
            for column in range(1, width + 1):
                if used[column]:
                    continue
                reduced = costs[current - 1][column - 1] - row_potential[current] - column_potential[column]
                if reduced < least[column]:
                    least[column], came_from[column] = reduced, at
                if least[column] < step:
                    step, following = least[column], column
            for column in range(width + 1):
                if used[column]:
                    row_potential[holder[column]] += step
                    column_potential[column] -= step
                else:
                    least[column] -= step
            at = following
        while at:
            holder[at] = holder[came_from[at]]
            at = came_from[at]
    given: list[int | None] = [None] * rows
    for column in range(1, columns + 1):
        if holder[column] and scores[holder[column] - 1][column - 1] > 0:
            given[holder[column] - 1] = column - 1
    return given

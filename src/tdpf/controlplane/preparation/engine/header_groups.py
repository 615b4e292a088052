"""Labels of headers with several rows: groups that stand over the columns they mean."""

from __future__ import annotations

from collections.abc import Set


def spread(above: list[str], below: list[str], begun: Set[int]) -> None:
    """Carry group labels over the columns they stand for when nothing is merged: by cycles below, else to the right.

    A group ends where a label stands higher up: `begun` are those columns.
    """
    if _spread_by_cycle(above, below):
        return
    group = ""
    for column, label in enumerate(below):
        if above[column]:
            group = above[column] if label else ""
        elif label and group and column not in begun:
            above[column] = group
        else:
            group = ""


def _spread_by_cycle(above: list[str], below: list[str]) -> bool:
    spread = False
    for start, end in _runs(below):
        labels = below[start:end]
        period = next(
            (p for p in range(2, len(labels) // 2 + 1) if labels[p:] == labels[:-p] and len(labels) % p == 0), 0
        )
        if not period or len(set(labels[:period])) < period:
            continue
        windows = [range(at, at + period) for at in range(start, end, period)]
        named = [[above[column] for column in window if above[column]] for window in windows]
        if all(len(set(names)) == 1 for names in named):
            for window, names in zip(windows, named, strict=True):
                for column in window:
                    above[column] = names[0]
            spread = True
    return spread


def _runs(labels: list[str]) -> list[tuple[int, int]]:
    runs = []
    start = -1
    for column, label in enumerate([*labels, ""]):
        if label and start < 0:
            start = column
        elif not label and start >= 0:
            runs.append((start, column))
            start = -1
    return runs

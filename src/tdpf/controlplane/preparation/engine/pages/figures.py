"""Numbers of a recognised page against those of their column: a point is a comma where all around it group by thousands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.pages.types import Box

_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+")
_POINTED = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+")
_DECIMAL = re.compile(r"-?\d+\.(?:\d{1,2}|\d{4,})")


def grouped_figures(texts: Sequence[str], boxes: Sequence[Box]) -> list[str]:
    """Return the texts of runs with the commas that were taken for points.

    A column is what stands above and below; it must hold two numbers with commas, no fewer than half as many as with points,
    and none with decimals of another length than three.
    """
    kinds = [
        1 if _GROUPED.fullmatch(text) else 2 if _POINTED.fullmatch(text) else 3 if _DECIMAL.fullmatch(text) else 0
        for text in texts
    ]
    figures = [at for at, kind in enumerate(kinds) if kind]
    made = list(texts)
    for at in figures:
        if kinds[at] != 2:
            continue
        column = [kinds[other] for other in figures if _is_above_or_below(boxes[at], boxes[other])]
        if 3 not in column and column.count(1) >= max(2, column.count(2) // 2):
            made[at] = texts[at].replace(".", ",")
    return made


def _is_above_or_below(box: Box, other: Box) -> bool:
    shared = min(box.right, other.right) - max(box.left, other.left)
    return shared >= 0.5 * min(box.width, other.width)

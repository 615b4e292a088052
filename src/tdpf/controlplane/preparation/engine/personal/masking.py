"""Masks a value so that its shape can be shown and the value cannot be read."""

from __future__ import annotations

_SHOWN = frozenset("-－ー‐()（）@. 　/年月日、，,・；;")
_LONGEST = 40


def mask(value: str) -> str:
    """Return the first letter and the punctuation, everything else as “*”; long values are cut."""
    cut = value[:_LONGEST]
    masked = "".join(
        character if character in _SHOWN or (index == 0 and not character.isdigit()) else "*"
        for index, character in enumerate(cut)
    )
    return masked + ("…" if len(value) > _LONGEST else "")

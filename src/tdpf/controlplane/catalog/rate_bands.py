"""Bands of the readability rating (データレート): what a score of 0 to 100 is called in lists and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tdpf.kit.text import Text

BANDS: Mapping[str, tuple[float, Text]] = {
    "A": (90.0, Text("A（90点以上）", "A (90 and more)")),
    "B": (75.0, Text("B（75点以上）", "B (75 and more)")),
    "C": (60.0, Text("C（60点以上）", "C (60 and more)")),
    "D": (0.0, Text("D（60点未満）", "D (below 60)")),
}


def band_of(rating: Mapping[str, Any] | None) -> str:
    """Return the band of a rating's summary, "" when there is none."""
    score = (rating or {}).get("score")
    if not isinstance(score, int | float):
        return ""
    return next(band for band, (least, _) in BANDS.items() if score >= least)


def best_band(bands: list[str]) -> str:
    """Return the best of several bands, "" for none: the file people will choose stands for the dataset."""
    return min((band for band in bands if band), default="")

"""The size in which a picture's letters are recognised, chosen from how high they are."""

from __future__ import annotations

import math
from typing import Any

from tdpf.controlplane.preparation.engine.pages.pictures import letter_height

LONGEST_SIDE = 2_600
LEAST_LETTER = 11.0
"""Letters lower than this, in pixels, are enlarged; where the picture itself holds no more of them they are doubtful."""
_GOOD_LETTER = 16.0
_PROBED_PIXELS = 4_800_000
_MOST_PIXELS = 24_000_000
_MOST_ENLARGED = 3.0
_WIDEST = 6_500


def source_letter_height(picture: Any) -> float:
    """Return how high most letters of a picture are, in its pixels, as a reduced copy shows them."""
    import cv2

    height, width = picture.shape[:2]
    factor = min(1.0, math.sqrt(_PROBED_PIXELS / (height * width)))
    if factor == 1.0:
        return letter_height(picture)
    return letter_height(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)) / factor


def sizing_of(picture: Any, letter: float) -> float:
    """Return by how much to enlarge a picture whose letters are `letter` pixels high; below 1 it is shrunk.

    Letters that stay high enough let a picture shrink to a longest side of 2,600 pixels; small ones keep or get more, up to
    24 million pixels, a width of 6,500 and three times the size.
    """
    height, width = picture.shape[:2]
    usual: float = min(1.0, LONGEST_SIDE / max(height, width))
    if letter * usual >= LEAST_LETTER:
        return usual
    most = min(_MOST_ENLARGED, math.sqrt(_MOST_PIXELS / (height * width)), _WIDEST / width)
    return float(max(usual, min(_GOOD_LETTER / letter, most)))


def bounded(picture: Any) -> Any:
    """Return a picture in the size its letters are recognised in: a large one shrunk, one with small letters enlarged."""
    import cv2

    factor = sizing_of(picture, source_letter_height(picture))
    if factor == 1.0:
        return picture
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)

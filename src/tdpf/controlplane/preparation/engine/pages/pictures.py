"""Pictures as arrays of light and dark: opened with care, straightened, their rules found."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.errors import PictureTooLarge
from tdpf.controlplane.preparation.engine.faults import NO_PICTURE, damaged, met
from tdpf.controlplane.preparation.engine.pages.types import Across, Down
from tdpf.controlplane.preparation.engine.types import Limits

_STEEPEST = 12.0
_LOWEST = 4
_USUAL = 20.0
_FORMS = ("PNG", "JPEG", "TIFF")


@dataclass(frozen=True, slots=True)
class Ruled:
    """Rules found in a picture, in its pixels."""

    across: tuple[Across, ...]
    down: tuple[Down, ...]


def iter_pictures(path: Path, *, name: str, limits: Limits) -> Iterator[tuple[str, Any]]:
    """Yield the form and every frame of a picture as an array of colours. Raises Damaged, PictureTooLarge."""
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None  # the size is looked at here, before a pixel is unpacked
            picture = Image.open(path, formats=_FORMS)
            form = str(picture.format).lower()
            for frame in range(min(getattr(picture, "n_frames", 1), limits.max_picture_pages)):
                picture.seek(frame)
                _must_fit(picture.width, picture.height, name, limits)
                upright = ImageOps.exif_transpose(picture)
                flat = upright.convert("RGBA" if "A" in upright.getbands() or upright.mode == "P" else "RGB")
                if flat.mode == "RGBA":
                    white = Image.new("RGBA", flat.size, "white")
                    flat = Image.alpha_composite(white, flat).convert("RGB")
                yield form, np.asarray(flat)
    except UnidentifiedImageError as fault:
        raise damaged(name, "PNG/JPEG/TIFF", NO_PICTURE) from fault
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, TypeError, IndexError, OverflowError) as fault:
        raise met(name, "PNG/JPEG/TIFF", fault) from fault


def _must_fit(width: int, height: int, name: str, limits: Limits) -> None:
    if width * height > limits.max_pixels or max(width, height) > 30_000:
        raise PictureTooLarge(file=name, width=width, height=height, limit=limits.max_pixels)


def straightened(picture: Any) -> tuple[Any, float]:
    """Return the picture with its long lines level, and by how many degrees it was turned."""
    import cv2
    import numpy as np

    dark = _dark(picture)
    height, width = dark.shape
    lines = cv2.HoughLinesP(dark, 1, np.pi / 1800, 200, minLineLength=width // 4, maxLineGap=max(8, width // 100))
    if lines is None:
        return picture, 0.0
    angles = []
    for left, top, right, bottom in lines.reshape(-1, 4):
        angle = float(np.degrees(np.arctan2(float(bottom) - float(top), float(right) - float(left))))
        if abs(angle) <= _STEEPEST:
            angles.append(angle)
    if not angles:
        return picture, 0.0
    angle = float(np.median(angles))
    if abs(angle) < 0.08:
        return picture, 0.0
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    level = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return level, angle


def letter_height(picture: Any) -> float:
    """Return how high most letters are, in pixels: of half the ink of letters the marks are higher. Specks count for little."""
    import cv2
    import numpy as np

    stats = cv2.connectedComponentsWithStats(_dark(cv2.GaussianBlur(picture, (0, 0), 0.8)), connectivity=8)[2][1:]
    wide, high, ink = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_AREA]
    alike = (high >= _LOWEST) & (high <= 90) & (wide <= 3 * high) & (high <= 6 * wide)
    if not alike.any():
        return _USUAL
    order = np.argsort(high[alike])
    sums = np.cumsum(ink[alike][order])
    return float(high[alike][order][np.searchsorted(sums, sums[-1] / 2)])


def find_rules(picture: Any, letter: float) -> Ruled:
    """Return the rules of a level picture: dark runs much longer than letters are high."""
    import cv2

    dark = _dark(picture)
    height, width = dark.shape
    across = [
        Across(float(y) + float(h) / 2, float(x), float(x) + float(w))
        for x, y, w, h in _runs(dark, int(max(5 * letter, width / 30)), 1)
        if h <= max(12, w / 12)
    ]
    down = [
        Down(float(x) + float(w) / 2, float(y), float(y) + float(h))
        for x, y, w, h in _runs(cv2.transpose(dark), int(max(3 * letter, height / 40)), 1, turned=True)
        if w <= max(12, h / 12)
    ]
    return Ruled(tuple(ended(across, down, letter)), tuple(down))


def ended(across: Sequence[Across], down: Sequence[Down], letter: float) -> list[Across]:
    """Let rules that specks cut short, or that stick out by less than a letter, end at the rules they cross.

    What crosses none is an underline. Where three rules or more, and three of ten, end in one place it is a place of its own.
    """
    ends = [end for rule in across for end in (rule.left, rule.right)]
    most = max(3, 0.3 * len(across))
    ended = []
    for rule in across:
        walls = sorted(wall.x for wall in down if wall.top - letter <= rule.y <= wall.bottom + letter)
        left, right = rule.left, rule.right
        if len(walls) >= 2 and any(left + letter < wall < right - letter for wall in walls):
            left, right = (
                end
                if sum(abs(end - other) <= 2 for other in ends) >= most and walls[0] < end < walls[-1]
                else _end_at(end, walls, letter, step)
                for end, step in ((rule.left, -1), (rule.right, 1))
            )
        if right > left:
            ended.append(Across(rule.y, left, right))
    return ended


def _end_at(end: float, walls: Sequence[float], letter: float, step: int) -> float:
    """Return the wall an end belongs to: the next one outwards when most of the way to it is drawn, else the one inwards."""
    if end <= walls[0]:
        return walls[0] if walls[0] - end <= 1.5 * letter else end
    if end >= walls[-1]:
        return walls[-1] if end - walls[-1] <= 1.5 * letter else end
    before = max(wall for wall in walls if wall <= end)
    after = min(wall for wall in walls if wall >= end)
    if step < 0:
        return before if after - end >= 0.6 * (after - before) else after
    return after if end - before >= 0.6 * (after - before) else before


def noise_of(picture: Any) -> float:
    """Return how far specks stray from their surroundings where paper is light, of 255; clean print has some at its edges."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    calm = cv2.medianBlur(grey, 3)
    light = calm > 200
    return float((grey.astype("float32") - calm)[light].std()) if light.any() else 0.0


def _runs(dark: Any, length: int, gap: int, *, turned: bool = False) -> list[tuple[int, int, int, int]]:
    """Return the boxes of dark runs from left to right of some length; a slight slope and small gaps part none."""
    import cv2

    def block(width: int, height: int) -> Any:
        return cv2.getStructuringElement(cv2.MORPH_RECT, (width, height))

    thick = cv2.dilate(dark, block(1, 3))
    found = cv2.morphologyEx(thick, cv2.MORPH_OPEN, block(length, 1))
    found = cv2.dilate(found, block(2 * gap + 7, 3))
    boxes = []
    for x, y, w, h, _ in cv2.connectedComponentsWithStats(found, connectivity=8)[2][1:]:
        inner = (int(x) + gap + 3, int(y) + 2, max(1, int(w) - 2 * gap - 6), max(1, int(h) - 4))
        boxes.append((inner[1], inner[0], inner[3], inner[2]) if turned else inner)
    return boxes


def without_rules(picture: Any, ruled: Ruled) -> Any:
    """Return the picture with the sides of its cells painted over, so that letters beside them stand free; underlines stay."""
    near = max(8, round(max(picture.shape[:2]) / 250))
    edges = [
        min((rule.left for rule in ruled.across), default=0),
        max((rule.right for rule in ruled.across), default=0),
    ]

    def held(x: float, y: float) -> bool:
        return any(abs(x - edge) <= near for edge in edges) or any(
            abs(rule.x - x) <= near and rule.top - near <= y <= rule.bottom + near for rule in ruled.down
        )

    clean = picture.copy()
    thick = max(2, round(min(2_600, max(picture.shape[:2])) / 900))
    for across in ruled.across:
        if not (held(across.left, across.y) and held(across.right, across.y)):
            continue
        y = round(across.y)
        clean[max(0, y - thick) : y + thick + 1, max(0, round(across.left)) : round(across.right) + 1] = 255
    for down in ruled.down:
        x = round(down.x)
        clean[max(0, round(down.top)) : round(down.bottom) + 1, max(0, x - thick) : x + thick + 1] = 255
    return clean


def _dark(picture: Any) -> Any:
    """Return what is dark against its surroundings, so that shadows on photos do not count."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    size = max(31, round(max(grey.shape) / 40) | 1)
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, size, 15)

"""Recognition of letters in pictures (RapidOCR, its models inside the package): runs of letters with their confidence."""

from __future__ import annotations

import itertools
import unicodedata
from functools import lru_cache
from typing import Any

from tdpf.controlplane.preparation.engine.errors import RecognitionMissing
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.misreadings import mended_reading
from tdpf.controlplane.preparation.engine.pages.pictures import (
    Ruled,
    find_rules,
    letter_height,
    straightened,
    without_rules,
)
from tdpf.controlplane.preparation.engine.pages.sizing import LEAST_LETTER, bounded, source_letter_height
from tdpf.controlplane.preparation.engine.pages.types import Across, Box, Down, Letter, Page

ENGINE = "rapidocr/PP-OCRv6-small"
_PAGE_LENGTH = 842.0
_LONGEST_STRIP = 10_000
_STRIP_PIXELS = 5_000_000
_MENDED = 0.85
_TOO_SMALL = 0.8


def is_installed() -> bool:
    """Say whether the extra `ocr` is installed."""
    from importlib.util import find_spec

    return all(find_spec(module) is not None for module in ("rapidocr", "onnxruntime", "cv2", "PIL"))


def recognised_page(picture: Any, number: int, *, name: str, size: tuple[float, float] | None = None) -> Page:
    """Return a picture (an array of colours) as a page of runs of letters and rules.

    `size` is the page's width and height in points; without it the longer side counts as that of A4. Where the picture holds
    too little of its letters to be sure of them, every run is doubtful. Raises RecognitionMissing.
    """
    if not is_installed():
        raise RecognitionMissing(file=name)
    is_small = source_letter_height(picture) < LEAST_LETTER
    picture = bounded(picture)
    picture, degrees = straightened(picture)
    height, width = picture.shape[:2]
    scale = size[0] / width if size else _PAGE_LENGTH / max(width, height)
    page = Page(number, width * scale, height * scale)
    if degrees:
        page.notes.append(note("picture-straightened", where=str(number), degrees=f"{degrees:.1f}"))
    ruled = find_rules(picture, letter_height(picture))
    boxes = _found_in_strips(without_rules(picture, ruled))
    page.across = [Across(rule.y * scale, rule.left * scale, rule.right * scale) for rule in ruled.across]
    page.down = [Down(rule.x * scale, rule.top * scale, rule.bottom * scale) for rule in ruled.down]
    for piece, text, confidence in _parted(picture, boxes, ruled):
        mended = mended_reading(text)
        sure = min(confidence, _TOO_SMALL) if is_small else confidence
        box = Box(piece.left * scale, piece.top * scale, piece.right * scale, piece.bottom * scale)
        page.letters.append(
            Letter(
                unicodedata.normalize("NFC", mended),
                box,
                box.height * 0.8,
                confidence=min(sure, _MENDED) if mended != text else sure,
            )
        )
    return page


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": _LONGEST_STRIP,
            "Global.text_score": 0.3,
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _found(picture: Any) -> list[tuple[Box, str, float]]:
    # The engine keeps the ways of its last call: after single cells were read it would look for none on the next page.
    answer = _engine()(picture[:, :, ::-1], use_det=True, use_cls=False, use_rec=True)
    if getattr(answer, "boxes", None) is None or answer.txts is None:
        return []
    found = []
    for corners, text, score in zip(answer.boxes, answer.txts, answer.scores, strict=True):
        xs, ys = [float(corner[0]) for corner in corners], [float(corner[1]) for corner in corners]
        if text.strip():
            found.append((Box(min(xs), min(ys), max(xs), max(ys)), text.strip(), float(score)))
    return found


def _found_in_strips(picture: Any) -> list[tuple[Box, str, float]]:
    """Find runs of letters strip by strip, so that a large picture takes no more memory than a usual one."""
    height, width = picture.shape[:2]
    count = -(-height * width // _STRIP_PIXELS)
    if count < 2:
        return _found(picture)
    letter = letter_height(picture)
    near = height // (4 * count)
    inner = [_seam(picture, round(height * place / count), near, letter) for place in range(1, count)]
    seams = [0, *inner, height]
    reach = round(3 * letter)
    found: list[tuple[Box, str, float]] = []
    beside: list[tuple[Box, str, float]] = []
    for top, bottom in itertools.pairwise(seams):
        start = max(0, top - reach)
        for seen, text, score in _found(picture[start : bottom + reach]):
            box = Box(seen.left, seen.top + start, seen.right, seen.bottom + start)
            (found if top <= box.middle < bottom else beside).append((box, text, score))
    for run in beside:
        x, y = run[0].centre, run[0].middle
        if not any(box.left <= x <= box.right and box.top <= y <= box.bottom for box, _, _ in found):
            found.append(run)
    return found


def _seam(picture: Any, wanted: int, near: int, letter: float) -> int:
    """Return the height with the least ink near a wanted one."""
    import numpy as np

    rows = 255.0 - picture[wanted - near : wanted + near].mean(axis=(1, 2))
    soft = np.convolve(rows, np.ones(max(1, round(letter / 4))), mode="same")
    return wanted - near + int(np.argmin(soft))


def _parted(picture: Any, boxes: list[tuple[Box, str, float]], ruled: Ruled) -> list[tuple[Box, str, float]]:
    """Part runs that reach over a rule, and read their pieces again."""
    parted = []
    for box, text, score in boxes:
        walls = sorted(
            rule.x
            for rule in ruled.down
            if box.left + 0.35 * box.height < rule.x < box.right - 0.35 * box.height
            and rule.top <= box.middle <= rule.bottom
        )
        if not walls:
            parted.append((box, text, score))
            continue
        edges = [box.left, *walls, box.right]
        for left, right in itertools.pairwise(edges):
            piece = Box(left + 2, box.top, right - 2, box.bottom)
            again = _read(picture, piece)
            if again is not None:
                parted.append((piece, *again))
    return parted


def _read(picture: Any, box: Box) -> tuple[str, float] | None:
    crop = picture[max(0, int(box.top) - 1) : int(box.bottom) + 2, max(0, int(box.left)) : int(box.right) + 1]
    if crop.shape[0] < 4 or crop.shape[1] < 4:
        return None
    answer = _engine()(crop[:, :, ::-1], use_det=False, use_cls=False, use_rec=True)
    if not answer.txts or not answer.txts[0].strip():
        return None
    return answer.txts[0].strip(), float(answer.scores[0])

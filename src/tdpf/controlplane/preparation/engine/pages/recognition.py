"""Recognition of letters in pictures (RapidOCR, its models inside the package): runs of letters with their confidence."""

from __future__ import annotations

import itertools
import statistics
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tdpf.controlplane.preparation.engine.errors import RecognitionMissing
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.figures import grouped_figures
from tdpf.controlplane.preparation.engine.pages.misreadings import mended_reading
from tdpf.controlplane.preparation.engine.pages.pictures import (
    Ruled,
    find_rules,
    letter_height,
    noise_of,
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
_DISPUTED = 0.75
_SMALL_LETTER = 16.0
_NOISY = 12.0
_FEWEST_RUNS = 10
_HOPELESS = 0.8
_COARSE_LETTER = 14.0


def is_installed() -> bool:
    """Say whether the extra `ocr` is installed."""
    from importlib.util import find_spec

    return all(find_spec(module) is not None for module in ("rapidocr", "onnxruntime", "cv2", "PIL"))


def recognised_page(
    picture: Any, number: int, *, name: str, size: tuple[float, float] | None = None, held: float = 1.0
) -> Page:
    """Return a picture (an array of colours) as a page of runs of letters and rules.

    `size` is the page's width and height in points; without it the longer side counts as that of A4. `held` is what share of
    the picture's pixels a side the scan itself has. Where it holds too little of its letters to be sure of them, every run is
    doubtful; where letters are small or specked, each is read twice, and what is read in two ways is doubtful. A page too
    coarse to be read keeps no letters and says so in `coarse`, how high its letters are. Raises RecognitionMissing.
    """
    if not is_installed():
        raise RecognitionMissing(file=name)
    source = source_letter_height(picture) * min(1.0, held)
    is_small = source < LEAST_LETTER
    is_disputable = source < _SMALL_LETTER or noise_of(picture) > _NOISY
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
    runs = _parted(picture, boxes, ruled)
    if source < _COARSE_LETTER and _is_hopeless([confidence for _, _, confidence in runs]):
        page.coarse = source
        return page
    texts = _mended([text for _, text, _ in runs], [piece for piece, _, _ in runs])
    again = _read_again(picture, [piece for piece, _, _ in runs]) if is_disputable else texts
    for (piece, text, confidence), mended, other in zip(runs, texts, again, strict=True):
        limits = [(_TOO_SMALL, is_small), (_MENDED, mended != text), (_DISPUTED, not _is_alike(mended, other))]
        box = Box(piece.left * scale, piece.top * scale, piece.right * scale, piece.bottom * scale)
        page.letters.append(
            Letter(
                unicodedata.normalize("NFC", mended),
                box,
                box.height * 0.8,
                confidence=min(confidence, *(limit for limit, holds in limits if holds), 1.0),
            )
        )
    return page


def _is_hopeless(confidences: list[float]) -> bool:
    return len(confidences) >= _FEWEST_RUNS and statistics.median(confidences) < _HOPELESS


def _mended(texts: list[str], boxes: list[Box]) -> list[str]:
    return grouped_figures([mended_reading(text) for text in texts], boxes)


def _is_alike(text: str, other: str) -> bool:
    """Say whether two readings are the same but for spaces and the widths of letters."""
    first, second = ("".join(unicodedata.normalize("NFKC", one).split()) for one in (text, other))
    return first == second


def _read_again(picture: Any, boxes: list[Box]) -> list[str]:
    """Read runs a second time, softened and with more around them."""
    import cv2

    texts = []
    for box in boxes:
        wide = Box(
            box.left - 0.12 * box.height,
            box.top - 0.1 * box.height,
            box.right + 0.12 * box.height,
            box.bottom + 0.1 * box.height,
        )
        read = _read(picture, wide, soften=lambda crop: cv2.GaussianBlur(crop, (0, 0), 0.9))
        texts.append(read[0] if read else "")
    return _mended(texts, boxes)


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


def _read(picture: Any, box: Box, *, soften: Callable[[Any], Any] = lambda crop: crop) -> tuple[str, float] | None:
    crop = picture[max(0, int(box.top) - 1) : int(box.bottom) + 2, max(0, int(box.left)) : int(box.right) + 1]
    if crop.shape[0] < 4 or crop.shape[1] < 4:
        return None
    answer = _engine()(soften(crop)[:, :, ::-1], use_det=False, use_cls=False, use_rec=True)
    if not answer.txts or not answer.txts[0].strip():
        return None
    return answer.txts[0].strip(), float(answer.scores[0])

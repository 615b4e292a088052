"""PDF documents as pages of letters and rules, by PDFium."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from tdpf.controlplane.preparation.engine.errors import EncryptedPdf, TooManyPages
from tdpf.controlplane.preparation.engine.faults import NO_PAGES, damaged, met
from tdpf.controlplane.preparation.engine.pages.dots import rules_of_dots
from tdpf.controlplane.preparation.engine.pages.types import Across, Box, Down, Letter, Page
from tdpf.controlplane.preparation.engine.types import Limits

_DEEPEST = 6
_MOST_OBJECTS = 200_000
_MOST_SEGMENTS = 400_000
_MOST_LETTERS = 200_000
_MOST_CLIPS = 16
_THIN = 3.0
_FINE = 100.0
_LONGEST_PAGE = 14_400.0
_UNREADABLE = "\ufffd"
_NEAR = [(down << 24) + aside for down in (-1, 0, 1) for aside in (-1, 0, 1)]


def open_document(path: Path, *, name: str, limits: Limits) -> pdfium.PdfDocument:
    """Open a PDF. Raises EncryptedPdf, Damaged, TooManyPages."""
    try:
        document = pdfium.PdfDocument(path)
        count = len(document)
    except pdfium.PdfiumError as fault:
        if "password" in str(fault).lower() or "security" in str(fault).lower():
            raise EncryptedPdf(file=name) from fault
        raise met(name, "PDF", fault) from fault
    if count > limits.max_pages:
        raise TooManyPages(file=name, pages=count, limit=limits.max_pages)
    if not count:
        raise damaged(name, "PDF", NO_PAGES)
    return document


def iter_pages(document: pdfium.PdfDocument, *, name: str) -> Iterator[Page]:
    """Yield every page; one that cannot be loaded is left empty. Raises Damaged when none can be loaded."""
    failed = 0
    for index in range(len(document)):
        try:
            loaded = document[index]
        except pdfium.PdfiumError as fault:
            failed += 1
            if failed == len(document):
                raise met(name, "PDF", fault) from fault
            yield Page(index + 1, 0, 0)
            continue
        try:
            yield _page(loaded, index + 1)
        finally:
            loaded.close()


def _page(loaded: pdfium.PdfPage, number: int) -> Page:
    width, height = loaded.get_size()
    page = Page(number, width, height)
    if not 0 < width <= _LONGEST_PAGE or not 0 < height <= _LONGEST_PAGE:
        return page
    shown = _Shown(loaded, width, height)
    try:
        _take_letters(loaded, page, shown)
    except pdfium.PdfiumError:
        page.letters.clear()
    _take_rules(loaded, page, shown)
    return page


def scale_of_pictures(loaded: pdfium.PdfPage, page: Page) -> float:
    """Return how many pixels for each point the pictures of a page hold that cover half of its width; without one, many."""
    found = [_FINE]
    for item in loaded.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEPEST):
        left, bottom, right, top = item.get_bounds()
        shown = max(right - left, top - bottom)
        if shown >= 0.5 * max(page.width, page.height):
            found.append(max(item.get_px_size()) / shown)
    return min(found)


class _Shown:
    """Turns a page's own coordinates into points from the top left of the page as it is shown."""

    def __init__(self, loaded: pdfium.PdfPage, width: float, height: float) -> None:
        left, bottom, right, top = loaded.get_bbox()
        self.rotation = loaded.get_rotation() % 360
        self.left, self.bottom, self.right, self.top = left, bottom, right, top
        self.width, self.height = width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        first, second = self.point(left, bottom), self.point(right, top)
        return Box(
            min(first[0], second[0]), min(first[1], second[1]), max(first[0], second[0]), max(first[1], second[1])
        )


def _take_letters(loaded: pdfium.PdfPage, page: Page, shown: _Shown) -> None:
    text = loaded.get_textpage()
    try:
        handle = text.raw
        count = min(text.count_chars(), _MOST_LETTERS)
        rect = raw.FS_RECTF()
        tight = [ctypes.c_double() for _ in range(4)]
        seen: set[int] = set()
        cut_at: dict[int, Box | None] = {}
        high = 0
        for index in range(count):
            if raw.FPDFText_IsGenerated(handle, index) == 1:
                continue
            code = raw.FPDFText_GetUnicode(handle, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if high and 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            if code in (0x02, 0xFFFE) and raw.FPDFText_IsHyphen(handle, index) == 1:
                code = 0x2D  # A hyphen at a line's end: a word that goes on below is joined by it.
            if code in (0, 0x0A, 0x0D, 0x02, 0xFFFE) or code > 0x10FFFF or 0xD800 <= code < 0xE000:
                if code not in (0, 0xFFFE) or raw.FPDFText_HasUnicodeMapError(handle, index) != 1:
                    continue
                code = 0xFFFD
            if not raw.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(rect)):
                continue
            box = shown.box(rect.left, rect.bottom, rect.right, rect.top)
            if box.width <= 0 or box.height <= 0:
                left, right, bottom, top = tight
                raw.FPDFText_GetCharBox(
                    handle, index, ctypes.byref(left), ctypes.byref(right), ctypes.byref(bottom), ctypes.byref(top)
                )
                box = shown.box(left.value, bottom.value, right.value, top.value)
            if not _on_page(box, page):
                continue
            letter = chr(code)
            if code == 0xFFFD or 0xE000 <= code < 0xF900 or raw.FPDFText_HasUnicodeMapError(handle, index) == 1:
                page.unreadable += 1
                letter = _UNREADABLE if code < 0x20 else letter
            elif code < 0x20:
                letter = " "
            size = raw.FPDFText_GetFontSize(handle, index)
            # Bold print is often the same letter set twice, a hair apart.
            step = max(0.4, size * 0.08)
            key = (ord(letter) << 48) + (int(box.top / step) << 24) + int(box.left / step)
            if not letter.isspace() and not seen.isdisjoint([key + shift for shift in _NEAR]):
                continue
            seen.add(key)
            turned = _is_turned(raw.FPDFText_GetCharAngle(handle, index), shown.rotation)
            page.letters.append(
                Letter(
                    letter,
                    box,
                    min(box.height, size * 1.2) if size > 1 else box.height,
                    turned,
                    within=_within(raw.FPDFText_GetTextObject(handle, index), box, shown, cut_at),
                )
            )
    finally:
        text.close()


def _within(item: Any, box: Box, shown: _Shown, known: dict[int, Box | None]) -> Box | None:
    """Return the rectangle that a letter's text is cut off at, when the middle of the letter lies outside of it."""
    if not item:
        return None
    key = ctypes.addressof(item.contents)
    if key not in known:
        known[key] = _clip_of(item, shown)
    clip = known[key]
    if clip is None or clip.width < 4 or clip.height < 4:
        return None
    inside = clip.left <= box.centre <= clip.right and clip.top <= box.middle <= clip.bottom
    return None if inside else clip


def _clip_of(item: Any, shown: _Shown) -> Box | None:
    clip = raw.FPDFPageObj_GetClipPath(item)
    boxes = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(max(0, min(_MOST_CLIPS, raw.FPDFClipPath_CountPaths(clip))) if clip else 0):
        points = []
        for index in range(max(0, min(_MOST_CLIPS, raw.FPDFClipPath_CountPathSegments(clip, path)))):
            raw.FPDFPathSegment_GetPoint(
                raw.FPDFClipPath_GetPathSegment(clip, path, index), ctypes.byref(x), ctypes.byref(y)
            )
            points.append(shown.point(x.value, y.value))
        if points:
            xs, ys = [point[0] for point in points], [point[1] for point in points]
            boxes.append(Box(min(xs), min(ys), max(xs), max(ys)))
    if not boxes:
        return None
    return Box(
        max(box.left for box in boxes),
        max(box.top for box in boxes),
        min(box.right for box in boxes),
        min(box.bottom for box in boxes),
    )


def _is_turned(angle: float, rotation: int) -> bool:
    """Say whether a letter lies on its side on the page as it is shown."""
    degrees = (angle * 180 / 3.141592653589793 + rotation) % 180
    return 45 < degrees < 135


def _on_page(box: Box, page: Page) -> bool:
    return -1 <= box.centre <= page.width + 1 and -1 <= box.middle <= page.height + 1


def _take_rules(loaded: pdfium.PdfPage, page: Page, shown: _Shown) -> None:
    drawn = _Drawn(page, shown)
    count = raw.FPDFPage_CountObjects(loaded.raw)
    for index in range(min(count, _MOST_OBJECTS)):
        _take_object(raw.FPDFPage_GetObject(loaded.raw, index), _IDENTITY, drawn, 0)
    across, down = rules_of_dots(drawn.dots)
    page.across.extend(across)
    page.down.extend(down)


@dataclass(slots=True)
class _Drawn:
    """What is drawn on a page: its rules, the dots that may form some, and how much more is looked at."""

    page: Page
    shown: _Shown
    dots: list[tuple[float, float]] = field(default_factory=list)
    objects_left: int = _MOST_OBJECTS
    segments_left: int = _MOST_SEGMENTS


_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _take_object(item: Any, outer: _Matrix, drawn: _Drawn, depth: int) -> None:
    drawn.objects_left -= 1
    if not item or drawn.objects_left < 0 or drawn.segments_left < 0:
        return
    kind = raw.FPDFPageObj_GetType(item)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        drawn.page.has_picture = True
        return
    if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM):
        return
    own = raw.FS_MATRIX()
    matrix = outer
    if raw.FPDFPageObj_GetMatrix(item, ctypes.byref(own)):
        matrix = _times((own.a, own.b, own.c, own.d, own.e, own.f), outer)
    if kind == raw.FPDF_PAGEOBJ_FORM:
        if depth < _DEEPEST:
            for index in range(max(0, raw.FPDFFormObj_CountObjects(item))):
                _take_object(raw.FPDFFormObj_GetObject(item, index), matrix, drawn, depth + 1)
        return
    _take_path(item, matrix, drawn)


def _take_path(item: Any, matrix: _Matrix, drawn: _Drawn) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not raw.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke)):
        return
    if not fill.value and not stroke.value:
        return
    if _is_white(item, stroked=bool(stroke.value)):
        return
    count = raw.FPDFPath_CountSegments(item)
    drawn.segments_left -= max(0, count)
    if drawn.segments_left < 0:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    runs: list[list[tuple[float, float]]] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(item, index)
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = drawn.shown.point(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO or not runs:
            runs.append([point])
        elif kind == raw.FPDF_SEGMENT_LINETO:
            runs[-1].append(point)
        else:
            runs.append([point])
        if raw.FPDFPathSegment_GetClose(segment) and len(runs[-1]) > 1:
            runs[-1].append(runs[-1][0])
    if stroke.value:
        for run in runs:
            for first, second in itertools.pairwise(run):
                _add(drawn, first, second)
        return
    for run in runs:
        if len(run) < 3:
            continue
        xs, ys = [point[0] for point in run], [point[1] for point in run]
        if max(ys) - min(ys) <= _THIN < max(xs) - min(xs):
            middle = (max(ys) + min(ys)) / 2
            _add(drawn, (min(xs), middle), (max(xs), middle))
        elif max(xs) - min(xs) <= _THIN < max(ys) - min(ys):
            middle = (max(xs) + min(xs)) / 2
            _add(drawn, (middle, min(ys)), (middle, max(ys)))
        elif max(xs) - min(xs) <= _THIN and max(ys) - min(ys) <= _THIN:
            drawn.dots.append(((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2))


def _add(drawn: _Drawn, first: tuple[float, float], second: tuple[float, float]) -> None:
    page = drawn.page
    if abs(first[1] - second[1]) <= 1 and abs(first[0] - second[0]) > 1:
        page.across.append(Across((first[1] + second[1]) / 2, min(first[0], second[0]), max(first[0], second[0])))
    elif abs(first[0] - second[0]) <= 1 and abs(first[1] - second[1]) > 1:
        page.down.append(Down((first[0] + second[0]) / 2, min(first[1], second[1]), max(first[1], second[1])))
    elif max(abs(first[0] - second[0]), abs(first[1] - second[1])) <= 1:
        drawn.dots.append(((first[0] + second[0]) / 2, (first[1] + second[1]) / 2))


def _is_white(item: Any, *, stroked: bool) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    asked = raw.FPDFPageObj_GetStrokeColor if stroked else raw.FPDFPageObj_GetFillColor
    if not asked(item, ctypes.byref(red), ctypes.byref(green), ctypes.byref(blue), ctypes.byref(alpha)):
        return False
    return alpha.value < 8 or min(red.value, green.value, blue.value) > 247

"""Pictures of single cells of a page, so that a person sees what was read; each cell framed, with some of what stands around it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.pages.documents import open_document
from tdpf.controlplane.preparation.engine.pages.pictures import iter_pictures, straightened
from tdpf.controlplane.preparation.engine.pages.sizing import LONGEST_SIDE, bounded
from tdpf.controlplane.preparation.engine.types import CellPlace, Limits

_DPI = 200
_AROUND = (60.0, 14.0)
_WIDEST = 900
_PAGE_LENGTH = 842.0
_FRAME = (192, 0, 0)


def cut_cells(path: Path, form: str, places: Mapping[str, CellPlace], *, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield (key, PNG) for the cells of a PDF (`form` "pdf") or a picture; nothing where pictures cannot be made here.

    Raises what opening the file raises.
    """
    if find_spec("PIL") is None or find_spec("numpy") is None:
        return
    by_page: dict[int, dict[str, CellPlace]] = {}
    for key, place in places.items():
        by_page.setdefault(place.page, {})[key] = place
    for number, picture, scale in _pages(path, form, by_page, limits):
        for key, place in by_page[number].items():
            yield key, _cut(picture, place, scale)


def _pages(
    path: Path, form: str, by_page: Mapping[int, Mapping[str, CellPlace]], limits: Limits
) -> Iterator[tuple[int, Any, float]]:
    """Yield number, picture and pixels per point of the wanted pages, level where letters were recognised."""
    if form != "pdf":
        for number, (_, picture) in enumerate(iter_pictures(path, name=path.name, limits=limits), start=1):
            if number in by_page:
                level, _ = straightened(bounded(picture))
                yield number, level, max(level.shape[:2]) / _PAGE_LENGTH
        return
    import numpy as np

    document = open_document(path, name=path.name, limits=limits)
    try:
        for number in sorted(by_page):
            if not 1 <= number <= len(document):
                continue
            page = document[number - 1]
            try:
                width, height = page.get_size()
                scale = min(_DPI / 72, LONGEST_SIDE / max(width, height))
                picture = np.array(page.render(scale=scale).to_pil().convert("RGB"))
            finally:
                page.close()
            if any(place.confidence is not None for place in by_page[number].values()):
                picture, _ = straightened(picture)
            yield number, picture, picture.shape[1] / width
    finally:
        document.close()


def _cut(picture: Any, place: CellPlace, scale: float) -> bytes:
    from PIL import Image, ImageDraw

    left, top, right, bottom = (edge * scale for edge in place.box)
    height, width = picture.shape[:2]
    x, y = max(0, round(left - _AROUND[0] * scale)), max(0, round(top - _AROUND[1] * scale))
    last = min(width, round(right + _AROUND[0] * scale)), min(height, round(bottom + _AROUND[1] * scale))
    cut = Image.fromarray(picture[y : max(last[1], y + 1), x : max(last[0], x + 1)])
    ImageDraw.Draw(cut).rectangle((left - x - 3, top - y - 3, right - x + 3, bottom - y + 3), outline=_FRAME, width=3)
    if cut.width > _WIDEST:
        cut = cut.resize((_WIDEST, max(1, round(cut.height * _WIDEST / cut.width))))
    out = io.BytesIO()
    cut.save(out, "PNG")
    return out.getvalue()

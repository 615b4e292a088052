"""Opens a PDF or picture as the grids of its tables."""

from __future__ import annotations

from pathlib import Path

import pypdfium2 as pdfium

from tdpf.controlplane.preparation.engine.errors import PictureTooCoarse, RecognitionMissing
from tdpf.controlplane.preparation.engine.kinds import Kind
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.documents import iter_pages, open_document, scale_of_pictures
from tdpf.controlplane.preparation.engine.pages.grids import PageGrid
from tdpf.controlplane.preparation.engine.pages.joining import join_pages, place_notes
from tdpf.controlplane.preparation.engine.pages.parts import PageParts, parts_of
from tdpf.controlplane.preparation.engine.pages.pictures import iter_pictures
from tdpf.controlplane.preparation.engine.pages.recognition import is_installed, recognised_page
from tdpf.controlplane.preparation.engine.pages.sizing import LONGEST_SIDE, sizing_of, source_letter_height
from tdpf.controlplane.preparation.engine.pages.turning import quarters_of, turned, turned_back
from tdpf.controlplane.preparation.engine.pages.types import Page
from tdpf.controlplane.preparation.engine.types import Limits, Note

_DPI = 200
_USUAL_TYPE = 10.0


def open_pages(path: Path, kind: Kind, *, name: str, limits: Limits) -> tuple[str, list[PageGrid], list[Note]]:
    """Return the form ("pdf", "png" …), the tables from the first page to the last, and notes about the document.

    Raises what opening raises, RecognitionMissing when there is nothing but pictures and nothing to recognise them with, and
    PictureTooCoarse when no table came out because letters have too few pixels.
    """
    if kind == "picture":
        return _open_picture(path, name, limits)
    notes: list[Note] = []
    pages: list[PageParts] = []
    laid: dict[int, tuple[int, float, float]] = {}
    recognised = unread = 0
    coarse: list[Page] = []
    document = open_document(path, name=name, limits=limits)
    try:
        for page in iter_pages(document, name=name):
            seen = page
            if _is_picture(page):
                if is_installed() and recognised < limits.max_picture_pages:
                    seen = _recognised(document, page, name)
                    recognised += 1
                    notes.extend([*seen.notes, *_coarse_notes(seen)])
                    coarse.extend([seen] if seen.coarse else [])
                else:
                    unread += 1
                    notes.append(note("page-of-picture", level="warning", page=page.number))
            elif page.unreadable:
                notes.append(note("unreadable-glyphs", level="warning", count=page.unreadable, page=page.number))
            quarters = quarters_of(seen)
            if quarters:
                laid[page.number] = (quarters, seen.width, seen.height)
                notes.append(note("page-turned", where=str(page.number), page=page.number))
            pages.append(parts_of(turned(seen, quarters), pages[-1] if pages else None))
    finally:
        document.close()
    grids = [turned_back(grid, laid) for grid in join_pages(pages)]
    if not grids and unread and not is_installed():
        raise RecognitionMissing(file=name)
    _must_show_letters(grids, coarse, name)
    return "pdf", grids, [*notes, *place_notes(pages)]


def _must_show_letters(grids: list[PageGrid], coarse: list[Page], name: str) -> None:
    """Raise PictureTooCoarse when there is no table and pages were too coarse to be read."""
    if grids or not coarse:
        return
    letter = min(page.coarse or 0 for page in coarse)
    pages = "、".join(str(page.number) for page in coarse[:20])
    raise PictureTooCoarse(file=name, pages=pages, letter=round(letter), dpi=_dpi_of(letter))


def _coarse_notes(page: Page) -> list[Note]:
    if not page.coarse:
        return []
    where = str(page.number)
    letter = page.coarse
    return [
        note(
            "page-too-coarse", where=where, level="warning", page=page.number, letter=round(letter), dpi=_dpi_of(letter)
        )
    ]


def _dpi_of(letter: float) -> int:
    """Return in how many dots an inch letters of usual type are so many pixels high, in tens."""
    return round(letter / _USUAL_TYPE * 72 / 10) * 10


def _is_picture(page: Page) -> bool:
    """Say whether a page shows a picture in place of letters, or letters whose shapes have no characters."""
    letters = sum(1 for letter in page.letters if not letter.text.isspace())
    return (page.has_picture and letters < 10) or (letters >= 10 and page.unreadable * 5 > letters)


def _recognised(document: pdfium.PdfDocument, page: Page, name: str) -> Page:
    import numpy as np

    loaded = document[page.number - 1]
    try:
        scale = min(_DPI / 72, LONGEST_SIDE / max(page.width, page.height))
        picture = np.array(loaded.render(scale=scale).to_pil().convert("RGB"))
        factor = sizing_of(picture, source_letter_height(picture))
        if factor > 1:
            scale *= factor
            picture = np.array(loaded.render(scale=scale).to_pil().convert("RGB"))
        held = scale_of_pictures(loaded, page) / scale
    finally:
        loaded.close()
    return recognised_page(picture, page.number, name=name, size=(page.width, page.height), held=held)


def _open_picture(path: Path, name: str, limits: Limits) -> tuple[str, list[PageGrid], list[Note]]:
    if not is_installed():
        raise RecognitionMissing(file=name)
    form = "picture"
    notes: list[Note] = []
    coarse: list[Page] = []
    pages: list[PageParts] = []
    for number, (found, picture) in enumerate(iter_pictures(path, name=name, limits=limits), start=1):
        form = found
        page = recognised_page(picture, number, name=name)
        notes.extend([*page.notes, *_coarse_notes(page)])
        coarse.extend([page] if page.coarse else [])
        pages.append(parts_of(page, pages[-1] if pages else None))
    grids = join_pages(pages)
    _must_show_letters(grids, coarse, name)
    return form, grids, [*notes, *place_notes(pages)]

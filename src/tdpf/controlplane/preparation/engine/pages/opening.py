"""Opens a PDF or picture as the grids of its tables."""

from __future__ import annotations

from pathlib import Path

from tdpf.controlplane.preparation.engine.errors import RecognitionMissing
from tdpf.controlplane.preparation.engine.kinds import Kind
from tdpf.controlplane.preparation.engine.notes import note
from tdpf.controlplane.preparation.engine.pages.documents import iter_pages, open_document
from tdpf.controlplane.preparation.engine.pages.grids import PageGrid
from tdpf.controlplane.preparation.engine.pages.joining import join_pages, place_notes
from tdpf.controlplane.preparation.engine.pages.parts import PageParts, parts_of
from tdpf.controlplane.preparation.engine.types import Limits, Note


def open_pages(path: Path, kind: Kind, *, name: str, limits: Limits) -> tuple[str, list[PageGrid], list[Note]]:
    """Return the form ("pdf", "png" …), the tables from the first page to the last, and notes about the document."""
    if kind == "picture":
        raise RecognitionMissing(file=name)
    notes: list[Note] = []
    pages: list[PageParts] = []
    pictures = 0
    document = open_document(path, name=name, limits=limits)
    try:
        for page in iter_pages(document, name=name):
            pages.append(parts_of(page))
            if page.unreadable:
                notes.append(note("unreadable-glyphs", level="warning", count=page.unreadable, page=page.number))
            if page.has_picture and not page.letters:
                pictures += 1
                notes.append(note("page-of-picture", level="warning", page=page.number))
    finally:
        document.close()
    grids = join_pages(pages)
    if not grids and pictures:
        raise RecognitionMissing(file=name)
    return "pdf", grids, [*notes, *place_notes(pages)]

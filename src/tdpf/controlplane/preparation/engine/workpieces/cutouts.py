"""Pictures of the cells that were read from pages and wait for a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tdpf.controlplane.preparation.engine.errors import NotReadable
from tdpf.controlplane.preparation.engine.pages.cutting import cut_cells
from tdpf.controlplane.preparation.engine.recipes.paper import PaperPlaces
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.engine.workpieces.types import Waiting

MOST = 200


def cut_out(
    sources: Sequence[SourceTable], read: Sequence[Waiting], *, files: Sequence[Path], folder: Path, limits: Limits
) -> set[str]:
    """Leave pictures of the first cells that wait as `KEY.png` in the folder; return the keys of those that were made.

    A picture that cannot be made is left out: the words beside it say where to look.
    """
    paper, made = PaperPlaces(sources), set[str]()
    paths = {path.name: path for path in files}
    for source in sources:
        places = {
            entry.key: place
            for entry in read[:MOST]
            if entry.cell and entry.cell[0] == source.id and (place := paper.place(*entry.cell)) is not None
        }
        if not places or source.file not in paths:
            continue
        folder.mkdir(exist_ok=True)
        try:
            for key, picture in cut_cells(paths[source.file], source.result.format, places, limits=limits):
                (folder / f"{key}.png").write_bytes(picture)
                made.add(key)
        except NotReadable:
            continue
    return made

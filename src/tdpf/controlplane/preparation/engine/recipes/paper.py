"""Where on paper the cells of a run stand, and which of them a person should look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tdpf.controlplane.preparation.engine.pages.grids import SURE
from tdpf.controlplane.preparation.engine.recipes.types import SourceTable
from tdpf.controlplane.preparation.engine.types import CellPlace, TableFound


class PaperPlaces:
    """Places of the cells of tables that came from pages, found by input, row of the sheet and column letters."""

    def __init__(self, sources: Sequence[SourceTable]) -> None:
        self._places: dict[tuple[str, int, str], CellPlace] = {}
        self._values: dict[tuple[str, int, str], str | None] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._inputs = {source.id for source in sources if source.table.is_from_pages}
        for source in sources:
            table = source.table
            if not table.is_from_pages:
                continue
            self._names.update(
                {
                    (source.id, letters): name
                    for letters, name in zip(table.column_places, table.column_names, strict=True)
                }
            )
            for number, row, places in zip(table.iter_places(), table.iter_rows(), table.iter_cells(), strict=True):
                for letters, value, place in zip(table.column_places, row, places, strict=True):
                    if place is not None:
                        self._places[source.id, number, letters] = place
                        self._values[source.id, number, letters] = value

    def shown(self, source: str, row: int, column: str) -> dict[str, Any]:
        """Return page, box and confidence of a cell as JSON values; empty for tables that are not from pages."""
        place = self._places.get((source, row, column))
        if place is None:
            return {}
        found: dict[str, Any] = {"page": place.page, "box": list(place.box)}
        if place.confidence is not None:
            found["confidence"] = round(place.confidence, 3)
        return found

    def place(self, source: str, row: int, column: str) -> CellPlace | None:
        """Return where a cell stands, None when it is not from a page."""
        return self._places.get((source, row, column))

    def has(self, source: str) -> bool:
        """Say whether an input came from pages."""
        return source in self._inputs

    def to_check(self, *, sure: float = SURE) -> list[dict[str, Any]]:
        """Return the cells that were recognised with little confidence or disagree with a sum, least sure first."""
        doubted = [
            (key, place)
            for key, place in self._places.items()
            if place.conflict or (self._values[key] and place.confidence is not None and place.confidence < sure)
        ]
        doubted.sort(key=lambda entry: (entry[1].confidence if entry[1].confidence is not None else 1.0, entry[0]))
        return [
            {
                "input": source,
                "row": row,
                "column": column,
                "name": self._names[source, column],
                "value": self._values[source, row, column],
                "conflict": place.conflict,
                **self.shown(source, row, column),
            }
            for (source, row, column), place in doubted
        ]


def paper_pages(table: TableFound) -> list[dict[str, int]]:
    """Return which rows of the sheet stand on which page; empty for tables that are not from pages."""
    pages: list[dict[str, int]] = []
    for number, places in zip(table.iter_places(), table.iter_cells(), strict=False):
        page = next((place.page for place in places if place is not None), 0)
        if pages and pages[-1]["page"] == page:
            pages[-1]["rows"] += 1
        else:
            pages.append({"page": page, "first_row": number, "rows": 1})
    return pages

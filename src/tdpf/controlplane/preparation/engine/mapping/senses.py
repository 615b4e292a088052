"""Names that mean the same by other words: whole names, and names that list several facts of one kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from tdpf.controlplane.preparation.engine.cells import spoken_name
from tdpf.controlplane.preparation.engine.mapping.names import sense
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField
from tdpf.controlplane.preparation.engine.types import ColumnFound

_HOURS = frozenset(("time.range", "time.remarks", "weekdays"))


@cache
def by_sense(targets: tuple[SchemaField, ...]) -> dict[str, str]:
    """Return {sense of a name: field} of all names of a table's fields; a sense that two fields share is nobody's."""
    found: dict[str, set[str]] = {}
    for field in targets:
        for word in (field.name, *field.synonyms):
            found.setdefault(sense(word), set()).add(field.name)
    return {word: next(iter(fields)) for word, fields in found.items() if len(fields) == 1 and len(word) > 1}


def sensed_of(column: ColumnFound, known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the field that a column's name is of one sense with, and those of the facts it lists; nothing where there is none."""
    listed = [part for part in re.split(r"[・/／、,]|及び|又は", column.name) if part]
    return known.get(sense(column.name), ""), tuple(known.get(sense(part), "") for part in listed)


def is_sensible(
    column: ColumnFound, field: SchemaField, sensed: tuple[str, tuple[str, ...]], targets: Sequence[SchemaField]
) -> bool:
    """Say whether a column's name, its parts or all the facts it lists are of one sense with names of a field and no other's."""
    whole, parts = sensed
    if field.name != whole and field.name not in parts:
        return False
    if field.never and re.search(field.never, unicodedata.normalize("NFKC", spoken_name(column.name)), re.IGNORECASE):
        return False
    hours = {entry.name for entry in targets if entry.concept in _HOURS} if field.concept == "time.range" else set()
    several = len(parts) > 1 and field.name in parts
    return field.name == whole or (several and (set(parts) <= hours or set(parts) == {field.name}))

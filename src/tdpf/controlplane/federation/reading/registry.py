"""The kinds of sources: whatever module stands in `kinds` and holds a `READER`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from tdpf.controlplane.federation.errors import KindUnknown
from tdpf.controlplane.federation.reading import kinds
from tdpf.controlplane.federation.reading.reader import Reader
from tdpf.controlplane.federation.types import SourceKind


@cache
def readers() -> dict[str, Reader]:
    """Return every reader by the name of its kind, in alphabetical order."""
    found: dict[str, Reader] = {}
    for module in sorted(entry.name for entry in pkgutil.iter_modules(kinds.__path__)):
        reader: Reader = importlib.import_module(f"{kinds.__name__}.{module}").READER
        found[reader.kind.kind] = reader
    return found


def reader_of(kind: str) -> Reader:
    """Return the reader of a kind. Raises KindUnknown."""
    try:
        return readers()[kind]
    except KeyError:
        raise KindUnknown(kind=kind, known=", ".join(readers())) from None


def source_kinds() -> list[SourceKind]:
    """Return the kinds that can be registered."""
    return [reader.kind for reader in readers().values()]

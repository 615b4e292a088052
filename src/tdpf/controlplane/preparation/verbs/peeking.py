"""Reading only the names of a table's columns from bytes that are not kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.kit.home import home

_LIMITS = Limits(
    max_bytes=8 * 1024 * 1024,
    max_unzipped_bytes=128 * 1024 * 1024,
    max_cells=5_000_000,
    memory_bytes=1024 * 1024 * 1024,
    cpu_seconds=20,
    wall_seconds=40,
    max_output_bytes=256 * 1024 * 1024,
)


def read_column_names(*, content: bytes, file_name: str) -> tuple[str, ...]:
    """Return the names of the columns of a small table, or of the beginning of a text table; nothing of it is kept.

    It is read in the sandbox. Raises NotReadable and its kinds (several tables, no table, broken off). Never call it in a
    transaction: it takes a second.
    """
    with tempfile.TemporaryDirectory(dir=home().uploads) as name:
        folder = Path(name)
        path = folder / "file"
        path.write_bytes(content)
        reading = read_in_sandbox(path, file_name, folder=folder, limits=_LIMITS)
        return reading.result.table.column_names

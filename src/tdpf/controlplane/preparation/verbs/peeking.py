"""Reading only the names of a table's columns, or only its rating, from bytes that are not kept; rating a version."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import Limits
from tdpf.controlplane.preparation.reads.rates import facts_about, rate_file, rating_summary
from tdpf.kit.home import home

_LIMITS = Limits(
    max_bytes=32 * 1024 * 1024,
    max_unzipped_bytes=128 * 1024 * 1024,
    max_cells=5_000_000,
    memory_bytes=1024 * 1024 * 1024,
    cpu_seconds=40,
    wall_seconds=80,
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


def rate_bytes(*, content: bytes, file_name: str) -> dict[str, Any] | None:
    """Return the summary of a small file's readability rating (rule set, score, levels, broken rules); nothing of the file is kept.

    None when there is no verdict, because the reading broke off. Never call it in a transaction: it takes a second.
    """
    with tempfile.TemporaryDirectory(dir=home().uploads) as name:
        path = Path(name) / "file"
        path.write_bytes(content)
        rating = rate_file(path, file_name, limits=_LIMITS)
    return None if rating.error is not None and not rating.rules else rating_summary(rating)


def rate_version(*, version_uid: str) -> bool:
    """Rate the latest version of a table anew with what the catalogue knows of it; return whether there was a verdict.

    Never call it in a transaction: it takes seconds. Raises VersionUnknown.
    """
    version = catalog.get_version(version_uid)
    original = catalog.original_path(version.original_sha256)
    if version.state != version.State.LATEST or not version.dictionary or not original.exists():
        return False
    rating = rate_file(original, version.original_name, facts=facts_about(version_uid))
    summary = rating_summary(rating)
    if rating.error is not None or summary is None:
        return False
    catalog_services.note_ratings(ratings={version.distribution.uid: summary})
    return True

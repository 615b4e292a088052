"""What a read file would change of a table that is published, before anybody signs for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.preparation import errors
from tdpf.controlplane.preparation.models import Upload
from tdpf.controlplane.preparation.reads.planning import Plan, plan_version
from tdpf.tables.diff import TextTable, differences, table_in, table_of
from tdpf.tables.difference_files import DifferenceWords, write_differences


def difference_of(upload: Upload, distribution_uid: str) -> dict[str, Any] | None:
    """Return how an upload's table differs from the latest version, as `tables.diff.differences` says it.

    None where nothing is published, where its files are gone, or where either is larger than is compared at once: the
    difference is then told when the version is published. Raises OtherProvider, UploadWrongState.
    """
    compared = _compared(upload, distribution_uid)
    return differences(*compared[:2], compared[2].key_columns) if compared else None


def write_difference_of(upload: Upload, distribution_uid: str, out: Path, *, words: DifferenceWords) -> bool:
    """Write every row that an upload would change as CSV; returns False where `difference_of` tells nothing."""
    compared = _compared(upload, distribution_uid)
    if compared is None:
        return False
    before, after, plan = compared
    write_differences(before, after, plan.key_columns, out, words=words)
    return True


def _compared(upload: Upload, distribution_uid: str) -> tuple[TextTable, TextTable, Plan] | None:
    if catalog.get_distribution(distribution_uid).dataset.provider_id != upload.party_id:
        raise errors.OtherProvider(upload=upload.uid)
    plan = plan_version(upload, distribution_uid=distribution_uid)
    table = plan.reading.result.table
    latest = catalog.latest_version(distribution_uid)
    if latest is None:
        return None
    folder = catalog.table_folder(latest.identity)
    cells = max(latest.rows * len(latest.dictionary), table.row_count * len(table.columns))
    if cells > catalog.MOST_COMPARED_CELLS or not folder.is_dir():
        return None
    return table_in(folder), table_of(table.column_names, table.iter_rows()), plan

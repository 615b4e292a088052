"""One version of a distribution, and what differs from the version before it, as far as who asks may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db.models import Q, Window
from django.db.models.functions import RowNumber

from tdpf.controlplane.catalog import errors
from tdpf.controlplane.catalog.models import Version
from tdpf.controlplane.catalog.reads.datasets import version_page
from tdpf.controlplane.catalog.storage import table_folder
from tdpf.controlplane.catalog.types import VersionShown
from tdpf.tables.diff import table_in
from tdpf.tables.difference_files import DifferenceWords, write_differences

MOST_COMPARED_CELLS = 3_000_000
_OLDER_IN_REACH = 10
_KEPT = (Version.State.LATEST, Version.State.OLDER)


def version_shown(distribution_uid: str, number: int, *, columns: Collection[str] | None) -> VersionShown:
    """Return a version by its number; of what differs from the one before, `columns` alone are quoted, None quoting all.

    Rows are quoted while both versions are kept. Raises VersionUnknown.
    """
    row = _row(distribution_uid, number)
    page = version_page(row)
    quoted = columns if _kept_before(row) else ()
    told = page.diff if quoted is None else quoted_within(page.diff, quoted)
    return VersionShown(
        version=replace(page, diff=told, read_report={}),
        in_reach=row.state == Version.State.LATEST
        or row.pk in {key for key, *_ in versions_in_reach(row.distribution_id)},
        comparable=(columns is None or bool(columns)) and _folders(row) is not None,
    )


def write_version_differences(
    distribution_uid: str, number: int, out: Path, *, columns: Collection[str] | None, words: DifferenceWords
) -> bool:
    """Write all that differs between a version and the one before it as CSV, in these columns, None meaning all.

    Returns False, and writes nothing, where one of the two is not here any more, or they are larger than is compared at once.
    Raises VersionUnknown.
    """
    row = _row(distribution_uid, number)
    folders = _folders(row)
    if folders is None:
        return False
    before, after = map(table_in, folders)
    write_differences(before, after, list(row.key_columns), out, words=words, told=columns)
    return True


def quoted_within(diff: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Return a difference whose samples quote these columns alone; with none, the counts are all that is left."""
    samples = diff.get("samples") or {}
    if not columns or not samples:
        return {name: part for name, part in diff.items() if name != "samples"}
    return {**diff, "samples": {
        "added": [_cells(cells, columns) for cells in samples.get("added", ())],
        "removed": [_cells(cells, columns) for cells in samples.get("removed", ())],
        "changed": [
            {name: _cells(cells, columns) for name, cells in change.items()}
            for change in samples.get("changed", ()) if set(change["after"]) & set(columns)
        ],
    }}  # fmt: skip


def versions_in_reach(distribution: int | None = None) -> Sequence[tuple[int, int, int, str]]:
    """Return (key, distribution, number, identity) of the older versions that can be asked for: pinned ones and the newest.

    Of one distribution by its key, or of all.
    """
    place = Window(RowNumber(), partition_by="distribution_id", order_by="-number")
    rows = Version.objects.filter(state=Version.State.OLDER)
    if distribution is not None:
        rows = rows.filter(distribution=distribution)
    near = rows.annotate(place=place).filter(Q(pinned=True) | Q(place__lte=_OLDER_IN_REACH))
    return tuple(near.order_by("distribution_id", "number").values_list("pk", "distribution_id", "number", "identity"))


def _row(distribution_uid: str, number: int) -> Version:
    found = Version.objects.filter(distribution__uid=distribution_uid, number=number)
    row = found.select_related("distribution", "published_by").first()
    if row is None:
        raise errors.VersionUnknown(version=str(number))
    return row


def _kept_before(row: Version) -> Version | None:
    """Return the version before, where it and this one are both kept."""
    if row.state not in _KEPT:
        return None
    return Version.objects.filter(distribution=row.distribution_id, number=row.number - 1, state__in=_KEPT).first()


def _folders(row: Version) -> tuple[Path, Path] | None:
    """Return the folders of the version before and of this one, where both are kept and small enough."""
    before = _kept_before(row)
    if before is None or before.identity == row.identity:
        return None
    cells = sum(one.rows * len(one.dictionary) for one in (before, row))
    folders = table_folder(before.identity), table_folder(row.identity)
    return folders if cells <= 2 * MOST_COMPARED_CELLS and all(folder.is_dir() for folder in folders) else None


def _cells(cells: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in cells.items() if name in columns}

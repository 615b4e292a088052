"""Metadata quality is measured when a dataset changes and kept in its row, so that it can be searched and sorted by."""

from __future__ import annotations

from collections.abc import Sequence

from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.quality.scoring import page_points
from tdpf.controlplane.catalog.reads.datasets import pages_of

_AT_ONCE = 200


def measure(*, dataset_uids: Sequence[str]) -> int:
    """Keep the points (0-405) and stars (0-5) of datasets as their pages show them; return how many changed."""
    changed = 0
    for begin in range(0, len(dataset_uids), _AT_ONCE):
        wanted = dataset_uids[begin : begin + _AT_ONCE]
        rows = list(Dataset.objects.filter(uid__in=wanted).select_related("provider"))
        differing: list[Dataset] = []
        for row, page in zip(rows, pages_of(rows), strict=True):
            measured = page_points(page)
            if (row.mqa_points, row.stars) != (measured.points, measured.stars):
                row.mqa_points, row.stars = measured.points, measured.stars
                differing.append(row)
        Dataset.objects.bulk_update(differing, ["mqa_points", "stars"])
        changed += len(differing)
    return changed

"""What can be got of datasets: kinds and formats of their distributions, for lists and cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdpf.controlplane.catalog.models import Distribution, Version
from tdpf.controlplane.catalog.vocabularies.formats import LOCATED_FORMATS, TABLE_FORMATS


def offered_facts(dataset_ids: Sequence[int]) -> dict[int, list[tuple[str, str, bool | None]]]:
    """Return (kind, format, located) of what can be got of each dataset; located is None without a version."""
    active = Distribution.objects.filter(dataset__in=dataset_ids, state=Distribution.State.ACTIVE)
    latest = dict(
        Version.objects.filter(distribution__in=active, state=Version.State.LATEST).values_list(
            "distribution_id", "located"
        )
    )
    found: dict[int, list[tuple[str, str, bool | None]]] = {}
    for row in active.order_by("id"):
        found.setdefault(row.dataset_id, []).append((row.kind, row.format, latest.get(row.pk)))
    return found


def formats_of(offered: Iterable[tuple[str, str, bool | None]]) -> tuple[str, ...]:
    """Return the format codes in which a dataset can be got: a held table in several, a file or link in its own."""
    found: dict[str, None] = {}
    for kind, code, located in offered:
        if kind == "table":
            if located is not None:
                found.update(dict.fromkeys(TABLE_FORMATS))
            if located:
                found.update(dict.fromkeys(LOCATED_FORMATS))
        elif code:
            found[code] = None
    return tuple(found)

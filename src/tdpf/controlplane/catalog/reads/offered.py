"""What can be got of datasets: kinds and formats of their distributions, for lists and cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdpf.controlplane.catalog.models import Distribution, Version
from tdpf.controlplane.catalog.vocabularies.formats import CONNECTED_FORMATS, LOCATED_FORMATS, TABLE_FORMATS

_CONNECTED = "connected table"


def offered_facts(dataset_ids: Sequence[int]) -> dict[int, list[tuple[str, str, bool | None]]]:
    """Return what `offered_fact` says of each distribution of each dataset."""
    active = Distribution.objects.filter(dataset__in=dataset_ids, state=Distribution.State.ACTIVE)
    latest = dict(
        Version.objects.filter(distribution__in=active, state=Version.State.LATEST).values_list(
            "distribution_id", "located"
        )
    )
    found: dict[int, list[tuple[str, str, bool | None]]] = {}
    for row in active.order_by("id"):
        fact = offered_fact(row.kind, row.format, row.place_mark, latest.get(row.pk), row.located)
        found.setdefault(row.dataset_id, []).append(fact)
    return found


def offered_fact(
    kind: str, code: str, place_mark: str, located: bool | None, connected_located: bool
) -> tuple[str, str, bool | None]:
    """Return (kind, format, located) of a distribution; located is None for one that is neither a version nor a connected table."""
    if kind == "table" and place_mark:
        return _CONNECTED, code, connected_located
    return kind, code, located


def formats_of(offered: Iterable[tuple[str, str, bool | None]]) -> tuple[str, ...]:
    """Return the format codes in which a dataset can be got: a table in several, a file or link in its own."""
    found: dict[str, None] = {}
    for kind, code, located in offered:
        if kind in ("table", _CONNECTED):
            if located is not None:
                found.update(dict.fromkeys(TABLE_FORMATS if kind == "table" else CONNECTED_FORMATS))
            if located:
                found.update(dict.fromkeys(LOCATED_FORMATS))
        elif code:
            found[code] = None
    return tuple(found)

"""Reading the names of columns from small open tables at other sites, once for each state of a link."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.federation.models import LinkLook
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.preparation import services as preparation
from tdpf.kit.errors import Problem

_WHOLE = ("XLSX", "XLS", "ODS", "JSON", "GEOJSON", "PARQUET")


def read_due_columns(*, manners: Manners, limit: int = 200, seconds: float = 600.0) -> int:
    """Read columns where the catalogue's rules let us; return of how many files. Never call it in a transaction."""
    end = time.monotonic() + seconds
    count = 0
    looks = LinkLook.objects.filter(state__in=["ok", "moved"], columns_tried=False).order_by("pk")
    with Visitor(manners) as visitor:
        for look in looks[:limit]:
            if time.monotonic() > end:
                break
            names = _columns_of(visitor, look)
            if names:
                count += catalog_services.note_columns(columns={look.distribution_uid: names})
            LinkLook.objects.filter(pk=look.pk).update(columns_tried=True)
    return count


def _columns_of(visitor: Visitor, look: LinkLook) -> tuple[str, ...]:
    try:
        page = catalog.dataset_page(look.dataset_uid)
    except DatasetUnknown:
        return ()
    file = next((item for item in page.distributions if item.uid == look.distribution_uid), None)
    if file is None or file.url != look.url:
        return ()
    decision = catalog.may_read_columns(page, file)
    if not decision.may:
        return ()
    try:
        answer = visitor.get(look.url, cut_at=decision.most_bytes)
        if answer.cut and file.format in _WHOLE:
            return ()
        name = urlsplit(answer.url).path.rsplit("/", 1)[-1]
        named = name if "." in name else f"file.{file.format.lower()}"
        return preparation.read_column_names(content=answer.body, file_name=named[:200])
    except Problem:
        # What cannot be fetched or read has no columns for us; the look at the link tells what is wrong with it.
        return ()

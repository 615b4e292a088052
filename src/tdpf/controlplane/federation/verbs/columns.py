"""Reading the names of columns from small open tables at other sites, and rating them, once for each state of a file."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F, Q

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.federation.errors import SourceBusy, SourceTimeOver
from tdpf.controlplane.federation.models import LinkLook
from tdpf.controlplane.federation.visiting.manners import Manners
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.controlplane.preparation import services as preparation
from tdpf.kit.clock import now
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import FetchFailed, TooSlow

_WHOLE = ("XLSX", "XLS", "ODS", "JSON", "GEOJSON", "PARQUET")
_PUT_OFF = timedelta(days=1)


class _Later(Exception):
    """The file's server is busy or silent: nothing is known of the file."""


def read_due_columns(*, manners: Manners, limit: int = 200, seconds: float = 600.0) -> int:
    """Read columns and rate files where the catalogue's rules let us; return the columns of how many files were kept.

    One visit serves both. Never call it in a transaction.
    """
    end = time.monotonic() + seconds
    count = 0
    looks = LinkLook.objects.filter(
        Q(columns_tried=False) | Q(rating_tried=False),
        Q(put_off_at=None) | Q(put_off_at__lt=now() - _PUT_OFF),
        state__in=["ok", "moved"],
    ).order_by(F("put_off_at").asc(nulls_first=True), "pk")
    with Visitor(manners) as visitor:
        for look in looks[:limit]:
            if time.monotonic() > end:
                break
            try:
                names, rating = _read(visitor, look)
            except _Later:
                LinkLook.objects.filter(pk=look.pk).update(put_off_at=now())
                continue
            if names:
                count += catalog_services.note_columns(columns={look.distribution_uid: names})
            if rating:
                catalog_services.note_ratings(ratings={look.distribution_uid: rating})
            LinkLook.objects.filter(pk=look.pk).update(columns_tried=True, rating_tried=True)
    return count


def _read(visitor: Visitor, look: LinkLook) -> tuple[tuple[str, ...], dict[str, Any] | None]:
    """Return the columns of a file and its rating, as far as either may be and can be read. Raises _Later."""
    try:
        page = catalog.dataset_page(look.dataset_uid)
    except DatasetUnknown:
        return (), None
    file = next((item for item in page.distributions if item.uid == look.distribution_uid), None)
    if file is None or file.url != look.url:
        return (), None
    columns, rates = catalog.may_read_columns(page, file), catalog.may_rate_file(page, file)
    if not columns.may and not rates.may:
        return (), None
    try:
        answer = visitor.get(look.url, cut_at=max(columns.most_bytes, rates.most_bytes))
    except (FetchFailed, SourceBusy, SourceTimeOver, TooSlow):
        raise _Later from None
    except Problem:
        # What cannot be fetched has nothing for us; the look at the link tells what is wrong with it.
        return (), None
    name = urlsplit(answer.url).path.rsplit("/", 1)[-1]
    named = (name if "." in name else f"file.{file.format.lower()}")[:200]
    rating = preparation.rate_bytes(content=answer.body, file_name=named) if rates.may and not answer.cut else None
    if not columns.may or (answer.cut and file.format in _WHOLE):
        return (), rating
    try:
        return preparation.read_column_names(content=answer.body, file_name=named), rating
    except Problem:
        return (), rating

"""`/feeds/datasets.atom`: new and changed datasets, what changed here last first (Atom, RFC 4287), in pages (RFC 5005 §3)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.faces.standards.problems import ParameterInvalid
from tdpf.kit import clock
from tdpf.kit.atom import MEDIA_TYPE, AtomEntry, atom_feed

PAGE_SIZE = 50
_PATH = "/feeds/datasets.atom"


def datasets(request: HttpRequest) -> HttpResponse:
    """Return one page of the feed; `page` counts from 1. Raises ParameterInvalid."""
    written = request.GET.get("page", "1")
    if not (written.isascii() and written.isdigit() and len(written) < 8 and int(written) > 0):
        raise ParameterInvalid(parameter="page", expected="1, 2, 3 …")
    number = int(written)
    page = catalog.select_datasets(order=("-recorded",), offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    last = max(1, -(-page.total // PAGE_SIZE))
    links = {"first": 1, "last": last}
    if number < last:
        links["next"] = number + 1
    if number > 1:
        links["previous"] = min(number - 1, last)
    base = settings.PUBLIC_URL
    body = atom_feed(
        uid="urn:tdpf:datasets",
        title="東京データプラットフォーム — 新しいデータ",
        author="東京データプラットフォーム",
        updated=_changed(page.items[0]) if page.items else clock.now(),
        entries=map(_entry, page.items),
        own=_at(number),
        page=f"{base}/search",
        others=[(relation, _at(at)) for relation, at in links.items()],
    )
    return HttpResponse(body, content_type=MEDIA_TYPE)


def _at(number: int) -> str:
    address = f"{settings.PUBLIC_URL}{_PATH}"
    return address if number == 1 else f"{address}?{urlencode({'page': number})}"


def _entry(item: DatasetPage) -> AtomEntry:
    return AtomEntry(
        uid=f"urn:tdpf:dataset:{item.uid}",
        title=item.title.ja,
        summary=item.description.ja[:1_000],
        address=f"{settings.PUBLIC_URL}/datasets/{item.slug}",
        published=item.published_at or item.created_at,
        updated=_changed(item),
        author=item.provider.name.ja,
        categories=tuple((code, catalog.label_of("themes", code).ja) for code in item.themes),
    )


def _changed(item: DatasetPage) -> datetime:
    """When the entry changed here: a source may date its own change in any year."""
    return item.recorded_at or item.modified_at

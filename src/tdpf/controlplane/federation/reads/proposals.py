"""Reads about catalogues that we know of and do not collect."""

from __future__ import annotations

from urllib.parse import urlsplit

from tdpf.controlplane.federation.models import Proposal, Site
from tdpf.kit.pages import Page


def open_proposals(*, offset: int = 0, limit: int = 50) -> Page[Proposal]:
    """Return proposals of which no site is read: neither that host, nor a site of that area; those with an address first."""
    sites = list(Site.objects.values_list("url", "publisher_area"))
    hosts, areas = {_host(url) for url, _ in sites}, {area for _, area in sites if area}
    rows = Proposal.objects.order_by("area_code", "name", "pk").exclude(area_code__in=areas)
    found = [row for row in rows if not row.url or _host(row.url) not in hosts]
    ordered = sorted(found, key=lambda row: not row.url)
    return Page(items=ordered[offset : offset + limit], total=len(ordered), offset=offset, limit=limit)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""

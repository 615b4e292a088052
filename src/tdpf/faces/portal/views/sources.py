"""Where a dataset's words come from: the history at its sites, the originals, provenance for machines."""

from __future__ import annotations

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.federation import queries as federation
from tdpf.controlplane.preparation import queries as preparation
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.standing import standing_of


def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Show when and where a dataset was seen, changed, moved, and how its links were."""
    page = catalog.dataset_page(slug, standing_of(request))
    sources = federation.sources_of(page.uid)
    # What is registered here stays when its only place elsewhere is taken away.
    may_part = standing_of(request).is_operator and (len(sources) > 1 or page.origin == "registered")
    context = {
        "page": page,
        "sources": sources,
        "happenings": federation.history_of(page.uid),
        "looks": federation.link_history(page.uid),
        "may_part": may_part,
        "trail": [
            (_("さがす"), reverse("search")),
            (page.title.in_(page_language()), reverse("dataset", args=[page.slug])),
            (_("履歴と出どころ"), ""),
        ],
    }
    return render(request, "portal/history.html", context)


def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the record as its site gave it (`?site=`), else of the site whose words are shown."""
    original = federation.original_record(
        _page(request, slug).uid, request.GET.get("site", "")[:63], request.GET.get("record", "")[:500]
    )
    if original is None:
        raise PageNotFound(path=request.path)
    kind = "application/json" if original.lstrip()[:1] in ("{", "[") else "text/plain; charset=utf-8"
    response = HttpResponse(original, content_type=kind)
    # It is a stranger's text: no browser is to run it as a page of ours.
    response["Content-Disposition"] = f'attachment; filename="{slug}.source.json"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def provenance(request: HttpRequest, slug: str) -> HttpResponse:
    """Return where a dataset comes from as PROV-O in JSON-LD."""
    page = _page(request, slug)
    base = settings.PUBLIC_URL
    document = federation.provenance_of(page.uid, dataset_url=f"{base}/datasets/{page.slug}", base_url=base)
    if document is None:
        raise PageNotFound(path=request.path)
    return HttpResponse(orjson.dumps(document), content_type="application/ld+json")


def _page(request: HttpRequest, slug: str) -> DatasetPage:
    return catalog.dataset_page(slug, standing_of(request))


def manual(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the manual of the recipe that made the latest version, in Markdown."""
    page = catalog.dataset_page(slug, standing_of(request))
    latest = catalog.latest_version(page.main.uid) if page.main else None
    if latest is None:
        raise PageNotFound(path=request.path)
    text = preparation.manual_of_version(latest.read_report or {})
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")

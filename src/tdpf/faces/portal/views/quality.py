"""Pages on the quality of descriptions: every site listed here, one site, and what is measured."""

from __future__ import annotations

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.paging import offset_of


def sites(request: HttpRequest) -> HttpResponse:
    """List the sites whose data are listed here."""
    context = {
        "sites": catalog.list_sites(),
        "trail": [(_("さがす"), reverse("search")), (_("載っているサイト"), "")],
    }
    return render(request, "portal/sites.html", context)


def site(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what one site lists, how well it is described, and what would mend most."""
    facts = catalog.site_facts(slug)
    if facts is None:
        raise PageNotFound(path=request.path)
    offset = offset_of(request)
    only_broken = request.GET.get("links") == "broken"
    context = {
        "site": facts,
        "quality": catalog.site_quality(slug),
        "page": catalog.datasets_of_site(slug, offset=offset, only_broken=only_broken),
        "only_broken": only_broken,
        "trail": [(_("載っているサイト"), reverse("sites")), (facts.name.in_(page_language()), "")],
    }
    return render(request, "portal/site.html", context)


def metrics(request: HttpRequest) -> HttpResponse:
    """Explain every indicator: what it is worth, why it matters, how to meet it."""
    context = {"guide": catalog.quality_guide(), "trail": [(_("メタデータの品質のはかり方"), "")]}
    return render(request, "portal/quality_metrics.html", context)


def metrics_json(request: HttpRequest) -> HttpResponse:
    """Return the definitions of the metrics in the Data Quality Vocabulary (JSON-LD)."""
    del request
    document = catalog.dqv_metrics(base_url=settings.PUBLIC_URL)
    return HttpResponse(orjson.dumps(document), content_type="application/ld+json")

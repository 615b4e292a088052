"""The dataset desk: everything its provider does after publishing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.types import OfferState
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.applications import ReasonForm
from tdpf.faces.portal.forms.metadata import MetadataForm, initial_of, metadata_of
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.steps import stays_with_provider
from tdpf.faces.portal.use import DAYS_SHOWN, use_context, use_csv
from tdpf.faces.portal.views.offers import awaits_signature, offer_of, own_page, own_terms
from tdpf.kit import clock


@member_page
def desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Show versions, terms, agreements, use, and what can be done with them."""
    page = own_page(request, slug)
    standing = standing_of(request)
    offer = offer_of(request, page)
    today = clock.jst_date(clock.now())
    first = date.fromordinal(today.toordinal() - DAYS_SHOWN + 1)
    shares = metering.shares("dataset", [page.number], first, today, "application")
    named = access.applications_by_number([share.number for share in shares])
    context = {
        "page": page,
        "offer": offer,
        "draft": offer is None or offer.state == OfferState.DRAFT,
        "unsigned": awaits_signature(request, page),
        "stays": stays_with_provider(page),
        "words": exchange.terms_in_words(offer.terms, page_language()) if offer else [],
        "versions": [(entry, catalog.versions_of(entry.uid)) for entry in page.distributions],
        "requests": [asked for asked in exchange.requests_to(standing) if asked.dataset.uid == page.uid],
        "agreements": exchange.agreements_of_dataset(page.uid, standing),
        "warranties": exchange.warranties_of(page.uid, standing),
        "quality": catalog.quality_of(page, clock.now()),
        "voices": community.feedback_to(standing, dataset_uid=page.uid).items,
        "shares": [(share, named.get(share.number)) for share in shares],
        **use_context(
            request,
            "dataset",
            page.number,
            page=reverse("desk", args=[page.slug]),
            csv=reverse("desk-use", args=[page.slug]),
        ),
        "trail": [(_("マイページ"), reverse("my-home")), (page.title.in_(page_language()), "")],
    }
    return render(request, "portal/provide/desk.html", context)


def _reader(number: int) -> Any:
    def read(first: date, last: date) -> list[DayUse]:
        return metering.use_of_dataset(number, first, last)

    return read


@member_page
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Return a dataset's use as CSV."""
    page = own_page(request, slug)
    return use_csv(_reader(page.number), f"use-{page.slug}")


@member_page
def metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what is said about a dataset."""
    page = own_page(request, slug)
    standing = standing_of(request)
    offer = offer_of(request, page)
    draft = offer if offer is not None and offer.state == OfferState.DRAFT else None
    contradicts = draft is not None and exchange.contradicts_licence(draft.terms, page.licence)
    proposed = own_terms(page) if contradicts else {}
    chosen = request.POST.get("licence", page.licence)
    form = MetadataForm(
        request.POST or None,
        initial={**initial_of(page), **proposed},
        contradicts=chosen != page.licence and exchange.contradicts_offers(page.uid, chosen),
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            exchange_services.describe_dataset(
                actor=standing,
                dataset_uid=page.uid,
                metadata=form.metadata(metadata_of(page)),
                despite_licence=form.cleaned_data.get("despite_licence", False),
            )
            wanted = form.cleaned_data["slug"]
            if wanted and wanted != page.slug:
                services.rename_dataset(actor=standing, dataset_uid=page.uid, slug=wanted)
            messages.success(request, _("保存しました。"))
            return see_other(reverse("desk", args=[wanted or page.slug]))
    trail = [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("説明を直す"), "")]
    context = {"page": page, "form": form, "contradicts": contradicts, "trail": trail}
    return render(request, "portal/provide/metadata.html", context, status=422 if form.errors else 200)


def _version_of(request: HttpRequest, slug: str, uid: str) -> tuple[Any, Any]:
    page = own_page(request, slug)
    for distribution in page.distributions:
        for version in catalog.versions_of(distribution.uid):
            if version.uid == uid:
                return page, version
    raise PageNotFound(path=request.path)


@member_page
@require_POST
def pin(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Keep a version beyond its retention, or let it go."""
    page, version = _version_of(request, slug, uid)
    services.pin_version(actor=standing_of(request), version_uid=uid, pinned=not version.pinned)
    messages.success(request, _("残す版を変えました。"))
    return see_other(f"{reverse('desk', args=[page.slug])}#versions")


@member_page
def purge(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Say what purging a version erases, then erase it for good."""
    page, version = _version_of(request, slug, uid)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.purge_version(actor=standing_of(request), version_uid=uid, reason=form.cleaned_data["reason"])
            messages.success(request, _("版を消去しました。消した事実だけを残しています。"))
            return see_other(reverse("desk", args=[page.slug]))
    trail = [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("版を消去する"), "")]
    context = {"page": page, "version": version, "form": form, "trail": trail}
    return render(request, "portal/provide/purge.html", context, status=422 if form.errors else 200)

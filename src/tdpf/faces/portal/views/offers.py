"""Terms and publication of a dataset: wizard steps 4 and 5, and the end of an offer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services
from tdpf.controlplane.exchange.types import OfferState, OfferView
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.preparation import queries as preparation
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal import qr, snippets
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.applications import WithdrawForm
from tdpf.faces.portal.forms.metadata import metadata_of
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.forms.provide import SignForm
from tdpf.faces.portal.forms.terms import TermsForm, initial_of
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.steps import steps
from tdpf.kit import clock
from tdpf.kit.errors import Problem, problem_classes


def own_page(request: HttpRequest, slug: str) -> DatasetPage:
    """Return a dataset of one of the member's parties; anybody else finds nothing here."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    if page.provider.party_id not in standing.roles:
        raise PageNotFound(path=request.path)
    return page


def offer_of(request: HttpRequest, page: DatasetPage) -> OfferView | None:
    """Return the offer the provider works on: one that has not ended, the newest first."""
    offers = [offer for offer in exchange.offers_of_dataset(page.uid, standing_of(request))
              if offer.state != OfferState.ENDED]  # fmt: skip
    return offers[-1] if offers else None


def awaits_signature(request: HttpRequest, page: DatasetPage) -> bool:
    """Say whether what is offered now leads to a place for which nobody has signed, so that it is given to nobody."""
    offer = offer_of(request, page)
    if offer is None or offer.state == OfferState.DRAFT:
        return False
    return bool(exchange.publication_check(offer.uid, standing_of(request)).unsigned)


def _columns(page: DatasetPage) -> list[str]:
    main = page.main
    if main is not None and (main.kind == "stream" or main.place_mark):
        return list(main.columns)
    return list(main.latest.columns) if main and main.latest else []


def _by_area(page: DatasetPage) -> bool:
    return bool(page.distributions) and all(part.area_column for part in page.distributions)


@member_page
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the terms: a preset, then the details, in plain words beside."""
    page = own_page(request, slug)
    offer = offer_of(request, page)
    presets = {preset.code: preset for preset in (*exchange.terms_presets(), *exchange.terms_patterns())}
    chosen = presets.get(request.GET.get("preset", ""))
    initial = dict(chosen.fields) if chosen and chosen.offered else initial_of(offer.terms) if offer else {}
    form = TermsForm(request.POST or None, columns=_columns(page), by_area=_by_area(page), initial=initial)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        with refusals_on(form):
            _keep(request, page, offer, form)
            messages.success(request, _("利用条件を保存しました。"))
            standing = offer is not None and offer.state != OfferState.DRAFT
            return see_other(reverse("desk" if standing else "provide-publish", args=[page.slug]))
    context = {
        "page": page,
        "offer": offer,
        "form": form,
        "presets": exchange.terms_presets(),
        "patterns": exchange.terms_patterns(),
        "begun": bool(initial) or request.method == "POST",
        "words": _words(form, initial),
        "steps": steps(4, page),
        "trail": [(_("だす"), reverse("provide")), (page.title.in_(page_language()), reverse("desk", args=[page.slug])),
                  (_("利用条件"), "")],
    }  # fmt: skip
    return render(request, "portal/provide/terms.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, page: DatasetPage, offer: OfferView | None, form: TermsForm) -> None:
    standing = standing_of(request)
    if offer is None:
        services.draft_offer(actor=standing, dataset_uid=page.uid, fields=form.given())
    else:
        services.set_terms(actor=standing, offer_uid=offer.uid, fields=form.given())


def _words(form: TermsForm, initial: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the terms in plain words as far as they can be said already."""
    given = form.given() if form.is_bound and form.is_valid() else initial
    try:
        return exchange.terms_in_words(exchange.terms_from_mapping(given), page_language()) if given else []
    except Problem:
        return []


@member_page
@require_POST
def terms_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the plain words for what stands in the form now."""
    page = own_page(request, slug)
    form = TermsForm(request.POST, columns=_columns(page), by_area=_by_area(page))
    return render(request, "portal/provide/terms_words.html", {"words": _words(form, {}), "form": form})


@member_page
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Sign the warranty and publish; shows what is still missing and where to mend it.

    What is published already is signed for once more when it leads to another place.
    """
    page = own_page(request, slug)
    offer = offer_of(request, page)
    if offer is None:
        return see_other(reverse("provide-terms", args=[page.slug]))
    again = awaits_signature(request, page)
    if offer.state != OfferState.DRAFT and not again:
        return see_other(reverse("provide-done", args=[page.slug]))
    standing = standing_of(request)
    warranty = exchange.warranty_in_force()
    contradicts = not again and exchange.contradicts_licence(offer.terms, page.licence)
    if request.method == "POST" and request.POST.get("do") == "custom-licence":
        described = dataclasses.replace(metadata_of(page), **own_terms(page))
        catalog_services.edit_metadata(actor=standing, dataset_uid=page.uid, metadata=described)
        messages.success(request, _("ライセンスを「個別の利用条件」にしました。"))
        return see_other(reverse("provide-publish", args=[page.slug]))
    form = SignForm(
        request.POST or None, contradicts=contradicts,
        initial={"text_version": warranty.version, "text_sha256": warranty.sha256},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.sign_warranty(actor=standing, offer_uid=offer.uid, text_version=form.cleaned_data["text_version"],
                                   text_sha256=form.cleaned_data["text_sha256"])  # fmt: skip
            if again:
                messages.success(request, _("署名しました。新しい場所のデータを、利用者に渡しはじめました。"))
                return see_other(reverse("desk", args=[page.slug]))
            services.publish_offer(
                actor=standing, offer_uid=offer.uid, despite_licence=form.cleaned_data.get("despite_licence", False)
            )
            return see_other(reverse("provide-done", args=[page.slug]))
    check = exchange.publication_check(offer.uid, standing)
    known = problem_classes()
    identities = [entry.latest.identity for entry in page.distributions if entry.latest]
    context = {
        "screened": next(filter(None, (preparation.upload_of_version(one, standing) for one in identities)), None),
        "page": page,
        "not_coming": access.columns_not_coming(page),
        "offer": offer,
        "again": again,
        "form": form,
        "warranty": warranty,
        "standing": standing,
        "words": exchange.terms_in_words(offer.terms, page_language()),
        "too_open_licence": catalog.label_of("licences", page.licence) if contradicts else None,
        "missing": [(code, known[code]) for code in check.missing if code != "exchange/warranty-missing"],
        "steps": steps(5, page),
        "trail": [(_("だす"), reverse("provide")), (page.title.in_(page_language()), reverse("desk", args=[page.slug])),
                  (_("公開"), "")],
    }  # fmt: skip
    return render(request, "portal/provide/publish.html", context, status=422 if form.errors else 200)


def own_terms(page: DatasetPage) -> dict[str, Any]:
    """Return the licence of a dataset whose terms are its own: the page says them."""
    return {
        "licence": "custom", "licence_name": f"「{page.title.ja}」の利用条件"[:200],
        "licence_url": f"{settings.PUBLIC_URL}/datasets/{page.slug}#terms",
    }  # fmt: skip


@member_page
def done(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the new dataset's address, its API call and a code for phones."""
    page = own_page(request, slug)
    if page.state == "draft":
        return see_other(reverse("provide-publish", args=[page.slug]))
    address = f"{settings.PUBLIC_URL}/datasets/{page.slug}"
    items = f"{settings.PUBLIC_URL}/data/collections/{page.slug}/items"
    is_open = page.access == "open"
    has_rows = page.main is not None and page.main.kind == "table"
    context = {
        "page": page,
        "address": address,
        "qr": qr.data_uri(address),
        "snippets": snippets.call(items, {"f": "json", "limit": "10"}, needs_key=not is_open) if has_rows else [],
        "operations": access.operations_of(page, settings.PUBLIC_URL),
        "streams": access.streams_of(page, settings.PUBLIC_URL),
        "keyless": is_open,
        "trail": [(_("だす"), reverse("provide")), (page.title.in_(page_language()), "")],
    }
    return render(request, "portal/provide/done.html", context)


@member_page
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """Show whom an end affects and the earliest day, then give notice."""
    page = own_page(request, slug)
    offer = offer_of(request, page)
    if offer is None or offer.state == OfferState.DRAFT:
        raise PageNotFound(path=request.path)
    standing = standing_of(request)
    earliest: date = exchange.earliest_withdrawal(offer.uid, clock.now())
    form = WithdrawForm(request.POST or None, initial={"effective_on": earliest.isoformat()})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form, {"effective_on": "effective_on"}):
            services.give_withdrawal_notice(actor=standing, offer_uid=offer.uid, **form.cleaned_data)
            messages.success(request, _("予告を出しました。使っている人にメールで知らせました。"))
            return see_other(reverse("desk", args=[page.slug]))
    affected = exchange.affected_by_withdrawal(offer.uid, standing)
    context = {
        "page": page,
        "offer": offer,
        "form": form,
        "earliest": earliest,
        "affected": affected,
        "parties": members.parties_by_id({held.consumer.id for held in affected}),
        "trail": [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("提供を止める"), "")],
    }
    return render(request, "portal/provide/stop.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a withdrawal notice back before its day."""
    page = own_page(request, slug)
    offer = offer_of(request, page)
    if offer is None:
        raise PageNotFound(path=request.path)
    reason = request.POST.get("reason", "").strip() or _("提供を続けます。")
    services.take_back_withdrawal_notice(actor=standing_of(request), offer_uid=offer.uid, reason=reason)
    messages.success(request, _("予告を取り消しました。使っている人にメールで知らせました。"))
    return see_other(reverse("desk", args=[page.slug]))

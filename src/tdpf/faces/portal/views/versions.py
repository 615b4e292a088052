"""A new version of a dataset that exists: what changes, the warranty for it, and its publication."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.types import OfferState
from tdpf.controlplane.preparation import queries as preparation
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.forms.provide import SignForm
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.views.offers import offer_of, own_page


@member_page
def new_version(request: HttpRequest, slug: str, uid: str) -> HttpResponse:
    """Compare a read file with the latest version, sign for it where the dataset is offered, and publish it."""
    standing = standing_of(request)
    page = own_page(request, slug)
    distribution = page.main
    if distribution is None:
        raise PageNotFound(path=request.path)
    preview = preparation.preview(uid, standing, distribution_uid=distribution.uid)
    offer = offer_of(request, page)
    offered = offer is not None and offer.state != OfferState.DRAFT
    warranty = exchange.warranty_in_force()
    form = SignForm(
        request.POST or None, asks=offered, initial={"text_version": warranty.version, "text_sha256": warranty.sha256}
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            added = exchange_services.publish_version(
                actor=standing, upload_uid=uid, distribution_uid=distribution.uid,
                text_version=form.cleaned_data["text_version"], text_sha256=form.cleaned_data["text_sha256"],
            )  # fmt: skip
            if added.is_new:
                messages.success(request, _("第%(number)s版にしました。") % {"number": added.number})
            else:
                messages.info(request, _("最新の版とまったく同じ内容なので、新しい版は作りませんでした。"))
            return see_other(reverse("desk" if offered else "provide-terms", args=[page.slug]))
    before = distribution.latest.columns if distribution.latest else ()
    context = {
        "page": page,
        "preview": preview,
        "latest": distribution.latest,
        "new_columns": [name for name in preview.columns if name not in before] if before else [],
        "gone_columns": [name for name in before if name not in preview.columns],
        "agreements": exchange.agreements_of_dataset(page.uid, standing),
        "offered": offered,
        "warranty": warranty,
        "form": form,
        "trail": [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (_("新しい版"), "")],
    }
    return render(request, "portal/provide/new_version.html", context, status=422 if form.errors else 200)

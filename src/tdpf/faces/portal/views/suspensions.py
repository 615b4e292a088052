"""Suspend and lift, a party or one offer: consequences first, then the order, then its record."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.exchange.types import OfferState
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services
from tdpf.controlplane.members.types import Standing, WhatStops
from tdpf.controlplane.operations import queries as operations
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.applications import ReasonForm
from tdpf.faces.portal.forms.operator import SuspendForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import operator_page, see_other, standing_of


@operator_page
def suspensions(request: HttpRequest) -> HttpResponse:
    """List the suspension orders, those in force first, and the offers that were stopped."""
    orders = operations.latest_suspension_orders(standing_of(request))
    context = {
        "orders": orders,
        "offers": exchange.suspended_offers(),
        "trail": [(_("運営"), reverse("operator-desk")), (_("利用停止"), "")],
    }
    return render(request, "portal/operator/suspensions.html", context)


@operator_page
def suspend(request: HttpRequest, party: str) -> HttpResponse:
    """Say what a suspension of a party would touch, then decide it."""
    target = members.get_party(party)
    behind = Standing(member_id=-1, member_uid="", display_name="", roles={target.pk: "administrator"})
    offers = [offer for offer in exchange.offers_of_parties(behind)
              if offer.state in (OfferState.PUBLISHED, OfferState.WITHDRAWING)]  # fmt: skip
    form = SuspendForm(request.POST or None, standing_offers=offers)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        what = WhatStops(keys=data["keys"], offers=tuple(data.get("offers", ())), sign_in=data["sign_in"])
        with refusals_on(form):
            services.suspend(
                actor=standing_of(request), party_uid=target.uid, what=what, reason=data["reason"],
                continues=data["continues"], until=data["until"],
            )  # fmt: skip
            messages.success(request, _("利用を停止しました。2秒以内に効きます。相手にメールで知らせました。"))
            return see_other(reverse("operator-suspensions"))
    context = {
        "party": target,
        "form": form,
        "offers": [(offer, len(exchange.affected_by_withdrawal(offer.uid, standing_of(request)))) for offer in offers],
        "applications": access.list_applications(behind),
        "agreements": exchange.agreements_for(behind, side="consumer"),
        "people": members.members_of_party(target.pk),
        "trail": [(_("運営"), reverse("operator-desk")), (target.name_ja, ""), (_("利用停止"), "")],
    }
    return render(request, "portal/operator/suspend.html", context, status=422 if form.errors else 200)


@operator_page
def lift(request: HttpRequest, uid: str) -> HttpResponse:
    """Show an order, and lift it with a reason."""
    standing = standing_of(request)
    order = operations.suspension_order(standing, uid)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            lifted = services.lift_suspension(actor=standing, suspension_uid=uid, reason=form.cleaned_data["reason"])
            if lifted.party.suspended:
                messages.warning(request, _("この利用停止を解除しました。同じ相手への、ほかの利用停止は続いています。"))
            else:
                messages.success(request, _("利用停止を解除しました。2秒以内に効きます。"))
            return see_other(reverse("operator-suspension", args=[uid]))
    trail = [
        (_("運営"), reverse("operator-desk")),
        (_("利用停止"), reverse("operator-suspensions")),
        (order.party_name.ja, ""),
    ]
    context = {"order": order, "form": form, "trail": trail}
    return render(request, "portal/operator/suspension.html", context, status=422 if form.errors else 200)


@operator_page
def offer(request: HttpRequest, uid: str) -> HttpResponse:
    """Say whom the stop of one offer touches, then stop it, or let it stand again."""
    standing = standing_of(request)
    found = exchange.get_offer(uid, standing)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # What was decided is said, not guessed from the state: somebody else may have decided meanwhile.
        lifts = request.POST.get("verdict") == "lift"
        decide = exchange_services.lift_offer_suspension if lifts else exchange_services.suspend_offer
        with refusals_on(form):
            decide(actor=standing, offer_uid=uid, reason=form.cleaned_data["reason"])
            said = {True: _("提供を再開しました。2秒以内に効きます。提供者と利用者にメールで知らせました。"),
                    False: _("提供を停止しました。2秒以内に効きます。提供者と利用者にメールで知らせました。")}  # fmt: skip
            messages.success(request, said[lifts])
            return see_other(reverse("operator-offer", args=[uid]))
    context = {
        "offer": found,
        "form": form,
        "may_stop": found.state in (OfferState.PUBLISHED, OfferState.WITHDRAWING),
        "may_lift": found.state == OfferState.SUSPENDED,
        "agreements": exchange.affected_by_withdrawal(uid, standing),
        "words": exchange.terms_in_words(found.terms, page_language()),
        "log": operations.search_audit(standing, subject=f"offer:{uid}", limit=20),
        "trail": [(_("運営"), reverse("operator-desk")), (_("利用停止"), reverse("operator-suspensions")),
                  (found.dataset.title_ja, "")],
    }  # fmt: skip
    return render(request, "portal/operator/offer.html", context, status=422 if form.errors else 200)

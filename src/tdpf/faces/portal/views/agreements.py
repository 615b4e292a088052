"""Apply for an offer, follow the request, live with the agreement."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services as access_services
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services
from tdpf.controlplane.exchange.types import (
    Access,
    AgreementState,
    AgreementView,
    InformationManagement,
    OfferState,
    QuotaUse,
    RequestState,
)
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.applications import AnswerForm, ApplyForm, EvidenceForm, ReasonForm, ReplyForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.use import use_context, use_csv, used
from tdpf.kit import clock

HOURS_SHOWN = 48


@member_page
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a dataset, its terms in plain words beside the form."""
    standing = standing_of(request)
    page = catalog.dataset_page(slug, standing)
    offer = exchange.offer_of_dataset(page.uid)
    if offer is None:
        raise PageNotFound(path=request.path)
    if offer.terms.access == Access.OPEN:
        messages.info(request, _("オープンなデータです。申込みなしで、すぐ使えます。"))
        return see_other(reverse("dataset", args=[page.slug]))
    applications = [entry for entry in access.list_applications(standing) if entry.state == "active"]
    needs = offer.terms.information_management != InformationManagement.NONE
    form = ApplyForm(
        request.POST or None, applications=applications, purposes=exchange.request_purposes(offer.terms, page_language()), needs_management=needs,
        initial={"terms_sha256": offer.terms_sha256, "application": applications[0].uid if applications else ""},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form, {"application_uid": "application"}):
            made = access_services.apply_for_offer(
                actor=standing, offer_uid=offer.uid, application_uid=data["application"], purpose=data["purpose"],
                purpose_statement=data["purpose_statement"], information_management=data["information_management"],
                terms_sha256=data["terms_sha256"],
            )  # fmt: skip
            if made.agreement_uid:
                messages.success(request, _("約定が成立しました。いまから使えます。"))
                return see_other(reverse("agreement", args=[made.agreement_uid]))
            messages.success(request, _("申込みを送りました。提供者の返事をメールでお知らせします。"))
            return see_other(reverse("request", args=[made.uid]))
    read = request.POST.get("terms_sha256", offer.terms_sha256)
    if read != offer.terms_sha256:
        form.read_anew(offer.terms_sha256)
    before = exchange.terms_known_before(offer, standing, read)
    names = {entry.uid: entry.name for entry in applications}
    context = {
        "page": page,
        "offer": offer,
        "changes": exchange.terms_changes_in_words(before, offer.terms, page_language()) if before else [],
        "form": form,
        "applications": applications,
        "held": [
            (one, names.get(one.application_uid, "")) for one in exchange.agreements_under_offer(offer.uid, standing)
        ],
        "words": exchange.terms_in_words(offer.terms, page_language()),
        "standing": standing,
        "new_application": f"{reverse('applications')}?{urlencode({'next': request.path})}",
        "trail": [(page.title.in_(page_language()), reverse("dataset", args=[page.slug])), (_("申し込む"), "")],
    }
    return render(request, "portal/apply.html", context, status=422 if form.errors else 200)


@member_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the requests that wait for the provider, and those decided."""
    standing = standing_of(request)
    asked = exchange.requests_by(standing)
    context = {
        "inbox": exchange.inbox(standing),
        "mine": asked,
        "agreements": exchange.agreements_for(standing, side="provider"),
        "trail": [(_("マイページ"), reverse("my-home")), (_("申込み"), "")],
    }
    return render(request, "portal/inbox.html", context)


@member_page
def request_page(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a request to its two sides; the provider answers here, the consumer replies here."""
    return _request_page(request, uid)


def _request_page(request: HttpRequest, uid: str, **forms: Any) -> HttpResponse:
    standing = standing_of(request)
    asked = exchange.get_request(uid, standing)
    open_ = asked.state in (RequestState.SUBMITTED, RequestState.ASKED)
    consumer = members.organization_of_party(asked.consumer.id)
    context = {
        "asked": asked,
        "is_provider": asked.provider.id in standing.roles,
        "is_consumer": asked.consumer.id in standing.roles,
        "may_answer": open_ and asked.provider.id in standing.roles,
        "open": open_,
        "application": access.applications_by_uid([asked.application_uid]).get(asked.application_uid),
        "consumer_organization": consumer,
        "record": exchange.track_record(asked.consumer.id) if asked.provider.id in standing.roles else None,
        "words": exchange.terms_in_words(asked.terms, page_language()),
        "answer_form": forms.get("answer_form") or AnswerForm(),
        "reply_form": forms.get("reply_form") or ReplyForm(),
        "trail": [(_("申込み"), reverse("inbox")), (asked.dataset.title_ja, "")],
    }  # fmt: skip
    return render(request, "portal/request.html", context, status=422 if forms else 200)


@member_page
@require_POST
def answer(request: HttpRequest, uid: str) -> HttpResponse:
    """Accept, ask back or decline."""
    form = AnswerForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            done = services.answer_request(
                actor=standing_of(request), request_uid=uid, answer=request.POST.get("answer", ""),
                text=form.cleaned_data["text"],
            )  # fmt: skip
            said = {"accepted": _("承諾しました。約定が成立し、相手はすぐに使えます。"), "declined": _("お断りしました。"),
                    "asked": _("質問を送りました。")}  # fmt: skip
            messages.success(request, said.get(done.state, _("保存しました。")))
            return see_other(reverse("request", args=[uid]))
    return _request_page(request, uid, answer_form=form)


@member_page
@require_POST
def reply(request: HttpRequest, uid: str) -> HttpResponse:
    """Reply to the provider's question."""
    form = ReplyForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            services.reply_to_question(actor=standing_of(request), request_uid=uid, text=form.cleaned_data["text"])
            messages.success(request, _("返事を送りました。"))
            return see_other(reverse("request", args=[uid]))
    return _request_page(request, uid, reply_form=form)


@member_page
@require_POST
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a request back."""
    services.withdraw_request(actor=standing_of(request), request_uid=uid)
    messages.success(request, _("申込みを取り下げました。"))
    return see_other(reverse("request", args=[uid]))


@member_page
def agreement(request: HttpRequest, uid: str) -> HttpResponse:
    """Show the agreement, the same to both sides."""
    standing = standing_of(request)
    held = exchange.agreement_page(uid, standing)
    read = _reader(held.number)
    today, month = used(read)
    context = {
        "agreement": held,
        "is_provider": held.provider.id in standing.roles,
        "is_consumer": held.consumer.id in standing.roles,
        "words": exchange.terms_in_words(held.terms, page_language()),
        "changes": _changed_since(held, standing),
        "application": access.applications_by_uid([held.application_uid]).get(held.application_uid),
        "today": today,
        "month": month,
        "quotas": exchange.quota_states(
            quota_day=held.terms.quota_day,
            quota_month=held.terms.quota_month,
            use=QuotaUse(held.number, today, month),
            instant=clock.now(),
        ),
        "ended": held.state == AgreementState.ENDED,
        **use_context(
            request,
            "agreement",
            held.number,
            page=reverse("agreement", args=[uid]),
            csv=reverse("agreement-use", args=[uid]),
        ),
        "trail": [(_("マイページ"), reverse("my-home")), (_("約定"), "")],
    }
    return render(request, "portal/agreement.html", context)


def _changed_since(held: AgreementView, standing: Standing) -> list[tuple[str, str, str]]:
    """Return what the offer says otherwise today than was sealed, while somebody could agree to it."""
    offer = exchange.get_offer(held.offer_uid, standing)
    if offer.state != OfferState.PUBLISHED or offer.terms == held.terms:
        return []
    return exchange.terms_changes_in_words(held.terms, offer.terms, page_language())


def _reader(number: int) -> Any:
    def read(first: date, last: date) -> list[DayUse]:
        return metering.use_of_agreement(number, first, last)

    return read


@member_page
def agreement_use(request: HttpRequest, uid: str) -> HttpResponse:
    """Return the use under an agreement as CSV."""
    held = exchange.agreement_page(uid, standing_of(request))
    return use_csv(_reader(held.number), f"use-agreement-{held.number}")


@member_page
def use_evidence(request: HttpRequest, uid: str) -> HttpResponse:
    """Say how the use is proved, hand the file out, and compare a file that was handed out before."""
    held = exchange.agreement_page(uid, standing_of(request))
    form = EvidenceForm(request.POST or None, request.FILES or None)
    compared = None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            compared = metering.evidence_beside_ledger(form.cleaned_data["file"].read(), held.number, held.sha256)
    context = {
        "agreement": held,
        "form": form,
        "compared": compared,
        "hours": metering.hours_of_agreement(held.number)[: -HOURS_SHOWN - 1 : -1],
        "trail": [(_("約定"), reverse("agreement", args=[uid])), (_("利用の証跡"), "")],
    }
    return render(request, "portal/use_evidence.html", context, status=422 if form.errors else 200)


@member_page
def use_evidence_file(request: HttpRequest, uid: str) -> HttpResponse:
    """Return the evidence of use, the same bytes to both sides."""
    held = exchange.agreement_page(uid, standing_of(request))
    response = HttpResponse(metering.evidence_of_agreement(held.number, held.sha256), content_type="application/jsonl")
    response["Content-Disposition"] = f'attachment; filename="evidence-agreement-{held.number}.jsonl"'
    return response


@member_page
def agreement_evidence(request: HttpRequest, uid: str) -> HttpResponse:
    """Return the exact sealed text, whose SHA-256 the page shows."""
    held = exchange.agreement_page(uid, standing_of(request))
    response = HttpResponse(held.sealed, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="agreement-{held.number}.json"'
    return response


@member_page
def agreement_odrl(request: HttpRequest, uid: str) -> HttpResponse:
    """Return the agreement as ODRL 2.2 in JSON-LD, the same to both sides."""
    held = exchange.agreement_page(uid, standing_of(request))
    base = settings.PUBLIC_URL
    document = exchange.agreement_as_odrl(
        held, agreement_iri=f"{base}/agreements/{held.uid}", target_iri=f"{base}/datasets/{held.dataset.slug}",
        assigner_iri=f"{base}/publishers/{held.provider.slug}", assignee_iri=f"{base}/publishers/{held.consumer.slug}",
        vocabulary_iri=f"{base}/policies/terms#",
    )  # fmt: skip
    return HttpResponse(orjson.dumps(document), content_type="application/ld+json")


@member_page
def end(request: HttpRequest, uid: str) -> HttpResponse:
    """Say what ending an agreement does, then do it."""
    standing = standing_of(request)
    held = exchange.agreement_page(uid, standing)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.end_agreement(actor=standing, agreement_uid=uid, reason=form.cleaned_data["reason"])
            messages.success(request, _("約定を終わらせました。"))
            return see_other(reverse("agreement", args=[uid]))
    trail = [(_("約定"), reverse("agreement", args=[uid])), (_("終わらせる"), "")]
    context = {"agreement": held, "form": form, "trail": trail}
    return render(request, "portal/agreement_end.html", context, status=422 if form.errors else 200)


@member_page
def breach(request: HttpRequest, uid: str) -> HttpResponse:
    """Tell the operator that the other side does not keep to the agreement."""
    standing = standing_of(request)
    held = exchange.agreement_page(uid, standing)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.report_breach(actor=standing, agreement_uid=uid, text=form.cleaned_data["reason"])
            messages.success(request, _("運営者に知らせました。"))
            return see_other(reverse("agreement", args=[uid]))
    trail = [(_("約定"), reverse("agreement", args=[uid])), (_("運営者に知らせる"), "")]
    context = {"agreement": held, "form": form, "trail": trail}
    return render(request, "portal/agreement_breach.html", context, status=422 if form.errors else 200)

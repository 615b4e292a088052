"""The operator's desk: what waits, how everything is, reviews, suspensions, the audit log, settings."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services as access_services
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange import services as exchange_services
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Decision, OrganizationKind
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.operations import queries as operations
from tdpf.controlplane.operations.types import Queue
from tdpf.controlplane.preparation import queries as preparation
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.operator import AuditForm, ReviewForm
from tdpf.faces.portal.forms.organizations import KIND_LABELS, ROLE_NAMES
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import operator_page, see_other, standing_of
from tdpf.kit import clock
from tdpf.kit.text import Text

_QUEUE_PAGES = {"organizations": "operator-organizations", "breaches": "operator-breaches",
                "suspensions": "operator-suspensions", "screenings": "operator-screenings",
                **dict.fromkeys(("listening-feedback", "listening-requests", "listening-answers"), "operator-listening")}  # fmt: skip


@operator_page
def desk(request: HttpRequest) -> HttpResponse:
    """Show the queues with their age and the health of every part."""
    now = clock.now()
    doubtful = preparation.screenings_to_decide(standing_of(request))
    found = operations.queues(now)
    if not any(queue.name == "screenings" for queue in found):
        label = Text("個人情報の確認を待つファイル", "Files to check for personal data")
        oldest = doubtful[0].screened_at if doubtful else None
        found = [*found, Queue(name="screenings", label=label, waiting=len(doubtful), oldest_at=oldest)]
    listening = community.listening_desk(standing_of(request))
    for name, label, waiting in (
        ("feedback", Text("確かめるのを待つ声", "Feedback to review"), listening.feedback_total),
        ("requests", Text("運ぶのを待つリクエスト", "Data requests to carry"), listening.requests_total),
        ("answers", Text("届いた回答", "Answers that came"), len(listening.answers)),
    ):
        found = [
            *found,
            Queue(name=f"listening-{name}", label=label, waiting=waiting, oldest_at=listening.oldest.get(name)),
        ]
    queues = [(queue, reverse(_QUEUE_PAGES[queue.name]) if queue.name in _QUEUE_PAGES else "") for queue in found]
    context = {
        "now": now,
        "queues": queues,
        "parts": operations.health(now),
        "reconciliations": metering.reconciliations(limit=7),
        "trail": [(_("運営"), "")],
    }
    return render(request, "portal/operator/desk.html", context)


def status(request: HttpRequest) -> HttpResponse:
    """Tell everybody how the platform is doing."""
    now = clock.now()
    context = {"parts": operations.health(now), "now": now, "trail": [(_("稼働状況"), "")]}
    return render(request, "portal/status.html", context)


@operator_page
def organizations(request: HttpRequest) -> HttpResponse:
    """Show the organisations that wait, and find others."""
    text = request.GET.get("q", "").strip()[:200]
    context = {
        "now": clock.now(),
        "waiting": members.list_organizations_to_review(),
        "text": text,
        "found": members.search_organizations(text) if text else None,
        "people": members.search_members(text) if text else None,
        "trail": [(_("運営"), reverse("operator-desk")), (_("団体と会員"), "")],
    }
    return render(request, "portal/operator/organizations.html", context)


@operator_page
def organization(request: HttpRequest, uid: str) -> HttpResponse:
    """Show an organisation's record, and decide about its application."""
    found = members.get_organization(uid)
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            member_services.review_organization(
                actor=standing_of(request), organization_uid=uid,
                decision=_decision(request.POST.get("decision", "")), reason=form.cleaned_data["reason"],
            )  # fmt: skip
            messages.success(request, _("判断を記録し、相手に知らせました。"))
            return see_other(reverse("operator-organization", args=[uid]))
    standing = standing_of(request)
    context = {
        "organization": found,
        "kind": KIND_LABELS[OrganizationKind(found.kind)],
        "steps": members.review_steps(found),
        "memberships": [(held, ROLE_NAMES[held.role]) for held in members.memberships_of(found)],
        "orders": operations.suspension_orders_of(standing, found.party_id),
        "form": form,
        "log": operations.search_audit(standing, subject=f"organization:{uid}", limit=20),
        "trail": [(_("運営"), reverse("operator-desk")), (_("団体と会員"), reverse("operator-organizations")),
                  (found.party.name_ja, "")],
    }  # fmt: skip
    return render(request, "portal/operator/organization.html", context, status=422 if form.errors else 200)


def _decision(value: str) -> Decision:
    return Decision(value) if value in set(Decision) else Decision.ASK_BACK


@operator_page
def member(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a member's record with everything decided about them."""
    found = members.get_member(uid)
    standing = standing_of(request)
    theirs = members.standing_of(found)
    context = {
        "member": found,
        "theirs": theirs,
        "organizations": members.organizations_of(theirs),
        "applications": access.list_applications(theirs),
        "orders": operations.suspension_orders_of(standing, found.party_id),
        "did": operations.search_audit(standing, who=uid, limit=20),
        "trail": [(_("運営"), reverse("operator-desk")), (_("団体と会員"), reverse("operator-organizations")),
                  (found.display_name, "")],
    }  # fmt: skip
    return render(request, "portal/operator/member.html", context)


@operator_page
def breaches(request: HttpRequest) -> HttpResponse:
    """Show the breaches that providers reported, and the agreements that were stopped."""
    context = {"agreements": exchange.breaches_to_judge(), "stopped": exchange.suspended_agreements(),
               "trail": [(_("運営"), reverse("operator-desk")), (_("違反の申立て"), "")]}  # fmt: skip
    return render(request, "portal/operator/breaches.html", context)


@operator_page
@require_POST
def judge_breach(request: HttpRequest, uid: str) -> HttpResponse:
    """Suspend, end or let go on an agreement that was reported; let a stopped one go on again."""
    standing, reason = standing_of(request), request.POST.get("reason", "").strip()
    verdict = request.POST.get("verdict", "")
    if verdict == "suspend":
        exchange_services.suspend_agreement(actor=standing, agreement_uid=uid, reason=reason)
    elif verdict == "lift":
        exchange_services.lift_agreement_suspension(actor=standing, agreement_uid=uid, reason=reason)
    elif verdict == "end":
        exchange_services.end_agreement(actor=standing, agreement_uid=uid, reason=reason)
    else:
        exchange_services.dismiss_breach(actor=standing, agreement_uid=uid, reason=reason)
    messages.success(request, _("判断を記録し、両者に知らせました。"))
    return see_other(reverse("operator-breaches"))


@operator_page
def audit(request: HttpRequest) -> HttpResponse:
    """Search the audit log, and say whether its chain holds."""
    names = [(name, words.in_(page_language())) for name, words in operations.event_names()]
    form = AuditForm(request.GET or None, names=names)
    wanted = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    for name in ("from_at", "until_at"):
        if name in wanted:
            wanted[name] = clock.jst_midnight(wanted[name] + timedelta(days=name == "until_at"))
    context = {
        "form": form,
        "page": operations.search_audit(standing_of(request), **wanted, offset=offset_of(request, digits=7)),
        "faults": operations.verify_chain() if request.GET.get("verify") else None,
        "head": operations.chain_head(),
        "trail": [(_("運営"), reverse("operator-desk")), (_("監査ログ"), "")],
    }
    return render(request, "portal/operator/audit.html", context)


@operator_page
def settings(request: HttpRequest) -> HttpResponse:
    """Show and change what the operator decides for the whole platform."""
    if request.method == "POST":
        wanted = request.POST.get("open_data_needs_account") == "on"
        if wanted != access.open_data_needs_account():
            access_services.change_setting(actor=standing_of(request), name="open_data_needs_account", value=wanted)
        messages.success(request, _("設定を保存しました。2秒以内に効きます。"))
        return see_other(reverse("operator-settings"))
    context = {"open_data_needs_account": access.open_data_needs_account(),
               "trail": [(_("運営"), reverse("operator-desk")), (_("設定"), "")]}  # fmt: skip
    return render(request, "portal/operator/settings.html", context)

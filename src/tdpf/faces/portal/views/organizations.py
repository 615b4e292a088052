"""Organisations: apply, follow the review, members and their roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services
from tdpf.controlplane.members.types import OrganizationKind, OrganizationState, Role
from tdpf.faces.portal.forms.organizations import (
    KIND_LABELS,
    ROLE_LABELS,
    ROLE_NAMES,
    ContactForm,
    InvitationForm,
    OrganizationForm,
)
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of


@member_page
def apply(request: HttpRequest) -> HttpResponse:
    """Apply for an organisation to be admitted."""
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = services.apply_organization(
                actor=standing_of(request), facts=form.facts(), note=form.cleaned_data["note"]
            )
            messages.success(request, _("申請を受け付けました。運営者が審査し、結果をメールでお知らせします。"))
            return see_other(reverse("organization", args=[made.uid]))
    context = {"form": form, "trail": [(_("マイページ"), reverse("my-home")), (_("団体として登録する"), "")]}
    return render(request, "portal/organization_apply.html", context, status=422 if form.errors else 200)


@member_page
def organization(request: HttpRequest, uid: str) -> HttpResponse:
    """Show an organisation to those who belong to it: state of the review, members, contact."""
    return _page(request, uid)


def _page(request: HttpRequest, uid: str, **forms: Any) -> HttpResponse:
    standing = standing_of(request)
    found = members.get_organization(uid)
    members.may_view(standing, found.party_id)
    mine = {**standing.roles, **standing.pending_roles}.get(found.party_id, "")
    context = {
        "organization": found,
        "kind": KIND_LABELS[OrganizationKind(found.kind)],
        "steps": members.review_steps(found),
        "memberships": [(held, ROLE_NAMES[held.role]) for held in members.memberships_of(found)],
        "roles": ROLE_LABELS.items(),
        "invitations": [(invited, ROLE_NAMES[invited.role]) for invited in members.open_invitations_of(found)],
        "administers": mine == Role.ADMINISTRATOR,
        "approved": found.state == OrganizationState.APPROVED,
        "asked_back": found.state == OrganizationState.ASKED_BACK,
        "undecided": found.state in (OrganizationState.SUBMITTED, OrganizationState.ASKED_BACK),
        "invitation_form": forms.get("invitation_form") or InvitationForm(),
        "contact_form": forms.get("contact_form") or ContactForm(initial=_contact_of(found)),
        "suspensions": members.suspensions_of(found.party_id),
        "trail": [(_("マイページ"), reverse("my-home")), (found.party.name_ja, "")],
    }
    return render(request, "portal/organization.html", context, status=422 if forms else 200)


def _contact_of(found: Any) -> dict[str, str]:
    return {"address": found.address, "website": found.website, "contact_email": found.contact_email}


@member_page
def resubmit(request: HttpRequest, uid: str) -> HttpResponse:
    """Correct an application after being asked back."""
    found = members.get_organization(uid)
    members.may_view(standing_of(request), found.party_id)
    initial = {"kind": found.kind, "name_ja": found.party.name_ja, "name_en": found.party.name_en,
               "municipality_code": found.municipality_code, "corporate_number": found.corporate_number,
               **_contact_of(found)}  # fmt: skip
    form = OrganizationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.resubmit_organization(
                actor=standing_of(request), organization_uid=uid, facts=form.facts(), note=form.cleaned_data["note"]
            )
            messages.success(request, _("直した内容で申請し直しました。"))
            return see_other(reverse("organization", args=[uid]))
    context = {
        "form": form,
        "organization": found,
        "trail": [(found.party.name_ja, reverse("organization", args=[uid])), (_("直して申請し直す"), "")],
    }
    return render(request, "portal/organization_apply.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take an undecided application back."""
    services.withdraw_application(actor=standing_of(request), organization_uid=uid)
    messages.success(request, _("申請を取り下げました。"))
    return see_other(reverse("organization", args=[uid]))


@member_page
@require_POST
def contact(request: HttpRequest, uid: str) -> HttpResponse:
    """Change an organisation's contact details."""
    form = ContactForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            services.edit_organization(actor=standing_of(request), organization_uid=uid, **form.cleaned_data)
    if form.errors:
        return _page(request, uid, contact_form=form)
    messages.success(request, _("保存しました。"))
    return see_other(reverse("organization", args=[uid]))


@member_page
@require_POST
def invite(request: HttpRequest, uid: str) -> HttpResponse:
    """Offer a role to the holder of a mail address."""
    form = InvitationForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            services.invite_member(actor=standing_of(request), organization_uid=uid, **form.cleaned_data)
    if form.errors:
        return _page(request, uid, invitation_form=form)
    messages.success(request, _("招待のメールを送りました。"))
    return see_other(reverse("organization", args=[uid]))


@member_page
@require_POST
def withdraw_invitation(request: HttpRequest, uid: str) -> HttpResponse:
    """Take an open invitation back."""
    invitation = services.withdraw_invitation(actor=standing_of(request), invitation_uid=uid)
    messages.success(request, _("招待を取り消しました。"))
    return see_other(reverse("organization", args=[invitation.organization.uid]))


@member_page
@require_POST
def answer_invitation(request: HttpRequest, uid: str) -> HttpResponse:
    """Accept or decline an invitation."""
    if request.POST.get("answer") == "accept":
        membership = services.accept_invitation(actor=standing_of(request), invitation_uid=uid)
        messages.success(request, _("団体に参加しました。"))
        return see_other(reverse("organization", args=[membership.organization.uid]))
    services.decline_invitation(actor=standing_of(request), invitation_uid=uid)
    messages.success(request, _("招待を断りました。"))
    return see_other(reverse("my-home"))


@member_page
@require_POST
def change_role(request: HttpRequest, uid: str) -> HttpResponse:
    """Give a member another role, or end the membership."""
    standing = standing_of(request)
    back = request.POST.get("organization", "")
    role = request.POST.get("role", "")
    if role == "none":
        services.end_membership(actor=standing, membership_uid=uid)
        messages.success(request, _("団体から外しました。"))
    elif role in ROLE_LABELS:
        services.change_role(actor=standing, membership_uid=uid, role=role)
        messages.success(request, _("役割を変えました。"))
    else:
        messages.error(request, _("役割を選んでください。"))
    return see_other(reverse("organization", args=[back]) if back.isalnum() else reverse("my-home"))

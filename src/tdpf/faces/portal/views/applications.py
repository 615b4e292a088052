"""Applications and their keys."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.access.types import IssuedKey
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.faces.portal.forms.applications import (
    SCOPE_LABELS,
    ApplicationForm,
    EditApplicationForm,
    KeyForm,
    RotateForm,
)
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.use import last_calls, use_context, use_csv


@member_page
def applications(request: HttpRequest) -> HttpResponse:
    """List the member's applications, and register a new one."""
    standing = standing_of(request)
    parties = [(party.pk, party.name_ja) for party in members.list_parties_for(standing, minimum=Role.EDITOR)]
    asked = request.GET.get("owner", "")
    owner = next((pk for pk, _name in parties if str(pk) == asked), standing.person_party_id)
    form = ApplicationForm(request.POST or None, parties=parties, initial={"owner": owner})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form):
            made = services.register_application(
                actor=standing, owner_party_id=data["owner"], name=data["name"], description=data["description"]
            )
            back = _next(request)
            messages.success(
                request,
                _("利用アプリを登録しました。") if back else _("利用アプリを登録しました。次にキーを発行します。"),
            )
            return see_other(back or reverse("application", args=[made.uid]))
    context = {
        "form": form,
        "applications": access.list_applications(standing),
        "trail": [(_("マイページ"), reverse("my-home")), (_("利用アプリ"), "")],
    }
    return render(request, "portal/applications.html", context, status=422 if form.errors else 200)


def _next(request: HttpRequest) -> str:
    """Return where the member came from when that is a page of this site."""
    address = request.GET.get("next", "")
    return address if address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""


@member_page
@never_cache
def application(request: HttpRequest, uid: str) -> HttpResponse:
    """Show one application: its keys, its agreements, its use."""
    return _page(request, uid)


def _page(request: HttpRequest, uid: str, *, issued: IssuedKey | None = None, **forms: Any) -> HttpResponse:
    standing = standing_of(request)
    facts = access.get_application(uid, standing)
    initial = {"name": facts.name, "description": facts.description}
    context = {
        "application": facts,
        "keys": access.keys_of_application(uid, standing),
        "scopes": SCOPE_LABELS,
        "issued": issued,
        "agreements": exchange.agreements_of_application(uid),
        "key_form": forms.get("key_form") or KeyForm(prefix="key"),
        "edit_form": forms.get("edit_form") or EditApplicationForm(prefix="edit", initial=initial),
        "rotate_form": RotateForm(),
        "calls": last_calls([facts.number]),
        **use_context(
            request,
            "application",
            facts.number,
            page=reverse("application", args=[uid]),
            csv=reverse("application-use", args=[uid]),
        ),
        "trail": [(_("マイページ"), reverse("my-home")), (_("利用アプリ"), reverse("applications")), (facts.name, "")],
    }
    return render(request, "portal/application.html", context, status=422 if forms else 200)


def _reader(number: int) -> Any:
    def read(first: date, last: date) -> list[DayUse]:
        return metering.use_of_application(number, first, last)

    return read


@member_page
@require_POST
@never_cache
def issue_key(request: HttpRequest, uid: str) -> HttpResponse:
    """Issue a key; this answer alone shows it."""
    form = KeyForm(request.POST, prefix="key")
    if form.is_valid():
        with refusals_on(form):
            issued = services.issue_key(
                actor=standing_of(request), application_uid=uid, name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"], expires_at=form.expires_at(),
            )  # fmt: skip
            return _page(request, uid, issued=issued)
    return _page(request, uid, key_form=form)


@member_page
@require_POST
@never_cache
def rotate_key(request: HttpRequest, uid: str) -> HttpResponse:
    """Issue a successor and let the old key end a little later."""
    standing = standing_of(request)
    form = RotateForm(request.POST)
    _key, facts = access.get_key(uid, standing)
    if not form.is_valid():
        return see_other(reverse("application", args=[facts.uid]))
    return _page(request, facts.uid, issued=services.rotate_key(actor=standing, key_uid=uid, overlap=form.time()))


@member_page
def revoke_key(request: HttpRequest, uid: str) -> HttpResponse:
    """Say what revoking a key does, then do it."""
    standing = standing_of(request)
    key, facts = access.get_key(uid, standing)
    if request.method == "POST":
        services.revoke_key(actor=standing, key_uid=uid)
        messages.success(request, _("キー「%(name)s」を失効しました。2秒以内に使えなくなります。") % {"name": key.name})
        return see_other(reverse("application", args=[facts.uid]))
    trail = [(facts.name, reverse("application", args=[facts.uid])), (_("キーを失効する"), "")]
    return render(request, "portal/key_revoke.html", {"key": key, "application": facts, "trail": trail})


@member_page
@require_POST
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Change an application's name and description."""
    form = EditApplicationForm(request.POST, prefix="edit")
    if form.is_valid():
        with refusals_on(form):
            services.edit_application(actor=standing_of(request), application_uid=uid, **form.cleaned_data)
            messages.success(request, _("保存しました。"))
            return see_other(reverse("application", args=[uid]))
    return _page(request, uid, edit_form=form)


@member_page
def close(request: HttpRequest, uid: str) -> HttpResponse:
    """Say what closing an application does, then do it."""
    standing = standing_of(request)
    facts = access.get_application(uid, standing)
    if request.method == "POST":
        services.close_application(actor=standing, application_uid=uid)
        messages.success(request, _("利用アプリ「%(name)s」を閉じました。") % {"name": facts.name})
        return see_other(reverse("applications"))
    live = [key for key in access.keys_of_application(uid, standing) if key.state == "live"]
    running = [entry for entry in exchange.agreements_of_application(uid) if entry.state != "ended"]
    context = {"application": facts, "live": live, "agreements": running,
               "trail": [(facts.name, reverse("application", args=[uid])), (_("閉じる"), "")]}  # fmt: skip
    return render(request, "portal/application_close.html", context)


@member_page
def use(request: HttpRequest, uid: str) -> HttpResponse:
    """Return an application's use as CSV."""
    facts = access.get_application(uid, standing_of(request))
    return use_csv(_reader(facts.number), f"use-application-{facts.number}")

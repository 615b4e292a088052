"""The operator judges what the first screen for personal data found doubtful."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.types import ScreeningDecision, UploadState
from tdpf.faces.portal.forms.applications import ReasonForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import operator_page, see_other, standing_of
from tdpf.kit import clock


@operator_page
def screenings(request: HttpRequest) -> HttpResponse:
    """List what waits, oldest first."""
    context = {"waiting": preparation.screenings_to_decide(standing_of(request)), "now": clock.now(),
               "trail": [(_("運営"), reverse("operator-desk")), (_("個人情報の確認"), "")]}  # fmt: skip
    return render(request, "portal/operator/screenings.html", context)


@operator_page
def screening(request: HttpRequest, uid: str) -> HttpResponse:
    """Show the findings with the first rows, and let them pass or refuse them."""
    standing = standing_of(request)
    found = preparation.get_screening(uid, standing)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accepted = request.POST.get("decision") == "accept"
        decision = ScreeningDecision.ACCEPTED if accepted else ScreeningDecision.REFUSED
        with refusals_on(form):
            services.decide_screening(
                actor=standing, screening_uid=uid, decision=decision, reason=form.cleaned_data["reason"]
            )
            messages.success(request, _("判断を記録し、相手に知らせました。"))
            return see_other(reverse("operator-screenings"))
    upload = found.upload
    shown = upload.state in (UploadState.READ, UploadState.USED)
    places = {int(place) for finding in found.findings for place in finding.get("places", ()) if place.isdecimal()}
    context = {
        "screening": found,
        "upload": upload,
        "preview": preparation.preview(upload.uid, standing) if shown else None,
        "found_rows": preparation.rows_at(upload.uid, standing, places) if shown else (),
        "form": form,
        "trail": [(_("運営"), reverse("operator-desk")), (_("個人情報の確認"), reverse("operator-screenings")),
                  (upload.file_name, "")],
    }  # fmt: skip
    return render(request, "portal/operator/screening.html", context, status=422 if form.errors else 200)

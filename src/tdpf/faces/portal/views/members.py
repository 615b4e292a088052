"""A member's own pages: what waits, what runs, and the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetCard
from tdpf.controlplane.community import queries as community
from tdpf.controlplane.exchange import queries as exchange
from tdpf.controlplane.exchange.types import AgreementState, AgreementView, RequestState
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import Standing
from tdpf.controlplane.metering import queries as metering
from tdpf.controlplane.metering.types import DayUse
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.types import UploadState
from tdpf.faces.portal.forms.organizations import ProfileForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.use import used


@member_page
def my_home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the member, what they use and what they offer."""
    standing = standing_of(request)
    agreements = exchange.agreements_for(standing, side="consumer")
    running = [agreement for agreement in agreements if agreement.state != AgreementState.ENDED]
    mine = catalog.list_datasets(
        standing=standing, provider_party_ids=sorted(standing.roles), states=("draft", "published"), limit=20
    )
    requests = exchange.requests_by(standing)
    organizations = members.organizations_of(standing)
    member: Any = request.user
    context = {
        "standing": standing,
        "inbox": exchange.inbox(standing),
        "invitations": members.invitations_for(member),
        "waiting": [asked for asked in requests if asked.state in (RequestState.SUBMITTED, RequestState.ASKED)],
        "agreements": [(agreement, *budget_of(agreement)) for agreement in running],
        "applications": access.list_applications(standing),
        "datasets": mine,
        "organizations": organizations,
        "asked_back": [organization for organization in organizations if organization.state == "asked_back"],
        "follows": community.follows_of(standing),
        "refused": _refused(standing, mine.items),
        "voices": community.feedback_to(standing, waiting_only=True, limit=5),
        "said": community.feedback_by(standing, limit=5).items,
        "wishes": community.data_requests_by(standing, limit=5).items,
        "trail": [(_("マイページ"), "")],
    }
    return render(request, "portal/my_home.html", context)


def _refused(standing: Standing, datasets: Sequence[DatasetCard]) -> list[tuple[Any, DatasetCard | None]]:
    """Return what of the member's files may not be published as it is, each with the draft that was made of it."""
    found = preparation.refusals_for(standing)
    used = {one.upload_id for one in found if one.upload.state == UploadState.USED}
    drafts: dict[int, DatasetCard] = {}
    for card in datasets if used else ():
        if card.state == "draft":
            for distribution in catalog.dataset_page(card.slug, standing).distributions:
                made_of = (
                    preparation.upload_of_version(distribution.latest.identity, standing)
                    if distribution.latest
                    else None
                )
                drafts |= {made_of.pk: card} if made_of is not None else {}
    # What was used for a draft that is gone, or mended, asks for nothing any more.
    return [(one, drafts.get(one.upload_id)) for one in found if one.upload_id not in used or one.upload_id in drafts]


def budget_of(agreement: AgreementView) -> tuple[int, int]:
    """Return the calls used today and this month under an agreement."""

    def read(first: date, last: date) -> list[DayUse]:
        return metering.use_of_agreement(agreement.number, first, last)

    return used(read)


@member_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change what the member says of themselves."""
    member: Any = request.user
    form = ProfileForm(request.POST or None, initial=_profile_of(member))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            member_services.edit_profile(actor=standing_of(request), **form.cleaned_data)
            messages.success(request, _("保存しました。"))
            return see_other(reverse("profile"))
    return render(request, "portal/profile.html", {"form": form}, status=422 if form.errors else 200)


def _profile_of(member: Any) -> dict[str, str]:
    return {
        "display_name": member.display_name, "name_en": member.party.name_en, "language": member.language,
        "affiliation": member.affiliation, "website": member.website, "introduction": member.introduction,
    }  # fmt: skip

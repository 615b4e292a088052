"""Providing data, steps 1 to 3: choose a file, check what was read, describe it. Every step can be left and resumed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage, DistributionDetails
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Role, Standing
from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation import services
from tdpf.controlplane.preparation.errors import NothingLeft
from tdpf.controlplane.preparation.types import UploadState
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.metadata import MetadataForm, initial_from
from tdpf.faces.portal.forms.problems import add_problem, refusals_on
from tdpf.faces.portal.forms.provide import TYPES, FileForm, HoldingForm, LinkForm, dictionary_from
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.steps import steps
from tdpf.faces.portal.views.offers import own_page
from tdpf.kit.errors import Problem

_PIECE = 4 * 1024 * 1024
_RATED = (UploadState.CHOOSING, UploadState.READ, UploadState.FAILED, UploadState.USED)
_BEGUN = (UploadState.RECEIVED, UploadState.READING, UploadState.CHOOSING, UploadState.READ, UploadState.FAILED)


def provide(request: HttpRequest) -> HttpResponse:
    """Say what providing takes; members choose a file or an address here, or go on with something begun."""
    standing = standing_of(request)
    if standing.is_anonymous:
        return render(request, "portal/provide/welcome.html", {"steps": steps(1), "trail": [(_("だす"), "")]})
    target = own_page(request, request.GET["dataset"]) if request.GET.get("dataset") else None
    form = FileForm(
        request.POST or None, request.FILES or None, parties=own_parties(standing), fixed=target is not None
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            upload_uid = _take_in(standing, form, target.provider.party_id if target else form.cleaned_data["party"])
            return see_other(reverse("provide-found", args=[upload_uid]) + _for(target))
    drafts = catalog.list_datasets(standing=standing, provider_party_ids=sorted(standing.roles), states=("draft",))
    context = {
        "form": form,
        "target": target,
        "standing": standing,
        "uploads": [entry for entry in preparation.uploads_for(standing).items if entry.state in _BEGUN],
        "drafts": drafts.items,
        "steps": steps(1),
        "trail": [(_("だす"), "")],
    }
    return render(request, "portal/provide/start.html", context, status=422 if form.errors else 200)


def own_parties(standing: Standing) -> list[tuple[int, str]]:
    """Return the parties in whose name the member may provide, organisations first: an official acts for the ward."""
    found = members.list_parties_for(standing, minimum=Role.EDITOR)
    return [(party.pk, party.name_ja) for party in sorted(found, key=lambda party: party.kind == "person")]


def _for(target: DatasetPage | None) -> str:
    return f"?dataset={target.slug}" if target else ""


def _take_in(standing: Standing, form: FileForm, party_id: int) -> str:
    """Hand the file or the address to preparation and ask for the reading; return the upload's uid."""
    file = form.cleaned_data["file"]
    if file:
        upload = services.upload_file_whole(
            actor=standing, party_id=party_id, file_name=file.name, size=file.size, pieces=file.chunks(_PIECE),
            media_type=file.content_type or "",
        )  # fmt: skip
    else:
        upload = services.upload_from_url(actor=standing, party_id=party_id, url=form.cleaned_data["url"])
    services.ask_to_read(actor=standing, upload_uid=upload.uid)
    return str(upload.uid)


@member_page
def found(request: HttpRequest, uid: str) -> HttpResponse:
    """Show what was found in the file: the table, every note, what the screen for personal data saw."""
    standing = standing_of(request)
    upload = preparation.get_upload(uid, standing)
    target = own_page(request, request.GET["dataset"]) if request.GET.get("dataset") else None
    read = upload.state in (UploadState.READ, UploadState.USED)
    screening = preparation.screening_of(uid, standing) if read else None
    distribution = target.main.uid if target and target.main else None
    context = {
        "upload": upload,
        "target": target,
        "ending": _for(target),
        "preview": preparation.preview(uid, standing, distribution_uid=distribution) if read else None,
        "rating": preparation.rating_of_upload(uid, standing) if upload.state in _RATED else None,
        "screening": screening,
        "blocked": screening is not None and screening.outcome == "confirmed" and screening.decision != "accepted",
        "problem": (upload.problem or {}).get(page_language()),
        "refused_as_it_is": preparation.refused_as_it_is(upload) if upload.state == UploadState.FAILED else None,
        "choices": (upload.problem or {}).get("data", {}).get("choices", []),
        "steps": steps(2, upload=uid),
        "trail": [(_("だす"), reverse("provide")), (upload.file_name, "")],
    }
    if request.headers.get("HX-Request") and upload.state == UploadState.READING:
        return HttpResponse(status=204)
    response = render(request, "portal/provide/found.html", context)
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"
    return response


@member_page
@require_POST
def read(request: HttpRequest, uid: str) -> HttpResponse:
    """Have a file read, or read anew with the chosen one of several tables."""
    choice = request.POST.get("choice") or None
    services.ask_to_read(actor=standing_of(request), upload_uid=uid, choice=choice)
    ending = f"?dataset={request.GET['dataset']}" if request.GET.get("dataset") else ""
    return see_other(reverse("provide-found", args=[uid]) + ending)


@member_page
@require_POST
def leave_out(request: HttpRequest, uid: str) -> HttpResponse:
    """Go on with the same table without the columns in which personal data were found."""
    standing = standing_of(request)
    ending = f"?dataset={request.GET['dataset']}" if request.GET.get("dataset") else ""
    try:
        made = services.leave_out_found(actor=standing, upload_uid=uid, language=page_language())
    except NothingLeft as problem:
        messages.error(request, f"{problem.title_in(page_language())}: {problem.detail_in(page_language())}")
        return see_other(reverse("provide-found", args=[uid]) + ending)
    services.ask_to_read(actor=standing, upload_uid=made.uid)
    messages.success(request, _("見つかった列を除いたファイルを作りました。もう一度、個人情報を確かめます。"))
    return see_other(reverse("provide-found", args=[made.uid]) + ending)


@member_page
@require_POST
def mend(request: HttpRequest, uid: str) -> HttpResponse:
    """Go on to preparing with the file that is here; it comes back to be published when it is done."""
    standing = standing_of(request)
    preparation.get_upload(uid, standing)
    target = own_page(request, request.GET["dataset"]) if request.GET.get("dataset") else None
    try:
        row = services.prepare_upload(actor=standing, upload_uid=uid, dataset=target.slug if target else "")
    except Problem as problem:
        messages.error(request, f"{problem.title_in(page_language())}: {problem.detail_in(page_language())}")
        return see_other(reverse("provide-found", args=[uid]) + _for(target))
    return see_other(reverse("prepare-found", args=[preparation.address_of(row)]))


@member_page
@require_POST
def discard(request: HttpRequest, uid: str) -> HttpResponse:
    """Erase a file that was handed in."""
    services.discard_upload(actor=standing_of(request), upload_uid=uid)
    messages.success(request, _("ファイルを消しました。"))
    return see_other(reverse("provide"))


@member_page
def describe(request: HttpRequest, uid: str) -> HttpResponse:
    """Describe a new dataset, most of it filled in, and its columns; makes the draft and its first version."""
    standing = standing_of(request)
    upload = preparation.get_upload(uid, standing)
    if upload.state in (UploadState.USED, UploadState.READING, UploadState.CHOOSING, UploadState.DISCARDED):
        return see_other(reverse("provide-found", args=[uid]))
    as_file = upload.state != UploadState.READ
    if as_file and preparation.refused_as_it_is(upload):
        return see_other(reverse("provide-found", args=[uid]))
    preview = None if as_file else preparation.preview(uid, standing)
    initial: dict[str, Any] = initial_from(preview.metadata) if preview else {"title_ja": upload.file_name}
    initial.update(contact_of(request, standing, upload.party_id))
    form = MetadataForm(request.POST or None, initial=initial)
    holding = HoldingForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and holding.is_valid():
        slug = ""
        try:
            if preview:
                _keep_dictionary(request, standing, uid, preview.dictionary)
            slug = _begin(standing, form, _details(holding, as_file), upload.party_id)
            page = catalog.dataset_page(slug, standing)
            services.publish_upload_as_version(
                actor=standing, upload_uid=uid, distribution_uid=page.distributions[0].uid
            )
        except Problem as problem:
            if slug:
                messages.error(request, f"{problem.title_in(page_language())}: {problem.detail_in(page_language())}")
                return see_other(reverse("provide-found", args=[uid]) + f"?dataset={slug}")
            add_problem(form, problem)
        else:
            messages.success(request, _("下書きに保存しました。次に利用条件を決めます。"))
            return see_other(reverse("provide-terms", args=[slug]))
    context = {
        "upload": upload,
        "preview": preview,
        **_edited_columns(request, preview),
        "types": TYPES,
        "form": form,
        "holding": holding,
        "reasons": preview.metadata.get("reasons", {}) if preview else {},
        "keys": request.POST.getlist("key") if request.method == "POST" else list(preview.key_columns if preview else ()),
        "steps": steps(3, upload=uid),
        "trail": [(_("だす"), reverse("provide")), (upload.file_name, reverse("provide-found", args=[uid])), (_("説明"), "")],
    }  # fmt: skip
    return render(request, "portal/provide/describe.html", context, status=422 if form.errors else 200)


def contact_of(request: HttpRequest, standing: Standing, party_id: int) -> dict[str, str]:
    """Return the contact of the party, so that nothing is typed twice."""
    organization = members.organization_of_party(party_id)
    if organization is not None:
        return {"contact_name": organization.party.name_ja, "contact_email": organization.contact_email,
                "contact_url": organization.website}  # fmt: skip
    member: Any = request.user
    return {"contact_name": standing.display_name, "contact_email": member.email}


def first_contact(request: HttpRequest, standing: Standing) -> dict[str, str]:
    """Return the contact of the party that the form proposes, so that no official's own address is published for the ward."""
    proposed = next((party_id for party_id, _name in own_parties(standing)), standing.person_party_id)
    return contact_of(request, standing, proposed)


def _edited_columns(request: HttpRequest, preview: Any) -> dict[str, list[tuple[int, dict[str, Any], tuple[str, ...]]]]:
    """Return the dictionary as typed so far, each column with its place and first values; apart those that no row fills."""
    if preview is None:
        return {"columns": [], "blank": []}
    entries = dictionary_from(request.POST, preview.dictionary) if request.method == "POST" else preview.dictionary
    all_columns = [(place, entry, preview.examples[place][:3]) for place, entry in enumerate(entries)]
    blank = [column for column in all_columns if column[1]["name"] in preview.blank_columns]
    return {"columns": [column for column in all_columns if column not in blank], "blank": blank}


def _keep_dictionary(request: HttpRequest, standing: Standing, uid: str, proposed: Any) -> None:
    names = {str(entry["name"]) for entry in proposed}
    services.edit_dictionary(
        actor=standing, upload_uid=uid, dictionary=dictionary_from(request.POST, proposed),
        key_columns=[name for name in request.POST.getlist("key") if name in names],
    )  # fmt: skip


def _details(holding: HoldingForm, as_file: bool) -> DistributionDetails:
    return DistributionDetails(kind="file" if as_file else "table", holding="held", **holding.cleaned_data)


def _begin(standing: Standing, form: MetadataForm, details: DistributionDetails, party_id: int) -> str:
    """Make the draft with its first distribution; return its slug."""
    dataset = catalog_services.create_dataset(
        actor=standing, provider_party_id=party_id, metadata=form.metadata(), slug=form.cleaned_data["slug"]
    )
    catalog_services.add_distribution(actor=standing, dataset_uid=dataset.uid, details=details)
    return str(dataset.slug)


@member_page
def link(request: HttpRequest) -> HttpResponse:
    """Announce data that stay where they are."""
    standing = standing_of(request)
    form = MetadataForm(request.POST or None, initial=first_contact(request, standing))
    link_form = LinkForm(request.POST or None, parties=own_parties(standing))
    if request.method == "POST" and form.is_valid() and link_form.is_valid():
        data = dict(link_form.cleaned_data)
        details = DistributionDetails(
            kind="link", holding="connected", url=data["url"], holding_reason=data["holding_reason"],
            storage_place=data["storage_place"], format=catalog.format_of(data["url"]),
        )  # fmt: skip
        with refusals_on(form):
            slug = _begin(standing, form, details, data["party"])
            messages.success(request, _("下書きに保存しました。次に利用条件を決めます。"))
            return see_other(reverse("provide-terms", args=[slug]))
    context = {"form": form, "link_form": link_form, "steps": steps(3),
               "trail": [(_("だす"), reverse("provide")), (_("リンクだけを載せる"), "")]}  # fmt: skip
    return render(request, "portal/provide/link.html", context, status=422 if form.errors or link_form.errors else 200)

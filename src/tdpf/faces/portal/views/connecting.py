"""Connecting data that stay with their provider: a provider's own API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.access.errors import UnknownSource
from tdpf.controlplane.access.types import SourceFacts
from tdpf.controlplane.catalog import services as catalog_services
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.exchange.types import OfferState
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.connecting import (
    FIELD_NAMES,
    ApiForm,
    OpenApiForm,
    PartyForm,
    filled_from,
    initial_of,
)
from tdpf.faces.portal.forms.metadata import MetadataForm
from tdpf.faces.portal.forms.problems import add_problem
from tdpf.faces.portal.forms.streams import StreamForm
from tdpf.faces.portal.forms.tables import TableForm
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.steps import connecting_steps
from tdpf.faces.portal.views.offers import awaits_signature, offer_of, own_page
from tdpf.faces.portal.views.provide import first_contact, own_parties
from tdpf.kit.errors import Problem


@member_page
def api(request: HttpRequest) -> HttpResponse:
    """Describe a provider's API as a dataset; how it is connected comes next."""
    return begun(
        request,
        lambda slug: reverse("provide-source", args=[slug, "main"]),
        "portal/provide/api.html",
        _("APIをつなぐ"),
    )


def begun(
    request: HttpRequest, following: Callable[[str], str], template: str, title: str, **more: object
) -> HttpResponse:
    """Describe what is connected as a dataset, and go on to `following` of its slug."""
    standing = standing_of(request)
    form = MetadataForm(request.POST or None, initial=first_contact(request, standing))
    party_form = PartyForm(request.POST or None, parties=own_parties(standing))
    if request.method == "POST" and form.is_valid() and party_form.is_valid():
        try:
            dataset = catalog_services.create_dataset(
                actor=standing, provider_party_id=party_form.cleaned_data["party"], metadata=form.metadata(),
                slug=form.cleaned_data["slug"],
            )  # fmt: skip
        except Problem as problem:
            add_problem(form, problem)
        else:
            messages.success(request, _("下書きに保存しました。次に、つなぎ方を決めます。"))
            return see_other(following(dataset.slug))
    context = {"form": form, "party_form": party_form, "steps": connecting_steps(2), **more,
               "trail": [(_("だす"), reverse("provide")), (title, "")]}  # fmt: skip
    return render(request, template, context, status=422 if form.errors or party_form.errors else 200)


@member_page
def source(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Say how an API is connected: filled from an OpenAPI document, saved, tried."""
    page = own_page(request, slug)
    facts = facts_of(request, page, name)
    form = ApiForm(initial=initial_of(facts.document) if facts else None)
    import_form = OpenApiForm()
    wish = request.POST.get("do", "")
    left_out = 0
    if wish == "import":
        import_form = OpenApiForm(request.POST, request.FILES)
        form, left_out = _imported(import_form, form)
    elif request.method == "POST":
        form = ApiForm(request.POST)
        if form.is_valid() and saved(request, page, name, form, _form_names, try_it=wish == "try"):
            return see_other(f"{reverse('provide-source', args=[page.slug, name])}#tried")
    wrong = bool(form.errors or import_form.errors)
    context = {
        "page": page, "name": name, "facts": facts, "form": form, "import_form": import_form, "left_out": left_out,
        "filled": wish == "import" and not import_form.errors, "operations": access.operations_of(page, settings.PUBLIC_URL),
        **around(request, page, _("APIのつなぎ方")),
    }  # fmt: skip
    return render(request, "portal/provide/source.html", context, status=422 if wrong else 200)


def around(request: HttpRequest, page: DatasetPage, title: str) -> dict[str, object]:
    """Return what every page about how a source is connected shows around its form."""
    offer = offer_of(request, page)
    return {
        "keyless": offer is not None and offer.terms.access == "open",
        "draft": offer is None or offer.state == OfferState.DRAFT,
        "unsigned": awaits_signature(request, page),
        "steps": connecting_steps(3, page),
        "trail": [(page.title.in_(page_language()), reverse("desk", args=[page.slug])), (title, "")],
    }


def places_of(problem: Problem) -> list[str]:
    """Return the places in a document that have a fault."""
    listed = problem.data.get("errors")
    return [str(entry.get("field", "")) for entry in listed] if isinstance(listed, list | tuple) else []


def facts_of(request: HttpRequest, page: DatasetPage, name: str) -> SourceFacts | None:
    """Return how a source is connected, None when it is not yet."""
    try:
        return access.source_of(page.uid, name, standing_of(request))
    except UnknownSource:
        return None


def _imported(import_form: OpenApiForm, form: ApiForm) -> tuple[ApiForm, int]:
    """Return the form filled from what was handed in, and how many operations were left out."""
    if not import_form.is_valid():
        return form, 0
    file: Any = import_form.cleaned_data["openapi"]
    try:
        found = services.import_openapi(
            data=file.read() if file else None, url=import_form.cleaned_data["openapi_url"] or ""
        )
    except Problem as problem:
        add_problem(import_form, problem)
        return form, 0
    return ApiForm(initial=filled_from(found)), found.left_out


def saved(
    request: HttpRequest,
    page: DatasetPage,
    name: str,
    form: ApiForm | StreamForm | TableForm,
    names_of: Callable[[Problem], Mapping[str, str]],
    *,
    try_it: bool,
) -> bool:
    """Save how a source is connected, and try it when asked; False leaves what is wrong on the form (`names_of` finds its fields)."""
    standing = standing_of(request)
    try:
        services.connect_source(
            actor=standing, dataset_uid=page.uid, name=name, document=form.document(),
            secret=form.cleaned_data.get("secret") or None,
        )  # fmt: skip
    except Problem as problem:
        add_problem(form, problem, names_of(problem))
        return False
    if try_it:
        try:
            services.try_source(actor=standing, dataset_uid=page.uid, name=name)
        except Problem as problem:
            messages.warning(request, f"{problem.title.in_(page_language())}: {problem.detail_in(page_language())}")
    messages.success(request, _("つなぎ方を保存しました。"))
    return True


def _form_names(problem: Problem) -> dict[str, str]:
    """Return the form's field for each place in the document that has a fault."""
    return FIELD_NAMES | {place: "operations" for place in places_of(problem) if place.startswith("operations")}

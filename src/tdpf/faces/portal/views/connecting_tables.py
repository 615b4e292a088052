"""Connecting tables that stay with their provider: a database's view, a file, a bucket, a broker, several collections gathered."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access import services
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.forms.problems import add_problem
from tdpf.faces.portal.forms.tables import FIELD_NAMES, TABLE_FORMS, TableForm, column_lines, initial_of_table
from tdpf.faces.portal.standing import member_page, see_other, standing_of
from tdpf.faces.portal.views.connecting import around, begun, facts_of, places_of, saved
from tdpf.faces.portal.views.offers import own_page
from tdpf.kit.errors import Problem


@member_page
def table_start(request: HttpRequest, kind: str) -> HttpResponse:
    """Describe a table that stays where it is as a dataset; how it is connected comes next."""
    if kind not in TABLE_FORMS:
        raise PageNotFound(path=request.path)
    return begun(
        request, lambda slug: f"{reverse('provide-table', args=[slug, 'main'])}?kind={kind}",
        "portal/provide/table_start.html", _("表をつなぐ"), kind=kind,
    )  # fmt: skip


@member_page
def table(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Say how a table is connected: where it is, which columns it gives; read them, save, try."""
    page = own_page(request, slug)
    facts = facts_of(request, page, name)
    shape = TABLE_FORMS.get(facts.kind if facts else request.GET.get("kind", "sql"))
    if shape is None:
        raise PageNotFound(path=request.path)
    applications = _applications(request, page) if shape.kind == "gathered" else ()
    form = shape(initial=initial_of_table(facts.document) if facts else None, applications=applications)
    wish = request.POST.get("do", "")
    if request.method == "POST":
        before = facts.document.get("limits") if facts else None
        form = shape(request.POST, applications=applications, limits_before=before)
        if wish == "columns" and form.is_valid():
            form = _with_columns(request, page, name, form, applications)
        elif form.is_valid() and saved(request, page, name, form, _form_names, try_it=wish == "try"):
            return see_other(f"{reverse('provide-table', args=[page.slug, name])}#tried")
    if shape.kind == "sql" and not (facts and facts.has_secret):
        form.fields["secret"].widget.is_required = form.fields["secret"].required = True
    context = {
        "page": page, "name": name, "kind": shape.kind, "facts": facts, "form": form, "read": wish == "columns" and not form.errors,
        "type_again": bool(request.POST.get("secret")) and not (facts and facts.has_secret),
        "needs_application": shape.kind == "gathered" and not applications,
        "address": f"{settings.PUBLIC_URL}/data/collections/{page.slug if name == 'main' else f'{page.slug}.{name}'}/items",
        **around(request, page, _("表のつなぎ方")),
    }  # fmt: skip
    return render(request, "portal/provide/table.html", context, status=422 if form.errors else 200)


def _applications(request: HttpRequest, page: DatasetPage) -> list[tuple[str, str]]:
    """Return the provider's own applications, by which others can be asked."""
    known = access.list_applications(standing_of(request))
    return [
        (one.uid, one.name) for one in known if one.owner_party_id == page.provider.party_id and one.state == "active"
    ]


def _with_columns(
    request: HttpRequest, page: DatasetPage, name: str, form: TableForm, applications: Sequence[tuple[str, str]]
) -> TableForm:
    """Return the form with the columns that the place has today; what was typed stays."""
    try:
        seen = services.read_columns(
            actor=standing_of(request), dataset_uid=page.uid, name=name, document=form.document(),
            secret=form.cleaned_data.get("secret", ""),
        )  # fmt: skip
    except Problem as problem:
        add_problem(form, problem, _form_names(problem))
        return form
    filled = request.POST.copy()
    filled["columns"] = column_lines((column.name, column.type, column.origin) for column in seen)
    return type(form)(filled, applications=applications)


def _form_names(problem: Problem) -> dict[str, str]:
    """Return the form's field for each place in the document that has a fault."""
    heads = {place: place.partition("[")[0] for place in places_of(problem) if "[" in place}
    return FIELD_NAMES | heads

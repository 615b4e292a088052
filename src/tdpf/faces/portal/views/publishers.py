"""The operator's pages about publishers without an account: where they are written to, and who confirmed it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.forms.operator import PublisherContactForm
from tdpf.faces.portal.forms.problems import refusals_on
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import operator_page, see_other, standing_of

_SHOWN = 20


@operator_page
def listed(request: HttpRequest) -> HttpResponse:
    """List the publishers with where they are written to; `?q=` looks for a name, `?show=open` for what is not confirmed."""
    text, unconfirmed = request.GET.get("q", "").strip()[:200], request.GET.get("show") == "open"
    context = {
        "text": text,
        "unconfirmed": unconfirmed,
        "page": members.search_publishers(text, unconfirmed=unconfirmed, offset=offset_of(request)),
        "waiting": members.search_publishers(unconfirmed=True, limit=1).total,
        "trail": _trail(),
    }
    return render(request, "portal/operator/publishers.html", context)


@operator_page
def contact(request: HttpRequest, uid: str) -> HttpResponse:
    """Show a publisher and set where it is written to; what an operator keeps here counts as confirmed."""
    party = members.get_party(uid)
    publisher = members.publisher_of_party(party.pk)
    if publisher is None:
        raise PageNotFound(path=request.path)
    standing = standing_of(request)
    known = {"contact_email": publisher.contact_email, "website": publisher.website}
    form = PublisherContactForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            services.set_publisher_contact(actor=standing, party_uid=party.uid, **form.cleaned_data)
            confirmed = bool(form.cleaned_data["contact_email"])
            messages.success(
                request,
                _("連絡先を保存し、確かめたものとして記録しました。") if confirmed else _("連絡先を空にしました。"),
            )
            return see_other(reverse("operator-publishers"))
    context = {
        "party": party,
        "publisher": publisher,
        "form": form,
        "datasets": catalog.list_datasets(standing=standing, provider_party_ids=[party.pk], limit=_SHOWN),
        "trail": _trail((party.name_in(page_language()), "")),
    }
    return render(request, "portal/operator/publisher.html", context, status=422 if form.errors else 200)


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        (_("運営"), reverse("operator-desk")),
        (_("掲載機関の連絡先"), reverse("operator-publishers") if more else ""),
        *more,
    ]

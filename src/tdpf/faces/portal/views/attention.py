"""What people look for: the publisher's page of attention, and the operator's."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.metering import queries as metering
from tdpf.djangokit.problems import PageNotFound
from tdpf.faces.portal.context import page_language
from tdpf.faces.portal.paging import offset_of
from tdpf.faces.portal.standing import member_page, operator_page, standing_of
from tdpf.faces.portal.use import DAYS_SHOWN
from tdpf.kit import clock

_LIMIT = 50


@member_page
def of_publisher(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a publisher's members, and operators, how its datasets are found, looked at and used."""
    standing = standing_of(request)
    party = members.get_party(slug)
    if party.pk not in standing.roles and not standing.is_operator:
        raise PageNotFound(path=request.path)
    offset = offset_of(request)
    listed = catalog.list_datasets(standing=standing, provider_party_ids=[party.pk], offset=offset, limit=_LIMIT)
    first, last = _days()
    numbers = [card.number for card in listed.items]
    interest = metering.interest_in(numbers, first, last)
    calls = metering.calls_of_datasets(numbers, first, last)
    context = {
        "party": party,
        "page": listed,
        "lines": [(card, interest[card.number], calls.get(card.number, 0)) for card in listed.items],
        "led": metering.words_that_led_to(numbers, first, last),
        "nothing": metering.words_that_found_nothing(first, last),
        "first": first,
        "last": last,
        "trail": [(party.name_in(page_language()), reverse("publisher", args=[party.slug])), (_("関心"), "")],
    }
    return render(request, "portal/publisher_interest.html", context)


@operator_page
def of_everything(request: HttpRequest) -> HttpResponse:
    """Show operators what is looked for, and what is not found."""
    first, last = _days()
    context = {
        "searched": metering.words_searched(first, last),
        "nothing": metering.words_that_found_nothing(first, last),
        "first": first,
        "last": last,
        "trail": [(_("運営"), reverse("operator-desk")), (_("関心"), "")],
    }
    return render(request, "portal/operator/interest.html", context)


def _days() -> tuple[date, date]:
    today = clock.jst_date(clock.now())
    return date.fromordinal(today.toordinal() - DAYS_SHOWN + 1), today

"""Visitors without an account who write: where they come from (only as a keyed hash), and the field that only robots fill."""

from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from tdpf.controlplane.community import queries as community
from tdpf.controlplane.community.types import VisitorWords
from tdpf.faces.portal.context import page_language
from tdpf.kit.clock import jst_date, now

TRAP = "contact_page"


def visitor_words(request: HttpRequest, *, email: str, name: str = "") -> VisitorWords:
    """Return what a visitor gives of themselves, with the trace of where the request comes from."""
    return VisitorWords(email=email, name=name, language=page_language(), trace=trace_of(request))


def trace_of(request: HttpRequest) -> str:
    """Return the keyed hash of where a request comes from, today's."""
    return community.trace_of(_network(request), jst_date(now()).isoformat())


def is_robot(request: HttpRequest) -> bool:
    """Say whether the field that nobody sees was filled."""
    return bool(request.POST.get(TRAP, ""))


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is a secret out of caches, search engines and other sites' logs.

    With `no-referrer` browsers would send the page's own form with `Origin: null`, which the check of forms refuses.
    """
    add_never_cache_headers(response)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _network(request: HttpRequest) -> str:
    """Return the caller's address; of IPv6 the network that one household has."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)

"""Who is asking: the member behind a request and what is true about them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def standing_of(request: HttpRequest) -> Standing:
    """Return the standing of the one who asks, read once per request."""
    known = getattr(request, "_standing", None)
    if known is None:
        member: Any = request.user
        known = members.standing_of(member) if member.is_authenticated else members.anonymous_standing()
        request._standing = known  # type: ignore[attr-defined]  # kept for the life of this request
    return known


def member_page(view: View[P]) -> View[P]:
    """Let only signed-in members in; others sign in first and come back."""
    return login_required(view)


def operator_page(view: View[P]) -> View[P]:
    """Let only operators in; refuses everybody else as `members` rules it."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        members.may_operate(standing_of(request))
        return view(request, *args, **kwargs)

    return login_required(guarded)


def wants_part(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of the page; going back in the history asks for the whole."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def see_other(address: str) -> HttpResponse:
    """Send the browser on after a change (303)."""
    response = HttpResponse(status=303)
    response["Location"] = address
    return response

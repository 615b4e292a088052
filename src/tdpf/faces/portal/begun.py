"""What a visitor began to prepare, remembered by their own browser for a week; the files themselves go earlier."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.preparation import queries as preparation
from tdpf.controlplane.preparation.errors import WorkpieceUnknown
from tdpf.faces.portal.standing import standing_of

_COOKIE = "tdpf_begun"
_SALT = "portal.begun"
_SECONDS = 7 * 24 * 3600
_MOST = 8


def remember(request: HttpRequest, response: HttpResponse, address: str) -> HttpResponse:
    """Put a workpiece's secret address into the browser's signed cookie, newest first."""
    addresses = [address, *(known for known in _addresses(request) if known != address)][:_MOST]
    response.set_signed_cookie(
        _COOKIE, " ".join(addresses), salt=_SALT, max_age=_SECONDS, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def begun(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return (address, workpiece) of what this browser began without an account and is still there."""
    found = []
    for address in _addresses(request):
        try:
            row = preparation.workpiece_at(address, standing_of(request))
        except WorkpieceUnknown:
            continue
        if row.party_id is None:
            found.append((address, row))
    return found


def _addresses(request: HttpRequest) -> list[str]:
    return str(request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=_SECONDS)).split()

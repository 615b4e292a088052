"""Who calls: nobody in particular, or an application by its key or token."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.errors import TwoCredentials
from tdpf.controlplane.access.types import Caller
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.controlplane.members.types import Standing
from tdpf.djangokit.problems import preferred_language


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, in which language, with which key ("" for none); what is shown is what the standing may see."""

    key: str
    caller: Caller | None
    standing: Standing
    language: str


def visitor_of(request: HttpRequest) -> Visitor:
    """Return who asks; raises CredentialRefused, TwoCredentials.

    Many clients can be given an address and no header: the key may stand there, as it may at the gateway.
    """
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    sent = [key.strip() for key in request.GET.getlist("apikey")]
    sent += [bearer.strip()] if scheme.lower() == "bearer" else []
    sent += [request.headers["X-API-Key"].strip()] if request.headers.get("X-API-Key") else []
    if len(sent) > 1:
        raise TwoCredentials
    language = preferred_language(request.headers.get("Accept-Language", ""))
    if not sent or not sent[0]:
        return Visitor("", None, anonymous_standing(), language)
    caller = access.authenticate(sent[0])
    return Visitor(sent[0], caller, access.reading_standing(caller), language)

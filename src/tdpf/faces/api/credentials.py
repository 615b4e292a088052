"""Who calls: a key or token of an application, and the member who issued it."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.errors import (
    CredentialNeeded,
    CredentialRefused,
    ScopeMissing,
    TooManyWrites,
    TwoCredentials,
)
from tdpf.controlplane.access.types import Caller
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members.types import Standing

WRITES_A_MINUTE = 300
KEY_PARAMETER = "apikey"

_recent: dict[str, deque[float]] = {}
_lock = threading.Lock()


class KeyWithScope(HttpBearer):
    """Lets callers pass whose key or token has a scope; the caller is `request.auth`.

    The key comes as the gateway takes it: `Authorization: Bearer` (RFC 6750), `X-API-Key` or `?apikey=`.
    """

    openapi_bearerFormat = "tdpf_…"  # noqa: N815 - the name OpenAPI gives it

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller; raises CredentialNeeded, ScopeMissing, TooManyWrites, and as `sent_key`."""
        return self.authenticate(request, sent_key(request))

    def authenticate(self, _request: HttpRequest, token: str) -> Caller:
        """Return who stands behind the token."""
        if not token:
            raise CredentialNeeded
        caller = access.authenticate(token)
        if self.scope not in caller.scopes:
            raise ScopeMissing(scope=self.scope)
        if self.scope.endswith(":write"):
            check_pace(caller.key_uid)
        return caller


reads = KeyWithScope("data:read")
writes_datasets = KeyWithScope("datasets:write")
writes_uploads = KeyWithScope("uploads:write")
writes_requests = KeyWithScope("requests:write")
writes_feedback = KeyWithScope("feedback:write")


def sent_key(request: HttpRequest) -> str:
    """Return the key that came with the call, "" when none did; raises TwoCredentials, and CredentialRefused for what is no key."""
    found = request.GET.getlist(KEY_PARAMETER)
    if "Authorization" in request.headers:
        scheme, _, bearer = request.headers["Authorization"].partition(" ")
        found.append(bearer.strip() if scheme.lower() == "bearer" else "")
    if "X-API-Key" in request.headers:
        found.append(request.headers["X-API-Key"].strip())
    if len(found) > 1 or any("," in key for key in found):
        raise TwoCredentials
    if found == [""]:
        raise CredentialRefused
    return found[0] if found else ""


def names_a_key(request: HttpRequest) -> bool:
    """Return whether the call brought a key, or what stands in a key's place."""
    return "Authorization" in request.headers or "X-API-Key" in request.headers or KEY_PARAMETER in request.GET


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller that the call's security put on the request."""
    caller: Any = getattr(request, "auth", None)
    if not isinstance(caller, Caller):
        raise CredentialNeeded
    return caller


def actor_of(request: HttpRequest) -> Standing:
    """Return the standing a write acts with: the issuing member's, with a second factor, for the application's owner."""
    return access.standing_behind(caller_of(request))


def person_of(request: HttpRequest) -> Standing:
    """Return the standing of the issuing member with all of their roles: for what a person says for themselves alone."""
    return dataclasses.replace(members.standing_of_uid(actor_of(request).member_uid), is_operator=False)


def reader_of(request: HttpRequest) -> Standing:
    """Return the standing a read looks with: nobody's without a key, else the owner's party as a viewer sees it."""
    key = sent_key(request)
    if not key:
        return members.anonymous_standing()
    return access.reading_standing(access.authenticate(key))


def check_pace(key_uid: str) -> None:
    """Refuse a key that wrote too often within a minute, in this process; raises TooManyWrites."""
    instant = time.monotonic()
    with _lock:
        if len(_recent) > 10_000:
            _recent.clear()
        times = _recent.setdefault(key_uid, deque())
        while times and times[0] <= instant - 60:
            times.popleft()
        if len(times) >= WRITES_A_MINUTE:
            raise TooManyWrites(limit=WRITES_A_MINUTE, retry_after_seconds=int(times[0] + 61 - instant))
        times.append(instant)

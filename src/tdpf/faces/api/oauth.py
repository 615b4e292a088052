"""OAuth 2 client credentials: a token of minutes for a key (RFC 6749 §4.4), and the server's description (RFC 8414)."""

from __future__ import annotations

import base64
import binascii
import threading
from urllib.parse import unquote_plus

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tdpf.controlplane.access import queries as reading
from tdpf.controlplane.access import services as access
from tdpf.controlplane.access.errors import InvalidClient, OAuthRefused
from tdpf.controlplane.access.types import SCOPES
from tdpf.djangokit.problems import problem_response
from tdpf.faces.api.problems import MethodNotAllowed

# A token works at the gateways when it is handed out, unless one of them takes longer than this.
LONGEST_WAIT = 1.0
# Whoever comes while so many wait in this process is not kept waiting: threads are few.
_waiting = threading.BoundedSemaphore(2)

TOKEN_PATH = "/identity/o/api/token"  # noqa: S105 - an address


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """Mint a token; client by HTTP Basic or in the body, errors as in RFC 6749 §5.2, never stored by anybody."""
    if request.method != "POST":
        response = problem_response(request, MethodNotAllowed(allowed="POST"))
        response["Allow"] = "POST"
        return response
    try:
        client_id, client_secret = _client(request)
        _check_grant(request)
        minted = access.mint_token(client_id=client_id, client_secret=client_secret, scope=request.POST.get("scope"))
    except OAuthRefused as refusal:
        return _refused(refusal)
    if _waiting.acquire(blocking=False):
        try:
            reading.wait_until_applied(minted.stamp, LONGEST_WAIT)
        finally:
            _waiting.release()
    return _json(
        {
            "access_token": minted.access_token,
            "token_type": "Bearer",
            "expires_in": minted.expires_in,
            "scope": " ".join(minted.scopes),
        },
        200,
    )


def description(_request: HttpRequest) -> HttpResponse:
    """Describe the authorization server (RFC 8414 §3)."""
    site = settings.PUBLIC_URL
    body = {
        "issuer": site,
        "token_endpoint": f"{site}{TOKEN_PATH}",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": list(SCOPES),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "service_documentation": f"{site}/api/v1/openapi.json",
        "ui_locales_supported": ["ja", "en"],
    }
    response = HttpResponse(orjson.dumps(body), content_type="application/json")
    response["Cache-Control"] = "public, max-age=3600"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _client(request: HttpRequest) -> tuple[str, str]:
    """Return client and secret; raises OAuthRefused when they come twice or are written wrong."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    in_body = request.POST.get("client_id", ""), request.POST.get("client_secret", "")
    if not scheme:
        return in_body
    if scheme.lower() != "basic":
        raise _invalid_request("the client authenticates by HTTP Basic or in the body")
    if in_body[1]:
        raise _invalid_request("the client authenticates in one way only")
    try:
        client_id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _invalid_request("the Basic credentials are not base64 of UTF-8") from None
    if not colon:
        raise _invalid_request("the Basic credentials hold no colon")
    return unquote_plus(client_id), unquote_plus(secret)


def _check_grant(request: HttpRequest) -> None:
    kinds = request.POST.getlist("grant_type")
    if len(kinds) != 1:
        raise _invalid_request("exactly one grant_type is needed, form-encoded")
    if kinds[0] != "client_credentials":
        raise OAuthRefused(
            error="unsupported_grant_type",
            error_description="only client_credentials is supported",
            description_ja="grant_type は client_credentials だけに対応しています。",
        )


def _invalid_request(what: str) -> OAuthRefused:
    return OAuthRefused(
        error="invalid_request", error_description=what, description_ja="リクエストの形が正しくありません。"
    )


def _refused(refusal: OAuthRefused) -> HttpResponse:
    body = {
        "error": refusal.data["error"],
        "error_description": refusal.data["error_description"],
        "error_uri": f"{settings.PUBLIC_URL}/problems/{refusal.code}",
    }
    response = _json(body, refusal.status)
    if isinstance(refusal, InvalidClient):
        response["WWW-Authenticate"] = 'Basic realm="TDPF", charset="UTF-8"'
    return response


def _json(body: dict[str, object], status: int) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["Pragma"] = "no-cache"
    return response

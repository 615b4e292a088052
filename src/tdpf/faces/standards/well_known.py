"""`/.well-known`: where the APIs are (RFC 9727), whom to tell of a weakness (RFC 9116), who guards `/mcp` (RFC 9728)."""

from __future__ import annotations

from datetime import timedelta

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tdpf.controlplane.access.types import SCOPES
from tdpf.kit import clock

_LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
_VALID = timedelta(days=180)


def api_catalog(request: HttpRequest) -> HttpResponse:
    """Return the APIs of this site as a linkset (RFC 9264)."""
    del request
    base = settings.PUBLIC_URL

    def api(anchor: str, description: str, kind: str, words: str = "/developers") -> dict[str, object]:
        return {
            "anchor": f"{base}{anchor}",
            "service-desc": [{"href": f"{base}{description}", "type": kind}],
            "service-doc": [{"href": f"{base}{words}", "type": "text/html"}],
            "status": [{"href": f"{base}/status", "type": "text/html"}],
        }

    linkset = [
        {
            "anchor": f"{base}/.well-known/api-catalog",
            "item": [{"href": f"{base}{path}"} for path in ("/data", "/api/v1", "/api/3/action", "/catalog", "/mcp")],
        },
        api("/data", "/data/api", "application/vnd.oai.openapi+json"),
        api("/api/v1", "/api/v1/openapi.json", "application/vnd.oai.openapi+json"),
        api("/api/3/action", "/api/3/action/help_show?name=package_search", "application/json"),
        api("/catalog", "/catalog.ttl", "text/turtle"),
        api("/mcp", "/.well-known/oauth-protected-resource/mcp", "application/json"),
    ]
    return _open(orjson.dumps({"linkset": linkset}), _LINKSET)


def security(request: HttpRequest) -> HttpResponse:
    """Return whom to tell of a weakness."""
    del request
    base = settings.PUBLIC_URL
    lines = [
        f"Contact: {base}/policies/security",
        f"Expires: {(clock.now() + _VALID).strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: ja, en",
        f"Canonical: {base}/.well-known/security.txt",
        f"Policy: {base}/policies/security",
    ]
    return _open("\n".join(lines) + "\n", "text/plain; charset=utf-8")


def protected_resource(request: HttpRequest, path: str = "") -> HttpResponse:
    """Return who gives tokens for `/mcp` (and for the whole site), and which permissions there are."""
    del request
    base = settings.PUBLIC_URL
    body = {
        "resource": f"{base}/{path}" if path else base,
        "authorization_servers": [base],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "東京データプラットフォーム",
        "resource_documentation": f"{base}/developers",
    }
    return _open(orjson.dumps(body), "application/json")


def void(request: HttpRequest) -> HttpResponse:
    """Lead to the description of the catalogue as linked data (W3C VoID §7.2)."""
    del request
    response = HttpResponse(status=302)
    response["Location"] = "/catalog.ttl"
    return response


def _open(body: bytes | str, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type=kind)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response

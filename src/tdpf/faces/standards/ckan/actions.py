"""The endpoint of the Action API: finds the action, reads its parameters, answers in CKAN's envelope."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from tdpf.controlplane.catalog.errors import SearchNotReady
from tdpf.faces.standards.bodies import MOST_BYTES, is_too_large
from tdpf.faces.standards.ckan import datastore, listing, searching
from tdpf.faces.standards.ckan.parameters import Parameters, Unreadable, needed, read_parameters
from tdpf.faces.standards.ckan.refusals import NotFound, Refusal, SearchUnavailable

_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)


def help_show(given: Parameters) -> str:
    """Return what an action does and takes, by its `name`."""
    name = needed(given, "name")
    found = ACTIONS.get(name)
    if found is None:
        raise NotFound("Action name not known")
    return inspect.cleandoc(found.__doc__ or "")


ACTIONS: dict[str, Callable[..., Any]] = {
    "current_package_list_with_resources": searching.current_package_list_with_resources,
    "datastore_info": datastore.datastore_info,
    "datastore_search": datastore.datastore_search,
    "group_list": listing.group_list,
    "group_list_authz": listing.nothing,
    "group_package_show": listing.group_package_show,
    "group_show": listing.group_show,
    "help_show": help_show,
    "license_list": listing.license_list,
    "organization_list": listing.organization_list,
    "organization_list_for_user": listing.nothing,
    "organization_show": listing.organization_show,
    "package_autocomplete": searching.package_autocomplete,
    "package_list": searching.package_list,
    "package_search": searching.package_search,
    "package_show": searching.package_show,
    "resource_search": searching.resource_search,
    "resource_show": searching.resource_show,
    "resource_view_list": listing.nothing,
    "site_read": listing.site_read,
    "status_show": listing.status_show,
    "tag_list": listing.tag_list,
    "tag_search": listing.tag_search,
    "tag_show": listing.tag_show,
    "user_list": listing.nothing,
    "vocabulary_list": listing.nothing,
}
_KEY_PARAMETER = "apikey"
_WITH_KEY = frozenset({"datastore_info", "datastore_search"})


def version(request: HttpRequest) -> HttpResponse:
    """Return the version of the API, as CKAN does at `/api/3`."""
    del request
    return _answer({"version": 3}, 200)


@csrf_exempt
def action(request: HttpRequest, name: str) -> HttpResponse:
    """Do one action. Nothing here writes and no cookie counts, so no token against forged forms is wanted."""
    if request.method == "OPTIONS":
        return _with_cors(HttpResponse(status=200))
    callback = request.GET.get("callback", "") if request.method == "GET" else ""
    if callback and not _CALLBACK.fullmatch(callback):
        return _answer("Bad request: callback must be the name of a function", 400)
    do = ACTIONS.get(name)
    if do is None:
        return _answer(f"Bad request: Action name not known: {name[:100]}", 400, callback)
    if request.method not in ("GET", "HEAD", "POST"):
        return _answer("Bad request: use GET or POST", 400)
    try:
        if is_too_large(request):
            raise RequestDataTooBig
        given = read_parameters(request)
    except (Unreadable, ValueError) as fault:
        return _answer(f"Bad request: JSON Error: {str(fault)[:300]}", 400, callback)
    except RequestDataTooBig:
        return _answer(f"Bad request: more than {MOST_BYTES} bytes", 400, callback)
    given.pop("callback", None)
    given.pop(_KEY_PARAMETER, None)
    body: dict[str, Any] = {"help": f"{settings.PUBLIC_URL}/api/3/action/help_show?name={quote(name)}"}
    try:
        result = do(given, _sent_key(request)) if name in _WITH_KEY else do(given)
        return _answer({**body, "success": True, "result": result}, 200, callback)
    except SearchNotReady as problem:
        refusal: Refusal = SearchUnavailable(problem.detail_in("en"))
    except Refusal as fault:
        refusal = fault
    return _answer({**body, "success": False, "error": refusal.as_error()}, refusal.status, callback)


def _sent_key(request: HttpRequest) -> str:
    """Return the caller's key: `Authorization`, with or without `Bearer`, `X-CKAN-API-Key`, `X-API-Key` or `?apikey=`."""
    authorization = request.headers.get("Authorization", "").strip()
    for key in (
        authorization.removeprefix("Bearer ").strip(),
        request.headers.get("X-CKAN-API-Key", "").strip(),
        request.headers.get("X-API-Key", "").strip(),
        request.GET.get(_KEY_PARAMETER, "").strip(),
    ):
        if key and len(key) < 200 and key.isascii() and key.isprintable():
            return key
    return ""


def _answer(body: Any, status: int, callback: str = "") -> HttpResponse:
    written = orjson.dumps(body)
    if callback:
        # Readers before ECMAScript 2019 end a line at these two; the comment keeps the answer from being another file type.
        written = written.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
        written = b"/**/" + callback.encode() + b"(" + written + b");"
        response = HttpResponse(written, status=status, content_type="application/javascript; charset=utf-8")
    else:
        response = HttpResponse(written, status=status, content_type="application/json;charset=utf-8")
    return _with_cors(response)


def _with_cors(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
    response["Access-Control-Allow-Headers"] = "Authorization, Content-Type, X-API-Key, X-CKAN-API-Key"
    response["Vary"] = "Authorization, X-API-Key, X-CKAN-API-Key"
    return response

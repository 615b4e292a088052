"""The API object of version 1: how it renders, how it refuses, how it describes itself (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.cache import patch_vary_headers
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import BaseRenderer

from tdpf.djangokit.problems import problem_response
from tdpf.faces.api.credentials import names_a_key
from tdpf.faces.api.problems import BodyUnreadable, MethodNotAllowed, RequestInvalid
from tdpf.faces.api.v1.shapes import ProblemDocument
from tdpf.kit.errors import Problem

DESCRIPTION = """
Everything the platform's pages can do with datasets, offers, agreements and uploads, for programs.

Reading the catalog needs no key. What belongs to a party is read with a key of one of its applications
(`Authorization: Bearer tdpf_…`, `X-API-Key`, or `?apikey=` from tools without headers; one of them). Writing needs a key or token with the scope `datasets:write`,
`uploads:write`, `requests:write` or `feedback:write`, issued by a member with a second factor; the call acts as that
member for the application's owner, never as an operator.
The data themselves are at `/data` (OGC API Features). Every refusal is a problem document (RFC 9457).
"""


class JsonRenderer(BaseRenderer):
    """JSON in UTF-8, Japanese as it is written."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:  # noqa: ARG002 - ninja's signature
        """Return the body."""
        return orjson.dumps(data)


class PublicApi(NinjaAPI):
    """Version 1, with problem documents in its description."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the description; every operation may answer with a problem."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        known = schema["components"].setdefault("schemas", {})
        known.update(document.pop("$defs", {}))
        known["ProblemDocument"] = document
        refusal = {
            "description": "A problem (RFC 9457)",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"] = {str(code): answer for code, answer in operation["responses"].items()}
                operation["responses"]["default"] = refusal
        return schema


api = PublicApi(
    title="TDPF API",
    version="1",
    description=DESCRIPTION.strip(),
    openapi_url="/openapi.json",
    docs_url=None,
    renderer=JsonRenderer(),
    urls_namespace="api-v1",
    openapi_extra={
        "info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
    },
)


@api.exception_handler(Problem)
def refuse(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer a problem as a problem document; a 401 says how to bring a key (RFC 6750 §3)."""
    response = problem_response(request, problem)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="TDPF"'
    return response


@api.exception_handler(ValidationError)
def refuse_invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Answer which parameters or fields do not fit."""
    errors = [
        {
            "field": ".".join(str(part) for part in error["loc"] if part not in ("query", "body", "path", "payload")),
            "message_ja": f"値が正しくありません（{error['msg']}）。",
            "message_en": str(error["msg"]),
        }
        for error in fault.errors
    ]
    return refuse(request, RequestInvalid(errors=errors))


@api.exception_handler(HttpError)
def refuse_unreadable(request: HttpRequest, fault: HttpError) -> HttpResponse:
    """Answer what ninja itself refuses: a body that is not JSON."""
    return refuse(request, BodyUnreadable(what=str(fault)))


def one_view_per_address(patterns: Sequence[URLPattern | URLResolver]) -> list[URLPattern]:
    """Return one pattern for each address; routers that share it are asked in turn, and a bare 405 becomes a problem."""
    shared: dict[str, list[URLPattern]] = {}
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            raise TypeError("the API has no addresses below addresses")
        shared.setdefault(str(pattern.pattern), []).append(pattern)
    result = []
    for first, *others in shared.values():
        first.callback = _in_turn([first.callback, *(other.callback for other in others)])
        result.append(first)
    return result


def _in_turn(views: Sequence[Callable[..., HttpResponse]]) -> Callable[..., HttpResponse]:
    @wraps(views[0])
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response, allowed = _first_answer(views, request, args, kwargs)
        if response is None and request.method == "HEAD" and "GET" in allowed:
            # RFC 9110 §9.3.2: HEAD is GET without the body.
            request.method = "GET"
            response, _ = _first_answer(views, request, args, kwargs)
            request.method = "HEAD"
            if response is not None:
                response["Content-Length"] = str(len(response.content))
                response.content = b""
        if response is not None:
            return _private(request, response)
        methods = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
        response = problem_response(request, MethodNotAllowed(allowed=methods))
        response["Allow"] = methods
        return response

    return answering


def _private(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep an answer that depends on a key out of every cache."""
    patch_vary_headers(response, ("Authorization", "X-API-Key"))
    if names_a_key(request):
        response["Cache-Control"] = "private, no-store"
    return response


def _first_answer(
    views: Sequence[Callable[..., HttpResponse]], request: HttpRequest, args: Any, kwargs: Any
) -> tuple[HttpResponse | None, set[str]]:
    """Return the answer of the first view that knows the method, and the methods of those that do not."""
    allowed: set[str] = set()
    for view in views:
        response = view(request, *args, **kwargs)
        if response.status_code != 405 or "X-Problem" in response:
            return response, allowed
        allowed |= {method.strip() for method in response.get("Allow", "").split(",") if method.strip()}
    return None, allowed

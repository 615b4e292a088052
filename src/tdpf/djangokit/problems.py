"""Where a Problem becomes an answer: a problem document for programs, a calm page for people."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import orjson
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.defaults import bad_request

from tdpf.kit.errors import Problem
from tdpf.kit.ids import new_uid
from tdpf.kit.text import Text

log = logging.getLogger("tdpf.faults")
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)

MACHINE_PATHS = ("/api/", "/internal/", "/data/", "/identity/", "/mcp", "/.well-known/")

# Documents for programs outside those paths: a browser that asks for a page still gets one.
_DOCUMENT = re.compile(r"\.(?:atom|json|jsonld|ttl|txt|xml)$|^/(?:catalog|dataset|feeds|terria)(?:/|$)")

# What stands behind these is as good as a password.
_MAILED_LINK = re.compile(r"(/en)?/(answers|confirm)/(?=.)")


class UnexpectedFault(Problem):
    """A bug on our side; the identifier finds it in the log."""

    code = "platform/unexpected-fault"
    status = 500
    title = Text("こちらの不具合で処理できませんでした", "A fault on our side")
    detail = Text(
        "処理の途中で不具合が起きました。入力の誤りではありません。識別番号: {fault}",
        "Something broke on our side; your input is not the cause. Fault id: {fault}",
    )
    cure = Text(
        "しばらくしてからもう一度お試しください。続く場合は、識別番号を運営者へお知らせください。",
        "Try again a little later. If it goes on, tell the operator the fault id.",
    )


class PageNotFound(Problem):
    """Nothing stands at this address."""

    code = "platform/not-found"
    status = 404
    title = Text("ページが見つかりません", "Nothing stands at this address")
    detail = Text("{path} には何もありません。", "There is nothing at {path}.")
    cure = Text("URLを確かめるか、検索からお探しください。", "Check the address, or look for it by search.")


class ByButtonOnly(Problem):
    """The address only takes what a form sends; `back` is the nearest page above it."""

    code = "platform/by-button-only"
    status = 405
    title = Text("このアドレスは、ページのボタンから使うものです", "This address is for a button on a page")
    detail = Text(
        "{path} は、ページのボタンを押したときだけ働きます。開いただけでは何も変わっていません。",
        "{path} only works when a button on a page is pressed. Opening it has changed nothing.",
    )
    cure = Text(
        "元のページに戻り、ボタンを押してください。ログインしたあとにここへ来たときは、もう一度押せば送られます。",
        "Go back to the page and press the button. If you came here by signing in, press it once more.",
    )


class BodyTooLarge(Problem):
    """A form or a document is larger than what is taken in one go."""

    code = "platform/body-too-large"
    status = 413
    title = Text("送られた内容が大きすぎます", "What was sent is too large")
    detail = Text("一度に受け取れる大きさを超えています。", "It is larger than what is taken in one go.")
    cure = Text(
        "前のページに戻ると入力が残っています。文章を短くして送り直してください。大きなファイルは、分割アップロード（/api/v1/uploads）で送れます。",
        "Go back, your words are still there, and send fewer of them. Large files go in pieces, by resumable uploads (/api/v1/uploads).",
    )


def refused_before_any_view(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses while it reads a form, before a view or `ProblemMiddleware` could."""
    if isinstance(exception, TOO_LARGE):
        return _too_large(request, exception)
    return bad_request(request, exception)


def _too_large(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a form that brings too much; nothing is broken, so the log gets a line and no traceback."""
    log.info("too large a form at %s %s: %s", request.method, loggable_path(request.path), exception)
    return problem_response(request, BodyTooLarge())


class ProblemMiddleware:
    """Turns a raised Problem, and any bug, into the answer that fits the caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; a bare 404 of the router and a bare 405 of a view become problems too."""
        response = self.get_response(request)
        if response.status_code == 405 and not response.streaming and not response.content:
            refusal = problem_response(
                request, ByButtonOnly(path=loggable_path(request.path), back=_page_above(request))
            )
            refusal["Allow"] = response.get("Allow", "")
            return refusal
        unrouted = response.status_code == 404 and request.resolver_match is None
        if unrouted and not response.streaming and not response.headers.get("X-Problem"):
            return problem_response(request, PageNotFound(path=request.path))
        return response

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Render a Problem; log anything else under an id and say so."""
        if isinstance(fault, Problem):
            return problem_response(request, fault)
        if isinstance(fault, Http404):
            return problem_response(request, PageNotFound(path=request.path))
        if isinstance(fault, TOO_LARGE):
            return _too_large(request, fault)
        if isinstance(fault, PermissionDenied | SuspiciousOperation):
            return None
        identifier = new_uid()
        log.error("fault %s at %s %s", identifier, request.method, loggable_path(request.path), exc_info=fault)
        return problem_response(request, UnexpectedFault(fault=identifier))


def _page_above(request: HttpRequest) -> str:
    above = request.path.rstrip("/")
    while "/" in above[1:]:
        above = above.rpartition("/")[0]
        try:
            resolve(above)
        except Resolver404:
            continue
        return above
    return "/"


def loggable_path(path: str) -> str:
    """Return a path as the log may keep it: without the secret of a link that was sent by mail."""
    link = _MAILED_LINK.match(path)
    return path if link is None else f"{link.group()}…"


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return the problem as `application/problem+json` or as a page, with its status."""
    language = getattr(request, "LANGUAGE_CODE", "ja") or "ja"
    if wants_json(request):
        if request.path.startswith(MACHINE_PATHS) or _DOCUMENT.search(request.path):
            language = preferred_language(request.headers.get("Accept-Language", ""))
        body = orjson.dumps(problem.as_dict(language, instance=request.path), default=str)
        response = HttpResponse(body, status=problem.status, content_type="application/problem+json")
        response["Content-Language"] = "en" if language.startswith("en") else "ja"
    else:
        response = render(
            request,
            "problem.html",
            {
                "problem": problem.as_dict(language, instance=request.path),
                "problem_en": problem.as_dict("en"),
                "code": problem.code,
            },
            status=problem.status,
        )
    response["X-Problem"] = problem.code
    after = problem.data.get("retry_after_seconds")
    if after is not None:
        response["Retry-After"] = str(after)
    return response


def wants_json(request: HttpRequest) -> bool:
    """Say whether the caller is a program: by path, by asking for a document, or by asking for JSON, and not for HTML."""
    if request.path.startswith(MACHINE_PATHS):
        return True
    accept = request.headers.get("Accept", "")
    return ("json" in accept or _DOCUMENT.search(request.path) is not None) and "text/html" not in accept


def preferred_language(header: str) -> str:
    """Return "en" when English is preferred over Japanese in an Accept-Language header, else "ja" (RFC 9110 §12.5.4)."""
    best, best_quality = "ja", 0.0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower()[:2]
        if language not in ("ja", "en"):
            continue
        try:
            quality = float(parameters.partition("=")[2]) if "=" in parameters else 1.0
        except ValueError:
            quality = 0.0
        if quality > best_quality:
            best, best_quality = language, quality
    return best

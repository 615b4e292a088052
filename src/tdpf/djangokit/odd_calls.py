"""Calls that no view is to see: of a method that nothing here answers, and for a host that is not this site."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from tdpf.djangokit.problems import problem_response
from tdpf.kit.errors import Problem
from tdpf.kit.text import Text

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class MethodUnknown(Problem):
    """Nothing on this site answers the method."""

    code = "platform/method-unknown"
    status = 405
    title = Text("このメソッドには、どのアドレスも対応していません", "No address here answers this method")
    detail = Text(
        "TRACE など、対応していないメソッドで呼ばれました。",
        "The call was made by a method, TRACE or another, that is not supported.",
    )
    cure = Text(
        "GET、HEAD、OPTIONS、POST、PUT、PATCH、DELETE のどれかで呼んでください。",
        "Call by GET, HEAD, OPTIONS, POST, PUT, PATCH or DELETE.",
    )


class HostUnknown(Problem):
    """The call names a host that is not this site: a wrong `Host`, or a name that the operator has not told it."""

    code = "platform/host-unknown"
    status = 400
    title = Text("このサイトの名前ではありません", "That is not this site's name")
    detail = Text(
        "Host に書かれた名前は、このサイトのものではありません。",
        "The name in the Host header is not one of this site's.",
    )
    cure = Text(
        "このサイトのアドレスで開き直してください。運営者の方は、設定 TDPF_URL に公開するアドレスを書いてください。",
        "Open this site by its own address. If you run it, set TDPF_URL to the address it is published under.",
    )


class OddCallsMiddleware:
    """Answers them with a problem, document or page; stands behind the language and before whoever asks for the host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer an odd call here and pass every other one on."""
        if request.method not in METHODS:
            answer = problem_response(request, MethodUnknown())
            answer["Allow"] = ", ".join(METHODS)
            return answer
        try:
            request.get_host()
        except DisallowedHost:
            return problem_response(request, HostUnknown())
        return self._get_response(request)

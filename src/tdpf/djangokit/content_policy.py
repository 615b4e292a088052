"""The Content-Security-Policy header: the same words under every answer, so they are put together once."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import HEADER
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponse


class ContentPolicyMiddleware:
    """Gives the policy of the settings to every answer that brings none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._policy = build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the header."""
        response = self._get_response(request)
        response.headers.setdefault(HEADER, self._policy)
        return response

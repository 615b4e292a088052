"""Pages about the visitor's own account are kept by nobody: who comes to a shared machine next finds none of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

_OWN = re.compile(r"(/en)?/(accounts|home)(/|$)")


class OwnPagesMiddleware:
    """Keeps every answer under `/accounts/` and `/home` out of the browser's and everybody's caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with `Cache-Control: no-store` where the page is one's own."""
        response = self._get_response(request)
        if _OWN.match(request.path):
            add_never_cache_headers(response)
        return response

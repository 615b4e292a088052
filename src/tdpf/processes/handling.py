"""What handles a call: Django with everything that pages need, or with what a program's call needs.

A program brings its key with each call. It has no session, sends no form of ours and is shown no message, so its calls
pass none of the parts that look for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_PROGRAMS = "/api/v1/"
Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


class ForPeople(WSGIHandler):
    """Handles a call with every middleware of the settings."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer. A request and who reads from it know each other: parted, they go at once instead of waiting for a search for rings."""
        response = super().get_response(request)
        if not response.streaming:
            for reader in ("user", "auser", "_messages"):
                vars(request).pop(reader, None)
        return response


class ForPrograms(WSGIHandler):
    """Handles a call without the middlewares that are only for people."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Put the chain together; Django takes it from its settings, wherever it is asked to."""
        everything = settings.MIDDLEWARE
        settings.MIDDLEWARE = [each for each in everything if each not in settings.ONLY_FOR_PEOPLE]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = everything


def handling() -> Application:
    """Return the application that gives each call to whom it is for; the same call gets the same answer from either."""
    people, programs = ForPeople(), ForPrograms()

    def answering(environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        handler = programs if environment["PATH_INFO"].startswith(_PROGRAMS) else people
        answer: Iterable[bytes] = handler(environment, start_response)
        return answer

    return answering

"""Handing an answer to the server: what is whole goes in one piece.

The server asks for the pieces of an answer one by one and waits for each to be taken; a list it takes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


def handing_over(application: Application) -> Application:
    """Return an application that gives whole answers as a list of one piece, and lets streams be streams."""

    def answering(environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = application(environment, start_response)
        if not isinstance(answer, HttpResponse):
            return answer
        pieces = [answer.content]
        answer.close()
        return pieces

    return answering

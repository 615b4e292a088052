"""Reading what is left of a request's body before it is answered.

An answer to a body that is still on its way is lost: the server closes the connection under it, and the gateway, which
was still sending, tells the caller that we are away (503) in place of what was answered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

MOST_BYTES = 64 * 1024 * 1024
MOST_SECONDS = 20.0
_PIECE = 256 * 1024

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]


def draining(application: Application) -> Application:
    """Return an application that reads bodies to their end, MOST_BYTES of them for MOST_SECONDS at most, before it answers."""

    def answering(environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = application(environment, start_response)
        if environment.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environment:
            _drain(environment["wsgi.input"])
        return answer

    return answering


def _drain(body: Any) -> None:
    left, end = MOST_BYTES, time.monotonic() + MOST_SECONDS
    while left > 0 and time.monotonic() < end:
        try:
            piece = body.read(_PIECE)
        except OSError:
            # Whoever was sending has gone.
            return
        if not piece:
            return
        left -= len(piece)

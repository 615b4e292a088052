"""Answering calls that only read one after the other, each from its first step to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tdpf.kit.turns import Turns

Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]
_READING = frozenset({"GET", "HEAD"})


def taking_turns(application: Application) -> Application:
    """Return an application that makes one answer to a GET or HEAD at a time while none waits long; calls with a body wait for nobody.

    Who has waited `turns.LONGEST_SECONDS` begins beside the others, so that a page that waits for somebody holds up nobody, and more than
    some tenth of a second of work at hand is done as without turns. What streams gives its turn back as soon as its first piece can be asked for.
    """
    turns = Turns()

    def answering(environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environment["REQUEST_METHOD"] not in _READING:
            return application(environment, start_response)
        with turns.turn():
            return application(environment, start_response)

    return answering

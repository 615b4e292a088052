"""Whole answers go to the server in one piece, and their end is told; streams stay streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from tdpf.processes.handing_over import handing_over


def handed(answer: HttpResponse | StreamingHttpResponse) -> Iterable[bytes]:
    """Hand an answer over as the server gets it."""

    def answering(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return answer

    return handing_over(answering)({}, lambda *_: None)


class Ending(HttpResponse):
    """An answer that remembers its end."""

    ended = False

    def close(self) -> None:
        """End."""
        self.ended = True


def test_a_whole_answer_is_one_piece_and_has_ended() -> None:
    answer = Ending([b"a", b"b"])
    assert handed(answer) == [b"ab"]
    assert answer.ended


def test_a_stream_stays_a_stream() -> None:
    stream = StreamingHttpResponse(iter([b"a", b"b"]))
    assert handed(stream) is stream
    assert not stream.closed

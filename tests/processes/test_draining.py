"""Bodies are read to their end before an answer leaves, and not for ever."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tdpf.processes import draining


def refusing(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Refuse without a look at the body."""
    start("403 Forbidden", [])
    return [b"no"]


def asked(body: io.BytesIO, **more: str) -> list[bytes]:
    """Ask the refusing application."""
    return list(draining.draining(refusing)({"wsgi.input": body, **more}, lambda *_: None))


@pytest.mark.parametrize("head", [{"CONTENT_LENGTH": "900000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_what_is_refused_unread_is_read_all_the_same(head: dict[str, str]) -> None:
    body = io.BytesIO(b"x" * 900_000)
    assert asked(body, **head) == [b"no"]
    assert body.read() == b""


def test_nobody_sends_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "MOST_BYTES", 500_000)
    body = io.BytesIO(b"x" * 2_000_000)
    asked(body, CONTENT_LENGTH="2000000")
    assert 500_000 <= body.tell() < 1_100_000


def test_without_a_body_nothing_is_read() -> None:
    body = io.BytesIO(b"next request")
    asked(body, CONTENT_LENGTH="")
    assert body.tell() == 0

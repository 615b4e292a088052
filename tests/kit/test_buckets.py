"""Asking a bucket that means no good: every look ends."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tdpf.kit.buckets import BucketAccess, ListUnreadable, TooManyObjects, list_objects
from tdpf.kit.fetching import TooSlow


class _Storage(BaseHTTPRequestHandler):
    token: ClassVar[Callable[[], str]]
    pages: ClassVar[int] = 0
    pause: ClassVar[float] = 0.0

    def do_GET(self) -> None:
        _Storage.pages += 1
        time.sleep(self.pause)
        body = f"<ListBucketResult><NextContinuationToken>{_Storage.token()}</NextContinuationToken></ListBucketResult>"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture(scope="module")
def storage() -> Iterator[BucketAccess]:
    """A storage whose list goes on for ever."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Storage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield BucketAccess(f"http://127.0.0.1:{server.server_port}", "city", "us-east-1")
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("tokens", "pause", "problem", "most_pages"),
    [
        (itertools.count(1), 0.0, TooManyObjects, 20),
        (itertools.cycle([1, 2, 3]), 0.0, ListUnreadable, 4),
        (itertools.count(1), 0.3, TooSlow, 7),
    ],
)
def test_a_list_without_end_is_left(
    storage: BucketAccess, tokens: Iterator[int], pause: float, problem: type[Exception], most_pages: int
) -> None:
    """By the number of its pages, a page that comes again, or the one time for all of them."""
    _Storage.token, _Storage.pages, _Storage.pause = (lambda: str(next(tokens))), 0, pause
    seconds = 1.5 if pause else 60
    with pytest.raises(problem):
        list_objects(storage, prefix="", suffix=".csv", timeout=seconds, instant=datetime.now(UTC), allow_private=True)
    assert 1 < _Storage.pages <= most_pages

"""Answers in fewer bytes, through a real Envoy: for whom, which, and what stays as it was."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from gateway_stand_ins import Answer, Gateway, wait_until

from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry

WHOLE = "".join(f"row {number}\n" for number in range(2_000)).encode()
BROWSER = "gzip, deflate, br, zstd"
ITEMS = "/data/collections/open-data/items"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    gateway.control.decisions.collections = [Collection(1, "open-data")]
    gateway.control.decisions.grants = [GrantEntry(ANONYMOUS, 1, rate_plan="r100")]
    gateway.control.publish()
    yield gateway.start()
    gateway.close()


def ask(
    gateway: Gateway, encodings: str | None = "gzip", path: str = ITEMS, method: str = "GET", **more: str
) -> Answer:
    """Ask for 2,000 lines, or as many as `sized` says, in the wished codings."""
    told = {"sized": "2000", "content-type": "application/json", "etag": '"whole"'}
    told |= {
        name.replace("_", "-"): value
        for name, value in more.items()
        if name in ("sized", "status", "content_type", "cache_control")
    }
    headers = {name.replace("_", "-"): more[name] for name in ("cookie", "range", "origin", "accept") if name in more}
    if encodings is not None:
        headers["accept-encoding"] = encodings
    body = b"{}" if method == "POST" else None
    return gateway.get(f"{path}?{urlencode(told)}", headers=headers, method=method, body=body)


@pytest.mark.parametrize(
    ("encodings", "coding"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        (BROWSER, "zstd"),
        ("gzip, deflate, br", "gzip"),
        ("gzip;q=0.5, br;q=0.9", "br"),
        ("gzip;q=0", None),
        ("identity", None),
        ("compress", None),
        ("", None),
        (None, None),
    ],
)
def test_who_asks_gets_fewer_bytes(gateway: Gateway, encodings: str | None, coding: str | None) -> None:
    answer = ask(gateway, encodings)
    assert answer.status == 200
    assert answer.headers.get("content-encoding") == coding
    if coding is None:
        assert answer.body == WHOLE
        assert answer.headers["etag"] == '"whole"'
    else:
        assert len(answer.body) < len(WHOLE) / 3
        assert answer.headers["etag"] == 'W/"whole"'
        assert "accept-encoding" in answer.headers["vary"].lower()
    if coding == "gzip":
        assert gzip.decompress(answer.body) == WHOLE


@pytest.mark.parametrize(
    "kind",
    ["application/geo+json", "text/csv; charset=utf-8", "text/html; charset=utf-8", "application/x-ndjson", "text/turtle",
     "application/vnd.oai.openapi+json;version=3.0"],
)  # fmt: skip
def test_texts_are_compressed(gateway: Gateway, kind: str) -> None:
    assert ask(gateway, content_type=kind).headers.get("content-encoding") == "gzip"


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("application/vnd.apache.parquet", {}),
        ("application/zip", {}),
        ("text/event-stream", {}),
        ("application/json", {"sized": "10"}),
        ("application/json", {"status": "206", "range": "bytes=0-"}),
        ("text/csv", {"cache_control": "no-cache, no-transform"}),
    ],
)
def test_what_is_not_compressed(gateway: Gateway, kind: str, more: dict[str, str]) -> None:
    """What is so already, streams of events, what is small, parts, and what is to go as it is."""
    answer = ask(gateway, content_type=kind, **more)
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] == '"whole"'


def test_streams_are_told_as_they_come(gateway: Gateway) -> None:
    answer = ask(gateway, path="/data/streams/open-data/events")
    assert "content-encoding" not in answer.headers


def test_pages_of_other_origins_and_heads(gateway: Gateway) -> None:
    crossed = ask(gateway, origin="https://map.example")
    assert (crossed.headers["content-encoding"], crossed.headers["access-control-allow-origin"]) == (
        "gzip",
        "https://map.example",
    )
    head = ask(gateway, method="HEAD")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_for_a_member_are_not_compressed(gateway: Gateway, method: str) -> None:
    """Their length would tell a stranger, who can have words shown in them, what else stands there."""

    def coding(**more: str) -> str | None:
        return ask(gateway, path="/search", method=method, content_type="text/html", **more).headers.get(
            "content-encoding"
        )

    assert coding() == "gzip"
    assert coding(cookie="csrftoken=" + "a" * 32) == "gzip"
    assert coding(cookie="sessionid=abc") is None
    assert coding(cookie="csrftoken=a; sessionid=abc") is None
    assert coding(cookie="csrftoken=a; messages=abc") is None


def test_the_ledger_counts_the_bytes_sent(gateway: Gateway) -> None:
    path = "/data/collections/open-data/items/small"
    small, whole = ask(gateway, path=path), ask(gateway, None, path=path)
    lines = wait_until(
        lambda: found if len(found := [line for line in gateway.control.usage() if line.path == path]) >= 2 else None
    )
    assert sorted(line.bytes_sent for line in lines) == pytest.approx(
        sorted((len(small.body), len(whole.body))), abs=30
    )
    assert min(line.bytes_sent for line in lines) < len(WHOLE) / 3

"""Bad input through the real door: every refusal is a problem document in two languages with a page that explains the cure."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from deciding import Answer, Door, Program, wait_until

if TYPE_CHECKING:
    from conftest import Platform

pytestmark = pytest.mark.journey

OPEN = "/data/collections/sample-aed/items"
CLOSED = "/data/collections/sample-shelter-status/items"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def door(sample_platform: Platform) -> Door:
    return Door(sample_platform.port)


@pytest.fixture(scope="module")
def keys(sample_platform: Platform, program: Program) -> dict[str, str]:
    """A key with an agreement, one of another application without, and one that has expired."""
    found = program.do("""
        mine, other, late = application(), application("operator"), application("operator")
        page = catalog_queries.dataset_page("sample-shelter-status", standing("provider"))
        agree(mine["application"], exchange_queries.offer_of_dataset(page.uid).uid)
        short = access.issue_key(
            actor=standing("operator"), application_uid=late["application"], name="短い鍵",
            expires_at=clock.now() + timedelta(seconds=3))
        return {"mine": mine["key"], "other": other["key"], "expired": short.plaintext}
    """)
    wait_until(lambda: Door(sample_platform.port, found["mine"]).ask(CLOSED).status == 200)
    wait_until(lambda: Door(sample_platform.port, found["other"]).ask(CLOSED).status == 403)
    time.sleep(3)
    return {str(name): str(key) for name, key in found.items()}


class Pages:
    """The pages that problems point to; each is looked at once."""

    def __init__(self, door: Door) -> None:
        self._door, self._seen = door, set[str]()

    def look(self, kind: str) -> None:
        if kind in self._seen:
            return
        assert kind.startswith("/problems/")
        japanese, english = self._door.ask(kind), self._door.ask("/en" + kind)
        assert (japanese.status, english.status) == (200, 200), kind
        assert japanese.headers["content-type"].startswith("text/html")
        assert "<h1" in japanese.body.decode()
        assert 'lang="en"' in english.body.decode()
        self._seen.add(kind)


@pytest.fixture(scope="module")
def pages(door: Door) -> Iterator[Pages]:
    found = Pages(door)
    yield found
    print(f"\n{len(found._seen)} kinds of problem, each with its page: {', '.join(sorted(found._seen))}")


def judge(answer: Answer, pages: Pages, status: int | tuple[int, ...], code: str = "", language: str = "ja") -> Any:
    """Judge one refusal: status, media type, language, fields, and the page behind its type."""
    allowed = status if isinstance(status, tuple) else (status,)
    assert answer.status in allowed, (answer.status, answer.body[:400])
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status
    assert document["type"].startswith("/problems/" + code), document
    assert document["title"].isascii() == (language == "en"), document
    assert document["detail"]
    assert document["cure"]
    assert "Traceback" not in answer.body.decode()
    pages.look(document["type"])
    return document


def refused(
    door: Door,
    pages: Pages,
    path: str,
    status: int | tuple[int, ...],
    code: str = "",
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    english_too: bool = True,
) -> Any:
    """Ask in Japanese and in English; both are refused alike. Return the Japanese document."""
    sent = {"Accept": "application/json", **(headers or {})}
    english = door.ask(path, method=method, headers={**sent, "Accept-Language": "en"}, body=body)
    judge(english, pages, status, code, "en" if english_too else "ja")
    return judge(
        door.ask(path, method=method, headers={**sent, "Accept-Language": "ja"}, body=body), pages, status, code
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_keys_that_open_nothing(door: Door, pages: Pages, keys: dict[str, str]) -> None:
    forged = "tdpf_" + secrets.token_urlsafe(32)
    for path in (OPEN, CLOSED):
        refused(door, pages, path, 401, "gateway/key-unknown", headers=bearer(forged))
        refused(door, pages, path, 401, "gateway/key-unknown", headers={"X-API-Key": keys["mine"][:-1]})
        refused(door, pages, path, 401, "gateway/key-unknown", headers={"Authorization": "Basic YTpi"})
        refused(door, pages, path, 401, "gateway/key-expired", headers=bearer(keys["expired"]))
        refused(door, pages, f"{path}?apikey={forged}", 401, "gateway/key-unknown")
        refused(door, pages, f"{path}?apikey=", 401, "gateway/key-unknown")
        refused(door, pages, path, 401, "gateway/key-unknown", headers=bearer("tdpf_" + "A" * 5000))
    refused(door, pages, CLOSED, 403, "gateway/not-granted", headers=bearer(keys["other"]))
    refused(door, pages, CLOSED, 401, "gateway/no-key")
    assert door.ask(CLOSED, headers=bearer(keys["mine"])).status == 200


def test_two_keys(door: Door, pages: Pages, keys: dict[str, str]) -> None:
    mine = keys["mine"]
    for path, headers in (
        (CLOSED, {**bearer(mine), "X-API-Key": mine}),
        (f"{CLOSED}?apikey={mine}", bearer(mine)),
        (f"{CLOSED}?apikey={mine}&apikey={mine}", {}),
        (f"{OPEN}?apikey={mine}", {"X-API-Key": keys["other"]}),
    ):
        refused(door, pages, path, 400, "gateway/two-keys", headers=headers)


def test_a_key_in_the_address_is_written_nowhere(
    sample_platform: Platform, program: Program, door: Door, keys: dict[str, str]
) -> None:
    key = keys["mine"]
    assert door.ask(f"{CLOSED}?apikey={key}").status == 200
    assert door.ask(f"{CLOSED}?limit=1&apikey={quote(key)}&f=csv").status == 200
    escaped = door.ask(f"{CLOSED}?%61pikey={key}")
    assert escaped.status == 401
    for path in ("/", "/api/v1/datasets", "/no-such-page", "/api/v1/agreements", "/data/collections/x/items",
                 "/data/no-such-thing", "/internal/v1/stamp"):  # fmt: skip
        for name in ("apikey", "%61pikey", "key"):
            answer = door.ask(f"{path}?{name}={key}", headers=JSON)
            assert answer.status < 500
    assert door.ask(CLOSED, method="POST", headers=bearer(key), body=b"x").status == 405
    time.sleep(2.5)
    searched = 0
    for path in sample_platform.home.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            searched += 1
            assert key.encode() not in path.read_bytes(), path
    print(f"\nthe key stands in none of {searched} files of the home (logs, spool, evidence, databases)")
    assert searched > 50


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data/collections/%2e%2e/%2e%2e/internal/v1/stamp", 404),
        ("/data/../internal/v1/stamp", 404),
        ("/data/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/internal/v1/stamp", 404),
        ("//internal/v1/snapshot", 404),
        ("/data/collections/..%2f..%2fsecrets%2fnode.secret/items", 400),
        ("/data%2Fcollections", 400),
        ("/data/files/sample-aed/..%5c..%5csecrets%5cnode.secret", (400, 404)),
        ("/data/collections/sample-aed%00/items", (400, 404)),
        ("/data/collections/sample-aed/items/%00", (400, 404)),
        ("/data/collections/sample-aed/items/%ff%fe", (400, 404)),
        ("/data/collections/SAMPLE-AED/items", 404),
        ("/data/collections/sample-aed.main.x/items", 404),
        ("/data/collections/sample-aed/items/" + "a" * 3000, 404),
        ("/data/files/sample-aed/" + "%E3%81%82" * 200, 404),
        ("/data/collections/" + "a" * 9000, 414),
        ("/data/collections/x;y/items", (400, 404)),
        ("/data/no-such-thing", 404),
    ],
)
def test_path_tricks_lead_nowhere(door: Door, pages: Pages, path: str, status: int | tuple[int, ...]) -> None:
    # What is no longer under /data after normalising is a page's address, and those speak the language of the address.
    refused(door, pages, path, status, english_too="passwd" not in path)


def test_forged_internal_headers_change_nothing(door: Door, pages: Pages, keys: dict[str, str]) -> None:
    forged = {
        "x-tdpf-application": "1001", "x-tdpf-agreement": "1", "x-tdpf-view": "0", "x-tdpf-dataset": "4",
        "x-tdpf-plan": "r100", "x-tdpf-principal": "1001", "x-tdpf-grant": "none", "X-Tdpf-Anonymous": "r100",
        "x_tdpf_grant": "none", "x-envoy-original-path": OPEN, "x-forwarded-for": "10.0.0.1", "x-original-url": OPEN,
    }  # fmt: skip
    refused(door, pages, CLOSED, 401, "gateway/no-key", headers=forged)
    refused(door, pages, CLOSED, 403, "gateway/not-granted", headers={**forged, **bearer(keys["other"])})
    refused(door, pages, "/data/no-such-thing", 404, headers=forged)
    assert door.ask(f"{OPEN}?limit=2", headers=forged).body == door.ask(f"{OPEN}?limit=2").body
    refused(door, pages, "/api/v1/agreements", 401, headers=forged)


def test_too_large(door: Door, pages: Pages) -> None:
    refused(door, pages, f"{OPEN}?filter=" + "a" * 9000, 414)
    refused(door, pages, f"{OPEN}?x=" + "a" * 40_000, (414, 431), english_too=False)
    # Envoy gives up before it has read which language is wanted.
    refused(door, pages, OPEN, 431, headers={"X-Large": "a" * 40_000}, english_too=False)
    refused(door, pages, OPEN, 431, headers={f"X-Many-{n}": "a" for n in range(120)}, english_too=False)
    refused(door, pages, OPEN, 405, method="POST", body=b"a" * 1000)
    refused(door, pages, OPEN, 405, method="DELETE")
    refused(door, pages, "/api/v1/uploads", 401, method="POST", body=b"a" * 1000)


INJECTIONS = (
    "filter=1=1; DROP TABLE rows",
    "filter=名称='x' OR 1=1--",
    "filter=名称 = 'a' UNION SELECT * FROM sqlite_master",
    "filter=load_extension('/tmp/x')='1'",
    "filter=sqlite_version()='3'",
    'filter="名称"" OR 1=1 --" = 1',
    "filter=" + "(" * 400 + "名称='x'" + ")" * 400,
    "filter=" + " OR ".join(f"名称='{n}'" for n in range(300)),
    "filter=名称 LIKE",
    "filter=S_INTERSECTS(geometry, POLYGON((0 0,1 1",
    "filter=名称='x'&filter-lang=cql2-json",
    "sortby=名称; DROP TABLE rows",
    "sortby=(SELECT 1)",
    "sortby=-+名称",
    "properties=名称,(SELECT sql FROM sqlite_master)",
    'properties="名称" FROM rows; --',
    "properties=rowid",
    "bbox=139,35,140,36); DROP TABLE rows; --",
    "bbox=a,b,c,d",
    "bbox=1,2,3",
    "bbox=nan,0,1,1",
    "bbox=1,2,3,4,5",
    "limit=-1",
    "limit=1 OR 1=1",
    "limit=99999999999999999999",
    "limit=0x10",
    "offset=-5",
    "offset=99999999999999999999999",
    "version=../../secrets",
    "version=' OR 1=1",
    "f=exe",
    "f=../../etc/passwd",
    "nosuchcolumn=1",
    "crs=file:///etc/passwd",
    "limit=1&limit=2",
)


@pytest.mark.parametrize("query", INJECTIONS)
def test_injections_and_nonsense_are_refused_with_a_cure(door: Door, pages: Pages, query: str) -> None:
    refused(door, pages, f"{OPEN}?{quote(query, safe='=&')}", (400, 404, 410, 414))


def test_injections_in_values_are_only_values(door: Door) -> None:
    everything = door.ask(f"{OPEN}?f=json&limit=1").json()["numberMatched"]
    for query in (
        "名称=' OR '1'='1",
        "名称='; DROP TABLE rows; --",
        "filter=名称 = 'x''; DROP TABLE rows; --'",
        "filter=名称 LIKE '%'' OR 1=1 --'",
        "名称=%",
    ):
        answer = door.ask(f"{OPEN}?f=json&{quote(query, safe='=&')}")
        assert answer.status == 200, (query, answer.body)
        assert answer.json()["numberMatched"] == 0, query
    assert door.ask(f"{OPEN}?f=json&limit=1").json()["numberMatched"] == everything > 0


def test_aggregates_refuse_nonsense(door: Door, pages: Pages) -> None:
    for query in (
        "group_by=名称); DROP TABLE x; --&measures=count",
        "group_by=nosuch&measures=count",
        "group_by=名称&measures=sum:名称) FROM read_csv('/etc/passwd')--",
        "group_by=名称&measures=evil:名称",
        "measures=count&filter=read_text('/etc/passwd')='x'",
    ):
        refused(door, pages, f"/data/collections/sample-aed/aggregate?{quote(query, safe='=&')}", 400)


def test_formats_and_ranges_that_cannot_be_had(door: Door, pages: Pages) -> None:
    refused(door, pages, OPEN, 406, headers={"Accept": "application/x-nonsense"})
    refused(door, pages, "/data/collections", 406, headers={"Accept": "image/png"})
    path = "/data/files/sample-aed/sample-aed.csv"
    assert door.ask(path, headers={"Range": "bytes=0-9"}).status == 206
    refused(door, pages, path, 416, headers={"Range": "bytes=999999999-"})


def test_the_api_refuses_as_clearly(door: Door, pages: Pages, keys: dict[str, str]) -> None:
    mine = bearer(keys["mine"])
    refused(door, pages, "/api/v1/agreements", 401)
    refused(door, pages, "/api/v1/agreements", 401, headers=bearer("tdpf_" + "A" * 43))
    refused(door, pages, "/api/v1/agreements", 401, headers=bearer(keys["expired"]))
    refused(door, pages, "/api/v1/agreements", 400, headers={**mine, "X-API-Key": keys["other"]})
    refused(door, pages, "/api/v1/agreements/no-such-uid", 404, headers=mine)
    refused(door, pages, "/api/v1/datasets/no-such-dataset", 404)
    refused(door, pages, "/api/v1/no-such-thing", 404)
    refused(door, pages, "/api/v1/datasets?limit=x", (400, 422))
    as_json = {"Content-Type": "application/json"}
    refused(door, pages, "/api/v1/datasets", 403, method="POST", headers={**mine, **as_json}, body=b"{}")


def raw(port: int, data: bytes, within: float = 20.0) -> bytes:
    """Send bytes as they are and return all that comes back until the other side closes or says nothing for a second."""
    with socket.create_connection(("127.0.0.1", port), timeout=within) as connection:
        connection.sendall(data)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
                connection.settimeout(1.5)
        except TimeoutError:
            pass
        return received


SMUGGLED = b"GET /internal/v1/stamp HTTP/1.1\r\nHost: x\r\n\r\n"
GET = b"GET /data HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n"
POST = b"POST /data HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n"
MALFORMED = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef" + SMUGGLED,
    "two lengths in one": POST + b"Content-Length: 5, 6\r\n\r\nabcdef" + SMUGGLED,
    "a length that is none": POST + b"Content-Length: +5\r\n\r\nabcde" + SMUGGLED,
    "a hidden encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "an encoding twice": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": GET + b"X-A : a\r\n\r\n" + SMUGGLED,
    "a NUL in a header": GET + b"X-A: a\0b\r\n\r\n" + SMUGGLED,
    "a NUL in the address": b"GET /data\0 HTTP/1.1\r\nHost: x\r\n\r\n" + SMUGGLED,
    "a bad chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n" + SMUGGLED,
    "no host": b"GET /data HTTP/1.1\r\n\r\n" + SMUGGLED,
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200 + b"\r\n\r\n",
    "an unknown protocol": b"GET /data HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("what", MALFORMED)
def test_smuggling_ends_the_connection(sample_platform: Platform, pages: Pages, what: str) -> None:
    received = raw(sample_platform.port, MALFORMED[what])
    assert received, "an answer, not silence"
    assert received.count(b"HTTP/1.1 ") == 1, received[:600]
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split(b" ")[1])
    assert status in (400, 405), received[:600]
    assert b"application/problem+json" in head
    pages.look(json.loads(body)["type"])
    print(f"\n{what}: {status}, {len(body)} bytes of explanation")


def test_a_folded_header_hides_nothing(sample_platform: Platform) -> None:
    folded = b"x-tdpf-grant:\r\n none\r\nX-A: a\r\n x-tdpf-application: 1001\r\nConnection: close\r\n\r\n"
    received = raw(sample_platform.port, f"GET {CLOSED} HTTP/1.1\r\nHost: x\r\n".encode() + folded)
    assert received.split(b" ")[1] in (b"400", b"401")
    assert received.count(b"HTTP/1.1 ") == 1


def test_a_slow_caller_is_let_go_and_holds_nobody_up(sample_platform: Platform, door: Door, pages: Pages) -> None:
    with socket.create_connection(("127.0.0.1", sample_platform.port), timeout=30) as connection:
        began = time.monotonic()
        connection.sendall(b"GET /data HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        slowest = 0.0
        received = b""
        connection.settimeout(0.5)
        while time.monotonic() - began < 25 and not received:
            asked = time.monotonic()
            assert door.ask(f"{OPEN}?limit=1").status == 200
            slowest = max(slowest, time.monotonic() - asked)
            try:
                connection.sendall(b"a")
                received = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
        seconds = time.monotonic() - began
    print(f"\na slow caller was let go after {seconds:.1f} s; others waited at most {slowest:.2f} s")
    assert seconds < 20
    assert received.startswith(b"HTTP/1.1 408")
    document = json.loads(received.partition(b"\r\n\r\n")[2])
    assert document["type"] == "/problems/gateway/request-timeout"
    pages.look(document["type"])


def test_the_platform_is_well_after_all_this(sample_platform: Platform, door: Door) -> None:
    for path in ("/", "/data", f"{OPEN}?limit=1", "/api/v1/datasets"):
        assert door.ask(path).status == 200
    log = sample_platform.log.read_text(errors="replace")
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]

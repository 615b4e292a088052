"""Who gets in, through a real Envoy: keys, grants, forged headers, problems in two languages."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import pytest
from gateway_stand_ins import Gateway, key_entry, key_text, wait_until

from tdpf.dataplane.browsers import CONTENT_SECURITY_POLICY
from tdpf.wire.messages import ANONYMOUS, ANY_KEY, Collection, GrantEntry

OPEN, CONDITIONAL, OTHER, ENDED, ALIASED = 1, 2, 3, 4, 5


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    decisions = gateway.control.decisions
    now = int(time.time())
    decisions.keys = [
        key_entry("good", 1001),
        key_entry("other", 1002),
        key_entry("late", 1001, now - 1),
        key_entry("brief", 1003),
    ]
    decisions.collections = [
        Collection(OPEN, "open-data"),
        Collection(CONDITIONAL, "conditional-data", access="conditional"),
        Collection(OTHER, "other-data", access="conditional"),
        Collection(ENDED, "ended-data", access="conditional", sunset=date(2030, 1, 2), deprecated_at=1688169599),
        Collection(ALIASED, "present-name", ("data", "older-name")),
    ]
    fast = "r100"
    decisions.grants = [
        GrantEntry(ANONYMOUS, OPEN, rate_plan=fast),
        GrantEntry(ANY_KEY, OPEN, rate_plan=fast),
        GrantEntry(ANONYMOUS, ALIASED, rate_plan=fast),
        GrantEntry(1001, CONDITIONAL, agreement=71, view=9, rate_plan=fast, day_limit=1000, month_limit=5000),
        GrantEntry(1001, ENDED, agreement=72, not_after=now - 10, rate_plan=fast),
        GrantEntry(1002, ENDED, agreement=73, rate_plan=fast),
        GrantEntry(1003, ENDED, agreement=75, rate_plan=fast, day_limit=1),
        GrantEntry(1001, OTHER, agreement=74, not_before=now + 500, rate_plan=fast),
    ]
    gateway.control.publish()
    yield gateway.start()
    gateway.close()


def problem(answer: object) -> str:
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert body["status"] == answer.status  # type: ignore[attr-defined]
    assert body["title"]
    assert body["detail"]
    assert body["instance"]
    return str(body["type"]).removeprefix("/problems/gateway/")


def test_open_data_without_a_key(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/open-data/items?limit=1")
    assert answer.status == 200
    seen = answer.json()
    assert seen["upstream"] == "delivery"
    assert seen["path"] == "/data/collections/open-data/items?limit=1"
    told = {name: value for name, value in seen["headers"].items() if name.startswith("x-tdpf-")}
    assert told == {
        "x-tdpf-call": f"1,0,{OPEN},anonymous,items\t1",
        "x-tdpf-view": f"0,{OPEN}",
    }
    assert answer.headers["ratelimit-policy"] == '"second";q=100;w=1'
    assert "x-ratelimit-limit" not in answer.headers


def test_open_data_with_a_key_is_known_by_its_application(gateway: Gateway) -> None:
    seen = gateway.get("/data/collections/open-data/items", key="other").json()
    assert seen["headers"]["x-tdpf-call"] == f"1002,0,{OPEN},key,items\t1"


@pytest.mark.parametrize("way", ["bearer", "header", "query"])
def test_a_grant_by_each_way_to_send_a_key(gateway: Gateway, way: str) -> None:
    key = key_text("good")
    path = "/data/collections/conditional-data/items"
    answer = {
        "bearer": lambda: gateway.get(path, headers={"authorization": f"bearer {key}"}),
        "header": lambda: gateway.get(path, headers={"X-API-Key": key}),
        "query": lambda: gateway.get(f"{path}?a=1&apikey={key}&b=2"),
    }[way]()
    assert answer.status == 200
    seen = answer.json()
    assert seen["headers"]["x-tdpf-call"] == f"1001,71,{CONDITIONAL},key,items\t1"
    assert seen["headers"]["x-tdpf-view"] == f"9,{CONDITIONAL}"
    assert key not in answer.body.decode()
    if way == "query":
        assert seen["path"] == path + "?a=1&b=2"
    assert answer.headers["x-ratelimit-limit"] == "1000"
    assert '"day";q=1000;w=86400' in answer.headers["ratelimit-policy"]
    assert answer.headers["ratelimit"].startswith('"day";r=')


def test_conditional_data_without_a_key(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/conditional-data/items")
    assert answer.status == 401
    assert problem(answer) == "no-key"
    assert answer.headers["www-authenticate"] == 'Bearer realm="TDPF"'


def test_another_applications_key(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/conditional-data/items", key="other")
    assert answer.status == 403
    assert problem(answer) == "not-granted"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"authorization": "Bearer tdpf_" + "x" * 43}, "key-unknown"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "key-unknown"),
        ({"authorization": "Bearer"}, "key-unknown"),
        ({"x-api-key": ""}, "key-unknown"),
        ({"x-api-key": "tdpf_" + "x" * 5000}, "key-unknown"),
        ({"x-api-key": "tdpf_'; drop table"}, "key-unknown"),
        ({"authorization": f"Bearer {key_text('late')}"}, "key-expired"),
    ],
)
@pytest.mark.parametrize("path", ["/data/collections/open-data/items", "/data", "/data/nothing-here"])
def test_a_bad_key_is_refused_even_on_open_data(gateway: Gateway, sent: dict[str, str], code: str, path: str) -> None:
    answer = gateway.get(path, headers=sent)
    assert answer.status == 401
    assert problem(answer) == code
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/data/collections/open-data/items", {"authorization": f"Bearer {key_text('good')}", "x-api-key": "tdpf_x"}),
        (f"/data/collections/open-data/items?apikey={key_text('good')}", {"x-api-key": key_text("good")}),
        (f"/data?apikey={key_text('good')}&apikey={key_text('good')}", {}),
        ("/data", {"authorization": f"Bearer {key_text('good')},Bearer {key_text('other')}"}),
    ],
)
def test_two_keys_are_refused(gateway: Gateway, path: str, sent: dict[str, str]) -> None:
    answer = gateway.get(path, headers=sent)
    assert answer.status == 400
    assert problem(answer) == "two-keys"


def test_a_grant_outside_its_period(gateway: Gateway) -> None:
    for slug in ("ended-data", "other-data"):
        answer = gateway.get(f"/data/collections/{slug}/items", key="good")
        assert answer.status == 403
        assert problem(answer) == "not-in-force"


def test_an_announced_end_is_in_the_headers(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/ended-data/items", key="other")
    assert answer.status == 200
    assert answer.headers["deprecation"] == "@1688169599"
    assert answer.headers["sunset"] == "Tue, 01 Jan 2030 15:00:00 GMT"


def test_an_announced_end_is_told_to_who_has_spent_everything(gateway: Gateway) -> None:
    gateway.get("/data/collections/ended-data/items", key="brief")
    answer = gateway.get("/data/collections/ended-data/items", key="brief")
    assert problem(answer) == "quota-spent"
    assert answer.headers["deprecation"] == "@1688169599"
    assert answer.headers["sunset"] == "Tue, 01 Jan 2030 15:00:00 GMT"


def test_forged_internal_headers_are_removed(gateway: Gateway) -> None:
    forged = {
        "X-TDPF-Application": "1001",
        "x-tdpf-grant": "1001:2",
        "x-tdpf-plan": "r100",
        "x-tdpf-whatever": "1",
        "x_tdpf_application": "1001",
        "x-envoy-upstream-rq-timeout-ms": "1",
        "x-request-id": "chosen-by-the-client",
    }
    for path in ("/data/collections/open-data/items", "/data", "/anything"):
        answer = gateway.get(path, headers=forged)
        assert answer.status == 200
        seen = answer.json()["headers"]
        assert "x-tdpf-whatever" not in seen
        assert "x_tdpf_application" not in seen
        assert "x-tdpf-grant" not in seen
        assert "x-tdpf-application" not in seen
        assert seen.get("x-tdpf-call", "1,").startswith("1,")
        assert seen["x-request-id"] != "chosen-by-the-client"
    refused = gateway.get("/data/collections/conditional-data/items", headers=forged)
    assert refused.status == 401


def test_forged_forwarding_headers_do_not_reach_the_portal(gateway: Gateway) -> None:
    forged = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "forwarded": "for=203.0.113.9"}
    seen = gateway.get("/", headers={**forged, "x-forwarded-host": "evil.example"}).json()["headers"]
    assert "203.0.113.9" not in seen["x-forwarded-for"]
    assert seen["x-forwarded-proto"] == "http"
    assert "forwarded" not in seen
    assert "x-forwarded-host" not in seen


def test_cookies_and_keys_do_not_reach_delivery(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/open-data/items", key="good", headers={"cookie": "session=1"})
    assert "cookie" not in answer.json()["headers"]
    assert "authorization" not in answer.json()["headers"]
    by_header = {"X-API-Key": key_text("good"), "Cookie": "a=b; c=d"}
    seen = gateway.get("/data/collections/open-data/items", headers=by_header).json()["headers"]
    assert not {"x-api-key", "cookie"} & {name.lower() for name in seen}
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-request-id"] == answer.json()["headers"]["x-request-id"]
    refused = gateway.get("/data/collections/conditional-data/items")
    assert (answer.status, refused.status) == (200, 401)
    assert refused.headers["x-request-id"] == refused.json()["instance"].removeprefix("urn:uuid:")
    for told in (answer.headers, refused.headers):
        assert (told["x-content-type-options"], told["cross-origin-resource-policy"]) == ("nosniff", "cross-origin")
        assert told["content-security-policy"] == CONTENT_SECURITY_POLICY
    portal = gateway.get("/", headers={"cookie": "session=1"})
    assert portal.json()["headers"]["cookie"] == "session=1"
    assert portal.headers["set-cookie"] == "a=b"


def test_internal_addresses_are_never_routed(gateway: Gateway) -> None:
    for path in ("/internal/v1/snapshot", "/internal", "//internal/v1/stamp", "/x/../internal/v1/stamp"):
        answer = gateway.get(path)
        assert answer.status == 404
        assert problem(answer) == "not-found"


@pytest.mark.parametrize(
    "path",
    [
        "/data/collections/conditional-data/items",
        "/data//collections/conditional-data/items",
        "/data/./collections/conditional-data/items",
        "/datasets/../data/collections/conditional-data/items",
        "/data/collections/open-data/../conditional-data/items",
        "/data/collections/condition%61l-data/items",
        "/d%61ta/collections/conditional-data/items",
        "/data/collections/conditional-data.main/items",
        "/data/collections/conditional-data",
        "/data/collections/conditional-data/items/1",
        "/data/collections/conditional-data/aggregate?group_by=a",
        "/data/files/conditional-data/data.csv",
        "/data/files/conditional-data",
        "/data/files/conditional-data/",
    ],
)
def test_path_tricks_do_not_get_around_the_grant(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path)
    assert answer.status == 401
    assert problem(answer) == "no-key"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data/collections/open-data%2F..%2Fconditional-data/items", 400),
        ("/data/collections/open-data%5Citems", 400),
        ("/data/collections/open-data/items%2F1", 400),
        ("/data/collections/OPEN-DATA/items", 404),
        ("/data/collections/no-such-data/items", 404),
        ("/data/collections/" + "a" * 64 + "/items", 404),
        ("/data/collections/open-dataitems", 404),
        ("/data/secret", 404),
        ("/data/files", 404),
        ("/data/files/open-data/a/b", 404),
    ],
)
def test_odd_addresses_are_refused_with_a_problem(gateway: Gateway, path: str, status: int) -> None:
    answer = gateway.get(path)
    assert answer.status == status
    assert problem(answer) in ("bad-request", "not-found")


def test_the_portal_keeps_addresses_that_only_look_like_data(gateway: Gateway) -> None:
    for path in ("/datasets/x", "/data-policy", "/database"):
        assert gateway.get(path).json()["upstream"] == "portal"


@pytest.mark.parametrize(
    "path", ["/data", "/data/", "/data/collections", "/data/conformance", "/data/api", "/data/api.json", "/data/api/x"]
)
def test_lists_need_no_grant(gateway: Gateway, path: str) -> None:
    answer = gateway.get(path)
    assert answer.status == 200
    assert answer.json()["headers"]["x-tdpf-call"].startswith("1,0,0,anonymous,")


def test_older_slugs_lead_to_the_present_one(gateway: Gateway) -> None:
    answer = gateway.get("/data/collections/older-name/items?limit=2")
    assert answer.status == 308
    assert answer.headers["location"] == "/data/collections/present-name/items?limit=2"
    assert gateway.get("/data/files/data/a.csv").headers["location"] == "/data/files/present-name/a.csv"


def test_a_gateway_tells_by_which_decisions_it_acts(gateway: Gateway) -> None:
    wait_until(lambda: gateway.control.acting == {gateway.agent.settings.name: gateway.control.stamp})


def test_methods(gateway: Gateway) -> None:
    for method in ("POST", "PUT", "DELETE"):
        answer = gateway.get("/data/collections/open-data/items", method=method, body=b"{}")
        assert answer.status == 405
        assert problem(answer) == "method-not-allowed"
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert gateway.get("/data/collections/open-data/items", method="HEAD").status == 200


def test_preflight_is_answered_without_counting(gateway: Gateway) -> None:
    asked = {"origin": "https://app.example", "access-control-request-method": "GET"}
    path = "/data/collections/conditional-data/items"
    answer = gateway.get(path, method="OPTIONS", headers=asked)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert "x-api-key" in answer.headers["access-control-allow-headers"]
    assert gateway.get(path, method="OPTIONS").status == 204
    crossed = gateway.get(path, headers={"origin": "https://app.example"})
    assert crossed.status == 401
    assert crossed.headers["access-control-allow-origin"] == "https://app.example"
    assert {"etag", "link", "ratelimit"} <= set(crossed.headers["access-control-expose-headers"].split(", "))
    # What holds for data by default does not open the pages of the platform.
    assert "access-control-allow-origin" not in gateway.get("/", headers={"origin": "https://app.example"}).headers


@pytest.mark.parametrize(
    ("language", "english"),
    [
        (None, False),
        ("ja", False),
        ("en", True),
        ("en-GB,ja;q=0.5", True),
        ("ja,en;q=0.8", False),
        ("fr, en;q=0.3", True),
        ("fr", False),
        ("den", False),
    ],
)
def test_problems_speak_the_callers_language(gateway: Gateway, language: str | None, english: bool) -> None:
    sent = {} if language is None else {"accept-language": language}
    for path in ("/data/collections/conditional-data/items", "/data/collections/a%2Fb/items"):
        answer = gateway.get(path, headers=sent)
        assert answer.json()["title"].isascii() is english, (path, language)
        assert answer.headers["content-language"] == ("en" if english else "ja")


def test_envoys_own_refusals_are_problems(gateway: Gateway) -> None:
    large = gateway.get("/data", headers={"x-large": "a" * 40000})
    assert large.status == 431
    assert problem(large) == "headers-too-large"
    long = gateway.get("/data/collections/open-data/items?filter=" + "a" * 9000)
    assert long.status == 414
    assert problem(long) == "address-too-long"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as raw:
        raw.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        assert raw.recv(65536).startswith(b"HTTP/1.1 400")


def test_ipv4_and_ipv6(gateway: Gateway) -> None:
    assert gateway.get("/data", host="127.0.0.1").status == 200
    if gateway.agent.settings.ipv6:
        assert gateway.get("/data", host="::1").status == 200


def test_a_trusted_proxy_in_front_is_believed(make_gateway: Callable[..., Gateway]) -> None:
    behind = make_gateway(trusted_hops=1)
    behind.control.decisions.collections = [Collection(OPEN, "open-data")]
    behind.control.publish()
    behind.start()
    told = {"x-forwarded-for": "198.51.100.1, 203.0.113.9", "x-forwarded-proto": "https", "x-tdpf-application": "1001"}
    seen = behind.get("/", headers=told).json()["headers"]
    assert "203.0.113.9" in seen["x-forwarded-for"]
    assert seen["x-forwarded-proto"] == "https"
    assert "x-tdpf-application" not in seen


def test_nothing_a_caller_sends_makes_the_scripts_fail(gateway: Gateway) -> None:
    """Odd requests of every kind: never a 5xx, never an error in Envoy's log, never admitted to what is not granted."""
    random = Random(20261121)
    pieces = [
        *("/data", "/collections", "/files", "/open-data", "/conditional-data", "/items", "/aggregate", "/api", "//"),
        *("?", "&", "=", "apikey=", "apikey", key_text("other"), "%", "%2", "%41", "%00", "%0a", ".", "..", ";", "#"),
        *("'", '"', "(", "%25", "+", "日本".encode().decode("latin-1"), "[", "]", "{", "\\", "~", "a" * 300, "-"),
    ]
    values = [
        *("", " ", "Bearer", "Bearer ", "bearer x", f"Bearer {key_text('good')}", f"Bearer {key_text('good')} x", ","),
        *(
            "tdpf_",
            "tdpf_" + "a" * 300,
            "\t",
            "%s%n",
            "0",
            "-1",
            "tdpf_日本".encode().decode("latin-1"),
            "a,b",
            "en,ja",
        ),
    ]
    names = ["authorization", "x-api-key", "accept-language", "x-tdpf-grant", "origin", "accept", "range", "te"]
    statuses: set[int] = set()
    for _ in range(600):
        path = "/data" + "".join(random.choices(pieces, k=random.randint(0, 6)))
        method = random.choice(("GET", "GET", "HEAD", "OPTIONS", "POST", "FOO"))
        lines = [f"{method} {path} HTTP/1.1", "host: x", "connection: close"]
        lines += [f"{random.choice(names)}: {random.choice(values)}" for _ in range(random.randint(0, 3))]
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as raw:
            raw.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
            answer = http.client.HTTPResponse(raw, method=method)
            answer.begin()
            status, received = answer.status, answer.read()
        statuses.add(status)
        assert status < 500 or status == 501, (lines, received)
        if status == 200 and b'"x-tdpf-view":"9,2"' in received:
            assert key_text("good") in "".join(lines), lines
    assert statuses >= {200, 400, 401, 404}
    log = gateway.agent.settings.folder / "envoy.log"
    assert "script log" not in log.read_text(), log.read_text()[-2000:]


def test_keys_are_in_no_log(gateway: Gateway) -> None:
    key = key_text("good")
    gateway.get(f"/data/collections/open-data/items?apikey={key}&marked=1")
    gateway.get(f"/somewhere?apikey={key}")
    gateway.get("/data/collections/open-data/items", key="good")
    unknown = "tdpf_" + "secret" * 8
    gateway.get(f"/data?apikey={unknown}")
    for page in ("/answers/", "/en/confirm/"):
        gateway.get(f"{page}{unknown}")
    home = gateway.root
    log = gateway.agent.settings.ordinary_log
    wait_until(lambda: log.exists() and b"/somewhere" in log.read_bytes() and b"(mailed link)" in log.read_bytes())
    time.sleep(0.3)
    for path in [p for p in home.rglob("*") if p.is_file()]:
        data = path.read_bytes()
        assert key.encode() not in data, path
        assert unknown.encode() not in data, path


def test_usage_reaches_the_control_plane(gateway: Gateway) -> None:
    path = "/data/collections/open-data/items/bytes-77"
    before = gateway.get(path + "?a=secret", key="other")
    assert before.status == 200
    refused = gateway.get("/data/collections/conditional-data/items/bytes-77", key="other")
    assert refused.status == 403
    lines = wait_until(
        lambda: (
            [line for line in gateway.control.usage() if line.path.endswith("bytes-77")]
            if sum(line.path.endswith("bytes-77") for line in gateway.control.usage()) >= 2
            else None
        )
    )
    admitted = next(line for line in lines if line.path == path)
    assert (admitted.application, admitted.agreement, admitted.dataset) == (1002, 0, OPEN)
    assert (admitted.principal, admitted.method, admitted.path_class) == ("key", "GET", "item")
    assert (admitted.status, admitted.bytes_sent, admitted.counted) == (200, 1000, True)
    assert abs(admitted.time / 1000 - time.time()) < 30
    assert admitted.request_id == before.headers["x-request-id"]
    denied = next(line for line in lines if line.path != path)
    assert (denied.application, denied.dataset, denied.status, denied.counted) == (1002, CONDITIONAL, 403, False)
    assert not [line for line in gateway.control.usage() if not line.path.startswith("/data")]

"""Providers' APIs through a real Envoy: only what is allowed, with the provider's credential, under the caller's grant."""

from __future__ import annotations

import base64
import datetime as dt
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from gateway_stand_ins import Gateway, key_entry, wait_until
from provider_apis import OPERATIONS, STATION, USUAL, Api, offered

from tdpf.dataplane.gateway.credentials import folder_for
from tdpf.kit.certificates import Authority, issue, new_authority, show
from tdpf.wire.codec import to_json
from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.sealing import seal
from tdpf.wire.sources import ApiCredential, ApiOperation, ApiSource, HeaderLine


def test_what_is_allowed_passes_under_the_grant(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(
        make_gateway(allow_private_sources=True), api, ApiCredential("header", "x-api-token", "se&cret %1"),
        set_request_headers=(HeaderLine("accept", "application/json"), HeaderLine("x-note", "100%"),), remove_request_headers=("user-agent",),
        set_response_headers=(HeaderLine("x-source", "weather"),), remove_response_headers=("x-powered-by",),
    )  # fmt: skip
    answer = gateway.get(
        f"{STATION}?from=1&from=2", key="app", headers={"cookie": "a=b", "x-api-token": "mine", "user-agent": "me"}
    )
    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    assert not {"set-cookie", "x-powered-by"} & set(answer.headers)
    assert answer.headers["x-source"] == "weather"
    assert answer.headers["cache-control"] == "private, no-cache, no-transform"
    assert int(answer.headers["x-ratelimit-remaining"]) < 1000
    method, path, headers, _ = api.seen[0]
    assert (method, path) == ("GET", "/base/v1/stations/7?from=1&from=2")
    assert headers["x-api-token"] == "se&cret %1"
    assert (headers["accept"], headers["x-note"]) == ("application/json", "100%")
    assert not {"cookie", "authorization", "user-agent", "x-forwarded-for"} & set(headers)
    assert not [name for name in headers if name.startswith("x-tdpf-")]
    posted = gateway.get("/data/apis/weather/v1/search", key="app", method="POST", body=b'{"q":"rain"}')
    assert posted.status == 200
    assert api.seen[1][0] == "POST"
    assert api.seen[1][3] == b'{"q":"rain"}'
    assert gateway.get(STATION, key="app", method="HEAD").status == 200
    line = wait_until(lambda: [one for one in gateway.control.usage() if one.method == "POST" and one.status == 200])[0]
    assert (line.path, line.path_class, line.dataset, line.agreement, line.counted) == (
        "/data/apis/weather/v1/search", "api", 1, 101, True,
    )  # fmt: skip


def test_everything_else_is_refused_before_it_is_counted(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api)
    before = int(gateway.get(STATION, key="app").headers["x-ratelimit-remaining"])
    api.seen.clear()
    for path in (
        "/data/apis/weather/v1/stations", "/data/apis/weather/v1/stations/7/more", "/data/apis/weather/v1/stations/",
        "/data/apis/weather/", "/data/apis/weather", "/data/apis/weather/v1/../admin", "/data/apis/weather.more/v1/search",
        "/data/apis/weather_x/v1/search", "/data/apis/nothing/v1/search", "/data/apis/weather/v1/searchx",
        "/data/apis/weather/xv1/search",
    ):  # fmt: skip
        answer = gateway.get(path, key="app")
        assert answer.status == 404, path
        assert answer.json()["type"] == "/problems/gateway/not-found"
    wrong = gateway.get(STATION, key="app", method="POST", body=b"{}")
    assert wrong.status == 405
    assert wrong.headers["allow"] == "GET, HEAD, DELETE, OPTIONS"
    assert gateway.get("/data/apis/weather/v1/search", key="app").status == 405
    assert gateway.get("/data/apis/weather/v1/stations/a%2fb", key="app").status == 400
    assert gateway.get(STATION).status == 401
    assert gateway.get(STATION, key="other").status == 403
    moved = gateway.get("/data/apis/old-weather/v1/stations/7", key="app")
    assert (moved.status, moved.headers["location"]) == (308, STATION)
    assert not api.seen
    assert int(gateway.get(STATION, key="app").headers["x-ratelimit-remaining"]) == before - 1


@pytest.mark.parametrize("operations", [OPERATIONS, USUAL], ids=["a route of its own", "usual"])
@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        (ApiCredential("query", "appid", "a&b=c é"), ("path", "appid=a%26b%3Dc%20%C3%A9")),
        (
            ApiCredential("basic", "東京", "pass:word"),
            ("authorization", "Basic " + base64.b64encode("東京:pass:word".encode()).decode()),
        ),
        (ApiCredential("oauth2", "client", "kept to itself", token_url="/token"), ("authorization", "Bearer minted")),
    ],
)
def test_credentials_are_injected_and_lie_nowhere(
    make_gateway: Callable[..., Gateway],
    api: Api,
    credential: ApiCredential,
    expected: tuple[str, str],
    operations: tuple[ApiOperation, ...],
) -> None:
    if credential.token_url:
        credential = ApiCredential("oauth2", credential.name, credential.value, token_url=api.url + "/token")
    gateway = offered(make_gateway(allow_private_sources=True), api, credential, operations=operations)
    gateway.get(f"{STATION}?appid=mine&x=1", key="app")
    _, path, headers, _ = api.seen[-1]
    assert expected[1] in (path if expected[0] == "path" else headers[expected[0]])
    assert "appid=mine" not in path or credential.kind != "query"
    assert "x-tdpf-credential" not in headers
    secrets = [credential.value.encode(), orjson.dumps(credential.value)[1:-1]]
    for file in gateway.root.rglob("*"):
        if file.is_file() and "envoy" not in file.name:
            assert not any(secret in file.read_bytes() for secret in secrets), file


def test_a_provider_in_trouble_is_left_in_peace(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(
        make_gateway(allow_private_sources=True), api, timeout_seconds=1, retries=2, errors_to_rest=5, rest_seconds=1
    )
    api.mode = "redirect"
    answer = gateway.get(STATION, key="app")
    assert (answer.status, answer.headers.get("location")) == (302, None)
    api.mode = "slow"
    api.seen.clear()
    started = time.monotonic()
    answer = gateway.get(STATION, key="app")
    assert (answer.status, answer.json()["type"]) == (504, "/problems/gateway/upstream-timeout")
    assert time.monotonic() - started < 2.5
    api.mode = "broken"
    api.seen.clear()
    assert gateway.get("/data/apis/weather/v1/search", key="app", method="POST", body=b"{}").status == 503
    assert len(api.seen) == 1, "what may not be done twice is not tried twice"
    for _ in range(10):
        assert gateway.get(STATION, key="app").status == 503
    assert len(api.seen) < 12, "a server that fails again and again is not asked for a while"
    api.mode = ""
    wait_until(lambda: gateway.get(STATION, key="app").status == 200)


def test_the_providers_own_limit_is_kept(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api, per_second=3)
    answers = [gateway.get(STATION, key="app") for _ in range(12)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert len(api.seen) <= 9
    assert gateway.get("/data", key="app").status == 200


def test_a_changed_credential_acts_and_a_broken_one_closes(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api, ApiCredential("header", "x-key", "first"))
    key = bytes.fromhex((gateway.home.secrets / "sources.key").read_text())
    first = gateway.control.decisions.apis[0]

    def with_credential(text: str) -> list[ApiSource]:
        return [ApiSource(1, "weather", "main", "source-1", first.url, OPERATIONS, text)]

    fresh = seal(key, to_json(ApiCredential("header", "x-key", "second")), bound_to="source-1")
    gateway.decide(lambda decisions: setattr(decisions, "apis", with_credential(fresh)))
    wait_until(lambda: gateway.get(STATION, key="app").status == 200 and api.seen[-1][2]["x-key"] == "second")
    assert len(list(folder_for(gateway.agent.settings.folder).iterdir())) == 1
    gateway.decide(lambda decisions: setattr(decisions, "apis", with_credential("v1.broken")))
    wait_until(lambda: gateway.get(STATION, key="app").status == 404)
    gateway.stop()
    assert not folder_for(gateway.agent.settings.folder).exists()


def test_inward_apis_are_never_reached(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = make_gateway()
    gateway.control.decisions.collections = [Collection(1, "weather", access="open")]
    gateway.control.decisions.keys = [key_entry("app", 1001)]
    gateway.control.decisions.grants = [GrantEntry(1001, 1, 101)]
    gateway.control.decisions.apis = [ApiSource(1, "weather", "main", "source-1", api.url, OPERATIONS)]
    gateway.control.publish()
    gateway.start()
    for _ in range(10):
        assert gateway.get(STATION, key="app").status == 404
    assert not api.seen


def test_credentials_lie_in_memory(tmp_path: Path) -> None:
    folder = folder_for(tmp_path)
    assert folder.parent == Path("/dev/shm") or folder == tmp_path / "credentials"


def test_a_provider_is_known_by_its_own_authority_and_shown_our_certificate(
    make_gateway: Callable[..., Gateway],
) -> None:
    now = dt.datetime.now(dt.UTC)
    authority, other = (new_authority(name, now=now, days=1) for name in ("provider", "stranger"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cadata=authority.certificate.decode())
    context.verify_mode = ssl.CERT_REQUIRED
    show(context, issue(authority, "localhost", hosts=("localhost",), now=now, days=1).pem)

    def credential(by: Authority, days: int = 1) -> ApiCredential:
        chain, begin, key = issue(by, "tdpf", now=now - dt.timedelta(days=2), days=2 + days).pem.decode().partition(
            "-----BEGIN PRIVATE"
        )  # fmt: skip
        return ApiCredential("certificate", "", begin + key, certificate=chain)

    api = Api(context)
    try:
        gateway = offered(
            make_gateway(allow_private_sources=True),
            api,
            credential(authority),
            authority=authority.certificate.decode(),
        )
        sealing = bytes.fromhex((gateway.home.secrets / "sources.key").read_text())
        (source,) = gateway.control.decisions.apis

        def shown(by: Authority, days: int = 1, believed: Authority = authority) -> None:
            sealed = seal(sealing, to_json(credential(by, days)), bound_to="source-1")
            gateway.control.decisions.apis = [
                replace(source, credential=sealed, authority=believed.certificate.decode())
            ]
            gateway.control.publish()

        # Another's certificate, one that has ended, or a server of another authority: nothing is called.
        for refused in ((other,), (authority, -1), (authority, 1, other)):
            shown(*refused)
            wait_until(lambda: gateway.get(STATION, key="app").status == 503)
            shown(authority)
            wait_until(lambda: gateway.get(STATION, key="app").status == 200)
        kept = [path for path in gateway.root.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
        assert kept == [], "keys lie in memory only"
    finally:
        api.close()

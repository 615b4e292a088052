"""Providers' APIs that say nothing of their own: listed and not routed, and otherwise like every other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from gateway_stand_ins import Gateway, key_text, wait_until
from provider_apis import STATION, USUAL, Api, offered

from tdpf.dataplane.gateway.envoy_config import ROUTES_FILE
from tdpf.dataplane.gateway.upstream_health import ASKED, UpstreamsTold
from tdpf.wire.sources import HeaderLine


def routes_of(gateway: Gateway) -> bytes:
    return (gateway.agent.settings.folder / "xds" / ROUTES_FILE).read_bytes()


def test_a_usual_api_needs_no_route(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api, operations=USUAL)
    assert b"weather" not in routes_of(gateway)
    sent = {
        "cookie": "a=b",
        "origin": "https://map.example",
        "referer": "https://map.example/",
        "x-forwarded-for": "1.2.3.4",
    }
    answer = gateway.get(f"{STATION}?from=1&apikey={key_text('app')}&from=2", headers=sent)
    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-cache, no-transform"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "https://map.example"
    assert answer.headers["x-request-id"]
    left = int(answer.headers["x-ratelimit-remaining"])
    method, path, headers, _ = api.seen[-1]
    assert (method, path) == ("GET", "/base/v1/stations/7?from=1&from=2")
    assert headers["host"] == api.url.removeprefix("http://")
    assert not {"cookie", "authorization", "origin", "referer", "x-request-id", "x-forwarded-for"} & set(headers)
    assert not [name for name in headers if name.startswith("x-tdpf-")]
    assert gateway.get(STATION, key="app", method="HEAD").status == 200
    api.seen.clear()
    for odd in ("v1/stations", "v1/stations/7/more", "v1/stations/", "", "v1/x", "../other/v1/stations/7"):
        refused = gateway.get(f"/data/apis/weather/{odd}", key="app")
        assert (refused.status, refused.json()["type"]) == (404, "/problems/gateway/not-found"), odd
    wrong = gateway.get(STATION, key="app", method="POST", body=b"{}")
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (gateway.get(STATION).status, gateway.get(STATION, key="other").status) == (401, 403)
    forged = gateway.get("/data/apis/weather/v1/x", key="app", headers={"x-tdpf-to": "portal"})
    assert forged.status == 404
    assert not api.seen
    assert int(gateway.get(STATION, key="app").headers["x-ratelimit-remaining"]) == left - 2
    line = wait_until(lambda: [one for one in gateway.control.usage() if one.method == "HEAD" and one.path == STATION])[
        0
    ]
    assert (line.status, line.path_class, line.dataset, line.agreement, line.counted) == (200, "api", 1, 101, True)


def test_a_usual_api_in_trouble(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api, operations=USUAL, errors_to_rest=3, rest_seconds=1)
    api.mode = "redirect"
    answer = gateway.get(STATION, key="app")
    assert (answer.status, answer.headers.get("location")) == (302, None)
    api.mode = "broken"
    api.seen.clear()
    assert gateway.get(STATION, key="app").status == 503
    assert len(api.seen) == 2, "what may be asked again is tried once more"
    told = UpstreamsTold()
    assert gateway.agent.envoy.read_admin(ASKED, told.take)
    (weather,) = told.told()
    assert (weather.name, weather.kind, weather.servers, weather.unreached) == ("weather", "api", 1, 0)
    assert weather.requests > weather.errors > 0, "of what was led on, something failed"
    api.mode = ""
    wait_until(lambda: gateway.get(STATION, key="app").status == 200)


def test_an_api_that_gets_a_route_of_its_own_is_never_missed(make_gateway: Callable[..., Gateway], api: Api) -> None:
    gateway = offered(make_gateway(allow_private_sources=True), api, operations=USUAL)
    usual = gateway.control.decisions.apis[0]
    stop, found = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            found.append(gateway.get(STATION, key="app").status)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(6):
            own = replace(usual, set_request_headers=(HeaderLine("x-way", f"own-{number}"),))
            gateway.decide(lambda decisions, own=own: setattr(decisions, "apis", [own]))  # type: ignore[misc]
            wait_until(lambda: b"weather" in routes_of(gateway))
            wait_until(lambda number=number: bool(api.seen) and api.seen[-1][2].get("x-way") == f"own-{number}")  # type: ignore[misc]
            gateway.decide(lambda decisions: setattr(decisions, "apis", [usual]))
            wait_until(lambda: b"weather" not in routes_of(gateway))
            wait_until(lambda: bool(api.seen) and "x-way" not in api.seen[-1][2])
    finally:
        stop.set()
        asking.join()
    assert set(found) == {200}
    assert {path for _, path, _, _ in api.seen} == {"/base/v1/stations/7"}

"""Envoy's configuration in its binary form: the same messages that the compilers say, as a real Envoy reads them."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from gateway_stand_ins import free_port, wait_until

from tdpf.dataplane.control_door import ControlDoor
from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.dataplane.gateway.apis import ApiUpstream, is_usual
from tdpf.dataplane.gateway.configuration import Configuration
from tdpf.dataplane.gateway.envoy_config import CLUSTERS_FILE, ROUTES_FILE, clusters, routes
from tdpf.dataplane.gateway.envoy_messages import NotKnown, encoded
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess
from tdpf.dataplane.gateway.nodes_tls import remote_portal
from tdpf.dataplane.gateway.upstreams import host_of, upstreams_for
from tdpf.dataplane.gateway.xds import binary_response, names_written
from tdpf.kit.certificates import new_authority
from tdpf.kit.home import Home
from tdpf.wire.messages import PassThrough
from tdpf.wire.sources import ApiCredential, ApiOperation, ApiSource, HeaderLine

FILES = upstreams_for(
    [
        PassThrough(1, "beds", "a.csv", "https://data.example/a"),
        PassThrough(1, "beds", "b.csv", "http://data.example/b"),
    ],
    {host_of("https://data.example/"): ("93.184.216.34",), host_of("http://data.example/"): ("93.184.216.34",)},
)
# What only Envoy's dump leaves out: the first choice, and what is zero.
_FIRST = ("STATIC", "APPEND_IF_EXISTS_OR_ADD", "HUNDRED", False, 0, "")


def every_kind(secret: Path, authority: str) -> list[ApiUpstream]:
    """Return APIs that together say whatever can be said of one."""
    plain = ApiSource(1, "plain", "main", "s1", "http://data.example:8000/b", (ApiOperation("GET", "/v1/{id}"),))
    full = replace(
        plain,
        url="https://data.example/base/",
        operations=(
            ApiOperation("GET", "/v1/{id}"),
            ApiOperation("POST", "/q"),
            ApiOperation("WEBSOCKET", "/live"),
        ),
        set_request_headers=(HeaderLine("accept", "a; q=100%"),),
        remove_request_headers=("x-a",),
        set_response_headers=(HeaderLine("x-b", "c"),),
        remove_response_headers=("x-c",),
        per_second=5,
        retries=0,
        authority=authority,
        token_url="https://data.example/token",
    )
    calls = (ApiOperation("GRPC_STREAM", "/a.B/C"), ApiOperation("GRPC", "/a.B/D"))
    found = [
        ApiUpstream(plain, ("93.184.216.34", "2606:2800:220:1::1")),
        ApiUpstream(replace(plain, slug="calls", operations=calls), ("93.184.216.34",)),
    ]
    for kind in ("header", "query", "basic", "oauth2", "certificate"):
        source = replace(
            full, slug=f"by-{kind}", credential="sealed", token_url=full.token_url if kind == "oauth2" else ""
        )
        credential = ApiCredential(kind, "name", "value", token_url=full.token_url, scopes=("read",))
        found.append(
            ApiUpstream(source, ("93.184.216.34",), credential, secret, ("93.184.216.35",) if kind == "oauth2" else ())
        )
    return found


def routed(apis: list[ApiUpstream]) -> list[ApiUpstream]:
    """Return the APIs that have routes of their own."""
    return [api for api in apis if not is_usual(api)]


def plainly(said: Any) -> Any:
    """Return a configuration without what is the same said or not, and with numbers and times as numbers."""
    if isinstance(said, dict):
        return {name: plainly(value) for name, value in said.items() if value not in _FIRST}
    if isinstance(said, list):
        return [plainly(one) for one in said]
    if isinstance(said, str) and re.fullmatch(r"\d+(\.\d+)?s?", said):
        return float(said.removesuffix("s"))
    return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else said


@pytest.fixture
def home() -> Iterator[Home]:
    root = Path(tempfile.mkdtemp(prefix="tdpf-pb-"))
    (root / "gateway/g/spool").mkdir(parents=True)
    yield Home(root).prepare()
    shutil.rmtree(root)


def test_envoy_reads_what_the_compilers_say(home: Home) -> None:
    settings = settings_for(home, AgentOptions(name="g", port=free_port(), portal_processes=2))
    envoy = EnvoyProcess(settings, workers=1)
    secret = settings.folder / "secret.json"
    kind = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"
    told = {"@type": kind, "name": "credential", "generic_secret": {"secret": {"inline_string": "never shown"}}}
    secret.write_bytes(orjson.dumps({"version_info": "1", "resources": [told]}))
    apis = every_kind(secret, new_authority("An authority", now=dt.datetime.now(dt.UTC), days=9).certificate.decode())
    configuration = Configuration(settings, envoy)
    configuration.put_listeners()
    configuration.put(FILES, apis, "")
    envoy.start()
    try:

        def dumped() -> Any:
            answer = envoy.admin("GET", "/config_dump", timeout=10)
            parts = {one["@type"].rpartition(".")[2]: one for one in answer.json()["configs"]} if answer else {}
            found = parts.get("ClustersConfigDump", {})
            known = [
                one["cluster"] for kind in ("active", "warming") for one in found.get(f"dynamic_{kind}_clusters", [])
            ]
            led = [one["route_config"] for one in parts.get("RoutesConfigDump", {}).get("dynamic_route_configs", [])]
            return {one["name"]: plainly(one) for one in known}, plainly(led)

        found = wait_until(lambda: (lambda both: both if both[1] else None)(dumped()))
    finally:
        envoy.stop(grace=0)
    assert found[0] == {one["name"]: plainly(one) for one in clusters(settings, FILES, apis)}
    assert found[1] == plainly(routes(routed(apis)))


def test_what_is_kept_in_binary_form_is_what_the_compilers_say(home: Home) -> None:
    settings = settings_for(home, AgentOptions(name="g"))
    configuration = Configuration(settings, EnvoyProcess(settings, workers=1))
    folder = settings.folder / "xds"
    apis = every_kind(Path("/dev/shm/secret.json"), "PEM")
    moved = replace(apis[0], addresses=("93.184.216.99",))
    slower = replace(apis[1], source=replace(apis[1].source, timeout_seconds=99))
    for files, now in ((FILES, apis), (FILES, apis), (FILES[:1], [moved, slower, *apis[3:]]), ([], apis)):
        configuration.put(files, now, "")
        assert (folder / CLUSTERS_FILE).read_bytes() == binary_response(clusters(settings, files, now))
        assert (folder / ROUTES_FILE).read_bytes() == binary_response(routes(routed(now)))
        named = {one["name"] for one in clusters(settings, files, now)}
        assert names_written(folder / CLUSTERS_FILE) == named
    (folder / CLUSTERS_FILE).write_bytes(b"\xff\xff no message")
    assert names_written(folder / CLUSTERS_FILE) == frozenset()


def test_the_portal_on_another_machine_and_what_is_not_known() -> None:
    portal = remote_portal(ControlDoor(Path("/run/internal.sock"), "control.example", 8443), Path("/srv"), "PEM")
    assert b"control.example" in binary_response([portal])
    for said in (
        {"no_such_field": 1},
        {"type": "NO_SUCH_CHOICE"},
        {"typed_extension_protocol_options": {"a": {"@type": "x.Y"}}},
    ):
        with pytest.raises(NotKnown):
            encoded("Cluster", said)

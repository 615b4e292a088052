"""Snapshot to Envoy configuration: pure functions, held by golden files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from gateway_stand_ins import wait_until

from tdpf.dataplane.gateway.admission_module import module_path
from tdpf.dataplane.gateway.apis import api_upstreams
from tdpf.dataplane.gateway.compression import ASKED, NOBODY_IN_PARTICULAR
from tdpf.dataplane.gateway.connected_files import connected_list
from tdpf.dataplane.gateway.envoy_config import GatewaySettings, bootstrap, clusters, listeners, routes
from tdpf.dataplane.gateway.spool import Spool
from tdpf.dataplane.gateway.upstreams import host_of, upstreams_for
from tdpf.dataplane.gateway.xds import binary_response, write_if_changed
from tdpf.wire.messages import PassThrough
from tdpf.wire.sources import ApiCredential, ApiOperation, ApiSource, HeaderLine

GOLDEN = Path(__file__).parent / "golden"
HOME = Path("/srv/tdpf")
SETTINGS = GatewaySettings(
    name="gateway-1",
    port=8080,
    ipv6=True,
    folder=HOME / "gateway/gateway-1",
    table=HOME / "gateway/gateway-1/grants.table",
    rates=HOME / "gateway/gateway-1/rates.table",
    connected=HOME / "gateway/gateway-1/connected.list",
    connected_mark=HOME / "gateway/gateway-1/connected.mark",
    spool_file=HOME / "gateway/gateway-1/spool/current.tsv",
    ordinary_log=HOME / "log/gateway-1.access.log",
    portal_sockets=(HOME / "run/portal.sock",),
    delivery_socket=HOME / "run/delivery.sock",
    admin_socket=HOME / "run/gateway-1.envoy.sock",
    source_authorities=Path("/srv/authorities.pem"),
)
PASSTHROUGHS = [
    PassThrough(1, "hospital-beds", "beds.csv", "https://data.example/beds.php?type=csv"),
    PassThrough(1, "hospital-beds", "病床.csv", "https://data.example/b"),
    PassThrough(2, "plain", "a.json", "http://other.example:8000"),
    PassThrough(3, "unresolved", "a.json", "http://nowhere.example/"),
]
APIS = [
    ApiSource(
        4,
        "weather",
        "main",
        "s1",
        "https://data.example/base/",
        (
            ApiOperation("GET", "/v1/stations/{id}"),
            ApiOperation("GET", "/v1/stations/all"),
            ApiOperation("POST", "/v1/q"),
        ),
        credential="v1.sealed",
        set_request_headers=(HeaderLine("accept", "application/json; q=100%"),),
        per_second=5,
    ),
    ApiSource(
        7,
        "live",
        "rain",
        "s4",
        "http://other.example:8000/ws",
        (ApiOperation("WEBSOCKET", "/live/{area}"), ApiOperation("GET", "/now")),
        most_streams=3,
    ),
    ApiSource(
        8,
        "calls",
        "main",
        "s5",
        "https://data.example/",
        (ApiOperation("GRPC_STREAM", "/a.B/C"), ApiOperation("GRPC", "/a.B/D")),
    ),
    ApiSource(
        5, "sealed", "main", "s2", "https://data.example/", (ApiOperation("GET", "/"),), credential="v1.unopened"
    ),
    ApiSource(6, "unresolved", "other", "s3", "https://nowhere.example/", (ApiOperation("GET", "/"),)),
]
ADDRESSES = {
    host_of("https://data.example/"): ("2606:2800:220:1::1", "93.184.216.34"),
    host_of("http://other.example:8000"): ("93.184.216.35",),
}


def check_golden(name: str, value: Any) -> None:
    import os

    data = orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
    # Where the module lies is another installation's matter.
    data = data.replace(orjson.dumps(str(module_path())), b'"<module>"')
    path = GOLDEN / name
    if os.environ.get("TDPF_WRITE_GOLDEN"):
        path.write_bytes(data)
    assert data == path.read_bytes(), f"{name} changed; if that is meant, write it again with TDPF_WRITE_GOLDEN=1"


def test_golden_configuration() -> None:
    upstreams = upstreams_for(PASSTHROUGHS, ADDRESSES)
    public = listeners(SETTINGS)
    for entry in public[0]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]:
        if entry["name"] == "admit":
            # What the module is told has tests of its own; here only its place in the chain counts.
            entry["typed_config"]["filter_config"]["value"] = "<settings>"
    check_golden("bootstrap.json", bootstrap(SETTINGS))
    check_golden("listeners.json", public)
    credential = ApiCredential("query", "appid", "never in a configuration")
    apis = api_upstreams(APIS, ADDRESSES, {"s1": (credential, Path("/dev/shm/s1.json"))})
    check_golden("routes.json", routes(apis))
    check_golden("clusters.json", clusters(SETTINGS, upstreams, apis))
    # Whoever says something new of them tells its number in envoy_messages too.
    assert binary_response(routes(apis))
    assert binary_response(clusters(SETTINGS, upstreams, apis))
    assert connected_list(upstreams).decode() == (
        "hospital-beds/beds.csv\tsource|https|data.example|443\tdata.example\t/beds.php?type=csv\n"
        "hospital-beds/%E7%97%85%E5%BA%8A.csv\tsource|https|data.example|443\tdata.example\t/b\n"
        "plain/a.json\tsource|http|other.example|8000\tother.example:8000\t/\n"
    )


def test_a_new_route_is_closed_by_default() -> None:
    chain = [
        entry["name"]
        for entry in listeners(SETTINGS)[0]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    ]
    assert chain == [
        "gzip",
        "br",
        "zstd",
        "cors",
        "admit",
        "open_streams",
        "source_speed",
        "said_by_followers",
        "gathered",
        "told_beside_providers",
        "router",
    ]
    credentials = {"s1": (ApiCredential("query", "appid", "x"), Path("/dev/shm/s1.json"))}
    found_apis = api_upstreams(APIS, ADDRESSES, credentials)
    host = routes(found_apis)[0]["virtual_hosts"][0]
    tree = host["matcher"]["matcher_tree"]["prefix_match_map"]["map"]
    chosen = {prefix: entry["action"]["typed_config"]["routes"] for prefix, entry in tree.items()}
    apis = ["/data/apis/calls/", "/data/apis/live.rain/", "/data/apis/weather/"]
    assert list(chosen) == ["/", "/data", "/data/files", "/data/apis", "/data/streams", "/internal", "/push", *apis]
    asked = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    sized = {"name": "content-length", "string_match": {"safe_regex": {"regex": "[0-9]{1,5}|[12][0-9]{5}"}}}
    portal = [
        {"prefix": "/", "headers": [sized, ASKED, NOBODY_IN_PARTICULAR]},
        {"prefix": "/", "headers": [asked, ASKED, NOBODY_IN_PARTICULAR]},
        {"prefix": "/", "headers": [sized]},
        {"prefix": "/", "headers": [asked]},
        {"prefix": "/"},
    ]
    for prefix, found in chosen.items():
        opened = [
            route["match"]
            for route in found
            if route.get("typed_per_filter_config", {}).get("admit", {}).get("disabled")
        ]
        assert opened == {
            "/": portal,
            "/data": portal,
            "/internal": [{"path_separated_prefix": "/internal"}, *portal],
            "/push": [{"path_separated_prefix": "/push"}, *portal],
        }.get(prefix, []), prefix
        # What is below /data and no connected file is delivery's; below an API everything is the provider's.
        if prefix.startswith("/data") and not prefix.startswith("/data/apis/"):
            assert {"path_separated_prefix": "/data"} in [route["match"] for route in found]
    assert "direct_response" in chosen["/internal"][0]


def test_the_listener_does_not_depend_on_the_snapshot() -> None:
    assert listeners(SETTINGS) == listeners(SETTINGS)
    assert routes() != routes(api_upstreams(APIS, ADDRESSES, {}))


def test_files_are_written_only_when_they_change(tmp_path: Path) -> None:
    path = tmp_path / "xds" / "routes.json"
    assert write_if_changed(path, routes())
    assert not write_if_changed(path, routes())
    assert write_if_changed(path, routes(api_upstreams(APIS, ADDRESSES, {})))
    assert [entry.name for entry in path.parent.iterdir()] == ["routes.json"]


class Ledger:
    """A control plane's side of the spool."""

    def __init__(self) -> None:
        self.segments: dict[str, bytearray] = {}

    def take(self, segment: str, offset: int, data: bytes) -> int:
        kept = self.segments.setdefault(segment, bytearray())
        if offset <= len(kept) < offset + len(data):
            kept += data[len(kept) - offset :]
        return len(kept)

    def everything(self) -> bytes:
        return b"".join(self.segments.values())


def test_the_spool_ships_whole_lines_once_and_deletes_what_is_committed(tmp_path: Path) -> None:
    now = [0.0]
    spool, ledger = Spool(tmp_path, clock=lambda: now[0]), Ledger()
    assert not spool.rotate()
    spool.current.write_bytes(b"one\ntwo\nthr")
    spool.ship(ledger.take)
    assert ledger.everything() == b"one\ntwo\n"
    with spool.current.open("ab") as stream:
        stream.write(b"ee\n")
    spool.ship(ledger.take)
    assert ledger.everything() == b"one\ntwo\nthree\n"
    assert spool.rotate()
    assert spool.reopening_due
    now[0] += 100
    spool.ship(ledger.take)
    assert len(list(tmp_path.glob("*-*.tsv"))) == 1
    spool.reopened()
    now[0] += 100
    spool.current.write_bytes(b"four\n")
    spool.ship(ledger.take)
    assert not list(tmp_path.glob("*-*.tsv"))
    assert ledger.everything() == b"one\ntwo\nthree\nfour\n"
    assert len(ledger.segments) == 2
    assert spool.waiting_bytes == 0


def test_the_spool_goes_on_after_a_crash_at_any_point(tmp_path: Path) -> None:
    ledger = Ledger()
    first = Spool(tmp_path)
    first.current.write_bytes(b"one\n")
    first.ship(ledger.take)
    again = Spool(tmp_path)
    again.ship(ledger.take)
    assert ledger.everything() == b"one\n"
    # Killed between the rename and the new name.
    name = orjson.loads((tmp_path / "segment.json").read_bytes())["name"]
    again.current.rename(tmp_path / f"{name}.tsv")
    third = Spool(tmp_path)
    third.current.write_bytes(b"two\n")
    third.reopened()
    third.ship(ledger.take)
    assert ledger.everything() == b"one\ntwo\n"
    assert len(ledger.segments) == 2


def test_a_refused_segment_does_not_hold_up_the_others(tmp_path: Path) -> None:
    spool, ledger = Spool(tmp_path), Ledger()
    spool.current.write_bytes(b"bad\n")
    bad = spool.rotate() and next(tmp_path.glob("*-*.tsv")).stem
    spool.current.write_bytes(b"good\n")

    def refuse_one(segment: str, offset: int, data: bytes) -> int:
        if segment == bad:
            raise OSError("refused")
        return ledger.take(segment, offset, data)

    with pytest.raises(OSError, match="refused"):
        spool.ship(refuse_one)
    assert ledger.everything() == b"good\n"
    assert spool.waiting_bytes == 4


def test_the_spool_keeps_what_is_not_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.current.write_bytes(b"one\n")
    spool.rotate()
    spool.reopened()
    for _ in range(3):
        spool.ship(lambda _segment, _offset, _data: 0)
    assert spool.waiting_bytes == 4
    ledger = Ledger()
    wait_until(lambda: spool.ship(ledger.take) or not list(tmp_path.glob("*-*.tsv")))
    assert ledger.everything() == b"one\n"


def test_mailed_links_are_logged_without_their_secret() -> None:
    logs = listeners(SETTINGS)[0]["filter_chains"][0]["filters"][0]["typed_config"]["access_log"]
    _, _, ordinary, mailed = logs
    *_, spared = ordinary["filter"]["and_filter"]["filters"]
    only = mailed["filter"]["and_filter"]["filters"][-1]["header_filter"]["header"]
    assert spared["header_filter"]["header"] == {**only, "invert_match": True}
    assert "PATH" not in mailed["typed_config"]["log_format"]["text_format_source"]["inline_string"]
    pattern = re.compile(only["string_match"]["safe_regex"]["regex"])
    for path in ("/answers/0a1b.ff", "/en/answers/0a1b.ff?x=1", "/confirm/0a1b.ff", "/en/confirm/0a1b.ff/"):
        assert pattern.fullmatch(path), path
    for path in ("/", "/datasets/answers/", "/en/search", "/answers"):
        assert not pattern.fullmatch(path), path

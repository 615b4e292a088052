"""Connected distributions: passed through to the provider's own server under the same grants, never inward."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from certificates import Authority
from gateway_stand_ins import Gateway, key_entry, wait_until

from tdpf.dataplane.gateway.addresses import VettedAddresses
from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.dataplane.gateway.authorities import put_bare
from tdpf.dataplane.gateway.configuration import Configuration
from tdpf.dataplane.gateway.connected_files import ConnectedFiles, connected_list
from tdpf.dataplane.gateway.envoy_process import EnvoyProcess
from tdpf.dataplane.gateway.upstreams import Host, host_of, upstreams_for
from tdpf.kit.fetching import Resolver
from tdpf.kit.home import Home
from tdpf.wire.messages import Collection, GrantEntry, PassThrough


class Provider:
    """A provider's own web server on this machine."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(inner) -> None:  # noqa: N805
                self.seen.append((inner.path, {k.lower(): v for k, v in inner.headers.items()}))
                body = b"name,beds\nA,1\n"
                inner.send_response(200)
                inner.send_header("content-length", str(len(body)))
                inner.send_header("set-cookie", "tracking=1")
                inner.send_header("clear-site-data", '"*"')
                inner.send_header("location", "http://169.254.169.254/")
                inner.send_header("cache-control", "public, max-age=86400")
                inner.send_header("connection", "close")
                inner.end_headers()
                inner.wfile.write(body)

            def log_message(self, *_: object, **__: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


def with_passthrough(gateway: Gateway, url: str, name: str = "beds.csv") -> Gateway:
    decisions = gateway.control.decisions
    decisions.collections = [Collection(1, "hospital-beds", access="conditional")]
    decisions.keys = [key_entry("app", 1001), key_entry("other", 1002)]
    decisions.grants = [GrantEntry(1001, 1, 101, rate_plan="r100", day_limit=100)]
    decisions.passthroughs = [PassThrough(1, "hospital-beds", name, url)]
    gateway.control.publish()
    return gateway.start()


PATH = "/data/files/hospital-beds/beds.csv"


def test_bytes_come_from_the_provider_under_the_grant(make_gateway: Callable[..., Gateway], provider: Provider) -> None:
    url = f"http://localhost:{provider.port}/open/data.php?id=7&type=csv"
    gateway = with_passthrough(make_gateway(allow_private_sources=True), url)
    wait_until(lambda: gateway.get(PATH, key="app").body.startswith(b"name,beds"))
    provider.seen.clear()
    answer = gateway.get(f"{PATH}?id=8&x=1", key="app", headers={"cookie": "session=1", "range": "bytes=0-3"})
    assert answer.status == 200
    assert answer.body == b"name,beds\nA,1\n"
    assert not {"set-cookie", "clear-site-data", "location"} & set(answer.headers)
    assert answer.headers["cache-control"] == "private, no-cache, no-transform"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert int(answer.headers["x-ratelimit-remaining"]) < 100
    path, headers = provider.seen[0]
    assert path == "/open/data.php?id=7&type=csv"
    assert headers["host"] == f"localhost:{provider.port}"
    assert headers["range"] == "bytes=0-3"
    assert not {"cookie", "authorization", "x-forwarded-for", "x-request-id"} & set(headers)
    assert not [name for name in headers if name.startswith("x-tdpf-")]
    assert gateway.get(PATH).status == 401
    assert gateway.get(PATH, key="other").status == 403
    assert gateway.get("/data/files/hospital-beds/..%2fx", key="app").status == 400
    other = gateway.get("/data/files/hospital-beds/beds.csv.zip", key="app", headers={"x-tdpf-to": "portal"})
    assert orjson.loads(other.body)["upstream"] == "delivery", "callers lead no call anywhere"
    assert len(provider.seen) == 1
    asked = answer.headers["x-request-id"]
    line = wait_until(lambda: [one for one in gateway.control.usage() if one.request_id == asked])[0]
    assert (line.path, line.path_class, line.bytes_sent) == (PATH, "file", len(answer.body))
    assert b"data.php" not in gateway.agent.settings.ordinary_log.read_bytes()


def test_a_change_of_address_acts_and_an_end_closes(make_gateway: Callable[..., Gateway], provider: Provider) -> None:
    gateway = with_passthrough(make_gateway(allow_private_sources=True), f"http://127.0.0.1:{provider.port}/old")
    wait_until(lambda: gateway.get(PATH, key="app").status == 200 and provider.seen)
    gateway.decide(
        lambda d: setattr(
            d, "passthroughs", [PassThrough(1, "hospital-beds", "beds.csv", f"http://127.0.0.1:{provider.port}/new")]
        )
    )
    wait_until(lambda: gateway.get(PATH, key="app").status == 200 and provider.seen[-1][0] == "/new")
    gateway.decide(lambda d: setattr(d, "passthroughs", []))
    wait_until(lambda: b"delivery" in gateway.get(PATH, key="app").body)


def test_a_dead_provider_is_a_problem(make_gateway: Callable[..., Gateway], provider: Provider) -> None:
    gateway = with_passthrough(make_gateway(allow_private_sources=True), f"http://127.0.0.1:{provider.port}/x")
    wait_until(lambda: gateway.get(PATH, key="app").status == 200 and provider.seen)
    provider.close()
    answer = gateway.get(PATH, key="app")
    assert answer.status == 503
    assert answer.json()["type"] == "/problems/gateway/unavailable"


def test_inward_addresses_are_never_reached(make_gateway: Callable[..., Gateway], provider: Provider) -> None:
    gateway = with_passthrough(make_gateway(), f"http://127.0.0.1:{provider.port}/secret")
    for _ in range(10):
        assert b"delivery" in gateway.get(PATH, key="app").body
    assert not provider.seen


def test_a_list_that_changes_is_marked_and_so_is_the_first_of_a_run(tmp_path: Path) -> None:
    listed, mark = tmp_path / "list", tmp_path / "mark"
    entry = PassThrough(1, "beds", "a b.csv", "https://data.example/x?y=1")
    found = upstreams_for([entry], {host_of(entry.url): ("93.184.216.34",)})
    files = ConnectedFiles(listed, mark)
    for wanted, number in (([], 1), (found, 2), (found, 2), ([], 3)):
        files.put(wanted)
        assert int.from_bytes(mark.read_bytes(), "little") == number
    ConnectedFiles(listed, mark).put(found)
    assert int.from_bytes(mark.read_bytes(), "little") == 4, "what lies there may be newer than its mark"
    assert listed.read_bytes() == b"beds/a%20b.csv\tsource|https|data.example|443\tdata.example\t/x?y=1\n"


def test_known_names_are_not_looked_up_for_a_new_one() -> None:
    asked: list[str] = []

    def resolver(name: str, _port: int) -> list[str]:
        asked.append(name)
        if name == "nowhere.example":
            raise OSError
        return ["93.184.216.34"]

    vetted = VettedAddresses(allow_private=False, resolver=resolver)
    first, missing, new = (Host("http", f"{name}.example", 80) for name in ("first", "nowhere", "new"))
    vetted.resolve([first, missing])
    asked.clear()
    assert vetted.resolve([first, missing, new], again=False)
    assert asked == ["new.example"]
    assert set(vetted.known) == {first, new}


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["203.0.113.1"], ["93.184.216.34", "192.168.1.1"], ["::1"], ["169.254.169.254"]]
)
def test_a_name_that_points_inward_is_dropped(addresses: list[str]) -> None:
    host = Host("https", "data.example", 443)
    answers = [["93.184.216.34"], addresses]
    vetted = VettedAddresses(allow_private=False, resolver=lambda _host, _port: answers.pop(0))
    assert vetted.resolve([host])
    assert vetted.known == {host: ("93.184.216.34",)}
    assert vetted.resolve([host])
    assert vetted.known == {}


def test_who_starts_again_takes_no_connected_file_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(Home(tmp_path), AgentOptions())
    kept = tmp_path / "addresses.json"
    entry = PassThrough(1, "beds", "a.csv", "http://data.example/a.csv")
    envoy = EnvoyProcess(settings, workers=1)
    (settings.folder / "xds").mkdir(parents=True)

    def start(resolver: Resolver, *, allow_private: bool = True) -> tuple[VettedAddresses, Configuration]:
        vetted = VettedAddresses(allow_private=allow_private, resolver=resolver, kept=kept)
        return vetted, Configuration(settings, envoy)

    addresses, configuration = start(lambda _name, _port: ["10.0.0.1"])
    addresses.resolve([host_of(entry.url)])
    configuration.put(upstreams_for([entry], addresses.known), [], "")
    listed, mark = settings.connected.read_bytes(), settings.connected_mark.read_bytes()
    assert listed.startswith(b"beds/a.csv")
    addresses, configuration = start(lambda _name, _port: [])
    written: list[bytes] = []
    monkeypatch.setattr(ConnectedFiles, "put", lambda _self, files, _apis: written.append(connected_list(files)))
    configuration.put(upstreams_for([entry], addresses.known), [], "")
    assert written == [listed, listed]
    assert mark == settings.connected_mark.read_bytes()
    assert start(lambda _name, _port: [], allow_private=False)[0].known == {}


def test_a_failing_lookup_keeps_the_last_good_addresses() -> None:
    host = Host("http", "data.example", 80)
    answers: list[list[str] | None] = [["93.184.216.34"], None]

    def resolve(_name: str, _port: int) -> list[str]:
        found = answers.pop(0)
        if found is None:
            raise OSError
        return found

    vetted = VettedAddresses(allow_private=False, resolver=resolve)
    vetted.resolve([host])
    assert not vetted.resolve([host])
    assert vetted.known == {host: ("93.184.216.34",)}
    assert vetted.resolve([])
    assert vetted.known == {}


def test_upstreams_need_vetted_addresses() -> None:
    entry = PassThrough(1, "hospital-beds", "beds.csv", "https://data.example/a?b=c")
    assert upstreams_for([entry], {}) == []
    found = upstreams_for([entry], {host_of(entry.url): ("93.184.216.34",)})[0]
    assert (found.target, found.host.port, found.cluster) == ("/a?b=c", 443, "source|https|data.example|443")


@pytest.mark.parametrize(
    ("name", "days", "trusted", "status"),
    [
        ("localhost", 1, True, 200),
        ("elsewhere.example", 1, True, 503),
        ("localhost", -1, True, 503),
        ("localhost", 1, False, 503),
    ],
)
def test_https_sources_are_verified_by_name_and_date(
    make_gateway: Callable[..., Gateway], tmp_path: Path, name: str, days: int, trusted: bool, status: int
) -> None:
    authority = Authority(tmp_path)
    provider = Provider(authority.signed(name, days=days))
    gateway = with_passthrough(
        make_gateway(allow_private_sources=True, source_authorities=authority.path if trusted else None),
        f"https://localhost:{provider.port}/x",
    )
    wait_until(lambda: b"delivery" not in gateway.get(PATH, key="app").body)
    answer = gateway.get(PATH, key="app")
    assert answer.status == status
    assert gateway.agent.envoy.rejected_updates() == 0
    assert bool(provider.seen) is (status == 200)
    if status != 200:
        assert orjson.loads(answer.body)["type"] == "/problems/gateway/unavailable"
    provider.close()


def test_authorities_are_read_without_remarks(tmp_path: Path) -> None:
    block = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    given = tmp_path / "given.pem"
    given.write_bytes(b"\n# An authority\n" + block + b"\n# Another\n" + block)
    first = put_bare(tmp_path, given)
    assert first.read_bytes() == block + b"\n" + block + b"\n"
    given.write_bytes(block)
    second = put_bare(tmp_path, given)
    assert list(tmp_path.glob("authorities-*.pem")) == [second]
    assert second != first
    for nothing in (tmp_path / "not-there.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_bytes(b"no block")
        assert put_bare(tmp_path, nothing) == nothing

"""The benchmarks' own parts: that they count what came back, compare like with like, and make the same tables everywhere."""

from __future__ import annotations

import base64
import http.server
import itertools
import json
import os
import select
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tdpf.dataplane.gateway.agent import AgentOptions, settings_for
from tdpf.dataplane.gateway.envoy_config import listeners
from tdpf.kit.hashing import sha256_hex
from tdpf.kit.home import Home
from tdpf.processes.bench.chart import Bar, Panel, bar_chart, panels_chart
from tdpf.processes.bench.figures import Subject, Target, measure, ratio, reading_lines, target_lines, wait_for_rest
from tdpf.processes.bench.gateways import made_tokens, signing_key, without_policy
from tdpf.processes.bench.load import generate, raw_request
from tdpf.processes.bench.postgis import PYGEOAPI, TIPG
from tdpf.processes.bench.processes import cpu_seconds, family, is_running, pss_bytes
from tdpf.processes.bench.questions import DATASETTE, FEATURES, KEPT, OURS, POSTGRES, asked_requests
from tdpf.processes.bench.tables import facilities, readings


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort")
            self.close_connection = True
            return
        if self.path == "/pieces":
            self.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
            self.wfile.flush()
            time.sleep(0.005)
            self.wfile.write(b"2\r\nde\r\n0\r\n\r\n")
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object, **__: object) -> None:
        return


@pytest.mark.parametrize(
    ("path", "refused", "broken"), [("/", 0, 0), ("/missing", 1, 0), ("/pieces", 0, 0), ("/cut", 0, 1)]
)
def test_the_generator_counts_what_came_back(path: str, refused: int, broken: int) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = generate(server.server_port, [raw_request(path)], clients=2, seconds=0.2)
    finally:
        server.shutdown()
        server.server_close()
    assert (found.requests > 2) is (broken == 0)
    assert found.refused == refused * found.requests
    assert (found.broken == 2) is (broken == 1)
    assert found.p50_ms <= found.p99_ms


def test_who_answers_nothing_in_time_is_asked_once_by_each_client_and_waited_for() -> None:
    asked = itertools.count(1)
    enough = threading.Event()

    class Slow(_Handler):
        def do_GET(self) -> None:
            # Warming up and the first reading are two requests each: only who comes after them is answered.
            if next(asked) > 4:
                enough.set()
            enough.wait(60)
            super().do_GET()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        subject = Subject("slow", server.server_port, [raw_request("/")], list)
        found = measure([subject], rounds=2, seconds=0.3, clients=2)["slow"].summary()
    finally:
        server.shutdown()
        server.server_close()
    assert (found["requests"], found["rounds"], found["failed"]) == (2, 1, 0)


_BUSY = "import time\nwhile time.process_time() < 0.4: pass\nprint('rests', flush=True)\ntime.sleep(60)"


def test_a_reading_begins_when_what_was_asked_before_is_done() -> None:
    with subprocess.Popen([sys.executable, "-c", _BUSY], stdout=subprocess.PIPE) as busy:
        assert busy.stdout is not None
        # It begins when Python has started.
        while not is_running([busy.pid]) and cpu_seconds([busy.pid]) < 0.1:
            time.sleep(0.01)
        wait_for_rest([busy.pid])
        said = select.select([busy.stdout], [], [], 0)[0]
        busy.kill()
    assert said, "it was still at work"


def test_processor_time_and_memory_of_a_family() -> None:
    pid = os.getpid()
    before = cpu_seconds([pid])
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert 0.05 < cpu_seconds([pid]) - before < 5
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    assert {pid, child} <= set(family(pid))
    os.kill(child, 9)
    os.waitpid(child, 0)
    assert 1 << 20 < pss_bytes([pid]) < 1 << 36
    assert cpu_seconds([2**22 + 1]) == 0


def test_made_tables_are_the_same_everywhere(tmp_path: Path) -> None:
    first, second = facilities(tmp_path, 300), readings(tmp_path, 2_500)
    assert sha256_hex(first.csv.read_bytes())[:16] == "9c4271fdbdd8d3b5"
    assert sha256_hex(second.csv.read_bytes())[:16] == "2ad264c1f4b646d2"
    manifest = first.publish(tmp_path / "tables")
    assert manifest.rows == 300
    assert [facts.as_text for facts in manifest.columns] == [0] * 15
    assert manifest.located is not None
    assert first.publish(tmp_path / "tables") == manifest


def test_every_server_is_asked_the_same_questions(tmp_path: Path) -> None:
    asked = asked_requests([facilities(tmp_path, 300), readings(tmp_path, 1_000)])
    for query, by_server in asked.items():
        if query == KEPT:
            continue
        assert set(by_server) == ({OURS, TIPG, PYGEOAPI} if query == FEATURES else {OURS, POSTGRES, DATASETTE})
        assert all(one.endswith(b"\r\n\r\n") for requests in by_server.values() for one in requests)
    groups = asked["group-by"][OURS]
    assert len(set(groups)) == len(groups) > 5_000, "an answer that is kept is no group-by"


def test_the_plain_gateway_is_the_same_listener_without_policy(tmp_path: Path) -> None:
    public = listeners(settings_for(Home(tmp_path), AgentOptions()))
    (plain,) = without_policy(public)
    ours = public[0]["filter_chains"][0]["filters"][0]["typed_config"]
    theirs = plain["filter_chains"][0]["filters"][0]["typed_config"]
    assert [one["name"] for one in theirs["http_filters"]] == ["router"]
    assert "access_log" not in theirs
    gone = {"access_log", "local_reply_config", "rds", "http_filters"}
    assert {key: value for key, value in ours.items() if key not in gone}.items() <= theirs.items()
    assert "access_log" in ours


def test_tokens_of_the_peer_are_signed() -> None:
    private, public = signing_key()
    one, other = made_tokens(private, 2)
    head, claims, signature = one.split(".")
    assert one != other
    padded = [part + "=" * (-len(part) % 4) for part in (claims, signature)]
    assert json.loads(base64.urlsafe_b64decode(padded[0]))["scope"] == "data"
    raw = base64.urlsafe_b64decode(padded[1])
    key = serialization.load_pem_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


def test_targets_say_met_missed_and_not_measured() -> None:
    lines = target_lines(
        [
            Target("a", "at most", 1.3, ratio(13.0, 10.0)),
            Target("b", "at least", 95, 94.9),
            Target("c", "at most", 1, ratio(1.0, None), note="no peer"),
        ]
    )
    assert [line.rsplit("|", 2)[1].strip() for line in lines[2:]] == ["met", "**missed**", "not measured (no peer)"]
    assert ratio(1.0, 0.0) is None
    rows = {"x": {"cpu_us": 20.0, "per_second": 5, "p50_ms": 1.0, "p99_ms": 2.0, "failed": 0}, "y": {"absent": "none"}}
    table = "\n".join(reading_lines("t", rows, reference="x"))
    assert "| x | 20.0 | 1.00 |" in table
    assert "not available: none" in table


def test_panels_tell_their_figures_and_grow_to_the_right() -> None:
    panel = Panel(
        "rows <of> a table", {"CPU": [(1_000, 20.0), (100_000, 21.0)], "p50": [(1_000, 70.0), (100_000, 80.0)]}
    )
    root = ET.fromstring(panels_chart("growth", [panel], unit="µs"))
    texts = ["".join(one.itertext()) for one in root.iter()]
    assert (
        "rows <of> a table: CPU 1,000 → 20 µs, 100,000 → 21 µs; rows <of> a table: p50 1,000 → 70 µs, 100,000 → 80 µs"
        in texts
    )
    lines = [one.get("points", "") for one in root.iter("{http://www.w3.org/2000/svg}polyline")]
    places = [[float(place.split(",")[0]) for place in line.split()] for line in lines]
    assert all(line == sorted(line) for line in places)


def test_a_chart_is_valid_and_tells_its_figures() -> None:
    root = ET.fromstring(bar_chart("A < B", [Bar("slow & big", 20.0), Bar("ours", 2.5, ours=True)], unit="µs"))
    texts = ["".join(one.itertext()) for one in root.iter()]
    assert "ours: 2.5 µs; slow & big: 20 µs" in texts
    bars = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("height") == "20"]
    assert float(bars[0].get("width", "0")) < float(bars[1].get("width", "0"))

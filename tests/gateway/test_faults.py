"""The traps: failing scripts, corrupt and replaced tables, old snapshots, killed processes, an absent control plane."""

from __future__ import annotations

import errno
import itertools
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from gateway_stand_ins import Echo, Gateway, key_entry, key_text, wait_until

from tdpf.dataplane.gateway.agent import GatewayAgent, keep_small
from tdpf.dataplane.gateway.envoy_config import listeners
from tdpf.dataplane.gateway.table_keeper import periods_at
from tdpf.dataplane.gateway.xds import write_if_changed
from tdpf.wire import grant_layout as layout
from tdpf.wire.messages import ANONYMOUS, Collection, GrantEntry, KeyEntry

MakeGateway = Callable[..., Gateway]


def with_basics(gateway: Gateway, **limits: int) -> Gateway:
    decisions = gateway.control.decisions
    decisions.collections = [Collection(1, "open-data"), Collection(2, "conditional-data", access="conditional")]
    decisions.keys = [key_entry("app", 1001), key_entry("other", 1002)]
    decisions.grants = [
        GrantEntry(ANONYMOUS, 1, rate_plan="r100"),
        GrantEntry(1001, 2, 102, rate_plan="r100", **limits),  # type: ignore[arg-type]
    ]
    gateway.control.publish()
    return gateway


OPEN_PATH = "/data/collections/open-data/items"
PATH = "/data/collections/conditional-data/items"


def used(gateway: Gateway, application: int = 1001, dataset: int = 2) -> int:
    table = gateway.agent.keeper.table
    assert table is not None
    return table.use_at(table.grants[(application, dataset)]).days[periods_at(time.time()).day]


def tell_module(gateway: Gateway, change: Callable[[str], str]) -> None:
    """Tell the module something else, as a bug in ours would."""
    changed: list[Any] = listeners(gateway.agent.settings)
    manager = changed[0]["filter_chains"][0]["filters"][0]["typed_config"]
    for entry in manager["http_filters"]:
        if entry["name"] == "admit":
            told = entry["typed_config"]["filter_config"]
            told["value"] = change(told["value"])
    assert write_if_changed(gateway.agent.settings.folder / "xds" / "listeners.json", changed)


def test_what_the_module_does_not_understand_changes_nothing_and_what_it_cannot_find_closes_the_gate(
    make_gateway: MakeGateway,
) -> None:
    gateway = with_basics(make_gateway()).start()
    tell_module(gateway, lambda told: told.replace("anonymous", "nobody's"))
    wait_until(lambda: gateway.agent.envoy.rejected_updates() > 0)
    wait_until(lambda: any("refused" in note for health in gateway.control.health for note in health["notes"]), 15)
    assert gateway.get(OPEN_PATH).status == 200
    assert gateway.get(PATH).status == 401
    forged = {
        "X-TDPF-Counted": "1",
        "x_tdpf_counted": "1",
        "x-tdpf-call": "1,0,1,anonymous,items\t1",
    }
    for lost, code in ((gateway.agent.settings.rates, "not-decided"), (gateway.agent.settings.table, "not-ready")):
        tell_module(gateway, lambda told, lost=lost: told.replace(f"{lost}", f"{lost}.gone"))
        wait_until(lambda code=code: code in str(gateway.get(OPEN_PATH).body))
        for path, key in ((OPEN_PATH, None), (PATH, "app"), ("/data", None)):
            answer = gateway.get(path, key=key, headers=forged)
            assert answer.status in (401, 403, 503)
            assert answer.headers["content-type"] == "application/problem+json"
            assert b"upstream" not in answer.body
        assert gateway.get("/").status == 200


def test_collisions_admit_nobody(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway())
    gateway.start()
    wait_until(lambda: gateway.agent.keeper.table)
    table = gateway.agent.keeper.table
    assert table is not None
    seed = table.get("hash_seed")
    # For one dataset the hash never collides, so the pair that collides has another application and another dataset.
    seen = {layout.grant_hash(seed, application, 2): application for application in range(2000, 150_000)}
    second = next(n for n in itertools.count(2000) if layout.grant_hash(seed, n, 1) in seen)
    first = seen[layout.grant_hash(seed, second, 1)]
    slugs: dict[int, str] = {}
    for number in itertools.count():
        slug = f"data-set-{number}"
        hashed = layout.slug_hash(seed, slug.encode())
        if hashed in slugs:
            first_slug, second_slug = slugs[hashed], slug
            break
        slugs[hashed] = slug

    def change(decisions: Any) -> None:
        near = key_entry("near", 1001).sha256
        decisions.keys += [
            key_entry("first", first),
            key_entry("second", second),
            KeyEntry(near[:56] + "00000000", 1001),
        ]
        decisions.grants += [GrantEntry(first, 2, 103, rate_plan="r100"), GrantEntry(ANONYMOUS, 3, rate_plan="r100")]
        decisions.collections += [Collection(3, first_slug)]

    gateway.decide(change)
    assert table is gateway.agent.keeper.table
    assert gateway.get(PATH, key="first").status == 200
    assert gateway.get(OPEN_PATH, key="second").status == 403
    assert gateway.get(f"/data/collections/{first_slug}/items").status == 200
    assert gateway.get(f"/data/collections/{second_slug}/items").status == 404
    assert gateway.get(PATH, key="near").status == 401


def test_a_larger_table_takes_over_without_a_failed_request(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway(), day_limit=1_000_000).start()
    old = gateway.agent.keeper.table
    assert old is not None
    inode, size = gateway.agent.settings.table.stat().st_ino, gateway.agent.settings.table.stat().st_size
    outcomes: list[int] = []
    stop = threading.Event()

    def caller() -> None:
        while not stop.is_set():
            outcomes.append(gateway.get(PATH, key="app").status)
            time.sleep(0.005)

    threads = [threading.Thread(target=caller) for _ in range(2)]
    for thread in threads:
        thread.start()
    many = [GrantEntry(5000 + n, 2, 5000 + n) for n in range(3000)]
    gateway.decide(lambda d: setattr(d, "grants", d.grants + many))
    time.sleep(0.3)
    stop.set()
    for thread in threads:
        thread.join()
    assert gateway.agent.settings.table.stat().st_ino != inode
    assert gateway.agent.settings.table.stat().st_size > size
    assert set(outcomes) == {200}
    assert used(gateway) == len(outcomes)
    gateway.decide(lambda d: setattr(d, "keys", []))
    assert gateway.get(PATH, key="app").status == 401


def test_envoy_outlives_a_truncated_file_that_replaced_the_table(make_gateway: MakeGateway) -> None:
    # One worker, and one call first: a worker that had no table yet would rightly answer 503.
    gateway = with_basics(make_gateway(workers=1)).start()
    assert gateway.get(OPEN_PATH).status == 200
    pid = gateway.agent.envoy.pid
    table = gateway.agent.keeper.table
    assert table is not None
    good = gateway.agent.settings.table.read_bytes()
    beside = gateway.agent.settings.table.with_name("planted")
    for bad in (b"", good[:100], good[: layout.HEADER_BYTES], good[:-1], b"\0" * len(good)):
        beside.write_bytes(bad)
        beside.rename(gateway.agent.settings.table)
        table.set(successor=1)
        assert gateway.get(OPEN_PATH).status == 200
        assert gateway.get(PATH).status == 401
    assert gateway.agent.envoy.pid == pid


def stop_agent_only(gateway: Gateway) -> None:
    """End the agent as kill -9 would: Envoy serves on."""
    gateway.agent._failure = RuntimeError("planted")
    gateway.stop()
    gateway.failure = None


def restart_agent(gateway: Gateway) -> None:
    gateway.agent = GatewayAgent(gateway.home, gateway.options)
    gateway.start()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("where", ["key", "grant", "collection", "header", "sum", "lost"])
def test_a_corrupt_table_is_built_again(make_gateway: MakeGateway, where: str) -> None:
    gateway = with_basics(make_gateway(), day_limit=100).start()
    assert [gateway.get(PATH, key="app").status for _ in range(5)] == [200] * 5
    table = gateway.agent.keeper.table
    assert table is not None
    stop_agent_only(gateway)
    at = {
        "key": table.key_section.at(table.keys[key_entry("app", 1001).sha256]) + 32,
        "grant": table.grant_section.at(table.grants[(ANONYMOUS, 1)]) + 8,
        "collection": table.collection_section.at(table.slugs["open-data"]),
        "header": layout.HEADER["grant_slots"][0],
        "sum": layout.HEADER["static_sum"][0],
        "lost": table.grant_section.at(table.grants[(ANONYMOUS, 1)]) + layout.GRANT_FLAGS_OFFSET,
    }[where]
    with gateway.agent.settings.table.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([0 if where == "lost" else byte ^ 0x55]))
    gateway.control.down()
    restart_agent(gateway)
    wait_until(lambda: gateway.agent.keeper.rebuilt == 1)
    assert gateway.get(OPEN_PATH).status == 200
    assert gateway.get(PATH, key="app").status == 200
    assert gateway.get(PATH, key="other").status == 403
    if where != "header":
        assert used(gateway) == 6
    gateway.control.up()


def test_an_old_snapshot_closes_the_gate(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway())
    gateway.control.decisions.lifetime = 4
    gateway.control.publish()
    gateway.start()
    gateway.control.down()
    assert gateway.get(OPEN_PATH).status == 200
    answer = wait_until(lambda: a if (a := gateway.get(OPEN_PATH)).status == 503 else None)
    assert answer.json()["type"] == "/problems/gateway/closed"
    assert gateway.get("/data").status == 503
    assert gateway.get(PATH, key="app").status == 503
    assert gateway.get("/").status == 200
    gateway.control.decisions.lifetime = 3600
    gateway.control.publish()
    gateway.control.up()
    wait_until(lambda: gateway.get(OPEN_PATH).status == 200)


@pytest.mark.parametrize("spoil", [lambda d: d[:-10], lambda d: d.replace(b'"stamp":', b'"stamp":1'), lambda _: b"{}"])
def test_a_bad_snapshot_changes_nothing(make_gateway: MakeGateway, spoil: Callable[[bytes], bytes]) -> None:
    gateway = with_basics(make_gateway()).start()
    gateway.control.spoil = spoil
    gateway.control.decisions.keys = []
    gateway.control.publish()
    wait_until(lambda: "snapshot" in gateway.agent.notes)
    assert gateway.get(PATH, key="app").status == 200
    gateway.control.spoil = lambda data: data
    wait_until(lambda: gateway.get(PATH, key="app").status == 401)


def test_serving_and_counting_go_on_without_the_control_plane(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway()).start()
    assert gateway.get(PATH, key="app").status == 200
    wait_until(lambda: gateway.control.usage())
    gateway.control.down()
    marks = [f"{PATH}/bytes-{n}" for n in range(20)]
    assert {gateway.get(mark, key="app").status for mark in marks} == {200}
    time.sleep(1.5)
    gateway.agent.spool.rotate()
    assert gateway.get(f"{PATH}/bytes-20", key="app").status == 200
    gateway.control.up()
    gateway.control.refuse_usage = True
    time.sleep(1.5)
    gateway.control.refuse_usage = False
    wanted = {*marks, f"{PATH}/bytes-20"}
    wait_until(lambda: wanted <= {line.path for line in gateway.control.usage()})
    lines = [line.request_id for line in gateway.control.usage()]
    assert len(lines) == len(set(lines))
    folder = gateway.agent.spool.folder
    wait_until(lambda: not list(folder.glob("*-*.tsv")))
    wait_until(lambda: gateway.control.counters.get((102, 1001, 2, periods_at(time.time()).day)) == 22)


def test_the_waiting_page(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway()).start()
    gateway.upstreams["portal"].close()
    (gateway.home.run / "portal.sock").unlink()
    page = gateway.get("/", headers={"accept": "text/html,*/*"})
    assert page.status == 503
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["retry-after"] == "3"
    text = page.body.decode()
    assert '<html lang="ja">' in text
    assert 'http-equiv="refresh"' in text
    assert text.index("準備しています") < text.index("getting ready")
    program = gateway.get("/api/v1/datasets", headers={"accept": "application/json"})
    assert program.status == 503
    assert program.json()["type"] == "/problems/gateway/unavailable"
    gateway.upstreams["delivery"].close()
    (gateway.home.run / "delivery.sock").unlink()
    data = gateway.get(OPEN_PATH, headers={"accept": "text/html"})
    assert data.status == 503
    assert data.headers["content-type"] == "application/problem+json"


def test_stopping_lets_running_requests_end(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway()).start()
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(gateway.get(f"{PATH}/slow", key="app")))
    thread.start()
    assert gateway.upstreams["delivery"].slow.wait(5)
    gateway.stop()
    thread.join()
    assert answers[0].status == 200
    assert gateway.failure is None
    with pytest.raises(OSError, match="refused"):
        gateway.get("/data")
    assert [line for line in gateway.control.usage() if line.path.endswith("/slow")]
    assert gateway.control.health[-1]["state"] == "stopping"
    assert gateway.control.counters[(102, 1001, 2, periods_at(time.time()).day)] == 1


_RUN = """
import sys
from pathlib import Path
from tdpf.dataplane.gateway.agent import AgentOptions, run_gateway
from tdpf.kit.home import Home
run_gateway(Home(Path(sys.argv[1])), AgentOptions(name="g1", port=int(sys.argv[2]), workers=1))
"""


def test_an_agent_that_breaks_leaves_envoy_serving(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway())
    broken = threading.Event()

    def full_disk() -> None:
        broken.set()
        raise OSError(errno.ENOSPC, "No space left on device")

    def run() -> None:
        with pytest.raises(OSError, match="No space"):
            gateway.agent.run()

    running = threading.Thread(target=run)
    running.start()
    gateway.wait_serving()
    pid = gateway.agent.envoy.pid
    gateway.agent.keeper.prepare_next_day = full_disk  # type: ignore[method-assign]  # the disk is full from now on
    running.join(20)
    assert broken.is_set()
    assert not running.is_alive()
    assert gateway.get(PATH, key="app").status == 200
    assert gateway.agent.envoy.pid == pid
    gateway.agent.envoy.stop()


def test_a_killed_agent_leaves_envoy_serving_and_the_next_one_adopts_it(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway(), day_limit=100)

    def run_agent() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", _RUN, str(gateway.root), str(gateway.port)])

    def envoy_pid() -> int:
        return int(orjson.loads((gateway.agent.settings.folder / "envoy.pid").read_bytes())["pid"])

    def ready() -> bool:
        health = Path(gateway.home.run / "g1.sock")
        return health.exists() and _ask(health, "/readyz") == 200

    first = run_agent()
    gateway.wait_serving()
    pid = envoy_pid()
    assert gateway.get(PATH, key="app").status == 200
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert gateway.get(PATH, key="app").status == 200
    second = run_agent()
    wait_until(ready)
    assert envoy_pid() == pid
    assert gateway.get(PATH, key="app").headers["x-ratelimit-remaining"] == "97"
    gateway.control.decisions.keys = []
    gateway.control.publish()
    wait_until(lambda: gateway.get(PATH, key="app").status == 401)
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=20) == 0
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def _ask(path: Path, address: str) -> int:
    import httpx

    try:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://agent") as client:
            return client.get(address).status_code
    except httpx.HTTPError:
        return 0


def test_calls_go_to_the_freer_process_of_the_portal_and_none_fails_with_one_of_them(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway(portal_processes=2))
    other = Echo(gateway.home.run / "portal-2.sock", "portal-2")
    gateway.start()
    asked = threading.Thread(target=gateway.get, args=("/slow",))
    asked.start()
    wait_until(lambda: other.slow.is_set() or gateway.upstreams["portal"].slow.is_set())
    busy, free = ("portal-2", "portal") if other.slow.is_set() else ("portal", "portal-2")
    answered = [gateway.get("/").json()["upstream"] for _ in range(20)] if asked.is_alive() else []
    # Of four that are drawn, all may be the busy one.
    assert answered.count(free) > answered.count(busy) or not asked.is_alive()
    asked.join()
    other.close()
    assert {gateway.get("/").json()["upstream"] for _ in range(20)} == {"portal"}
    (gateway.home.run / "portal-2.sock").unlink()
    assert {gateway.get("/").json()["upstream"] for _ in range(20)} == {"portal"}


def test_the_first_start_before_anything_else_is_there(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway())
    secret, public = gateway.home.secrets / "node.secret", gateway.home.secrets / "snapshot.pub"
    texts = secret.read_text(), public.read_text()
    secret.unlink()
    public.unlink()
    gateway.upstreams["portal"].close()
    (gateway.home.run / "portal.sock").unlink()
    thread = threading.Thread(target=gateway.agent.run, daemon=True)
    thread.start()
    gateway.thread = thread

    def status(path: str) -> int:
        try:
            return gateway.get(path, headers={"accept": "text/html"}).status
        except OSError:
            return 0

    wait_until(lambda: status("/") == 503)
    data = gateway.get(OPEN_PATH)
    assert data.status == 503
    assert data.json()["type"] == "/problems/gateway/not-ready"
    secret.write_text(texts[0])
    public.write_text(texts[1])
    wait_until(lambda: status(OPEN_PATH) == 200)


def test_large_logs_are_put_aside(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway()).start()
    log = gateway.agent.settings.ordinary_log
    assert not keep_small(log.with_name("absent"))
    assert gateway.get("/first").status == 200
    wait_until(lambda: b"/first" in log.read_bytes())
    assert not keep_small(log)
    assert keep_small(log, largest=1)
    gateway.agent.envoy.reopen_logs()
    assert gateway.get("/second").status == 200
    wait_until(lambda: log.exists() and b"/second" in log.read_bytes())
    assert b"/first" in log.with_name(log.name + ".1").read_bytes()


def test_health_of_the_agent(make_gateway: MakeGateway) -> None:
    gateway = with_basics(make_gateway()).start()
    socket = gateway.home.run / "g1.sock"
    for address in ("/healthz", "/readyz", "/metrics"):
        assert _ask(socket, address) == 200
    wait_until(lambda: gateway.control.health)
    health = gateway.control.health[-1]
    assert (health["name"], health["kind"]) == ("g1", "gateway")
    assert key_text("app") not in str(health)


def test_the_port_of_another_program_is_not_shared(make_gateway: MakeGateway) -> None:
    import socket as sockets

    from tdpf.wire.start_problems import PortTaken

    gateway = with_basics(make_gateway())
    with sockets.create_server(("", gateway.port), family=sockets.AF_INET), pytest.raises(PortTaken):
        gateway.agent.run()

"""`tdpf run all`: the whole platform on one machine, from the waiting page to the first real one; and what a node runs."""

from __future__ import annotations

import os
import sys
import threading
import time

import httpx

from tdpf.kit.home import Home
from tdpf.kit.writing import forget_unfinished
from tdpf.processes.migrating import is_up_to_date
from tdpf.processes.secrets import secret
from tdpf.processes.supervisor import Part, Supervisor

WORKER_AFTER = 3.0
# Threads share one core in Python, processes do not; a second one also goes on when the first is lost.
PORTAL_PROCESSES = 2

_TDPF = [sys.executable, "-m", "tdpf.processes.cli"]


def run_everything(home: Home, *, port: int, public_url: str, demo: bool) -> int:
    """Start every part under one supervisor and stay until Ctrl-C; return the exit code.

    The gateway comes first, so that a visitor meets the waiting page and not a refused connection.
    """
    secret(home, "node.secret")
    for folder in (home.secrets, home.snapshots, home.index):
        forget_unfinished(folder)
    supervisor = Supervisor()
    supervisor.install_signals()
    supervisor.start(Part("gateway", [*_TDPF, "run", "gateway"]))
    current = _has_database(home) and is_up_to_date(home)
    if not current:
        supervisor.say("setup", "データベースと索引を用意しています… / preparing the databases and the search index …")
    code = 0 if current else supervisor.run_once("setup", [*_TDPF, "migrate"])
    if code != 0:
        if not supervisor.stopping:
            supervisor.say("setup", f"the database could not be brought up to date (exit {code}); see above")
        supervisor.stop()
        return 1
    supervisor.start(Part("internal", [*_TDPF, "run", "internal"]))
    supervisor.start(Part("delivery", [*_TDPF, "run", "delivery"]))
    if os.environ.get("TDPF_NODES_PORT"):
        supervisor.start(Part("nodes", [*_TDPF, "run", "nodes"]))
    if demo and not (home.secrets / "demo.json").exists():
        supervisor.say("demo", "見本データを作っています（数十秒）… / making the sample data (some ten seconds) …")
        code = supervisor.run_once("demo", [*_TDPF, "demo", "--quiet"])
        if code != 0:
            if not supervisor.stopping:
                supervisor.say("demo", f"the sample data could not be made (exit {code}); see above")
            supervisor.stop()
            return 1
    _start_portal(home, supervisor)
    # Nobody waits for the worker's first seconds, but everybody for the first page.
    supervisor.start(Part("worker", [*_TDPF, "run", "worker"]), after=WORKER_AFTER)
    threading.Thread(
        target=_announce, args=(supervisor, home, port, public_url, demo), name="announce", daemon=True
    ).start()
    supervisor.watch()
    return 0


def run_portal(home: Home, *, name: str = "") -> int:
    """Run the portal until Ctrl-C, each of its processes behind a socket of its own, or that one alone; return the exit code."""
    sockets = home.portal_sockets(portal_processes())
    chosen = [path for path in sockets if path.stem == name] or sockets
    if name or len(sockets) == 1:
        from tdpf.processes.serving import serve_portal

        serve_portal(chosen[0])
        return 0
    supervisor = Supervisor()
    supervisor.install_signals()
    _start_portal(home, supervisor)
    supervisor.watch()
    return 0


def _start_portal(home: Home, supervisor: Supervisor) -> None:
    for path in home.portal_sockets(portal_processes()):
        supervisor.start(Part(path.stem, [*_TDPF, "run", "portal", "--name", path.stem]))


def run_node(home: Home) -> int:
    """Run the gateway and the delivery of a machine beside the control plane's until Ctrl-C; return the exit code.

    Both are called as the certificate that the node was given: the control plane lets it speak for no other.
    """
    from tdpf.dataplane.control_door import node_of
    from tdpf.wire.start_problems import ControlUnknown

    try:
        name = node_of(home)
    except ControlUnknown as refused:
        print(f"node: {refused}", file=sys.stderr)
        return 1
    supervisor = Supervisor()
    supervisor.install_signals()
    for part in ("delivery", "gateway"):
        supervisor.start(Part(part, [*_TDPF, "run", part, "--name", name]))
    supervisor.watch()
    return 0


def _has_database(home: Home) -> bool:
    return bool(os.environ.get("TDPF_DATABASE_URL")) or (home.root / "db.sqlite3").exists()


def _announce(supervisor: Supervisor, home: Home, port: int, public_url: str, demo: bool) -> None:
    local = f"http://127.0.0.1:{port}"
    while not supervisor.stopping:
        try:
            ready = all(
                httpx.get(local + path, timeout=5, trust_env=False).status_code == 200 for path in ("/", "/data")
            )
        except httpx.HTTPError:
            ready = False
        if ready:
            break
        time.sleep(0.1)
    if supervisor.stopping:
        return
    lines = [f"TDPF is ready: {public_url}"]
    if demo:
        from tdpf.processes.demo_accounts import told_accounts

        lines += told_accounts(home)
    for line in lines:
        supervisor.say("tdpf", line)


def nodes_port() -> int:
    """Return the port on which nodes of other machines are let in, from TDPF_NODES_PORT."""
    port = os.environ.get("TDPF_NODES_PORT", "")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SystemExit(
            f"nodes: TDPF_NODES_PORT={port}: 1から65535までの数ではありません / not a number from 1 to 65535"
        )
    return int(port)


def portal_processes() -> int:
    """Return how many processes the portal has, from TDPF_PORTAL_WORKERS."""
    return max(1, int(os.environ.get("TDPF_PORTAL_WORKERS", str(PORTAL_PROCESSES))))


def environment_settings() -> tuple[int, str, bool]:
    """Return port, public URL and demo mode from TDPF_PORT, TDPF_URL and TDPF_DEMO."""
    port = int(os.environ.get("TDPF_PORT", "8080"))
    return port, os.environ.get("TDPF_URL", f"http://localhost:{port}"), os.environ.get("TDPF_DEMO", "") == "1"

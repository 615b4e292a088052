"""The whole way of a search, measured: gateway and portal of an installation, asked through the public port by several clients."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from tdpf.kit.home import Home
from tdpf.processes.bench.baselines import percentile
from tdpf.processes.bench.load import each_once, raw_request
from tdpf.processes.bench.processes import cpu_seconds, family, free_port
from tdpf.processes.everything import portal_processes

_READY_SECONDS = 240


def measure_page(place: Home, queries: Sequence[str], *, clients: int) -> list[dict[str, Any]]:
    """Serve an installation whose index is there, and ask `/api/v1/search` and the page by so many clients at once.

    Every question is asked once, either there or here, so that nothing is told of what was remembered. Beside the time
    that passed stands the processor time of each call: of the portal's processes, and of the gateway; the clients' is not told.
    """
    different = list(dict.fromkeys(queries))
    port = free_port()
    environment = {**os.environ, "TDPF_HOME": str(place.root), "TDPF_DEMO": "0", "TDPF_PORT": str(port)}
    command = [sys.executable, "-m", "tdpf.processes.cli"]
    subprocess.run([*command, "migrate"], env=environment, check=True, capture_output=True)
    parts = [
        subprocess.Popen([*command, "run", part], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for part in ("portal", "gateway")
    ]
    try:
        _wait(place, port)
        measured = []
        ways = (("API /api/v1/search", "/api/v1/search?q="), ("page /search", "/search?q="))
        for number, (name, address) in enumerate(ways):
            asked = [raw_request(f"{address}{quote(query)}") for query in different[number :: len(ways)]]
            each_once(port, asked[:20], clients=2)
            families = [family(part.pid) for part in parts]
            before = [cpu_seconds(pids) for pids in families]
            taken, seconds = each_once(port, asked[20:], clients=clients)
            portal, gateway = (
                round((cpu_seconds(pids) - already) * 1000 / max(1, len(taken)), 1)
                for pids, already in zip(families, before, strict=True)
            )
            measured.append(
                {
                    "way": name,
                    "clients": clients,
                    "calls": len(taken),
                    "cpu_ms": portal,
                    "gateway_cpu_ms": gateway,
                    "per_second": round(len(taken) / seconds),
                    "p50_ms": round(percentile(taken, 0.5), 2),
                    "p99_ms": round(percentile(taken, 0.99), 2),
                }
            )
        return measured
    finally:
        started = {pid for part in parts for pid in family(part.pid)}
        for part in parts:
            part.terminate()
        for part in parts:
            with suppress(subprocess.TimeoutExpired):
                part.wait(timeout=20)
        # Envoy serves on without its gateway.
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _wait(place: Home, port: int) -> None:
    until = time.monotonic() + _READY_SECONDS
    while True:
        try:
            if all(path.exists() for path in place.portal_sockets(portal_processes())):
                each_once(port, [raw_request("/healthz")], clients=1)
                return
        except (OSError, RuntimeError):
            pass
        if time.monotonic() > until:
            raise RuntimeError("the portal does not answer")
        time.sleep(0.2)

"""The whole way of a search, measured: the portal's own server with Django, asked over its socket by several clients."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tdpf.kit.home import Home
from tdpf.processes.bench_baselines import percentile
from tdpf.processes.bench_processes import cpu_seconds, family

_READY_SECONDS = 240


class _OverSocket(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(str(self._path))


def measure_page(place: Home, queries: Sequence[str], *, clients: int) -> list[dict[str, Any]]:
    """Serve an installation whose index is there, and ask `/api/v1/search` and the page by so many clients at once.

    Every question is asked once, either there or here, so that nothing is told of what was remembered. Beside the time
    that passed stands the processor time of the portal's processes for each call, without the clients'.
    """
    different = list(dict.fromkeys(queries))
    environment = {**os.environ, "TDPF_HOME": str(place.root), "TDPF_DEMO": "0"}
    command = [sys.executable, "-m", "tdpf.processes.cli"]
    subprocess.run([*command, "migrate"], env=environment, check=True, capture_output=True)
    server = subprocess.Popen([*command, "run", "portal"], env=environment, stderr=subprocess.DEVNULL)
    try:
        path = place.run / "portal.sock"
        _wait(path)
        measured = []
        ways = (("API /api/v1/search", "/api/v1/search?q="), ("page /search", "/search?q="))
        for number, (name, address) in enumerate(ways):
            own = different[number :: len(ways)]
            _ask(path, [f"{address}{quote(query)}" for query in own[:20]])
            before = cpu_seconds(family(server.pid))
            found = _ask_together(path, address, own[20:], clients)
            busy = cpu_seconds(family(server.pid)) - before
            cost = round(busy * 1000 / max(1, len(own) - 20), 1)
            measured.append({"way": name, "clients": clients, "calls": len(own) - 20, "cpu_ms": cost, **found})
        return measured
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(path: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while True:
        try:
            _ask(path, ["/healthz"])
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _ask_together(path: Path, address: str, queries: Sequence[str], clients: int) -> dict[str, Any]:
    taken: list[float] = []
    faults: list[str] = []

    def client(own: Sequence[str]) -> None:
        try:
            taken.extend(_ask(path, [f"{address}{quote(query)}" for query in own]))
        except (OSError, RuntimeError) as fault:
            faults.append(str(fault))

    threads = [threading.Thread(target=client, args=(queries[number::clients],)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise RuntimeError(f"the portal did not answer: {faults[0]}")
    return {
        "per_second": round(len(taken) / (time.perf_counter() - started)),
        "p50_ms": round(percentile(taken, 0.5), 2),
        "p99_ms": round(percentile(taken, 0.99), 2),
    }


def _ask(path: Path, addresses: Sequence[str]) -> list[float]:
    taken = []
    connection = _OverSocket(path)
    try:
        for address in addresses:
            begun = time.perf_counter()
            connection.request("GET", address)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{address} answered {answer.status}")
            taken.append((time.perf_counter() - begun) * 1000)
    finally:
        connection.close()
    return taken

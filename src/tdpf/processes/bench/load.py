"""Load for the benchmarks: `wrk` when it is on the PATH, else a generator of our own that exists everywhere and says so."""

from __future__ import annotations

import itertools
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_SCRIPT = """
local file = io.open(os.getenv("BENCH_REQUESTS"), "rb")
local all = file:read("*a")
file:close()
local requests, count, at = {}, 0, 0
for one in all:gmatch("(.-)%z") do
  count = count + 1
  requests[count] = one
end
function request()
  at = at % count + 1
  return requests[at]
end
function done(summary, latency)
  local wrong = summary.errors.status
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('TDPF {"requests":%d,"seconds":%f,"refused":%d,"broken":%d,"bytes":%d,"p50_ms":%f,"p99_ms":%f}',
    summary.requests, summary.duration / 1e6, wrong, broken, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: `refused` are answers from 400 upwards, `broken` lost connections and time-outs."""

    requests: int
    seconds: float
    refused: int
    broken: int
    bytes: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.requests / self.seconds if self.seconds else 0.0


def raw_request(path: str, headers: Mapping[str, str] | None = None, *, host: str = "localhost") -> bytes:
    """Return a GET request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def generator_name() -> str:
    """Return which generator will be used, in words for the report."""
    return "wrk, 1 thread" if shutil.which("wrk") else "the generator in Python (wrk is not on the PATH)"


def load(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Load:
    """Send the requests in turn over so many kept-open connections to 127.0.0.1 for so long."""
    program = shutil.which("wrk")
    with tempfile.TemporaryDirectory(prefix="tdpf-load-") as folder:
        listed = Path(folder) / "requests"
        listed.write_bytes(b"".join(one + b"\0" for one in requests))
        if program is None:
            command = [
                sys.executable,
                "-m",
                "tdpf.processes.bench.load",
                str(port),
                str(clients),
                str(seconds),
                str(listed),
            ]
        else:
            script = Path(folder) / "load.lua"
            script.write_text(_SCRIPT)
            span = f"{max(1, round(seconds))}s"
            command = [program, "-t1", f"-c{clients}", f"-d{span}", "--timeout", "60s", "-s", str(script)]
            command.append(f"http://127.0.0.1:{port}")
        environment = {**os.environ, "BENCH_REQUESTS": str(listed)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("TDPF "):
            return Load(**json.loads(line[5:]))
    raise RuntimeError(f"the load generator failed: {done.stderr.strip()[-500:] or done.stdout.strip()[-500:]}")


class _Connection:
    """One connection of the generator in Python: sends a request, reads its answer, sends the next."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self._data = b""
        self._left = -1
        self._chunked = False
        self.status = 0

    def send(self, request: bytes) -> None:
        self._data, self._left, self._chunked = b"", -1, False
        self.since = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> tuple[int, bool]:
        """Read what is there; returns how many bytes, and whether the answer is whole. Raises OSError when it broke off."""
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionResetError("the server closed the connection")
        if self._left >= 0 and not self._chunked:
            self._left -= len(piece)
            return len(piece), self._left <= 0
        self._data = self._data[-8:] + piece if self._chunked else self._data + piece
        if not self._chunked:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return len(piece), False
            self.status = int(head[9:12])
            lower = head.lower()
            at = lower.find(b"\r\ncontent-length:")
            if at >= 0:
                self._left = int(lower[at + 17 : at + 40].split(b"\r\n")[0]) - len(rest)
                return len(piece), self._left <= 0
            self._chunked = b"\r\ntransfer-encoding: chunked" in lower
            if not self._chunked:
                return len(piece), True
            self._data = rest
        return len(piece), self._data.endswith(b"0\r\n\r\n")


def generate(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Load:
    """The generator in Python: one process, one thread."""
    chooser = selectors.DefaultSelector()
    for number in range(clients):
        connection = _Connection(port)
        chooser.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(requests[number % len(requests)])
    sent, refused, broken, received = clients, 0, 0, 0
    taken: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    while time.perf_counter() < until and chooser.get_map():
        for key, _ in chooser.select(0.5):
            connection = key.data
            try:
                count, whole = connection.receive()
            except OSError:
                broken += 1
                chooser.unregister(connection.socket)
                continue
            received += count
            if whole:
                taken.append(time.perf_counter() - connection.since)
                refused += connection.status >= 400
                connection.send(requests[sent % len(requests)])
                sent += 1
    spent = time.perf_counter() - started
    for key in list(chooser.get_map().values()):
        key.data.socket.close()
    ordered = sorted(taken) or [0.0]

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    return Load(len(taken), spent, refused, broken, received, at(0.5), at(0.99))


def each_once(port: int, requests: Sequence[bytes], *, clients: int) -> tuple[list[float], float]:
    """Send every request once over so many connections; return the milliseconds of each answer, and the seconds of all.

    Raises RuntimeError for an answer from 400 upwards, OSError for a lost connection.
    """
    chooser = selectors.DefaultSelector()
    waiting = iter(requests)
    taken: list[float] = []
    started = time.perf_counter()
    for request in itertools.islice(waiting, clients):
        connection = _Connection(port)
        chooser.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(request)
    while chooser.get_map():
        for key, _ in chooser.select(60):
            connection = key.data
            if not connection.receive()[1]:
                continue
            taken.append((time.perf_counter() - connection.since) * 1000)
            if connection.status >= 400:
                raise RuntimeError(f"an answer was {connection.status}")
            request = next(waiting, b"")
            if request:
                connection.send(request)
            else:
                chooser.unregister(connection.socket)
                connection.socket.close()
    return taken, time.perf_counter() - started


def main(arguments: Sequence[str]) -> None:
    """Run the generator in Python as a process of its own."""
    port, clients, seconds, listed = arguments
    requests = [one for one in Path(listed).read_bytes().split(b"\0") if one]
    print("TDPF " + json.dumps(asdict(generate(int(port), requests, clients=int(clients), seconds=float(seconds)))))


if __name__ == "__main__":
    main(sys.argv[1:])

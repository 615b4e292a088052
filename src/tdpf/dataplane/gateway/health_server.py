"""``/healthz``, ``/readyz`` and ``/metrics`` of the gateway's agent, on a Unix socket."""

import http.server
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

Report = Callable[[], tuple[bool, Mapping[str, object]]]
"""Returns whether the gateway serves, and what it says of itself."""


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    allow_reuse_address = True


class HealthServer:
    """Answers in a thread of its own until it is closed."""

    def __init__(self, path: Path, report: Report) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ready, facts = report()
                if self.path == "/healthz":
                    self._answer(200, b'{"status":"alive"}')
                elif self.path == "/readyz":
                    self._answer(200 if ready else 503, orjson.dumps({"ready": ready, **facts}))
                elif self.path == "/metrics":
                    numbers = {name: int(value) for name, value in facts.items() if isinstance(value, int)}
                    lines = [f"tdpf_gateway_{name} {value}" for name, value in sorted(numbers.items())]
                    self._answer(200, ("\n".join(lines) + "\n").encode(), "text/plain; version=0.0.4")
                else:
                    self._answer(404, b"{}")

            def _answer(self, status: int, body: bytes, media_type: str = "application/json") -> None:
                self.send_response(status)
                self.send_header("content-type", media_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "local"

            def log_message(self, *_: object, **__: object) -> None:
                return

        path.unlink(missing_ok=True)
        self._server = _Server(str(path), Handler)
        self._path = path
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def close(self) -> None:
        """Stop answering and remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)

"""A provider's API on this machine, and a gateway at which it is offered."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from typing import Any

from gateway_stand_ins import Gateway, key_entry, wait_until

from tdpf.wire.codec import to_json
from tdpf.wire.messages import Collection, GrantEntry
from tdpf.wire.sealing import new_sealing_key, seal
from tdpf.wire.sources import ApiCredential, ApiOperation, ApiSource


class Api:
    """A provider's API on this machine: it answers with what it was asked, as told by `mode`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.mode = ""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(inner) -> None:  # noqa: N805
                body = inner.rfile.read(int(inner.headers.get("content-length", "0")))
                if inner.path == "/token":
                    inner.give(200, b'{"access_token":"minted","token_type":"bearer","expires_in":3600}')
                    return
                headers = {name.lower(): value for name, value in inner.headers.items()}
                self.seen.append((inner.command, inner.path, headers, body))
                if self.mode == "slow":
                    time.sleep(3)
                if self.mode == "redirect":
                    inner.give(302, b"", {"location": "http://127.0.0.1:1/inward"})
                    return
                inner.give(503 if self.mode == "broken" else 200, b'{"ok":true}')

            do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815

            def give(inner, status: int, body: bytes, more: dict[str, str] | None = None) -> None:  # noqa: N805
                inner.send_response(status)
                inner.send_header("content-type", "application/json")
                inner.send_header("content-length", str(len(body)))
                inner.send_header("set-cookie", "tracking=1")
                inner.send_header("x-powered-by", "something old")
                for name, value in (more or {}).items():
                    inner.send_header(name, value)
                inner.end_headers()
                if inner.command != "HEAD":
                    inner.wfile.write(body)

            def log_message(self, *_: object, **__: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http{'s' if tls else ''}://localhost:{self.server.server_address[1]}"
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


OPERATIONS = (
    ApiOperation("GET", "/v1/stations/{id}"),
    ApiOperation("POST", "/v1/search"),
    ApiOperation("DELETE", "/v1/stations/{id}"),
)


USUAL = (ApiOperation("GET", "/v1/stations/{id}"), ApiOperation("GET", "/v1/stations/all"))


def offered(
    gateway: Gateway,
    api: Api,
    credential: ApiCredential | None = None,
    *,
    operations: tuple[ApiOperation, ...] = OPERATIONS,
    **options: Any,
) -> Gateway:
    """Start the gateway with the API offered to one of two applications; wait until it is reached."""
    key = new_sealing_key()
    (gateway.home.secrets / "sources.key").write_text(key.hex())
    sealed = "" if credential is None else seal(key, to_json(credential), bound_to="source-1")
    decisions = gateway.control.decisions
    decisions.collections = [Collection(1, "weather", ("old-weather",), access="conditional")]
    decisions.keys = [key_entry("app", 1001), key_entry("other", 1002)]
    decisions.grants = [GrantEntry(1001, 1, 101, rate_plan="r100", day_limit=1000)]
    decisions.apis = [
        ApiSource(1, "weather", "main", "source-1", f"{api.url}/base/", operations, sealed,
                  token_url=credential.token_url if credential else "", **options)
    ]  # fmt: skip
    gateway.control.publish()
    gateway.start()
    wait_until(lambda: gateway.get("/data/apis/weather/v1/stations/7", key="app").status == 200)
    api.seen.clear()
    return gateway


STATION = "/data/apis/weather/v1/stations/7"

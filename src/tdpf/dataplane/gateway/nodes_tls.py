"""TLS both ways between nodes and the control plane, as Envoy is told of it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.dataplane.control_door import INTERNAL_NAME, PORTAL_NAME, ControlDoor
from tdpf.dataplane.gateway.own_clusters import connections_at_most, of_http_2, socket_cluster
from tdpf.dataplane.gateway.tls_door import CERTIFICATE, CERTIFICATE_FILE, ShownPair, TlsDoor
from tdpf.kit.hashing import sha256_hex
from tdpf.wire.nodes import NODE_HEADER, NODE_PREFIX

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
_HTTP = "type.googleapis.com/envoy.extensions.filters."
CLUSTERS_FILE = "clusters.json"
NODE_CERTIFICATE_FILE = "node-certificate.json"
# So long may who was let in go on with a certificate that has ended since; one that is taken back ends at once.
_LONGEST_CONNECTION = "60s"
_MOST_CONNECTIONS = 4096
_PARAMETERS = {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}


@dataclass(frozen=True)
class NodesDoor:
    """Where the control plane's door for nodes on other machines listens, and the sockets behind it."""

    port: int
    ipv6: bool
    folder: Path
    admin_socket: Path
    internal_socket: Path
    portal_sockets: tuple[Path, ...]


def nodes_bootstrap(door: NodesDoor) -> dict[str, Any]:
    """Return the bootstrap of the door's Envoy: what it does is read from files that are replaced by rename."""
    return {
        "node": {"id": "nodes", "cluster": "tdpf"},
        "admin": {"address": {"pipe": {"path": str(door.admin_socket), "mode": 0o600}}},
        "dynamic_resources": {
            "lds_config": _watched(door.folder / "xds", "listeners.json"),
            "cds_config": _watched(door.folder / "xds", CLUSTERS_FILE),
        },
        "overload_manager": connections_at_most(_MOST_CONNECTIONS),
    }


def nodes_clusters(door: NodesDoor) -> list[dict[str, Any]]:
    """Return what stands behind the door."""
    return [socket_cluster("internal", door.internal_socket), socket_cluster("portal", *door.portal_sockets)]


def nodes_listener(door: NodesDoor, authorities: str, taken_back: str) -> dict[str, Any]:
    """Return the listener: who shows no certificate of ours is not let in; the name that is asked for says what is meant.

    Each chain is named by whom it trusts, so that connections let in by another trust end when that changes.
    """
    address = {"address": "::" if door.ipv6 else "0.0.0.0", "port_value": door.port}  # noqa: S104 - nodes are elsewhere
    if door.ipv6:
        address["ipv4_compat"] = True
    trusted = sha256_hex((authorities + taken_back).encode())[:16]
    context = {
        "@type": _TLS + "DownstreamTlsContext",
        "require_client_certificate": True,
        "disable_stateless_session_resumption": True,
        "disable_stateful_session_resumption": True,
        "common_tls_context": {
            "tls_params": _PARAMETERS,
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificate_sds_secret_configs": [
                {"name": CERTIFICATE, "sds_config": _watched(door.folder / "xds", CERTIFICATE_FILE)}
            ],
            "validation_context": {
                "trusted_ca": {"inline_string": authorities},
                "crl": {"inline_string": taken_back},
                "only_verify_leaf_cert_crl": True,
            },
        },
    }
    return {
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        "name": "nodes",
        "address": {"socket_address": address},
        "listener_filters": [
            {
                "name": "name",
                "typed_config": {"@type": _HTTP + "listener.tls_inspector.v3.TlsInspector"},
            }
        ],
        "listener_filters_timeout": "5s",
        "filter_chains": [
            {
                "name": f"{cluster}-{trusted}",
                "filter_chain_match": {"server_names": [name]},
                "transport_socket": {"name": "tls", "typed_config": context},
                "transport_socket_connect_timeout": "5s",
                "filters": [{"name": "http", "typed_config": _manager(cluster, prefixes)}],
            }
            for name, cluster, prefixes in (
                (INTERNAL_NAME, "internal", ("/internal/v1/",)),
                (PORTAL_NAME, "portal", ("/",)),
            )
        ],
    }


def _manager(cluster: str, prefixes: Iterable[str]) -> dict[str, Any]:
    """Return the connection manager of one name: it carries and changes nothing."""
    route = {"cluster": cluster, "timeout": "0s", "idle_timeout": "120s"}
    # Who is on the other side is known by the certificate alone: what it says of itself is taken away first.
    named = {
        "request_headers_to_remove": ["x-forwarded-client-cert", NODE_HEADER],
        "request_headers_to_add": [
            {
                "header": {"key": NODE_HEADER, "value": f"{NODE_PREFIX}%DOWNSTREAM_PEER_DNS_SAN%"},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        ],
    }
    return {
        "@type": _HTTP + "network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": cluster,
        "use_remote_address": False,
        "skip_xff_append": True,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "common_http_protocol_options": {
            "idle_timeout": "75s",
            "max_connection_duration": _LONGEST_CONNECTION,
            "max_headers_count": 200,
        },
        "http1_safe_max_connection_duration": True,
        "max_request_headers_kb": 96,
        "request_headers_timeout": "10s",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": prefix}, "route": route} for prefix in prefixes],
                    **named,
                }
            ]
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": _HTTP + "http.router.v3.Router", "suppress_envoy_headers": True},
            }
        ],
    }


def remote_portal(control: ControlDoor, folder: Path, authorities: str) -> dict[str, Any]:
    """Return a gateway's cluster of a portal on another machine: HTTP/2 under TLS, showing the node's certificate."""
    host = {"address": control.host, "port_value": control.port}
    cluster: dict[str, Any] = {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": "portal",
        "type": "STRICT_DNS",
        "dns_lookup_family": "ALL",
        "connect_timeout": "5s",
        "circuit_breakers": {"thresholds": [{"max_pending_requests": 4096, "max_requests": 4096, "max_retries": 64}]},
        "load_assignment": {
            "cluster_name": "portal",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address": host}}}]}],
        },
        "transport_socket": {
            "name": "tls",
            "typed_config": {
                "@type": _TLS + "UpstreamTlsContext",
                "sni": PORTAL_NAME,
                "common_tls_context": {
                    "tls_params": _PARAMETERS,
                    "alpn_protocols": ["h2"],
                    "tls_certificate_sds_secret_configs": [
                        {"name": CERTIFICATE, "sds_config": _watched(folder / "xds", NODE_CERTIFICATE_FILE)}
                    ],
                    "validation_context": {
                        "trusted_ca": {"inline_string": authorities},
                        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": PORTAL_NAME}}],
                    },
                },
            },
        },
    }
    return of_http_2(cluster)


class ShownNode:
    """What a gateway shows a control plane on another machine, and whom it believes there; taken anew when it has changed."""

    def __init__(self, control: ControlDoor, folder: Path) -> None:
        self._authority = control.authority
        shown = TlsDoor(control.port, control.pair, control.pair)
        self._pair = ShownPair(shown, folder, NODE_CERTIFICATE_FILE)
        self._believed = ""

    def look(self) -> str:
        """Take what is new, and return the authorities (PEM) that are believed; what cannot be read changes nothing."""
        self._pair.look()
        self._believed = self._read() or self._believed
        return self._believed

    def has_changed(self) -> bool:
        """Take a new certificate, and return whether the authorities are others than those last returned."""
        self._pair.look()
        return (self._read() or self._believed) != self._believed

    def note(self, now: float) -> str:
        """Return what to tell of the certificate; empty when all is well."""
        return self._pair.note(now)

    def remove(self) -> None:
        """Remove the copies."""
        self._pair.remove()

    def _read(self) -> str:
        try:
            return self._authority.read_text("ascii")
        except (OSError, ValueError):
            return ""


def _watched(folder: Path, name: str) -> dict[str, Any]:
    return {
        "path_config_source": {"path": str(folder / name), "watched_directory": {"path": str(folder)}},
        "resource_api_version": "V3",
    }

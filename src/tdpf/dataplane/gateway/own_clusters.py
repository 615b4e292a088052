"""What the Envoys of the platform have in common: clusters of our own parts behind Unix sockets, and bounds. Pure."""

from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.apis import PROTOCOL_OPTIONS


def of_http_2(cluster: dict[str, Any]) -> dict[str, Any]:
    """Return a cluster that is spoken to in HTTP/2."""
    options = {
        "@type": f"type.googleapis.com/{PROTOCOL_OPTIONS}",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {**cluster, "typed_extension_protocol_options": {PROTOCOL_OPTIONS: options}}


def socket_cluster(name: str, path: Path) -> dict[str, Any]:
    """Return the cluster of one of our own parts, behind its Unix socket."""
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(path)}}}}
    limits = {"max_connections": 1024, "max_pending_requests": 4096, "max_requests": 4096, "max_retries": 64}
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def connections_at_most(number: int) -> dict[str, Any]:
    """Return the overload manager of a bootstrap that lets in so many connections."""
    kind = (
        "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
    )
    return {
        "resource_monitors": [
            {
                "name": "envoy.resource_monitors.global_downstream_max_connections",
                "typed_config": {"@type": kind, "max_active_downstream_connections": number},
            }
        ]
    }

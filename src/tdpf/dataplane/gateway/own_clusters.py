"""What the Envoys of the platform have in common: clusters of our own parts behind Unix sockets, and bounds. Pure."""

from pathlib import Path
from typing import Any

from tdpf.dataplane.gateway.apis import PROTOCOL_OPTIONS

TRIED_AGAIN: dict[str, Any] = {
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
}
"""Of a part with one process: nothing is to be looked for, at a price for every call, that is not the one which failed."""


def of_http_2(cluster: dict[str, Any]) -> dict[str, Any]:
    """Return a cluster that is spoken to in HTTP/2."""
    options = {
        "@type": f"type.googleapis.com/{PROTOCOL_OPTIONS}",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {**cluster, "typed_extension_protocol_options": {PROTOCOL_OPTIONS: options}}


def socket_cluster(name: str, *paths: Path) -> dict[str, Any]:
    """Return the cluster of one of our own parts, behind its Unix socket, or one for each of its processes.

    Of several processes the one with the fewest open calls gets the next.
    """
    endpoints = [{"endpoint": {"address": {"pipe": {"path": str(path)}}}} for path in paths]
    limits = {"max_connections": 1024, "max_pending_requests": 4096, "max_requests": 4096, "max_retries": 64}
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        **(_SHARED_OUT if len(paths) > 1 else {}),
    }


# Some are drawn and the freest of them taken: not always the freest of all, or a call that finds one gone (nothing is open
# there) would be sent to it again.
_SHARED_OUT = {
    "load_balancing_policy": {
        "policies": [
            {
                "typed_extension_config": {
                    "name": "envoy.load_balancing_policies.least_request",
                    "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
                        "choice_count": 4,
                    },
                }
            }
        ]
    },
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

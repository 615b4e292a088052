"""Pass-through of connected distributions: one route for all files, one cluster per provider host. Pure; addresses come in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tdpf.dataplane.gateway.answer_headers import PROVIDED_RESPONSE_HEADERS
from tdpf.wire.messages import PassThrough

_TO = "x-tdpf-to"
NOT_FOR_PROVIDERS = (
    "x-tdpf-stream",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
    "x-envoy-external-address",
    "x-envoy-internal",
    "referer",
    "origin",
)

# What acts on our whole origin, outlives the answer, or leads the caller around the agreement is not the provider's to say.
NOT_FROM_PROVIDERS = (
    "set-cookie",
    "server",
    "strict-transport-security",
    "alt-svc",
    "clear-site-data",
    "service-worker-allowed",
    "refresh",
    "nel",
    "report-to",
    "reporting-endpoints",
    "cdn-cache-control",
    "surrogate-control",
    "location",
    "content-location",
)
PRIVATE: dict[str, Any] = {
    "header": {"key": "cache-control", "value": "private, no-cache, no-transform"},
    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
}


@dataclass(frozen=True, slots=True)
class Host:
    """A provider's server as named in a URL."""

    scheme: str
    name: str
    port: int

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        default_port = {"https": 443, "http": 80}.get(self.scheme)
        return self.name if self.port == default_port else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Upstream:
    """One connected distribution with the vetted addresses of its host."""

    slug: str
    file: str
    host: Host
    target: str
    addresses: tuple[str, ...]

    @property
    def cluster(self) -> str:
        """The cluster's name: one per scheme, host and port."""
        return f"source|{self.host.scheme}|{self.host.name}|{self.host.port}"


@lru_cache(maxsize=1 << 16)
def host_of(url: str) -> Host:
    """Return the server a URL names."""
    parts = urlsplit(url)
    return Host(parts.scheme, (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80))


def upstreams_for(passthroughs: Iterable[PassThrough], addresses: Mapping[Host, tuple[str, ...]]) -> list[Upstream]:
    """Return the upstreams whose host has vetted addresses, ordered by slug and file; the others have no route."""
    found = []
    for entry in passthroughs:
        host = host_of(entry.url)
        parts = urlsplit(entry.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if addresses.get(host):
            found.append(Upstream(entry.slug, entry.name, host, target, addresses[host]))
    return sorted(found, key=lambda upstream: (upstream.slug, upstream.file))


def connected_route(
    prefix: str, action: dict[str, Any], *, remove: Sequence[str], not_from: Sequence[str], switched: dict[str, Any]
) -> dict[str, Any]:
    """Return the one route of all that is connected below a prefix: the module names the cluster and writes host and path itself."""
    return {
        # Callers cannot send this header; the module sets it behind the grant.
        "match": {"prefix": prefix, "headers": [{"name": _TO, "present_match": True}]},
        "route": {"cluster_header": _TO, **action},
        "request_headers_to_remove": [*remove, *NOT_FOR_PROVIDERS],
        "response_headers_to_remove": [*NOT_FROM_PROVIDERS, *not_from],
        # Whether the provider lets everybody keep it or not: here it depends on the caller's key.
        "response_headers_to_add": [*PROVIDED_RESPONSE_HEADERS, PRIVATE],
        "typed_per_filter_config": switched,
    }


def upstream_cluster(upstream: Upstream, authorities: Path) -> dict[str, Any]:
    """Return the cluster of one provider host; ``authorities`` as in ``provider_cluster``."""
    return provider_cluster(upstream.cluster, upstream.host, upstream.addresses, authorities)


def provider_cluster(
    name: str,
    host: Host,
    addresses: Sequence[str],
    authorities: Path,
    *,
    authority: str = "",
    shown: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a cluster of a provider's server: fixed vetted addresses, TLS with SNI and verification for https.

    ``authorities`` is a PEM file of certificate authorities. The provider's own ``authority`` (PEM) takes their place.
    ``shown`` says where Envoy finds the certificate that is shown.
    """
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": address, "port_value": host.port}}}}
        for address in addresses
    ]
    cluster: dict[str, Any] = {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": "STATIC",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
    }
    if host.scheme == "https":
        # Envoy refuses `system_root_certs`: it is for gRPC only.
        trust: dict[str, Any] = {"trusted_ca": {"filename": str(authorities)}}
        if authority:
            trust = {"trusted_ca": {"inline_string": authority}}
        cluster["transport_socket"] = {
            "name": "tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                "sni": host.name,
                "common_tls_context": {
                    **({"tls_certificate_sds_secret_configs": [shown]} if shown is not None else {}),
                    "validation_context": {
                        **trust,
                        "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": host.name}}],
                    },
                },
            },
        }
    return cluster

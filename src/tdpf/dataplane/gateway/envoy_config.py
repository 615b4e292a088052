"""Pure functions from settings and snapshot to Envoy's configuration (bootstrap, listener, routes, clusters) as dicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.dataplane.control_door import ControlDoor
from tdpf.dataplane.gateway.access_logs import access_logs
from tdpf.dataplane.gateway.admission_module import admission_filter, admission_settings
from tdpf.dataplane.gateway.answer_headers import told_beside_providers_filter
from tdpf.dataplane.gateway.apis import (
    CREDENTIAL_ON_THE_WAY,
    OPEN_STREAMS,
    STAYS_HERE,
    USUAL_RETRIES,
    ApiUpstream,
    api_clusters,
    api_prefix,
    api_routes,
    open_streams_filter,
    retried,
    source_speed_filter,
)
from tdpf.dataplane.gateway.compression import compressing_filters
from tdpf.dataplane.gateway.cross_origin import CORS_OF_APIS
from tdpf.dataplane.gateway.local_replies import local_reply_config
from tdpf.dataplane.gateway.nodes_tls import remote_portal
from tdpf.dataplane.gateway.own_clusters import connections_at_most, of_http_2, socket_cluster
from tdpf.dataplane.gateway.own_routes import (
    KEY_HEADERS,
    SAID_BY_FOLLOWERS,
    SAID_KIBIBYTES,
    routes_by_prefix,
    slowly,
)
from tdpf.dataplane.gateway.portal_bodies import gathering_filter, of_bodies
from tdpf.dataplane.gateway.tls_door import CERTIFICATE_FILE, TlsDoor, tls_listeners
from tdpf.dataplane.gateway.upstreams import (
    NOT_FOR_PROVIDERS,
    NOT_FROM_PROVIDERS,
    PRIVATE,
    Upstream,
    upstream_cluster,
)

_HTTP = "type.googleapis.com/envoy.extensions.filters.http."
_FORGEABLE = ("x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded", "x-real-ip")
# Each in a folder of its own: at every rename in it Envoy reads all files of a folder again.
LISTENERS_FILE, CLUSTERS_FILE, ROUTES_FILE = "listeners.json", "clusters/clusters.pb", "routes/routes.pb"
_COUNTED = (
    "server.",
    "http.tdpf.downstream_rq_active.",
    "listener_manager.lds.",
    "cluster_manager.cds.",
    "http.tdpf.rds.",
    "sds.",
)


@dataclass(frozen=True)
class GatewaySettings:
    """Where one gateway listens and keeps its files."""

    name: str
    port: int
    ipv6: bool
    folder: Path
    table: Path
    rates: Path
    connected: Path
    connected_mark: Path
    spool_file: Path
    ordinary_log: Path
    portal_sockets: tuple[Path, ...]
    delivery_socket: Path
    admin_socket: Path
    source_authorities: Path
    trusted_hops: int = 0
    tls: TlsDoor | None = None
    control: ControlDoor | None = None

    @property
    def streams_socket(self) -> Path:
        """Where Envoy tells the agent of what stays open."""
        return self.admin_socket.with_name(f"{self.name}.streams.sock")


def bootstrap(settings: GatewaySettings) -> dict[str, Any]:
    """Return the bootstrap: admin on a Unix socket, everything else by files that are replaced by rename."""
    return {
        "node": {"id": settings.name, "cluster": "tdpf"},
        "admin": {"address": {"pipe": {"path": str(settings.admin_socket), "mode": 0o600}}},
        "dynamic_resources": {
            "lds_config": _path_source(settings, LISTENERS_FILE),
            "cds_config": _path_source(settings, CLUSTERS_FILE),
        },
        # A cluster that nobody asks costs its workers and its counts nothing.
        "cluster_manager": {"enable_deferred_cluster_creation": True},
        "deferred_stat_options": {"enable_deferred_creation_stats": True},
        # Prefixes that end in a dot are looked at before a name is made; by any other pattern Envoy keeps each name it refuses.
        "stats_config": {"stats_matcher": {"inclusion_list": {"patterns": [{"prefix": name} for name in _COUNTED]}}},
        "overload_manager": connections_at_most(20000),
    }


def _path_source(settings: GatewaySettings, name: str) -> dict[str, Any]:
    return {
        "path_config_source": {
            "path": str(settings.folder / "xds" / name),
            "watched_directory": {"path": str((settings.folder / "xds" / name).parent)},
        },
        "resource_api_version": "V3",
    }


def listeners(settings: GatewaySettings) -> list[dict[str, Any]]:
    """Return the public listeners. They depend on settings only: policy changes never touch connections."""
    address = {"address": "::" if settings.ipv6 else "0.0.0.0", "port_value": settings.port}  # noqa: S104 - public door
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "tdpf",
        "server_name": "tdpf",
        "use_remote_address": True,
        "xff_num_trusted_hops": settings.trusted_hops,
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "early_header_mutation_extensions": [_early_header_mutation(settings)],
        "max_request_headers_kb": 32,
        "common_http_protocol_options": {
            "idle_timeout": "75s",
            "max_headers_count": 100,
            "headers_with_underscores_action": "DROP_HEADER",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": 1048576,
        },
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "120s",
        "drain_timeout": "5s",
        "upgrade_configs": [],
        "local_reply_config": local_reply_config(),
        "access_log": access_logs(settings.spool_file, settings.ordinary_log),
        "rds": {"config_source": _path_source(settings, ROUTES_FILE), "route_config_name": "tdpf"},
        "http_filters": http_filters(settings),
    }
    both = {**address, **({"ipv4_compat": True} if settings.ipv6 else {})}
    plain = {
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        "name": "public",
        "address": {"socket_address": both},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    if settings.tls is None:
        return [plain]
    return [plain, *tls_listeners(settings.tls, both, manager, _path_source(settings, CERTIFICATE_FILE))]


def _early_header_mutation(settings: GatewaySettings) -> dict[str, Any]:
    prefixes = ("x-tdpf-", "x-envoy-")
    mutations: list[dict[str, Any]] = [
        {"remove_on_match": {"key_matcher": {"prefix": prefix, "ignore_case": True}}} for prefix in prefixes
    ]
    mutations.append({"remove": "x-request-id"})
    if settings.trusted_hops == 0:
        mutations.extend({"remove": name} for name in _FORGEABLE)
    return {
        "name": "strip_forged_headers",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            "mutations": mutations,
        },
    }


def http_filters(settings: GatewaySettings) -> list[dict[str, Any]]:
    """Return the filter chain: compression, CORS, admission, router. The module stops whatever it does not admit."""
    told = admission_settings(settings.table, settings.rates, settings.connected, settings.connected_mark)
    return [
        *compressing_filters(),
        {"name": "cors", "typed_config": {"@type": _HTTP + "cors.v3.Cors"}},
        {"name": "admit", "typed_config": admission_filter(told)},
        open_streams_filter(),
        source_speed_filter(),
        {
            "name": SAID_BY_FOLLOWERS,
            "disabled": True,
            "typed_config": {**slowly(SAID_KIBIBYTES), "enable_mode": "DISABLED"},
        },
        gathering_filter(),
        told_beside_providers_filter(
            ("cookie", *KEY_HEADERS, *NOT_FOR_PROVIDERS, CREDENTIAL_ON_THE_WAY),
            (*NOT_FROM_PROVIDERS, *STAYS_HERE),
            (PRIVATE,),
        ),
        {
            "name": "router",
            "typed_config": {
                "@type": _HTTP + "router.v3.Router",
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]


def api_match(api: ApiUpstream) -> dict[str, Any]:
    """Return what stands for one API in the tree of prefixes."""
    return _chosen(api_routes(api, cors=CORS_OF_APIS))


def routes(
    apis: Sequence[ApiUpstream] = (), *, of_api: Callable[[ApiUpstream], Any] = api_match
) -> list[dict[str, Any]]:
    """Return the route configuration: /internal never, /data under the grant table, everything else to the portal.

    ``of_api`` gives what ``api_match`` does, in whatever form is wanted.
    """
    # A list of routes is tried one by one for every request; the prefixes stand in a tree, the longest one decides.
    tree = {prefix: _chosen(found) for prefix, found in routes_by_prefix().items()}
    tree |= {api_prefix(api.source): of_api(api) for api in apis}
    return [
        {
            "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
            "name": "tdpf",
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "matcher": _by_prefix(tree),
                    "typed_per_filter_config": {"cors": CORS_OF_APIS},
                    "retry_policy": retried(USUAL_RETRIES),
                }
            ],
            "max_direct_response_body_size_bytes": 65536,
        }
    ]


def _chosen(found: list[dict[str, Any]]) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.config.route.v3.RouteList"
    return {"action": {"name": "routes", "typed_config": {"@type": kind, "routes": found}}}


def _by_prefix(tree: Mapping[str, Any]) -> dict[str, Any]:
    path = {
        "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
        "header_name": ":path",
    }
    return {
        "matcher_tree": {"input": {"name": "path", "typed_config": path}, "prefix_match_map": {"map": tree}},
    }


def clusters(
    settings: GatewaySettings,
    upstreams: Sequence[Upstream] = (),
    apis: Sequence[ApiUpstream] = (),
    control_authorities: str = "",
) -> list[dict[str, Any]]:
    """Return the clusters: portal and delivery on Unix sockets, one per provider host passed through, and one per API.

    ``control_authorities`` (PEM) is whom a control plane on another machine is believed by.
    """
    portal = socket_cluster("portal", *settings.portal_sockets)
    if settings.control is not None and settings.control.host:
        portal = remote_portal(settings.control, settings.folder, control_authorities)
    own = [
        portal,
        of_bodies(portal, len(settings.portal_sockets)),
        # What is on its way stays in the processor's caches; Envoy's usual mebibyte does not.
        {**socket_cluster("delivery", settings.delivery_socket), "per_connection_buffer_limit_bytes": 256 << 10},
        of_http_2(socket_cluster(OPEN_STREAMS, settings.streams_socket)),
    ]
    hosts = {upstream.cluster: upstream for upstream in upstreams}
    own += [upstream_cluster(upstream, settings.source_authorities) for _name, upstream in sorted(hosts.items())]
    return own + [cluster for api in apis for cluster in api_clusters(api, settings.source_authorities)]

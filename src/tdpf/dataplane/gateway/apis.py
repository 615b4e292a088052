"""Providers' APIs at ``/data/apis/…``: one route and one cluster of its own for each. Pure; addresses and credentials come in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tdpf.dataplane.gateway.admission_module import place_of_route
from tdpf.dataplane.gateway.upstreams import Host, host_of, provider_cluster
from tdpf.wire.sources import ApiCredential, ApiOperation, ApiSource

_HTTP = "type.googleapis.com/envoy.extensions.filters.http."
_EXT_PROC = _HTTP + "ext_proc.v3."
_CREDENTIAL = "type.googleapis.com/envoy.extensions.http.injected_credentials."
_OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"
CREDENTIAL_ON_THE_WAY = "x-tdpf-credential"
PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
# Callers have no credential of the provider's to give.
STAYS_HERE = ("www-authenticate", "proxy-authenticate")
READ = ["GET", "HEAD"]
"""The methods that the cross-origin rules of the route configuration are made for."""
USUAL_RETRIES = 1
USUAL_SECONDS = 15
_USUAL_ERRORS_TO_REST, _USUAL_REST_SECONDS = 5, 30
_JUDGED_BESIDE_EACH_OTHER = 5
"""From so many servers on Envoy compares how often each succeeds, which says nothing of a provider's."""
NEVER_RETRIED: dict[str, Any] = {"num_retries": 0}
"""The route configuration tries again as often as usual; a route that must not be tried again says so."""
_ALL_OF_THEM = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
SOURCE_SPEED = "source_speed"
OPEN_STREAMS = "open_streams"
_STREAMED = ("WEBSOCKET", "GRPC_STREAM")
_GRPC = ("GRPC", "GRPC_STREAM")
_METHODS = {"GET": ["GET", "HEAD"], "WEBSOCKET": ["GET"], "GRPC": ["POST"], "GRPC_STREAM": ["POST"]}


@dataclass(frozen=True, slots=True)
class ApiUpstream:
    """One API whose host has vetted addresses. ``secret_file`` is where Envoy reads the credential from.

    ``token_addresses`` are those of the OAuth 2 token endpoint, empty without one.
    """

    source: ApiSource
    addresses: tuple[str, ...]
    credential: ApiCredential | None = None
    secret_file: Path | None = None
    token_addresses: tuple[str, ...] = ()

    @property
    def cluster(self) -> str:
        """The cluster's name: each API has limits of its own."""
        return f"api|{self.source.address}"


def hosts_of(source: ApiSource) -> list[Host]:
    """Return the servers that an API is reached by."""
    return [host_of(url) for url in (source.url, source.token_url) if url]


def api_upstreams(
    sources: Iterable[ApiSource],
    addresses: Mapping[Host, tuple[str, ...]],
    credentials: Mapping[str, tuple[ApiCredential, Path]],
) -> list[ApiUpstream]:
    """Return the APIs that can be reached, in order of their addresses; one without its credential has no route."""
    found = []
    for source in sources:
        known = [addresses.get(host, ()) for host in hosts_of(source)]
        credential, secret_file = credentials.get(source.source, (None, None))
        if not all(known) or (source.credential and credential is None):
            continue
        found.append(ApiUpstream(source, known[0], credential, secret_file, known[1] if len(known) > 1 else ()))
    return sorted(found, key=lambda upstream: upstream.source.address)


def is_usual(upstream: ApiUpstream) -> bool:
    """Say whether an API says nothing that Envoy must know by a route of its own: it is read, in the usual time and way.

    Such an API stands in the list of what is connected and costs Envoy a cluster alone.
    """
    source = upstream.source
    changed = (
        source.set_request_headers,
        source.remove_request_headers,
        source.set_response_headers,
        source.remove_response_headers,
    )
    return (
        all(operation.method == "GET" for operation in source.operations)
        and not any(changed)
        and not source.per_second
        and (source.retries, source.timeout_seconds) == (USUAL_RETRIES, USUAL_SECONDS)
    )


def listed_api(upstream: ApiUpstream) -> tuple[str, ...]:
    """Return an API's line in the list of what is connected: address, cluster, host, what its paths begin with, operations."""
    source = upstream.source
    base = urlsplit(source.url).path.rstrip("/")
    operations = (
        (pattern, allow, "upgrade" if upgraded else "call")
        for pattern, allow, upgraded in _operations(source.operations)
    )
    said = (source.address, upstream.cluster, host_of(source.url).authority, f"{base}/")
    return (*said, *(word for operation in operations for word in operation))


def path_pattern(template: str) -> str:
    """Return a path template for the module: each parameter, one part of a path and never empty, as one byte 0x01."""
    return re.sub(r"\{[A-Za-z0-9_]+\}", "\x01", template)


def _methods(operation: ApiOperation) -> list[str]:
    return _METHODS.get(operation.method, [operation.method])


def _operations(operations: Sequence[ApiOperation]) -> list[tuple[str, str, bool]]:
    """Return each path with what may be done there; those without parameters first, since they say more."""
    by_path: dict[str, list[str]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).extend(_methods(operation))
    ordered = sorted(by_path.items(), key=lambda entry: (entry[0].count("{"), entry[0]))
    return [(path_pattern(path), ", ".join([*methods, "OPTIONS"]), False) for path, methods in ordered]


def _only_upgraded(operations: Sequence[ApiOperation]) -> list[tuple[str, str, bool]]:
    """Return the paths where nothing can be done but by an upgrade, for a caller who comes without one."""
    others = {operation.path for operation in operations if operation.method not in _STREAMED}
    paths = {operation.path for operation in operations if operation.method == "WEBSOCKET"} - others
    return [(path_pattern(path), "GET, OPTIONS", True) for path in sorted(paths)]


def _header(name: str, value: str) -> dict[str, Any]:
    return {"header": {"key": name, "value": value.replace("%", "%%")}, "append_action": _OVERWRITE}


def retried(times: int) -> dict[str, Any]:
    """Return how often a call is tried again."""
    if times == 0:
        return NEVER_RETRIED
    return {
        "retry_on": "connect-failure,refused-stream,reset-before-request,gateway-error",
        "num_retries": times,
        # What may not be done twice is not tried twice.
        "retriable_request_headers": [{"name": ":method", "string_match": {"exact": method}} for method in READ],
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"},
    }


def api_prefix(source: ApiSource) -> str:
    """Return what the addresses of an API begin with."""
    return f"/data/apis/{source.address}/"


def api_routes(upstream: ApiUpstream, *, cors: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes of one API: those of what stays open first, then the one of calls and answers."""
    source = upstream.source
    plain = [operation for operation in source.operations if operation.method not in _STREAMED]
    found = []
    upgraded = [operation for operation in source.operations if operation.method == "WEBSOCKET"]
    if upgraded:
        route = _stream_route(upstream, upgraded, cors)
        upgrade = {"name": "upgrade", "string_match": {"exact": "websocket", "ignore_case": True}}
        route["match"]["headers"] = [upgrade]
        route["route"]["upgrade_configs"] = [{"upgrade_type": "websocket", "enabled": True}]
        found.append(route)
    open_calls = [operation for operation in source.operations if operation.method == "GRPC_STREAM"]
    if open_calls:
        route = _stream_route(upstream, open_calls, cors)
        prefix = re.escape(f"/data/apis/{source.address}")
        paths = "|".join(_regex_of(operation.path) for operation in open_calls)
        route["match"] = {"safe_regex": {"regex": f"{prefix}(?:{paths})"}, "grpc": {}}
        # Where an expression chose the route, there is no prefix to put another in place of.
        del route["route"]["prefix_rewrite"]
        base = urlsplit(source.url).path.rstrip("/").replace("\\", "%5C")
        route["route"]["regex_rewrite"] = {"pattern": {"regex": f"^{prefix}"}, "substitution": base}
        found.append(route)
    listed = [*_operations(plain), *_only_upgraded(source.operations)]
    return [*found, api_route(upstream, plain, place_of_route(operations=listed), cors=cors)]


def _regex_of(template: str) -> str:
    pieces = re.split(r"(\{[A-Za-z0-9_]+\})", template)
    return "".join("[^/]+" if piece.startswith("{") else re.escape(piece) for piece in pieces)


def _stream_route(upstream: ApiUpstream, operations: Sequence[ApiOperation], cors: dict[str, Any]) -> dict[str, Any]:
    """Return a route for what stays open: no time for the whole, watched, and never tried a second time."""
    source = upstream.source
    # The module tells the agent, which counts what is open and ends it with its agreement.
    streams = f"{source.most_streams},{source.address}"
    place = place_of_route(operations=_operations(operations), streams=streams)
    route = api_route(upstream, operations, place, cors=cors)
    route["route"].update(timeout="0s", idle_timeout=f"{source.stream_idle_seconds}s")
    route["route"]["retry_policy"] = NEVER_RETRIED
    route["typed_per_filter_config"] = {
        **route.get("typed_per_filter_config", {}),
        OPEN_STREAMS: {"@type": _EXT_PROC + "ExtProcPerRoute", "overrides": {}},
    }
    return route


def api_route(
    upstream: ApiUpstream,
    operations: Sequence[ApiOperation],
    place: dict[str, Any],
    *,
    cors: dict[str, Any],
) -> dict[str, Any]:
    """Return a route to one API: the module knows its operations by ``place``, Envoy its time, retries and speed."""
    source = upstream.source
    base = urlsplit(source.url).path.rstrip("/")
    methods = sorted({name for operation in operations for name in _methods(operation)})
    route: dict[str, Any] = {
        "match": {"prefix": api_prefix(source)},
        "route": {
            "cluster": upstream.cluster,
            "timeout": f"{source.timeout_seconds}s",
            "idle_timeout": f"{source.timeout_seconds}s",
            "host_rewrite_literal": host_of(source.url).authority,
            "prefix_rewrite": f"{base}/",
        },
        "request_headers_to_remove": list(source.remove_request_headers),
        "request_headers_to_add": [_header(line.name, line.value) for line in source.set_request_headers],
        "response_headers_to_remove": list(source.remove_response_headers),
        "response_headers_to_add": [_header(line.name, line.value) for line in source.set_response_headers],
        "metadata": place,
        "typed_per_filter_config": {},
    }
    if source.retries != USUAL_RETRIES:
        route["route"]["retry_policy"] = retried(source.retries)
    if methods != READ:
        route["typed_per_filter_config"]["cors"] = {**cors, "allow_methods": ", ".join([*methods, "OPTIONS"])}
    if source.per_second:
        route["typed_per_filter_config"][SOURCE_SPEED] = _speed(source.per_second)
    return _without_empty(route)


def _without_empty(route: dict[str, Any]) -> dict[str, Any]:
    """Return the route without what says nothing: with many APIs, each word is read and kept as often."""
    return {name: value for name, value in route.items() if value != [] and value != {}}


def source_speed_filter() -> dict[str, Any]:
    """Return the filter that keeps a provider's own limit; only routes of APIs with a limit switch it on."""
    return {
        "name": SOURCE_SPEED,
        "disabled": True,
        "typed_config": {"@type": _HTTP + "local_ratelimit.v3.LocalRateLimit", "stat_prefix": SOURCE_SPEED},
    }


def open_streams_filter() -> dict[str, Any]:
    """Return the filter that tells the agent of what stays open, and lets it end that; only routes of streams switch it on."""
    skipped = dict.fromkeys(("response_header_mode", "request_trailer_mode"), "SKIP")
    # Waiting for trailers keeps the agent's side open for as long as the stream is.
    asked = {"request_header_mode": "SEND", "response_trailer_mode": "SEND"}
    bodies = dict.fromkeys(("request_body_mode", "response_body_mode"), "NONE")
    return {
        "name": OPEN_STREAMS,
        "disabled": True,
        "typed_config": {
            "@type": _EXT_PROC + "ExternalProcessor",
            "grpc_service": {"envoy_grpc": {"cluster_name": OPEN_STREAMS}},
            "failure_mode_allow": False,
            "status_on_error": {"code": "ServiceUnavailable"},
            "processing_mode": {**asked, **skipped, **bodies},
            "message_timeout": "2s",
            "forward_rules": {"allowed_headers": {"patterns": [{"exact": "x-tdpf-stream"}]}},
        },
    }


def _speed(per_second: int) -> dict[str, Any]:
    return {
        "@type": _HTTP + "local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": SOURCE_SPEED,
        "token_bucket": {"max_tokens": per_second, "tokens_per_fill": per_second, "fill_interval": "1s"},
        "filter_enabled": _ALL_OF_THEM,
        "filter_enforced": _ALL_OF_THEM,
        "response_headers_to_add": [_header("retry-after", "1")],
    }


def api_clusters(upstream: ApiUpstream, authorities: Path) -> list[dict[str, Any]]:
    """Return the cluster of one API, and that of its token endpoint: circuit breaker, rest after failures, credential."""
    source = upstream.source
    shows = upstream.credential is not None and upstream.credential.kind == "certificate"
    cluster = provider_cluster(
        upstream.cluster, host_of(source.url), upstream.addresses, authorities,
        authority=source.authority, shown=_secret(upstream) if shows else None,
    )  # fmt: skip
    cluster["circuit_breakers"] = {
        "thresholds": [
            {
                "max_connections": source.most_connections,
                "max_pending_requests": source.most_waiting,
                "max_requests": source.most_connections + source.most_waiting,
                "max_retries": max(1, source.most_connections // 4),
            }
        ]
    }
    cluster["outlier_detection"] = _rest(source, len(upstream.addresses))
    # A server that rests is not asked, even when it is the only one.
    cluster["common_lb_config"] = {"healthy_panic_threshold": {"value": 0}}
    filters = _credential_filters(upstream)
    calls = any(operation.method in _GRPC for operation in source.operations)
    if filters or calls:
        codec = {"name": "codec", "typed_config": {"@type": _HTTP + "upstream_codec.v3.UpstreamCodec"}}
        version = "http2_protocol_options" if calls else "http_protocol_options"
        cluster["typed_extension_protocol_options"] = {
            PROTOCOL_OPTIONS: {
                "@type": f"type.googleapis.com/{PROTOCOL_OPTIONS}",
                "explicit_http_config": {version: {}},
                **({"http_filters": [*filters, codec]} if filters else {}),
            }
        }
    if not source.token_url:
        return [cluster]
    name = f"token|{source.address}"
    return [provider_cluster(name, host_of(source.token_url), upstream.token_addresses, authorities), cluster]


def _rest(source: ApiSource, servers: int) -> dict[str, Any]:
    """Return when a server rests. What Envoy does by itself is not said: with many APIs each word is kept as often."""
    found: dict[str, Any] = {"interval": "1s", "max_ejection_percent": 100}
    if source.errors_to_rest != _USUAL_ERRORS_TO_REST:
        found["consecutive_5xx"] = source.errors_to_rest
    if source.rest_seconds != _USUAL_REST_SECONDS:
        found["base_ejection_time"] = f"{source.rest_seconds}s"
        found["max_ejection_time"] = f"{source.rest_seconds * 10}s"
    if servers >= _JUDGED_BESIDE_EACH_OTHER:
        found["success_rate_minimum_hosts"] = 1000
    return found


def _secret(upstream: ApiUpstream) -> dict[str, Any]:
    return {
        "name": "credential",
        "sds_config": {
            "path_config_source": {"path": str(upstream.secret_file)},
            "resource_api_version": "V3",
        },
    }


def _credential_filters(upstream: ApiUpstream) -> list[dict[str, Any]]:
    credential = upstream.credential
    if credential is None or upstream.secret_file is None or credential.kind == "certificate":
        return []
    secret = _secret(upstream)
    if credential.kind == "oauth2":
        token = {
            "@type": _CREDENTIAL + "oauth2.v3.OAuth2",
            "token_endpoint": {
                "uri": credential.token_url,
                "cluster": f"token|{upstream.source.address}",
                "timeout": "10s",
            },
            "scopes": list(credential.scopes),
            "client_credentials": {"client_id": credential.name, "client_secret": secret},
        }
        return [_injector("oauth2", token)]
    header = {"basic": "authorization", "query": CREDENTIAL_ON_THE_WAY}.get(credential.kind, credential.name)
    filters = [
        _injector("generic", {"@type": _CREDENTIAL + "generic.v3.Generic", "credential": secret, "header": header})
    ]
    if credential.kind == "query":
        # Secrets come as a header only; it becomes the parameter here and goes no further.
        parameter = {
            "record": {"key": credential.name, "value": f"%REQ({CREDENTIAL_ON_THE_WAY})%"},
            "action": "APPEND_IF_EXISTS_OR_ADD",
        }
        filters.append(_mutation({"query_parameter_mutations": [{"remove": credential.name}, {"append": parameter}]}))
        filters.append(_mutation({"request_mutations": [{"remove": CREDENTIAL_ON_THE_WAY}]}))
    return filters


def _injector(kind: str, credential: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "credential",
        "typed_config": {
            "@type": _HTTP + "credential_injector.v3.CredentialInjector",
            "overwrite": True,
            "credential": {"name": kind, "typed_config": credential},
        },
    }


def _mutation(mutations: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "mutation",
        "typed_config": {"@type": _HTTP + "header_mutation.v3.HeaderMutation", "mutations": mutations},
    }

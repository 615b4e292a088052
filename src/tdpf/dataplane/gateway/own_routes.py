"""The routes of what is ours, by prefix: delivery's answers, files and APIs of others in our name, streams, pushes, pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tdpf.dataplane.gateway.answer_headers import TOLD_BESIDE_PROVIDERS, set_header
from tdpf.dataplane.gateway.apis import CREDENTIAL_ON_THE_WAY, NEVER_RETRIED, STAYS_HERE, USUAL_SECONDS
from tdpf.dataplane.gateway.compression import ASKED, COMPRESSED
from tdpf.dataplane.gateway.cross_origin import CORS, CORS_OF_APIS
from tdpf.dataplane.gateway.own_clusters import TRIED_AGAIN
from tdpf.dataplane.gateway.portal_routes import portal_routes, to_part
from tdpf.dataplane.gateway.upstreams import connected_route

KEY_HEADERS = ("authorization", "x-api-key")
SAID_BY_FOLLOWERS = "said_by_followers"
SAID_KIBIBYTES = 1
_OFF: dict[str, Any] = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
_CALLED_FILES = {
    "timeout": "0s",
    "idle_timeout": "60s",
    "retry_policy": {"retry_on": "connect-failure,refused-stream", "num_retries": 2},
}
# What stands for providers' APIs stands for every route that says nothing else.
_OF_OURS: Mapping[str, Any] = MappingProxyType({TOLD_BESIDE_PROVIDERS: _OFF})
# Only these routes switch the admission off: a new route is closed until someone opens it.
_WITHOUT_GRANTS: Mapping[str, Any] = MappingProxyType({**_OF_OURS, "cors": _OFF, "admit": _OFF})
_KEPT_BACK = ("cookie", *KEY_HEADERS)


def routes_by_prefix() -> dict[str, list[dict[str, Any]]]:
    """Return, for each prefix, the routes that are tried one by one."""
    pages = portal_routes(dict(_WITHOUT_GRANTS))
    data = _data_route()
    crossed = _asked_by_pages(data, CORS)
    answers = _answers(data, crossed)
    return {
        "/": pages,
        "/data": [*answers, *pages],
        "/data/files": [
            connected_route(
                "/data/files/", _CALLED_FILES, remove=_KEPT_BACK, not_from=(), switched={**_OF_OURS, "cors": CORS}
            ),
            *answers,
        ],
        "/data/apis": [
            connected_route(
                "/data/apis/",
                {"timeout": f"{USUAL_SECONDS}s", "idle_timeout": f"{USUAL_SECONDS}s"},
                remove=(*_KEPT_BACK, CREDENTIAL_ON_THE_WAY),
                not_from=STAYS_HERE,
                switched={**_OF_OURS, "cors": CORS_OF_APIS},
            ),
            _asked_by_pages(data, CORS_OF_APIS),
            data,
        ],
        "/data/streams": [_sockets_route(data), crossed, data],
        "/internal": [_internal_route(), *pages],
        "/push": [_push_route(), *pages],
    }


def _data_route() -> dict[str, Any]:
    """Return the route to delivery for callers that no page of another origin stands behind."""
    return {
        "match": {"path_separated_prefix": "/data"},
        "route": {**to_part("delivery", idle="120s"), "retry_policy": TRIED_AGAIN},
        "request_headers_to_remove": list(_KEPT_BACK),
        "response_headers_to_remove": ["set-cookie"],
        # Rules for pages of other origins cost something at every call; only browsers that show such pages name an origin.
        "typed_per_filter_config": {**_OF_OURS, "cors": _OFF},
    }


def _asked_by_pages(data: Mapping[str, Any], rules: Any) -> dict[str, Any]:
    """Return the same route for a browser that shows a page of another origin."""
    return {
        **data,
        "match": {**data["match"], "headers": [{"name": "origin", "present_match": True}]},
        "typed_per_filter_config": {**_OF_OURS, "cors": rules},
    }


def _answers(data: dict[str, Any], crossed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the routes of answers that come compressed to who asks; pages of another origin take them so in any case."""
    return [
        {**crossed, "typed_per_filter_config": {**_OF_OURS, "cors": CORS, **COMPRESSED}},
        {
            **data,
            "match": {**data["match"], "headers": [ASKED]},
            "typed_per_filter_config": {**_OF_OURS, "cors": _OFF, **COMPRESSED},
        },
        data,
    ]


def _sockets_route(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the route of followed streams. A socket is one request to the module and the log; nothing of it may be tried
    twice, and who follows has little to say."""
    return {
        **data,
        "match": {
            "safe_regex": {"regex": "/data/streams/[^/]+/socket"},
            "headers": [{"name": "upgrade", "string_match": {"exact": "websocket", "ignore_case": True}}],
        },
        "route": {
            "cluster": "delivery",
            "timeout": "0s",
            "idle_timeout": "120s",
            "retry_policy": NEVER_RETRIED,
            "upgrade_configs": [{"upgrade_type": "websocket", "enabled": True}],
        },
        "typed_per_filter_config": {**_OF_OURS, "cors": CORS, SAID_BY_FOLLOWERS: slowly(SAID_KIBIBYTES)},
    }


def _push_route() -> dict[str, Any]:
    """Return the route of what devices push."""
    return {
        "match": {"path_separated_prefix": "/push"},
        "route": {**to_part("delivery", idle="15s"), "timeout": "15s"},
        "request_headers_to_remove": ["cookie"],
        "response_headers_to_add": [set_header("x-request-id", "%STREAM_ID%")],
        "typed_per_filter_config": dict(_WITHOUT_GRANTS),
    }


def _internal_route() -> dict[str, Any]:
    """Return the answer to whoever looks for what the planes say to each other."""
    return {
        "match": {"path_separated_prefix": "/internal"},
        "direct_response": {"status": 404},
        "typed_per_filter_config": dict(_WITHOUT_GRANTS),
    }


def slowly(kibibytes: int) -> dict[str, Any]:
    """Return the limit of what comes from callers, in KiB a second."""
    return {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.bandwidth_limit.v3.BandwidthLimit",
        "stat_prefix": SAID_BY_FOLLOWERS,
        "enable_mode": "REQUEST",
        "limit_kbps": kibibytes,
    }

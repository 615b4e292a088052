"""Routes to the portal: what only asks, what brings a body of ordinary size, what brings more. Pure."""

from typing import Any

from tdpf.dataplane.gateway.compression import ASKED, COMPRESSED, NOBODY_IN_PARTICULAR
from tdpf.dataplane.gateway.own_clusters import TRIED_AGAIN
from tdpf.dataplane.gateway.portal_bodies import BODIES, GATHERED, GATHERED_WHOLE, ORDINARY_SIZE

_OTHER_HOSTS = "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"


def to_part(cluster: str, *, idle: str, again: bool = False) -> dict[str, Any]:
    """Return the action that leads to one of our own parts of several processes; with ``again`` it may be asked twice."""
    return {
        "cluster": cluster,
        "timeout": "0s",
        "idle_timeout": idle,
        "retry_policy": {
            **TRIED_AGAIN,
            "retry_on": TRIED_AGAIN["retry_on"] + (",reset" if again else ""),
            "retry_host_predicate": [
                {"name": "envoy.retry_host_predicates.previous_hosts", "typed_config": {"@type": _OTHER_HOSTS}}
            ],
            "host_selection_retry_max_attempts": 200,
        },
    }


def portal_routes(without_grants: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the routes of everything that is the portal's; ``without_grants`` switches the admission off."""
    # The portal's few threads never wait for a caller: a body of ordinary size is passed on whole, larger ones wait their turn.
    gathered: dict[str, Any] = {
        "match": {"prefix": "/", "headers": [ORDINARY_SIZE]},
        "route": to_part("portal", idle="120s"),
        "typed_per_filter_config": {**without_grants, GATHERED: GATHERED_WHOLE},
    }
    # What only asks may be asked again, of another process, when the first one dies over it.
    asked = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    reading = {
        **gathered,
        "match": {"prefix": "/", "headers": [asked]},
        "route": to_part("portal", idle="120s", again=True),
    }
    sending = {
        "match": {"prefix": "/"},
        "route": to_part(BODIES, idle="120s"),
        "typed_per_filter_config": without_grants,
    }
    return [*(_compressed(one) for one in (gathered, reading)), gathered, reading, sending]


def _compressed(route: dict[str, Any]) -> dict[str, Any]:
    return {
        **route,
        "match": {**route["match"], "headers": [*route["match"]["headers"], ASKED, NOBODY_IN_PARTICULAR]},
        "typed_per_filter_config": {**route["typed_per_filter_config"], **COMPRESSED},
    }

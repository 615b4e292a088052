"""What callers send to the portal, so that its few threads never wait for one who sends slowly. Pure.

A body of ordinary size is kept in Envoy until all of it is there. Larger ones go on as they come, so many at a time.
"""

from typing import Any

_BUFFER = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3."
# Each open call may cost so much memory.
_ORDINARY_BYTES = 300_000
# Of the portal's threads (processes/serving.py) so many of each process may wait for what somebody sends.
_LARGE_FOR_EACH = 2

GATHERED, BODIES = "gathered", "portal_bodies"
GATHERED_WHOLE: dict[str, Any] = {
    "@type": _BUFFER + "BufferPerRoute",
    "buffer": {"max_request_bytes": _ORDINARY_BYTES},
}
ORDINARY_SIZE: dict[str, Any] = {
    "name": "content-length",
    "string_match": {"safe_regex": {"regex": "[0-9]{1,5}|[12][0-9]{5}"}},
}


def gathering_filter() -> dict[str, Any]:
    """Return the filter that keeps a body until it is whole, on routes that say GATHERED_WHOLE."""
    return {
        "name": GATHERED,
        "disabled": True,
        "typed_config": {"@type": _BUFFER + "Buffer", "max_request_bytes": _ORDINARY_BYTES},
    }


def of_bodies(portal: dict[str, Any], processes: int) -> dict[str, Any]:
    """Return the portal's cluster as those meet it who send much: so many at a time, others wait until one is done."""
    at_once = _LARGE_FOR_EACH * processes
    limits = {"max_connections": at_once, "max_pending_requests": 64, "max_requests": at_once, "max_retries": 64}
    return {
        **portal,
        "name": BODIES,
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {**portal["load_assignment"], "cluster_name": BODIES},
    }

"""What Envoy says of providers' servers, and what is told of it."""

from __future__ import annotations

from typing import Any

from tdpf.dataplane.gateway import upstream_health
from tdpf.wire.messages import UpstreamHealth


def _cluster(name: str, *hosts: tuple[bool, int, int]) -> dict[str, Any]:
    return {
        "name": name,
        "host_statuses": [
            {
                "health_status": {"eds_health_status": "HEALTHY", **({"failed_outlier_check": True} if rests else {})},
                # Envoy leaves the value of a counter away while it is nought.
                "stats": [{"name": "rq_total", "value": str(total)}, {"name": "rq_error", "value": str(bad)}, {"name": "rq_active"}],
            }
            for rests, total, bad in hosts
        ],
    }  # fmt: skip


def test_servers_are_told_those_with_trouble_first() -> None:
    told = upstream_health.upstreams_told(
        {
            "cluster_statuses": [
                _cluster("delivery", (False, 9, 9)),
                _cluster("api|quiet.api", (False, 0, 0)),
                _cluster("source|https|example.jp|443", (False, 7, 0)),
                _cluster("token|late.api", (False, 1, 0)),
                _cluster("api|late.api", (True, 5, 5), (False, 6, 0)),
            ]
        }
    )
    assert told == (
        UpstreamHealth("late.api", "api", 2, 1, 0, 11, 5, 0),
        UpstreamHealth("https://example.jp:443", "file", 1, 0, 0, 7, 0, 0),
        UpstreamHealth("quiet.api", "api", 1, 0, 0, 0, 0, 0),
    )
    assert upstream_health.upstreams_told({}) == ()

"""How providers' servers are doing, as Envoy says on its admin socket. Pure; the answer comes in."""

from collections.abc import Mapping, Sequence
from typing import Any

from tdpf.wire.messages import UpstreamHealth

ASKED = "/clusters?format=json"
MOST_TOLD = 500
"""Of more servers than these the ones with trouble are told first, then the ones that are asked most."""


def upstreams_told(answer: Mapping[str, Any]) -> tuple[UpstreamHealth, ...]:
    """Return providers' servers from Envoy's list of clusters; those of the platform itself are left out."""
    found = []
    for cluster in answer.get("cluster_statuses", []):
        kind, _, name = str(cluster.get("name", "")).partition("|")
        if kind not in ("api", "source"):
            continue
        hosts = cluster.get("host_statuses", [])
        sums = _sums(hosts)
        found.append(
            UpstreamHealth(
                name=name if kind == "api" else _address(name),
                kind="api" if kind == "api" else "file",
                servers=len(hosts),
                resting=sum(bool(host.get("health_status", {}).get("failed_outlier_check")) for host in hosts),
                active=sums.get("rq_active", 0),
                requests=sums.get("rq_total", 0),
                errors=sums.get("rq_error", 0),
                unreached=sums.get("cx_connect_fail", 0),
            )
        )
    found.sort(key=lambda one: (-(one.resting > 0), -(one.errors > 0), -one.requests, one.name))
    return tuple(found[:MOST_TOLD])


def _sums(hosts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for host in hosts:
        for stat in host.get("stats", []):
            sums[stat["name"]] = sums.get(stat["name"], 0) + int(stat.get("value", 0))
    return sums


def _address(name: str) -> str:
    scheme, host, port = [*name.split("|"), "", ""][:3]
    return f"{scheme}://{host}:{port}"

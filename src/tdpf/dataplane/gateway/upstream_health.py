"""How providers' servers are doing, as Envoy says on its admin socket. Pure; the answer comes in, piece by piece.

It is asked for as lines: as JSON, Envoy makes ten thousand servers a text of a hundred megabytes on its main thread.
"""

import re

from tdpf.wire.messages import UpstreamHealth

ASKED = "/clusters"
MOST_TOLD = 500
"""Of more servers than these the ones with trouble are told first, then the ones that are asked most."""
_LINE = re.compile(
    rb"^(?P<name>(?:api|source)\|.*)::(?:[0-9.]+|\[[^\]\n]*\]):[0-9]+::"
    rb"(?:(?P<count>rq_active|rq_total|rq_error|cx_connect_fail)::(?P<value>[1-9][0-9]*)|health_flags::(?P<health>.*))$",
    re.MULTILINE,
)
_RESTS = b"failed_outlier_check"


class UpstreamsTold:
    """Takes Envoy's list of clusters as it comes; those of the platform itself are left out."""

    def __init__(self) -> None:
        self._begun = b""
        self._found: dict[bytes, dict[bytes, int]] = {}

    def take(self, piece: bytes) -> None:
        """Take the next piece of the answer, which may end anywhere."""
        whole, line, self._begun = (self._begun + piece).rpartition(b"\n")
        for found in _LINE.finditer(whole + line):
            sums = self._found.setdefault(found["name"], {})
            if found["count"]:
                sums[found["count"]] = sums.get(found["count"], 0) + int(found["value"])
            else:
                sums[b"servers"] = sums.get(b"servers", 0) + 1
                sums[b"resting"] = sums.get(b"resting", 0) + (_RESTS in found["health"])

    def told(self) -> tuple[UpstreamHealth, ...]:
        """Return providers' servers, once the whole answer was taken."""
        found = []
        for cluster, sums in self._found.items():
            kind, _, name = cluster.decode(errors="replace").partition("|")
            found.append(
                UpstreamHealth(
                    name=name if kind == "api" else _address(name),
                    kind="api" if kind == "api" else "file",
                    servers=sums.get(b"servers", 0),
                    resting=sums.get(b"resting", 0),
                    active=sums.get(b"rq_active", 0),
                    requests=sums.get(b"rq_total", 0),
                    errors=sums.get(b"rq_error", 0),
                    unreached=sums.get(b"cx_connect_fail", 0),
                )
            )
        found.sort(key=lambda one: (-(one.resting > 0), -(one.errors > 0), -one.requests, one.name))
        return tuple(found[:MOST_TOLD])


def _address(name: str) -> str:
    scheme, host, port = [*name.split("|"), "", ""][:3]
    return f"{scheme}://{host}:{port}"

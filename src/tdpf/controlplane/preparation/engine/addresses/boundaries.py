"""Where Tokyo's 62 municipalities end, and whether a point lies inside one of them.

Drawn from `dataofjapan/land` (public domain) by way of PyPI `plateau-bridge` (MIT), simplified by 20 m. All but reclaimed
land and one far island lie within 50 m of the boundary of their municipality; `TOLERANCE_M` allows for that and for gates.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

TOLERANCE_M = 200
_SCALE = 10_000
_M_PER_DEGREE = 111_000.0
Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Boundary:
    """The rings of a municipality as (latitude, longitude), and the box around them (south, west, north, east)."""

    rings: tuple[Ring, ...]
    box: tuple[float, float, float, float]

    def holds(self, lat: float, lon: float) -> bool:
        """Say whether a point lies inside; a ring within a ring is a hole."""
        south, west, north, east = self.box
        if not (south <= lat <= north and west <= lon <= east):
            return False
        inside = False
        for ring in self.rings:
            before_lat, before_lon = ring[-1]
            for at_lat, at_lon in ring:
                if (at_lat > lat) != (before_lat > lat):
                    crossing = (before_lon - at_lon) * (lat - at_lat) / (before_lat - at_lat) + at_lon
                    inside ^= lon < crossing
                before_lat, before_lon = at_lat, at_lon
        return inside

    def metres_to(self, lat: float, lon: float) -> float:
        """Return how far outside a point lies, 0 inside."""
        if self.holds(lat, lon):
            return 0.0
        across = _M_PER_DEGREE * math.cos(math.radians(lat))
        nearest = math.inf
        for ring in self.rings:
            y0, x0 = (ring[-1][0] - lat) * _M_PER_DEGREE, (ring[-1][1] - lon) * across
            for at_lat, at_lon in ring:
                y1, x1 = (at_lat - lat) * _M_PER_DEGREE, (at_lon - lon) * across
                dx, dy = x1 - x0, y1 - y0
                length = dx * dx + dy * dy
                along = min(1.0, max(0.0, -(x0 * dx + y0 * dy) / length)) if length else 0.0
                nearest = min(nearest, math.hypot(x0 + along * dx, y0 + along * dy))
                y0, x0 = y1, x1
        return nearest


@cache
def boundaries() -> dict[str, Boundary]:
    """Return the boundaries that are known by code: Tokyo's municipalities."""
    source = resources.files("tdpf.controlplane.preparation.engine.addresses") / "tokyo_boundaries.tsv"
    found: dict[str, list[Ring]] = {}
    for line in source.read_text(encoding="utf-8").splitlines():
        code, _, steps = line.partition("\t")
        lat = lon = 0
        ring = []
        for step in steps.split(" "):
            up, _, right = step.partition(",")
            lat, lon = lat + int(up), lon + int(right)
            ring.append((lat / _SCALE, lon / _SCALE))
        found.setdefault(code, []).append(ring)
    return {code: Boundary(tuple(rings), _box(rings)) for code, rings in found.items()}


def municipality_at(lat: float, lon: float) -> str:
    """Return the code of the municipality of Tokyo that a point lies in, "" outside of all."""
    return next((code for code, boundary in boundaries().items() if boundary.holds(lat, lon)), "")


def _box(rings: Sequence[Ring]) -> tuple[float, float, float, float]:
    lats = [lat for ring in rings for lat, _ in ring]
    lons = [lon for ring in rings for _, lon in ring]
    return min(lats), min(lons), max(lats), max(lons)

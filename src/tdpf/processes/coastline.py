"""The local base map: Japan's land cut out of the world's (Natural Earth 1:10m by `world-atlas`, public domain)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Point = tuple[float, float]
Ring = list[Point]

JAPAN = (122.0, 20.0, 154.5, 46.0)
"""West, south, east, north in degrees."""


def land_within(topology: dict[str, Any], box: tuple[float, float, float, float] = JAPAN) -> dict[str, Any]:
    """Return the land inside the box as a GeoJSON FeatureCollection, cut at its edges.

    `topology` is TopoJSON with one quantized object `land` (https://github.com/topojson/topojson-specification).
    """
    arcs = [_decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    polygons = []
    for rings in _polygons(topology["objects"]["land"]):
        cut = [part for part in (_cut(_ring(ring, arcs), box) for ring in rings) if len(part) > 3]
        if cut:
            polygons.append([[[round(x, 4), round(y, 4)] for x, y in ring] for ring in cut])
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": geometry}]}


def _polygons(entry: dict[str, Any]) -> Iterator[list[list[int]]]:
    if entry["type"] == "GeometryCollection":
        for inner in entry["geometries"]:
            yield from _polygons(inner)
    elif entry["type"] == "MultiPolygon":
        yield from entry["arcs"]
    elif entry["type"] == "Polygon":
        yield entry["arcs"]


def _decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (scale_x, scale_y), (west, south) = transform["scale"], transform["translate"]
    x = y = 0
    points: Ring = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        points.append((x * scale_x + west, y * scale_y + south))
    return points


def _ring(indices: list[int], arcs: list[Ring]) -> Ring:
    """Join arcs to a ring; ~i means arc i backwards; neighbours share their end points."""
    points: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += arc[1:] if points else arc
    return points


def _cut(ring: Ring, box: tuple[float, float, float, float]) -> Ring:
    """Cut a ring at the four edges of the box (Sutherland and Hodgman, 1974)."""
    west, south, east, north = box
    for axis, limit, keeps_above in ((0, west, True), (0, east, False), (1, south, True), (1, north, False)):
        ring = _cut_at(ring, axis, limit, keeps_above)
        if not ring:
            return []
    return [*ring, ring[0]] if ring[0] != ring[-1] else ring


def _cut_at(ring: Ring, axis: int, limit: float, keeps_above: bool) -> Ring:
    kept: Ring = []
    for before, after in zip([ring[-1], *ring[:-1]], ring, strict=True):
        inside_before = (before[axis] >= limit) == keeps_above
        inside_after = (after[axis] >= limit) == keeps_above
        if inside_before != inside_after:
            share = (limit - before[axis]) / (after[axis] - before[axis])
            kept.append(tuple(b + share * (a - b) for b, a in zip(before, after, strict=True)))  # type: ignore[arg-type]  # two numbers in, two out
        if inside_after:
            kept.append(after)
    return kept

"""How far the addresses of a town lie from the point that stands for it, told from where its neighbours are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.addresses.towns import Point, Town

LEAST_M, MOST_M = 100, 20_000
_ALONE_M = 3_000
_NEIGHBOURS = 4
_CHOME_SHARE, _OAZA_SHARE = 0.8, 1.1
_KOAZA_M = 500
_M_PER_DEGREE = 111_000.0


def oaza_of_chomes(towns: Sequence[Town]) -> Point | None:
    """Return the middle of the located chome, else of the located koaza, of a 大字・町 that has no point of its own."""
    points = [town.point for town in towns if town.point and town.chome is not None]
    points = points or [town.point for town in towns if town.point]
    if not points:
        return None
    return sum(lat for lat, _ in points) / len(points), sum(lon for _, lon in points) / len(points)


def set_precisions(towns: Sequence[Town]) -> None:
    """Set the precision of every located town of one municipality.

    A town reaches about as far as its nearest neighbours do; a 大字 with chome reaches to the farthest of them.
    """
    with_chome = {town.name for town in towns if town.chome is not None}
    leaves = [
        town
        for town in towns
        if town.point and not town.koaza and (town.chome is not None or town.name not in with_chome)
    ]
    points = [town.point for town in leaves if town.point]
    distances = _neighbour_distances(points)
    for town, distance in zip(leaves, distances, strict=True):
        town.precision_m = _bounded(distance * (_OAZA_SHARE if town.chome is None else _CHOME_SHARE))
    whole: Town | None = None
    for town in towns:
        if town.koaza and town.point:
            town.precision_m = max(_KOAZA_M, whole.precision_m if whole else 0)
        elif town.chome is None:
            whole = town
        elif whole is not None and whole.point and town.point:
            reach = _metres(whole.point, town.point) + town.precision_m
            whole.precision_m = max(whole.precision_m, _bounded(reach))


def _neighbour_distances(points: Sequence[Point]) -> list[float]:
    """Return for every point the mean distance in metres to its four nearest neighbours, by cells of a coarse grid."""
    if len(points) < 2:
        return [_ALONE_M] * len(points)
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    size = max((max(lats) - min(lats)), (max(lons) - min(lons)), 1e-4) / max(1.0, math.sqrt(len(points)))
    cells: dict[tuple[int, int], list[Point]] = {}
    for point in points:
        cells.setdefault((int(point[0] / size), int(point[1] / size)), []).append(point)
    found = []
    for point in points:
        row, column = int(point[0] / size), int(point[1] / size)
        for reach in (1, 2, 4, 1_000):
            if reach == 1_000:
                near: list[Point] = list(points)
            else:
                span = range(-reach, reach + 1)
                near = [other for up in span for across in span for other in cells.get((row + up, column + across), ())]
            if len(near) > _NEIGHBOURS:
                break
        distances = sorted(_metres(point, other) for other in near)[1 : _NEIGHBOURS + 1]
        found.append(sum(distances) / len(distances) if distances else _ALONE_M)
    return found


def _metres(first: Point, second: Point) -> float:
    up = (first[0] - second[0]) * _M_PER_DEGREE
    across = (first[1] - second[1]) * _M_PER_DEGREE * math.cos(math.radians(first[0]))
    return math.hypot(up, across)


def _bounded(metres: float) -> int:
    return min(max(round(metres), LEAST_M), MOST_M)

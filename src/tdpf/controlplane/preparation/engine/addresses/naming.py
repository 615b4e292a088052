"""Which municipality a file of towns is of, told by its name, its folder and where its points lie."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.addresses.heads import heads
from tdpf.controlplane.preparation.engine.place_spelling import fold
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.areas import areas

_FAR_KM = 60


def municipality_of_file(name: str, points: Sequence[tuple[float, float]]) -> str:
    """Return the code of the municipality that a file such as 東京都/西多摩郡瑞穂町.json is named after, or "".

    Where several have the name, the folder's prefecture decides, else the one that the points are nearest to.
    """
    *folders, last = re.split(r"[/\\]", name)
    stem = last.split(".", 1)[0]
    prefecture = next((folder for folder in reversed(folders) if folder in prefectures()), "")
    meanings = heads(prefecture).names.get(fold(stem), ())
    if len(meanings) == 1:
        return meanings[0].municipality.code
    if not points:
        return ""
    lat = sum(point[0] for point in points) / len(points)
    lon = sum(point[1] for point in points) / len(points)
    near = []
    for meaning in meanings:
        area = areas()[meaning.municipality.code]
        point = area.point or areas()[area.parent].point
        if point is not None:
            near.append((distance_km((lat, lon), point), area.code))
    near.sort()
    return near[0][1] if near and near[0][0] < _FAR_KM else ""


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the distance of two (latitude, longitude) on a sphere; right to half a percent."""
    lat, other = math.radians(first[0]), math.radians(second[0])
    across = math.sin((other - lat) / 2) ** 2
    along = math.sin(math.radians(second[1] - first[1]) / 2) ** 2
    return 12742.0 * math.asin(math.sqrt(across + math.cos(lat) * math.cos(other) * along))

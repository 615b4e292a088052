"""Whether coordinates that a file states fit the address beside them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from tdpf.controlplane.preparation.engine.addresses.boundaries import TOLERANCE_M, boundaries
from tdpf.controlplane.preparation.engine.addresses.naming import distance_km
from tdpf.controlplane.preparation.engine.addresses.types import Geocoded
from tdpf.controlplane.preparation.engine.normalising.coordinates import LATITUDES, LONGITUDES, from_tokyo_datum

Verdict = Literal["agrees", "elsewhere", "far", "swapped", "unknown"]
_FAR_M = 3_000
_FAR_TIMES = 5
_ENOUGH = 20
_SHIFT_M = 150


def check_point(place: Geocoded, lat: float, lon: float) -> Verdict:
    """Return what a stated point is to the place its address names.

    "elsewhere": outside the stated municipality, where its boundary is known. "far": far beyond the reach of the town,
    or of the municipality where its boundary is not known. "unknown": the address names no place.
    """
    boundary = boundaries().get(place.code)
    if boundary is not None and boundary.metres_to(lat, lon) > TOLERANCE_M:
        return "elsewhere"
    if place.lat is None or place.lon is None or place.level == "prefecture":
        return "unknown" if boundary is None else "agrees"
    if boundary is not None and place.level == "municipality":
        return "agrees"
    metres = distance_km((lat, lon), (place.lat, place.lon)) * 1000
    reach = max(_FAR_M, _FAR_TIMES * (place.precision_m or 0))
    return "far" if metres > reach else "agrees"


def check_stated(place: Geocoded, lat: float, lon: float) -> Verdict:
    """Return what `check_point` says, and "swapped" for a latitude and longitude that stand in each other's place."""
    swapped = LONGITUDES[0] <= lat <= LONGITUDES[1] and LATITUDES[0] <= lon <= LATITUDES[1]
    return "swapped" if swapped else check_point(place, lat, lon)


def looks_like_tokyo_datum(stated: Sequence[tuple[float, float]], placed: Sequence[tuple[float, float]]) -> bool:
    """Say whether stated points lie from the places of their addresses as the old Tokyo datum lies from JGD.

    One point cannot tell (the shift is some 450 m); twenty and more can, because what remains of a town's reach averages out.
    """
    if len(stated) < _ENOUGH:
        return False
    moved = [from_tokyo_datum(lat, lon) for lat, lon in stated]
    before = _mean_offset_m(stated, placed)
    after = _mean_offset_m(moved, placed)
    return before > 2 * _SHIFT_M and after < _SHIFT_M


def _mean_offset_m(first: Sequence[tuple[float, float]], second: Sequence[tuple[float, float]]) -> float:
    up = fmean(one[0] - other[0] for one, other in zip(first, second, strict=True))
    right = fmean(one[1] - other[1] for one, other in zip(first, second, strict=True))
    lat = second[0][0]
    return distance_km((lat, 139.0), (lat + up, 139.0 + right)) * 1000

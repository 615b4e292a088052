"""Latitude and longitude: decimals and degrees-minutes-seconds, the old Tokyo datum, metres of the plane systems."""

from __future__ import annotations

import math
import re

from tdpf.controlplane.preparation.engine.normalising.marks import DASHES, changed, missing, plain, says_none
from tdpf.controlplane.preparation.engine.normalising.outcome import Outcome

LATITUDES = (20.0, 46.0)
LONGITUDES = (122.0, 154.5)
_DECIMAL = re.compile(r"(?:北緯|東経|緯度|経度|[NESW])?\s*[:=]?\s*(-?\d{1,3}(?:\.\d+)?)\s*(?:°|度)?")
_DECIMAL_COMMA = re.compile(r"(\d{2,3}),(\d{2}|\d{4,})")
_SEXAGESIMAL = re.compile(
    r"(?:北緯|東経|[NE])?\s*(?P<degrees>\d{1,3})\s*(?:°|度|º|,|:|-|\.|\s)\s*(?P<minutes>\d{1,2})\s*(?:'|′|’|分|,|:|-|\.|\s)\s*(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|秒)?\s*[NE]?"
)
_MINUTES = re.compile(
    r"(?:北緯|東経|[NE])?\s*(?P<degrees>\d{1,3})\s*(?:°|度|º)\s*(?P<minutes>\d{1,2}(?:\.\d+)?)\s*(?:'|′|’|分)\s*[NE]?"
)
_NAMED = r"(?:北緯|東経|緯度|経度|[NE])?\s*[:=]?\s*"
_PAIR = re.compile(
    rf"(?:POINT\s*)?[(\[]?\s*{_NAMED}(-?\d{{1,3}}\.\d+)\s*(?:°|度)?\s*[NE]?\s*[,、/;\s]\s*{_NAMED}(-?\d{{1,3}}\.\d+)\s*(?:°|度)?\s*[NE]?\s*[)\]]?"
)
_TWO = re.compile(r"^(.*?(?:秒|\"|″|”|''|′′|分(?=\s*(?:[,、/;]|東|北|\d{2,3}度))))\s*[NE]?\s*[,、/;\s]*\s*(.+)$")
_ORIGINS: tuple[tuple[float, float], ...] = (
    (33, 129.5), (33, 131), (36, 132 + 1 / 6), (33, 133.5), (36, 134 + 1 / 3), (36, 136), (36, 137 + 1 / 6), (36, 138.5),
    (36, 139 + 5 / 6), (40, 140 + 5 / 6), (44, 140.25), (44, 142.25), (44, 144.25), (26, 142), (26, 127.5), (26, 124), (26, 131),
    (20, 136), (26, 154),
)  # fmt: skip


def latitude(value: str) -> Outcome:
    """Return a latitude in decimal degrees, digits as written."""
    return _degrees(value, LATITUDES)


def longitude(value: str) -> Outcome:
    """Return a longitude in decimal degrees, digits as written."""
    return _degrees(value, LONGITUDES)


def _degrees(value: str, bounds: tuple[float, float]) -> Outcome:
    clean = DASHES.sub("-", plain(value.replace("゜", "°")))
    if says_none(clean):
        return missing()
    decimal = _DECIMAL.fullmatch(clean)
    if decimal:
        number = float(decimal.group(1))
        if bounds[0] <= number <= bounds[1]:
            return changed(value, decimal.group(1), "coordinate.notation")
        if number == 0:
            return Outcome(None, "coordinate.zero", 1.0, "missing")
        return Outcome(None, "", 0.0, "outside-japan", rest=clean)
    sexagesimal = _SEXAGESIMAL.fullmatch(clean)
    if sexagesimal and int(sexagesimal.group("minutes")) < 60 and float(sexagesimal.group("seconds")) < 60:
        number = (
            int(sexagesimal.group("degrees"))
            + int(sexagesimal.group("minutes")) / 60
            + float(sexagesimal.group("seconds")) / 3600
        )
        if bounds[0] <= number <= bounds[1]:
            return Outcome(f"{number:.7f}".rstrip("0"), "coordinate.sexagesimal", 0.95)
        return Outcome(None, "", 0.0, "outside-japan", rest=clean)
    minutes = _MINUTES.fullmatch(clean)
    if minutes and float(minutes.group("minutes")) < 60:
        number = int(minutes.group("degrees")) + float(minutes.group("minutes")) / 60
        if bounds[0] <= number <= bounds[1]:
            coarse = "." not in minutes.group("minutes")
            return Outcome(
                f"{number:.7f}".rstrip("0"), "coordinate.sexagesimal", 0.6 if coarse else 0.95, coarse * "minutes-only"
            )
        return Outcome(None, "", 0.0, "outside-japan", rest=clean)
    comma = _DECIMAL_COMMA.fullmatch(clean)
    if comma and bounds[0] <= float(".".join(comma.groups())) <= bounds[1]:
        return Outcome(".".join(comma.groups()), "coordinate.comma", 0.85)
    return Outcome(None, "", 0.0, "not-a-coordinate", rest=clean)


def pair(value: str) -> tuple[str, str] | None:
    """Return (latitude, longitude) of one cell that holds both, in either order; also JSON with members of those names."""
    clean = plain(value)
    named = re.findall(r'"?(lat|lon|lng)[a-z]*"?\s*[:=]\s*"?(-?\d{1,3}\.\d+)', clean, re.IGNORECASE)
    if len(named) == 2:
        found = {("lat" if key.lower() == "lat" else "lon"): number for key, number in named}
        first, second = found.get("lat", ""), found.get("lon", "")
    else:
        match = _PAIR.fullmatch(clean)
        first, second = match.groups() if match else _both_sexagesimal(clean)
    if not first or not second:
        return None
    if _within(first, LATITUDES) and _within(second, LONGITUDES):
        return first, second
    if _within(second, LATITUDES) and _within(first, LONGITUDES):
        return second, first
    return None


def _both_sexagesimal(clean: str) -> tuple[str, str]:
    """Return two numbers that are written in degrees, minutes and seconds beside each other; empty ones when they are not."""
    parted = _TWO.match(clean)
    if parted is None:
        return "", ""
    halves = [half.strip() for half in parted.groups()]
    for one, other in ((latitude, longitude), (longitude, latitude)):
        first, second = one(halves[0]).value, other(halves[1]).value
        if first and second:
            return first, second
    return "", ""


def ends_at_minutes(value: str) -> bool:
    """Say whether degrees are written with whole minutes and without seconds: right to a kilometre or so."""
    clean = plain(value)
    return bool(re.search(r"[度°]\s*\d{1,2}\s*[分'′’]", clean)) and not re.search(r"秒|\"|″|”|''|′′", clean)


def pair_text(value: str) -> Outcome:
    """Return a pair as "latitude,longitude"."""
    if says_none(value):
        return missing()
    found = pair(value)
    if found is None:
        return Outcome(None, "", 0.0, "not-a-coordinate", rest=plain(value))
    return changed(value, ",".join(found), "coordinate.pair")


def _within(number: str, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= float(number) <= bounds[1]


def from_tokyo_datum(lat: float, lon: float) -> tuple[float, float]:
    """Return JGD degrees of a point in the old Tokyo datum by a linear formula, right to about 10 m in Japan.

    The official TKY2JGD grid is right to about 10 cm but comes in no package.
    """
    return (
        lat - 0.00010695 * lat + 0.000017464 * lon + 0.0046017,
        lon - 0.000046038 * lat - 0.000083043 * lon + 0.010040,
    )


def from_plane(system: int, x: float, y: float) -> tuple[float, float]:
    """Return (latitude, longitude) of metres in a plane rectangular system 1-19 (x north, y east), right to a millimetre.

    Series of Kawase (国土地理院時報 2011), GRS80, scale 0.9999. Raises ValueError for another system.
    """
    if not 1 <= system <= len(_ORIGINS):
        raise ValueError(f"no plane rectangular system {system}")
    origin_lat, origin_lon = (math.radians(degrees) for degrees in _ORIGINS[system - 1])
    a, flattening, scale = 6378137.0, 298.257222101, 0.9999
    n = 1 / (2 * flattening - 1)
    arc = [
        1 + n**2 / 4 + n**4 / 64,
        -3 / 2 * (n - n**3 / 8 - n**5 / 64),
        15 / 16 * (n**2 - n**4 / 4),
        -35 / 48 * (n**3 - 5 / 16 * n**5),
        315 / 512 * n**4,
        -693 / 1280 * n**5,
    ]
    beta = [
        0.0,
        n / 2 - 2 / 3 * n**2 + 37 / 96 * n**3 - n**4 / 360 - 81 / 512 * n**5,
        n**2 / 48 + n**3 / 15 - 437 / 1440 * n**4 + 46 / 105 * n**5,
        17 / 480 * n**3 - 37 / 840 * n**4 - 209 / 4480 * n**5,
        4397 / 161280 * n**4 - 11 / 504 * n**5,
        4583 / 161280 * n**5,
    ]
    delta = [
        0.0,
        2 * n - 2 / 3 * n**2 - 2 * n**3 + 116 / 45 * n**4 + 26 / 45 * n**5,
        7 / 3 * n**2 - 8 / 5 * n**3 - 227 / 45 * n**4 + 2704 / 315 * n**5,
        56 / 15 * n**3 - 136 / 35 * n**4 - 1262 / 105 * n**5,
        4279 / 630 * n**4 - 332 / 35 * n**5,
        4174 / 315 * n**5,
    ]
    meridian = (
        scale * a / (1 + n) * (arc[0] * origin_lat + sum(arc[j] * math.sin(2 * j * origin_lat) for j in range(1, 6)))
    )
    radius = scale * a / (1 + n) * arc[0]
    xi, eta = (x + meridian) / radius, y / radius
    xi_0 = xi - sum(beta[j] * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j in range(1, 6))
    eta_0 = eta - sum(beta[j] * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j in range(1, 6))
    chi = math.asin(math.sin(xi_0) / math.cosh(eta_0))
    lat = chi + sum(delta[j] * math.sin(2 * j * chi) for j in range(1, 6))
    lon = origin_lon + math.atan2(math.sinh(eta_0), math.cos(xi_0))
    return math.degrees(lat), math.degrees(lon)

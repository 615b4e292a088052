"""Boxes on the earth: what GeoJSON, WKT and lists of four numbers say, as west, south, east, north in degrees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tdpf.controlplane.federation.reading.taking import mapping

Box = tuple[float, float, float, float]

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MOST = 20_000


def box_of(value: object) -> Box | None:
    """Return the box of a GeoJSON geometry (also as text), a list `[west, south, east, north]`, or WKT; None when unclear."""
    if value is None or value == "":
        return None
    found = mapping(value)
    if found:
        pairs = list(_pairs(found, 0))
        return _around(pairs)
    if isinstance(value, list | tuple):
        if len(value) == 1 and isinstance(value[0], list | tuple):
            value = value[0]
        numbers = [_number(entry) for entry in value]
        if len(numbers) == 6:
            numbers = [*numbers[:2], *numbers[3:5]]
        if len(numbers) == 4 and all(number is not None for number in numbers):
            west, south, east, north = (float(number) for number in numbers if number is not None)
            return _checked(west, south, east, north)
        return None
    if isinstance(value, str):
        return _from_text(value)
    return None


def _from_text(text: str) -> Box | None:
    # GeoSPARQL writes the reference system before the shape; CRS84 is what it means without.
    text = re.sub(r"^\s*<[^>]{0,200}>\s*", "", text)
    words = text.strip().upper()[:20]
    numbers = [float(found) for found in _NUMBER.findall(text[:400_000])[: 2 * _MOST]]
    if "POLYGON" in words or "POINT" in words or "LINESTRING" in words:
        text = text.upper()
        body = text[text.find("(") :] if "(" in text else ""
        inside = [float(found) for found in _NUMBER.findall(body[:400_000])[: 2 * _MOST]]
        return _around(list(zip(inside[::2], inside[1::2], strict=False)))
    if words.startswith("ENVELOPE") and len(numbers) == 4:
        return _checked(numbers[0], numbers[3], numbers[1], numbers[2])
    if len(numbers) == 4 and re.fullmatch(r"[\s\d.,;eE+-]+", text):
        return _checked(*numbers)
    return None


def _pairs(found: object, depth: int) -> Iterator[tuple[float, float]]:
    if depth > 12:
        return
    if isinstance(found, dict):
        if isinstance(found.get("bbox"), list) and len(found["bbox"]) == 4 and "coordinates" not in found:
            west, south, east, north = found["bbox"]
            yield from _pairs([[west, south], [east, north]], depth + 1)
            return
        for key in ("coordinates", "geometry", "geometries", "features"):
            if key in found:
                yield from _pairs(found[key], depth + 1)
    elif isinstance(found, list):
        if len(found) >= 2 and all(isinstance(entry, int | float) for entry in found[:2]):
            yield float(found[0]), float(found[1])
        else:
            for entry in found[:_MOST]:
                yield from _pairs(entry, depth + 1)


def _around(pairs: list[tuple[float, float]]) -> Box | None:
    if not pairs:
        return None
    return _checked(
        min(x for x, _ in pairs), min(y for _, y in pairs), max(x for x, _ in pairs), max(y for _, y in pairs)
    )


def _checked(west: float, south: float, east: float, north: float) -> Box | None:
    fits = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits else None


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None

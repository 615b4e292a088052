"""What files of places say, row by row, whatever their format."""

from __future__ import annotations

from typing import NamedTuple


class TownRow(NamedTuple):
    """A 大字・町, a chome or a koaza; `point` (latitude, longitude) is None where the file has none."""

    code: str
    oaza: str
    chome: int | None
    koaza: str
    town_id: str
    point: tuple[float, float] | None
    postcode: str


class TownPoint(NamedTuple):
    """Where the town of an id lies."""

    code: str
    town_id: str
    point: tuple[float, float]


class NumberRow(NamedTuple):
    """A block, residence or parcel by its ids; `number` is 3, 3-1 or 123-4. `kind` is "block" or "residence"."""

    code: str
    town_id: str
    number_id: str
    number: str
    kind: str


class NumberPoint(NamedTuple):
    """Where the number of an id lies."""

    code: str
    town_id: str
    number_id: str
    point: tuple[float, float]


class NamedNumber(NamedTuple):
    """A block with its place, in a town that is told by name."""

    code: str
    oaza: str
    chome: int | None
    koaza: str
    number: str
    point: tuple[float, float]


Row = TownRow | TownPoint | NumberRow | NumberPoint | NamedNumber

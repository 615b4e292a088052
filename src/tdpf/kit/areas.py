"""The areas of Japan by six-digit local government code (全国地方公共団体コード): prefectures, municipalities, wards.

The table holds facts (code, name, reading, Latin letters, county, what it lies in, one point inside) of January 2024 and
later. Where they come from is told in docs/reference/addresses.md.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tdpf.kit.codes import is_municipality_code, municipality_check_digit
from tdpf.kit.text import Text

# Seven wards that Hamamatsu had until 2023, and six villages whose registers rest: names that old files still carry.
ENDED = frozenset(
    {"221317", "221325", "221333", "221341", "221350", "221368", "221376"}
    | {"016951", "016969", "016977", "016985", "016993", "017001"}
)


@dataclass(frozen=True, slots=True)
class Area:
    """A prefecture (`parent` empty), a municipality, or a ward of a designated city (`parent` is the city).

    `county` is the 郡 a town or village lies in. `point` is (latitude, longitude) of one place inside, where known.
    """

    code: str
    parent: str
    label: Text
    kana: str = ""
    county: str = ""
    point: tuple[float, float] | None = None


@cache
def areas() -> dict[str, Area]:
    """Return the table by code, in the order of codes."""
    text = (resources.files("tdpf.kit") / "areas.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:])
    return {
        code: Area(code, parent, Text(ja, en), kana, county, (float(lat), float(lon)) if lat else None)
        for code, parent, ja, kana, en, county, lat, lon in rows
    }


@cache
def prefecture_of(code: str) -> str:
    """Return the six-digit code of the prefecture a code lies in."""
    five = code[:2] + "000"
    return five + municipality_check_digit(five)


@cache
def municipality_of(code: str) -> str:
    """Return the code of the designated city a ward lies in; any other code is returned as it is."""
    area = areas().get(code)
    return area.parent if area is not None and area.parent and areas()[area.parent].parent else code


def is_ward(code: str) -> bool:
    """Say whether a code names a ward of a designated city."""
    return municipality_of(code) != code


def is_area_code(code: str) -> bool:
    """Say whether a code has the right check digit and lies in a prefecture that exists."""
    return is_municipality_code(code) and prefecture_of(code) in areas()

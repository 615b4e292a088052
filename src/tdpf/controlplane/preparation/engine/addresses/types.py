"""What geocoding tells about one address."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

Level = Literal["none", "prefecture", "municipality", "oaza", "chome", "block", "residence"]
Match = Literal["exact", "partial", "ambiguous", "none"]
LEVELS: tuple[Level, ...] = ("none", "prefecture", "municipality", "oaza", "chome", "block", "residence")


class Candidate(NamedTuple):
    """A municipality that an ambiguous address may mean."""

    prefecture: str
    municipality: str
    code: str


class Geocoded(NamedTuple):
    """One address, parted and placed.

    `municipality` of a ward begins with its city; `town` is the official name where the gazetteer has it, else as written;
    `block` is what follows town and chome as 3-1. `rest` is what remains as written (building, floor). `code` is the
    six-digit 全国地方公共団体コード, `town_id` the 町字ID. `lat`/`lon` are degrees (JGD2011) of a point that stands for the
    place at `level`, None when there is none or several places fit. `precision_m` is the distance in metres within which
    the address lies in nine of ten cases. `match` is exact when everything the address states down to its street number
    was found, partial when it states more than was found. `evidence` holds codes, told in docs/reference/addresses.md.
    """

    input: str
    prefecture: str
    municipality: str
    town: str
    chome: int | None
    koaza: str
    block: str
    rest: str
    code: str
    town_id: str
    postcode: str
    lat: float | None
    lon: float | None
    level: Level
    match: Match
    precision_m: int | None
    evidence: tuple[str, ...]
    candidates: tuple[Candidate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; members that are often absent are left out when empty."""
        found: dict[str, Any] = {
            "input": self.input,
            "prefecture": self.prefecture,
            "municipality": self.municipality,
            "town": self.town,
        }
        if self.chome is not None:
            found["chome"] = self.chome
        if self.koaza:
            found["koaza"] = self.koaza
        if self.block:
            found["block"] = self.block
        found["rest"] = self.rest
        found["code"] = self.code
        if self.town_id:
            found["town_id"] = self.town_id
        if self.postcode:
            found["postcode"] = self.postcode
        found["lat"] = self.lat
        found["lon"] = self.lon
        found["level"] = self.level
        found["match"] = self.match
        found["precision_m"] = self.precision_m
        found["evidence"] = self.evidence
        if self.candidates:
            found["candidates"] = [candidate._asdict() for candidate in self.candidates]
        return found

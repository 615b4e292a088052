"""Every municipality of Japan by code and by name (総務省 全国地方公共団体コード), and areas at the head of an address."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from tdpf.controlplane.preparation.engine.place_spelling import fold
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.areas import areas, is_ward, prefecture_of

_COUNTY = re.compile(r"[^\s市区町村0-9]{1,5}郡")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A city, town, village or ward. `name` of a ward of a designated city begins with the city: 札幌市中央区."""

    code: str
    prefecture: str
    name: str

    @property
    def full_name(self) -> str:
        """The name with its prefecture in front."""
        return self.prefecture + self.name


@dataclass(frozen=True, slots=True)
class Head:
    """The area an address begins with. `prefecture_stated` and `stated` say what was written out; `rest` is what follows."""

    prefecture: str
    municipality: Municipality | None
    prefecture_stated: bool
    county: str
    rest: str


@cache
def by_code() -> dict[str, Municipality]:
    """Return every municipality by its six-digit code."""
    found = {}
    for area in areas().values():
        if area.parent:
            city = areas()[area.parent].label.ja if is_ward(area.code) else ""
            name = city + area.label.ja
            found[area.code] = Municipality(area.code, areas()[prefecture_of(area.code)].label.ja, name)
    return found


@cache
def _by_name() -> dict[str, tuple[Municipality, ...]]:
    found: dict[str, list[Municipality]] = {}
    for municipality in by_code().values():
        found.setdefault(fold(municipality.name), []).append(municipality)
    return {name: tuple(several) for name, several in found.items()}


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in sorted(_by_name(), key=len, reverse=True)))


@cache
def _wards() -> dict[str, tuple[Municipality, ...]]:
    """Return wards of designated cities by the ward's name alone (中央区)."""
    found: dict[str, list[Municipality]] = {}
    for municipality in by_code().values():
        city, mark, ward = municipality.name.partition("市")
        if mark and ward.endswith("区"):
            found.setdefault(fold(ward), []).append(municipality)
        del city
    return {name: tuple(several) for name, several in found.items()}


def named(name: str, prefecture: str = "") -> Municipality | None:
    """Return the municipality of that name, with or without prefecture and county; None when it is not the only one."""
    head = head_of(name, prefecture)
    return head.municipality if head is not None and head.municipality and not head.rest.strip() else None


def area_code(prefecture: str, municipality: str) -> str:
    """Return the six-digit code of a municipality, or of the prefecture when no municipality is given; empty if unknown."""
    if municipality.strip():
        found = named(municipality, prefecture)
        return found.code if found else ""
    return prefectures().get(prefecture.strip(), "")


@lru_cache(maxsize=65_536)
def head_of(address: str, prefecture: str = "") -> Head | None:
    """Return the area at the head of an address, or None when it begins with none that is known beyond doubt.

    `prefecture` decides between municipalities of the same name where the address does not say.
    """
    text = unicodedata.normalize("NFKC", address).strip()
    stated = next((name for name in prefectures() if text.startswith(name)), "")
    rest = text.removeprefix(stated).lstrip()
    county = _COUNTY.match(rest)
    match = _pattern().match(fold(rest))
    written = ""
    if match is None and county:
        written = county.group()
        rest = rest[county.end() :].lstrip()
        match = _pattern().match(fold(rest))
    known = stated or prefecture
    if match is not None:
        candidates = _by_name()[match.group()]
        fitting = [entry for entry in candidates if not known or entry.prefecture == known]
        doubtful = match.group() in _wards() or (match.group()[-1] in "町村" and not written)
        if not known and doubtful:
            fitting = []
        if len(fitting) == 1:
            return Head(fitting[0].prefecture, fitting[0], bool(stated), written, rest[match.end() :].lstrip())
    if stated:
        return Head(stated, None, True, "", text.removeprefix(stated).lstrip())
    return None


def city_of_wards(wards: frozenset[str]) -> Municipality | None:
    """Return the designated city that alone has wards of all these names (西区, 北区, 大宮区 …)."""
    cities = [{ward.name.removesuffix(name) for ward in _wards().get(fold(name), ())} for name in wards]
    common = set.intersection(*cities) if cities else set()
    return named(common.pop()) if len(common) == 1 else None


def ward_of(city: Municipality, address: str) -> Municipality | None:
    """Return the ward of a designated city that an address without the city's name begins with."""
    text = fold(unicodedata.normalize("NFKC", address).strip())
    for name, wards in _wards().items():
        if text.startswith(name):
            return next((ward for ward in wards if ward.name.startswith(city.name)), None)
    return None

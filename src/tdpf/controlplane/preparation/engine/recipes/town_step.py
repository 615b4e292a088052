"""The part of address.parse that needs a gazetteer: the town, its ID, the street number and the building of an address."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.types import Geocoded
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.types import Frame

_KNOWN = ("oaza", "chome", "block", "residence")
_DIGITS = "〇一二三四五六七八九"
_BUILDING = re.compile(r"[^\d\s()（）,、-].{1,60}")


def fill_towns(state: State, frame: Frame, names: Mapping[str, str], code: str, step: str) -> None:
    """Fill empty cells of the columns named in `names` (address, town, block, building, town_id) of every row.

    Only addresses whose town is in the gazetteer, and lies in the municipality of the row's own code where that is stated.
    """
    if state.gazetteer is None:
        return
    geocoder = Geocoder(state.gazetteer, municipality=code)
    stated = frame.columns.get(names.get("code", ""), [None] * frame.height)
    for row, value in enumerate(frame.columns[names["address"]]):
        if not value:
            continue
        place = geocoder.geocode(value)
        if place.level not in _KNOWN or (stated[row] and stated[row] != place.code):
            continue
        sure = 0.95 if place.match == "exact" else 0.8
        for part, text, rule in (
            ("town", official_town(place), "address.town"),
            ("town_id", f"{place.town_id[:4]}-{place.town_id[4:]}" if place.town_id else "", "address.town-id"),
            ("block", place.block, "address.block"),
            ("building", place.rest if _BUILDING.fullmatch(place.rest) else "", "address.building"),
        ):
            name = names.get(part, "")
            if name and text and not frame.column(name)[row]:
                frame.columns[name][row] = text
                state.log.add(frame, row, name, step=step, before=None, after=text, rule=rule, confidence=sure)


def official_town(place: Geocoded) -> str:
    """Return the town as the registry writes it: 霞が関一丁目, 本宿字元宿 as 本宿元宿."""
    if place.chome is None:
        return place.town + place.koaza
    tens, ones = divmod(place.chome, 10)
    kanji = ("" if tens < 2 else _DIGITS[tens]) + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    return f"{place.town}{kanji}丁目"

"""From the town on: which town, chome and number of a known municipality an address names, and where that is."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from tdpf.controlplane.preparation.engine.addresses.heads import wards_of
from tdpf.controlplane.preparation.engine.addresses.numbers import Numbers, read_numbers
from tdpf.controlplane.preparation.engine.addresses.towns import Gazetteer, Town, Towns, folded_town
from tdpf.controlplane.preparation.engine.addresses.types import Geocoded, Level, Match
from tdpf.controlplane.preparation.engine.municipalities import Municipality
from tdpf.controlplane.preparation.engine.place_spelling import fold
from tdpf.kit.areas import areas, municipality_of

RESIDENCE_M = 30
BLOCK_M = 120
MUNICIPALITY_M = 10_000
SEPARATORS = " 　,、，\t\r\n"
_OAZA = re.compile(r" *(?:大字|小字|字)")
_STREETS = re.compile(r"(?:上ケ?[るル]|下ケ?[るル]|入[るルリり]?|角)")
_NAMES_GO_ON = frozenset("市町村通丁条")
_TOWN = re.compile(
    r"(?:大字|字)?((?:[^0-9０-９\s　,、，(（]|[0-9０-９]+(?=条|線|号線))*?)"
    r"(?=[0-9０-９](?![0-9０-９]*(?:条|線|号線))|[一二三四五六七八九十百]+(?:丁目|番(?![町丁])|号|[-－―ー‐−の][\d一二三四五六七八九十])|[\s　,、，(（]|$)"
)
_NO_TOWN = re.compile(
    r"役[所場]|立(?:小|中|高|図書|保育|幼稚|病院|総合|公園|体育|文化|学)|内(?=$|[\s　のに全])|(?:区|市|町|村)?民(?:会館|センター|プラザ|体育)|議会|無番地|番外地|全域|各所|他$|ほか"
)


class Written(NamedTuple):
    """An address as given, the text that is worked on, its folded form (as long as the text), its postal code if stated."""

    address: str
    text: str
    folded: str
    postcode: str


class Placer:
    """Places addresses in a gazetteer, once their municipality is known."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def place(
        self,
        written: Written,
        begin: int,
        municipality: Municipality,
        evidence: list[str],
    ) -> Geocoded:
        """Return an address whose municipality is known, from its town on."""
        text, folded = written.text, written.folded
        towns = self._gazetteer.towns(municipality.code)
        town, end = towns.match(folded, begin)
        start = begin
        if town is None or (folded[end : end + 1] in _NAMES_GO_ON and not _goes_on(town, folded, end)):
            guessed = False
            again = begin + len(municipality.name)
            if folded.startswith(_own_name(municipality.name), begin) and folded[again : again + 1] != "場":
                evidence.append("municipality-twice")
                return self.place(written, skip(folded, again), municipality, evidence)
            municipality, town, start, end, found = self._search(municipality, towns, written, begin)
            if found:
                evidence.append(found)
                guessed = found == "town-by-end"
            if town is None:
                return self._to_municipality(written, start, municipality, evidence)
            if guessed:
                numbers = read_numbers(folded, end, town.chomes or ())
                evidence.append("town")
                return self._number(written, municipality, town, town, numbers, evidence)._replace(match="partial")
        evidence.append("town")
        whole = town
        if text[start:end] != town.name:
            evidence.append("spelling")
        if town.koazas is not None:
            oaza = _OAZA.match(folded, end)
            inner, inner_end = town.koazas.match(folded, oaza.end() if oaza else skip(folded, end))
            if inner is not None:
                town, end = inner, inner_end
                evidence.append("koaza")
        numbers = read_numbers(folded, end, town.chomes or ())
        return self._number(written, municipality, whole, town, numbers, evidence)

    def _number(
        self,
        written: Written,
        municipality: Municipality,
        whole: Town,
        town: Town,
        numbers: Numbers,
        evidence: list[str],
    ) -> Geocoded:
        postcode, koaza = written.postcode, town.koaza
        chome, block, end = numbers
        match: Match = "exact"
        level: Level = "chome" if koaza else "oaza"
        name = whole.name
        if chome is not None:
            inner = town.chomes.get(chome) if town.chomes else None
            if inner is not None:
                town, level = inner, "chome"
                if name.startswith(("大字", "字")):
                    # The 大字 is a 町字 of its own beside the chome, which do not bear the word.
                    name = name.removeprefix("大字").removeprefix("字")
                    if name in written.text and "spelling" in evidence:
                        evidence.remove("spelling")
            else:
                match = "partial"
                evidence.append("chome-unknown")
        elif block and _is_chome_only(town):
            match = "partial"
            evidence.append("chome-unknown")
        rest = written.text[end:]
        if rest:
            if block == () and rest[0] not in SEPARATORS and rest[0] not in "(（":
                match = "partial"
            rest = rest.strip(SEPARATORS)
        point, precision = town.point, town.precision_m
        if block and town.numbers is None:
            evidence.append("no-numbers")
        elif block:
            found = self._gazetteer.number(town, block)
            if found is None:
                match = "partial"
                evidence.append("block-unknown")
            else:
                point = found.point
                level, precision = ("residence", RESIDENCE_M) if found.kind == "residence" else ("block", BLOCK_M)
                if not found.whole:
                    match = "partial"
                    evidence.append("residence-unknown")
        if point is None:
            point, precision = whole.point, whole.precision_m
            level = "oaza"
        if point is None:
            point, precision, known = _of_municipality(municipality)
            level = "municipality"
            evidence.extend(("town-without-point", *known))
        if postcode:
            if town.postcode:
                evidence.append("postcode-agrees" if town.postcode == postcode else "postcode-differs")
        else:
            postcode = town.postcode
        return Geocoded(
            written.address,
            municipality.prefecture,
            municipality.name,
            name,
            chome,
            koaza,
            "-".join(block),
            rest,
            municipality.code,
            town.town_id,
            postcode,
            point[0] if point else None,
            point[1] if point else None,
            level,
            match,
            precision if point else None,
            tuple(evidence),
        )

    def _search(
        self, municipality: Municipality, towns: Towns, written: Written, begin: int
    ) -> tuple[Municipality, Town | None, int, int, str]:
        """Look for the town by ways that are seldom needed; return it, where it begins and ends, and how it was found."""
        text, folded = written.text, written.folded
        oaza = _OAZA.match(folded, begin)
        if oaza:
            town, end = towns.match(folded, skip(folded, oaza.end()))
            if town is not None:
                return municipality, town, begin, end, ""
        blank = folded.find(" ", begin, begin + 12)
        if blank > begin:
            town, end = towns.match(folded[:blank] + folded[blank + 1 :], begin)
            if town is not None and end > blank:
                return municipality, town, begin, end + 1, ""
        small = folded.find("ケ", begin + 1, begin + 8)
        if small > begin:
            town, end = towns.match(folded[:small] + folded[small + 1 :], begin)
            if town is not None and end > small:
                return municipality, town, begin, end + 1, ""
        if not len(towns) and municipality_of(municipality.code) == municipality.code:
            found = [
                (ward, *self._gazetteer.towns(ward.code).match(folded, begin)) for ward in wards_of(municipality.code)
            ]
            found = [entry for entry in found if entry[1] is not None]
            if len(found) == 1:
                return found[0][0], found[0][1], begin, found[0][2], "ward-by-town"
        if municipality.code.startswith("261"):
            places = [match.end() for match in _STREETS.finditer(folded, begin)]
            for place in reversed(places):
                town, end = towns.match(folded, place)
                if town is not None:
                    return municipality, town, place, end, "street-names"
            if places:
                return municipality, None, places[-1], begin, "street-names"
        name = _TOWN.match(text, begin)
        if name and len(towns) and len(name[1]) > 1:
            town = towns.ending(folded_town(name[1]))
            if town is not None:
                return municipality, town, begin, name.end(1), "town-by-end"
        return municipality, None, begin, begin, ""

    def _to_municipality(
        self,
        written: Written,
        begin: int,
        municipality: Municipality,
        evidence: list[str],
    ) -> Geocoded:
        """Return an address whose town is not in the gazetteer: the town as written."""
        text, folded = written.text, written.folded
        town, end = "", begin
        name = _TOWN.match(text, begin)
        if name and not _NO_TOWN.match(text, begin):
            town, end = name[1], name.end()
        bare = folded[begin : begin + 1].isdigit()
        chome, block, behind = read_numbers(folded, end, ()) if town or bare else (None, (), end)
        point, precision, known = _of_municipality(municipality)
        rest = text[behind:].strip(SEPARATORS)
        evidence.extend(known)
        if town:
            evidence.append("town-unknown" if len(self._gazetteer.towns(municipality.code)) else "no-towns")
        return Geocoded(
            written.address,
            municipality.prefecture,
            municipality.name,
            town,
            chome,
            "",
            "-".join(block),
            rest,
            municipality.code,
            "",
            written.postcode,
            point[0] if point else None,
            point[1] if point else None,
            "municipality",
            "partial" if town or rest or chome is not None or block else "exact",
            precision if point else None,
            tuple(evidence),
        )


def _goes_on(town: Town, folded: str, end: int) -> bool:
    """Say whether what follows a town's name is a number of its chome or one of its koaza, not the rest of a longer name."""
    return folded[end] == "丁" or (town.koazas is not None and town.koazas.match(folded, end)[0] is not None)


def _is_chome_only(town: Town) -> bool:
    """Say whether a town is nothing but its chome: they are in the register, itself and koaza are not."""
    if town.town_id or town.koazas is not None or not town.chomes:
        return False
    return bool(next(iter(town.chomes.values())).town_id)


@cache
def _own_name(municipality: str) -> str:
    return fold(municipality)


def skip(folded: str, begin: int) -> int:
    """Return the place of the next character that is no blank."""
    while folded[begin : begin + 1] == " ":
        begin += 1
    return begin


def _of_municipality(municipality: Municipality) -> tuple[tuple[float, float] | None, int, tuple[str, ...]]:
    area = areas()[municipality.code]
    if area.point is not None:
        return area.point, MUNICIPALITY_M, ()
    parent = areas().get(area.parent)
    return (parent.point if parent else None), 2 * MUNICIPALITY_M, ("coordinates-of-city",)

"""Addresses as people write them → their parts, the place they name, and how sure that is.

An address is read from the left: postal code, prefecture, municipality, town, numbers, the rest. Every comparison is of
folded text, which is as long as the text itself, so that what remains can be given back as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tdpf.controlplane.preparation.engine.addresses.heads import Meaning, heads, postal_prefecture, prefectures_folded
from tdpf.controlplane.preparation.engine.addresses.placing import SEPARATORS, Placer, Written, skip
from tdpf.controlplane.preparation.engine.addresses.towns import Gazetteer, NoTowns
from tdpf.controlplane.preparation.engine.addresses.types import Candidate, Geocoded
from tdpf.controlplane.preparation.engine.municipalities import Municipality, by_code
from tdpf.controlplane.preparation.engine.place_spelling import even, fold
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.areas import areas, municipality_of

LONGEST = 500
_POSTAL = re.compile(r"〒? ?([0-9]{3})-?([0-9]{4})(?![0-9-]) *")
_POSTAL_BEHIND = re.compile(r"[ (（]*〒 ?([0-9]{3})-?([0-9]{4})(?![0-9])[)）]?")
_BEFORE = re.compile(r"(?:日本(?:国)?[ ,]+|(?:住所|所在地|所在)[:： ]+)+")
_COUNTY = re.compile(r"[^\s市区町村]{1,5}?(?:郡|島|支庁)")
# What follows a town of a city rather than a municipality of that name: a number or the rest of a longer name.
_TOWN_OF_A_CITY = re.compile(
    r"[0-9]+(?:[丁番号条線の]|(?![0-9一-龥ぁ-んァ-ヶ]))|[東西南北本大]?(?:通|[0-9]+(?:丁|(?![0-9一-龥])))|[-(丁条駅ァ-ヶー]|ビル|公園"
)
_PREFECTURE_M = 60_000


class Geocoder:
    """Parts and places addresses. `prefecture` (a name) and `municipality` (a code) say where addresses that leave them out lie."""

    def __init__(self, gazetteer: Gazetteer | None = None, *, prefecture: str = "", municipality: str = "") -> None:
        self._gazetteer: Gazetteer = gazetteer or NoTowns()
        self._place = Placer(self._gazetteer).place
        self._home = by_code().get(municipality)
        self._prefecture = self._home.prefecture if self._home else prefecture
        self._nation = heads()
        self._prefectures = prefectures_folded()
        self._heads = {name: heads(name) for name in self._prefectures.values()}
        self._codes = prefectures()

    def geocode(self, address: str) -> Geocoded:
        """Return the parts of one address and the place it names; never raises for any text."""
        text = even(address[:LONGEST])
        if "ニ丁目" in text:
            text = text.replace("ニ丁目", "二丁目")
        folded = fold(text)
        begin, evidence = 0, []
        postcode = ""
        if folded[:1] in " 〒0123456789日住所":
            begin, postcode = _before(folded)
        if "〒" in folded:
            behind = _POSTAL_BEHIND.search(folded, begin)
            if behind:
                postcode = postcode or behind[1] + behind[2]
                text = text[: behind.start()] + " " * (behind.end() - behind.start()) + text[behind.end() :]
                folded = folded[: behind.start()] + " " * (behind.end() - behind.start()) + folded[behind.end() :]
        written = Written(address, text, folded, postcode)
        prefecture, begin = self._read_prefecture(folded, begin)
        if prefecture:
            evidence.append("prefecture")
            names = self._heads[prefecture]
        else:
            names = self._nation
        meanings, end = names.match(folded, begin)
        if not meanings:
            county = _COUNTY.match(folded, begin)
            if county:
                meanings, end = names.match(folded, skip(folded, county.end()))
        if len(meanings) == 1 and (prefecture or meanings[0].kind in ("name", "county", "former")):
            municipality = meanings[0].municipality
            kind = meanings[0].kind
            if kind == "former":
                again, past = names.match(folded, end)  # An island's name may lead its town's: 三宅島三宅村.
                end = past if municipality in {meaning.municipality for meaning in again} else end
                evidence.append("municipality-former")
            elif kind == "ward":
                evidence.append("ward-without-city")
            else:
                evidence.append("municipality")
            return self._place(
                written, skip(folded, end) if folded[end : end + 1] == " " else end, municipality, evidence
            )
        return self._decide(written, begin, prefecture, meanings, end, evidence)

    def _read_prefecture(self, folded: str, begin: int) -> tuple[str, int]:
        for length in (3, 4):
            found = self._prefectures.get(folded[begin : begin + length])
            if found:
                end = begin + length
                return found, skip(folded, end) if folded[end : end + 1] == " " else end
        return "", begin

    def _decide(
        self,
        written: Written,
        begin: int,
        prefecture: str,
        meanings: tuple[Meaning, ...],
        end: int,
        evidence: list[str],
    ) -> Geocoded:
        """Find the municipality of an address that does not state just one; say so when it cannot be told."""
        home, folded = self._home, written.folded
        if home is not None and not (prefecture and prefecture != home.prefecture):
            own = [meaning for meaning in meanings if _within(meaning.municipality, home)]
            if len(own) == 1:
                at = skip(folded, end)
                return self._place(written, at, own[0].municipality, [*evidence, "municipality-hint"])
            towns_here = self._gazetteer.towns(home.code)
            is_town = towns_here.match(folded, begin)[0] is not None
            if (not meanings or is_town) and written.text[begin:].strip():
                return self._place(written, begin, home, [*evidence, "municipality-hint"])
        if not meanings:
            return self._without(written, begin, prefecture, evidence)
        at = skip(folded, end)
        left = list(meanings)
        narrowed = bool(prefecture)
        for code, wanted in (
            ("municipality-by-postcode", "" if prefecture else postal_prefecture(written.postcode)),
            ("municipality-by-hint", "" if prefecture else self._prefecture),
        ):
            kept = [meaning for meaning in left if meaning.municipality.prefecture == wanted]
            if kept and not narrowed:
                evidence = [*evidence, code]
                left, narrowed = kept, True
        if len(left) > 1:
            stated = [meaning for meaning in left if meaning.kind in ("name", "county", "town")]
            fitting = self._with_town(left, folded, at)
            if len(fitting) == 1 and (fitting == stated or self._all_known(left)):
                left = fitting
                evidence = [*evidence, "municipality-by-town"]
        elif left[0].kind in ("town", "ward") and not narrowed:
            if self._with_town(left, folded, at):
                evidence = [*evidence, "municipality-by-town"]
            elif left[0].kind == "ward" or not _TOWN_OF_A_CITY.match(folded, at):
                evidence = [*evidence, "municipality-only-one"]
            else:
                found = self._without(written, begin, prefecture, [*evidence, "municipality-or-town"])
                return found._replace(candidates=_candidates(left))
        if len(left) == 1:
            kind = left[0].kind
            evidence = [*evidence, "ward-without-city"] if kind == "ward" else evidence
            evidence = [*evidence, "municipality-former"] if kind == "former" else evidence
            return self._place(written, at, left[0].municipality, evidence)
        return self._ambiguous(written, begin, prefecture, left, evidence)

    def _with_town(self, meanings: Sequence[Meaning], folded: str, begin: int) -> list[Meaning]:
        """Return the meanings whose towns the address goes on with, those with the longest name."""
        ends = {
            meaning: self._gazetteer.towns(meaning.municipality.code).match(folded, begin)[1] for meaning in meanings
        }
        longest = max(ends.values(), default=begin)
        return [meaning for meaning, reached in ends.items() if reached == longest] if longest > begin else []

    def _all_known(self, meanings: Sequence[Meaning]) -> bool:
        return all(len(self._gazetteer.towns(meaning.municipality.code)) for meaning in meanings)

    def _without(self, written: Written, begin: int, prefecture: str, evidence: list[str]) -> Geocoded:
        """Return an address in which no municipality was found."""
        rest = written.text[begin:].strip(SEPARATORS)
        code = self._codes.get(prefecture, "")
        area = areas().get(code)
        point = area.point if area else None
        return Geocoded(
            input=written.address,
            prefecture=prefecture,
            municipality="",
            town="",
            chome=None,
            koaza="",
            block="",
            rest=rest,
            code=code,
            town_id="",
            postcode=written.postcode,
            lat=point[0] if point else None,
            lon=point[1] if point else None,
            level="prefecture" if prefecture else "none",
            match="none" if not prefecture else "partial" if rest else "exact",
            precision_m=_PREFECTURE_M if point else None,
            evidence=(*evidence, "municipality-unknown") if rest else tuple(evidence),
        )

    def _ambiguous(
        self,
        written: Written,
        begin: int,
        prefecture: str,
        meanings: Sequence[Meaning],
        evidence: list[str],
    ) -> Geocoded:
        found = {meaning.municipality.prefecture for meaning in meanings}
        common = prefecture or (found.pop() if len(found) == 1 and len(meanings) > 1 else "")
        return Geocoded(
            input=written.address,
            prefecture=common,
            municipality="",
            town="",
            chome=None,
            koaza="",
            block="",
            rest=written.text[begin:].strip(SEPARATORS),
            code="",
            town_id="",
            postcode=written.postcode,
            lat=None,
            lon=None,
            level="none",
            match="ambiguous",
            precision_m=None,
            evidence=(*evidence, "municipality-ambiguous"),
            candidates=_candidates(meanings),
        )


def _candidates(meanings: Sequence[Meaning]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(meaning.municipality.prefecture, meaning.municipality.name, meaning.municipality.code)
        for meaning in meanings
    )


def _before(folded: str) -> tuple[int, str]:
    """Return where the address begins behind a country, a label and a postal code, and that code."""
    begin = len(folded) - len(folded.lstrip(" "))
    label = _BEFORE.match(folded, begin)
    if label:
        begin = label.end()
    postal = _POSTAL.match(folded, begin)
    if postal is None:
        return begin, ""
    return postal.end(), postal[1] + postal[2]


def _within(municipality: Municipality, home: Municipality) -> bool:
    return municipality.code == home.code or municipality_of(municipality.code) == home.code

"""Which rows are the same thing: by name and address, by name and distance, by address and a similar name. Pure and deterministic."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise, product

from tdpf.controlplane.preparation.engine.merging.types import Entity, Mark, Match

NEAR_METRES = 60.0
FAR_METRES = 300.0
ALIKE = 0.8
_MOST_IN_BLOCK = 60
_NOTHING_SAID: Mapping[frozenset[Mark], bool] = {}
_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|社会福祉法人|医療法人(?:社団|財団)?|一般(?:社団|財団)法人|公益(?:社団|財団)法人|特定非営利活動法人|\((?:株|有|医|福)\)"
)
_IGNORED = re.compile(r"[\s・･.,、。()\[\]「」『』\"'’“”/-]")
_TELLING = re.compile(r"\d+|[一二三四五六七八九十東西南北新旧上下左右男女甲乙丙a-z]")
_TOILET = re.compile(r"便所|お?手洗い?所?|化粧室")
_CHOME = re.compile(r"([一二三四五六七八九]?十?[一二三四五六七八九]?)丁目-?")
_DIGITS = {letter: number for number, letter in enumerate("〇一二三四五六七八九")}
_DASHES = re.compile(r"[‐‑–—―−－ー~〜]")
_REMEMBERED = 65_536


@lru_cache(maxsize=_REMEMBERED)
def folded_name(text: str) -> str:
    """Return a name without width, case, spaces, marks and legal form; ヶ and ケ are the same."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _COMPANY.sub("", plain)
    plain = _IGNORED.sub("", plain)
    return plain.replace("ヶ", "ケ").replace("ヵ", "カ")


@lru_cache(maxsize=_REMEMBERED)
def folded_address(text: str) -> str:
    """Return an address in one way of writing: digits and dashes narrow, 丁目 番 号 as dashes, without spaces."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"\s", "", plain)
    plain = re.sub(r"(\d)(?:丁目|番地の|番地|番|号|の|-)+(?=\d)", r"\1-", plain)
    plain = re.sub(r"(\d)(?:丁目|番地|番|号)(?=\D|$)", r"\1", plain)
    return plain.replace("ヶ", "ケ").replace("大字", "").replace("字", "")


@lru_cache(maxsize=_REMEMBERED)
def same_name(name: str) -> str:
    """Return a folded name with what towns call a toilet in one word; only for comparing, marks keep the name."""
    return _TOILET.sub("トイレ", name)


@lru_cache(maxsize=_REMEMBERED)
def same_address(address: str) -> str:
    """Return a folded address with the number of a chome in digits; only for comparing, marks keep the address."""
    found = _CHOME.sub(lambda match: f"{_number(match[1])}-" if match[1] else match[0], address)
    return found.rstrip("-")


def _number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    return (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


def find_matches(entities: Sequence[Entity], said: Mapping[frozenset[Mark], bool] = _NOTHING_SAID) -> list[Match]:
    """Return the groups of rows that are the same thing, in the order of their first rows.

    `said` is what persons said of pairs of marks: the same thing or not. Rows that are not never meet in a group, whatever joins others.
    """
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, entity in enumerate(entities):
        if entity.name:
            blocks[("name", same_name(entity.name))].append(index)
        address = same_address(entity.address)
        if any(character.isdigit() for character in address):
            blocks[("address", address)].append(index)
    owner = list(range(len(entities)))
    reasons: dict[int, tuple[str, float | None]] = {}
    joined, parted = _said_of(entities, said)
    found_pairs: list[tuple[int, int, tuple[str, float | None]]] = [
        (first, second, ("said", distance(entities[first].point, entities[second].point))) for first, second in joined
    ]
    found_pairs += [
        (first, second, found)
        for first, second in _pairs(blocks.values())
        if (first, second) not in parted and (found := same(entities[first], entities[second])) is not None
    ]
    # What has its own name elsewhere is not the thing next door with a similar name.
    named = {
        place
        for first, second, found in found_pairs
        if found[0] not in ("address-near", "said")
        for place in (first, second)
    }
    for first, second, found in found_pairs:
        if found[0] == "address-near" and (first in named or second in named):
            continue
        one, other = _root(owner, first), _root(owner, second)
        low, high = min(one, other), max(one, other)
        if low != high and any({_root(owner, place) for place in pair} == {low, high} for pair in parted):
            continue
        why, metres = found
        before = reasons.pop(high, None) if high != low else None
        kept = reasons.get(low)
        widest = max((entry[1] for entry in (before, kept) if entry and entry[1] is not None), default=None)
        metres = metres if widest is None else widest if metres is None else max(widest, metres)
        reasons[low] = (kept[0] if kept else why, metres)
        owner[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for index in range(len(entities)):
        groups[_root(owner, index)].append(index)
    return [
        Match(places=tuple(entities[index].place for index in members), why=reasons[root][0], metres=reasons[root][1])
        for root, members in sorted(groups.items())
        if len(members) > 1
    ]


def _said_of(
    entities: Sequence[Entity], said: Mapping[frozenset[Mark], bool]
) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    """Return the pairs of places that persons joined, and those that they parted."""
    joined: list[tuple[int, int]] = []
    parted: set[tuple[int, int]] = set()
    if not said:
        return joined, parted
    wanted = {mark for pair in said for mark in pair}
    places: dict[Mark, list[int]] = defaultdict(list)
    for index, entity in enumerate(entities):
        if entity.mark in wanted:
            places[entity.mark].append(index)
    for pair, alike in said.items():
        one, *rest = sorted(pair)
        found = product(places[one], places[rest[0] if rest else one])
        pairs = sorted({(min(both), max(both)) for both in found if both[0] != both[1]})
        if alike:
            joined += pairs
        else:
            parted.update(pairs)
    return sorted(joined), parted


def same(one: Entity, other: Entity) -> tuple[str, float | None] | None:
    """Return why two rows are the same thing and how far apart they lie, or None."""
    if any(first and second and first != second for first, second in zip(one.apart, other.apart, strict=True)):
        return None
    metres = distance(one.point, other.point)
    if metres is not None and metres > FAR_METRES:
        return None
    alike = bool(one.name) and same_name(one.name) == same_name(other.name)
    at_one_place = bool(one.address) and same_address(one.address) == same_address(other.address)
    if alike and at_one_place:
        return "name-address", metres
    if alike and metres is not None and metres <= NEAR_METRES:
        return "name-near", metres
    if (
        at_one_place
        and (metres is None or metres <= NEAR_METRES)
        and _similar(same_name(one.name), same_name(other.name))
    ):
        return "address-near", metres
    return None


def distance(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    """Return the metres between two points (latitude, longitude), or None when one is not known; good to 0.5 % below 100 km."""
    if one is None or other is None:
        return None
    middle = math.radians((one[0] + other[0]) / 2)
    north = (one[0] - other[0]) * 110_940.0
    east = (one[1] - other[1]) * 111_320.0 * math.cos(middle)
    return math.hypot(north, east)


def _similar(one: str, other: str) -> bool:
    if min(len(one), len(other)) < 2:
        return False
    # A number or a side of its own (第1・第2、北・南) makes two things.
    if _TELLING.findall(one) != _TELLING.findall(other):
        return False
    if one in other or other in one:
        return min(len(one), len(other)) >= 3
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _pairs(blocks: Iterable[list[int]]) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for members in blocks:
        if len(members) > _MOST_IN_BLOCK:
            # A name as common as this one (トイレ) says nothing by itself: neighbours in the table still meet.
            found.update(pairwise(members))
            continue
        found.update((one, other) for place, one in enumerate(members) for other in members[place + 1 :])
    return sorted(found)


def _root(owner: list[int], index: int) -> int:
    while owner[index] != index:
        owner[index] = owner[owner[index]]
        index = owner[index]
    return index

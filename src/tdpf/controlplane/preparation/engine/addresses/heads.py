"""Prefectures and municipalities at the head of an address: folded names and everything each may mean."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import NamedTuple

from tdpf.controlplane.preparation.engine.municipalities import Municipality, by_code
from tdpf.controlplane.preparation.engine.place_spelling import fold
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.areas import ENDED, areas, is_ward

# The first two digits of postal codes. Where a district's post office is over the border, only the names of the address count.
_POSTAL = (
    "北海道 00 04-09 秋田県 01 岩手県 02 青森県 03 東京都 10-20 神奈川県 21-25 千葉県 26-29 茨城県 30-31 栃木県 32 埼玉県 33-36 "
    "群馬県 37 長野県 38-39 山梨県 40 静岡県 41-43 愛知県 44-49 岐阜県 50 三重県 51 滋賀県 52 大阪府 53-59 京都府 60-62 奈良県 63 "
    "和歌山県 64 兵庫県 65-67 鳥取県 68 島根県 69 岡山県 70-71 広島県 72-73 山口県 74-75 香川県 76 徳島県 77 高知県 78 愛媛県 79 "
    "福岡県 80-83 佐賀県 84 長崎県 85 熊本県 86 大分県 87 宮崎県 88 鹿児島県 89 沖縄県 90 福井県 91 石川県 92 富山県 93 新潟県 94-95 "
    "福島県 96-97 宮城県 98 山形県 99"
)


class Meaning(NamedTuple):
    """One municipality that a name may stand for.

    `kind` is "name", "county" (with its county), "town" (a town or village without its county), "ward" (a ward without
    its city) or "former" (a name of before a merger; `stated` is that name).
    """

    municipality: Municipality
    kind: str
    stated: str = ""


Names = dict[str, tuple[Meaning, ...]]


class Heads(NamedTuple):
    """Names of municipalities in one prefecture or all: `lengths` are those of names by their first two characters."""

    names: Names
    lengths: dict[str, tuple[int, ...]]

    def match(self, folded: str, begin: int) -> tuple[tuple[Meaning, ...], int]:
        """Return what the longest name at a place may mean, and where it ends; nothing and `begin` when none is there."""
        for length in self.lengths.get(folded[begin : begin + 2], ()):
            found = self.names.get(folded[begin : begin + length])
            if found is not None:
                return found, min(begin + length, len(folded))
        return (), begin


@cache
def prefectures_folded() -> dict[str, str]:
    """Return the prefectures by their folded names."""
    return {fold(name): name for name in prefectures()}


@cache
def heads(prefecture: str = "") -> Heads:
    """Return the names of one prefecture, or of all."""
    found: dict[str, dict[Municipality, Meaning]] = {}

    def add(name: str, meaning: Meaning) -> None:
        found.setdefault(fold(name), {}).setdefault(meaning.municipality, meaning)

    for municipality in by_code().values():
        if municipality.code in ENDED or (prefecture and municipality.prefecture != prefecture):
            continue
        area = areas()[municipality.code]
        add(municipality.name, Meaning(municipality, "town" if area.label.ja[-1] in "町村" else "name"))
        if area.county:
            add(area.county + municipality.name, Meaning(municipality, "county"))
        if is_ward(area.code):
            add(area.label.ja, Meaning(municipality, "ward"))
    for old, new in _former():
        if not prefecture or new.prefecture == prefecture:
            add(old, Meaning(new, "former", old))
    names = {name: tuple(meanings.values()) for name, meanings in found.items()}
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[:2], set()).add(len(name))
    return Heads(names, {start: tuple(sorted(several, reverse=True)) for start, several in lengths.items()})


@cache
def _former() -> tuple[tuple[str, Municipality], ...]:
    text = (resources.files("tdpf.controlplane.preparation.engine.addresses") / "former.tsv").read_text(
        encoding="utf-8"
    )
    by_name = {(entry.prefecture, entry.name): entry for entry in by_code().values()}
    return tuple(
        (old, by_name[(prefecture, new)])
        for prefecture, old, several in (line.split("\t") for line in text.splitlines())
        for new in several.split(",")
    )


@cache
def wards_of(city: str) -> tuple[Municipality, ...]:
    """Return the wards of the designated city of a code that are in use."""
    return tuple(by_code()[area.code] for area in areas().values() if area.parent == city and area.code not in ENDED)


@cache
def postal_prefecture(postcode: str) -> str:
    """Return the prefecture that a postal code of seven digits most likely lies in."""
    if not _by_postal():
        return ""
    return _by_postal().get(postcode[:2], "")


@cache
def _by_postal() -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for word in _POSTAL.split():
        if not word[0].isdigit():
            name = word
            continue
        first, _, last = word.partition("-")
        found.update({f"{number:02}": name for number in range(int(first), int(last or first) + 1)})
    return found

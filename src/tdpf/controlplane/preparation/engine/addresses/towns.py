"""Towns of one municipality by their folded names, and the longest one at a place of an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tdpf.controlplane.preparation.engine.place_spelling import fold, whole_number

Point = tuple[float, float]
_ENDINGS_KEPT = 2_000


@dataclass(slots=True)
class Town:
    """A 大字・町 (its `chomes` by number, its `koazas` by name), one of its chome, or one of its koaza.

    `point` is (latitude, longitude) of a place that stands for it, `precision_m` how far its addresses lie from there.
    `numbers` says where its blocks and residences stand in the gazetteer: (offset, length, checksum).
    """

    name: str
    chome: int | None = None
    koaza: str = ""
    town_id: str = ""
    point: Point | None = None
    precision_m: int = 0
    postcode: str = ""
    numbers: tuple[int, int, int] | None = None
    chomes: dict[int, Town] | None = None
    koazas: Towns | None = None


class Towns:
    """Towns that are looked up by the longest name that an address goes on with."""

    __slots__ = ("_endings", "lengths", "names")

    def __init__(self) -> None:
        self.names: dict[str, Town] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        self._endings: dict[str, Town | None] = {}

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str, town: Town) -> Town:
        """Put a town under a name unless there is one, and return the one that is there."""
        key = folded_town(name)
        if not key:
            return town
        known = self.names.setdefault(key, town)
        lengths = self.lengths.get(key[0], ())
        if len(key) not in lengths:
            self.lengths[key[0]] = tuple(sorted((*lengths, len(key)), reverse=True))
        return known

    def match(self, folded: str, begin: int) -> tuple[Town | None, int]:
        """Return the town of the longest name at a place, and where the name ends; None and `begin` without one."""
        for length in self.lengths.get(folded[begin : begin + 1], ()):
            found = self.names.get(folded[begin : begin + length])
            if found is not None:
                return found, min(begin + length, len(folded))
        return None, begin

    def ending(self, name: str) -> Town | None:
        """Return the only town whose name ends with a folded name (神保町 for 神田神保町), or is it but for 町 at its end."""
        if name not in self._endings:
            found = {id(town): town for key, town in self.names.items() if key.endswith(name) or key == name + "町"}
            if len(self._endings) > _ENDINGS_KEPT:
                self._endings.clear()
            self._endings[name] = next(iter(found.values())) if len(found) == 1 else None
        return self._endings[name]


class NumberFound(NamedTuple):
    """A street number that is known: `kind` is "block" or "residence"; `whole` says that nothing more could be known."""

    point: Point
    kind: str
    whole: bool


class Gazetteer(Protocol):
    """Where towns and numbers are looked up."""

    def towns(self, code: str) -> Towns:
        """Return the towns of a municipality, empty when none are known."""
        ...

    def number(self, town: Town, numbers: Sequence[str]) -> NumberFound | None:
        """Return the place of the longest known beginning of numbers, None when there is none."""
        ...


_NONE = Towns()


class NoTowns:
    """The gazetteer of a fresh installation: it ends with municipalities."""

    def towns(self, code: str) -> Towns:
        """Return no towns."""
        del code
        return _NONE

    def number(self, town: Town, numbers: Sequence[str]) -> NumberFound | None:
        """Return nothing."""
        del town, numbers
        return None


def folded_town(name: str) -> str:
    """Return the key of a town's name: folded, without 大字 or 字 before it."""
    key = fold(name).replace(" ", "")
    for word in ("大字", "小字", "字"):
        if key.startswith(word) and len(key) > len(word):
            return key[len(word) :]
    return key


def parted(name: str) -> tuple[str, int | None]:
    """Return a town's name without its chome, and the chome: 霞が関一丁目 is (霞が関, 1)."""
    folded = fold(name)
    if not folded.endswith("丁目"):
        return name, None
    begin = len(folded) - 2
    while begin and folded[begin - 1] in "0123456789十":
        begin -= 1
    digits = folded[begin:-2]
    if not begin or not digits:
        return name, None
    return name[:begin], whole_number(digits)

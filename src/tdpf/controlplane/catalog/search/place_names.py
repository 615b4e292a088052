"""What people call the areas of the vocabulary when they search: 港区, 新宿, 都内, 23区, Shinjuku."""

from __future__ import annotations

from functools import cache

from tdpf.controlplane.catalog.search.analyzer import reading_of
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.vocabularies.areas import TOKYO, areas, areas_by_name

# Without 区 or 市 these are ordinary words.
_COMMON = frozenset({"中央", "府中", "北", "港", "東", "西", "南", "緑", "泉", "旭", "神津島", "利島"})
_COMMON_ENGLISH = frozenset({"chuo", "kita", "minato", "nagano", "sakai"})
_SHORTEST_SOUND = 4
_WARDS = frozenset(f"131{number:02d}" for number in range(1, 24))


@cache
def places_by_name() -> dict[str, tuple[str, ...]]:
    """Return area codes by folded name; a name that several areas share gives Tokyo's first."""
    found: dict[str, tuple[str, ...]] = {}
    for area in areas().values():
        known = area.parent in ("", TOKYO)
        name, english = area.label.ja, area.label.en.lower()
        short = name[:-1] if name[-1] in "都府県市区" else ""
        if known and len(short) > 1 and short not in _COMMON:
            found.setdefault(short, (area.code,))
        if english:
            found.setdefault(english, (area.code,))
        bare = english.removesuffix(" city").removesuffix(" town").removesuffix(" village").removesuffix(" prefecture")
        if known and bare and bare not in _COMMON_ENGLISH:
            found.setdefault(bare, (area.code,))
            found.setdefault(f"{bare} ward", (area.code,))
    inside = [area.code for area in areas().values() if area.parent == TOKYO]
    wards = tuple(code for code in inside if code[:5] in _WARDS)
    west = tuple(code for code in inside if "13201" <= code[:5] < "13360")
    islands = tuple(code for code in inside if code[:5] >= "13361")
    for name in ("都内", "都下", "東京", "tokyo"):
        found[name] = (TOKYO,)
    for name in ("23区", "特別区", "都区部", "区部"):
        found[name] = wards
    for name in ("多摩", "多摩地域", "多摩地区", "市町村部", "三多摩"):
        found[name] = west
    for name in ("島しょ", "島嶼", "島しょ部", "伊豆諸島"):
        found[name] = islands
    named: dict[str, tuple[str, ...]] = {}
    for name, codes in areas_by_name().items():
        named[fold(name)] = tuple(dict.fromkeys((*named.get(fold(name), ()), *codes)))
    return {**found, **named}


@cache
def places_by_sound() -> dict[str, str]:
    """Return the names of Tokyo, its municipalities and the prefectures by how they are read, in katakana; short ones say too little."""
    known = [area.code for area in areas().values() if area.parent in ("", TOKYO)]
    names = [name for name, codes in places_by_name().items() if codes[0] in known and not name.isascii()]
    sounds = {reading_of(name): name for name in reversed(names)}
    return {sound: name for sound, name in sounds.items() if len(sound) >= _SHORTEST_SOUND}

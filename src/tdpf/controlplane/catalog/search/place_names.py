"""What people call the areas of the vocabulary when they search: 港区, 新宿, 都内, 23区, Shinjuku."""

from __future__ import annotations

from functools import cache
from importlib import resources

from tdpf.controlplane.catalog.romanising import romanised
from tdpf.controlplane.catalog.search.analyzer import reading_of
from tdpf.controlplane.catalog.search.folding import fold
from tdpf.controlplane.catalog.vocabularies.areas import TOKYO, areas, areas_by_name

# Without 区 or 市 these are ordinary words.
_COMMON = frozenset({"中央", "府中", "北", "港", "東", "西", "南", "緑", "泉", "旭", "神津島", "利島"})
_COMMON_ENGLISH = frozenset({"nagano", "sakai"})
# Latin names of municipalities that are English or otherwise common words.
_WORDS = frozenset(
    {
        "date",
        "mine",
        "usa",
        "tone",
        "hope",
        "asahi",
        "higashi",
        "nishi",
        "minami",
        "midori",
        "sakae",
        "aoi",
        "izumi",
        "nose",
        "toon",
    }
)
_SHORTEST_LATIN = 4
_KINDS = {"区": "ku", "市": "shi", "都": "to", "県": "ken", "府": "fu"}
_SHORTEST_SOUND = 4
_SIDES = frozenset("東西南北上下元本新")
_STOPS = ("駅前", "駅周辺", "駅", "周辺", "エリア", "界隈", "地区")
_WARDS = frozenset(f"131{number:02d}" for number in range(1, 24))


@cache
def places_by_name() -> dict[str, tuple[str, ...]]:
    """Return area codes by folded name; a name that several areas share gives Tokyo's first."""
    found: dict[str, tuple[str, ...]] = {}
    latin: dict[str, dict[str, bool]] = {}
    for area in areas().values():
        known = area.parent in ("", TOKYO)
        name, english = area.label.ja, area.label.en.lower()
        short = name[:-1] if name[-1] in "都府県市区" else ""
        if known and len(short) > 1 and short not in _COMMON:
            found.setdefault(short, (area.code,))
        if english:
            found.setdefault(english, (area.code,))
            if len(english.split()[0]) >= _SHORTEST_LATIN and english.split()[0] not in {*_WORDS, *_COMMON_ENGLISH}:
                latin.setdefault(english.split()[0], {})[area.code] = english.endswith(" city")
        bare = english.removesuffix(" city").removesuffix(" town").removesuffix(" village").removesuffix(" prefecture")
        if known and bare and bare not in _COMMON_ENGLISH:
            found.setdefault(bare, (area.code,))
            found.setdefault(f"{bare} ward", (area.code,))
        if bare and name[-1] in _KINDS:
            found.setdefault(f"{bare}-{_KINDS[name[-1]]}", (area.code,))
    for name, quarter in quarters().items():
        letters = romanised(reading_of(name))
        if len(letters) >= _SHORTEST_LATIN and letters not in _WORDS:
            found.setdefault(letters, quarter)
    for name, same in latin.items():
        found.setdefault(name, tuple(sorted(same, key=lambda code: not same[code])))  # a city before a town
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
def quarters() -> dict[str, tuple[str, ...]]:
    """Return the codes of the municipalities that quarters, stations and sights of Tokyo lie in, by folded name."""
    lines = (
        (resources.files("tdpf.controlplane.catalog.search") / "quarters.csv").read_text(encoding="utf-8").splitlines()
    )
    found: dict[str, tuple[str, ...]] = {}
    for code, _, names in (line.partition(",") for line in lines if not line.startswith("#")):
        for name in names.split():
            found[fold(name)] = (*found.get(fold(name), ()), code)
    return found


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes of the areas that a folded name means or lies in, none for no place.

    A quarter is in its municipality, also with a side before it (西新宿) or as a station (下北沢駅).
    """
    known = places_by_name()
    if name in known:
        return known[name]
    for length in (3, 4):  # 東京都港区, as one word
        inner = known.get(name[length:], ()) if name[:length] in known and name[length - 1] in "都道府県" else ()
        if inside := tuple(code for code in inner if code[:2] == known[name[:length]][0][:2]):
            return inside
    for end in _STOPS:
        if name.endswith(end) and len(name) > len(end) + 1:
            bare = name.removesuffix(end)
            return known.get(bare) or _quarter(bare)
    return _quarter(name)


def _quarter(name: str) -> tuple[str, ...]:
    found = quarters()
    if name in found:
        return found[name]
    if len(name) > 2 and name[0] in _SIDES:
        return found.get(name[1:]) or _short_wards().get(name[1:], ())
    return ()


@cache
def _short_wards() -> dict[str, tuple[str, ...]]:
    """Wards as their stations are called: 新宿, but not 北."""
    wards = (area for area in areas().values() if area.parent == TOKYO and area.code[:5] in _WARDS)
    return {
        area.label.ja[:-1]: (area.code,)
        for area in wards
        if len(area.label.ja) > 2 and area.label.ja[:-1] not in _COMMON
    }


@cache
def sounding() -> dict[str, tuple[str, ...]]:
    """Return area codes by how a name is read, in katakana: municipalities, Tokyo's also without their kind, and quarters.

    Elsewhere too many of the bare names are read like other words (西条, 斎場).
    """
    found: dict[str, tuple[str, ...]] = {}
    for area in areas().values():
        kana = area.kana.replace(" ", "")
        near = area.parent in ("", TOKYO)
        for sound in (kana, _bare_sound(area.label.ja, kana) if near else ""):
            if len(sound) >= _SHORTEST_SOUND:
                known = found.get(sound, ())
                found[sound] = (area.code, *known) if near else (*known, area.code)
    for name, codes in quarters().items():
        sound = reading_of(name)
        if len(sound) >= _SHORTEST_SOUND:
            found.setdefault(sound, codes)
    return found


def _bare_sound(name: str, kana: str) -> str:
    for kind, sounds in (
        ("市", ("シ",)),
        ("区", ("ク",)),
        ("町", ("チョウ", "マチ")),
        ("村", ("ムラ", "ソン")),
        ("県", ("ケン",)),
    ):
        if name.endswith(kind):
            return next((kana.removesuffix(end) for end in sounds if kana.endswith(end)), "")
    return ""


@cache
def places_by_sound() -> dict[str, str]:
    """Return the names of Tokyo, its municipalities and the prefectures by how they are read, in katakana; short ones say too little."""
    known = [area.code for area in areas().values() if area.parent in ("", TOKYO)]
    names = [name for name, codes in places_by_name().items() if codes[0] in known and not name.isascii()]
    sounds = {reading_of(name): name for name in reversed(names)}
    return {sound: name for sound, name in sounds.items() if len(sound) >= _SHORTEST_SOUND}

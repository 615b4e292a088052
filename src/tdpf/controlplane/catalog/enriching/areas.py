"""Areas (全国地方公共団体コード) from codes, addresses of vocabularies and names; a name that several places share is never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from tdpf.controlplane.catalog.enriching.reading import Reading
from tdpf.controlplane.catalog.enriching.types import Note
from tdpf.controlplane.catalog.vocabularies.areas import (
    TOKYO,
    area_label,
    areas,
    is_ward,
    municipality_of,
    prefecture_of,
)
from tdpf.kit.codes import is_municipality_code, municipality_check_digit
from tdpf.kit.text import Text

MAX_AREAS = 100
_END = re.compile(r"[都道府県市区町村]")
_KANJI = re.compile(r"[\u3400-\u9fff々]")
_GOES_ON = {"区": "分域間画割切別", "市": "場販況", "町": "丁村", "村": "落"}
_BEFORE_A_NAME = frozenset("郡於の旧度年月日版号内在及")
_MERGED_AWAY = frozenset({"016951", "016969", "016977", "016985", "016993", "017001"})
_WHOLE = frozenset({"日本", "日本国", "日本全国", "全国", "japan", "jpn", "jp", "国内", "全域", "日本全域", "ja"})
_ENGLISH = re.compile(
    r"(?:(?:City|Town|Village) of )?([A-Z][a-z]+(?:-[A-Z][a-z]+)?)(?:[\s-](City|Ward|Town|Village|shi|ku|cho|machi|mura|son|Prefecture|ken|fu|to|Metropolis|Metropolitan)\b)?"
)
_OF_TOKYO = re.compile(r"(?:警視庁|東京消防庁|都庁|都営|都立)")
_KNOWN_ADDRESSES = {
    "geonames.org/1850144": "130001", "wikidata.org/entity/Q1490": "130001", "wikidata.org/wiki/Q1490": "130001",
}  # fmt: skip
_UNKNOWN = Text("どこの地域か分かりません。", "We do not know which place this is.")


@dataclass(frozen=True, slots=True)
class Found:
    """One name in a text: the areas it may mean, the area whose name stands right before it, if any.

    `is_loose` is one that other kanji touch: it counts only in the prefecture that is spoken of.
    """

    name: str
    codes: tuple[str, ...]
    within: str
    begin: int
    is_loose: bool = False


def read_areas(
    spatial: Iterable[str], *, title: str, description: str, publisher: str, publisher_area: str
) -> Reading[tuple[str, ...]]:
    """Return six-digit codes: stated ones, else what title, publisher or description name, else the publisher's area."""
    hint = area_code(publisher_area) if publisher_area else ""
    own = _publishers_own(publisher, hint)
    if not own and not hint:
        own = _publishers_own(publisher, _prefecture_told(f"{title} {description[:600]}"))
    home = own[0] if len(own) == 1 else hint
    notes: list[Note] = []
    stated = _stated(spatial, home or hint, notes)
    if stated:
        return Reading(stated, notes=tuple(notes))
    named = _within(_sure(title, home or hint, notes), home)
    if named and not (home and all(_contains(code, home) for code in named)):
        words = "」「".join(area_label(code).ja for code in named[:3])
        latin = ", ".join(area_label(code).en for code in named[:3])
        return Reading(named, Text(f"題名に「{words}」があるため", f"The title names {latin}."), "title", tuple(notes))
    if len(own) == 1 and (not hint or _contains(hint, own[0]) or not _contains(own[0], hint)):
        label = area_label(own[0])
        reason = Text(f"提供者名に「{label.ja}」があるため", f"The publisher's name holds {label.en}.")
        return Reading(own, reason, "publisher", tuple(notes))
    told = _within(_sure(description[:600], home or hint), home)
    if len(told) == 1 and not (home and _contains(told[0], home)):
        label = area_label(told[0])
        reason = Text(f"説明に「{label.ja}」があるため", f"The description names {label.en}.")
        return Reading(told, reason, "description", tuple(notes))
    if home:
        label = area_label(home)
        reason = Text(f"提供者・掲載サイトの地域が{label.ja}のため", f"Publisher or site belong to {label.en}.")
        return Reading((home,), reason, "site", tuple(notes))
    if named:
        return Reading(named, Text("題名に地域名があるため", "The title names the place."), "title", tuple(notes))
    return Reading((), notes=tuple(notes))


@lru_cache(maxsize=20_000)
def area_code(stated: str, hint: str = "") -> str:
    """Return the six-digit code that digits stand for ("13104", "131041", "13104.0", "1100" for 01100), or ""."""
    words = unicodedata.normalize("NFKC", stated).strip()
    digits = re.sub(r"\.0+$", "", words).replace(" ", "")
    if not digits.isascii() or not digits.isdigit() or not 1 <= len(digits) <= 6:
        return ""
    choices = []
    if len(digits) == 6 and is_municipality_code(digits):
        choices.append(digits)
    if len(digits) == 5:
        choices.extend((_checked(digits), "0" + digits))
    if len(digits) == 4:
        choices.append(_checked("0" + digits))
    if len(digits) <= 2:
        choices.append(_checked(f"{int(digits):02d}000"))
    known = [code for code in choices if code in areas()]
    if len(known) > 1:
        near = [code for code in known if hint and prefecture_of(code) == prefecture_of(hint)]
        return near[0] if len(near) == 1 else ""
    if known:
        return known[0]
    merged_away = len(digits) == 6 and bool(choices) and prefecture_of(digits) in areas() and digits[2:5] != "000"
    return digits if merged_away else ""


def names_in(text: str) -> list[Found]:
    """Return the names of areas in a text from left to right, the longest where they overlap."""
    words = unicodedata.normalize("NFKC", text)
    found: list[Found] = []
    last_end = -1
    for begin, end, codes in _matches(words):
        loose = _touches(words, begin, end, last_end)
        if loose and end - begin < 3:
            continue
        within = ""
        if found and last_end >= 0 and not words[last_end:begin].strip():
            within = found[-1].codes[0] if len(found[-1].codes) == 1 else ""
            if within and areas()[within].parent and words[end - 1] in "町村":
                continue
        found.append(Found(words[begin:end], codes, within, begin, loose))
        last_end = end
    return found


def _matches(words: str) -> list[tuple[int, int, tuple[str, ...]]]:
    table, longest = _names()
    found: list[tuple[int, int, tuple[str, ...]]] = []
    for match in _END.finditer(words):
        end = match.end()
        following = words[end : end + 1]
        if (following and following in _GOES_ON.get(match[0], "")) or words.startswith("町村", end):
            continue
        for length in range(min(longest, end), 1, -1):
            codes = table.get(words[end - length : end])
            if codes is None:
                continue
            if found and found[-1][1] > end - length:
                if found[-1][1] - found[-1][0] >= length:
                    break
                found.pop()
            found.append((end - length, end, codes))
            break
    return found


def _touches(words: str, begin: int, end: int, last_end: int) -> bool:
    before = words[begin - 1 : begin]
    if begin == last_end or not before or not _KANJI.match(before) or before in _BEFORE_A_NAME:
        return False
    return end - begin < 4 and not (end - begin == 3 and words[end - 1] in "都府県")


def _sure(text: str, hint: str, notes: list[Note] | None = None) -> tuple[str, ...]:
    """Return the areas that the names of a text mean for certain; a name left open is noted."""
    if not text:
        return ()
    sure: dict[str, None] = {}
    names = names_in(text)
    wider = [found.codes[0] for found in names if len(found.codes) == 1 and not found.is_loose]
    for found in names:
        code = _decided(found, hint, wider)
        if code:
            sure[code] = None
        elif notes is not None and not found.is_loose:
            labels = [area_label(prefecture_of(other)) for other in found.codes[:4]]
            where = "、".join(label.ja for label in labels)
            reason = Text(
                f"「{found.name}」は{where}などにあり、どこか決められません。",
                f"“{found.name}” is in {', '.join(label.en for label in labels)}; it cannot be told which.",
            )
            notes.append(Note(field="area_codes", stated=found.name, reason=reason))
    if not sure and text.isascii():
        sure = dict.fromkeys(_english(text, hint))
    narrow = [code for code in sure if not any(other != code and _contains(code, other) for other in sure)]
    return tuple(narrow[:MAX_AREAS])


@lru_cache(maxsize=20_000)
def _publishers_own(publisher: str, hint: str) -> tuple[str, ...]:
    return _sure(publisher, hint) or _own_body(publisher)


def _own_body(publisher: str) -> tuple[str, ...]:
    """Return whose body a publisher must be: one of Tokyo's by name, or a special ward, for wards of a city are no bodies of their own."""
    if _OF_TOKYO.match(publisher):
        return (TOKYO,)
    names = names_in(publisher)
    if not names or names[0].begin or names[0].is_loose:
        return ()
    bodies = [code for code in names[0].codes if not is_ward(code)]
    return tuple(bodies) if len(bodies) == 1 and names[0].name.endswith("区") else ()


def _prefecture_told(text: str) -> str:
    """Return the only prefecture that a text speaks of, or ""."""
    told = {prefecture_of(code) for code in _sure(text, "")}
    return told.pop() if len(told) == 1 else ""


def _decided(found: Found, hint: str, wider: Sequence[str]) -> str:
    if found.within:
        inside = [code for code in found.codes if _contains(found.within, code)]
        if len(inside) == 1:
            return inside[0]
    spoken_of = {prefecture_of(near) for near in (hint, *wider) if near}
    if len(found.codes) == 1:
        return "" if found.is_loose and prefecture_of(found.codes[0]) not in spoken_of else found.codes[0]
    for near in (*reversed(wider), hint):
        if not near:
            continue
        city, prefecture = municipality_of(near), prefecture_of(near)
        for inside in (
            [code for code in found.codes if _contains(near, code)],
            [code for code in found.codes if _contains(city, code)],
            [code for code in found.codes if prefecture_of(code) == prefecture and not is_ward(code)],
            [code for code in found.codes if prefecture_of(code) == prefecture],
        ):
            if len(inside) == 1:
                return inside[0]
    return ""


def _stated(spatial: Iterable[str], hint: str, notes: list[Note]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for entry in list(spatial)[:MAX_AREAS]:
        words = entry[:500].strip()
        if not words or words.casefold() in _WHOLE or words.startswith("{"):
            continue
        codes = _of_words(words, hint)
        found.update(dict.fromkeys(codes))
        if not codes and not re.search(r"geonames\.org/1861060|country/JPN|POLYGON|POINT", words):
            notes.append(Note(field="area_codes", stated=words, reason=_UNKNOWN))
    return tuple(found)[:MAX_AREAS]


@lru_cache(maxsize=20_000)
def _of_words(words: str, hint: str) -> tuple[str, ...]:
    whole = area_code(words, hint)
    if whole:
        return (whole,)
    if "://" in words:
        for piece, code in _KNOWN_ADDRESSES.items():
            if words.rstrip("/").endswith(piece) or piece + "/" in words:
                return (code,)
        digits = re.search(r"(?:[/#=_-]C?|\bC)(\d{5,6})(?:[-_/#].*)?$", words)
        code = area_code(digits[1], hint) if digits is not None else ""
        return (code,) if code else ()
    pieces = [area_code(piece, hint) for piece in re.split(r"[,、;\s/|]+", words)]
    if pieces and all(pieces):
        return tuple(dict.fromkeys(pieces))
    named = _sure(words, hint)
    if named:
        return named
    bare = _bare_names().get(unicodedata.normalize("NFKC", words))
    if bare:
        near = [code for code in bare if hint and prefecture_of(code) == prefecture_of(hint)]
        return bare if len(bare) == 1 else tuple(near) if len(near) == 1 else ()
    return ()


def _english(text: str, hint: str) -> list[str]:
    found: list[str] = []
    for match in _ENGLISH.finditer(text[:1000]):
        stem, kind = match[1].lower().replace("-", ""), (match[2] or "").lower()
        of_kind = bool(re.match(r"(?:City|Town|Village) of ", match[0]))
        if not kind and not of_kind and stem != "tokyo":
            continue
        codes = [
            code for code in _latin_names().get(stem, ()) if _latin_kind(code, kind or match[0].split()[0].lower())
        ]
        near = [code for code in codes if hint and prefecture_of(code) == prefecture_of(hint)]
        if len(codes) == 1 or len(near) == 1:
            found.append(codes[0] if len(codes) == 1 else near[0])
    return found


def _latin_kind(code: str, kind: str) -> bool:
    last, latin = areas()[code].label.ja[-1], areas()[code].label.en
    if kind in ("city", "shi"):
        return latin.endswith(" City") and (kind == "city" or last == "市")
    if kind in ("prefecture", "ken", "fu", "to", "metropolis", "metropolitan", "tokyo"):
        return last in "都道府県"
    if kind in ("town", "cho", "machi"):
        return last == "町"
    if kind in ("village", "mura", "son"):
        return last == "村"
    return kind in ("ward", "ku") and last == "区"


def _within(codes: tuple[str, ...], home: str) -> tuple[str, ...]:
    """Return what lies in a publisher's area; what a municipality says of other places is not where its data are."""
    if not home or not areas().get(home) or not areas()[home].parent:
        return codes
    return tuple(code for code in codes if _contains(home, code) or _contains(code, home))


def _contains(outer: str, inner: str) -> bool:
    return outer == inner or municipality_of(inner) == outer or (outer[2:5] == "000" and prefecture_of(inner) == outer)


def _checked(five: str) -> str:
    return five + municipality_check_digit(five)


@cache
def _names() -> tuple[dict[str, tuple[str, ...]], int]:
    found: dict[str, dict[str, None]] = {}
    for area in areas().values():
        if area.code in _MERGED_AWAY:
            continue
        name = area.label.ja
        forms = {
            name,
            name.replace("ケ", "ヶ"),
            name.replace("ヶ", "ケ"),
            name.replace("ケ", "が"),
            name.replace("梼", "檮"),
            name.replace("龍", "竜"),
        }
        for form in forms:
            found.setdefault(form, {})[area.code] = None
    table = {
        name: tuple(sorted(codes, key=lambda code: (not code.startswith("13"), is_ward(code), code)))
        for name, codes in found.items()
    }
    return table, max(map(len, table))


@cache
def _bare_names() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for area in areas().values():
        if not is_ward(area.code):
            found.setdefault(area.label.ja[:-1] if area.label.ja != "北海道" else "北海道", []).append(area.code)
    prefectures = {name: [code for code in codes if not areas()[code].parent] for name, codes in found.items()}
    return {name: tuple(prefectures[name] or codes) for name, codes in found.items() if len(name) >= 2}


@cache
def _latin_names() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for area in areas().values():
        stem = area.label.en.removesuffix(" City").removesuffix(" Town").removesuffix(" Village").removesuffix(" Ward")
        found.setdefault(stem.lower().replace("-", "").replace(" ", ""), []).append(area.code)
    return {name: tuple(codes) for name, codes in found.items()}

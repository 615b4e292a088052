"""address.parse: completes an address, fills its prefecture, municipality and code; with a gazetteer its town and number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tdpf.controlplane.preparation.engine.municipalities import (
    Head,
    Municipality,
    area_code,
    by_code,
    head_of,
    named,
    ward_of,
)
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.town_step import fill_towns
from tdpf.controlplane.preparation.engine.recipes.types import Frame

_STEP = "address.parse"
_STREET = re.compile(r"\d|丁目|番地")
_ELSEWHERE = re.compile(r"東京都|北海道|京都府|大阪府|[^\d、（(\s]{1,7}?(?:県|市|郡)(?!場)|[^\d、（(\s]{1,4}区")
_LEADING_CHOME = re.compile(r"第?(?:\d{1,2}|[一二三四五六七八九十]{1,3})丁目")
_PLACELESS = re.compile(r"^(?:オンライン|Web|ウェブ|市内|町内|区内|全国|各|未定|[-－ー])", re.IGNORECASE)


def address_parse(state: State, with_: Mapping[str, Any]) -> None:
    """Work on the columns named in `with_`: address, prefecture, city, town, town_id, block, building, code, postal.

    `publisher` is {input: {"code", "prefecture", "city"}} and helps where an address says less. Town, town_id and what
    follows from them are filled where a gazetteer is there.
    """
    names = {part: str(with_.get(part, "")) for part in ("address", "town", "town_id", "block", "building", "code")}
    for key, frame in state.frames.items():
        publisher = dict(with_.get("publisher", {})).get(key, {})
        _frame(state, key, frame, with_, publisher)
        if names["address"] in frame.columns:
            fill_towns(state, frame, names, str(publisher.get("code", "")), _STEP)


def _frame(state: State, key: str, frame: Frame, with_: Mapping[str, Any], publisher: Mapping[str, str]) -> None:
    address = str(with_.get("address", ""))
    if not address:
        return
    names = {
        part: str(with_.get(part, "")) for part in ("prefecture", "city", "town", "block", "building", "code", "postal")
    }
    has_full = address in frame.columns
    has_parts = any(names[part] in frame.columns for part in ("town", "block") if names[part])
    if not has_full and not has_parts:
        return
    column = frame.column(address)
    stated = _stated(frame, with_)
    rests = state.rests.get(key, {}).get(address, {})
    for row in range(frame.height):
        value = column[row]
        if not value and has_parts:
            value = _joined(state, frame, row, address, names, stated[row], publisher)
        elif value and has_parts:
            value = _going_on(state, frame, row, address, names, value)
        if not value:
            continue
        head = _head(value, stated[row], publisher)
        if head is None:
            continue
        full = _completed(value, head)
        if full != value:
            state.log.add(
                frame,
                row,
                address,
                step=_STEP,
                before=value,
                after=full,
                rule="address.prefecture",
                confidence=0.7 if _guessed(value, head, publisher) else _sure(head, stated[row]),
            )
            column[row] = full
        _fill(state, frame, row, names, head)
        _chome(state, frame, row, names)
        _block(state, frame, row, names, column[row] or "", head)
        if row in rests and names["postal"]:
            postal = re.search(r"(\d{3})[-‐－−]?(\d{4})", rests[row])
            if postal:
                _set(state, frame, row, names["postal"], f"{postal.group(1)}-{postal.group(2)}", "address.postal", 0.98)
    rests.clear()


def _stated(frame: Frame, with_: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return for every row the prefecture and municipality that columns of their own state."""
    found = []
    pairs = [(str(with_.get("prefecture", "")), str(with_.get("city", ""))), *map(tuple, with_.get("stated", []))]
    for row in range(frame.height):
        prefecture = city = ""
        for prefecture_name, city_name in pairs:
            prefecture = prefecture or (frame.columns.get(prefecture_name, [])[row : row + 1] or [""])[0] or ""
            city = city or (frame.columns.get(city_name, [])[row : row + 1] or [""])[0] or ""
        found.append((prefecture if prefecture in prefectures() else "", city))
    return found


def _own(city: str, hint: str, publisher: Mapping[str, str]) -> Municipality | None:
    """Return the municipality a row states in a column of its own; a ward alone belongs to the publisher's city."""
    if not city:
        return None
    parent = named(str(publisher["city"]), hint) if publisher.get("city") else None
    ward = ward_of(parent, city) if parent else None
    return ward or named(city, hint)


def _head(value: str, stated: tuple[str, str], publisher: Mapping[str, str]) -> Head | None:
    prefecture, city = stated
    hint = prefecture or publisher.get("prefecture", "")
    if _PLACELESS.match(value):
        return None
    own = _own(city, hint, publisher)
    found = head_of(value, hint)
    if found is not None and found.municipality is not None:
        home = own.name if own is not None else publisher.get("city", "")
        town = found.municipality.name[-1] in "町村" and not found.county and not found.prefecture_stated
        wrong = own is not None and found.municipality.prefecture != own.prefecture and not found.prefecture_stated
        if not wrong and not (town and home and home != found.municipality.name):
            return found
    if own is not None:
        ward = ward_of(own, value)
        if ward is not None:
            return Head(ward.prefecture, ward, False, "", value[len(ward.name) - len(own.name) :])
        rest = value.removeprefix(own.prefecture).removeprefix(own.name)
        return Head(own.prefecture, own, value.startswith(own.prefecture), "", rest)
    if found is not None and found.municipality is None and publisher.get("prefecture") != found.prefecture:
        return found
    parent = by_code().get(str(publisher.get("code", "")))
    if parent is None or publisher.get("evidence") == "addresses":
        return found
    ward = ward_of(parent, value)
    if ward is not None:
        return Head(ward.prefecture, ward, False, "", value[len(ward.name) - len(parent.name) :])
    inside = value.removeprefix(parent.prefecture).lstrip()
    if _STREET.search(inside) and not _ELSEWHERE.match(inside):
        return Head(parent.prefecture, parent, inside != value, "", inside)
    return found


def _completed(value: str, head: Head) -> str:
    if head.municipality is None:
        return value
    name = head.municipality.name
    if head.prefecture_stated:
        inside = value.removeprefix(head.prefecture).lstrip()
        known = head_of(value)
        stated = known is not None and known.municipality is not None
        return value if stated or inside.startswith(name) else head.prefecture + name + inside
    plain = head_of(value, head.prefecture)
    if plain is not None and plain.municipality == head.municipality:
        return head.prefecture + value
    city = re.match(r".+?市(?=.+区$)", name)
    if city and value.startswith(name.removeprefix(city.group())):
        return head.prefecture + city.group() + value
    return head.prefecture + name + value


def _guessed(value: str, head: Head, publisher: Mapping[str, str]) -> bool:
    """Say whether only a few other addresses of the table tell which municipality this one is in."""
    return (
        publisher.get("evidence") == "some-addresses"
        and head.municipality is not None
        and head.municipality.name not in value
    )


def _sure(head: Head, stated: tuple[str, str]) -> float:
    return 0.98 if stated[1] else 0.95 if head.municipality else 0.8


def _joined(
    state: State,
    frame: Frame,
    row: int,
    address: str,
    names: Mapping[str, str],
    stated: tuple[str, str],
    publisher: Mapping[str, str],
) -> str | None:
    """Join the parts of a row's address; prefecture and municipality may come from the table's publisher."""
    cell = {
        part: (frame.columns.get(name, [])[row : row + 1] or [None])[0] or "" for part, name in names.items() if name
    }
    town, block = cell.get("town", ""), cell.get("block", "")
    if not town and not block:
        return None
    prefecture = stated[0] or publisher.get("prefecture", "")
    city = stated[1] or publisher.get("city", "")
    own = _own(city, prefecture, publisher)
    front = ""
    if own is not None and head_of(town, prefecture) is None:
        front = own.full_name
    elif city and not town.startswith(city):
        front = city if city.startswith(prefecture) else prefecture + city
    building = cell.get("building", "")
    value = front + town + block + (f" {building}" if building else "")
    parts = [names[part] for part in ("town", "block", "building") if names.get(part) and names[part] in frame.columns]
    origin = frame.origins[row][0]
    letters = tuple(letter for part in parts for letter in frame.sources.get(part, {}).get(origin, ()))
    frame.sources.setdefault(address, {}).setdefault(origin, letters)
    frame.columns[address][row] = value
    state.log.add(
        frame,
        row,
        address,
        step=_STEP,
        before=None,
        after=value,
        rule="address.joined",
        confidence=0.95 if front else 0.8,
    )
    return value


def _going_on(state: State, frame: Frame, row: int, address: str, names: Mapping[str, str], value: str) -> str:
    """Put the number of the block behind an address that ends at its town where a column of its own holds it."""
    block = (frame.columns.get(names["block"], [])[row : row + 1] or [""])[0] or "" if names["block"] else ""
    if not re.match(r"[\d０-９一二三四五六七八九十第]", block) or re.search(r"[\d０-９]", value) or block in value:
        return value
    origin = frame.origins[row][0]
    letters = tuple(
        letter for name in (address, names["block"]) for letter in frame.sources.get(name, {}).get(origin, ())
    )
    frame.sources.setdefault(address, {})[origin] = letters
    frame.columns[address][row] = value + block
    state.log.add(
        frame, row, address, step=_STEP, before=value, after=value + block, rule="address.joined", confidence=0.95
    )
    return value + block


def _fill(state: State, frame: Frame, row: int, names: Mapping[str, str], head: Head) -> None:
    if names["prefecture"]:
        _set(state, frame, row, names["prefecture"], head.prefecture, "address.head", 0.98)
    municipality = head.municipality
    if municipality is None:
        return
    if names["city"]:
        cell = frame.column(names["city"])[row]
        if cell and cell != municipality.name and municipality.name.endswith(f"市{cell}"):
            frame.columns[names["city"]][row] = municipality.name
            state.log.add(
                frame,
                row,
                names["city"],
                step=_STEP,
                before=cell,
                after=municipality.name,
                rule="address.city",
                confidence=0.95,
            )
        _set(state, frame, row, names["city"], head.county + municipality.name, "address.head", 0.98)
    if names["code"]:
        code = area_code(municipality.prefecture, municipality.name)
        if code:
            _set(state, frame, row, names["code"], code, "code.from-name", 0.98)


def _block(state: State, frame: Frame, row: int, names: Mapping[str, str], full: str, head: Head) -> None:
    """Take the street number out of the full address where the row's own town says where it begins."""
    town = (frame.columns.get(names["town"], [])[row : row + 1] or [""])[0] or ""
    if not names["block"] or not town or head.municipality is None:
        return
    behind = full.partition(head.municipality.name)[2]
    building = (frame.columns.get(names["building"], [])[row : row + 1] or [""])[0] or ""
    rest = behind.removeprefix(town).strip() if behind.startswith(town) else ""
    if building and rest.endswith(building):
        rest = rest.removesuffix(building).strip()
    if re.match(r"\d", rest):
        _set(state, frame, row, names["block"], rest, "address.block", 0.95)


def _chome(state: State, frame: Frame, row: int, names: Mapping[str, str]) -> None:
    """Put a chome that leads the numbers behind the town it belongs to: 千住 and 二丁目4番 become 千住二丁目 and 4番."""
    if not names["town"] or names["block"] not in frame.columns:
        return
    town, block = frame.column(names["town"])[row] or "", frame.columns[names["block"]][row] or ""
    found = _LEADING_CHOME.match(block)
    if not town or found is None or "丁目" in town:
        return
    for name, before, after in (
        (names["town"], town, town + found.group()),
        (names["block"], block, block[found.end() :].strip()),
    ):
        frame.columns[name][row] = after or None
        state.log.add(
            frame, row, name, step=_STEP, before=before, after=after or None, rule="address.chome", confidence=0.95
        )


def _set(state: State, frame: Frame, row: int, name: str, value: str, rule: str, confidence: float) -> None:
    column = frame.column(name)
    if not column[row]:
        column[row] = value
        state.log.add(frame, row, name, step=_STEP, before=None, after=value, rule=rule, confidence=confidence)

"""Facts within the text of another field: a number beside an office's name, a fee, the ends of a stretch of road, a building."""

from __future__ import annotations

import re

from tdpf.controlplane.preparation.engine.mapping.names import names_it
from tdpf.controlplane.preparation.engine.normalising.contacts import phone
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing, plain
from tdpf.controlplane.preparation.engine.recipes.parted_columns import pieces
from tdpf.controlplane.preparation.engine.recipes.state import State
from tdpf.controlplane.preparation.engine.recipes.table_steps import raw_values
from tdpf.controlplane.preparation.engine.recipes.types import Frame
from tdpf.controlplane.preparation.engine.schemas.types import SchemaField

_STEP = "derive"
_WITH = re.compile(r"(?:○|◯|〇|有り?|あり|可)\s*[(](?P<words>[^()]*)[)]")
_YES = {"flag_presence": "有", "flag_allowed": "可", "flag_mark": "1"}
_FREE = re.compile(r"(?:参加|入場|入館|受講|観覧)?(?:費用?|料)?[:：]?\s*(?:無料|タダ|0円|0)(?:\s*[(（][^)）]*[)）])?")
_FEE = re.compile(r"(?:[^\d、/／]{0,6}?)(?P<fee>\d[\d,]*)\s*円(?:\s*[(（][^)）]*[)）]|\s*/?\s*(?:1?人|1回|税込))*")
_STRETCH = re.compile(r"(?P<first>.+?)\s*(?:[~〜～]|から|より|→)\s*(?P<last>.+?)(?:まで|の?間|間)?")
_BUILDING = re.compile(
    r"(?P<number>(?:\d|[一二三四五六七八九十]番|番地|号|丁目))[\s　]+(?P<building>(?=\S*(?:ビル|タワー|プラザ|マンション|ハイツ|コーポ|館|センター|号室|階|[\dBＢ][FＦ]|棟|会館|モール|ガーデン|テラス|スクエア|コート|荘|内|構内))[^\d\s　(（].*|(?:地下|B)?\d{1,3}(?:階|F|号室).*)"
)


def find_within(state: State, frame: Frame) -> None:
    """Fill empty fields from what other fields of the row say beyond their own; every filled cell has an event."""
    schema = state.schema
    contact, number, extension = schema.field("連絡先名称"), schema.of("phone"), schema.of("extension")
    if contact is not None and number is not None and contact.name in frame.columns:
        _numbers(state, frame, contact, number, extension)
    if schema.field("料金(基本)") is not None and "料金(詳細)" in frame.columns:
        _fees(state, frame, "料金(詳細)", "料金(基本)")
    if schema.field("区間_起点") is not None and "所在地_連結表記" in frame.columns:
        _stretches(state, frame)
    _flags_beside(state, frame)
    address, building = schema.of("address"), schema.of("location.building")
    if address is not None and building is not None and address.name in frame.columns:
        _buildings(state, frame, address.name, building.name)


def _fill(state: State, frame: Frame, row: int, name: str, value: str, rule: str, source: str, sure: float) -> None:
    column = frame.column(name)
    if column[row] or not value:
        return
    column[row] = value
    frame.cells[(row, name)] = frame.trace(row, source)
    state.log.add(frame, row, name, step=_STEP, before=None, after=value, rule=rule, confidence=sure)


def _numbers(
    state: State, frame: Frame, contact: SchemaField, number: SchemaField, extension: SchemaField | None
) -> None:
    """Part a telephone number from the office it stands behind: 道路河川課 0977-21-1450."""
    fields = [contact, number, *([extension] if extension is not None else [])]
    for row, value in enumerate(list(frame.columns[contact.name])):
        found = pieces(value, fields) if value and re.search(r"\d{2,}", plain(value)) else {}
        given = found.get(number.name, "")
        inside = found.get(extension.name, "") if extension is not None else ""
        if not value or not (given or inside):
            continue
        read = phone(given).value if given else None
        if read:
            _fill(state, frame, row, number.name, read, "parted", contact.name, 0.9)
        if inside and extension is not None:
            _fill(state, frame, row, extension.name, inside, "parted", contact.name, 0.9)
        left = re.sub(r"\s*[(（]\s*[)）]\s*", "", found.get(contact.name, "")).strip(" 　・、,:：") or None
        if (read and frame.column(number.name)[row] == read) or (inside and not given):
            frame.columns[contact.name][row] = left
            state.log.add(frame, row, contact.name, step=_STEP, before=value, after=left, rule="parted", confidence=0.9)


def _flags_beside(state: State, frame: Frame) -> None:
    """Say yes to equipment that the remark beside another yes names: 有（オストメイト対応）."""
    flags = [field for field in state.schema.fields if field.normaliser.startswith("flag_")]
    there = {field.name for field in flags if field.name in frame.columns}
    said = raw_values(state, frame, there) if there else {}
    for (row, name), before in said.items():
        found = _WITH.fullmatch(plain(before or ""))
        if found is None or not frame.columns[name][row]:
            continue
        for word in re.split(r"[・、,/]", found.group("words")):
            for field in flags:
                if field.name != name and names_it(word, field):
                    yes = _YES.get(field.normaliser, "有")
                    _fill(state, frame, row, field.name, yes, "parted", name, 0.85)


def _fees(state: State, frame: Frame, words: str, amount: str) -> None:
    for row, value in enumerate(frame.columns[words]):
        clean = plain(value or "")
        if not clean or is_missing(clean):
            continue
        fee = _FEE.fullmatch(clean)
        bare = re.fullmatch(r"\d[\d,]*", clean)
        if _FREE.fullmatch(clean):
            _fill(state, frame, row, amount, "0", "parted", words, 0.9)
        elif fee or bare:
            written = (fee.group("fee") if fee else clean).replace(",", "")
            _fill(state, frame, row, amount, written, "parted", words, 0.9)


def _stretches(state: State, frame: Frame) -> None:
    """Take both ends of a stretch of road: 元町1番地先～楠町5番地先."""
    if any(any(frame.columns.get(name, ())) for name in ("区間_起点", "区間_終点")):
        return
    raw = raw_values(state, frame, {"所在地_連結表記"})
    for row, value in enumerate(frame.columns["所在地_連結表記"]):
        found = _STRETCH.fullmatch(plain(raw.get((row, "所在地_連結表記")) or value or ""))
        if found and not re.fullmatch(r"\d.*", found.group("last")):
            for name, part in (("区間_起点", "first"), ("区間_終点", "last")):
                _fill(state, frame, row, name, found.group(part).strip(), "parted", "所在地_連結表記", 0.85)


def _buildings(state: State, frame: Frame, address: str, building: str) -> None:
    """Take the building that stands behind the number of an address; the address stays as it is."""
    for row, value in enumerate(frame.columns[address]):
        found = _BUILDING.search(value or "")
        if found:
            _fill(state, frame, row, building, found.group("building").strip(), "parted", address, 0.9)

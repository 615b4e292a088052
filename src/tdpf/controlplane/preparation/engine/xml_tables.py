"""XML as grids: elements that repeat under one parent are records; attributes and inner elements are their columns."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # documents that declare entities are refused before they are parsed

from tdpf.controlplane.preparation.engine.encoding import NAMES, find_encoding
from tdpf.controlplane.preparation.engine.errors import NoTable
from tdpf.controlplane.preparation.engine.faults import DOCTYPE, damaged, met
from tdpf.controlplane.preparation.engine.grid import MemoryGrid
from tdpf.controlplane.preparation.engine.types import Row

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._\-]+)["']""")
_JAPANESE = {"shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "euc-jp": "euc_jp"}
_DEEPEST = 12
_WIDEST = 4_000
_NESTED = 4


@dataclass(frozen=True, slots=True)
class XmlTable:
    """One run of records: where it stands (`/list/item`), as a grid whose row 0 is the header."""

    place: str
    grid: MemoryGrid


def open_xml(path: Path, *, name: str) -> tuple[str, list[XmlTable]]:
    """Return the encoding and the tables of an XML file; raises Damaged or NoTable."""
    label, text = _text(path, name)
    if "<!ENTITY" in text or ("<!DOCTYPE" in text and "[" in text[text.find("<!DOCTYPE") :].split(">", 1)[0]):
        raise damaged(name, "XML", DOCTYPE)
    parser = ET.XMLParser()  # noqa: S314 - entities were refused above
    try:
        parser.feed(_DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n"))
        root = parser.close()
    except (ET.ParseError, ValueError) as fault:
        raise met(name, "XML", fault) from fault
    tables = [
        table for table in (_table(place, records) for place, records in _runs(root, f"/{_tag(root)}", 0)) if table
    ]
    if not tables:
        raise NoTable(
            file=name,
            seen_ja="くり返される要素（レコード）がありません。",
            seen_en="No element repeats as a record would.",
        )
    return label, tables


def _text(path: Path, name: str) -> tuple[str, str]:
    content = path.read_bytes()
    declared = _DECLARED.match(content[:400])
    codec = _JAPANESE.get(declared.group(1).decode().lower(), "") if declared else ""
    if codec:
        try:
            return NAMES[codec], content.decode(codec)
        except UnicodeDecodeError:
            pass
    encoding = find_encoding(path, name=name)
    return encoding.label, content.decode(encoding.codec, "replace")


def _tag(element: ET.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _runs(element: ET.Element, place: str, depth: int) -> Iterator[tuple[str, list[ET.Element]]]:
    """Yield the outermost runs of elements of one name that hold something structured."""
    if depth > _DEEPEST:
        return
    names = Counter(_tag(child) for child in element)
    taken = set()
    for tag, count in names.items():
        members = [child for child in element if _tag(child) == tag]
        if count >= 2 and sum(1 for member in members if len(member) or member.attrib) * 2 > count:
            taken.add(tag)
            yield f"{place}/{tag}", members
    for child in element:
        if _tag(child) not in taken:
            yield from _runs(child, f"{place}/{_tag(child)}", depth + 1)


def _table(place: str, records: list[ET.Element]) -> XmlTable | None:
    flat = [_flat(record) for record in records]
    names: dict[str, None] = {}
    for record in flat:
        names.update(dict.fromkeys(record))
        if len(names) > _WIDEST:
            return None
    if not names:
        return None
    rows: list[Row] = [list(names)]
    rows.extend([record.get(column) for column in names] for record in flat)
    return XmlTable(place, MemoryGrid(place, rows))


def _flat(record: ET.Element) -> dict[str, str | None]:
    found: dict[str, str | None] = {key.rsplit("}", 1)[-1]: value or None for key, value in record.attrib.items()}
    _add(record, "", found, 0)
    if not len(record) and record.text and record.text.strip():
        found[_tag(record)] = record.text
    return found


def _add(element: ET.Element, before: str, found: dict[str, str | None], depth: int) -> None:
    names = Counter(_tag(child) for child in element)
    for tag, count in names.items():
        members = [child for child in element if _tag(child) == tag]
        column = f"{before}{tag}"
        if count > 1 or depth >= _NESTED:
            found[column] = json.dumps([_plain(member) for member in members], ensure_ascii=False)
            continue
        member = members[0]
        if len(member):
            _add(member, f"{column}_", found, depth + 1)
        else:
            found[column] = member.text or None
        for key, value in member.attrib.items():
            found.setdefault(f"{column}_{key.rsplit('}', 1)[-1]}", value or None)


def _plain(element: ET.Element) -> str:
    return " ".join(text.strip() for text in element.itertext() if text.strip())

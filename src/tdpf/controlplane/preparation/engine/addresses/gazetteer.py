"""The gazetteer file: towns of every municipality and numbers of every town, memory-mapped, read page by page.

Layout, little-endian: 8 bytes magic; length and CRC-32 of the header; the header (JSON: format, sources, counts, and the
place, length and CRC-32 of every municipality's page); the pages. The same sources give the same bytes. A page is read
and checked when its municipality is first asked for; pages that were not asked for lately are let go.
"""

from __future__ import annotations

import mmap
import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import orjson

from tdpf.controlplane.preparation.engine.addresses.errors import GazetteerDamaged, GazetteerOther
from tdpf.controlplane.preparation.engine.addresses.towns import NumberFound, Point, Town, Towns
from tdpf.kit.hashing import sha256_hex

MAGIC = b"TDPFGAZ\n"
FORMAT = 1
NOWHERE = -(1 << 31)
SCALE = 1_000_000
_TOWNS_KEPT = 300_000
_NUMBERS_KEPT = 400_000
_KIND = {98: "block", 114: "residence"}


class NumberPage(NamedTuple):
    """The numbers of one town: (latitude, longitude, kind) by number, and whether there are residences among them."""

    places: dict[str, tuple[float, float, str]]
    residences: bool


class GazetteerFile:
    """An open gazetteer; raises GazetteerDamaged and GazetteerOther, on opening and whenever a page turns out broken."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            try:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                self._damaged("空です", "it is empty")
        if self._bytes[:8] != MAGIC:
            self._damaged("住所辞書のファイルではありません", "it is no gazetteer")
        if len(self._bytes) < 16:
            self._damaged("途中で切れています", "it is cut off")
        length, checksum = struct.unpack_from("<II", self._bytes, 8)
        header = self._bytes[16 : 16 + length]
        if len(header) != length or zlib.crc32(header) != checksum:
            self._damaged("見出しの検査値が合いません", "the checksum of its header is wrong")
        self.header: dict[str, Any] = orjson.loads(header)
        if self.header.get("format") != FORMAT:
            raise GazetteerOther(file=path.name, found=self.header.get("format"), wanted=FORMAT)
        self.identity = sha256_hex(header)
        self._begin = 16 + length
        if len(self._bytes) != self._begin + self.header["length"]:
            self._damaged("途中で切れています", "it is cut off")
        self._towns: dict[str, Towns] = {}
        self._numbers: dict[int, NumberPage] = {}
        self._held = self._held_numbers = 0

    def _damaged(self, ja: str, en: str) -> NoReturn:
        raise GazetteerDamaged(file=self.path.name, why_ja=ja, why_en=en)

    def close(self) -> None:
        """Let go of the file."""
        self._towns.clear()
        self._numbers.clear()
        self._bytes.close()

    def __enter__(self) -> GazetteerFile:
        return self

    def __exit__(self, *what: object) -> None:
        self.close()

    def towns(self, code: str) -> Towns:
        """Return the towns of a municipality, empty when none are known."""
        found = self._towns.get(code)
        if found is None:
            entry = self.header["municipalities"].get(code)
            page = self._page(*entry) if entry else b""
            found = _read_towns(page) if page else Towns()
            size = struct.unpack_from("<I", page)[0] if page else 1
            self._held += size
            if self._held > _TOWNS_KEPT:
                self._towns.clear()
                self._held = size
            self._towns[code] = found
        return found

    def number(self, town: Town, numbers: Sequence[str]) -> NumberFound | None:
        """Return the place of the longest known beginning of numbers, None when there is none."""
        if town.numbers is None:
            return None
        page = self._numbers.get(town.numbers[0])
        if page is None:
            page = _read_numbers(self._page(*town.numbers))
            self._held_numbers += len(page.places)
            if self._held_numbers > _NUMBERS_KEPT:
                self._numbers.clear()
                self._held_numbers = len(page.places)
            self._numbers[town.numbers[0]] = page
        for length in range(len(numbers), 0, -1):
            found = page.places.get("-".join(numbers[:length]))
            if found is not None:
                lat, lon, kind = found
                whole = length == len(numbers) or kind == "residence" or not page.residences
                return NumberFound((lat, lon), kind, whole)
        return None

    def _page(self, offset: int, length: int, checksum: int) -> bytes:
        begin = self._begin + offset
        page = self._bytes[begin : begin + length]
        if len(page) != length or zlib.crc32(page) != checksum:
            self._damaged("中身の検査値が合いません", "the checksum of a page is wrong")
        return page


def numbers_to_bytes(values: Sequence[int], kind: str) -> bytes:
    """Return whole numbers as little-endian bytes; `kind` is that of array.array."""
    found = array(kind, values)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def _numbers(page: bytes, begin: int, count: int, kind: str) -> tuple[array[int], int]:
    found: array[int] = array(kind)
    end = begin + count * found.itemsize
    found.frombytes(page[begin:end])
    if sys.byteorder == "big":
        found.byteswap()
    return found, end


def pack_towns(rows: Sequence[Town]) -> bytes:
    """Return the page of a municipality: its towns, chome and koaza, those of one 大字 together and itself first."""
    lines, last = [], None
    for row in rows:
        lines.append(f"{'' if row.name == last else row.name}\t{row.koaza}")
        last = row.name
    text = "\n".join(lines).encode()
    parts = [struct.pack("<II", len(rows), len(text)), text]
    parts += [numbers_to_bytes([-1 if row.chome is None else row.chome for row in rows], "h")]
    for values in (
        [int(row.town_id or 0) for row in rows],
        [NOWHERE if row.point is None else round(row.point[0] * SCALE) for row in rows],
        [NOWHERE if row.point is None else round(row.point[1] * SCALE) for row in rows],
        [row.precision_m for row in rows],
        [int(row.postcode or 0) for row in rows],
    ):
        parts.append(numbers_to_bytes(values, "i"))
    if any(row.numbers for row in rows):
        parts += [numbers_to_bytes([(row.numbers or (0, 0, 0))[place] for row in rows], "Q") for place in range(3)]
    return b"".join(parts)


def _read_towns(page: bytes) -> Towns:
    count, length = struct.unpack_from("<II", page)
    at = 8 + length
    lines = page[8:at].decode().split("\n")
    chomes, at = _numbers(page, at, count, "h")
    ids, at = _numbers(page, at, count, "i")
    lats, at = _numbers(page, at, count, "i")
    lons, at = _numbers(page, at, count, "i")
    precisions, at = _numbers(page, at, count, "i")
    postcodes, at = _numbers(page, at, count, "i")
    places: list[tuple[int, int, int]] = []
    if at < len(page):
        offsets, at = _numbers(page, at, count, "Q")
        lengths, at = _numbers(page, at, count, "Q")
        checks, at = _numbers(page, at, count, "Q")
        places = list(zip(offsets, lengths, checks, strict=True))
    towns = Towns()
    whole: Town | None = None
    for row, line in enumerate(lines if count else ()):
        name, _, koaza = line.partition("\t")
        town = Town(
            name or (whole.name if whole else ""),
            None if chomes[row] < 0 else chomes[row],
            koaza,
            f"{ids[row]:07}" if ids[row] else "",
            _point(lats[row], lons[row]),
            precisions[row],
            f"{postcodes[row]:07}" if postcodes[row] else "",
            places[row] if places and places[row][1] else None,
        )
        if name:
            whole = town
            towns.add(name, town)
        elif whole is not None and koaza:
            whole.koazas = whole.koazas or Towns()
            whole.koazas.add(koaza, town)
        elif whole is not None and town.chome is not None:
            whole.chomes = whole.chomes or {}
            whole.chomes[town.chome] = town
    return towns


def _point(lat: int, lon: int) -> Point | None:
    return None if lat == NOWHERE else (lat / SCALE, lon / SCALE)


def pack_numbers(rows: Sequence[tuple[str, int, int, str]]) -> bytes:
    """Return the page of a town: (number, latitude, longitude in millionths of a degree, "block" or "residence")."""
    text = "\n".join(number for number, *_ in rows).encode()
    return b"".join(
        (
            struct.pack("<II", len(rows), len(text)),
            text,
            numbers_to_bytes([lat for _, lat, _, _ in rows], "i"),
            numbers_to_bytes([lon for _, _, lon, _ in rows], "i"),
            bytes(ord(kind[0]) for *_, kind in rows),
        )
    )


def _read_numbers(page: bytes) -> NumberPage:
    count, length = struct.unpack_from("<II", page)
    at = 8 + length
    names = page[8:at].decode().split("\n")
    lats, at = _numbers(page, at, count, "i")
    lons, at = _numbers(page, at, count, "i")
    kinds = page[at : at + count]
    places = {
        name: (lat / SCALE, lon / SCALE, _KIND[kind])
        for name, lat, lon, kind in zip(names, lats, lons, kinds, strict=True)
    }
    return NumberPage(places, b"r" in kinds)

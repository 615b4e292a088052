"""Files that say where towns and numbers lie, in the formats in which Japan publishes them.

| format | recognised by |
|---|---|
| アドレス・ベース・レジストリ 町字マスター, its positions | columns machiaza_id and oaza_cho; machiaza_id and rep_lon |
| … 住居表示‐街区, 住居表示‐住居, their positions | blk_id; rsdt_id |
| … 地番マスター, its positions | prc_id |
| 位置参照情報 大字・町丁目レベル, 街区レベル | 大字町丁目コード; 街区符号・地番 |
| Geolonia 住所データ: latest.csv, one JSON a municipality | 大字町丁目名 without a code; a list of {town, koaza, lat, lng} |
| a plain table | lg_code or lg_code5, town, lat, lng or lon |
| jageocoder-converter's azacode.jsonl (names and 町字ID of the nation, no coordinates) | {"131010001001": [[1, "東京都"], …]} |

The Address Base Registry changed its column names in 2023; both editions are read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from tdpf.controlplane.preparation.engine.addresses.errors import PlaceFileBroken
from tdpf.controlplane.preparation.engine.addresses.naming import municipality_of_file
from tdpf.controlplane.preparation.engine.addresses.rows import (
    NamedNumber,
    NumberPoint,
    NumberRow,
    Row,
    TownPoint,
    TownRow,
)
from tdpf.controlplane.preparation.engine.addresses.towns import parted
from tdpf.controlplane.preparation.engine.municipalities import area_code
from tdpf.kit.areas import ENDED, areas
from tdpf.kit.codes import municipality_check_digit

LARGEST = 8 << 30
_SWOLLEN, _LEAST_SWOLLEN = 200, 64 << 20
_NAMES = re.compile(r"\.(?:csv|json|jsonl|ndjson|zip|whl)$", re.IGNORECASE)
_NESTED = 2


Rows = Iterator[Row]
Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlaceFile:
    """One file, or one member of an archive, of a known format. `open` gives its bytes anew every time."""

    name: str
    format: str
    open: Callable[[], IO[bytes]]
    hint: str = ""

    def rows(self) -> Rows:
        """Yield what the file says; raises PlaceFileBroken."""
        try:
            if self.format == "azacode":
                yield from _azacode(self)
            elif self.format == "geolonia-json":
                yield from _geolonia_json(self)
            else:
                yield from _csv_rows(self)
        except (csv.Error, UnicodeDecodeError, zipfile.BadZipFile, EOFError, orjson.JSONDecodeError) as fault:
            raise PlaceFileBroken(file=self.name, where="–", why_ja=str(fault), why_en=str(fault)) from fault


def find_place_files(paths: Iterable[Path]) -> tuple[list[PlaceFile], list[str]]:
    """Return the files of known formats in files, folders and archives, and the names of those that were passed over."""
    known: list[PlaceFile] = []
    others: list[str] = []
    for path in paths:
        members = sorted(entry for entry in path.rglob("*") if entry.is_file()) if path.is_dir() else [path]
        for member in members:
            name = str(member.relative_to(path.parent)) if path.is_dir() else member.name
            if _NAMES.search(member.name):
                _sort(name, member.open, known, others, 0, "/".join(member.parts[-3:]))
            else:
                others.append(name)
    return known, others


def _sort(
    name: str, opened: Callable[..., IO[bytes]], known: list[PlaceFile], others: list[str], depth: int, hint: str
) -> None:
    def again() -> IO[bytes]:
        return opened("rb")

    if re.search(r"\.(?:zip|whl)$", name, re.IGNORECASE):
        if depth < _NESTED:
            _sort_archive(name, again, known, others, depth)
        return
    with again() as file:
        start = file.read(1 << 16)
    found = _format(start)
    if found:
        known.append(PlaceFile(name, found, again, hint))
    else:
        others.append(name)


def _sort_archive(
    name: str, again: Callable[[], IO[bytes]], known: list[PlaceFile], others: list[str], depth: int
) -> None:
    try:
        with again() as file, zipfile.ZipFile(file) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    except zipfile.BadZipFile:
        others.append(name)
        return
    swollen = any(member.file_size > _SWOLLEN * max(1, member.compress_size) + _LEAST_SWOLLEN for member in members)
    if swollen or sum(member.file_size for member in members) > LARGEST:
        others.append(name)
        return
    for member in members:
        inner = member.filename

        def opened(mode: str, inner: str = inner) -> IO[bytes]:
            del mode
            return io.BufferedReader(_Member(again(), inner))

        if _NAMES.search(inner):
            _sort(f"{name}/{inner}", opened, known, others, depth + 1, inner)


class _Member(io.RawIOBase):
    """A member of an archive that closes the archive with itself."""

    def __init__(self, file: IO[bytes], inner: str) -> None:
        self._file = file
        self._archive = zipfile.ZipFile(file)
        self._stream = self._archive.open(inner)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what buffers it hands over nothing else
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        for part in (self._stream, self._archive, self._file):
            part.close()
        super().close()


def _format(start: bytes) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:2] in (b'{"', b"[{") or text[:1] in b"[{":
        if re.match(rb'\{"\d{12}": ?\[\[', text):
            return "azacode"
        return "geolonia-json" if re.search(rb'"(?:town|machiaza_id|oaza_cho)" ?:', text[:4096]) else ""
    header = _columns(text.split(b"\n", 1)[0])
    for name, needed, absent in _TABLES:
        if needed <= header and not header & absent:
            return name
    return ""


def _columns(line: bytes) -> frozenset[str]:
    for codec in ("utf-8", "cp932"):
        try:
            row = next(csv.reader([line.decode(codec).strip()]), [])
        except (UnicodeDecodeError, csv.Error):
            continue
        return frozenset(_ENGLISH.get(name.strip(), name.strip()) for name in row)
    return frozenset()


# The Japanese column names of the Address Base Registry's first editions.
_ENGLISH = {
    "全国地方公共団体コード": "lg_code", "町字id": "machiaza_id", "街区id": "blk_id", "住居id": "rsdt_id", "住居2id": "rsdt2_id",
    "大字・町名": "oaza_cho", "丁目名": "chome", "丁目名_数字": "chome_number", "小字名": "koaza", "街区符号": "blk_num",
    "住居番号": "rsdt_num", "住居番号2": "rsdt_num2", "代表点_経度": "rep_lon", "代表点_緯度": "rep_lat", "郵便番号": "post_code",
    "廃止日": "ablt_date", "住居表示フラグ": "rsdt_addr_flg", "地番id": "prc_id", "地番1": "prc_num1", "地番2": "prc_num2", "地番3": "prc_num3",
    "oaza_cho_name": "oaza_cho", "chome_name": "chome", "koaza_name": "koaza", "town_id": "machiaza_id", "block_id": "blk_id",
    "緯度": "lat", "経度": "lng", "lon": "lng", "longitude": "lng", "latitude": "lat", "lg_code5": "lg_code",
    "市区町村コード": "city_code", "大字・町丁目名": "大字・丁目名",
}  # fmt: skip
_TABLES: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("abr-parcel-pos", frozenset({"prc_id", "rep_lon"}), frozenset()),
    ("abr-parcel", frozenset({"prc_id", "prc_num1"}), frozenset()),
    ("abr-residence-pos", frozenset({"rsdt_id", "rep_lon"}), frozenset()),
    ("abr-residence", frozenset({"rsdt_id", "rsdt_num"}), frozenset()),
    ("abr-block-pos", frozenset({"blk_id", "rep_lon"}), frozenset()),
    ("abr-block", frozenset({"blk_id", "blk_num"}), frozenset()),
    ("abr-town-pos", frozenset({"machiaza_id", "rep_lon"}), frozenset()),
    ("abr-town", frozenset({"machiaza_id", "oaza_cho"}), frozenset()),
    ("isj-block", frozenset({"街区符号・地番", "大字・丁目名", "lat", "lng"}), frozenset()),
    ("isj-town", frozenset({"大字町丁目コード", "大字町丁目名", "lat", "lng"}), frozenset()),
    ("geolonia-csv", frozenset({"city_code", "大字町丁目名", "lat", "lng"}), frozenset()),
    ("plain", frozenset({"lg_code", "town", "lat", "lng"}), frozenset()),
)


def _csv_rows(file: PlaceFile) -> Rows:
    make = _MAKERS[file.format]
    codec = "utf-8-sig"
    with file.open() as raw:
        try:
            raw.read(1 << 20).decode("utf-8")
        except UnicodeDecodeError as fault:
            codec = "utf-8-sig" if fault.start > (1 << 20) - 8 else "cp932"
    with file.open() as raw, io.TextIOWrapper(raw, encoding=codec, newline="") as text:
        reader = csv.reader(text)
        header = [_ENGLISH.get(name.strip(), name.strip()) for name in next(reader, [])]
        for row in reader:
            record = dict(zip(header, row, strict=False))
            if record.get("ablt_date"):
                continue
            try:
                yield from make(record)
            except (KeyError, ValueError) as fault:
                raise PlaceFileBroken(
                    file=file.name,
                    where=f"{reader.line_num}行目 / line {reader.line_num}",
                    why_ja=f"値が読めません（{fault}）",
                    why_en=f"a value cannot be read ({fault})",
                ) from fault


# Wards of Hamamatsu that became others in 2024; 北区 was divided and is left out.
_NOW = {
    "22131": "22138", "22132": "22138", "22133": "22138", "22134": "22138", "22136": "22139", "22137": "22140",
}  # fmt: skip


def _code(stated: str) -> str:
    digits = stated.strip()
    five = digits.zfill(5) if len(digits) <= 5 else digits[:5]
    five = _NOW.get(five, five)
    return five + municipality_check_digit(five)


def _point(lat: str, lon: str) -> tuple[float, float] | None:
    return (float(lat), float(lon)) if lat and lon else None


def _chome(record: Record) -> int | None:
    number = record.get("chome_number", "")
    return int(number) if number.isdigit() else parted(f"町{record.get('chome', '')}")[1]


def _abr_town(record: Record) -> Iterable[Row]:
    oaza, koaza = record["oaza_cho"], record.get("koaza", "")
    chome = _chome(record)
    if chome is None:
        oaza += record.get("chome", "")
    if not oaza:
        oaza, koaza = koaza, ""
    if oaza:
        postcode = re.sub(r"\D", "", record.get("post_code", ""))
        code = _code(record["lg_code"])
        yield TownRow(code, oaza, chome, koaza, record["machiaza_id"], None, postcode if len(postcode) == 7 else "")


def _abr_town_pos(record: Record) -> Iterable[Row]:
    point = _point(record["rep_lat"], record["rep_lon"])
    if point:
        yield TownPoint(_code(record["lg_code"]), record["machiaza_id"], point)


def _ids(record: Record, *names: str) -> str:
    return "/".join(record.get(name, "") for name in names)


def _numbers(kind: str, ids: tuple[str, ...], parts: tuple[str, ...]) -> Callable[[Record], Iterable[Row]]:
    def made(record: Record) -> Iterable[Row]:
        number = "-".join(part.lstrip("0") or part for name in parts if (part := record.get(name, "").strip()))
        if number:
            yield NumberRow(_code(record["lg_code"]), record["machiaza_id"], _ids(record, *ids), number, kind)

    return made


def _number_points(ids: tuple[str, ...]) -> Callable[[Record], Iterable[Row]]:
    def made(record: Record) -> Iterable[Row]:
        point = _point(record["rep_lat"], record["rep_lon"])
        if point:
            yield NumberPoint(_code(record["lg_code"]), record["machiaza_id"], _ids(record, *ids), point)

    return made


def _isj_town(record: Record) -> Iterable[Row]:
    oaza, chome = parted(record["大字町丁目名"])
    yield TownRow(_code(record["city_code"]), oaza, chome, "", "", _point(record["lat"], record["lng"]), "")


def _isj_block(record: Record) -> Iterable[Row]:
    if record.get("代表フラグ", "1") == "0" or record.get("更新後履歴フラグ", "0") == "3":
        return
    code = area_code(record["都道府県名"], record["市区町村名"])
    point = _point(record["lat"], record["lng"])
    oaza, chome = parted(record["大字・丁目名"])
    number = record["街区符号・地番"].strip()
    if code and point and oaza and number:
        yield NamedNumber(code, oaza, chome, record.get("小字・通称名", ""), number, point)


def _geolonia(record: Record) -> Iterable[Row]:
    oaza, chome = parted(record["大字町丁目名"])
    if oaza:
        point = _point(record["lat"], record["lng"])
        yield TownRow(_code(record["city_code"]), oaza, chome, record.get("小字・通称名", ""), "", point, "")


def _plain(record: Record) -> Iterable[Row]:
    oaza, chome = parted(record["town"])
    point = _point(record["lat"], record["lng"])
    town_id, postcode = record.get("machiaza_id", ""), re.sub(r"\D", "", record.get("postcode", ""))
    code = _code(record["lg_code"])
    yield TownRow(code, oaza, chome, record.get("koaza", ""), town_id, point, postcode if len(postcode) == 7 else "")


_BLOCK, _RESIDENCE, _PARCEL = ("blk_id",), ("blk_id", "rsdt_id", "rsdt2_id"), ("prc_id",)
_MAKERS: dict[str, Callable[[Record], Iterable[Row]]] = {
    "abr-town": _abr_town,
    "abr-town-pos": _abr_town_pos,
    "abr-block": _numbers("block", _BLOCK, ("blk_num",)),
    "abr-block-pos": _number_points(_BLOCK),
    "abr-residence": _numbers("residence", _RESIDENCE, ("blk_num", "rsdt_num", "rsdt_num2")),
    "abr-residence-pos": _number_points(_RESIDENCE),
    "abr-parcel": _numbers("residence", _PARCEL, ("prc_num1", "prc_num2", "prc_num3")),
    "abr-parcel-pos": _number_points(_PARCEL),
    "isj-town": _isj_town,
    "isj-block": _isj_block,
    "geolonia-csv": _geolonia,
    "plain": _plain,
}


def _azacode(file: PlaceFile) -> Rows:
    with file.open() as raw:
        for line in raw:
            for key, names in orjson.loads(line).items():
                code = _code(key[:5])
                if code not in areas() or code in ENDED:
                    continue
                words = [name for level, name in names if level == 5]
                koaza = "".join(name for level, name in names if level == 6)
                oaza, chome = parted("".join(words))
                if not oaza:
                    oaza, koaza = koaza, ""
                yield TownRow(code, oaza, chome, koaza, key[5:], None, "")


def _geolonia_json(file: PlaceFile) -> Rows:
    with file.open() as raw:
        plain = orjson.loads(raw.read())
    entries = plain.get("data", []) if isinstance(plain, dict) else plain
    rows = [row for entry in entries if isinstance(entry, dict) for row in _json_row(entry)]
    points = [row.point for row in rows if row.point]
    code = municipality_of_file(file.hint or file.name, points)
    if not code:
        raise PlaceFileBroken(
            file=file.name,
            where="ファイル名 / its name",
            why_ja="どの市区町村のものか分かりません",
            why_en="it does not say which municipality it is of",
        )
    yield from (row._replace(code=code) for row in rows)


def _json_row(entry: Mapping[str, object]) -> Iterable[TownRow]:
    def text(name: str) -> str:
        return str(entry.get(name) or "")

    where = entry.get("point")
    lat, lon = entry.get("lat"), entry.get("lng")
    if isinstance(where, list) and len(where) == 2:
        lon, lat = where
    point = (float(str(lat)), float(str(lon))) if lat and lon else None
    oaza, chome = parted(text("town") or text("oaza_cho") + text("chome"))
    if oaza:
        yield TownRow("", oaza, chome, text("koaza"), text("machiaza_id"), point, "")

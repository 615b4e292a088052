"""Builds a gazetteer from national files: rows are gathered in a scratch database, joined, and written municipality by municipality."""

from __future__ import annotations

import os
import sqlite3
import struct
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import orjson

from tdpf.controlplane.preparation.engine.addresses.errors import NoPlaceFiles
from tdpf.controlplane.preparation.engine.addresses.gazetteer import FORMAT, MAGIC, SCALE, pack_numbers, pack_towns
from tdpf.controlplane.preparation.engine.addresses.national_files import PlaceFile, find_place_files
from tdpf.controlplane.preparation.engine.addresses.rows import (
    NamedNumber,
    NumberPoint,
    NumberRow,
    Row,
    TownPoint,
    TownRow,
)
from tdpf.controlplane.preparation.engine.addresses.spreading import oaza_of_chomes, set_precisions
from tdpf.controlplane.preparation.engine.addresses.towns import Town, folded_town
from tdpf.controlplane.preparation.engine.addresses.trusting import Doubts
from tdpf.kit.text import Text

# Whose spelling and point stands when several files speak of one town: the register before what was derived from it.
_ORDER = (
    "abr-town", "abr-town-pos", "abr-block", "abr-block-pos", "abr-residence", "abr-residence-pos", "abr-parcel",
    "abr-parcel-pos", "isj-town", "isj-block", "plain", "geolonia-csv", "geolonia-json", "azacode",
)  # fmt: skip
_SOURCES = {
    "abr": ("アドレス・ベース・レジストリ（デジタル庁）", "公共データ利用規約（PDL1.0）"),
    "isj": ("位置参照情報（国土交通省）", "国土数値情報ダウンロードサイト利用約款"),
    "geolonia": ("Geolonia 住所データ（Geolonia）", "CC BY 4.0"),
    "azacode": (
        "アドレス・ベース・レジストリ（デジタル庁、jageocoder-converter に収められたもの）",
        "公共データ利用規約（PDL1.0）",
    ),
    "plain": ("表（出どころは渡した人が知る）", ""),
}
_BATCH = 20_000
_SCRATCH = """
CREATE TABLE town (code TEXT, key TEXT, chome INTEGER, small TEXT, oaza TEXT, koaza TEXT, id TEXT, lat REAL, lon REAL, post TEXT);
CREATE TABLE point (code TEXT, id TEXT, lat REAL, lon REAL);
CREATE TABLE number (code TEXT, id TEXT, number_id TEXT, number TEXT, kind TEXT);
CREATE TABLE number_point (code TEXT, id TEXT, number_id TEXT, lat REAL, lon REAL);
CREATE TABLE named (code TEXT, key TEXT, chome INTEGER, small TEXT, oaza TEXT, koaza TEXT, number TEXT, lat REAL, lon REAL);
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What a gazetteer was made of: its counts, the files that were passed over, and the rows that were not believed."""

    path: Path
    bytes: int
    files: int
    municipalities: int
    towns: int
    located: int
    numbers: int
    passed_over: tuple[str, ...]
    doubted: tuple[Text, ...] = ()


def build_gazetteer(paths: Sequence[Path], out: Path) -> Built:
    """Read the files, folders and archives and write a gazetteer; the order they are given in does not matter.

    Raises NoPlaceFiles and PlaceFileBroken; the file at `out` is replaced only when everything was read.
    """
    files, others = find_place_files(paths)
    if not files:
        shown = "、".join(others[:5])
        raise NoPlaceFiles(
            given="、".join(path.name for path in paths[:5]),
            why_ja=f"あったもの: {shown}" if shown else "ファイルが一つもありません。",
            why_en=f"There is: {shown}" if shown else "There is no file at all.",
        )
    named = [(_ORDER.index(file.format), _sha256(file), file) for file in files]
    named.sort(key=lambda entry: entry[:2])
    named = [entry for place, entry in enumerate(named) if not place or entry[:2] != named[place - 1][:2]]
    with tempfile.TemporaryDirectory(prefix="tdpf-gazetteer-", dir=out.parent) as folder:
        with closing(sqlite3.connect(Path(folder) / "scratch.sqlite")) as scratch:
            scratch.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCRATCH)
            doubts = [Doubts(file.name) for _, _, file in named]
            sources = [
                _gathered(scratch, file, digest, doubt) for (_, digest, file), doubt in zip(named, doubts, strict=True)
            ]
            scratch.commit()
            _joined(scratch)
            counts = _written(scratch, sources, Path(folder) / "gazetteer", Path(folder) / "pages")
        (Path(folder) / "gazetteer").replace(out)
    return Built(
        path=out,
        bytes=out.stat().st_size,
        files=len(sources),
        municipalities=counts["municipalities"],
        towns=counts["towns"],
        located=counts["located"],
        numbers=counts["numbers"],
        passed_over=tuple(others),
        doubted=tuple(told for doubt in doubts for told in doubt.told),
    )


def _sha256(file: PlaceFile) -> str:
    with file.open() as raw:
        return file_digest(raw, "sha256").hexdigest()  # type: ignore[arg-type]  # any stream of bytes will do


def _gathered(scratch: sqlite3.Connection, file: PlaceFile, digest: str, doubts: Doubts) -> dict[str, Any]:
    """Put a file's rows into the scratch database; return what the header of the gazetteer says of it."""
    rows = 0
    batches: dict[str, list[tuple[Any, ...]]] = {}
    for read in file.rows():
        row = doubts.believed(read)
        if row is None:
            continue
        rows += 1
        table, values = _as_values(row)
        batch = batches.setdefault(table, [])
        batch.append(values)
        if len(batch) >= _BATCH:
            _insert(scratch, table, batch)
    for table, batch in batches.items():
        _insert(scratch, table, batch)
    title, licence = _SOURCES[file.format.split("-", 1)[0]]
    return {"format": file.format, "sha256": digest, "rows": rows, "title": title, "licence": licence}


def _insert(scratch: sqlite3.Connection, table: str, batch: list[tuple[Any, ...]]) -> None:
    scratch.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(batch[0]))})", batch)  # noqa: S608 (table names are this module's own)
    batch.clear()


def _as_values(row: Row) -> tuple[str, tuple[Any, ...]]:
    match row:
        case TownRow():
            lat, lon = row.point or (None, None)
            chome = -1 if row.chome is None else row.chome
            small = folded_town(row.koaza) if row.koaza else ""
            key = folded_town(row.oaza)
            return "town", (row.code, key, chome, small, row.oaza, row.koaza, row.town_id, lat, lon, row.postcode)
        case TownPoint():
            return "point", (row.code, row.town_id, *row.point)
        case NumberRow():
            return "number", (row.code, row.town_id, row.number_id, row.number, row.kind)
        case NumberPoint():
            return "number_point", (row.code, row.town_id, row.number_id, *row.point)
        case NamedNumber():
            chome = -1 if row.chome is None else row.chome
            small = folded_town(row.koaza) if row.koaza else ""
            key = folded_town(row.oaza)
            return "named", (row.code, key, chome, small, row.oaza, row.koaza, row.number, *row.point)


def _joined(scratch: sqlite3.Connection) -> None:
    """Bring positions to what they are positions of."""
    scratch.executescript("""
        CREATE INDEX point_id ON point (code, id);
        UPDATE town SET (lat, lon) = (SELECT lat, lon FROM point WHERE point.code = town.code AND point.id = town.id LIMIT 1)
            WHERE lat IS NULL AND id <> '' AND EXISTS (SELECT 1 FROM point WHERE point.code = town.code AND point.id = town.id);
        INSERT INTO town SELECT code, key, chome, small, min(oaza), min(koaza), '', avg(lat), avg(lon), ''
            FROM named GROUP BY code, key, chome, small ORDER BY code, key, chome, small;
        CREATE INDEX town_key ON town (code, key, chome, small);
        CREATE INDEX number_point_id ON number_point (code, id, number_id);
        CREATE INDEX number_id ON number (code, id);
        CREATE INDEX named_key ON named (code, key, chome, small);
    """)


def _written(scratch: sqlite3.Connection, sources: list[dict[str, Any]], out: Path, pages: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    index: dict[str, tuple[int, int, int]] = {}
    with pages.open("wb") as body:
        rows = scratch.execute(
            "SELECT code, key, chome, small, oaza, koaza, id, lat, lon, post FROM town ORDER BY code, key, chome, small, rowid"
        )
        for code, of_code in groupby(rows, key=lambda row: row[0]):
            towns = _towns(of_code)
            for town, ids in towns:
                numbers = _numbers_of(scratch, code, town, ids)
                if numbers:
                    town.numbers = _put(body, pack_numbers(numbers))
                    counts["numbers"] += len(numbers)
            packed = [town for town, _ in towns]
            set_precisions(packed)
            index[code] = _put(body, pack_towns(packed))
            counts["municipalities"] += 1
            counts["towns"] += len(packed)
            counts["located"] += sum(1 for town in packed if town.point)
        length = body.tell()
    header = orjson.dumps(
        {"format": FORMAT, "sources": sources, "counts": counts, "length": length, "municipalities": index},
        option=orjson.OPT_SORT_KEYS,
    )
    with out.open("wb") as file, pages.open("rb") as body:
        file.write(MAGIC + struct.pack("<II", len(header), zlib.crc32(header)) + header)
        while block := body.read(1 << 20):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return counts


def _put(body: IO[bytes], page: bytes) -> tuple[int, int, int]:
    offset = body.tell()
    body.write(page)
    return offset, len(page), zlib.crc32(page)


def _towns(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Town, set[str]]]:
    """Return one town for every name, chome and koaza, of what all files say of it, with all its ids."""
    found: list[tuple[Town, set[str]]] = []
    for _, of_key in groupby(rows, key=lambda row: row[1]):
        group: list[tuple[Town, set[str]]] = []
        for _, same in groupby(of_key, key=lambda row: row[2:4]):
            group.append(_merged(list(same)))
        whole = group[0][0]
        if whole.chome is not None or whole.koaza:
            whole = Town(whole.name)
            group.insert(0, (whole, set()))
        for town, _ in group:
            town.name = whole.name
        if whole.point is None:
            whole.point = oaza_of_chomes([town for town, _ in group])
        found.extend(group)
    return found


def _merged(rows: Sequence[tuple[Any, ...]]) -> tuple[Town, set[str]]:
    first = rows[0]
    point = next(((lat, lon) for *_, lat, lon, _ in rows if lat is not None), None)
    town = Town(
        name=first[4],
        chome=None if first[2] < 0 else first[2],
        koaza=first[5],
        town_id=next((row[6] for row in rows if row[6]), ""),
        point=point,
        postcode=next((row[9] for row in rows if row[9]), ""),
    )
    if town.koaza:
        town.chome = None
    return town, {row[6] for row in rows if row[6]}


def _numbers_of(scratch: sqlite3.Connection, code: str, town: Town, ids: set[str]) -> list[tuple[str, int, int, str]]:
    found: dict[str, tuple[int, int, str]] = {}
    for row in _number_rows(scratch, code, town, ids):
        number, lat, lon, kind = row
        found.setdefault(number, (round(lat * SCALE), round(lon * SCALE), kind))
    return [(number, *place) for number, place in sorted(found.items())]


def _number_rows(
    scratch: sqlite3.Connection, code: str, town: Town, ids: set[str]
) -> Iterator[tuple[str, float, float, str]]:
    for town_id in sorted(ids):
        yield from scratch.execute(
            "SELECT number, lat, lon, kind FROM number JOIN number_point USING (code, id, number_id)"
            " WHERE code = ? AND id = ? ORDER BY number, number_id",
            (code, town_id),
        )
    key, small = folded_town(town.name), folded_town(town.koaza) if town.koaza else ""
    yield from scratch.execute(
        "SELECT number, lat, lon, 'block' FROM named WHERE code = ? AND key = ? AND chome = ? AND small = ?"
        " ORDER BY number, lat, lon",
        (code, key, -1 if town.chome is None else town.chome, small),
    )

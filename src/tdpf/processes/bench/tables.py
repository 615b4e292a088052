"""Made-up tables for the benchmarks: facilities and readings of sensors, the same for everybody, kept once made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from tdpf.kit.hashing import sha256_hex
from tdpf.tables.build import build_table
from tdpf.tables.texts import texts_by_piece
from tdpf.tables.types import Field, TableManifest

_VERSION = 1
_CHUNK = 200_000
_CATEGORIES = tuple(
    f"{kind}{place}"
    for kind in ("避難所", "公園", "図書館", "保育所", "診療所", "駐輪場", "集会所", "体育館")
    for place in ("（区立）", "（都立）", "（民間）", "（その他）")
)
_SENSORS = 1_000
READINGS_BEGIN = datetime.fromtimestamp(1_767_193_200, UTC)
PER_AREA = 100
"""Facilities with the same area code."""

FACILITIES = (
    Field("ID", "code"),
    Field("名称"),
    Field("種別"),
    Field("地域コード", "code"),
    Field("住所"),
    Field("緯度", "number"),
    Field("経度", "number"),
    Field("電話番号"),
    Field("開設年月日", "date"),
    Field("定員", "integer"),
    Field("延床面積", "number"),
    Field("車いす", "boolean"),
    Field("開館時間"),
    Field("備考"),
    Field("更新年月日", "date"),
)
READINGS = (
    Field("センサー", "code"),
    Field("時刻", "datetime"),
    Field("温度", "number"),
    Field("湿度", "number"),
    Field("雨量", "integer"),
    Field("状態"),
)


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A made table: its CSV, fields and key."""

    name: str
    csv: Path
    fields: tuple[Field, ...]
    rows: int
    key: tuple[str, ...] = ()

    def texts(self) -> Iterator[Sequence[str | None]]:
        """Yield the rows as texts."""
        return (row for frame in texts_by_piece(self.csv, len(self.fields)) for row in frame.iter_rows())

    @property
    def identity(self) -> str:
        """The identity of the published table."""
        return sha256_hex(f"bench {self.name} {self.rows} {_VERSION}".encode())

    def publish(self, tables: Path) -> TableManifest:
        """Publish it below a folder of tables, or return what is there."""
        return build_table(self.texts(), self.fields, out_root=tables, identity=self.identity, key_columns=self.key)


def facilities(folder: Path, rows: int) -> MadeTable:
    """Return so many facilities of 15 columns in and around Tokyo; an area's are spread over the whole table."""
    path = folder / f"facilities-{rows}-{_VERSION}.csv"
    if not path.exists():
        _write(
            path, FACILITIES, (_facilities(start, min(_CHUNK, rows - start), rows) for start in range(0, rows, _CHUNK))
        )
    return MadeTable("facilities", path, FACILITIES, rows, ("ID",))


def readings(folder: Path, rows: int) -> MadeTable:
    """Return so many readings, a thousand sensors each minute, in the order of time."""
    path = folder / f"readings-{rows}-{_VERSION}.csv"
    if not path.exists():
        _write(path, READINGS, (_readings(start, min(_CHUNK, rows - start)) for start in range(0, rows, _CHUNK)))
    return MadeTable("readings", path, READINGS, rows)


def facility_id(number: int) -> str:
    """Return the key of the n-th facility, from 0."""
    return f"F{number:07d}"


def area_code(number: int) -> str:
    """Return the n-th area, from 0."""
    return f"13{number:06d}"


def sensor_id(number: int) -> str:
    """Return the n-th sensor, from 0."""
    return f"S{number:04d}"


def _write(path: Path, fields: Sequence[Field], frames: Iterator[pl.DataFrame]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    with aside.open("wb") as stream:
        for number, frame in enumerate(frames):
            named = frame.rename(dict(zip(frame.columns, [field.name for field in fields], strict=True)))
            named.write_csv(stream, include_header=number == 0, line_terminator="\r\n")
    aside.rename(path)


def _mixed(numbers: pl.Expr, salt: int) -> pl.Expr:
    """Whole numbers that look thrown: a multiplication and shifts, the same in every version."""
    mixed = (numbers * 2654435761 + salt * 40503) % 4294967296
    return ((mixed ^ (mixed // 65536)) * 2246822519 % 4294967296) // 16


def _facilities(start: int, count: int, rows: int) -> pl.DataFrame:
    n = pl.col("n")
    areas = max(1, rows // PER_AREA)
    number = pl.int_range(start, start + count, dtype=pl.Int64, eager=True)
    digits = n.cast(pl.String).str.zfill(7)
    kinds = pl.Series("kinds", _CATEGORIES)
    kind = pl.lit(kinds).gather((_mixed(n, 1) % len(_CATEGORIES)).cast(pl.UInt32))
    day = pl.lit(0).cast(pl.Int32)
    frame = pl.DataFrame({"n": number}).with_columns(kind.alias("kind"))
    return frame.select(
        (pl.lit("F") + digits).alias("0"),
        (pl.col("kind") + "第" + digits + "施設").alias("1"),
        pl.col("kind").alias("2"),
        (pl.lit("13") + (n % areas).cast(pl.String).str.zfill(6)).alias("3"),
        (
            pl.lit("東京都見本区架空町")
            + (_mixed(n, 2) % 9 + 1).cast(pl.String)
            + "丁目"
            + (_mixed(n, 3) % 40 + 1).cast(pl.String)
            + "番"
            + (_mixed(n, 4) % 30 + 1).cast(pl.String)
            + "号"
        ).alias("4"),
        (35.5 + (_mixed(n, 5) % 400_000) / 1_000_000).round(6).alias("5"),
        (139.3 + (_mixed(n, 6) % 600_000) / 1_000_000).round(6).alias("6"),
        (
            pl.lit("03-")
            + (_mixed(n, 7) % 9000 + 1000).cast(pl.String)
            + "-"
            + (_mixed(n, 8) % 9000 + 1000).cast(pl.String)
        ).alias("7"),
        (day + (_mixed(n, 9) % 17_900).cast(pl.Int32)).cast(pl.Date).alias("8"),
        (_mixed(n, 10) % 1000).alias("9"),
        ((_mixed(n, 11) % 100_000) / 10 + 0.05).round(2).alias("10"),
        pl.when(_mixed(n, 12) % 2 == 0).then(pl.lit("true")).otherwise(pl.lit("false")).alias("11"),
        pl.when(_mixed(n, 13) % 3 == 0).then(pl.lit("9:00-17:00（月曜休館）")).otherwise(pl.lit("24時間")).alias("12"),
        pl.when(_mixed(n, 14) % 4 == 0)
        .then(None)
        .otherwise(pl.lit("事前の予約が必要です。くわしくは窓口へ（") + digits + "）")
        .alias("13"),
        (day + 19_000 + (_mixed(n, 15) % 900).cast(pl.Int32)).cast(pl.Date).alias("14"),
    )


def _readings(start: int, count: int) -> pl.DataFrame:
    n = pl.col("n")
    number = pl.int_range(start, start + count, dtype=pl.Int64, eager=True)
    minute = n // _SENSORS
    time = (pl.lit(int(READINGS_BEGIN.timestamp())) + minute * 60).cast(pl.Int64) * 1_000_000
    text = time.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.DataFrame({"n": number}).select(
        (pl.lit("S") + (n % _SENSORS).cast(pl.String).str.zfill(4)).alias("0"),
        text.alias("1"),
        ((_mixed(n, 1) % 400) / 10).round(1).alias("2"),
        ((_mixed(n, 2) % 1000) / 10).round(1).alias("3"),
        (_mixed(n, 3) % 50).alias("4"),
        pl.when(_mixed(n, 4) % 100 == 0).then(pl.lit("点検中")).otherwise(pl.lit("正常")).alias("5"),
    )

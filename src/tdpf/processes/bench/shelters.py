"""A feed of shelter head-counts: real snapshots of open shelters as events in their order, or made ones that say so.

A snapshot lists the shelters that were open. That a shelter is open, closed or full is derived here and nowhere stated:
listed = open; listed before and not any more = closed; fullness = people by the capacity indoors, unknown without one.
"""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

JST = timezone(timedelta(hours=9))
COLUMNS = ("施設ID", "名称", "地区", "人数", "収容人数", "開設", "混雑", "時点", "電話番号")
DERIVED = "開設・混雑は人数と収容人数から導いたもので、元のデータにはありません。"
_WAREKI = re.compile(r"令和(元|\d+)年(\d+)月(\d+)日(?:(午前|午後)(\d+)時|(正午))?")
_FILE_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})-(\d{2})(\d{2})")
_INDOORS = re.compile(r"屋内\s*([\d,]+)\s*人|^\s*([\d,]+)\s*人?\s*$")


@dataclass(frozen=True, slots=True)
class Feed:
    """The events in their order, and what they are made of."""

    events: tuple[Mapping[str, Any], ...]
    about: str


def feed_from(folder: Path | None) -> Feed:
    """Return the feed of a folder of snapshots (CSV), or a made one where there are none."""
    snapshots = sorted(_snapshots(folder), key=lambda found: found[0]) if folder is not None and folder.is_dir() else []
    if not snapshots:
        return Feed(tuple(_events(_made())), "made data: 30 invented shelters, 26 snapshots")
    return Feed(tuple(_events(snapshots)), f"{len(snapshots)} real snapshots, {snapshots[0][0]} to {snapshots[-1][0]}")


Snapshot = tuple[str, list[dict[str, Any]]]


def _snapshots(folder: Path) -> Iterator[Snapshot]:
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [
                {_plain(name): _plain(value) for name, value in row.items() if name} for row in csv.DictReader(stream)
            ]
        counted = next((name for row in rows[:1] for name in row if name.startswith("人数")), None)
        if counted is None or "名称" not in rows[0] or "地区" not in rows[0]:
            continue
        at = _moment(rows[0].get("時点") or counted) or _moment_of_file(path.name)
        if at is not None:
            yield at, [_row(row, counted, at) for row in rows if row["名称"]]


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFKC", text or "").strip()


def _moment(text: str) -> str | None:
    found = _WAREKI.search(text)
    if found is None:
        return None
    year, month, day, half, hour, noon = found.groups()
    hours = 12 if noon else int(hour or 0) % 12 + (12 if half == "午後" else 0)
    return datetime(2018 + (1 if year == "元" else int(year)), int(month), int(day), hours, tzinfo=JST).isoformat()


def _moment_of_file(name: str) -> str | None:
    found = _FILE_TIME.search(name)
    return datetime(*map(int, found.groups()), tzinfo=JST).isoformat() if found else None  # type: ignore[arg-type,misc]  # six numbers


def _row(row: Mapping[str, str], counted: str, at: str) -> dict[str, Any]:
    people = row[counted].replace(",", "")
    found = _INDOORS.search(row.get("想定収容人数", ""))
    capacity = int((found[1] or found[2]).replace(",", "")) if found else None
    number = int(float(people)) if re.fullmatch(r"\d+(\.0)?", people) else None
    return {
        "施設ID": row.get("ID") or row["名称"],
        "名称": row["名称"],
        "地区": row["地区"] or "不明",
        "人数": number,
        "収容人数": capacity,
        "開設": "開設中",
        "混雑": fullness(number, capacity),
        "時点": at,
        "電話番号": row.get("電話番号") or None,
    }


def fullness(people: int | None, capacity: int | None) -> str:
    """Return how full a shelter is, by the capacity indoors."""
    if people is None or not capacity:
        return "不明"
    share = people / capacity
    return "満員" if share >= 1 else "混雑" if share >= 0.8 else "やや混雑" if share >= 0.5 else "空きあり"


def _events(snapshots: list[Snapshot]) -> Iterator[dict[str, Any]]:
    open_before: dict[str, dict[str, Any]] = {}
    for at, rows in snapshots:
        listed = {row["施設ID"]: row for row in rows}
        yield from rows
        for name, row in open_before.items():
            if name not in listed:
                yield {**row, "人数": 0, "開設": "閉鎖", "混雑": "不明", "時点": at}
        open_before = listed


def _made() -> list[Snapshot]:
    chance = random.Random(20240101)  # noqa: S311 - the same made data each time, no secret
    start = datetime(2024, 1, 9, 18, tzinfo=JST)
    places = [
        (f"M{number:03d}", f"見本避難所{number}", f"地区{number % 6}", chance.randrange(40, 600))
        for number in range(30)
    ]
    found = []
    for step in range(26):
        at = (start + timedelta(days=8 * step)).isoformat()
        rows = [
            {
                "施設ID": uid, "名称": name, "地区": area, "人数": (people := chance.randrange(0, capacity + 40)),
                "収容人数": capacity, "開設": "開設中", "混雑": fullness(people, capacity), "時点": at,
                "電話番号": f"0000-00-{number:04d}",
            }
            for number, (uid, name, area, capacity) in enumerate(places)
            if chance.random() > step / 30
        ]  # fmt: skip
        found.append((at, rows))
    return found

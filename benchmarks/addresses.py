"""Geocoding against coordinates that towns publish beside their addresses, and beside jageocoder on the same dictionary.

    TDPF_CORPUS=… .venv/bin/python -m benchmarks.addresses [--jageocoder PYTHON] [--json]

Every table of the corpus with an address and coordinates gives pairs; an address counts once. The gazetteer is built from
the corpus's `addresses` folder. A pair is judged where the gazetteer has the towns of the place; how far the point lies
from the stated one says how right it is. Files of 高松市 were looked at while the parser was written (`used`); those of
other towns were only measured (`held-out`).

`--jageocoder` names a Python that has jageocoder 2.2 and jageocoder-dbtool; the same towns are put into its dictionary.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tdpf.controlplane.preparation.engine.addresses.building import build_gazetteer
from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.naming import distance_km
from tdpf.controlplane.preparation.engine.municipalities import by_code
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.kit.areas import areas, prefecture_of
from tdpf.kit.errors import Problem

USED = ("372013",)
_LAT, _LON = re.compile(r"緯度|^lat", re.IGNORECASE), re.compile(r"経度|^lo?ng?", re.IGNORECASE)
_ADDRESS = re.compile(r"連結表記|^住所$|連絡先_住所$|所在地$|^address$", re.IGNORECASE)
_SPEED_ADDRESSES = 100_000


@dataclass(frozen=True, slots=True)
class Pair:
    """An address and where its publisher says it is; `home` is the publisher's municipality, "" when it is a prefecture."""

    file: str
    address: str
    point: tuple[float, float]
    home: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a geocoder said of a pair: level (ours) or number of levels (jageocoder), and the point."""

    level: str
    point: tuple[float, float] | None
    precision_m: int | None = None


def pairs_of(corpus: Path) -> Iterator[Pair]:
    """Yield the pairs of every table with addresses and coordinates, an address once."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(corpus.rglob("*")):
        if path.suffix.lower() not in (".csv", ".xlsx", ".xls") or {"addresses", "specs"} & set(path.parts):
            continue
        try:
            table = read_file(path, path.name).table
        except (Problem, ValueError, OSError):
            continue
        names = list(table.column_names)
        lat = next((place for place, name in enumerate(names) if _LAT.search(name)), None)
        lon = next((place for place, name in enumerate(names) if _LON.search(name)), None)
        wanted = [place for place, name in enumerate(names) if _ADDRESS.search(name)][:1]
        if lat is None or lon is None or not wanted:
            continue
        home = _home(path)
        for row in table.iter_rows():
            address = (row[wanted[0]] or "").strip()
            try:
                point = (float(row[lat] or ""), float(row[lon] or ""))
            except ValueError:
                continue
            if address and 20 < point[0] < 46 and 122 < point[1] < 154 and (home, address) not in seen:
                seen.add((home, address))
                yield Pair(str(path.relative_to(corpus)), address, point, home)


def _home(path: Path) -> str:
    """Return the municipality that a corpus file's name is of."""
    names = {"takamatsu": "372013", "122033": "122033", "oyama": "092088", "hachijo": "134015", "osaka": "271004"}
    return next((code for word, code in names.items() if word in path.name), "")


def place_of(pair: Pair) -> str:
    """Return the municipality a pair lies in for the split: the publisher's, else the prefecture of its file."""
    return pair.home or re.sub(r"\W", "", Path(pair.file).stem)[:20]


def score(pairs: Sequence[Pair], answers: Sequence[Answer]) -> dict[str, Any]:
    """Return how many were placed at a town or better, and how far from the stated point they lie, in metres."""
    placed = [(pair, answer) for pair, answer in zip(pairs, answers, strict=True) if answer.point and _deep(answer)]
    metres = sorted(distance_km(pair.point, answer.point) * 1000 for pair, answer in placed if answer.point)
    inside = [
        distance_km(pair.point, answer.point) * 1000 <= answer.precision_m
        for pair, answer in placed
        if answer.point and answer.precision_m
    ]

    def within(limit: float) -> float:
        return round(sum(1 for distance in metres if distance <= limit) / len(pairs), 4) if pairs else 0.0

    return {
        "addresses": len(pairs),
        "placed": len(placed),
        "median_m": round(metres[len(metres) // 2]) if metres else None,
        "within_300m": within(300),
        "within_500m": within(500),
        "within_1km": within(1000),
        "beyond_3km": sum(1 for distance in metres if distance > 3000),
        "inside_precision": round(sum(inside) / len(inside), 4) if inside else None,
    }


def _deep(answer: Answer) -> bool:
    return answer.level in ("oaza", "chome", "block", "residence")


def elsewhere(geocoder: Geocoder, pair: Pair, known: set[str]) -> bool:
    """Say whether an address states a municipality whose towns no dictionary here has (綾川町 in a file of 高松市)."""
    found = geocoder.geocode(pair.address)
    return bool(found.code) and found.level != "prefecture" and found.code not in known


def ours(geocoder: Geocoder, pairs: Iterable[Pair]) -> list[Answer]:
    """Return what TDPF says of every pair."""
    found = [geocoder.geocode(pair.address) for pair in pairs]
    return [Answer(place.level, _both(place.lat, place.lon), place.precision_m) for place in found]


def _both(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    return None if lat is None or lon is None else (lat, lon)


def speed(geocoder: Geocoder, addresses: Sequence[str]) -> float:
    """Return addresses a second of processor time on one core, the best of three."""
    many = [addresses[place % len(addresses)] for place in range(_SPEED_ADDRESSES)]
    best = 0.0
    for _ in range(3):
        begin = time.process_time()
        for address in many:
            geocoder.geocode(address)
        best = max(best, len(many) / (time.process_time() - begin))
    return best


def geojson_of(gazetteer: GazetteerFile) -> Iterator[dict[str, Any]]:
    """Yield the gazetteer's located towns as features for jageocoder-dbtool."""
    for code in gazetteer.header["municipalities"]:
        area, municipality = areas()[code], by_code()[code]
        prefecture = areas()[prefecture_of(code)].label.ja
        for town in gazetteer.towns(code).names.values():
            for part in (town, *(town.chomes or {}).values()):
                if part.point is None:
                    continue
                yield {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [part.point[1], part.point[0]]},
                    "properties": {
                        "code": f"{code}{town.name}{part.chome or ''}",
                        "pref": prefecture,
                        "county": area.county,
                        "city": municipality.name,
                        "oaza": town.name,
                        "aza": f"{part.chome}丁目" if part.chome is not None else "",
                    },
                }


def jageocoder(python: str, gazetteer: GazetteerFile, pairs: Sequence[Pair]) -> tuple[list[Answer], float]:
    """Return what jageocoder says of every pair with the same towns in its dictionary, and its speed."""
    with tempfile.TemporaryDirectory() as folder:
        towns, asked = Path(folder) / "towns.geojson", Path(folder) / "asked.json"
        features = list(geojson_of(gazetteer))
        towns.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
        asked.write_text(json.dumps([pair.address for pair in pairs], ensure_ascii=False))
        subprocess.run(
            [
                python, "-m", "jageocoder_dbtool", "geojson2db", f"--db-dir={folder}/db", "--code=code", "--pref=pref",
                "--county=county", "--city=city", "--oaza=oaza", "--aza=aza", str(towns),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        told = subprocess.run(
            [python, "-c", _ASK, f"{folder}/db", str(asked)], check=True, capture_output=True, text=True
        ).stdout
    answer = json.loads(told)
    return [
        Answer("oaza" if level >= 5 else "municipality", _both(lat, lon)) for level, lat, lon in answer["found"]
    ], float(answer["per_second"])


_ASK = """
import json, sys, time
import jageocoder
jageocoder.init(db_dir=sys.argv[1])
addresses = json.load(open(sys.argv[2]))
found = []
begin = time.process_time()
for address in addresses:
    results = jageocoder.search(address)["candidates"]
    best = results[0] if results else None
    found.append([best["level"], best["y"], best["x"]] if best else [0, None, None])
spent = time.process_time() - begin
print(json.dumps({"found": found, "per_second": len(addresses) / spent}))
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print a table (or JSON); return 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jageocoder", metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true", help="print the addresses that lie far from where they should")
    arguments = parser.parse_args(argv)
    corpus = Path(os.environ["TDPF_CORPUS"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "places.tdg"
        built = build_gazetteer([corpus / "addresses"], path)
        with GazetteerFile(path) as gazetteer:
            known = set(gazetteer.header["municipalities"])
            geocoder = Geocoder(gazetteer)
            pairs = [pair for pair in pairs_of(corpus) if pair.home in known or "Tokyo" in pair.file]
            pairs = [pair for pair in pairs if not elsewhere(geocoder, pair, known)]
            answers = ours(geocoder, pairs)
            told: dict[str, Any] = {"gazetteer": {"towns": built.towns, "bytes": built.bytes}, "ours": {}}
            groups: dict[str, list[int]] = {"all": list(range(len(pairs)))}
            for place, pair in enumerate(pairs):
                groups.setdefault("used" if pair.home in USED else "held-out", []).append(place)
                groups.setdefault(place_of(pair), []).append(place)
            for name, places in groups.items():
                told["ours"][name] = score([pairs[at] for at in places], [answers[at] for at in places])
            told["ours_per_second"] = round(speed(geocoder, [pair.address for pair in pairs]))
            if arguments.jageocoder:
                theirs, per_second = jageocoder(arguments.jageocoder, gazetteer, pairs)
                told["jageocoder"] = {
                    name: score([pairs[at] for at in places], [theirs[at] for at in places])
                    for name, places in groups.items()
                }
                told["jageocoder_per_second"] = round(per_second)
            if arguments.misses:
                _print_misses(pairs, answers)
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print_table(told)
    return 0


def _print_misses(pairs: Sequence[Pair], answers: Sequence[Answer]) -> None:
    for pair, answer in zip(pairs, answers, strict=True):
        metres = distance_km(pair.point, answer.point) * 1000 if answer.point else None
        if metres is None or not _deep(answer) or metres > max(1000, answer.precision_m or 0):
            print(f"{metres if metres is None else round(metres)}\t{answer.level}\t{pair.address}\t{pair.file}")


def _print_table(told: dict[str, Any]) -> None:
    columns = (
        "addresses",
        "placed",
        "median_m",
        "within_300m",
        "within_500m",
        "within_1km",
        "beyond_3km",
        "inside_precision",
    )
    print("| | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 1) + "|")
    for who in ("ours", "jageocoder"):
        for name, figures in told.get(who, {}).items():
            print(f"| {who} {name} | " + " | ".join(str(figures[column]) for column in columns) + " |")
    print(f"\nours: {told['ours_per_second']} addresses/s of processor time", end="")
    print(f"; jageocoder: {told['jageocoder_per_second']}" if "jageocoder_per_second" in told else "")


if __name__ == "__main__":
    sys.exit(main())

"""`tdpf geocode` (addresses → places as JSON lines or CSV) and `tdpf gazetteer build`. Both start without Django."""

from __future__ import annotations

import argparse
import codecs
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from math import isfinite
from pathlib import Path
from typing import BinaryIO, TextIO

import orjson

from tdpf.controlplane.preparation.engine.addresses.building import build_gazetteer
from tdpf.controlplane.preparation.engine.addresses.checking import check_stated, looks_like_tokyo_datum
from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.installed import gazetteer_path, installed_gazetteer
from tdpf.controlplane.preparation.engine.addresses.types import Geocoded
from tdpf.controlplane.preparation.engine.encoding import find_encoding
from tdpf.controlplane.preparation.engine.municipalities import by_code, named
from tdpf.controlplane.preparation.engine.places import prefectures
from tdpf.kit.areas import areas
from tdpf.kit.errors import Problem
from tdpf.kit.writing import whole_file
from tdpf.processes.preparing import not_a_file, told_problem, written_over

COLUMNS = (
    "input", "prefecture", "municipality", "town", "chome", "koaza", "block", "rest", "code", "town_id", "postcode", "lat", "lon",
    "level", "match", "precision_m", "evidence", "candidates",
)  # fmt: skip
_OLD_DATUM = "座標が全体に約450 m ずれています。日本測地系のままとみられます / all points are off by some 450 m: they seem to be in the old Tokyo datum"
_ENDINGS = (".jsonl", ".ndjson", ".json", ".csv")


def geocode_addresses(arguments: argparse.Namespace) -> int:
    """Answer every address in order; return 0 done, 1 something cannot be read or written, 2 wrong use."""
    wrong = _wrong_use(arguments)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        with ExitStack() as stack:
            geocoder = Geocoder(
                opened(arguments.gazetteer, stack),
                prefecture=arguments.prefecture or "",
                municipality=_municipality_code(arguments.municipality or ""),
            )
            if arguments.latitude:
                return _compare(geocoder, arguments, stack)
            found = map(geocoder.geocode, _addresses(arguments, stack))
            if arguments.out is None:
                _write_lines(found, sys.stdout.buffer)
            elif arguments.out.suffix.lower() == ".csv":
                out = stack.enter_context(whole_file(arguments.out))
                text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
                _write_csv(found, text)
                text.detach()
            else:
                _write_lines(found, stack.enter_context(whole_file(arguments.out)))
    except Problem as problem:
        print(told_problem(problem), file=sys.stderr)
        return 1
    except BrokenPipeError:
        raise
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        print(f"読み書きできません / cannot be read or written: {fault}", file=sys.stderr)
        return 1
    return 0


def opened(named: Path | None, stack: ExitStack) -> GazetteerFile | None:
    """Return the named gazetteer, else the installation's, None when there is none; raises GazetteerDamaged, GazetteerOther."""
    return stack.enter_context(GazetteerFile(named)) if named else installed_gazetteer()


def build(sources: Sequence[Path], *, out: Path | None) -> int:
    """Build a gazetteer and say what is in it; return 0 written, 1 nothing usable or something broken, 2 wrong use."""
    target = out or gazetteer_path()
    for path in sources:
        if not path.exists():
            print(f"{path}: ファイルがありません / no such file or folder", file=sys.stderr)
            return 2
    if target.is_dir():
        print(
            f"--out: {target} はフォルダです。ファイル名を指定してください / is a folder; name a file", file=sys.stderr
        )
        return 2
    if out is not None and not out.parent.is_dir():
        print(f"{out.parent}: フォルダがありません / no such folder", file=sys.stderr)
        return 2
    if over := written_over("--out", target, sources):
        print(over, file=sys.stderr)
        return 2
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        built = build_gazetteer(sources, target)
    except Problem as problem:
        print(told_problem(problem), file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"読み書きできません / cannot be read or written: {fault}", file=sys.stderr)
        return 1
    for told in built.doubted:
        print(f"{told.ja} / {told.en}", file=sys.stderr)
    for name in built.passed_over:
        print(f"使わなかった / not used: {name}", file=sys.stderr)
    print(
        f"{target}: {built.files} ファイル / files、{built.municipalities} 市区町村 / municipalities、"
        f"{built.towns} 町字 / towns（座標あり / located {built.located}）、{built.numbers} 番号 / numbers、{built.bytes} バイト / bytes"
    )
    return 0


def _wrong_use(arguments: argparse.Namespace) -> str:
    given = [bool(arguments.addresses), arguments.file is not None, arguments.csv is not None]
    if sum(given) > 1:
        return "住所は、引数、--file、--csv のどれか一つで渡してください / give addresses, --file or --csv, only one of them"
    if (arguments.latitude is None) != (arguments.longitude is None) or (arguments.latitude and not arguments.csv):
        return (
            "--latitude と --longitude は --csv と一緒に使います / --latitude and --longitude go together, with --csv"
        )
    if arguments.latitude and arguments.out is not None and arguments.out.suffix.lower() == ".csv":
        return "--latitude を使うときの --out は .jsonl などにしてください / with --latitude, --out takes JSON lines"
    if (arguments.csv is None) != (arguments.column is None):
        return "--csv と --column は一緒に使います / --csv and --column go together"
    for path in (arguments.file, arguments.csv, arguments.gazetteer):
        if path is not None and str(path) != "-" and not path.is_file():
            return not_a_file(path)
    if arguments.out is not None:
        if arguments.out.suffix.lower() not in _ENDINGS:
            return f"--out: 終わりを {'・'.join(_ENDINGS)} のどれかにしてください / must end in one of these"
        if not arguments.out.parent.is_dir():
            return f"{arguments.out.parent}: フォルダがありません / no such folder"
        read = [path for path in (arguments.file, arguments.csv, arguments.gazetteer) if path is not None]
        if over := written_over("--out", arguments.out, read):
            return over
    if arguments.prefecture and arguments.prefecture not in prefectures():
        return f"--prefecture: 「{arguments.prefecture}」という都道府県はありません / no such prefecture"
    if arguments.municipality and not _municipality_code(arguments.municipality):
        return f"--municipality: 「{arguments.municipality}」は一つに決まりません。コードで指定してください / is not just one; give its code"
    if arguments.csv is not None and str(arguments.csv) != "-":
        header = _header(arguments.csv)
        if arguments.column not in header:
            return (
                f"--column: 「{arguments.column}」という列はありません / no such column; there are: {', '.join(header)}"
            )
    return ""


def _municipality_code(stated: str) -> str:
    """Return the six-digit code of a municipality that is stated as code of five or six digits or by its name."""
    for code in (stated, *(area for area in areas() if area[:5] == stated)):
        if code in by_code():
            return code
    found = named(stated) or named(stated, "東京都") if stated else None
    return found.code if found else ""


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding=find_encoding(path, name=path.name).codec, newline="") as text:
            return next(csv.reader(text), [])
    except (OSError, ValueError, Problem, csv.Error):
        return []


def _addresses(arguments: argparse.Namespace, stack: ExitStack) -> Iterable[str]:
    if arguments.addresses:
        return [address.encode("utf-8", "replace").decode() for address in arguments.addresses]
    text = _opened_text(arguments.csv or arguments.file, table=arguments.csv is not None, stack=stack)
    if arguments.csv:
        return (cells[0] for cells in _cells(text, [arguments.column]))
    return (line.rstrip("\n") for line in text)


def _opened_text(path: Path | None, *, table: bool, stack: ExitStack) -> TextIO:
    newline = "" if table else None
    if path is None or str(path) == "-":
        return io.TextIOWrapper(sys.stdin.buffer, encoding=_stdin_codec(), errors="replace", newline=newline)
    codec = find_encoding(path, name=path.name).codec
    return stack.enter_context(path.open(encoding=codec, errors="replace", newline=newline))


def _stdin_codec() -> str:
    """Return the encoding of what waits on standard input: UTF-8 when its start is that, else Shift_JIS."""
    start = sys.stdin.buffer.peek(1 << 16) if isinstance(sys.stdin.buffer, io.BufferedReader) else b""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


def _compare(geocoder: Geocoder, arguments: argparse.Namespace, stack: ExitStack) -> int:
    """Write every place with what the row's own coordinates are to it; say so when all seem to be of the old datum."""
    names = (arguments.column, arguments.latitude, arguments.longitude)
    stated: list[tuple[float, float]] = []
    placed: list[tuple[float, float]] = []
    out = stack.enter_context(whole_file(arguments.out)) if arguments.out else sys.stdout.buffer
    for address, lat_text, lon_text in _cells(_opened_text(arguments.csv, table=True, stack=stack), names):
        place = geocoder.geocode(address)
        lat, lon = _degrees(lat_text), _degrees(lon_text)
        told = place.as_dict()
        told["stated"] = {"lat": lat, "lon": lon, "verdict": "unknown"}
        if lat is not None and lon is not None:
            verdict = told["stated"]["verdict"] = check_stated(place, lat, lon)
            if (
                verdict == "agrees"
                and place.lat is not None
                and place.lon is not None
                and place.level != "municipality"
            ):
                stated.append((lat, lon))
                placed.append((place.lat, place.lon))
        out.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
    out.flush()
    if looks_like_tokyo_datum(stated, placed):
        print(_OLD_DATUM, file=sys.stderr)
    return 0


def _degrees(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if isfinite(found) else None


def _cells(text: TextIO, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    rows = csv.reader(text)
    header = next(rows, [])
    for name in names:
        if name not in header:
            raise csv.Error(f"{name}: 列がありません / no such column")
    places = [header.index(name) for name in names]
    return (tuple(row[place] if len(row) > place else "" for place in places) for row in rows)


def _write_lines(found: Iterable[Geocoded], out: BinaryIO) -> None:
    out.writelines(orjson.dumps(place.as_dict(), option=orjson.OPT_APPEND_NEWLINE) for place in found)
    out.flush()


def _write_csv(found: Iterable[Geocoded], out: TextIO) -> None:
    from tdpf.tables.formulas import neutralised

    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for place in found:
        row = place.as_dict()
        row["evidence"] = " ".join(place.evidence)
        row["candidates"] = " ".join(candidate.code for candidate in place.candidates)
        writer.writerow({name: neutralised(cell) if isinstance(cell, str) else cell for name, cell in row.items()})

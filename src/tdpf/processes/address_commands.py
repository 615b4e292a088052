"""The grammar of `tdpf geocode` and `tdpf gazetteer`; what it does is imported when it runs."""

from __future__ import annotations

import argparse
from pathlib import Path

_HELP = """\
Addresses come from the arguments, else from --file or --csv, else from standard input, one a line (UTF-8 or Shift_JIS).
Every address gives one JSON line, in order:

  {"input", "prefecture", "municipality", "town", "chome"?, "koaza"?, "block"?, "rest", "code", "town_id"?, "postcode"?,
   "lat", "lon", "level", "match", "precision_m", "evidence": [...], "candidates"?: [{"prefecture", "municipality", "code"}]}

level      none, prefecture, municipality, oaza, chome, block or residence: what lat/lon stand for
match      exact; partial (the address states more than was found); ambiguous (see candidates; no lat/lon); none
evidence   why: docs/reference/addresses.md

With --latitude and --longitude every line also has "stated": {"lat", "lon", "verdict"}: agrees, elsewhere (outside the
municipality of the address), far (from its town), swapped, unknown.

Members with ? are left out when empty. With --out F.csv the same goes into columns. A fresh installation knows
municipalities; towns, chome, blocks and residences come from `tdpf gazetteer build`.
Exit: 0 every address was answered, 1 a file or the gazetteer cannot be read, 2 wrong use."""


_BUILD_HELP = """\
Reads CSV, JSON, JSON lines and ZIP (also ZIP in ZIP) of: the Address Base Registry (mt_town, mt_rsdtdsp_blk, mt_rsdtdsp_rsdt,
mt_parcel and their _pos files), 位置参照情報 (大字・町丁目レベル, 街区レベル), Geolonia (latest.csv, one JSON a municipality), and
plain tables with lg_code, town, lat, lng. Files of other kinds are passed over and named. The same files give the same bytes.
Exit: 0 written, 1 nothing usable or a file broken, 2 wrong use."""


def add_geocode(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `tdpf geocode` to the command line."""
    geocode = commands.add_parser(
        "geocode",
        help="part addresses and place them (JSON lines or CSV)",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    geocode.add_argument("addresses", nargs="*", metavar="ADDRESS")
    geocode.add_argument("--file", type=Path, metavar="F", help="a text file, one address a line; - is standard input")
    geocode.add_argument("--csv", type=Path, metavar="F", help="a CSV file; - is standard input")
    geocode.add_argument("--column", metavar="NAME", help="the column of --csv that holds the addresses")
    geocode.add_argument("--latitude", metavar="NAME", help="compare the row's own coordinates: column of the latitude")
    geocode.add_argument("--longitude", metavar="NAME", help="column of the longitude")
    geocode.add_argument("--out", type=Path, metavar="F", help="write there: .jsonl .ndjson .json (lines) or .csv")
    geocode.add_argument("--prefecture", metavar="NAME", help="the prefecture of addresses that leave it out (東京都)")
    geocode.add_argument(
        "--municipality", metavar="CODE", help="the municipality of addresses that leave it out (131016 or a name)"
    )
    geocode.add_argument("--gazetteer", type=Path, metavar="F", help="a gazetteer other than the installation's own")
    geocode.set_defaults(run=_geocode)


def add_gazetteer(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `tdpf gazetteer build` to the command line."""
    gazetteer = commands.add_parser("gazetteer", help="build the gazetteer from national files of addresses")
    doings = gazetteer.add_subparsers(required=True, metavar="build")
    build = doings.add_parser(
        "build",
        help="towns, chome, blocks and residences with their coordinates, from files, folders and archives",
        epilog=_BUILD_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument("--from", dest="sources", nargs="+", required=True, type=Path, metavar="FILE|FOLDER")
    build.add_argument(
        "--out", type=Path, metavar="F", help="the gazetteer to write; the installation's own if not given"
    )
    build.set_defaults(run=_build)


def _geocode(arguments: argparse.Namespace) -> int:
    from tdpf.processes.geocoding import geocode_addresses

    return geocode_addresses(arguments)


def _build(arguments: argparse.Namespace) -> int:
    from tdpf.processes.geocoding import build

    return build(arguments.sources, out=arguments.out)

"""The grammar of `tdpf screen`; what it does is imported when it runs."""

from __future__ import annotations

import argparse

_HELP = """\
Reads CSV, TSV, text, XLSX, XLSM, XLSB, XLS, ODS, JSON, GeoJSON, XML, PDF and (with tdpf[ocr]) pictures: every table of every sheet, hidden
ones too, and what stands around the tables. - is standard input. No value is shown, kept or logged: examples are masked.
With --json every file gives one JSON document a line, in order:

  {"path", "format", "encoding", "verdict", "tables": [{"sheet", "range", "rows", "columns", "verdict"}],
   "findings": [{"where": {"sheet", "range", "column", "cells": [...]}, "kind", "certainty", "count", "share", "example",
                 "message_ja", "message_en", "fix_ja", "fix_en"}],
   "clear": [...], "error"?: {"code", "message_ja", "message_en", "cure_ja"?, "cure_en"?}}

verdict    confirmed (not to be published before it is mended), doubtful (a person has to look), clean; null with an error
findings   confirmed ones first; kind is one of the kinds of docs/reference/personal-data.md; cells are the first of them
clear      what was found and stops nothing: contacts of facilities, people in office, operators in registers; no fix

Exit: 0 every file is clean, 1 one is confirmed, 2 wrong use, 3 one is doubtful and none confirmed, 4 one could not be read and
none is confirmed."""


def add_screen(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `tdpf screen` to the command line."""
    screen = commands.add_parser(
        "screen",
        help="look for personal data (個人情報) in files",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    screen.add_argument("files", nargs="+", metavar="FILE")
    screen.add_argument("--json", action="store_true", help="one JSON document a line, one line a file")
    screen.set_defaults(run=_screen)


def _screen(arguments: argparse.Namespace) -> int:
    from tdpf.processes.screening import print_screenings

    return print_screenings(arguments.files, as_json=arguments.json)

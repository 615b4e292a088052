"""`tdpf evidence FILE [OTHER]`: check evidence of use offline, and compare two files of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_evidence(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command to the grammar."""
    evidence = commands.add_parser("evidence", help="check a downloaded file of evidence of use, or compare two")
    evidence.add_argument("file", type=Path, metavar="FILE", help="from an agreement's page or the API")
    evidence.add_argument("other", type=Path, metavar="OTHER", nargs="?", help="what the other side was given")
    evidence.set_defaults(run=_evidence)


def _evidence(arguments: argparse.Namespace) -> int:
    from tdpf.controlplane.metering.evidence import compare_evidence, read_evidence
    from tdpf.kit.errors import Problem

    read = []
    try:
        for path in filter(None, (arguments.file, arguments.other)):
            try:
                read.append(read_evidence(path.read_bytes()))
            except (OSError, Problem) as fault:
                print(f"{path}: {_told(fault)}", file=sys.stderr)
                return 1
        compared = compare_evidence(*read) if len(read) == 2 else None
    except Problem as fault:
        print(_told(fault), file=sys.stderr)
        return 1
    for hour in compared.differences if compared is not None else ():
        ours, theirs = hour.ours, hour.theirs
        print(
            f"{ours.begins.isoformat()}: calls {ours.calls} ≠ {theirs.calls}, bytes {ours.bytes} ≠ {theirs.bytes},"
            f" errors {ours.errors} ≠ {theirs.errors}, refused {ours.refused} ≠ {theirs.refused}"
        )
    if compared is not None and compared.differences:
        return 1
    held = read[0]
    hours = held.hours
    if compared is not None:
        until = compared.until.isoformat()
        if not compared.hours and (hours or read[1].hours):
            print(f"{until} より前の利用がなく、比べられません / nothing to compare: no use before {until}")
            return 1
        hours = tuple(hour for hour in hours if hour.begins < compared.until)
        said = f"{until} までの二つの証跡は合っています / the two agree until {until}"
    else:
        said = "証跡は書かれたときのままです / as it was written"
    calls = sum(hour.calls for hour in hours)
    print(f"{said}: agreement {held.agreement}, {len(hours)} hours, {calls} calls, chain {held.chain}")
    return 0


def _told(fault: Exception) -> str:
    from tdpf.kit.errors import Problem

    return f"{fault.detail_in('ja')} / {fault.detail_in('en')}" if isinstance(fault, Problem) else str(fault)

"""`tdpf screen`: personal data in files, on standard output, as JSON lines or as a short report. Starts without Django."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.personal.sandbox import ScreeningOrder, screen_in_sandbox
from tdpf.controlplane.preparation.engine.personal.screened import LocatedFinding, Screened
from tdpf.kit.terminal import shown, shown_json
from tdpf.processes.handed_files import file_of, limits_for

_WORDS = {
    "confirmed": "個人情報があります（確定）。直すまで公開しないでください / confirmed: not to be published before it is mended",
    "doubtful": "個人情報かもしれない値があります。人が確かめてください / doubtful: a person has to look",
    "clean": "個人情報は見つかりませんでした / clean: no personal data found",
}
_CERTAIN = {"confirmed": "確定", "doubtful": "要確認", "clear": "記録のみ"}


def print_screenings(files: Sequence[str], *, as_json: bool) -> int:
    """Screen the files in order and print each as soon as it is done.

    Return 0 when all are clean, 1 when one is confirmed, 4 when one could not be read, 3 when one is doubtful.
    """
    met: set[str | None] = set()
    out = sys.stdout.buffer
    with tempfile.TemporaryDirectory(prefix="tdpf-screen-") as folder:
        orders = [
            ScreeningOrder(path=file_of(file, Path(folder)), shown=file, name="" if file == "-" else Path(file).name)
            for file in files
        ]
        for screened in screen_in_sandbox(orders, limits=limits_for([order.path for order in orders])):
            met.add(screened.verdict)
            if as_json:
                out.write(shown_json(orjson.dumps(screened.as_dict(), option=orjson.OPT_APPEND_NEWLINE)))
            else:
                out.write(("\n".join(map(shown, report(screened))) + "\n\n").encode("utf-8", "surrogateescape"))
            out.flush()
    return exit_code(met)


def exit_code(verdicts: set[str | None]) -> int:
    """Return what a script is told of the verdicts of some files, None standing for one that could not be read."""
    if "confirmed" in verdicts:
        return 1
    return 4 if None in verdicts else 3 if "doubtful" in verdicts else 0


def report(screened: Screened) -> Iterator[str]:
    """Yield the lines on a file for people."""
    yield screened.path
    if screened.verdict is None:
        error = screened.error or {}
        yield f"  読めませんでした / could not be read：{error.get('message_ja', '')}{error.get('cure_ja', '')}"
        return
    yield f"  {_WORDS[screened.verdict]}"
    for found in screened.findings:
        where = _place(found)
        yield f"  {_CERTAIN[found.certainty]}：{where}{found.message_ja}"
        yield (
            f"      直し方：{found.fix_ja}（例 {found.example}）" if found.example else f"      直し方：{found.fix_ja}"
        )
    for found in screened.clear:
        yield f"  {_CERTAIN['clear']}：{_place(found)}{found.message_ja}"


def _place(found: LocatedFinding) -> str:
    """Return where a finding is, in brackets before its sentence: 名簿!B3、B4."""
    sheet = f"{found.where.sheet}!" if found.where.sheet else ""
    cells = "、".join(found.where.cells) or found.where.range
    return f"［{sheet}{cells}］"

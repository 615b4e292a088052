"""`tdpf rate`: ratings of files on standard output, as JSON lines or as a short Japanese report. Starts without Django."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from tdpf.controlplane.preparation.engine.rating.ruleset import BY_ID, SOURCE
from tdpf.controlplane.preparation.engine.rating.sandbox import RatingOrder, rate_in_sandbox
from tdpf.controlplane.preparation.engine.rating.types import Rating, RatingFinding
from tdpf.kit.terminal import shown, shown_json
from tdpf.processes.handed_files import file_of, limits_for

_SHOWN_FINDINGS = 3
_LINES = re.compile(r"lines? ([\d\-,…]+)")
_COLUMNS = re.compile(r" ?column ([\d\-,…]+)")


def print_ratings(files: Sequence[str], *, as_json: bool) -> int:
    """Rate the files in order and print each as soon as it is done; 0 whenever every file has a verdict."""
    with tempfile.TemporaryDirectory(prefix="tdpf-rate-") as folder:
        _print(
            [RatingOrder(path=file_of(file, Path(folder)), shown=file, name=Path(file).name) for file in files],
            as_json=as_json,
        )
    return 0


def _print(orders: Sequence[RatingOrder], *, as_json: bool) -> None:
    out = sys.stdout.buffer
    for rating in rate_in_sandbox(orders, limits=limits_for([order.path for order in orders])):
        if as_json:
            out.write(shown_json(orjson.dumps(rating.as_dict(), option=orjson.OPT_APPEND_NEWLINE)))
        else:
            out.write(("\n".join(map(shown, report(rating))) + "\n\n").encode("utf-8", "surrogateescape"))
        out.flush()
    if not as_json:
        out.write(f"{SOURCE.ja}\n".encode())
        out.flush()


def report(rating: Rating) -> Iterator[str]:
    """Yield the lines of a rating for people."""
    yield rating.path
    if rating.error is not None:
        yield f"  読めませんでした：{rating.error.message_ja}"
        if rating.error.cure_ja:
            yield f"  {rating.error.cure_ja}"
        return
    levels = "  ".join(f"{level} {'－' if score is None else score}" for level, score in rating.levels.items())
    yield f"  データレート {rating.score:g} 点（{levels}）"
    form = f"{rating.format.upper()} {rating.encoding}".strip()
    for table in rating.tables[:4]:
        sheet = f"シート「{table.sheet}」の " if table.sheet else ""
        yield f"  {form}：{sheet}{table.range}、{table.rows} 行 {table.columns} 列"
    if len(rating.tables) > 4:
        yield f"  ほかに表が {len(rating.tables) - 4} 個"
    failed = [verdict for verdict in rating.rules if verdict.verdict == "fail"]
    if not failed:
        yield "  直すところは見つかりませんでした。"
    for verdict in failed:
        yield f"  {verdict.id} {BY_ID[verdict.id].title}"
        for found in verdict.findings[:_SHOWN_FINDINGS]:
            yield f"      {_line(found)}"
        if len(verdict.findings) > _SHOWN_FINDINGS:
            yield f"      ほか {len(verdict.findings) - _SHOWN_FINDINGS} 件"


def _line(found: RatingFinding) -> str:
    where = _COLUMNS.sub(r"\1列目", _LINES.sub(r"\1行目", found.where))
    mended = "［自動で直せます］" if found.fix else ""
    return f"{where}：{found.message_ja}{mended}" if where else f"{found.message_ja}{mended}"

"""Opening hours in several columns: for the morning and the afternoon, for weekdays and weekends, their beginning and their end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tdpf.controlplane.preparation.engine.mapping.names import fold
from tdpf.controlplane.preparation.engine.normalising.marks import is_missing
from tdpf.controlplane.preparation.engine.normalising.times import hours, time_of_day
from tdpf.controlplane.preparation.engine.recipes.types import Values
from tdpf.controlplane.preparation.engine.schemas.types import Schema

_HALF = re.compile(r"(?:の部)?(午前|午後|夜間)(?:の部|中)?")
_DAYS = re.compile(
    r"平日|土日祝?(?:休?日)?|日祝(?:休?日)?|[土日]曜日?|祝日|休日|[月火水木金土](?:曜日?)?[~〜～から-]+[火水木金土日](?:曜日?)?(?:曜日?)?"
)
_ENDS = (
    ("from", re.compile(r"開始|始め|始期?|(?<=[間刻])開$|^開$|から|(?<=[間刻])自$|^自$|open|start")),
    ("to", re.compile(r"終了|終わり|終期?|(?<=[間刻])閉$|^閉$|まで|(?<=[間刻])至$|^至$|close|end")),
)
_OPENS = re.compile(r"開(?=[館門場園所庁店])|始業")
_CLOSES = re.compile(r"[閉終](?=[館門場園所庁店])|終業")
_WHAT = re.compile(
    r"[()]*(?:外来|通常|一般)?(?:診療|診察|開館|利用|使用|営業|受付|開設|開放|開所|開園|開庁|開店|開門|開場|供用|業|[館門場園所庁店])?(?:可能)?(?:時間帯?|時刻|時)?[()]*"
)
_NAMES_BOTH = frozenset(("", "()"))


@dataclass(frozen=True, slots=True)
class Piece:
    """What the name of a column says of the hours in it: for which days, which half of the day, which end ("" for both)."""

    days: str
    half: str
    end: str


def piece_of(name: str) -> Piece | None:
    """Return what a column's name says of the hours in it, None when it is not one of several columns of hours."""
    rest = fold(name)
    days, half, end = _DAYS.search(rest), _HALF.search(rest), ""
    for found in (days, half):
        rest = rest.replace(found.group(), "", 1) if found else rest
    if _OPENS.match(rest) and not re.search(r"終了|まで|至$|閉", rest):
        end = "from" if re.search(r"時[刻間]$", rest) and not half and not days else ""
    elif _CLOSES.match(rest):
        end = "to"
    for which, words in _ENDS:
        if (found := words.search(rest)) is not None:
            end, rest = which, rest[: found.start()] + rest[found.end() :]
            break
    rest = _CLOSES.sub("", rest)
    if not (days or half or end) or not _WHAT.fullmatch(rest):
        return None
    if rest in _NAMES_BOTH and not end and not (half and not days):
        return None
    return Piece(days.group() if days else "", half.group(1) if half else "", end)


def pieces_of(names: Iterable[str]) -> dict[str, Piece]:
    """Return what the names of columns say; 開園時間（平日） is the beginning where 終園時間（平日） is there too."""
    found = {name: piece for name in names if (piece := piece_of(name)) is not None}
    ending = {(piece.days, piece.half) for piece in found.values() if piece.end == "to"}
    begun = {(piece.days, piece.half) for piece in found.values() if piece.end == "from"}
    return {
        name: replace(piece, end="from")
        if not piece.end and _OPENS.match(fold(name)) and (piece.days, piece.half) in ending - begun
        else piece
        for name, piece in found.items()
    }


def find_hours(
    columns: Mapping[str, Values], accepted: Mapping[str, str], schema: Schema
) -> tuple[tuple[str, ...], str] | None:
    """Return the columns that state hours in pieces and the field they are joined for, where nothing else states the hours whole."""
    field = schema.of("time.range") or schema.of("time.text")
    if field is None:
        return None
    ends = {entry.name for concept in ("time.start", "time.end") if (entry := schema.of(concept))}
    given = [name for name, target in accepted.items() if target in ends]
    pieces = [piece_of(name) for name in given]
    if any(piece is None or not (piece.days or piece.half) for piece in pieces):
        return None  # Columns of the day's beginning and end say it for the whole day.
    whole = next((name for name, target in accepted.items() if target == field.name), "")
    open_to = [name for name in columns if name not in accepted or name == whole or name in given]
    found = {name: piece for name, piece in pieces_of(open_to).items() if _states_times(columns[name], piece)}
    if (whole and whole not in found) or not set(given) <= set(found):
        return None
    single = {piece.end for piece in found.values()}
    groups = {(piece.days, piece.half) for piece in found.values()}
    paired = all(
        {piece.end for piece in found.values() if (piece.days, piece.half) == group} in ({""}, {"from", "to"})
        for group in groups
    )
    enough = len(found) >= 2 and len(found) == sum(2 if {"from"} & _ends(found, group) else 1 for group in groups)
    return (tuple(found), field.name) if paired and enough and single else None


def _ends(found: Mapping[str, Piece], group: tuple[str, str]) -> set[str]:
    return {piece.end for piece in found.values() if (piece.days, piece.half) == group}


def _states_times(values: Values, piece: Piece) -> bool:
    present = [value for value in values if value and not is_missing(value)][:200]
    read = sum(1 for value in present if (time_of_day(value).value if piece.end else hours(value)))
    return bool(present) and read * 2 > len(present)


def hours_of(names: Sequence[str], cells: Sequence[str]) -> str:
    """Return the hours of a row in one text: 平日 8:30～17:15 土日祝 9:00～17:00; one that lacks its other end is left out."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    pieces = pieces_of(names)
    for name, cell in zip(names, cells, strict=True):
        piece = pieces.get(name)
        if piece is not None and cell and not is_missing(cell):
            groups.setdefault((piece.days, piece.half), {})[piece.end] = cell
    said: list[str] = []
    for (days, half), ends in groups.items():
        span = ends.get("") or ("～".join((ends["from"], ends["to"])) if {"from", "to"} <= set(ends) else "")
        if {ends.get("from"), ends.get("to")} == {span.partition("～")[0]} and not span[:1].isdigit():
            span = span.partition("～")[0]  # 終日 at both ends
        if span:
            before = half if half and half not in span and span[:1].isdigit() else ""
            said.append(f"{days} {before}{span}" if days else f"{before}{span}")
    return ("、" if len({days for days, _ in groups}) <= 1 else " ").join(said)

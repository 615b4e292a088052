"""Lists with one column for each day of the week, folded into one column of days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.normalising.flags import presence
from tdpf.controlplane.preparation.engine.normalising.times import hours, weekdays
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame

FOLDED = "曜日（列をまとめたもの）"
HOURS = "曜日ごとの時間（列をまとめたもの）"
_WEEK = "月火水木金土日"
_DAY = re.compile(r"([月火水木金土日])(?:曜日?)?")
_SEVERAL = re.compile(r"平日|(?:[月火水木金土日祝](?:曜日?)?[~〜～・、,\-－―]?)+")


def weekday_columns(names: Sequence[str], headers: Sequence[tuple[str, ...]]) -> dict[str, str]:
    """Return {day: column} when a table has a column for at least five days of the week, else nothing."""
    found: dict[str, str] = {}
    for name, header in zip(names, headers, strict=True):
        label = header_text(header[-1] if header else name)
        match = _DAY.fullmatch(label)
        several = weekdays(label.removesuffix("祝日").removesuffix("祝")).value if _SEVERAL.fullmatch(label) else ""
        for day in match.group(1) if match else several or "":
            found.setdefault(day, name)
    return {day: found[day] for day in _WEEK if day in found} if len(found) >= 5 else {}


def fold_weekdays(frame: Frame, days: Mapping[str, str]) -> None:
    """Add a column of the days whose cells say yes or state hours; a row of which no day says anything stays empty."""
    folded: list[str | None] = []
    for row in range(frame.height):
        stated = {day: frame.columns[name][row] for day, name in days.items() if name in frame.columns}
        found = "".join(day for day in _WEEK if day in stated and _open(stated[day]))
        folded.append(found or None)
        if found:
            source, number = frame.origins[row]
            frame.cells[(row, FOLDED)] = tuple(
                CellRef(source, number, letter)
                for day in found
                for letter in frame.sources.get(str(days[day]), {}).get(source, ())
            )
    frame.columns[FOLDED] = folded
    frame.header[FOLDED] = "・".join(str(name) for name in days.values())

    if states_hours(days, frame.columns):
        _fold_hours(frame, days)


def states_hours(days: Mapping[str, str], columns: Mapping[str, Sequence[str | None]]) -> bool:
    """Say whether the columns of days state hours, not only yes and no."""
    return any(hours(value) is not None for name in set(days.values()) for value in columns.get(name, ()) if value)


def _fold_hours(frame: Frame, days: Mapping[str, str]) -> None:
    """Add a column of the hours, each after its day."""
    names = [name for name in dict.fromkeys(days.values()) if name in frame.columns]
    folded: list[str | None] = []
    for row in range(frame.height):
        said = [(name, value) for name in names if (value := frame.columns[name][row]) and hours(value) is not None]
        alike = len(said) == len(names) and len({value for _, value in said}) == 1
        folded.append(said[0][1] if alike else " ".join(f"{name} {value}" for name, value in said) or None)
        source, number = frame.origins[row]
        frame.cells[(row, HOURS)] = tuple(
            CellRef(source, number, letter)
            for name, _ in said
            for letter in frame.sources.get(name, {}).get(source, ())
        )
    frame.columns[HOURS] = folded
    frame.header[HOURS] = "・".join(names)


def _open(value: str | None) -> bool:
    return bool(value) and (presence(value or "").value == "有" or hours(value or "") is not None)

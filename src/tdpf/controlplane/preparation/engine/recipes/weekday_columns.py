"""Lists with one column for each day of the week, folded into one column of days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tdpf.controlplane.preparation.engine.cells import header_text
from tdpf.controlplane.preparation.engine.normalising.flags import presence
from tdpf.controlplane.preparation.engine.normalising.times import hours
from tdpf.controlplane.preparation.engine.recipes.types import CellRef, Frame

FOLDED = "曜日（列をまとめたもの）"
_WEEK = "月火水木金土日"
_DAY = re.compile(r"([月火水木金土日])(?:曜日?)?")


def weekday_columns(names: Sequence[str], headers: Sequence[tuple[str, ...]]) -> dict[str, str]:
    """Return {day: column} when a table has a column for at least five days of the week, else nothing."""
    found: dict[str, str] = {}
    for name, header in zip(names, headers, strict=True):
        match = _DAY.fullmatch(header_text(header[-1] if header else name))
        if match:
            found.setdefault(match.group(1), name)
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


def _open(value: str | None) -> bool:
    return bool(value) and (presence(value or "").value == "有" or hours(value or "") is not None)

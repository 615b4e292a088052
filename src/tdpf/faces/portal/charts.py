"""Use per day as a bar chart: geometry only; the same numbers stand in the table beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tdpf.controlplane.metering.types import DayUse

WIDTH, HEIGHT = 720, 200
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 12, 24, 28


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    day: date
    calls: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grid with its number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of WIDTH × HEIGHT; `days` are the labels under the axis."""

    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    days: tuple[tuple[float, date], ...]
    calls: int
    bytes: int
    errors: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    bottom: int = HEIGHT - _BOTTOM


def chart_of(use: Sequence[DayUse]) -> Chart:
    """Return the chart of calls per day, first day left."""
    top = _nice(max((day.calls for day in use), default=0))
    area = HEIGHT - _TOP - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(use))
    bars = tuple(
        Bar(
            x=round(_LEFT + step * place + step * 0.15, 1),
            y=round(_TOP + area * (1 - day.calls / top), 1),
            width=round(step * 0.7, 1),
            height=round(area * day.calls / top, 1),
            day=day.day,
            calls=day.calls,
        )
        for place, day in enumerate(use)
    )
    lines = tuple(Line(y=round(_TOP + area * (1 - part / 2), 1), value=top * part // 2) for part in range(3))
    every = max(1, len(use) // 6)
    days = tuple((round(bar.x + bar.width / 2, 1), bar.day) for place, bar in enumerate(bars) if place % every == 0)
    return Chart(
        bars=bars,
        lines=lines,
        days=days,
        calls=sum(day.calls for day in use),
        bytes=sum(day.bytes for day in use),
        errors=sum(day.errors for day in use),
    )


def _nice(highest: int) -> int:
    """Return an even number of at least `highest` that people like to read: 2, 4, 10, 20, 40, 100 …"""
    size = 1
    while True:
        for factor in (2, 4, 10):
            if size * factor >= highest:
                return size * factor
        size *= 10

"""Use per day or hour as small bar charts, one for each measure: geometry only; the same numbers stand in the table beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tdpf.controlplane.metering.types import DayUse, HourUse

WIDTH, HEIGHT = 360, 150
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 12, 12, 26
_LABELS = 6
Measure = Literal["calls", "bytes", "consumers", "errors", "speed"]
MEASURES: tuple[Measure, ...] = ("calls", "bytes", "consumers", "errors", "speed")


@dataclass(frozen=True, slots=True)
class Slot:
    """One day or hour: how the axis and how the table names it, and what happened."""

    label: str
    name: str
    use: DayUse | HourUse


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the units of the drawing; `label` as under the axis, `name` in full."""

    x: float
    y: float
    width: float
    height: float
    label: str
    name: str
    value: int

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grid with its number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of WIDTH × HEIGHT; `labelled` are the bars whose labels have room under the axis."""

    measure: Measure
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    labelled: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    bottom: int = HEIGHT - _BOTTOM


def charts_of(slots: Sequence[Slot], measures: Sequence[Measure] = MEASURES) -> list[Chart]:
    """Return a chart for each measure, the first slot left."""
    return [_chart(measure, slots) for measure in measures]


def _chart(measure: Measure, slots: Sequence[Slot]) -> Chart:
    values = [_value(measure, slot.use) for slot in slots]
    top = _nice(max(values, default=0))
    area = HEIGHT - _TOP - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(slots))
    bars = tuple(
        Bar(
            x=round(_LEFT + step * (place + 0.15), 1),
            y=round(_TOP + area * (1 - value / top), 1),
            width=round(step * 0.7, 1),
            height=round(area * value / top, 1),
            label=slot.label,
            name=slot.name,
            value=value,
        )
        for place, (slot, value) in enumerate(zip(slots, values, strict=True))
    )
    lines = tuple(Line(y=round(_TOP + area * (1 - part / 2), 1), value=top * part // 2) for part in range(3))
    return Chart(measure, bars, lines, bars[:: max(1, -(-len(bars) // _LABELS))])


def _value(measure: Measure, use: DayUse | HourUse) -> int:
    return use.speed.mean_ms or 0 if measure == "speed" else int(getattr(use, measure))


def _nice(highest: int) -> int:
    """Return an even number of at least `highest` that people like to read: 2, 4, 10, 20, 40, 100 …"""
    size = 1
    while True:
        for factor in (2, 4, 10):
            if size * factor >= highest:
                return size * factor
        size *= 10

"""Bar charts and small line charts as SVG, readable in light and dark, with a text for those who do not see it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _LEFT, _ROW, _TOP = 860, 330, 30, 52


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ours are drawn in colour."""

    name: str
    value: float
    ours: bool = False


def bar_chart(title: str, bars: Sequence[Bar], *, unit: str, note: str = "") -> str:
    """Return the chart; shorter is drawn first, each bar carries its figure."""
    ordered = sorted(bars, key=lambda bar: bar.value)
    most = max((bar.value for bar in ordered), default=1.0) or 1.0
    room = _WIDTH - _LEFT - 110
    height = _TOP + _ROW * len(ordered) + 30
    told = "; ".join(f"{bar.name}: {bar.value:g} {unit}" for bar in ordered)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" font-family="sans-serif">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="17" font-weight="bold" fill="#1a1a1c">{escape(title)}</text>',
    ]
    for number, bar in enumerate(ordered):
        y = _TOP + number * _ROW
        length = max(1.0, bar.value / most * room)
        colour = "#0017c1" if bar.ours else "#8c8c8c"
        weight = ' font-weight="bold"' if bar.ours else ""
        lines += [
            f'<text x="{_LEFT - 10}" y="{y + 17}" font-size="13" text-anchor="end" fill="#1a1a1c"{weight}>{escape(_short(bar.name))}</text>',
            f'<rect x="{_LEFT}" y="{y + 3}" width="{length:.1f}" height="20" fill="{colour}"/>',
            f'<text x="{_LEFT + length + 8:.1f}" y="{y + 18}" font-size="13" fill="#1a1a1c">{bar.value:,.4g} {escape(unit)}</text>',
        ]
    lines.append(f'<text x="16" y="{height - 10}" font-size="11" fill="#595959">{escape(note)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


_PANEL_WIDTH, _PANEL_HEIGHT = 430, 230
_LINES = (("#0017c1", ""), ("#b04a00", "6 4"))


@dataclass(frozen=True, slots=True)
class Panel:
    """One small drawing: lines by name, each a list of (size, value); sizes stand on a logarithmic axis, values begin at nought."""

    title: str
    lines: Mapping[str, Sequence[tuple[int, float]]]


def panels_chart(title: str, panels: Sequence[Panel], *, unit: str, note: str = "") -> str:
    """Return the panels two by two; every point carries its figure."""
    rows = -(-len(panels) // 2)
    height = _TOP + rows * _PANEL_HEIGHT + 26
    told = "; ".join(
        f"{panel.title}: {name} " + ", ".join(f"{size:,} → {value:,.4g} {unit}" for size, value in points)
        for panel in panels
        for name, points in panel.lines.items()
    )
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" font-family="sans-serif">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="17" font-weight="bold" fill="#1a1a1c">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        drawn += _panel(panel, number % 2 * _PANEL_WIDTH, _TOP + number // 2 * _PANEL_HEIGHT)
    drawn.append(f'<text x="16" y="{height - 10}" font-size="11" fill="#595959">{escape(note)}</text>')
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _panel(panel: Panel, left: int, top: int) -> list[str]:
    points = [point for line in panel.lines.values() for point in line]
    most = max((value for _, value in points), default=1.0) or 1.0
    logs = [math.log10(max(1, size)) for size, _ in points] or [0.0]
    low, span = min(logs), max(max(logs) - min(logs), 1e-9)
    base, room = top + _PANEL_HEIGHT - 46, _PANEL_HEIGHT - 100

    def at(size: int, value: float) -> tuple[float, float]:
        x = left + 40 + (math.log10(max(1, size)) - low) / span * (_PANEL_WIDTH - 90)
        return round(x, 1), round(base - value / most * room, 1)

    drawn = [
        f'<text x="{left + 16}" y="{top + 16}" font-size="13" font-weight="bold" fill="#1a1a1c">{escape(panel.title)}</text>',
        f'<line x1="{left + 24}" x2="{left + _PANEL_WIDTH - 34}" y1="{base}" y2="{base}" stroke="#8c8c8c"/>',
    ]
    for (name, line), (colour, dash) in zip(panel.lines.items(), _LINES, strict=False):
        placed = [at(size, value) for size, value in line]
        path = " ".join(f"{x},{y}" for x, y in placed)
        drawn.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        for (x, y), (size, value) in zip(placed, line, strict=True):
            drawn.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
            drawn.append(
                f'<text x="{x}" y="{y - 7}" font-size="11" text-anchor="middle" fill="{colour}">{value:,.0f}</text>'
            )
            drawn.append(
                f'<text x="{x}" y="{base + 16}" font-size="11" text-anchor="middle" fill="#595959">{size:,}</text>'
            )
        legend = left + 16 + 70 * list(panel.lines).index(name)
        drawn.append(
            f'<line x1="{legend}" x2="{legend + 22}" y1="{top + 30}" y2="{top + 30}" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        drawn.append(f'<text x="{legend + 28}" y="{top + 34}" font-size="12" fill="{colour}">{escape(name)}</text>')
    return drawn


def _short(name: str) -> str:
    return name if len(name) <= 46 else name[:45] + "…"

"""A bar chart as SVG, readable in light and dark, with a text for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence
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


def _short(name: str) -> str:
    return name if len(name) <= 46 else name[:45] + "…"

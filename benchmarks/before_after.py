"""Pictures of tables before and after, made from what `prepare` really gives for the made-up towns' files.

.venv/bin/python -m benchmarks.before_after docs/reference/pictures
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from html import escape
from itertools import islice
from pathlib import Path

from benchmarks import made_towns

from tdpf.controlplane.preparation.engine.recipes.preparing import prepare
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema
from tdpf.controlplane.preparation.engine.workpieces.comparing import compared
from tdpf.controlplane.preparation.engine.workpieces.types import CellShown

PICTURES = (
    ("care_service", made_towns.CARE_SERVICE, ("介護サービス事業所名称", "介護サービス事業所名称_カナ", "所在地_連結表記", "電話番号", "定員")),
    ("food_business", made_towns.FOOD_BUSINESS, ("施設名称", "施設所在地", "許可年月日", "許可満了日")),
    ("traffic_restriction", made_towns.TRAFFIC_RESTRICTION, ("規制名称", "所在地_連結表記", "規制開始日", "規制終了日", "規制開始時間")),
)  # fmt: skip
_COLOURS = {
    "changed": "#e8f1fe",
    "filled": "#e6f5ec",
    "rejected": "#fdeeee",
    "removed": "#f2f2f2",
    "missing": "#fbf5e0",
}
_WIDTH, _LINE, _ROWS = 190, 22, 4


def main(argv: Sequence[str] | None = None) -> int:
    """Write one picture for each kind into the folder named."""
    folder = Path((argv or sys.argv[1:])[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, files, columns in PICTURES:
        (folder / f"before-after-{name}.svg").write_text(picture(name, files, columns), encoding="utf-8")
    return 0


def picture(name: str, files: dict[str, str], columns: Sequence[str]) -> str:
    """Return an SVG of the first rows, each before and after, changed cells coloured."""
    schema = load_schema(name)
    with tempfile.TemporaryDirectory() as made:
        paths = [Path(made) / file for file in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        prepared = prepare(paths, schema, folder=Path(made))
        rows = list(islice(compared(prepared.run, prepared.sources), _ROWS))
    places = [prepared.run.columns.index(column) for column in columns]
    parts = [_text(60 + place * _WIDTH, 20, column, bold=True) for place, column in enumerate(columns)]
    top = 30
    for row in rows:
        parts += [_text(4, top + 16, "前"), _text(4, top + _LINE + 16, "後", bold=True)]
        for at, place in enumerate(places):
            parts += _cell(60 + at * _WIDTH, top, row.cells[place])
        top += 2 * _LINE + 8
    width = 60 + len(columns) * _WIDTH
    title = f"{schema.title}: もとの値（前）と整えた値（後）。作り物のファイルから"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" role="img" aria-label="{escape(title)}" '
        f'font-family="Noto Sans JP, Hiragino Sans, Yu Gothic, sans-serif" font-size="12">'
        f'<title>{escape(title)}</title><rect width="{width}" height="{top}" fill="#ffffff"/>{"".join(parts)}</svg>\n'
    )


def _cell(left: int, top: int, cell: CellShown) -> list[str]:
    colour = _COLOURS.get(cell.state, "#ffffff")
    ground = f'<rect x="{left - 4}" y="{top + _LINE}" width="{_WIDTH - 6}" height="{_LINE}" fill="{colour}"/>'
    return [
        ground,
        _text(left, top + 16, cell.before or "", soft=True),
        _text(left, top + _LINE + 16, cell.after or ""),
    ]


def _text(left: int, top: int, words: str, *, bold: bool = False, soft: bool = False) -> str:
    shown = words if len(words) <= 15 else f"{words[:14]}…"
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{left}" y="{top}" fill="{"#626264" if soft else "#1a1a1c"}"{weight}>{escape(shown)}</text>'


if __name__ == "__main__":
    sys.exit(main())

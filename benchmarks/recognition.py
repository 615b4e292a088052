"""How many cells of real tables are recognised rightly: pages with a text layer are made pictures and compared with it.

    python benchmarks/recognition.py CORPUS [--pages N] [--dpi N] [--degrees D] [--noise N] [--show]
    python benchmarks/recognition.py --made N [--show]

Prints one JSON line per page (refused: how many numbers of it were not read at all, because the picture was told to be too
coarse) and the shares over all pages: cells with the very same text (widths and spaces evened out),
letters that are the same, and, of the cells that are wrong, how many stood below the threshold and would have been looked at.
With `--made` N tables of population are drawn, worse and worse copies of them read, and told besides how many of the wrong numbers
the sums (both sexes, the row of totals) point at.
"""

from __future__ import annotations

import argparse
import difflib
import json
import time
import unicodedata
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tdpf.controlplane.preparation.engine.pages.checks import mark_conflicts
from tdpf.controlplane.preparation.engine.pages.documents import iter_pages
from tdpf.controlplane.preparation.engine.pages.grids import SURE, PageGrid
from tdpf.controlplane.preparation.engine.pages.joining import join_pages
from tdpf.controlplane.preparation.engine.pages.parts import parts_of
from tdpf.controlplane.preparation.engine.pages.recognition import recognised_page


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--made", type=int, default=0, help="tables of population to draw, in place of a corpus")
    parser.add_argument("--pages", type=int, default=1, help="pages of each file")
    parser.add_argument("--files", type=int, default=99)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--degrees", type=float, default=0.0)
    parser.add_argument("--noise", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the cells that are wrong")
    asked = parser.parse_args()
    if asked.made or asked.corpus is None:
        _made(asked.made or 6, show=asked.show)
        return
    total: dict[str, float] = {}
    for path in sorted((asked.corpus / "pdf").glob("*.pdf"))[: asked.files]:
        document = pypdfium2.PdfDocument(path)
        for page in list(iter_pages(document, name=path.name))[: asked.pages]:
            picture = document[page.number - 1].render(scale=asked.dpi / 72).to_pil().convert("RGB")
            begun = time.process_time()
            seen = recognised_page(
                _spoiled(picture, asked.degrees, asked.noise), 1, name=path.name, size=(page.width, page.height)
            )
            spent = time.process_time() - begun
            found = _compared(join_pages([parts_of(page)]), join_pages([parts_of(seen)]), show=asked.show)
            found["cpu_seconds"] = round(spent, 1)
            print(json.dumps({"file": path.name, "page": page.number, **found}), flush=True)
            for key, value in found.items():
                total[key] = total.get(key, 0) + value
    print(
        json.dumps(
            {
                "cells": total["cells"],
                "cells_right": round(total["right"] / total["cells"], 4),
                "letters_right": round(total["letters_right"] / total["letters"], 4),
                "wrong_cells_marked": round(total["wrong_marked"] / max(1, total["cells"] - total["right"]), 4),
                "right_cells_marked": round(total["right_marked"] / max(1, total["right"]), 4),
                "cpu_seconds": round(total["cpu_seconds"], 1),
            }
        )
    )


_FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
_GRADES = ((1.0, 0, 0.0), (1.0, 30, 0.8), (0.6, 30, 0.8), (0.5, 30, 0.9), (0.45, 35, 1.0))
"""How small, how noisy and how blurred a copy is; the first is clean."""


def _made(count: int, *, show: bool) -> None:
    dice = np.random.default_rng(7)
    total: dict[str, dict[str, int]] = {}
    for number in range(count):
        men, women = (dice.integers(100, 9_999, 20).tolist() for _ in range(2))
        rows = [
            [f"本町{line + 1}丁目", f"{m + w:,}", f"{m:,}", f"{w:,}"]
            for line, (m, w) in enumerate(zip(men, women, strict=True))
        ]
        rows.append(["合計", f"{sum(men) + sum(women):,}", f"{sum(men):,}", f"{sum(women):,}"])
        picture = _drawn([["地域名", "総数", "男", "女"], *rows])
        for size, noise, blur in _GRADES:
            small = picture.resize(
                (round(picture.width * size), round(picture.height * size)), Image.Resampling.LANCZOS
            )
            soft = small.filter(ImageFilter.GaussianBlur(blur)) if blur else small
            page = recognised_page(_spoiled(soft, 0.6 if noise else 0.0, noise), 1, name=f"made {number}")
            found = _numbers(rows, join_pages([parts_of(page)]), show=show)
            found["refused"] = found["numbers"] if page.coarse else 0
            grade = f"size {size}, noise {noise}, blur {blur}"
            print(json.dumps({"table": number, "copy": grade, **found}, ensure_ascii=False), flush=True)
            for name, value in found.items():
                total.setdefault(grade, {}).setdefault(name, 0)
                total[grade][name] += value
    for grade, found in total.items():
        print(json.dumps({"copy": grade, **found}, ensure_ascii=False))


def _drawn(rows: list[list[str]]) -> Image.Image:
    widths, step, left, top = (300, 200, 200, 200), 46, 90, 120
    picture = Image.new("RGB", (left * 2 + sum(widths), top * 2 + step * len(rows)), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(_FONT, 24)
    edges = [left + sum(widths[:place]) for place in range(len(widths) + 1)]
    for line in range(len(rows) + 1):
        pen.line((edges[0], top + step * line, edges[-1], top + step * line), fill="black", width=2)
    for edge in edges:
        pen.line((edge, top, edge, top + step * len(rows)), fill="black", width=2)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            x = edges[place] + 10 if not place else edges[place + 1] - 10 - pen.textlength(cell, font=font)
            pen.text((x, top + step * line + 6), cell, font=font, fill="black")
    return picture


def _numbers(truth: list[list[str]], seen: list[PageGrid], *, show: bool) -> dict[str, int]:
    """Count the numbers that were read, the wrong ones, and which of them confidence and sums point at."""
    grid = max(seen, key=lambda one: len(one.cells), default=None)
    counted = dict.fromkeys(("numbers", "wrong", "unsure", "against_a_sum", "either", "right_marked"), 0)
    used = [column for column in range(len(grid.cells[0])) if any(row[column] for row in grid.cells)] if grid else []
    rows = [[row[column] for column in used] for row in grid.cells] if grid else []
    places = [[row[column] for column in used] for row in grid.places] if grid else []
    at = next((line for line, row in enumerate(rows) if any("男" in (cell or "") for cell in row)), None)
    names = [_even(cell) for cell in rows[at]] if at is not None else []
    body, where = (rows[at + 1 :], places[at + 1 :]) if at is not None else ([], [])
    if names:
        mark_conflicts(names, body, where)
    for line, row in enumerate(truth):
        for column, cell in enumerate(row[1:], start=1):
            counted["numbers"] += 1
            got = _even(body[line][column]) if line < len(body) and column < len(body[line]) else ""
            place = where[line][column] if line < len(where) and column < len(where[line]) else None
            unsure = place is not None and place.confidence is not None and place.confidence < SURE
            summed = place is not None and bool(place.conflict)
            if got == _even(cell):
                counted["right_marked"] += unsure or summed
                continue
            counted["wrong"] += 1
            counted["unsure"] += unsure
            counted["against_a_sum"] += summed
            counted["either"] += unsure or summed
            if show:
                print(f"  {cell} | {got} | {place}")
    return counted


def _spoiled(picture: Image.Image, degrees: float, noise: int) -> np.ndarray:
    turned = picture.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="white")
    values = np.asarray(turned).astype(float)
    if noise:
        values = values + np.random.default_rng(1).normal(0, noise, (*values.shape[:2], 1))
    return np.clip(values, 0, 255).astype("uint8")


def _even(text: str | None) -> str:
    plain = unicodedata.normalize("NFKC", text or "")
    return "".join(letter for letter in plain.translate(_ALIKE) if not letter.isspace())


_ALIKE = str.maketrans("―－−ー‐–—〜～·・。", "-------~~..・")


def _compared(truth: list[PageGrid], seen: list[PageGrid], *, show: bool = False) -> dict[str, float]:
    true_rows = [[_even(cell) for cell in row] for grid in truth for row in grid.cells]
    seen_rows = [
        ([_even(cell) for cell in row], places)
        for grid in seen
        for row, places in zip(grid.cells, grid.places, strict=True)
    ]
    counted = dict.fromkeys(("cells", "right", "letters", "letters_right", "wrong_marked", "right_marked"), 0.0)
    matcher = difflib.SequenceMatcher(
        a=["|".join(r) for r in true_rows], b=["|".join(r) for r, _ in seen_rows], autojunk=False
    )
    pairs = [
        (true_rows[a0 + offset], seen_rows[b0 + offset] if b0 + offset < b1 else None)
        for _, a0, a1, b0, b1 in matcher.get_opcodes()
        for offset in range(a1 - a0)
    ]
    for row, other in pairs:
        for column, cell in enumerate(row):
            if not cell:
                continue
            read, places = other or ([], [])
            got = read[column] if column < len(read) else ""
            place = places[column] if column < len(places) else None  # type: ignore[arg-type, index]
            marked = place is not None and place.confidence is not None and place.confidence < SURE
            blocks = difflib.SequenceMatcher(a=cell, b=got, autojunk=False).get_matching_blocks()
            counted["cells"] += 1
            counted["letters"] += len(cell)
            counted["letters_right"] += sum(block.size for block in blocks)
            counted["right"] += got == cell
            if show and got != cell:
                print(f"  {cell} | {got} | {place.confidence if place else None}")
            counted["wrong_marked" if got != cell else "right_marked"] += marked
    return counted


if __name__ == "__main__":
    main()

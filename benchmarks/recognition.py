"""How many cells of real tables are recognised rightly: pages with a text layer are made pictures and compared with it.

    python benchmarks/recognition.py CORPUS [--pages N] [--dpi N] [--degrees D] [--noise N] [--show]

Prints one JSON line per page and the shares over all pages: cells with the very same text (widths and spaces evened out),
letters that are the same, and, of the cells that are wrong, how many stood below the threshold and would have been looked at.
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
from PIL import Image

from tdpf.controlplane.preparation.engine.pages.documents import iter_pages
from tdpf.controlplane.preparation.engine.pages.grids import SURE, PageGrid
from tdpf.controlplane.preparation.engine.pages.joining import join_pages
from tdpf.controlplane.preparation.engine.pages.parts import parts_of
from tdpf.controlplane.preparation.engine.pages.recognition import recognised_page


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--pages", type=int, default=1, help="pages of each file")
    parser.add_argument("--files", type=int, default=99)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--degrees", type=float, default=0.0)
    parser.add_argument("--noise", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the cells that are wrong")
    asked = parser.parse_args()
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

"""Pictures of tables made up for the reader: drawn, then turned, blurred and speckled as scanners and telephones do."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


def drawn_table(
    rows: Sequence[Sequence[str]], *, widths: Sequence[int], letter: int = 24, ruled: bool = True, title: str = ""
) -> Any:
    """Return a picture of a table at about 200 dpi; the first column is words, the others numbers to the right."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.truetype(FONT, letter, index=0)
    step = round(letter * 1.9)
    left, top = 90, 150
    width, height = left * 2 + sum(widths), top + step * len(rows) + 120
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    if title:
        pen.text((left, 60), title, font=ImageFont.truetype(FONT, letter + 10, index=0), fill="black")
    edges = [left + sum(widths[:place]) for place in range(len(widths) + 1)]
    if ruled:
        for line in range(len(rows) + 1):
            pen.line((edges[0], top + step * line, edges[-1], top + step * line), fill="black", width=2)
        for edge in edges:
            pen.line((edge, top, edge, top + step * len(rows)), fill="black", width=2)
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            y = top + step * line + round(letter * 0.25)
            long = pen.textlength(cell, font=font)
            x = edges[place] + 10 if not place else edges[place + 1] - 10 - long
            if not line:
                x = (edges[place] + edges[place + 1] - long) / 2
            pen.text((x, y), cell, font=font, fill="black")
    return picture


def scanned(picture: Any, *, degrees: float = 0.0, noise: int = 0, blur: float = 0.0, seed: int = 1) -> Any:
    """Return a picture turned, blurred and speckled."""
    import numpy as np
    from PIL import Image, ImageFilter

    turned = picture.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="white", expand=True)
    if blur:
        turned = turned.filter(ImageFilter.GaussianBlur(blur))
    if not noise:
        return turned
    grain = np.random.default_rng(seed).normal(0, noise, (turned.height, turned.width, 1))
    values = np.clip(np.asarray(turned).astype(float) + grain, 0, 255).astype("uint8")
    return Image.fromarray(values)


def encoded(picture: Any, form: str = "PNG", **options: Any) -> bytes:
    """Return a picture's bytes as a file of a form."""
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def shuffled(count: int, seed: int) -> list[int]:
    """Made-up numbers with all digits in them."""
    made = random.Random(seed)
    return [made.randrange(1, 9_999) for _ in range(count)]

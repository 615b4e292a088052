"""The manual as a PDF to print and hand on: A4, in Japanese, the same bytes for the same recipe and font."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

_INK, _LINE, _HEAD = "#1a1a1c", "#b3b3b3", "#e8f1fe"
# Embedded where the machine has one of them; else the reader's own Japanese font is named (ISO 32000-1, 9.7.5.2).
_FONTS = (
    "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf",
    "/usr/share/fonts/truetype/fonts-japanese-gothic.ttf",
    "/usr/share/fonts/truetype/ipaexfont-gothic/ipaexg.ttf",
)


def manual_pdf(markdown: str, *, title: str, font: Path | None = None) -> bytes:
    """Return the manual (headings, lists, tables and code of Markdown) as a PDF. `font` is a TrueType font to embed."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    name = _font(font)
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=title,
        author="TDPF",
        lang="ja",
        invariant=1,
    )

    def foot(canvas: Any, page: Any) -> None:
        canvas.setFont(name, 8)
        canvas.drawCentredString(A4[0] / 2, 10 * mm, f"{title}　{page.page}")

    document.build(list(_story(markdown, name)), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _font(font: Path | None) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for path in [font, *map(Path, _FONTS)]:
        if path is not None and path.is_file():
            try:
                pdfmetrics.registerFont(TTFont("manual", str(path)))
            except TTFError:
                continue
            return "manual"
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiKakuGo-W5"))
    return "HeiseiKakuGo-W5"


def _story(markdown: str, font: str) -> Iterator[Any]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Spacer

    body = ParagraphStyle("body", fontName=font, fontSize=10, leading=16, textColor=_INK, wordWrap="CJK")
    styles = {
        "# ": ParagraphStyle("h1", body, fontSize=18, leading=26, spaceAfter=8),
        "## ": ParagraphStyle("h2", body, fontSize=13, leading=20, spaceBefore=12, spaceAfter=4, textColor="#0017c1"),
        "- ": ParagraphStyle("list", body, leftIndent=14, bulletIndent=2, bulletFontName=font),
    }
    table: list[list[str]] = []
    for line in [*markdown.split("\n"), ""]:
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                table.append(cells)
            continue
        if table:
            yield _table(table, body)
            table = []
        marked = next((mark for mark in styles if line.startswith(mark)), "")
        numbered = re.match(r"(\d+)\. (.+)", line)
        if marked:
            text = _inline(line.removeprefix(marked), font)
            yield Paragraph(text, styles[marked], bulletText="・" if marked == "- " else None)
        elif numbered:
            yield Paragraph(_inline(numbered.group(2), font), styles["- "], bulletText=f"{numbered.group(1)}.")
        elif line.strip():
            yield Paragraph(_inline(line.strip(), font), body)
        else:
            yield Spacer(1, 4)


def _inline(text: str, font: str) -> str:
    """Return escaped text with `code` on a grey ground."""
    parts = text.split("`")
    return "".join(
        f'<font name="{font}" backColor="#f2f2f2">{escape(part)}</font>' if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _table(rows: Sequence[Sequence[str]], body: Any) -> Any:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table, TableStyle

    cell = ParagraphStyle("cell", body, fontSize=9, leading=13)
    width = (A4[0] - 40 * mm) / max(1, len(rows[0]))
    wide = [[Paragraph(_inline(text, body.fontName), cell) for text in row] for row in rows]
    table = Table(wide, colWidths=[width] * len(rows[0]), repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, _LINE),
                ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table

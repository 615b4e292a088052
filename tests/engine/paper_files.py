"""PDFs made up for the reader: letters and rules placed as office programs place them, written by hand."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Sheet:
    """One page being drawn; y counts from the top, in points."""

    width: float = 595
    height: float = 842
    parts: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float = 9, *, align: str = "left", turned: bool = False
    ) -> None:
        """Write text with its baseline at y; `align` says what x is."""
        x -= {"left": 0.0, "right": 1.0, "centre": 0.5}[align] * text_width(text, size)
        code = text.encode("utf-16-be").hex()
        matrix = f"0 1 -1 0 {x:.2f} {self.height - y:.2f}" if turned else f"1 0 0 1 {x:.2f} {self.height - y:.2f}"
        self.parts.append(f"BT /F1 {size} Tf {matrix} Tm <{code}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Draw a rule."""
        self.parts.append(f"0.5 w {x0:.2f} {self.height - y0:.2f} m {x1:.2f} {self.height - y1:.2f} l S")

    def frame(self, xs: Sequence[float], ys: Sequence[float], *, rows: bool = True, columns: bool = True) -> None:
        """Draw the rules of a table; without `rows` or `columns` only the outer ones of that direction."""
        for y in ys if rows else (ys[0], ys[-1]):
            self.line(xs[0], y, xs[-1], y)
        for x in xs if columns else (xs[0], xs[-1]):
            self.line(x, ys[0], x, ys[-1])


def text_width(text: str, size: float) -> float:
    """How wide a text is: half a square for narrow letters, a square for the others."""
    return sum(size if unicodedata.east_asian_width(letter) in "WFA" else size / 2 for letter in text)


def pdf(sheets: Sequence[Sheet], *, extra: str = "") -> bytes:
    """Return the pages as a PDF; the font is a standard Japanese one that no file has to carry."""
    objects: list[bytes] = []
    pages = " ".join(f"{6 + 2 * index} 0 R" for index in range(len(sheets)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{pages}] /Count {len(sheets)} >>".encode())
    objects.append(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-HW-H /DescendantFonts [4 0 R] >>"
    )
    objects.append(
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /W [231 632 500 1 230 500]"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor 5 0 R >>"
    )
    objects.append(
        b"<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0"
        b" /Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>"
    )
    for index, sheet in enumerate(sheets):
        content = zlib.compress("\n".join(sheet.parts).encode())
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet.width} {sheet.height}] /Contents {7 + 2 * index} 0 R"
            f" /Resources << /Font << /F1 3 0 R >> >> {extra} >>".encode()
        )
        objects.append(
            f"<< /Length {len(content)} /Filter /FlateDecode >>\nstream\n".encode() + content + b"\nendstream"
        )
    return assemble(objects)


def assemble(objects: Sequence[bytes]) -> bytes:
    """Number objects from 1, the first being the catalogue, and write the file around them."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


TOWNS = [
    "霞が関一丁目",
    "大手町二丁目",
    "神田神保町",
    "飯田橋",
    "九段北",
    "富士見",
    "六番町",
    "平河町",
    "永田町",
    "隼町",
]


def counts(number: int) -> list[int]:
    """Households, men, women and all of a made-up town."""
    men, women = 100 + 37 * number % 401, 90 + 53 * number % 397
    return [80 + 29 * number % 307, men, women, men + women]


def population_rows(count: int) -> list[list[str]]:
    """Rows of a made-up population table: town, households, men, women, all."""
    return [
        [f"{TOWNS[n % len(TOWNS)]}{n // len(TOWNS) or ''}", *(f"{value:,}" for value in counts(n))]
        for n in range(count)
    ]


POPULATION = ["町丁名", "世帯数", "男", "女", "計"]


def table_pages(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    per_page: int = 30,
    rule_rows: bool = True,
    rule_columns: bool = True,
    outer: bool = True,
    title: str = "町丁別世帯数及び人口",
    step: float = 20.0,
) -> list[Sheet]:
    """Lay a table over pages, the header on each, words to the left and numbers to the right."""
    sheets = []
    xs = [50.0 + 98 * place for place in range(len(header) + 1)]
    total = -(-len(rows) // per_page)
    for start in range(0, len(rows), per_page):
        sheet = Sheet()
        if not start:
            sheet.text(60, 50, title, 14)
            sheet.text(400, 66, "令和6年1月1日現在")
        part = rows[start : start + per_page]
        ys = [80 + step * index for index in range(len(part) + 2)]
        if rule_rows or rule_columns or outer:
            if not rule_rows:
                sheet.line(xs[0], ys[1], xs[-1], ys[1])
            if outer or (rule_rows and rule_columns):
                sheet.frame(xs, ys, rows=rule_rows, columns=rule_columns)
            elif rule_rows:
                for y in ys:
                    sheet.line(xs[0], y, xs[-1], y)
        for place, name in enumerate(header):
            sheet.text((xs[place] + xs[place + 1]) / 2, ys[0] + 0.7 * step, name, align="centre")
        for index, row in enumerate(part):
            for place, cell in enumerate(row):
                y = ys[index + 1] + 0.7 * step
                if place:
                    sheet.text(xs[place + 1] - 5, y, cell, align="right")
                else:
                    sheet.text(xs[place] + 5, y, cell)
        sheet.text(297, 820, f"{start // per_page + 1}/{total}", align="centre")
        sheets.append(sheet)
    return sheets

"""Ways in which office programs and browsers lay a table on paper: wrapped, cut off, dotted, broken by the end of a page."""

from __future__ import annotations

from pathlib import Path

from paper_files import POPULATION, Sheet, pdf, population_rows, text_width

from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.types import TableFound

WORKS = ["路線名", "規制する区間", "内容", "迂回路"]


def _table(tmp_path: Path, sheets: list[Sheet]) -> TableFound:
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf(sheets))
    return read_file(path, path.name).table


def _works(count: int) -> list[list[str]]:
    return [
        [
            f"市道{101 + n}号線",
            f"緑町{n + 1}丁目地内から桜木町まで延長{n * 12 + 180}メートル",
            ["全面通行止めとする", "片側を交互に通行（信号機による）"][n % 2],
            ["あり", "なし"][n % 2],
        ]
        for n in range(count)
    ]


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for letter in text:
        if text_width(lines[-1] + letter, 9) > width:
            lines.append("")
        lines[-1] += letter
    return lines


def _pages(rows: list[list[str]], per_page: int, *, ruled: bool, middle: bool) -> list[Sheet]:
    """Lay rows whose cells wrap over pages, the columns closer together than two letters of a line may be."""
    edges, widths = [50.0, 110, 236, 322], [56, 121, 81, 30]
    sheets = []
    for start in range(0, len(rows), per_page):
        sheet = Sheet()
        y = 80.0
        for row in [WORKS, *rows[start : start + per_page]]:
            cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
            most = max(map(len, cells))
            for x, lines in zip(edges, cells, strict=True):
                down = (most - len(lines)) * 6 if middle else 0
                for place, line in enumerate(lines):
                    sheet.text(x, y + 9 + down + 12 * place, line)
            y += 12 * most + 6
            if ruled:
                sheet.line(48, y - 3, 352, y - 3)
        sheets.append(sheet)
    return sheets


def test_wrapped_rows_without_a_frame_are_told_by_rules_or_gaps_and_a_short_last_page_goes_on(tmp_path: Path) -> None:
    rows = _works(25)
    for ruled, middle in ((True, True), (False, True), (False, False)):
        table = _table(tmp_path, _pages(rows, 12, ruled=ruled, middle=middle))
        assert list(table.column_names) == WORKS, (ruled, middle)
        assert list(table.iter_rows()) == rows, (ruled, middle)


def test_rules_of_dots_frame_a_table(tmp_path: Path) -> None:
    sheet = Sheet()
    xs, ys = [50.0, 150, 260], [80 + 26.0 * line for line in range(6)]
    dots = [(x, y) for y in ys for x in range(50, 261, 2)] + [(x, y) for x in xs for y in range(80, 211, 2)]
    sheet.parts += [f"{x - 0.4:.2f} {842 - y - 0.4:.2f} 0.8 0.8 re f" for x, y in dots]
    rows = [[f"第{line}回まつり", f"８月{line}日\n午前{line}時"] for line in range(1, 5)]
    for line, row in enumerate([["行事", "日時"], *rows]):
        for x, cell in zip(xs, row, strict=False):
            for place, text in enumerate(cell.split("\n")):
                sheet.text(x + 3, ys[line] + 11 + 11 * place, text)
    table = _table(tmp_path, [sheet])
    assert list(table.column_names) == ["行事", "日時"]
    assert list(table.iter_rows()) == rows


def test_labels_that_a_page_break_parts_from_their_rows_are_kept_and_full_rows_are_not_underlined(
    tmp_path: Path,
) -> None:
    """The label of the second district stands on the second page, that of the third on the second as well."""
    rows = population_rows(24)
    districts = [(0, 5, "中央"), (5, 15, "東部"), (15, 24, "西部")]
    xs = [40.0, 100, 190, 250, 310, 370, 430]
    sheets = []
    for start, end in ((0, 8), (8, 20), (20, 24)):
        sheet = Sheet()
        ys = [80 + 15.0 * line for line in range(end - start + 2)]
        for x in (xs[0], *xs[2:]):
            sheet.line(x, ys[0], x, ys[-1])
        sheet.line(xs[1], ys[0], xs[1], ys[1])
        for y in ys:
            sheet.line(xs[0] if y in ys[:2] else xs[1], y, xs[-1], y)
        for place, name in enumerate(["地区", *POPULATION]):
            sheet.text(xs[place] + 2, 91, name)
        for line, row in enumerate(rows[start:end], start=1):
            sheet.text(xs[1] + 1, ys[line] + 11, row[0])
            for place, cell in enumerate(row[1:], start=3):
                sheet.text(xs[place] - 1, ys[line] + 11, cell, align="right")
        for first, last, name in districts:
            if start < last < end:
                sheet.line(xs[0], ys[last - start + 1], xs[1], ys[last - start + 1])
            if first < end and last > start:
                inside = min(last, end) - max(first, start)
                if inside * 2 >= last - first:
                    sheet.text(60, (ys[max(first, start) - start + 1] + ys[min(last, end) - start + 1]) / 2 + 4, name)
        sheets.append(sheet)
    table = _table(tmp_path, sheets)
    assert list(table.column_names) == ["地区", *POPULATION]
    named = [name for first, last, name in districts for _ in range(last - first)]
    assert list(table.iter_rows()) == [[name, *row] for name, row in zip(named, rows, strict=True)]


def test_what_overflows_its_cell_and_is_cut_off_there_stays_in_it(tmp_path: Path) -> None:
    sheet = Sheet()
    xs, ys = [50.0, 150, 290], [80 + 20.0 * line for line in range(6)]
    sheet.frame(xs, ys)
    rows = [[f"第{line}避難所", "ペットは屋外の指定場所に限り同伴できます"] for line in range(1, 5)]
    sheet.text(53, 94, "名称")
    sheet.text(153, 94, "備考")
    for line, row in enumerate(rows, start=1):
        sheet.text(53, ys[line] + 14, row[0])
        sheet.parts.append(f"q {xs[1]} {842 - ys[line + 1]} {xs[2] - xs[1]} 20 re W n")
        for place, text in enumerate((row[1][:7], row[1][7:14], row[1][14:])):
            sheet.text(153, ys[line] + 14 + 13 * (place - 1), text, 12)
        sheet.parts.append("Q")
    table = _table(tmp_path, [sheet])
    assert [row[0] for row in table.iter_rows()] == [row[0] for row in rows]
    assert [(row[1] or "").replace("\n", "") for row in table.iter_rows()] == [row[1] for row in rows]


def test_a_row_that_a_page_break_cuts_in_two_is_one_row(tmp_path: Path) -> None:
    rows = [[f"第{n}号", f"食堂{n}", f"調理場は客席と区画し、第{n}類の魚介類は取り扱わないこと"] for n in range(1, 13)]
    sheets = []
    for start, end in ((0, 6), (6, 12)):
        sheet = Sheet()
        parts = [[row[0], row[1], row[2]] for row in rows[start:end]]
        if start:
            parts.insert(0, ["", "", rows[5][2][14:]])
        else:
            parts[5][2] = rows[5][2][:14]
        ys = [80.0]
        for line, row in enumerate(parts):
            cells = [row[:1], row[1:2], _wrapped(row[2], 126)]
            for x, lines in zip((53, 113, 183), cells, strict=True):
                for place, text in enumerate(lines):
                    sheet.text(x, ys[line] + 11 + 11 * place, text)
            ys.append(ys[line] + 11 * len(cells[2]) + 6)
        sheet.frame([50, 110, 180, 312], ys if start else [60, *ys])
        if not start:
            for x, text in zip((53, 113, 183), ("番号", "名称", "条件"), strict=True):
                sheet.text(x, 74, text)
        sheets.append(sheet)
    table = _table(tmp_path, sheets)
    assert list(table.iter_rows()) == rows
    assert any(note.code == "rows-over-pages" for note in table.notes)

"""Tables on paper: every record of a PDF comes out once, whatever the rules drawn, with its page and box."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from paper_files import POPULATION, Sheet, pdf, population_rows, table_pages

from tdpf.controlplane.preparation.engine.errors import SeveralTables
from tdpf.controlplane.preparation.engine.pages.glyphs import mend_glyphs
from tdpf.controlplane.preparation.engine.rating.rate import rate_path
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import TableFound
from tdpf.processes.preparing import prepare_files

TRUTH = Path(__file__).with_name("pdf_truth.tsv")


def _table(tmp_path: Path, content: bytes) -> TableFound:
    path = tmp_path / "made.pdf"
    path.write_bytes(content)
    return read_file(path, path.name).table


def _truth() -> list[dict[str, str]]:
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("seen", _truth(), ids=lambda seen: seen["file"])
def test_every_record_of_a_real_pdf_comes_out(corpus: Path, seen: dict[str, str]) -> None:
    path = corpus / seen["file"]
    table = read_file(path, path.name).table
    rows = list(table.iter_rows())
    pages = Counter(next(place.page for place in places if place) for places in table.iter_cells())
    assert table.column_names == tuple(seen["columns"].split("|"))
    assert [pages[page + 1] for page in range(max(pages))] == json.loads(seen["rows_per_page"])
    for sample in json.loads(seen["samples"]):
        row, column, value = sample
        assert rows[row - 1][table.column_names.index(column)] == value


@pytest.mark.parametrize(
    "drawn",
    [
        {},
        {"rule_rows": False},
        {"rule_columns": False},
        {"rule_rows": False, "rule_columns": False},
        {"rule_columns": False, "outer": False},
        {"rule_rows": False, "rule_columns": False, "outer": False},
        {"rule_rows": False, "step": 11, "per_page": 60},
        {"rule_rows": False, "rule_columns": False, "outer": False, "step": 11, "per_page": 60},
    ],
    ids=str,
)
def test_rules_may_be_drawn_in_any_way_or_not_at_all(tmp_path: Path, drawn: dict[str, int]) -> None:
    rows = population_rows(70)
    table = _table(tmp_path, pdf(table_pages(POPULATION, rows, **drawn)))  # type: ignore[arg-type]
    assert list(table.column_names) == POPULATION
    assert list(table.iter_rows()) == rows
    assert table.title_lines == ("町丁別世帯数及び人口", "令和6年1月1日現在")


def _block(sheet: Sheet, left: float, rows: list[list[str]]) -> None:
    xs = [left, left + 70, left + 110, left + 150, left + 190, left + 240]
    ys = [80.0 + 20 * index for index in range(len(rows) + 2)]
    sheet.frame(xs, ys)
    for place, name in enumerate(POPULATION):
        sheet.text((xs[place] + xs[place + 1]) / 2, ys[0] + 14, name, align="centre")
    for index, row in enumerate(rows):
        for place, cell in enumerate(row):
            x, align = (xs[0] + 3, "left") if not place else (xs[place + 1] - 3, "right")
            sheet.text(x, ys[index + 1] + 14, cell, align=align)


@pytest.mark.parametrize("gap", [0, 12], ids=["touching", "apart"])
def test_blocks_side_by_side_are_one_table_read_page_by_page(tmp_path: Path, gap: int) -> None:
    rows = population_rows(80)
    sheets = [Sheet(), Sheet()]
    for number, sheet in enumerate(sheets):
        _block(sheet, 40, rows[40 * number : 40 * number + 20])
        _block(sheet, 280 + gap, rows[40 * number + 20 : 40 * number + 40])
    table = _table(tmp_path, pdf(sheets))
    assert list(table.iter_rows()) == rows


def _sexes(towns: int) -> tuple[bytes, list[list[str]]]:
    """A table of towns over three rows each, under a header of two rows, with a spaced label and an upright one."""
    xs = [40.0, 60, 150, 200, 270, 340, 410]
    ys = [80.0, 100, 120, *(120 + 15 * (index + 1) for index in range(3 * towns))]
    sheet = Sheet()
    for index, y in enumerate(ys):
        left = 200 if index == 1 else 40 if index < 3 else 60 if (index - 2) % 3 == 0 else 150
        sheet.line(40 if index == len(ys) - 1 else left, y, 410, y)
    for x in xs:
        sheet.line(x, 100 if x in (270, 340) else 80, x, ys[-1])
    for x, y, text in [(105, 104, "町　丁　名"), (175, 104, "性別"), (305, 94, "人　　口"), (50, 104, "区")]:
        sheet.text(x, y, text, align="centre")
    for x, text in [(235, "0～14歳"), (305, "15～64歳"), (375, "65歳以上")]:
        sheet.text(x, 114, text, align="centre")
    for index, letter in enumerate("千代田地域"):
        sheet.text(50, 150 + 11 * index, letter, align="centre")
    rows = []
    for town in range(towns):
        name = population_rows(towns)[town][0]
        sheet.text(105, 120 + 45 * town + 26, name, align="centre")
        for place, sex in enumerate(["計", "男", "女"]):
            y = 120 + 45 * town + 15 * place + 11
            values = [str(town * 31 + place * 7 + band) for band in range(3)]
            sheet.text(175, y, sex, align="centre")
            for band, value in enumerate(values):
                sheet.text(xs[band + 4] - 4, y, value, align="right")
            rows.append(["千代田地域", name, sex, *values])
    return pdf([sheet]), rows


def test_merged_upright_and_spaced_cells_are_read_as_a_person_reads_them(tmp_path: Path) -> None:
    content, rows = _sexes(6)
    table = _table(tmp_path, content)
    assert table.column_names == ("区", "町丁名", "性別", "人口_0～14歳", "人口_15～64歳", "人口_65歳以上")
    assert list(table.iter_rows()) == rows


def test_wrapped_cells_join_and_breaks_stay(tmp_path: Path) -> None:
    sheet = Sheet()
    xs, ys = [40.0, 150, 260, 400], [60.0, 80, 110, 140]
    sheet.frame(xs, ys)
    for x, text in [(95, "施設名"), (205, "住所"), (330, "受付時間")]:
        sheet.text(x, 74, text, align="centre")
    sheet.text(42, 93, "社会福祉法人千代田会特養", 9)
    sheet.text(42, 104, "ホームさくら", 9)
    sheet.text(152, 99, "千代田区九段南1-2-1")
    sheet.text(262, 93, "平日 9:00-17:00")
    sheet.text(262, 104, "土曜 9:00-12:00")
    sheet.text(42, 129, "霞が関診療所")
    sheet.text(152, 129, "千代田区霞が関1-1")
    sheet.text(262, 129, "http://www.example.or.jp/")
    sheet.line(262, 130, 375, 130)
    sheet.text(40, 165, "※受付時間は変わることがあります。")
    table = _table(tmp_path, pdf([sheet]))
    assert list(table.iter_rows()) == [
        ["社会福祉法人千代田会特養ホームさくら", "千代田区九段南1-2-1", "平日 9:00-17:00\n土曜 9:00-12:00"],
        ["霞が関診療所", "千代田区霞が関1-1", "http://www.example.or.jp/"],
    ]
    assert any(note.code == "notes-below" and "※受付時間" in note.text for note in table.notes)


def test_a_line_is_full_where_what_follows_may_not_begin_one(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.frame([50, 120, 300], [80, 100, 130, 160, 190])
    for y, cells in ((94, ("名", "番地")), (112, ("甲", "")), (142, ("乙", "3番")), (172, ("丙", "4番"))):
        for x, cell in zip((54, 124), cells, strict=True):
            sheet.text(x, y, cell)
    sheet.text(124, 110, "町1番・2番・3番・4番・5番・6番・8番")
    sheet.text(124, 122, "地、9番")
    first = next(iter(_table(tmp_path, pdf([sheet])).iter_rows()))
    assert first[1] == "町1番・2番・3番・4番・5番・6番・8番地、9番"


def test_a_list_that_goes_on_over_the_page_is_one_record(tmp_path: Path) -> None:
    first, second = Sheet(), Sheet()
    xs = [40.0, 140, 300, 380]
    for sheet, lines in ((first, ["1番地、", "3番地～7番地、"]), (second, ["9番地、", "12番地"])):
        for y in (60, 80):
            sheet.line(xs[0], y, xs[-1], y)
        for x in xs:
            sheet.line(x, 60, x, 800 if sheet is first else 120)
        for x, text in [(90, "町名"), (220, "番地"), (340, "学校")]:
            sheet.text(x, 74, text, align="centre")
        sheet.text(45, 94 if sheet is second else 754, "岩本町")
        for index, line in enumerate(lines):
            sheet.text(145, (94 if sheet is second else 754) + 20 * index, line)
    for y in (100, 740):
        first.line(xs[0], y, xs[-1], y)
    for x, text in [(45, "麹町"), (145, "全域"), (310, "第一")]:
        first.text(x, 94, text)
    first.text(310, 764, "第二")
    second.line(xs[0], 120, xs[-1], 120)
    second.text(310, 104, "第二")
    table = _table(tmp_path, pdf([first, second]))
    assert list(table.iter_rows()) == [
        ["麹町", "全域", "第一"],
        ["岩本町", "1番地、3番地～7番地、9番地、12番地", "第二"],
    ]


def test_radicals_and_letters_set_twice_are_mended(tmp_path: Path) -> None:
    assert mend_glyphs("⼾⽥市⾼⽊⻑⾕川⻄⻘⿓") == ("戸田市高木長谷川西青龍", 9)
    assert mend_glyphs("髙﨑ﬁ") == ("髙﨑fi", 1)
    sheets = table_pages(POPULATION, population_rows(5), title="太字の表題")
    sheets[0].text(60.3, 50, "太字の表題", 14)
    assert _table(tmp_path, pdf(sheets)).title_lines[0] == "太字の表題"


def test_a_turned_page_is_read_upright(tmp_path: Path) -> None:
    rows = population_rows(12)
    for turn in (90, 180, 270):
        sheets = table_pages(POPULATION, rows)
        for sheet in sheets:
            turned = {90: "0 1 -1 0 595 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 842"}[turn]
            if turn != 180:
                sheet.width, sheet.height = 842, 595
                turned = {90: "0 1 -1 0 842 0", 270: "0 -1 1 0 0 595"}[turn]
            sheet.parts.insert(0, f"{turned} cm")
        table = _table(tmp_path, pdf(sheets, extra=f"/Rotate {turn}"))
        assert list(table.iter_rows()) == rows, turn


def test_writing_on_its_side_or_head_is_turned_and_its_places_are_those_of_the_page(tmp_path: Path) -> None:
    rows = population_rows(12)
    boxes = {}
    for turn in (0, 90, 180, 270):
        table = _table(tmp_path, pdf(table_pages(POPULATION, rows), extra=f"/Rotate {turn}"))
        assert list(table.iter_rows()) == rows, turn
        place = next(iter(table.iter_cells()))[0]
        assert place is not None
        boxes[turn] = place.box
    assert boxes[0] == (50.0, 100.0, 148.0, 120.0)
    assert boxes == {
        0: boxes[0],
        90: (722.0, 50.0, 742.0, 148.0),
        180: (447.0, 722.0, 545.0, 742.0),
        270: (100.0, 447.0, 120.0, 545.0),
    }


def test_tables_beside_each_other_have_each_its_own_title(tmp_path: Path) -> None:
    sheet = Sheet()
    for left, name, rows in ((50, "公園", 9), (330, "駐輪場", 7)):
        xs, ys = [left, left + 110, left + 210], [80 + 20 * line for line in range(rows + 2)]
        sheet.text(left, 70, name)
        sheet.frame(xs, ys)
        for line, cells in enumerate(
            [(f"{name}の名", "広さ"), *((f"第{at}{name}", str(at * 35)) for at in range(rows))]
        ):
            for x, cell in zip(xs, cells, strict=False):
                sheet.text(x + 4, ys[line] + 14, cell)
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf([sheet]))
    with pytest.raises(SeveralTables) as several:
        read_file(path, path.name)
    found = several.value.data["choices"]
    assert isinstance(found, list)
    assert [(choice["title"], choice["rows"]) for choice in found] == [("公園", 9), ("駐輪場", 7)]


def test_cells_know_their_page_and_box_through_the_sandbox(tmp_path: Path) -> None:
    path = tmp_path / "made.pdf"
    path.write_bytes(pdf(table_pages(POPULATION, population_rows(40), per_page=30)))
    table = read_in_sandbox(path, path.name, folder=tmp_path).result.table
    cells = list(table.iter_cells())
    assert len(cells) == table.row_count == 40
    third = cells[2][1]
    assert third is not None
    assert (third.page, third.confidence) == (1, None)
    assert third.box == (148.0, 140.0, 246.0, 160.0)
    assert cells[30][0] is not None
    assert cells[30][0].page == 2


def test_a_pdf_becomes_the_standard_population_table_from_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, rows = _sexes(4)
    source = tmp_path / "千代田区の人口.pdf"
    source.write_bytes(content)
    rated = rate_path(source).as_dict()
    finding = rated["rules"][0]["findings"][0]
    assert rated["rules"][0]["verdict"] == "fail"
    assert "tdpf prepare 千代田区の人口.pdf --schema" in finding["message_ja"]
    out, report = tmp_path / "out.csv", tmp_path / "report.json"
    assert prepare_files([source], schema="population", recipe=None, out=out, report=report) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["地域名"] for row in table] == [row[1] for row in rows[::3]]
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["inputs"][0]["pages"] == [{"page": 1, "first_row": 3, "rows": 12}]
    page = tmp_path / "report.html"
    assert prepare_files([source], schema="population", recipe=None, out=out, report=page) == 0
    assert "1〜1 ページの表" in page.read_text(encoding="utf-8")

"""Lists of datasets as tables: the national standard's, a real city's, and layouts nobody foresaw; and who might be a source."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from federation_sites import Reply, Site, bomb, hurried

from tdpf.controlplane.federation.errors import AnswerNotUnderstood
from tdpf.controlplane.federation.reading import list_rows
from tdpf.controlplane.federation.reading.kinds.list_table import READER
from tdpf.controlplane.federation.reading.list_columns import find_columns
from tdpf.controlplane.federation.reading.proposing import propose_sources
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem


def read(body: bytes, name: str = "list.csv", **order: Any) -> list[ReadPage]:
    """Serve a file and read it as a list."""
    with (
        Site({f"/{name}": Reply(body, headers={"ETag": '"1"'})}) as site,
        Visitor(hurried(request_seconds=30)) as visitor,
    ):
        return list(READER.read(visitor, ReadingOrder(url=f"{site.url}/{name}", **order)))


def records_of(pages: list[ReadPage]) -> list[ReadRecord]:
    """Return the records of all pages."""
    return [record for page in pages for record in page.records]


def codes_of(pages: list[ReadPage]) -> list[str]:
    """Return the codes of what was left out."""
    return [fault.code for page in pages for fault in page.left_out]


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """Return an Excel file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_row_of_a_real_citys_list_is_an_entry(corpus: Path) -> None:
    """Takamatsu: 113 rows, each with title, page, licence, theme and formats as published."""
    path = corpus / "catalog/takamatsu_open_data_list.xlsx"
    sheet = openpyxl.load_workbook(path, read_only=True).active
    rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[4]]
    pages = read(path.read_bytes(), "0099.xlsx")
    records = records_of(pages)
    assert len(records) == len(rows) == 113
    for record, row in zip(records, rows, strict=True):
        stated = record.stated
        assert (stated.title, stated.landing_url, stated.licence) == (str(row[4]).strip(), str(row[7]).strip(), row[9])
        assert (stated.publisher_name, stated.publisher_id, stated.themes) == ("高松市", "37201", (row[5],))
        assert [d.format for d in stated.distributions] == str(row[6]).split(",")
        assert {d.access_url for d in stated.distributions} == {str(row[7]).strip()}
        assert stated.extras["apiSupport"] == row[8]
    assert len({record.stated.record_id for record in records}) == 113
    assert (pages[-1].coverage, codes_of(pages)) == ("all", [])


STANDARD = (
    "データセット_ID,全国地方公共団体コード,地方公共団体名,データセット_タイトル,データセット_サブタイトル,データセット_概要,データセット_キーワード,"
    "データセット_分類,データセット_公開日,データセット_最終更新日,データセット_URL,データセット_更新頻度,データセット_対象地域,"
    "データセット_連絡先名称,データセット_連絡先メールアドレス,ファイル_タイトル,ファイル_ダウンロードURL,ファイル形式,ファイル_ライセンス,ファイル_サイズ\r\n"
    "0000000001,131032,港区,公衆トイレ一覧,,概要です,トイレ;福祉,健康,2024-04-01,2025-04-01,https://m.example/1,年1回,港区,環境課,k@m.example,CSV版,https://m.example/1.csv,CSV,CC BY 4.0,12KB\r\n"
    "0000000001,131032,港区,公衆トイレ一覧,,概要です,トイレ;福祉,健康,2024-04-01,2025-04-01,https://m.example/1,年1回,港区,環境課,k@m.example,Excel版,https://m.example/1.xlsx,XLSX,CC BY 4.0,3.5MB\r\n"
    "0000000002,131032,港区,AED設置箇所一覧,令和6年度,,,,いつか,,,,,,,,https://m.example/2.csv,CSV,CC BY 4.0,\r\n"
    ",131032,港区,,,題のない行,,,,,,,,,,,,,,\r\n"
)


@pytest.mark.parametrize("charset", ["utf-8-sig", "cp932"])
def test_the_national_standards_list(charset: str) -> None:
    """Rows of one dataset are one entry with several files, in any charset."""
    pages = read(STANDARD.encode(charset), "131032_106_open_data_list.csv")
    first, second = (record.stated for record in records_of(pages))
    assert (first.title, first.publisher_name, first.frequency, first.keywords) == (
        "公衆トイレ一覧", "港区", "年1回", ("トイレ", "福祉"),
    )  # fmt: skip
    assert (first.issued, first.modified, first.landing_url, first.contact_email) == (
        "2024-04-01", "2025-04-01", "https://m.example/1", "k@m.example",
    )  # fmt: skip
    assert [(d.title, d.url, d.format, d.size, d.licence) for d in first.distributions] == [
        ("CSV版", "https://m.example/1.csv", "CSV", 12000, "CC BY 4.0"),
        ("Excel版", "https://m.example/1.xlsx", "XLSX", 3500000, "CC BY 4.0"),
    ]
    assert (second.title, second.issued) == ("AED設置箇所一覧 令和6年度", "いつか")
    # A cell that is no date is told with its row, and its words stay.
    assert sorted(codes_of(pages)) == ["bad-value", "no-title"]


def test_a_layout_nobody_foresaw() -> None:
    """A title above, other names, addresses told by their cells, a page per row, a footnote."""
    rows = [
        ["○○区オープンデータ公開状況（令和7年4月1日現在）"],
        [],
        ["No.", "公開データの名前", "担当課", "こちらからどうぞ", "種類", "公開した日"],
        *[[n, f"統計データその{n}", "総務課", f"https://w.example/data/{n}.csv", "CSV", "R7.4.1"] for n in range(1, 9)],
        ["※随時追加します"],
    ]
    pages = read(workbook(("一覧", rows)), "joukyou.xlsx")
    records = records_of(pages)
    assert [record.stated.title for record in records] == [f"統計データその{n}" for n in range(1, 9)]
    assert records[0].stated.distributions[0].url == "https://w.example/data/1.csv"
    assert records[0].stated.contact_name == "総務課"
    assert any("推定" in remark.ja for page in pages for remark in page.remarks)


def test_every_sheet_that_lists_data_is_read_and_others_are_said() -> None:
    """A workbook by field, with a cover and a table of something else."""
    listed = [["データ名", "URL", "形式"], *[[f"防災{n}", f"https://w.example/b/{n}", "CSV"] for n in range(4)]]
    other = [["データ名", "URL", "形式"], *[[f"福祉{n}", f"https://w.example/f/{n}", "Excel、PDF"] for n in range(4)]]
    toilets = [["名称", "住所", "緯度", "経度"], *[[f"便所{n}", "港区", "35.1", "139.1"] for n in range(4)]]
    pages = read(workbook(("防災", listed), ("福祉", other), ("トイレ", toilets)), "all.xlsx")
    records = records_of(pages)
    assert len(records) == 8
    assert [d.format for d in records[4].stated.distributions] == ["Excel", "PDF"]
    assert any("トイレ" in remark.ja for page in pages for remark in page.remarks)


def test_what_could_not_be_read_is_not_taken_for_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of unknown layout, sheets or rows or records beyond the limits: then the reading is a part only."""
    listed = [["データ名", "URL", "形式"], *[[f"防災{n}", f"https://w.example/b/{n}", "CSV"] for n in range(4)]]
    toilets = [["名称", "住所", "緯度", "経度"], *[[f"便所{n}", "港区", "35.1", "139.1"] for n in range(4)]]
    strange = [["あ", "い"], *[[str(n), f"https://w.example/x/{n}"] for n in range(4)]]
    assert read(workbook(("防災", listed), ("トイレ", toilets)), "a.xlsx")[-1].coverage == "all"
    assert read(workbook(("防災", listed), ("別", strange)), "a.xlsx")[-1].coverage == "part"
    assert read(workbook(("防災", listed)), "a.xlsx", max_records=3)[-1].coverage == "part"
    monkeypatch.setattr(list_rows, "TABLES", 1)
    assert read(workbook(("防災", listed), ("トイレ", toilets)), "a.xlsx")[-1].coverage == "part"
    monkeypatch.setattr(list_rows, "ROWS", 3)
    pages = read(workbook(("防災", listed)), "a.xlsx")
    assert (len(records_of(pages)), pages[-1].coverage) == (3, "part")


def test_keys_stay_when_rows_move() -> None:
    """A row that is inserted above does not make the others look new."""
    head, rows = "番号,データ名,URL\n", [f"{n},題{n},https://w.example/{n}\n" for n in range(5)]
    before = {r.stated.title: r.stated.record_id for r in records_of(read((head + "".join(rows)).encode()))}
    moved = [f"{n + 1},{row.split(',', 1)[1]}" for n, row in enumerate(rows)]
    after = {
        r.stated.title: r.stated.record_id
        for r in records_of(read((head + "0,新しい,https://w.example/n\n" + "".join(moved)).encode()))
    }
    assert before.items() <= after.items()
    assert len(after) == 6


def test_an_unchanged_list_is_not_read_again() -> None:
    """By validators, and by digest where the server has none."""
    body = "データ名,URL\n題,https://w.example/1\n甲,https://w.example/2\n".encode()
    mark = read(body)[-1].mark
    again = read(body, since={"digest": mark["digest"]})
    assert [(page.is_last, page.coverage) for page in again] == [(True, "changes")]


def test_what_the_table_lacks_comes_from_the_options() -> None:
    """Publisher and licence, as the operator registered them."""
    body = "データ名,URL\n題,https://w.example/1\n甲,https://w.example/2\n".encode()
    stated = records_of(read(body, options={"publisher": "目黒区", "licence": "CC BY 4.0"}))[0].stated
    assert (stated.publisher_name, stated.licence) == ("目黒区", "CC BY 4.0")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>404</body></html>",
        b"\x00\x01\x02\x03" * 100,
        "名称,住所,緯度,経度\n便所,港区,35,139\n".encode(),
        b"PK\x03\x04broken",
    ],
)
def test_what_is_no_list_is_a_clear_problem(body: bytes) -> None:
    """Nothing, a page, noise, a table of toilets, half a workbook."""
    with pytest.raises(Problem):
        read(body)


def test_odd_cells_do_not_hurt() -> None:
    """Script addresses, control characters, a title of a million characters."""
    long = "長" * 400_000
    body = f'データ名,URL,形式\n普通,javascript:alert(1),CSV\n"制\x01御",https://w.example/2,CSV\n{long},https://w.example/3,CSV\n'.encode()
    pages = read(body)
    stated = [record.stated for record in records_of(pages)]
    assert (stated[0].landing_url, len(stated[2].title)) == ("", 500)
    assert {"bad-value", "too-long"} <= set(codes_of(pages))


def test_a_bomb_as_a_list() -> None:
    """Refused while it unfolds."""
    with (
        Site({"/l.csv": Reply(bomb(1000), headers={"Content-Encoding": "gzip"})}) as site,
        Visitor(hurried(max_bytes=10_000_000)) as visitor,
        pytest.raises(Problem),
    ):
        list(READER.read(visitor, ReadingOrder(url=f"{site.url}/l.csv")))


@pytest.mark.parametrize(
    ("names", "row", "wanted"),
    [
        (["オープンデータ名", "掲載URL", "ファイル形式"], ["a", "https://x.example", "CSV"], {"title": 0, "page": 1, "format": 2}),
        (["Title", "License", "Download URL"], ["a", "CC0", "https://x.example/a.csv"], {"title": 0, "licence": 1, "file": 2}),
        (["分類", "データの名称", "概要", "所管課"], ["a", "b", "c", "d"], {"theme": 0, "title": 1, "description": 2, "contact": 3}),
        (["名称", "住所", "緯度", "経度", "URL"], ["a", "b", "35", "139", "https://x.example"], None),
        (["氏名", "電話番号"], ["a", "b"], None),
    ],
)  # fmt: skip
def test_columns_are_known_by_name_and_cells(names: list[str], row: list[str], wanted: dict[str, int] | None) -> None:
    """A table of things is no list of data, whatever it links to."""
    found = find_columns(names, [row] * 3)
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert wanted.items() <= dict(found.places).items()


def test_a_national_survey_proposes_sources(corpus: Path) -> None:
    """Bodies that publish open data, with their code; addresses they wrote are taken along."""
    path = corpus / "catalog/digital_agency_20250210_resources_data_questionnaire_outline_04.csv"
    proposed = list(propose_sources(path, path.name))
    assert len({source.area_code for source in proposed}) > 900
    assert all(len(source.area_code) == 6 for source in proposed)
    tokyo = [source for source in proposed if source.name == "東京都"]
    assert tokyo
    assert tokyo[0].area_code == "130001"
    assert any(source.url.startswith("https://") for source in proposed)


def test_any_table_of_links_proposes_sources(tmp_path: Path) -> None:
    """Codes are completed; a row that says nothing proposes nothing."""
    path = tmp_path / "links.csv"
    path.write_text(
        "団体コード,団体名,カタログサイト\n13103,港区,https://m.example/opendata\n1100,札幌市,サイトは https://s.example/a です\n13104,新宿区,\n"
    )
    proposed = list(propose_sources(path, "links.csv"))
    assert [(source.area_code, source.name, source.url) for source in proposed] == [
        ("131032", "港区", "https://m.example/opendata"),
        ("011002", "札幌市", "https://s.example/a"),
    ]


def test_no_list_at_all() -> None:
    """The problem says what was missing."""
    with pytest.raises(AnswerNotUnderstood) as fault:
        read("あ,い\n1,2\n3,4\n".encode())
    assert "一覧" in fault.value.detail_in("ja")

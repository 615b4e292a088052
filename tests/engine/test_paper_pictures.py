"""Scans and photos: recognised, checked by arithmetic, and doubted aloud; hostile pictures stop at the limits."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_files import POPULATION, population_rows
from picture_files import drawn_table, encoded, scanned

from tdpf.controlplane.preparation.engine.errors import (
    Damaged,
    NotReadable,
    PictureTooCoarse,
    PictureTooLarge,
    ReaderStopped,
    RecognitionMissing,
)
from tdpf.controlplane.preparation.engine.pages import opening, recognition
from tdpf.controlplane.preparation.engine.pages.checks import mark_conflicts
from tdpf.controlplane.preparation.engine.pages.figures import grouped_figures
from tdpf.controlplane.preparation.engine.pages.grids import SURE
from tdpf.controlplane.preparation.engine.pages.misreadings import mended_reading
from tdpf.controlplane.preparation.engine.pages.pictures import ended, iter_pictures
from tdpf.controlplane.preparation.engine.pages.sizing import bounded
from tdpf.controlplane.preparation.engine.pages.types import Across, Box, Down
from tdpf.controlplane.preparation.engine.reading import read_file
from tdpf.controlplane.preparation.engine.sandbox import read_in_sandbox
from tdpf.controlplane.preparation.engine.types import CellPlace, Limits

WIDTHS = [230, 120, 120, 120, 120]


def _rows() -> list[list[str]]:
    """Nine towns and their totals; the women of the third town are written down wrongly."""
    rows = population_rows(9)
    sums = [sum(int(row[place].replace(",", "")) for row in rows) for place in range(1, 5)]
    rows[2][3] = "999"
    return [*rows, ["総数", *(f"{value:,}" for value in sums)]]


def test_a_crooked_scan_is_read_and_its_wrong_sum_is_pointed_at(tmp_path: Path) -> None:
    rows = _rows()
    picture = scanned(drawn_table([POPULATION, *rows], widths=WIDTHS), degrees=1.4, noise=10, blur=0.5)
    path = tmp_path / "scan.jpg"
    path.write_bytes(encoded(picture, "JPEG", quality=80))
    result = read_in_sandbox(path, path.name, folder=tmp_path).result
    table = result.table
    assert result.format == "jpeg"
    assert list(table.iter_rows()) == rows
    places = list(table.iter_cells())
    wrong = {
        (index, column)
        for index, row in enumerate(places)
        for column, place in enumerate(row)
        if place and place.conflict
    }
    assert wrong == {(2, 2), (2, 3), (2, 4), (9, 3)}
    assert all(place is not None and place.confidence is not None for row in places for place in row)
    assert {"picture-straightened", "sums-in-conflict", "recognised"} <= {
        note.code for note in (*result.notes, *table.notes)
    }


def test_small_letters_are_enlarged_read_strip_by_strip_and_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of a strip stand at their rows: every strip is an engine's call of its own, and none is read twice."""
    numpy = pytest.importorskip("numpy")
    rows = population_rows(6)
    picture = numpy.asarray(drawn_table(rows, widths=[110, 60, 60, 60, 60], letter=10))
    height, width = bounded(picture).shape[:2]
    assert height > 1.3 * picture.shape[0]
    strips: list[int] = []

    def engine(strip: Any, **_: bool) -> SimpleNamespace:
        dark = numpy.flatnonzero((strip < 128).any(axis=(1, 2)))
        runs = numpy.split(dark, numpy.flatnonzero(numpy.diff(dark) > 3) + 1) if len(dark) else []
        strips.append(len(strip))
        corners = [[(60, run[0]), (90, run[0]), (90, run[-1]), (60, run[-1])] for run in runs]
        return SimpleNamespace(boxes=corners, txts=["男"] * len(runs), scores=[0.99] * len(runs))

    monkeypatch.setattr(recognition, "_engine", lambda: engine)
    monkeypatch.setattr(recognition, "_STRIP_PIXELS", height * width // 3)
    page = recognition.recognised_page(picture, 1, name="small")
    tops = sorted(letter.box.middle for letter in page.letters)
    assert len(strips) > 2
    assert len(tops) == len(rows)
    assert numpy.diff(tops).std() < 2
    assert all(letter.confidence is not None and letter.confidence < SURE for letter in page.letters)


def test_what_two_readings_of_a_specked_picture_disagree_on_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy")
    picture = numpy.asarray(drawn_table([["町", "人"], ["甲", "8"], ["乙", "3"]], widths=[90, 90]))
    corners = [[(x, y), (x + 30, y), (x + 30, y + 20), (x, y + 20)] for x, y in ((100, 180), (200, 180))]
    again = iter(["1,708", "3"])

    def engine(_: object, *, use_det: bool, **__: bool) -> SimpleNamespace:
        if use_det:
            return SimpleNamespace(boxes=corners, txts=("1,708", "8"), scores=(0.99, 0.99))
        return SimpleNamespace(txts=(next(again),), scores=(0.98,))

    monkeypatch.setattr(recognition, "_engine", lambda: engine)
    monkeypatch.setattr(recognition, "noise_of", lambda _: 20.0)
    page = recognition.recognised_page(picture, 1, name="specked")
    assert [(letter.text, (letter.confidence or 0) >= SURE) for letter in page.letters] == [
        ("1,708", True),
        ("8", False),
    ]


def test_a_picture_too_coarse_to_be_read_is_refused_with_its_resolution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan of few pixels in a PDF counts as coarse as it is, however large the page is drawn."""
    rows = population_rows(6)
    corners = [[(50, 10 * at), (90, 10 * at), (90, 10 * at + 8), (50, 10 * at + 8)] for at in range(12)]
    seen = SimpleNamespace(boxes=corners, txts=["3"] * 12, scores=[0.6] * 12)
    monkeypatch.setattr(recognition, "_engine", lambda: lambda *_, **__: seen)
    picture = drawn_table(rows, widths=[110, 60, 60, 60, 60], letter=10)
    for name, form in (("scan.png", "PNG"), ("scan.pdf", "PDF")):
        path = tmp_path / name
        path.write_bytes(encoded(picture, form, resolution=72))
        with pytest.raises(PictureTooCoarse) as coarse:
            read_file(path, name)
        assert coarse.value.data["dpi"] in range(60, 110)
        assert "300 dpi" in coarse.value.cure.filled({}).ja


def test_points_among_numbers_with_commas_are_commas_and_decimals_are_left() -> None:
    boxes = [Box(10, 20.0 * at, 60, 20.0 * at + 15) for at in range(5)]
    assert grouped_figures(["1,234", "2.345", "6,789", "12", "1,000.234"], boxes) == [
        "1,234", "2,345", "6,789", "12", "1,000,234",
    ]  # fmt: skip
    for kept in (["1,234", "2.345", "6,789", "1.5", "7"], ["1.234", "2.345", "6,789", "8.001", "7.125"]):
        assert grouped_figures(kept, boxes) == kept
    aside = [Box(100.0 * at, 0, 100.0 * at + 50, 15) for at in range(3)]
    assert grouped_figures(["1,234", "2.345", "6,789"], aside) == ["1,234", "2.345", "6,789"]


def test_rules_cut_short_by_specks_end_at_the_rules_they_cross() -> None:
    walls = [Down(x, 0, 100) for x in (50, 150, 250)]
    across = [Across(10, 44, 250), Across(30, 75, 249), Across(50, 120, 232), Across(70, 50, 180)]
    assert [(rule.left, rule.right) for rule in ended(across, walls, 10)] == [
        (50, 250),
        (50, 250),
        (150, 250),
        (50, 150),
    ]
    underline = Across(90, 160, 240)
    assert ended([underline], walls, 10) == [underline]
    shared = [Across(float(y), 90, 250) for y in (10, 30, 50)]
    assert ended(shared, walls, 10) == shared


def test_a_scanned_pdf_without_rules_is_recognised_page_by_page(tmp_path: Path) -> None:
    rows = _rows()
    path = tmp_path / "scan.pdf"
    path.write_bytes(encoded(drawn_table([POPULATION, *rows], widths=WIDTHS, ruled=False), "PDF", resolution=200))
    table = read_file(path, path.name).table
    assert list(table.column_names) == POPULATION
    assert list(table.iter_rows()) == rows


def test_without_the_extra_a_picture_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "is_installed", lambda: False)
    monkeypatch.setattr(recognition, "is_installed", lambda: False)
    picture = drawn_table([POPULATION], widths=WIDTHS)
    for name, form in (("a.png", "PNG"), ("a.pdf", "PDF"), ("a.tif", "TIFF")):
        path = tmp_path / name
        path.write_bytes(encoded(picture, form))
        with pytest.raises(RecognitionMissing) as missing:
            read_file(path, name)
        assert "tdpf[ocr]" in missing.value.cure.filled({}).ja


def test_a_picture_beyond_measure_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "bomb.png"
    path.write_bytes(encoded(Image.new("1", (25_000, 25_000)), "PNG"))
    assert path.stat().st_size < 200_000
    with pytest.raises(PictureTooLarge):
        read_file(path, path.name)
    small = Limits(memory_bytes=600 * 1024 * 1024, cpu_seconds=20)
    path.write_bytes(encoded(Image.new("RGB", (7_000, 7_000)), "PNG"))
    with pytest.raises((ReaderStopped, NotReadable)):
        read_in_sandbox(path, path.name, folder=tmp_path, limits=small)


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_picture_is_opened_or_refused(data: Any) -> None:
    import tempfile

    good = _GOOD[data.draw(st.sampled_from(sorted(_GOOD)))]
    content = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(good) - 1))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=6))
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with contextlib.suppress(Damaged, PictureTooLarge):
            for _ in iter_pictures(Path(file.name), name="made", limits=Limits()):
                pass


_GOOD = {
    form: encoded(drawn_table([["町", "人"]], widths=[60, 60], letter=10), form) for form in ("PNG", "JPEG", "TIFF")
}


def _places(rows: list[list[str | None]]) -> list[list[CellPlace | None]]:
    return [[CellPlace(1, (0, 0, 1, 1)) for _ in row] for row in rows]


def test_sums_are_only_checked_where_they_mostly_hold() -> None:
    names = ["町", "男", "女", "計"]
    rows: list[list[str | None]] = [["a", "1", "2", "4"], ["b", "1", "2", "5"], ["c", "1", "2", "9"]]
    assert mark_conflicts(names, rows, _places(rows)) == (0, [])
    rows = [["a", "1", "2", "3"], ["b", "10", "2", "12"], ["c", "1", "2", "8"], ["d", "1,000", "５", "1,005"]]
    places = _places(rows)
    assert mark_conflicts(names, rows, places) == (3, ["男+女=計"])
    assert [bool(place and place.conflict) for place in places[2]] == [False, True, True, True]
    named = ["町", "0～4歳_男", "0～4歳_女", "0～4歳_総数", "男女計"]
    rows = [["a", "1", "1", "2", "7"], ["b", "1", "1", "2", "7"], ["c", "2", "1", "4", "7"]]
    assert mark_conflicts(named, rows, _places(rows)) == (3, ["0～4歳_男+0～4歳_女=0～4歳_総数"])


def test_a_page_is_searched_for_cells_after_single_cells_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine keeps the ways of its last call, so the second page of a scan once came out empty."""
    numpy = pytest.importorskip("numpy")
    kept: dict[str, bool] = {"use_det": True}

    def engine(_: object, **ways: bool) -> SimpleNamespace:
        kept.update(ways)
        corners = [[(0, 0), (9, 0), (9, 9), (0, 9)]] if kept["use_det"] else None
        return SimpleNamespace(boxes=corners, txts=("男",), scores=(0.99,))

    monkeypatch.setattr(recognition, "_engine", lambda: engine)
    picture = numpy.full((40, 40, 3), 255, dtype="uint8")
    for _ in range(2):
        assert len(recognition._found(picture)) == 1
        assert recognition._read(picture, Box(0, 0, 20, 20)) == ("男", 0.99)


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("https://www.saitama-ladiesjp/", "https://www.saitama-ladies.jp/"),
        ("wwwjuntendojp/hospital", "www.juntendo.jp/hospital"),
        ("http://www.iino.orjp", "http://www.iino.or.jp"),
        ("info@city.lgjp", "info@city.lg.jp"),
        ("yume.ip", "yume.jp"),
        ("平日8:30-17:00± 8:30-12:30", "平日8:30-17:00土 8:30-12:30"),
        ("水曜を除<", "水曜を除く"),
        ("天沼町1一63", "天沼町1-63"),
        ("医療センタ一", "医療センター"),
        ("メディ力ルセン夕ー", "メディカルセンター"),
        ("附属ハ千代医療センター", "附属八千代医療センター"),
        ("穗坂医院", "穂坂医院"),
        # What may be meant as it stands.
        ("http://example.com/jp", "http://example.com/jp"),
        ("バスセンター一丁目", "バスセンター一丁目"),
        ("バスロータリー口", "バスロータリー口"),
        ("中央一丁目1-2", "中央一丁目1-2"),
        ("x<y", "x<y"),
    ],
)
def test_what_is_surely_misread_is_put_right_and_nothing_else(read: str, meant: str) -> None:
    assert mended_reading(read) == meant

"""What a gazetteer does not believe, and towns that are a 大字 and chome, or nothing but chome."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.addresses.building import build_gazetteer
from tdpf.controlplane.preparation.engine.addresses.errors import NoPlaceFiles
from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.processes.cli import main

_HEAD = (
    "lg_code",
    "machiaza_id",
    "oaza_cho",
    "chome",
    "chome_number",
    "koaza",
    "ward",
    "post_code",
    "city",
    "machiaza_type",
)
_TOWNS = [
    ("132241", "0028000", "大字落合", "", ""),
    ("132241", "0010001", "落合", "一丁目", "1"),
    ("131032", "0002001", "芝公園", "一丁目", "1"),
    ("131032", "0003002", "芝", "二丁目", "2"),
    ("131156", "0023001", "阿佐谷南", "一丁目", "1"),
]


@pytest.fixture
def place(tmp_path: Path) -> Geocoder:
    """A geocoder of towns of the register, without points."""
    source = tmp_path / "mt_town.csv"
    with source.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, _HEAD, restval="")
        writer.writeheader()
        writer.writerows(dict(zip(_HEAD, town, strict=False)) for town in _TOWNS)
    return Geocoder(GazetteerFile(build_gazetteer([source], tmp_path / "g.tdg").path))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("東京都多摩市落合1-47", ("落合", 1, "47", "", "0010001", "exact")),
        ("東京都多摩市大字落合123", ("大字落合", None, "123", "", "0028000", "exact")),
        ("東京都港区芝公園5-1-1", ("芝公園", None, "5-1-1", "", "", "partial")),
        ("東京都港区芝公園1-2-3-1001", ("芝公園", 1, "2-3", "1001", "0002001", "exact")),
        ("東京都港区芝ニ丁目1", ("芝", 2, "1", "", "0003002", "exact")),
        ("東京都杉並区阿佐ヶ谷南1-15", ("阿佐谷南", 1, "15", "", "0023001", "exact")),
        ("東京都新宿区六丁目1-1", ("", 6, "1-1", "", "", "partial")),
        ("東京都青ヶ島村無番地", ("", None, "", "無番地", "", "partial")),
    ],
)
def test_chome_and_oaza_are_told_apart(place: Geocoder, address: str, expected: tuple[object, ...]) -> None:
    found = place.geocode(address)
    assert (found.town, found.chome, found.block, found.rest, found.town_id, found.match) == expected


def test_points_that_cannot_be_are_left_out_and_named(tmp_path: Path) -> None:
    source = tmp_path / "places.csv"
    source.write_text(
        "lg_code,town,lat,lng\n131032,芝一丁目,35.65,139.75\n131032,芝二丁目,139.75,35.65\n131032,芝三丁目,43.06,141.35\n"
        "011011,大通西,43.06,141.35\n134210,沖ノ鳥島,20.4256,136.0811\n999999,変,35.6,139.7\n",
        encoding="utf-8",
    )
    built = build_gazetteer([source], tmp_path / "g.tdg")
    assert built.located == 4  # 芝 by its only located chome
    assert [told.ja.split("。")[1][:6] for told in built.doubted] == ["その団体コー", "日本の外、ま", "緯度と経度が"]
    assert all("places.csv" in told.en for told in built.doubted)
    with GazetteerFile(built.path) as gazetteer:
        found = Geocoder(gazetteer).geocode("東京都港区芝2-1")
    assert (found.town, found.chome) == ("芝", 2)
    assert found.lat == pytest.approx(35.65)


def test_an_archive_that_swells_is_not_read_and_a_folder_is_no_output(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("places.csv", "w") as member:
        member.write(b"lg_code,town,lat,lng\n")
        for _ in range(100):
            member.write(b"0" * (1 << 20))
    with pytest.raises(NoPlaceFiles):
        build_gazetteer([bomb], tmp_path / "g.tdg")
    assert main(["gazetteer", "build", "--from", str(bomb), "--out", str(tmp_path)]) == 2


def test_a_table_of_places_holds_no_formula(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["geocode", "=cmd()", "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as text:
        assert next(csv.DictReader(text))["input"] == "'=cmd()"

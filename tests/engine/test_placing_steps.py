"""address.parse and geo.transform with a gazetteer: what is empty is filled and says how, what is stated stays and is compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.addresses.boundaries import boundaries, municipality_at
from tdpf.controlplane.preparation.engine.addresses.building import build_gazetteer
from tdpf.controlplane.preparation.engine.addresses.checking import check_point, looks_like_tokyo_datum
from tdpf.controlplane.preparation.engine.addresses.gazetteer import GazetteerFile
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.normalising.coordinates import from_tokyo_datum
from tdpf.controlplane.preparation.engine.recipes.document import from_yaml, to_yaml
from tdpf.controlplane.preparation.engine.recipes.outputs import as_csv
from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared, prepare
from tdpf.controlplane.preparation.engine.recipes.report import report_of
from tdpf.controlplane.preparation.engine.recipes.report_page import page_of
from tdpf.controlplane.preparation.engine.schemas.loading import load_schema

TOILETS = """名称,所在地_連結表記,設置位置,緯度,経度
霞が関公衆便所,東京都千代田区霞ヶ関一丁目3-1,広場,,
日比谷公衆便所,千代田区日比谷公園1-6,園内,35.6736,139.7561
遠い便所,千代田区霞が関2-1-1,地下,35.6938,139.7035
知らない便所,東京都千代田区知らない町1,広場,,
片方だけの便所,千代田区霞が関2-1-2,広場,35.676,
読めない便所,千代田区霞が関2-1-3,広場,東,北
"""


@pytest.fixture
def gazetteer(tmp_path: Path) -> GazetteerFile:
    table = tmp_path / "towns.csv"
    table.write_text(
        "lg_code,machiaza_id,town,lat,lng\n13101,0002001,霞が関一丁目,35.673944,139.752558\n"
        "13101,0002002,霞が関二丁目,35.676,139.7512\n13101,0052000,日比谷公園,35.6736,139.756\n"
    )
    build_gazetteer([table], tmp_path / "g.tdg")
    return GazetteerFile(tmp_path / "g.tdg")


def toilets(folder: Path, gazetteer: GazetteerFile | None) -> Prepared:
    path = folder / "131016_public_toilet.csv"
    path.write_text(TOILETS, encoding="utf-8")
    return prepare([path], load_schema("public_toilet"), folder=folder / "rows", gazetteer=gazetteer)


def test_empty_coordinates_are_filled_with_their_level_and_stated_ones_stay(
    tmp_path: Path, gazetteer: GazetteerFile
) -> None:
    prepared = toilets(tmp_path, gazetteer)
    columns = prepared.run.frame.columns
    assert columns["緯度"] == ["35.673944", "35.6736", "35.6938", None, "35.676", None]
    assert columns["経度"] == ["139.752558", "139.7561", "139.7035", None, None, None]
    assert columns["所在地_町字"][:3] == ["霞が関一丁目", "日比谷公園", "霞が関二丁目"]
    assert columns["所在地_番地以下"][:3] == ["3-1", "1-6", "1-1"]
    assert columns["町字ID"][:3] == ["0002-001", "0052-000", "0002-002"]
    told = report_of(prepared)
    assert told["coordinates"] == {
        "stated": 2,
        "filled": {"chome": 1},
        "empty": 3,
        "doubts": {"address-coarse": 1, "coordinate-elsewhere": 1, "coordinate-half": 1},
        "gazetteer": gazetteer.identity,
    }
    event = next(event for event in prepared.run.events if event.rule == "coordinate.from-chome")
    assert (event.row, event.before, event.after, event.confidence) == (1, None, "35.673944", 0.9)
    assert any(event.reason == "not-a-coordinate" and event.severity == "error" for event in prepared.run.events)
    assert "丁目・小字 1" in page_of(told, recipe_yaml="")


def test_a_fresh_installation_compares_and_fills_nothing(tmp_path: Path) -> None:
    prepared = toilets(tmp_path, None)
    assert prepared.run.frame.columns["緯度"][0] is None
    assert report_of(prepared)["coordinates"]["doubts"] == {"coordinate-elsewhere": 1, "coordinate-half": 1}


def test_a_run_is_named_by_its_gazetteer_too(tmp_path: Path, gazetteer: GazetteerFile) -> None:
    first, plain = toilets(tmp_path, gazetteer), toilets(tmp_path, None)
    assert first.recipe == plain.recipe == from_yaml(to_yaml(first.recipe))
    assert first.run.key != plain.run.key
    schema = load_schema("public_toilet")
    assert as_csv(toilets(tmp_path, gazetteer).run, schema) == as_csv(first.run, schema)


def test_boundaries_tell_where_a_point_of_tokyo_lies() -> None:
    assert len(boundaries()) == 62
    assert municipality_at(35.6938, 139.7035) == "131041"
    assert municipality_at(35.6736, 139.7561) == "131016"
    assert municipality_at(33.11, 139.79) == "134015"
    assert municipality_at(35.4437, 139.638) == ""
    assert 14_000 < boundaries()["131041"].metres_to(35.55, 139.65) < 16_000


def test_a_point_is_compared_with_its_address_and_many_with_the_old_datum(gazetteer: GazetteerFile) -> None:
    place = Geocoder(gazetteer).geocode("千代田区霞が関一丁目1-1")
    assert check_point(place, 35.6742, 139.7530) == "agrees"
    assert check_point(place, 35.6938, 139.7035) == "elsewhere"
    assert check_point(Geocoder().geocode("福岡県福岡市中央区天神1"), 35.67, 139.75) == "far"
    new = [(35.6 + number / 500, 139.5 + number / 400) for number in range(30)]
    shift = (from_tokyo_datum(35.65, 139.6)[0] - 35.65, from_tokyo_datum(35.65, 139.6)[1] - 139.6)
    old = [(lat - shift[0] + 0.0008 * (number % 3 - 1), lon - shift[1]) for number, (lat, lon) in enumerate(new)]
    assert looks_like_tokyo_datum(old, new)
    assert not looks_like_tokyo_datum(new, new)
    assert not looks_like_tokyo_datum(old[:10], new[:10])


def test_points_that_stand_for_a_town_do_not_make_one_thing_of_two(tmp_path: Path, gazetteer: GazetteerFile) -> None:
    (tmp_path / "a.csv").write_text(
        "名称,所在地_連結表記,緯度,経度\n公園便所,千代田区霞が関一丁目3-1,,\n", encoding="utf-8"
    )
    (tmp_path / "b.csv").write_text(
        "名称,所在地_連結表記,緯度,経度\n公園便所,千代田区霞が関一丁目9-9,,\n公園便所,千代田区霞が関一丁目3-1,35.6800,139.7525\n",
        encoding="utf-8",
    )
    prepared = prepare(
        [tmp_path / "a.csv", tmp_path / "b.csv"],
        load_schema("public_toilet"),
        folder=tmp_path / "rows",
        gazetteer=gazetteer,
    )
    assert prepared.run.frame.columns["緯度"] == ["35.673944", "35.673944", "35.6800"]
    # The first and third have one address, though the town's point lies 670 m from the stated one.
    assert [(group.members, group.why, group.metres) for group in prepared.run.duplicates] == [
        ((("t1", 2), ("t2", 3)), "name-address", None)
    ]

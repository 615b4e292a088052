"""The gazetteer: built from national files in their real formats, the same bytes again, and refused when broken."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from tdpf.controlplane.preparation.engine.addresses.building import build_gazetteer
from tdpf.controlplane.preparation.engine.addresses.errors import (
    GazetteerDamaged,
    GazetteerOther,
    NoPlaceFiles,
    PlaceFileBroken,
)
from tdpf.controlplane.preparation.engine.addresses.gazetteer import MAGIC, GazetteerFile
from tdpf.controlplane.preparation.engine.addresses.geocoding import Geocoder
from tdpf.controlplane.preparation.engine.addresses.types import Geocoded
from tdpf.processes.cli import main

TOWN = "lg_code,machiaza_id,machiaza_type,pref,pref_kana,pref_roma,county,county_kana,county_roma,city,city_kana,city_roma,ward,ward_kana,ward_roma,oaza_cho,oaza_cho_kana,oaza_cho_roma,chome,chome_kana,chome_number,koaza,koaza_kana,koaza_roma,machiaza_dist,rsdt_addr_flg,rsdt_addr_mtd_code,oaza_cho_aka_flg,koaza_aka_code,oaza_cho_gsi_uncmn,koaza_gsi_uncmn,status_flg,wake_num_flg,efct_date,ablt_date,src_code,post_code,remarks"
TOWN_POS = "lg_code,machiaza_id,rsdt_addr_flg,rep_lon,rep_lat,rep_srid,rep_scale,rep_src_code,plygn_fname,plygn_kcode,plygn_fmt,plygn_srid,plygn_scale,plygn_src_code,pos_oaza_cho_chome_code,pos_data_mnt_year,cns_bnd_s_area_kcode,cns_bnd_year"
BLOCK = "lg_code,machiaza_id,blk_id,pref,county,city,ward,oaza_cho,chome,koaza,machiaza_dist,blk_num,rsdt_addr_flg,rsdt_addr_mtd_code,oaza_cho_aka_flg,koaza_aka_code,oaza_cho_gsi_uncmn,koaza_gsi_uncmn,status_flg,efct_date,ablt_date,src_code,remarks"
BLOCK_POS = "lg_code,machiaza_id,blk_id,rsdt_addr_flg,rsdt_addr_mtd_code,rep_lon,rep_lat,rep_srid,rep_scale,rep_src_code,plygn_fname,plygn_kcode,plygn_fmt,plygn_srid,plygn_scale,plygn_src_code,pos_pref,pos_city,pos_oaza_cho_chome,pos_koaza,pos_blk_prc_num,pos_data_mnt_year,rsdt_addr_code_rdbl,rsdt_addr_data_mnt_date"
RSDT = "lg_code,machiaza_id,blk_id,rsdt_id,rsdt2_id,pref,county,city,ward,oaza_cho,chome,koaza,machiaza_dist,blk_num,rsdt_num,rsdt_num2,basic_rsdt_div,rsdt_addr_flg,rsdt_addr_mtd_code,oaza_cho_aka_flg,koaza_aka_code,oaza_cho_gsi_uncmn,koaza_gsi_uncmn,status_flg,efct_date,ablt_date,src_code,remarks"
RSDT_POS = "lg_code,machiaza_id,blk_id,rsdt_id,rsdt2_id,rsdt_addr_flg,rsdt_addr_mtd_code,rep_lon,rep_lat,rep_srid,rep_scale,rep_src_code,rsdt_addr_code_rdbl,rsdt_addr_data_mnt_date"
PARCEL = "lg_code,machiaza_id,prc_id,pref,county,city,ward,oaza_cho,chome,koaza,prc_num1,prc_num2,prc_num3,rsdt_addr_flg,prc_rec_flg,prc_area_code,efct_date,ablt_date,src_code,remarks"
PARCEL_POS = "lg_code,machiaza_id,prc_id,rep_lon,rep_lat,rep_srid,rep_scale,rep_src_code,plygn_fname,plygn_kcode,plygn_fmt,plygn_srid,plygn_scale,plygn_src_code,moj_map_city_code,moj_map_oaza_code,moj_map_chome_code,moj_map_koaza_code,moj_map_spare_code,moj_map_brushid"
ISJ_TOWN = '"都道府県コード","都道府県名","市区町村コード","市区町村名","大字町丁目コード","大字町丁目名","緯度","経度","原典資料コード","大字・字・丁目区分コード"'
ISJ_BLOCK = '"都道府県名","市区町村名","大字・丁目名","小字・通称名","街区符号・地番","座標系番号","Ｘ座標","Ｙ座標","緯度","経度","住居表示フラグ","代表フラグ","更新前履歴フラグ","更新後履歴フラグ"'


def table(header: str, *rows: dict[str, str]) -> str:
    names = header.split(",")
    assert all(set(row) <= set(names) for row in rows)
    return "\n".join([header, *(",".join(row.get(name, "") for name in names) for row in rows)]) + "\n"


def registry(folder: Path) -> Path:
    """Write a made part of the Address Base Registry: one ward, one town with residences, one village with parcels."""
    ward = {"lg_code": "131016", "machiaza_id": "0002001"}
    village = {"lg_code": "133078", "machiaza_id": "0003000"}
    names = {"pref": "東京都", "city": "千代田区", "oaza_cho": "霞が関"}
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(
            "mt_rsdtdsp_rsdt_pref13.csv",
            table(
                RSDT,
                {**ward, **names, "blk_id": "003", "rsdt_id": "001", "blk_num": "3", "rsdt_num": "1"},
                {
                    **ward,
                    **names,
                    "blk_id": "003",
                    "rsdt_id": "002",
                    "rsdt2_id": "00005",
                    "blk_num": "3",
                    "rsdt_num": "2",
                    "rsdt_num2": "5",
                },
            ),
        )
        archive.writestr(
            "mt_rsdtdsp_rsdt_pos_pref13.csv",
            table(
                RSDT_POS,
                {**ward, "blk_id": "003", "rsdt_id": "001", "rep_lon": "139.7503", "rep_lat": "35.6741"},
                {
                    **ward,
                    "blk_id": "003",
                    "rsdt_id": "002",
                    "rsdt2_id": "00005",
                    "rep_lon": "139.7510",
                    "rep_lat": "35.6744",
                },
            ),
        )
    files = {
        "mt_town_pref13.csv": table(
            TOWN,
            {**ward, **names, "chome": "一丁目", "chome_number": "1", "post_code": "1000013"},
            {**ward, **names, "machiaza_id": "0002002", "chome": "二丁目", "chome_number": "2"},
            {
                **ward,
                **names,
                "machiaza_id": "0002009",
                "chome": "九丁目",
                "chome_number": "9",
                "ablt_date": "2020-01-01",
            },
            {**village, "pref": "東京都", "county": "西多摩郡", "city": "檜原村", "oaza_cho": "本宿"},
            {
                **village,
                "machiaza_id": "0003101",
                "pref": "東京都",
                "county": "西多摩郡",
                "city": "檜原村",
                "oaza_cho": "本宿",
                "koaza": "元宿",
            },
        ),
        "mt_town_pos_pref13.csv": table(
            TOWN_POS,
            {**ward, "rep_lon": "139.7525", "rep_lat": "35.6739"},
            {**ward, "machiaza_id": "0002002", "rep_lon": "139.7512", "rep_lat": "35.6760"},
            {**village, "rep_lon": "139.1489", "rep_lat": "35.7268"},
        ),
        "mt_rsdtdsp_blk_pref13.csv": table(BLOCK, {**ward, **names, "blk_id": "003", "blk_num": "3"}),
        "mt_rsdtdsp_blk_pos_pref13.csv": table(
            BLOCK_POS, {**ward, "blk_id": "003", "rep_lon": "139.7506", "rep_lat": "35.6742"}
        ),
        "mt_parcel_city133078.csv": table(
            PARCEL, {**village, "prc_id": "004670000100000", "prc_num1": "467", "prc_num2": "1", "oaza_cho": "本宿"}
        ),
        "mt_parcel_pos_city133078.csv": table(
            PARCEL_POS, {**village, "prc_id": "004670000100000", "rep_lon": "139.1500", "rep_lat": "35.7270"}
        ),
    }
    outer = folder / "13.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("mt_rsdtdsp_rsdt_pref13.csv.zip", inner.getvalue())
        for name, text in files.items():
            archive.writestr(name, "\ufeff" + text)
    return outer


@pytest.fixture
def registered(tmp_path: Path) -> Geocoder:
    build_gazetteer([registry(tmp_path)], tmp_path / "g.tdg")
    return Geocoder(GazetteerFile(tmp_path / "g.tdg"))


def shown(found: Geocoded) -> tuple[str, str, float | None, float | None]:
    return found.level, found.match, found.lat, found.lon


def test_the_address_base_registry_reaches_blocks_residences_and_parcels(registered: Geocoder) -> None:
    place = registered.geocode
    assert shown(place("東京都千代田区霞ヶ関一丁目３番１号 霞が関ビル")) == ("residence", "exact", 35.6741, 139.7503)
    assert shown(place("千代田区霞が関1-3-2-5")) == ("residence", "exact", 35.6744, 139.751)
    assert shown(place("千代田区霞が関1-3")) == ("block", "exact", 35.6742, 139.7506)
    assert shown(place("千代田区霞が関1-3-9")) == ("block", "partial", 35.6742, 139.7506)
    assert shown(place("千代田区霞が関1-8-1")) == ("chome", "partial", 35.6739, 139.7525)
    assert shown(place("東京都檜原村本宿467番地1")) == ("residence", "exact", 35.727, 139.15)
    assert shown(place("東京都檜原村字本宿字元宿467番地1"))[:2] == ("oaza", "exact")
    assert place("千代田区霞が関1-3-1").town_id == "0002001"
    assert "postcode-agrees" in place("100-0013 千代田区霞が関1-3-1").evidence
    assert shown(place("千代田区霞が関9-1"))[:2] == ("oaza", "partial")
    assert "chome-unknown" in place("千代田区霞が関九丁目1").evidence


def test_towns_and_blocks_of_the_ministry_and_of_geolonia_are_one_gazetteer(tmp_path: Path) -> None:
    (tmp_path / "13000-17.0b.csv").write_bytes(
        f'{ISJ_TOWN}\n"13","東京都","13206","府中市","132060017002","宮西町二丁目","35.670621","139.476065","0","3"\n'.encode(
            "cp932"
        )
    )
    (tmp_path / "13206-22.0a.csv").write_bytes(
        f'{ISJ_BLOCK}\n"東京都","府中市","宮西町二丁目","","24","9","-36600","-32300","35.669","139.4777","1","1","0","0"\n'.encode(
            "cp932"
        )
    )
    folder = tmp_path / "api" / "東京都"
    folder.mkdir(parents=True)
    towns = [
        {"town": "岡田", "koaza": "", "lat": 34.78, "lng": 139.39},
        {"town": "岡田", "koaza": "助田", "lat": 34.784, "lng": 139.391},
    ]
    (folder / "大島町.json").write_text(json.dumps(towns), encoding="utf-8")
    unclear = tmp_path / "府中市.json"
    unclear.write_text(json.dumps([{"town": "府川町", "koaza": "", "lat": 34.57, "lng": 133.23}]), encoding="utf-8")
    (tmp_path / "readme.csv").write_text("a,b\n1,2\n")
    built = build_gazetteer([tmp_path], tmp_path / "g.tdg")
    assert [Path(name).name for name in built.passed_over] == ["readme.csv"]
    place = Geocoder(GazetteerFile(tmp_path / "g.tdg")).geocode
    assert shown(place("東京都府中市宮西町2丁目24番地")) == ("block", "exact", 35.669, 139.4777)
    assert shown(place("東京都大島町岡田字助田5")) == ("chome", "exact", 34.784, 139.391)
    # Both towns called 府中市 are known now, so that a town decides between them.
    assert place("府中市宮西町2-24").code == "132063"
    assert place("府中市府川町315").code == "342084"
    assert place("府中市本町1").match == "ambiguous"


def test_towns_are_found_in_careless_spellings(tmp_path: Path) -> None:
    plain = tmp_path / "towns.csv"
    rows = [
        "13101,神田神保町一丁目,35.6959,139.7601", "13101,神田神保町二丁目,35.6957,139.7572", "13101,鍛冶町,35.69,139.77",
        "13401,大賀郷,33.1087,139.7939", "12203,塩焼,35.679,139.921", "37201,塩江町安原上東,34.19,134.08",
    ]  # fmt: skip
    plain.write_text("lg_code,town,lat,lng\n" + "\n".join(rows) + "\n")
    build_gazetteer([plain], tmp_path / "g.tdg")
    place = Geocoder(GazetteerFile(tmp_path / "g.tdg")).geocode
    short = place("千代田区神保町2-5-1")
    assert (short.town, short.chome, short.block, short.match) == ("神田神保町", 2, "5-1", "partial")
    assert "town-by-end" in short.evidence
    assert place("千代田区鍛治町1-1").town == "鍛冶町"
    for spelling in ("東京都八丈島八丈町大賀郷2843", "東京都八丈島大賀郷2843", "八丈島大賀郷2843"):
        assert (place(spelling).town, place(spelling).code) == ("大賀郷", "134015")
    assert place("千葉県市川市市川市塩焼5丁目9-8").town == "塩焼"
    assert place("高松市塩江町 安原上東365").town == "塩江町安原上東"
    assert place("千代田区神田1-1").town == "神田"
    assert place("千代田区神田1-1").level == "municipality"


def test_the_same_files_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    outer = registry(tmp_path)
    plain = tmp_path / "towns.csv"
    plain.write_text(
        "lg_code5,machiaza_id,town,koaza,postcode,lat,lng\n13206,0017002,宮西町二丁目,,1830022,35.67,139.47\n"
    )
    build_gazetteer([outer, plain], tmp_path / "first.tdg")
    build_gazetteer([plain, outer, outer], tmp_path / "second.tdg")
    assert (tmp_path / "first.tdg").read_bytes() == (tmp_path / "second.tdg").read_bytes()


def test_a_broken_gazetteer_is_a_problem_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "g.tdg"
    build_gazetteer([registry(tmp_path)], path)
    whole = path.read_bytes()
    for bad in (b"", b"PK\x03\x04 something else", whole[:200], whole[:-3], MAGIC, whole[:40] + b"?" + whole[41:]):
        path.write_bytes(bad)
        with pytest.raises(GazetteerDamaged):
            GazetteerFile(path)
    path.write_bytes(whole[:-9] + b"?" + whole[-8:])
    with pytest.raises(GazetteerDamaged):
        Geocoder(GazetteerFile(path)).geocode("東京都檜原村本宿467")
    monkeypatch.setattr("tdpf.controlplane.preparation.engine.addresses.gazetteer.FORMAT", 2)
    path.write_bytes(whole)
    with pytest.raises(GazetteerOther):
        GazetteerFile(path)
    assert main(["geocode", "東京都", "--gazetteer", str(path)]) == 1


def test_what_holds_no_places_is_refused_and_leaves_the_old_gazetteer(tmp_path: Path) -> None:
    out = tmp_path / "g.tdg"
    build_gazetteer([registry(tmp_path)], out)
    before = out.read_bytes()
    other = tmp_path / "other.csv"
    other.write_text("名称,住所\na,b\n")
    with pytest.raises(NoPlaceFiles):
        build_gazetteer([other], out)
    other.write_text("lg_code,town,lat,lng\n13206,宮西町,北緯35度,139\n")
    with pytest.raises(PlaceFileBroken, match="line 2"):
        build_gazetteer([other], out)
    assert out.read_bytes() == before


def test_the_installation_finds_its_own_gazetteer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TDPF_HOME", str(tmp_path / "home"))
    assert main(["gazetteer", "build", "--from", str(registry(tmp_path))]) == 0
    assert "municipalities" in capsys.readouterr().out
    assert main(["geocode", "千代田区霞が関1-3-1"]) == 0
    assert json.loads(capsys.readouterr().out)["level"] == "residence"
    assert main(["gazetteer", "build", "--from", str(tmp_path / "none")]) == 2

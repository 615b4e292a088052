"""What /data says about itself, and whether independent readers understand it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

import httpx
import pytest
from delivery_stand_ins import Delivery
from shelter_table import SHELTER_FIELDS, shelter_rows


def test_landing_leads_everywhere(web: httpx.Client) -> None:
    links = {link["rel"]: link["href"] for link in web.get("/data").json()["links"]}
    for rel in ("service-desc", "conformance", "data", "self"):
        assert web.get(links[rel].removeprefix("http://data.example")).status_code == 200
    assert web.get("/data/").json() == web.get("/data").json()


def test_conformance_names_what_is_there(web: httpx.Client) -> None:
    classes = web.get("/data/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in classes


def test_collections_open_first(web: httpx.Client) -> None:
    listed = web.get("/data/collections").json()["collections"]
    assert [entry["id"] for entry in listed] == ["codes", "codes.extra", "many", "shelters", "secret-shelters"]
    assert [entry["access"] for entry in listed] == ["open"] * 4 + ["conditional"]
    shelters = listed[3]
    assert shelters["extent"]["spatial"]["bbox"] == [[139.501, 35.501, 139.749, 35.749]]
    assert shelters == web.get("/data/collections/shelters").json()
    for entry in shelters["links"]:
        if entry["rel"] == "items":
            assert web.get(entry["href"].removeprefix("http://data.example")).status_code == 200


def test_both_languages(web: httpx.Client) -> None:
    japanese = web.get("/data", headers={"accept-language": "ja,en;q=0.5"})
    english = web.get("/data", headers={"accept-language": "en-GB,en;q=0.9,ja;q=0.2"})
    assert (japanese.headers["content-language"], english.headers["content-language"]) == ("ja", "en")
    assert japanese.json()["title"] != english.json()["title"]
    shelters = "/data/collections/shelters"
    described = ("/data/conformance", "/data/api", f"{shelters}/queryables")
    for path in ("/data", "/data/collections", shelters, f"{shelters}/items", *described):
        page = web.get(path, headers={"accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert '<html lang="en">' in page.text


def test_queryables_is_a_schema_of_the_rows(web: httpx.Client) -> None:
    import jsonschema

    schema = web.get("/data/collections/shelters/queryables").json()
    assert schema["properties"]["geometry"]["x-ogc-role"] == "primary-geometry"
    assert schema["properties"]["定員"]["x-ogc-unit"] == "人"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_openapi_is_valid_and_true(web: httpx.Client) -> None:
    document = web.get("/data/api").json()
    assert document["openapi"] == "3.0.3"
    fills = {"{collectionId}": "shelters", "{featureId}": "1", "{slug}": "shelters", "{name}": "shelters.csv"}
    for path, operations in document["paths"].items():
        for place, value in fills.items():
            path = path.replace(place, value)
        answer = web.get(path)
        assert answer.status_code == 200, path
        kinds = operations["get"]["responses"]["200"]["content"]
        assert answer.headers["content-type"].split(";")[0] in kinds, path
        for reference in operations["get"]["parameters"]:
            name = reference["$ref"].rsplit("/", 1)[-1]
            assert name in document["components"]["parameters"]


def test_it_says_how_it_is(web: httpx.Client) -> None:
    assert web.get("/healthz").status_code == 200
    ready = web.get("/readyz").json()
    assert ready["ready"] is True
    metrics = web.get("/metrics").text
    assert f"tdpf_delivery_snapshot_stamp {ready['stamp']}" in metrics
    assert "tdpf_delivery_collections 5" in metrics


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL (gdal-bin) is not installed")
def test_gdal_reads_every_collection(make_delivery: Callable[..., Delivery]) -> None:
    delivery = make_delivery()
    delivery.offer("shelters", delivery.build(shelter_rows(), SHELTER_FIELDS))
    delivery.offer("numbers", delivery.build([["1", "a"], ["2", "b"]], SHELTER_FIELDS[:2]))
    import delivery_stand_ins

    address = "http://127.0.0.1"
    delivery_stand_ins.PUBLIC_URL, before = address, delivery_stand_ins.PUBLIC_URL
    try:
        delivery.start(tcp=True)
        delivery_stand_ins.PUBLIC_URL = f"{address}:{delivery.tcp_port}"
        delivery.publish()
    finally:
        delivery_stand_ins.PUBLIC_URL = before
    place = f"OAPIF:{address}:{delivery.tcp_port}/data"

    def ogrinfo(*arguments: str) -> str:
        done = subprocess.run(["ogrinfo", "-ro", *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr, done.stderr
        return done.stdout

    layers = ogrinfo("-q", place)
    assert "shelters" in layers
    assert "numbers" in layers
    whole = ogrinfo("-so", place, "shelters")
    assert "Feature Count: 250" in whole
    assert "Geometry: Point" in whole
    boxed = ogrinfo("-spat", "139.55", "35.5", "139.5699", "36", place, "shelters")
    assert boxed.count("OGRFeature(shelters)") == 18
    filtered = ogrinfo("-where", '"地域コード" = \'131016\' AND "番号" > 200', place, "shelters")
    assert filtered.count("OGRFeature(shelters)") == sum(
        1 for row in shelter_rows() if row[2] == "131016" and int(row[0] or 0) > 200
    )
    assert "Feature Count: 2" in ogrinfo("-so", place, "numbers")

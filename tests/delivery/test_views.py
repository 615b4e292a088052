"""A column outside the agreement does not exist, whichever way it is asked for."""

from __future__ import annotations

import io
from typing import Any

import httpx
import openpyxl
import orjson
import polars as pl
import pytest

BASE = "/data/collections/secret-shelters"
ITEMS = f"{BASE}/items"
SEVEN = {"x-tdpf-view": "7,3", "x-tdpf-application": "1001", "x-tdpf-agreement": "5"}
VISIBLE = ["番号", "名称", "定員"]
HIDDEN = ["地域コード", "緯度", "経度", "開設日", "更新", "limit", "開設中"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-tdpf-view": "99"},
        {"x-tdpf-view": "-7"},
        {"x-tdpf-view": ""},
        {"x-tdpf-view": "7,2"},
    ],
)
@pytest.mark.parametrize(
    "path", [ITEMS, f"{ITEMS}/1", f"{BASE}/queryables", f"{BASE}/aggregate", "/data/files/secret-shelters/secret-shelters.csv",
             "/data/files/secret-shelters/もとの.csv", f"{ITEMS}?f=csv"],
)  # fmt: skip
def test_without_a_view_there_is_nothing(web: httpx.Client, headers: dict[str, str], path: str) -> None:
    answer = web.get(path, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/delivery/no-view")


@pytest.mark.parametrize("kind", ["json", "geojson", "html", "csv", "ndjson", "parquet", "arrow", "xlsx"])
@pytest.mark.parametrize("query", ["", "&filter=番号<20"])
def test_only_the_view_in_every_form(web: httpx.Client, kind: str, query: str) -> None:
    answer = web.get(f"{ITEMS}?f={kind}{query}", headers=SEVEN)
    assert answer.status_code == 200
    assert columns_of(kind, answer) == VISIBLE
    if kind not in ("parquet", "arrow", "xlsx"):
        assert not any(name in answer.text for name in HIDDEN if name != "limit")
        assert "139.5" not in answer.text


def columns_of(kind: str, answer: httpx.Response) -> list[Any]:
    match kind:
        case "json":
            return list(answer.json()["rows"][0])
        case "geojson":
            assert answer.json()["features"][0]["geometry"] is None
            return list(answer.json()["features"][0]["properties"])
        case "html":
            return VISIBLE
        case "csv":
            return answer.text.split("\r\n")[0].split(",")
        case "ndjson":
            return list(orjson.loads(answer.text.split("\n")[0]))
        case "parquet":
            return pl.read_parquet(io.BytesIO(answer.content)).columns
        case "arrow":
            return pl.read_ipc(io.BytesIO(answer.content)).columns
        case _:
            sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
            assert sheet is not None
            return [cell.value for cell in sheet[1]]


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_columns_cannot_be_asked_about(web: httpx.Client, name: str) -> None:
    asked = [
        (ITEMS, {"properties": name}),
        (ITEMS, {"sortby": name}),
        (ITEMS, {"filter": f'"{name}" IS NULL'}),
        (ITEMS, {name: "1"}),
        (f"{BASE}/aggregate", {"group_by": name}),
        (f"{BASE}/aggregate", {"measures": f"max:{name}"}),
        (f"{BASE}/aggregate", {"filter": f'"{name}" IS NULL'}),
    ]
    for path, params in asked:
        if params == {"limit": "1"}:
            continue
        answer = web.get(path, params=params, headers=SEVEN)
        assert answer.status_code == 400, (path, params)
        assert not any(hidden in answer.json().get("near", "") for hidden in HIDDEN if hidden != "limit")


def test_hidden_places_cannot_be_found_by_box(web: httpx.Client) -> None:
    for params in ({"bbox": "139,35,140,36"}, {"filter": "S_INTERSECTS(geometry, BBOX(139,35,140,36))"}):
        answer = web.get(ITEMS, params=params, headers=SEVEN)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/delivery/not-located")
    visible = web.get(ITEMS, params={"bbox": "139,35,140,36"}, headers={**SEVEN, "x-tdpf-view": "8"})
    assert visible.json()["numberMatched"] == 225
    assert "extent" not in web.get(BASE).json()


def test_queryables_and_one_row(web: httpx.Client) -> None:
    assert list(web.get(f"{BASE}/queryables", headers=SEVEN).json()["properties"]) == VISIBLE
    assert list(web.get(f"{ITEMS}/5", headers=SEVEN).json()) == VISIBLE


def test_zero_is_the_open_columns_and_open_data_needs_no_view(web: httpx.Client) -> None:
    rows = web.get(ITEMS, headers={"x-tdpf-view": "0"}).json()["rows"]
    assert list(rows[0]) == ["番号"]
    assert web.get("/data/collections/shelters/items").status_code == 200


def test_whole_files_are_made_for_the_view(web: httpx.Client) -> None:
    for kind in ("csv", "json", "ndjson"):
        text = web.get(f"/data/files/secret-shelters/secret-shelters.{kind}", headers=SEVEN).text
        assert "名称" in text
        assert not any(name in text for name in HIDDEN if name != "limit")
    parquet = web.get("/data/files/secret-shelters/secret-shelters.parquet", headers=SEVEN).content
    assert pl.read_parquet(io.BytesIO(parquet)).columns == VISIBLE
    assert web.get("/data/files/secret-shelters/secret-shelters.geojson", headers=SEVEN).status_code == 404


def test_the_original_shows_more_than_the_agreement(web: httpx.Client) -> None:
    answer = web.get("/data/files/secret-shelters/もとの.csv", headers=SEVEN)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/delivery/outside-agreement")


def test_two_views_never_share_an_answer(web: httpx.Client) -> None:
    for path in (ITEMS, f"{BASE}/aggregate", f"{BASE}/queryables", "/data/files/secret-shelters/secret-shelters.csv"):
        tags = {web.get(path, headers={**SEVEN, "x-tdpf-view": view}).headers["etag"] for view in ("0", "7", "8")}
        assert len(tags) == 3
    seven = web.get(f"{ITEMS}?f=csv", headers=SEVEN)
    eight = web.get(f"{ITEMS}?f=csv", headers={**SEVEN, "x-tdpf-view": "8", "if-none-match": seven.headers["etag"]})
    assert eight.status_code == 200
    assert eight.headers["cache-control"].startswith("private")

"""Rows over HTTP: pages, forms, single rows, order, columns, conditional requests."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from urllib.parse import quote

import httpx
import openpyxl
import orjson
import polars as pl
import pytest
from shelter_table import shelter_rows

from tdpf.dataplane.browsers import CONTENT_SECURITY_POLICY

ITEMS = "/data/collections/shelters/items"


def test_default_form_follows_the_place(web: httpx.Client) -> None:
    located = web.get(ITEMS, params={"limit": 1})
    assert located.headers["content-type"] == "application/geo+json"
    feature = located.json()["features"][0]
    assert feature["geometry"] == {"type": "Point", "coordinates": [139.501, 35.501]}
    assert feature["id"] == 1
    assert feature["properties"]["地域コード"] == "131017"
    plain = web.get("/data/collections/codes/items")
    assert plain.headers["content-type"] == "application/json"
    assert plain.json()["rows"][0] == {"コード": "01", "名前": "a", "数": 1.5}
    assert '"数":1.50' in plain.text
    as_geojson = web.get("/data/collections/codes/items", params={"f": "geojson"}).json()
    assert [feature["geometry"] for feature in as_geojson["features"]] == [None, None, None]
    assert [feature["id"] for feature in as_geojson["features"]] == ["01", "02", "03"]


def test_pages_follow_their_links_to_every_row(web: httpx.Client) -> None:
    seen: list[int] = []
    address: str | None = f"{ITEMS}?limit=60&sortby=-番号&f=json&apikey=tdpf_x"
    while address:
        page = web.get(address)
        body = page.json()
        assert body["numberMatched"] == 250
        assert "tdpf_x" not in page.text
        seen += [row["番号"] for row in body["rows"]]
        following = [link["href"] for link in body["links"] if link["rel"] == "next"]
        address = following[0].removeprefix("http://data.example") if following else None
        assert address is None or "version=3" in address
    assert seen == list(range(250, 0, -1))


def test_limits(web: httpx.Client) -> None:
    assert web.get(ITEMS, params={"f": "json"}).json()["numberReturned"] == 100
    huge = web.get("/data/collections/many/items", params={"limit": 999_999}).json()
    assert huge["numberReturned"] == 10_000
    assert web.get(ITEMS, params={"offset": 249}).json()["numberReturned"] == 1
    beyond = web.get(ITEMS, params={"offset": 1000}).json()
    assert (beyond["numberReturned"], beyond["numberMatched"]) == (0, 250)


def test_columns_and_equality(web: httpx.Client) -> None:
    body = web.get(ITEMS, params={"properties": "定員,番号", "地域コード": "131016", "f": "json"}).json()
    assert body["numberMatched"] == 50
    assert list(body["rows"][0]) == ["定員", "番号"]
    assert web.get(ITEMS, params={"定員": "不明", "f": "json"}).json()["numberMatched"] == 22
    assert web.get(ITEMS, params={"緯度": "", "f": "json"}).json()["numberMatched"] == 25
    reserved = web.get(ITEMS, params={"filter": "limit = 2", "limit": 3, "f": "json"}).json()
    assert [row["limit"] for row in reserved["rows"]] == [2, 2, 2]


def test_box_and_time(web: httpx.Client) -> None:
    body = web.get(ITEMS, params={"bbox": "139.55,35.5,139.5699,36", "f": "json"}).json()
    assert [row["番号"] for row in body["rows"]] == [n for n in range(50, 70) if n % 10]
    timed = web.get(ITEMS, params={"datetime": "2024-02-01/2024-02-29", "f": "json", "limit": 1000}).json()
    wanted = [int(row[0] or 0) for row in shelter_rows() if "2024-02-01" <= (row[6] or "") <= "2024-02-29"]
    assert [row["番号"] for row in timed["rows"]] == wanted
    for never_ends in ("2024-02-01/9999-12-31", "2024-02-01T00:00:00z/.."):
        later = web.get(ITEMS, params={"datetime": never_ends, "f": "json"}).json()["numberMatched"]
        assert later == sum((row[6] or "") >= "2024-02-01" for row in shelter_rows())


def test_one_row(web: httpx.Client) -> None:
    feature = web.get(f"{ITEMS}/7").json()
    assert feature["id"] == 7
    assert {link["rel"] for link in feature["links"]} == {"self", "alternate", "collection"}
    assert web.get("/data/collections/codes/items/02").json()["名前"] == "b"
    for wrong in ("0", "251", "07", "x", "1e1", "7/8"):
        answer = web.get(f"{ITEMS}/{wrong}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/delivery/no-row")


def test_a_row_is_reached_by_its_own_link_and_by_its_key_as_it_is_typed(web: httpx.Client) -> None:
    extra = "/data/collections/codes.extra/items"
    typed = web.get(f"{extra}/" + quote("か\u3099/１ ?#%"), params={"f": "geojson"}).json()
    link = next(entry["href"] for entry in typed["links"] if entry["rel"] == "self").removeprefix("http://data.example")
    # An escaped slash does not pass the gateway.
    assert "%2F" not in link
    assert web.get(link, params={"f": "geojson"}).json() == typed
    assert typed["id"] == "が/１ ?#%"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/geo+json"),
        ("application/geo+json, application/json", "application/geo+json"),
        ("application/json", "application/json"),
        ("text/csv;q=0.9, application/json;q=0.1", "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/*", "application/geo+json"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("", "application/geo+json"),
    ],
)
def test_accept(web: httpx.Client, accept: str, expected: str) -> None:
    answer = web.get(ITEMS, params={"limit": 1}, headers={"accept": accept})
    assert answer.headers["content-type"] == expected
    assert "accept" in answer.headers["vary"]


def test_not_acceptable(web: httpx.Client) -> None:
    answer = web.get(ITEMS, headers={"accept": "image/png"})
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/delivery/not-acceptable")
    assert web.get(ITEMS, headers={"accept": "application/json;q=0, */*;q=0"}).status_code == 406


@pytest.mark.parametrize(
    "params", [{}, {"filter": "定員 > 200"}, {"properties": "番号,名称", "limit": "5", "sortby": "-番号"}]
)
def test_every_file_form_holds_the_same_rows(web: httpx.Client, params: dict[str, str]) -> None:
    wanted = web.get(ITEMS, params={"limit": "10000", **params, "f": "json"}).json()["rows"]
    names = list(wanted[0])
    text = web.get(ITEMS, params={**params, "f": "csv"})
    rows = list(csv.reader(io.StringIO(text.text, newline="")))
    assert rows[0] == names
    assert len(rows) == len(wanted) + 1
    assert [row[names.index("名称")] for row in rows[1:]] == [row["名称"] for row in wanted]
    lines = web.get(ITEMS, params={**params, "f": "ndjson"}).text.splitlines()
    assert [orjson.loads(line) for line in lines] == wanted
    parquet = pl.read_parquet(io.BytesIO(web.get(ITEMS, params={**params, "f": "parquet"}).content))
    arrow = pl.read_ipc(io.BytesIO(web.get(ITEMS, params={**params, "f": "arrow"}).content))
    assert parquet.columns == arrow.columns == names
    assert parquet["番号"].to_list() == arrow["番号"].to_list() == [row["番号"] for row in wanted]
    book = openpyxl.load_workbook(io.BytesIO(web.get(ITEMS, params={**params, "f": "xlsx"}).content)).active
    assert book is not None
    assert book.max_row == len(wanted) + 1
    values = {cell.value for row in book.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert not any(value.startswith("=") for value in values)


def test_files_are_attachments_named_after_the_collection(web: httpx.Client) -> None:
    answer = web.get(ITEMS, params={"f": "csv"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="shelters.csv"')
    assert answer.headers["content-length"] == str(len(answer.content))


def test_workbooks_have_a_largest_size(web: httpx.Client) -> None:
    answer = web.get("/data/collections/many/items", params={"f": "xlsx"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/tables/too-many-rows-for-excel")
    assert web.get("/data/collections/many/items", params={"f": "xlsx", "limit": "10"}).status_code == 200
    assert web.get("/data/collections/many/items", params={"f": "xlsx", "filter": "n >= 0"}).status_code == 400


@pytest.mark.parametrize(
    "address",
    [ITEMS, f"{ITEMS}?f=csv", f"{ITEMS}/5", f"{ITEMS}?filter=定員>5&f=ndjson", "/data/collections", "/data/api"],
)
def test_not_modified(web: httpx.Client, address: str) -> None:
    first = web.get(address)
    tag = first.headers["etag"]
    again = web.get(address, headers={"if-none-match": f'W/"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert web.get(address, headers={"if-none-match": '"other"'}).status_code == 200


def test_tags_differ_by_what_is_asked(web: httpx.Client) -> None:
    asked = ["", "limit=1", "limit=2", "f=json", "f=csv", "filter=定員>5", "filter=定員>6", "sortby=番号", "version=1"]
    tags = [web.get(f"{ITEMS}?{query}").headers["etag"] for query in asked]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize(
    "address", [ITEMS, f"{ITEMS}?f=csv", f"{ITEMS}/5", f"{ITEMS}?f=csv&limit=3", "/data", f"{ITEMS}?x=1"]
)
def test_head_is_get_without_the_body(web: httpx.Client, address: str) -> None:
    get, head = web.get(address), web.head(address)
    assert head.content == b""
    assert head.status_code == get.status_code
    for name in ("content-type", "etag", "cache-control"):
        assert head.headers.get(name) == get.headers.get(name)


def test_a_page_has_its_style_and_lets_a_browser_save_what_it_links_to(web: httpx.Client) -> None:
    page = web.get(f"{ITEMS}?f=html", headers={"accept-language": "en"})
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    # The gateway says it, for every answer; see tests/gateway.
    told = CONTENT_SECURITY_POLICY
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in told
    assert "sandbox allow-downloads" in told
    assert "script-src" not in told
    assert '<a href="/en/search">' in page.text


def test_licence_link(web: httpx.Client) -> None:
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in web.get(ITEMS).headers["link"]


def test_old_names_lead_to_the_new_one(web: httpx.Client) -> None:
    answer = web.get("/data/collections/old-shelters/items?limit=2&名称=あ")
    assert answer.status_code == 308
    assert answer.headers["location"] == "/data/collections/shelters/items?limit=2&%E5%90%8D%E7%A7%B0=%E3%81%82"
    files = web.get("/data/files/old-shelters/shelters.csv")
    assert (files.status_code, files.headers["location"]) == (308, "/data/files/shelters/shelters.csv")


def test_html_escapes_what_it_shows(web: httpx.Client) -> None:
    page = web.get(ITEMS, params={"f": "html", "filter": "名称 LIKE '%<b>%' OR 番号 = 1"}).text
    assert "<b>" not in page
    assert "&lt;b&gt;" in page or "%3Cb%3E" in page


def test_pinned_versions_stay(web: httpx.Client) -> None:
    assert web.get(ITEMS, params={"version": 1}).json()["numberMatched"] == 30
    gone, never = web.get(ITEMS, params={"version": 2}), web.get(ITEMS, params={"version": 9})
    assert (gone.status_code, gone.json()["type"]) == (410, "/problems/delivery/version-gone")
    assert (never.status_code, never.json()["type"]) == (404, "/problems/delivery/no-such-version")


def test_long_questions_are_answered_beside_the_loop(web: httpx.Client) -> None:
    body = web.get(
        "/data/collections/many/items", params={"filter": "t LIKE '%文文%' AND NOT (m = 5)", "limit": 1}
    ).json()
    assert body["numberMatched"] == sum(1 for n in range(120_000) if n % 9 >= 2 and n % 97 != 5)


def test_streams_are_whole(web: httpx.Client) -> None:
    answer = web.get("/data/collections/many/items", params={"f": "csv", "filter": "n >= 1"})
    assert answer.status_code == 200
    assert "content-length" not in answer.headers
    assert answer.text.count("\r\n") == 120_000

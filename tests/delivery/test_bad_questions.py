"""Whatever is asked wrongly gets a sentence that helps, in the reader's language, and never a 5xx."""

from __future__ import annotations

import httpx
import pytest
from delivery_stand_ins import Delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ITEMS = "/data/collections/shelters/items"

WRONG = [
    ({"x": "1"}, 400, "delivery/unknown-parameter"),
    ({"名": "1"}, 400, "delivery/unknown-parameter"),
    ({"limit": "0"}, 400, "delivery/bad-parameter"),
    ({"limit": "-1"}, 400, "delivery/bad-parameter"),
    ({"limit": "ten"}, 400, "delivery/bad-parameter"),
    ({"limit": "٣"}, 400, "delivery/bad-parameter"),
    ({"limit": "9" * 400}, 400, "delivery/bad-parameter"),
    ({"offset": "-5"}, 400, "delivery/bad-parameter"),
    ({"bbox": "1,2,3"}, 400, "delivery/bad-parameter"),
    ({"bbox": "1,2,3,nan"}, 400, "delivery/bad-parameter"),
    ({"bbox": "1,2,3,1"}, 400, "delivery/bad-parameter"),
    ({"bbox": "a,b,c,d"}, 400, "delivery/bad-parameter"),
    ({"bbox": "1_0,0,11,1"}, 400, "delivery/bad-parameter"),
    ({"bbox": "１,0,11,1"}, 400, "delivery/bad-parameter"),
    ({"bbox": "1,2,3,4,"}, 400, "delivery/bad-parameter"),
    ({"datetime": "yesterday"}, 400, "delivery/bad-parameter"),
    ({"datetime": "a/b/c"}, 400, "delivery/bad-parameter"),
    ({"datetime": "2024-03-01/2024-01-01"}, 400, "delivery/bad-parameter"),
    ({"properties": "番号,ない"}, 400, "delivery/unknown-column"),
    ({"properties": ","}, 400, "delivery/bad-parameter"),
    ({"sortby": "-ない"}, 400, "delivery/unknown-column"),
    ({"sortby": "\n0"}, 400, "delivery/bad-parameter"),
    ({"f": "pdf"}, 400, "delivery/unknown-format"),
    ({"version": "one"}, 400, "delivery/bad-parameter"),
    ({"filter-lang": "cql-text"}, 400, "delivery/bad-parameter"),
    ({"filter-lang": "cql2-json", "filter": "定員 = 1"}, 400, "delivery/bad-filter"),
    ({"filter-lang": "cql2-json", "filter": '{"op":"=","args":[{"property":5},1]}'}, 400, "delivery/bad-filter"),
    (
        {"filter-lang": "cql2-json", "filter": '{"op":"not","args":[' * 130 + "true" + "]}" * 130},
        400,
        "delivery/bad-filter",
    ),
    (
        {
            "filter-lang": "cql2-json",
            "filter": '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[]}]}',
        },
        400,
        "delivery/bad-filter",
    ),
    ({"crs": "EPSG:4326"}, 400, "delivery/bad-parameter"),
    ({"filter": ""}, 400, "delivery/bad-filter"),
    ({"filter": "定員 >"}, 400, "delivery/bad-filter"),
    ({"filter": "定員 = 1; DROP TABLE rows"}, 400, "delivery/bad-filter"),
    ({"filter": "ない = 1"}, 400, "delivery/unknown-column"),
    ({"filter": "名称 = 1"}, 400, "tables/wrong-literal"),
    ({"filter": "定員 > '多い'"}, 400, "tables/wrong-literal"),
    ({"filter": "定員 LIKE '1%'"}, 400, "tables/not-for-this-column"),
    ({"filter": "T_AFTER(名称, DATE('2024-01-01'))"}, 400, "tables/not-for-this-column"),
    ({"filter": "開設日 > DATE('2024-13-45')"}, 400, "delivery/bad-parameter"),
    ({"filter": "load_extension('x') = 1"}, 400, "delivery/filter-not-supported"),
    ({"filter": "CASEI(名称) = 'a'"}, 400, "delivery/filter-not-supported"),
    ({"filter": "定員 + 1 > 2"}, 400, "delivery/filter-not-supported"),
    ({"filter": "定員 = 番号"}, 400, "delivery/filter-not-supported"),
    ({"filter": "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 0)))"}, 400, "delivery/filter-not-supported"),
    ({"filter": "S_WITHIN(geometry, BBOX(1,2,3,4))"}, 400, "delivery/filter-not-supported"),
    ({"filter": "(" * 40 + "定員 = 1" + ")" * 40}, 400, "delivery/filter-too-large"),
    ({"filter": "NOT " * 200 + "開設中"}, 400, "delivery/filter-too-large"),
    ({"filter": "定員 = " + "-" * 500 + "1"}, 400, "delivery/filter-too-large"),
    ({"filter": "番号 IN (" + ",".join(["1"] * 1500) + ")"}, 400, "delivery/filter-too-large"),
    ({"filter": "名称 LIKE '" + "%a" * 20 + "'"}, 400, "delivery/bad-parameter"),
    ({"filter": "定員 = 1e400"}, 400, "tables/wrong-literal"),
    ({"filter": "名称 = '" + "x" * 9000 + "'"}, 414, "delivery/query-too-long"),
]


@pytest.mark.parametrize(("params", "status", "code"), WRONG)
def test_wrong_questions(web: httpx.Client, params: dict[str, str], status: int, code: str) -> None:
    answer = web.get(ITEMS, params=params)
    document = answer.json()
    assert (answer.status_code, document["type"]) == (status, f"/problems/{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["title"].isascii()
    assert "{" not in document["detail"]
    japanese = web.get(ITEMS, params=params, headers={"accept-language": "ja"}).json()
    assert not japanese["title"].isascii()
    assert "{" not in japanese["detail"]


def test_near_misses_are_named(web: httpx.Client) -> None:
    assert "定員" in web.get(ITEMS, params={"定因": "1"}).json()["detail"]
    assert "番号" in web.get(ITEMS, params={"filter": "番後 = 1"}).json()["detail"]
    assert "shelters" in web.get("/data/collections/sheltrs/items").json()["detail"]
    assert "limit" in web.get(ITEMS, params={"limt": "1"}).json()["detail"]


def test_a_parameter_given_twice(web: httpx.Client) -> None:
    assert web.get(f"{ITEMS}?limit=1&limit=2").json()["type"] == "/problems/delivery/repeated-parameter"
    assert web.get(f"{ITEMS}?" + "&".join(f"a{n}=1" for n in range(80))).status_code == 414
    assert web.get(f"{ITEMS}?filter=%ff%fe").status_code == 400


def test_places_are_asked_of_places(web: httpx.Client) -> None:
    answer = web.get("/data/collections/codes/items", params={"bbox": "1,2,3,4"})
    assert answer.json()["type"] == "/problems/delivery/not-located"


@pytest.mark.parametrize(
    "path",
    [
        "/data/x", "/data/collections/none", "/data/collections/shelters/x", "/data/collections//items", "/data/files/none/x",
        "/data/files/shelters/..%2f..%2fsecrets%2fnode.secret", "/data/files/shelters/../../secrets/node.secret",
        "/data/files/shelters/%00", "/data/collections/..%2f/items", "/data/collections/shelters/items/../../../x", "/database",
    ],
)  # fmt: skip
def test_there_is_nothing_there(web: httpx.Client, path: str) -> None:
    answer = web.request("GET", httpx.URL(scheme="http", host="delivery", raw_path=path.encode()))
    assert answer.status_code == 404
    assert "a secret" not in answer.text


def test_methods(web: httpx.Client) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = web.request(method, ITEMS)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert web.options(ITEMS).status_code == 204


INJECTIONS = [
    "' OR '1'='1",
    "'; DROP TABLE rows; --",
    '" OR 1=1 --',
    "1 UNION SELECT name FROM sqlite_master",
    "x') OR 1=1 --",
    "c.c0 = 1 OR 1",
    "*",
    "%",
    "[a-z]",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_injections_are_only_text(web: httpx.Client, text: str) -> None:
    assert web.get(ITEMS, params={"名称": text, "f": "json"}).json()["numberMatched"] == 0
    quoted = text.replace("'", "''")
    assert web.get(ITEMS, params={"filter": f"名称 = '{quoted}'", "f": "json"}).json()["numberMatched"] == 0
    assert web.get(ITEMS, params={text: "1"}).status_code == 400
    assert web.get(ITEMS, params={"filter": text}).status_code == 400
    assert web.get(ITEMS, params={"properties": text}).status_code == 400
    assert web.get(ITEMS, params={"sortby": text}).status_code == 400
    aggregate = "/data/collections/shelters/aggregate"
    assert web.get(aggregate, params={"group_by": text}).status_code == 400
    assert web.get(aggregate, params={"measures": f"sum:{text}"}).status_code == 400
    assert web.get(f"{ITEMS}/{text}").status_code == 404


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["filter", "bbox", "limit", "offset", "sortby", "properties", "datetime", "version", "f", "定員", "更新"]),
    value=st.one_of(
        st.text(max_size=40),
        st.sampled_from(["定員", "番号 > 1", "NOT", "(", ")", "'", '"', "BBOX(", "IN (", "T_AFTER(開設日,", "DATE('2024-01-01')"]),
        st.lists(st.sampled_from(["定員", "名称", "(", ")", "'a'", "1", "AND", "OR", "NOT", "=", ">", "IN", "LIKE", ",", "NULL", "IS",
                                  "BETWEEN", "DATE('2024-01-01')", "S_INTERSECTS", "geometry", "POINT(1 2)", "T_DURING",
                                  "INTERVAL('..','2024-01-01')", "TRUE"]), max_size=9).map(" ".join),
    ),
)  # fmt: skip
def test_nothing_makes_it_fail(delivery: Delivery, name: str, value: str) -> None:
    with delivery.client as client:
        answer = client.get(ITEMS, params={name: value})
        assert answer.status_code in (200, 400, 404, 410, 414)
        assert client.get("/data/collections/shelters/aggregate", params={name: value}).status_code < 500

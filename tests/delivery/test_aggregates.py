"""Aggregates equal what plain Python counts."""

from __future__ import annotations

from collections import defaultdict

import httpx
from delivery_stand_ins import Delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelter_table import shelter_rows

AGGREGATE = "/data/collections/shelters/aggregate"


def test_groups(web: httpx.Client) -> None:
    groups: dict[str, list[int]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for row in shelter_rows():
        sizes[row[2] or ""] += 1
        if (row[5] or "").isdecimal():
            groups[row[2] or ""].append(int(row[5] or 0))
    answer = web.get(
        AGGREGATE, params={"group_by": "地域コード", "measures": "count,sum:定員,min:定員,max:定員,distinct:定員"}
    )
    assert answer.json()["rows"] == [
        {
            "地域コード": code,
            "count": sizes[code],
            "sum:定員": sum(groups[code]),
            "min:定員": min(groups[code]),
            "max:定員": max(groups[code]),
            "distinct:定員": len({row[5] for row in shelter_rows() if row[2] == code}),
        }
        for code in sorted(sizes)
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(low=st.integers(0, 260), high=st.integers(0, 260))
def test_filtered_counts(delivery: Delivery, low: int, high: int) -> None:
    with delivery.client as client:
        rows = client.get(
            AGGREGATE, params={"filter": f"番号 BETWEEN {low} AND {high}", "measures": "count,sum:番号"}
        ).json()
    chosen = [number for number in range(1, 251) if low <= number <= high]
    assert rows["rows"] == [{"count": len(chosen), "sum:番号": sum(chosen) if chosen else None}]


def test_order_and_limit(web: httpx.Client) -> None:
    params = {"group_by": "limit", "measures": "count,avg:番号", "sortby": "-count,limit", "limit": "2"}
    rows = web.get(AGGREGATE, params=params).json()["rows"]
    assert [row["limit"] for row in rows] == [1, 0]
    dated = web.get(AGGREGATE, params={"measures": "min:開設日,max:開設日"}).json()["rows"]
    days = [row[6] for row in shelter_rows()]
    assert dated == [{"min:開設日": min(days), "max:開設日": max(days)}]  # type: ignore[type-var]  # no day is empty


def test_kept_answers_are_the_same(web: httpx.Client) -> None:
    first, again = (web.get(AGGREGATE, params={"group_by": "定員"}) for _ in range(2))
    assert first.content == again.content
    assert (
        web.get(AGGREGATE, params={"group_by": "定員"}, headers={"if-none-match": first.headers["etag"]}).status_code
        == 304
    )


def test_too_many_groups_and_wrong_measures(web: httpx.Client) -> None:
    many = "/data/collections/many/aggregate"
    assert web.get(many, params={"group_by": "n"}).json()["type"] == "/problems/delivery/too-many-groups"
    assert len(web.get(many, params={"group_by": "n", "limit": "10"}).json()["rows"]) == 10
    for params in ({"measures": "median:n"}, {"measures": "sum"}, {"measures": ""}, {"limit": "0"}, {"sortby": "zz"}):
        assert web.get(many, params=params).status_code == 400
    assert web.get(AGGREGATE, params={"measures": "sum:名称"}).json()["type"] == "/problems/tables/not-for-this-column"
    assert web.get(AGGREGATE, params={"f": "csv"}).status_code == 400

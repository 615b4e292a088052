"""Entities of a context broker as a table: whatever the broker is asked, the answer is the one that all its entities give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from delivery_stand_ins import Delivery
from provider_ngsi import CONTEXT, PATH, TENANT, TOKEN, ContextBroker

from tdpf.dataplane.delivery.connectors.asked import Asked, manifest_of
from tdpf.dataplane.delivery.connectors.budget import Budget
from tdpf.dataplane.delivery.connectors.ngsi import NgsiTable
from tdpf.dataplane.delivery.filters import Scope, parse_filter
from tdpf.dataplane.delivery.sights import sight_of
from tdpf.kit import ngsi
from tdpf.kit.errors import Problem
from tdpf.tables.conditions import Condition, columns_of
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits, ConnectedTable, NgsiPlace
from tdpf.wire.connected_problems import SourceResting, SourceSilent, SourceSlow, TooFarAhead, TooManyToSort
from tdpf.wire.sources import ApiCredential

COLUMNS = (
    ConnectedColumn("番号", origin="id"), ConnectedColumn("名称", origin="name"), ConnectedColumn("地区", "code", origin="area"),
    ConnectedColumn("定員", "integer", origin="seats"), ConnectedColumn("開いている", "boolean", origin="isOpen"),
    ConnectedColumn("更新", "datetime", origin="changed"), ConnectedColumn("市", origin="address.city"),
    ConnectedColumn("緯度", "number", origin="location@lat"), ConnectedColumn("経度", "number", origin="location@lon"),
)  # fmt: skip
KEY = ApiCredential("header", "x-auth-token", TOKEN)
FORMS = [("v2", False), ("ld", True)]
FILTERS = [
    "定員 > 100", "定員 = 50.5", "定員 BETWEEN 100 AND 150 AND 地区 = '北'", "定員 <> 20", "NOT (定員 < 100)", "定員 IS NULL",
    "地区 = '北'", "地区 = '南' AND 定員 >= 300", "地区 IN ('北', '東')", "地区 = 'true'", "地区 <> '北'", "地区 = '[\"北\",\"南\"]'",
    "名称 = 'It''s a \"hall\"; 1=1'", "名称 = '123'", "名称 = '第9会館'", "名称 LIKE '第1%'", "開いている = TRUE AND 定員 < 200",
    "開いている", "NOT 開いている", "番号 = 'urn:ngsi-ld:Hall:012'", "番号 IN ('urn:ngsi-ld:Hall:001','x') AND 地区 = '北'",
    "更新 >= TIMESTAMP('2026-11-20T00:00:00Z')", "T_AFTER(更新, DATE('2026-11-20'))", "市 = '市2'", "地区 = '北' OR 定員 = 40",
    "S_INTERSECTS(geometry, BBOX(139.1, 35.1, 139.2, 35.2)) AND 定員 > 120", "S_INTERSECTS(geometry, POINT(139.09 35.09))",
    "S_INTERSECTS(geometry, BBOX(-180, -90, 180, 90))", "定員 = 1e15", "地区 = '北' AND NOT (定員 > 50 OR 名称 LIKE '%8%')",
]  # fmt: skip


def source(url: str, version: Any, simplified: bool, **facts: Any) -> ConnectedTable:
    place = NgsiPlace(url, version, "Hall", TENANT, PATH, CONTEXT, simplified)
    given = {"columns": COLUMNS, "title_ja": "会館", "key_columns": ("番号",), "ngsi": place, **facts}
    return ConnectedTable(1, "halls", "main", "source-1", "a1", **given)


def table_of(
    tmp_path: Path, broker: ContextBroker, version: Any = "v2", simplified: bool = False, **facts: Any
) -> NgsiTable:
    made = source(broker.url, version, simplified, **facts)
    assert made.ngsi is not None
    budget = Budget(tmp_path / "budget", "halls", made.limits)
    return NgsiTable(made, made.ngsi, manifest_of(made), budget, KEY, allow_private=True)


@pytest.mark.parametrize(("version", "simplified"), FORMS)
def test_what_a_broker_is_asked_changes_no_answer(
    tmp_path: Path, context_broker: ContextBroker, version: Any, simplified: bool
) -> None:
    table = table_of(tmp_path, context_broker, version, simplified)
    manifest = manifest_of(source(context_broker.url, version, simplified))
    scope = Scope("halls", manifest, None, sight_of(manifest, None), table.words)
    pushed = 0
    for text in FILTERS:
        condition = parse_filter(text, scope)
        context_broker.asked.clear()
        found = table.page(Asked(("番号",), condition, limit=100))
        pushed += any({"q", "id", "georel"} & set(asked) for asked in context_broker.asked)
        # Without what the broker is asked, everything is read and judged here.
        alone = table.page(Asked(("番号",), Condition(condition.sql, condition.parameters), limit=100))
        assert found.rows == alone.rows, text
        assert found.matched == alone.matched == len(found.rows), text
        assert found.rows or text in ("地区 = 'true'", "定員 = 1e15") or "[" in text, text
    assert pushed == 15
    known = columns_of(manifest)
    down = table.page(Asked(("定員", "番号"), Condition(""), ((known["定員"], True),), limit=3, offset=1))
    assert ([row[0] for row in down.rows], down.matched) == ([400, 390, 380], 40)


def test_entities_are_rows_under_every_agreement(
    make_delivery: Callable[..., Delivery], context_broker: ContextBroker
) -> None:
    delivery = make_delivery(allow_private=True)
    for slug, version, simplified in (("v2", "v2", True), ("ld", "ld", False)):
        facts = source(context_broker.url, version, simplified)
        delivery.connect(
            f"halls-{slug}", KEY, columns=COLUMNS, key_columns=("番号",), ngsi=facts.ngsi, area_column="地区",
            views={7: ("番号", "定員")}, areas={7: ("南",)}, limits=ConnectedLimits(most_rows=30),
        )  # fmt: skip
    delivery.start()
    with delivery.client as web:
        for name in ("halls-v2", "halls-ld"):
            items = f"/data/collections/{name}/items"
            first = web.get(items, params={"limit": 2}).json()
            assert (first["numberMatched"], first["features"][0]["id"]) == (40, "urn:ngsi-ld:Hall:001")
            assert first["features"][0]["geometry"] == {"type": "Point", "coordinates": [139.01, 35.01]}
            assert "hidden" not in str(first)
            following = next(link["href"] for link in first["links"] if link["rel"] == "next")
            assert "offset=2" in following
            assert web.get(f"{items}/urn:ngsi-ld:Hall:009", params={"f": "json"}).json()["名称"] == "第9会館"
            assert web.get(f"{items}/x").status_code == 404
            under = web.get(items, params={"f": "json", "limit": 100}, headers={"x-tdpf-view": "7"}).json()
            assert under["rows"][0] == {"番号": "urn:ngsi-ld:Hall:002", "定員": "20"}
            assert under["numberMatched"] == 18
            assert web.get(items, params={"名称": "x"}, headers={"x-tdpf-view": "7"}).status_code == 400
            located = web.get(items, params={"bbox": "139.1,35.1,139.2,35.2", "f": "csv"})
            assert located.text.count("\r\n") == 12, located.text
            # No more than the provider allows, and never a part that looks whole.
            assert web.get(items, params={"f": "ndjson"}).json()["type"] == "/problems/connected/too-far-ahead"
            assert web.get(f"/data/collections/{name}/queryables").status_code == 200


def test_a_broker_that_fails_is_told_and_rested(tmp_path: Path, context_broker: ContextBroker) -> None:
    limits = ConnectedLimits(timeout_seconds=1, errors_to_rest=4, most_rows=10)
    table = table_of(tmp_path, context_broker, limits=limits)
    ask = Asked(("番号",), Condition(""), limit=5)
    seen: list[type[Problem]] = []
    for mode in ("slow", "broken", "down", "broken", ""):
        context_broker.mode = mode
        with pytest.raises(Problem) as fault:
            table.page(ask)
        seen.append(type(fault.value))
    assert seen == [SourceSlow, SourceSilent, SourceSilent, SourceSilent, SourceResting]
    guarded = source(context_broker.url, "v2", False)
    assert guarded.ngsi is not None
    inside = NgsiTable(
        guarded, guarded.ngsi, manifest_of(guarded), Budget(tmp_path / "b", "halls", limits), KEY, allow_private=False
    )
    with pytest.raises(SourceSilent):
        inside.page(ask)
    fresh = table_of(tmp_path, context_broker, limits=limits)
    order = ((columns_of(manifest_of(guarded))["定員"], True),)
    with pytest.raises(TooManyToSort):
        fresh.page(Asked(("番号",), Condition(""), order, limit=5))


def test_pages_far_ahead_are_bounded_and_a_broker_that_turns_no_page_is_not_read_for_ever(
    tmp_path: Path, context_broker: ContextBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngsi, "MOST_AT_ONCE", 10)
    table = table_of(tmp_path, context_broker, limits=ConnectedLimits(most_rows=30))
    every = Condition("1 = 1")
    deep = table.page(Asked(("番号",), every, limit=11, offset=20))
    assert ([row[0][-2:] for row in deep.rows], deep.matched) == ([f"{n}" for n in range(21, 32)], None)
    context_broker.asked.clear()
    with pytest.raises(TooFarAhead):
        table.page(Asked(("番号",), every, limit=11, offset=21))
    assert not context_broker.asked
    context_broker.mode = "one page"
    given = []
    with pytest.raises(SourceSilent):
        given.extend(table.stream(Asked(("番号",), every, limit=31)))
    assert (sum(map(len, given)), len(context_broker.asked)) == (10, 2)

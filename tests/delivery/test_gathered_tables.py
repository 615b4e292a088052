"""Several collections as one, through two real deliveries: one holds the parts, the other gathers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from delivery_stand_ins import Delivery

from tdpf.dataplane.delivery.connectors.quotas import Memory
from tdpf.tables.types import Field
from tdpf.wire.connected import ConnectedColumn, ConnectedLimits, ConnectedTable, GatheredPart, GatheredPlace
from tdpf.wire.connected_problems import AnswerTooLarge, NoMemory
from tdpf.wire.sources import ApiCredential

COLUMNS = (ConnectedColumn("番号", "integer"), ConnectedColumn("名称"), ConnectedColumn("定員", "integer"))
NORTH = {"番号": "id", "名称": "name", "定員": "seats"}
KEY = ApiCredential("header", "x-api-key", "tdpf_gatherer")


@pytest.fixture(scope="session")
def gathering() -> Iterator[Delivery]:
    """North and south hold halls under names of their own; `more` knows their telephone numbers; `closed` asks for an agreement."""
    parts = Delivery()
    made: list[Delivery] = [parts]
    try:
        north = [Field("id", "integer"), Field("name"), Field("seats", "integer"), Field("hidden")]
        parts.offer(
            "north",
            parts.build(
                [["1", "北", "100", "x"], ["2", "It's", None, "x"], ["3", "北の丘", "30", "x"]], north, key=["id"]
            ),
        )
        south = [Field("番号", "integer"), Field("名称"), Field("定員", "integer")]
        parts.offer("south", parts.build([["11", "南", "50"], ["12", "南の丘", "70"]], south, key=["番号"]))
        more = [Field("id", "integer"), Field("tel")]
        parts.offer("more", parts.build([["1", "03-1"], ["3", "03-3"]], more, key=["id"]))
        parts.offer("closed", parts.build([["9", "秘", "9"]], south, key=["番号"]), access="conditional")
        spots = [Field("緯度", "number"), Field("経度", "number"), Field("名称")]
        parts.offer("spots", parts.build([["35.5", "139.5", "内"], ["36.5", "139.5", "外"]], spots))
        plain = [Field("y", "number"), Field("x", "number"), Field("名称")]
        parts.offer("plain-spots", parts.build([["35.6", "139.6", "近く"], [None, None, "不明"]], plain))
        names = [Field("名前"), Field("値", "integer")]
        many = [[f"{number:024}", str(number)] for number in range(3000)]
        parts.offer("many", parts.build(many, names, key=["名前"]))
        again = GatheredPlace("union", (GatheredPart("south", {"番号": "番号"}),))
        parts.connect("again", KEY, columns=COLUMNS[:1], gathered=again)
        parts.start(tcp=True)
        delivery = Delivery(gateway=f"http://127.0.0.1:{parts.tcp_port}")
        made.append(delivery)

        def gather(slug: str, how: Any, *given: GatheredPart, **facts: Any) -> None:
            place = GatheredPlace(how, given)
            delivery.connect(slug, KEY, **{"columns": COLUMNS, "key_columns": ("番号",), "gathered": place, **facts})

        same = {"番号": "番号", "名称": "名称", "定員": "定員"}
        both = (GatheredPart("north", NORTH), GatheredPart("south", same))
        gather("halls", "union", *both)
        gather("agreed", "union", *both, access="conditional", open_columns=(), views={7: ("名称",)})
        gather("holed", "union", *both, GatheredPart("closed", same), GatheredPart("gone", same),
               GatheredPart("more", {"番号": "id"}, withheld="再配布できません"))  # fmt: skip
        gather("nothing", "union", GatheredPart("closed", same), GatheredPart("gone", same))
        phones = (*COLUMNS, ConnectedColumn("電話"))
        gather("phones", "join", GatheredPart("north", NORTH), GatheredPart("more", {"番号": "id", "電話": "tel"}),
               GatheredPart("closed", same), columns=phones)  # fmt: skip
        places = (ConnectedColumn("緯度", "number"), ConnectedColumn("経度", "number"), ConnectedColumn("名称"))
        gather("places", "union", GatheredPart("spots", {name: name for name in ("緯度", "経度", "名称")}),
               GatheredPart("plain-spots", {"緯度": "y", "経度": "x", "名称": "名称"}), columns=places, key_columns=())  # fmt: skip
        long = {"columns": (ConnectedColumn("名前"), ConnectedColumn("値", "integer")), "key_columns": ("名前",)}
        gather(
            "long",
            "join",
            GatheredPart("many", {"名前": "名前"}),
            GatheredPart("many", {"名前": "名前", "値": "値"}),
            **long,
        )
        gather("loop", "union", GatheredPart("south", same), GatheredPart("again", {"番号": "番号"}))
        gather("paced", "union", *both, limits=ConnectedLimits(per_second=1))
        gather("spare", "first", GatheredPart("gone", same), GatheredPart("south", same), GatheredPart("north", NORTH))
        delivery.start()
        yield delivery
    finally:
        for one in made:
            one.close()


@pytest.fixture
def web(gathering: Delivery) -> Iterator[httpx.Client]:
    """A client in English."""
    with gathering.client as client:
        client.headers["accept-language"] = "en"
        yield client


def ask(web: httpx.Client, slug: str, **parameters: Any) -> Any:
    answer = web.get(f"/data/collections/{slug}/items", params={"f": "json", **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(web: httpx.Client, slug: str, **parameters: Any) -> list[int]:
    return [row["番号"] for row in ask(web, slug, **parameters)["rows"]]


def test_a_union_has_the_rows_of_all(web: httpx.Client) -> None:
    whole = ask(web, "halls")
    assert [row["番号"] for row in whole["rows"]] == [1, 2, 3, 11, 12]
    assert whole["rows"][1] == {"番号": 2, "名称": "It's", "定員": None}
    assert whole["numberMatched"] == 5
    assert "partial" not in whole
    assert ids(web, "halls", sortby="-定員") == [1, 12, 11, 3, 2]
    assert ids(web, "halls", filter="定員 > 40 AND 名称 LIKE '%丘'") == [12]
    assert ids(web, "halls", filter="名称 = 'It''s' OR 定員 IS NULL") == [2]
    assert ids(web, "halls", 名称="南") == [11]
    first = ask(web, "halls", limit=2)
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    assert "offset=2" in following
    assert ids(web, "halls", limit=2, offset=2) == [3, 11]
    assert web.get("/data/collections/halls/items/11", params={"f": "json"}).json()["名称"] == "南"
    assert web.get("/data/collections/halls/items/99").status_code == 404
    assert web.get("/data/collections/halls/items", params={"filter": "hidden = 'x'"}).status_code == 400
    assert web.get("/data/collections/halls/items", params={"f": "csv"}).text.count("\r\n") == 6
    under = web.get("/data/collections/agreed/items", headers={"x-tdpf-view": "7"}, params={"f": "json"}).json()
    assert under["rows"][0] == {"名称": "北"}
    assert web.get("/data/collections/agreed/items").status_code == 403


def test_a_part_that_fails_is_told_and_the_others_answer(web: httpx.Client) -> None:
    answer = web.get("/data/collections/holed/items", params={"f": "json"})
    body = answer.json()
    assert [row["番号"] for row in body["rows"]] == [1, 2, 3, 11, 12]
    assert [(part["collection"], part["status"]) for part in body["partial"]] == [
        ("closed", 403),
        ("gone", 404),
        ("more", 403),
    ]
    assert all(part["why"] for part in body["partial"])
    assert answer.headers["tdpf-partial"] == '"closed";status=403, "gone";status=404, "more";status=403'
    assert "numberMatched" not in body
    lines = web.get("/data/collections/holed/items", params={"f": "ndjson"})
    assert (len(lines.text.splitlines()), "closed" in lines.headers["tdpf-partial"]) == (5, True)
    nothing = web.get("/data/collections/nothing/items")
    assert (nothing.status_code, nothing.json()["type"]) == (502, "/problems/connected/source-silent")


def test_a_join_adds_columns_by_key(web: httpx.Client) -> None:
    body = ask(web, "phones")
    assert [(row["番号"], row["定員"], row["電話"]) for row in body["rows"]] == [
        (1, 100, "03-1"),
        (2, None, None),
        (3, 30, "03-3"),
    ]
    assert [part["collection"] for part in body["partial"]] == ["closed"]
    assert ids(web, "phones", filter="定員 < 50") == [3]
    assert ask(web, "phones", properties="電話", limit=1)["rows"] == [{"電話": "03-1"}]
    # The later parts add to rows; they do not choose them.
    assert web.get("/data/collections/phones/items", params={"filter": "電話 = '03-1'"}).status_code == 400


def test_the_first_that_answers(web: httpx.Client) -> None:
    body = ask(web, "spare")
    assert [row["番号"] for row in body["rows"]] == [11, 12]
    assert [part["collection"] for part in body["partial"]] == ["gone"]


def test_a_literal_is_taken_as_it_is(web: httpx.Client) -> None:
    marks = "\x01番号\x02 \x00"
    assert ids(web, "halls", filter=f"名称 = '{marks}' OR 名称 = '南'") == [11]
    assert ids(web, "halls", filter=f"名称 LIKE '{marks}%' OR 名称 LIKE '南_丘'") == [12]


def test_a_box_is_asked_of_every_part_by_its_own_columns(web: httpx.Client) -> None:
    found = web.get("/data/collections/places/items", params={"bbox": "139.4,35.4,139.7,35.7"})
    assert [one["properties"]["名称"] for one in found.json()["features"]] == ["内", "近く"]
    assert "tdpf-partial" not in found.headers
    assert web.get("/data/collections/halls/items", params={"bbox": "139,35,140,36"}).status_code == 400


def test_a_join_asks_so_often_and_says_how_often(web: httpx.Client) -> None:
    answer = web.get("/data/collections/long/items", params={"f": "json", "limit": "300"})
    assert [row["値"] for row in answer.json()["rows"]] == list(range(300))
    assert 3 <= int(answer.headers["tdpf-calls"]) <= 5
    refused = web.get("/data/collections/long/items", params={"f": "json", "limit": "2990"})
    assert (refused.status_code, refused.json()["type"]) == (400, "/problems/connected/too-far-ahead")
    assert web.get("/data/collections/halls/items").headers["tdpf-calls"] == "2"
    assert {web.get("/data/collections/paced/items").status_code for _ in range(3)} >= {503}


def test_what_is_gathered_answers_no_gathering(web: httpx.Client) -> None:
    body = ask(web, "loop")
    assert [row["番号"] for row in body["rows"]] == [11, 12]
    assert [(part["collection"], part["status"]) for part in body["partial"]] == [("again", 508)]
    refused = web.get("/data/collections/halls/items", headers={"tdpf-gathering": "1"})
    assert (refused.status_code, refused.json()["type"]) == (508, "/problems/connected/not-gathered-again")
    assert web.get("/data/collections/halls/aggregate", params={"measures": "count"}).status_code == 404


def test_memory_is_bounded_for_one_table_and_for_all() -> None:
    place = GatheredPlace("union", (GatheredPart("south", {}),))
    one, other = (
        ConnectedTable(number, f"halls-{number}", "main", f"s{number}", "a1", COLUMNS, "会館", gathered=place)
        for number in (1, 2)
    )
    memory = Memory(150, 100)
    with memory.of_answer(one) as take:
        take(90)
        with pytest.raises(AnswerTooLarge):
            take(11)
        with memory.of_answer(one) as again, pytest.raises(NoMemory):
            again(20)
        with memory.of_answer(other) as beside, pytest.raises(NoMemory):
            beside(70)
    with memory.of_answer(other) as take:
        take(70)
    # A part that is still on its way when the answer has failed takes nothing that nobody gives back.
    with pytest.raises(NoMemory):
        take(1)
    with memory.of_answer(other) as whole:
        whole(100)

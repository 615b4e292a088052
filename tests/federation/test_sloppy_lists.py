"""Sloppy and hostile catalogues of records, entries, pages and tables: what is wrong costs itself only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from federation_kinds import (
    DATASET,
    DAY,
    OWN_MACHINE,
    PLATEAU_ROWS,
    codes_of,
    feature,
    nested,
    packed,
    page,
    read,
    records_of,
    sitemap,
    titles_of,
    to,
)
from federation_runs import run, shown, site_at
from federation_sites import Answering, Asked, FakeCkan, Reply, Site, as_json, hurried, made_up_package

from tdpf.controlplane.federation.errors import SourceRefuses
from tdpf.controlplane.federation.reading import guarding
from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import ReadingOrder
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.fetching import AddressRefused

# -- OGC API Records ---------------------------------------------------------------------------------------------------


def records_site(total: int, fails: Callable[[range], Reply | None], *, name: str = "main") -> Callable[[Asked], Reply]:
    """Return an end point that pages by limit and offset, and answers as told where a page holds certain records."""

    def items(asked: Asked) -> Reply:
        start, limit = int(asked.query.get("offset", 0)), int(asked.query.get("limit", 10))
        numbers = range(start, min(total, start + limit))
        if (instead := fails(numbers)) is not None:
            return instead
        more = f"/collections/{name}/items?f=json&limit={limit}&offset={start + limit}"
        links = [{"rel": "next", "href": more}] if start + limit < total else []
        found = [{**feature(number), "id": f"{name}-{number}"} for number in numbers]
        return as_json({"features": found, "numberMatched": total, "links": links})

    return items


def listing(*names: str) -> Reply:
    return as_json({"collections": [{"id": name, "itemType": "record"} for name in names]})


@pytest.mark.parametrize("bad", [0, 333, 699])
@pytest.mark.parametrize("reply", [Reply(b"broken", 500), Reply(b"<html>no</html>"), Reply(b"{")])
def test_a_record_that_breaks_its_page_of_ogc_records_costs_itself_only(bad: int, reply: Reply) -> None:
    answer = records_site(700, lambda numbers: reply if bad in numbers else None)
    with Site({"/collections": listing("main"), "/collections/main/items": answer}) as site:
        pages = read("ogc_records", site.url)
        asked = len(site.asked)
    assert len(records_of(pages)) == 699
    assert (codes_of(pages), pages[-1].coverage) == (["unreadable-page"], "part")
    assert asked < 60


def test_one_collection_that_refuses_costs_no_other() -> None:
    """The first is forbidden, the second goes on to a private address, the third answers nothing behind its first page."""
    with Site() as site:
        second = as_json(
            {
                "features": [feature(1)],
                "links": [{"rel": "next", "href": OWN_MACHINE}, {"rel": "next", "href": "x\x00"}],
            }
        )
        third = as_json(
            {"features": [feature(2)], "links": [{"rel": "next", "href": "/collections/c/items?cursor=abc"}]}
        )
        site.answers |= {
            "/collections": listing("a", "b", "c", "d"),
            "/collections/a/items": Reply(b"", 403),
            "/collections/b/items": second,
            "/collections/c/items": lambda asked: Reply(b"", 500) if "cursor" in asked.query else third,
            "/collections/d/items": records_site(3, lambda _: None, name="d"),
        }
        pages = read("ogc_records", site.url)
    assert [record.stated.record_id for record in records_of(pages)] == ["r1", "r2", "d-0", "d-1", "d-2"]
    assert (codes_of(pages), pages[-1].coverage) == (["unreadable-page"] * 3, "part")


def test_a_server_that_gives_no_large_pages_is_asked_for_smaller_ones() -> None:
    answer = records_site(
        90, lambda numbers: as_json({"code": "InvalidParameterValue"}, 400) if len(numbers) > 30 else None
    )
    with Site({"/collections": listing("main"), "/collections/main/items": answer}) as site:
        pages = read("ogc_records", site.url)
    assert (len(records_of(pages)), codes_of(pages), pages[-1].coverage) == (90, [], "pages")


def test_records_of_a_server_that_refuses_everything_are_a_clear_problem() -> None:
    answers: dict[str, Answering] = {"/collections": listing("main"), "/collections/main/items": Reply(b"", 403)}
    with Site(answers) as site, pytest.raises(SourceRefuses):
        read("ogc_records", site.url)


@pytest.mark.django_db(transaction=True)
def test_counts_that_are_none_and_odd_features_do_not_end_a_run() -> None:
    odd = [
        {**feature(1), "id": nested(700)},
        {**feature(2), "links": nested(700)},
        feature(3, themes=nested(700), contacts="x"),
    ]
    with Site() as web:
        web.answers |= {
            "/collections": listing("main"),
            "/collections/main/items": Reply(packed({"features": odd, "numberMatched": -5})),
        }
        done = run(site_at(web.url, kind="ogc_records"))
    assert (done.state, done.added, done.left_out) == ("done", 2, 1)


# -- data.json ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_breaks_is_not_taken_for_withdrawn_at_once() -> None:
    """Its text does not say any more whose it is; a second reading without it does."""
    entries = [json.dumps({"identifier": f"d{n}", "title": f"データセット{n}", "theme": nested(5)}) for n in range(6)]
    with Site() as web:
        site = site_at(f"{web.url}/data.json", kind="data_json")

        def give(*texts: str) -> Any:
            web.answers["/data.json"] = Reply(f'{{"dataset": [{",".join(texts)}]}}'.encode(), headers={"ETag": '"1"'})
            return run(site)

        give(*entries)
        done = give(*entries[:5], '{"identifier" "d5"}')
        assert (done.left_out, len(shown())) == (1, 6)
        give(*entries[:5], '{"identifier" "d5"}')
        assert len(shown()) == 5


@pytest.mark.parametrize("kind", ["data_json", "ogc_records", "plateau", "ckan"])
def test_entries_whose_every_value_is_nested_beyond_reason_cost_themselves(kind: str) -> None:
    deep = nested(700)
    names = ["identifier", "id", "name", "title", "description", "publisher", "spatial", "temporal", "extras", "tags", "links", "contacts", "distribution"]  # fmt: skip
    bad: dict[str, Any] = dict.fromkeys(names, deep) | {"properties": dict.fromkeys(names, deep)}
    row = {
        "city_code": "13103",
        "type_en": "veg",
        "year": 2023,
        "city": deep,
        "name": deep,
        "url": deep,
        "layers": deep,
    }
    with FakeCkan(packages=[{**made_up_package(1, DAY)}, {**made_up_package(2, DAY)}]) as site:
        site.spoiled = {0: packed(bad)}
        site.answers |= {
            "/data.json": packed({"dataset": [bad, {"identifier": "ok", "title": "良い"}]}),
            "/collections": listing("main"),
            "/collections/main/items": packed({"features": [bad, feature(1)]}),
            "/datacatalog/plateau-datasets": packed({"datasets": [row, PLATEAU_ROWS[0]]}),
        }
        pages = read(kind, site.url)
    assert titles_of(pages)


# -- sitemap -----------------------------------------------------------------------------------------------------------


def test_hostile_pages_cost_themselves_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """References that are no texts, a page that leads to our own machine or in a circle, one that never ends to be parsed."""
    monkeypatch.setattr(guarding, "SECONDS", 2.0)
    with Site() as site:
        paths = {f"/datasets/{name}": "" for name in "abcdef"}
        odd = {
            "@type": "Dataset",
            "name": "題",
            "creator": {"@id": ["x"]},
            "publisher": {"@id": {"a": 1}},
            "license": nested(700),
        }
        site.answers |= {
            "/sitemap.xml": sitemap(site, paths),
            "/datasets/a": page(odd),
            "/datasets/b": to(OWN_MACHINE),
            "/datasets/c": to(f"{site.url}/datasets/c"),
            "/datasets/d": page({"@type": "Dataset", "@id": {"a": []}, "name": nested(700)}),
            "/datasets/e": Reply(b"<a " * 500_000, headers={"Content-Type": "text/html"}),
            "/datasets/f": page(DATASET),
        }
        pages = read("schema_org", site.url)
    assert titles_of(pages) == ["題", "公園一覧"]
    assert sorted(codes_of(pages)) == ["no-title", "took-too-long", "unreadable-page", "unreadable-page"]


def test_one_sitemap_that_may_not_be_read_costs_no_other() -> None:
    """Forbidden by robots.txt, at a private address, no sitemap at all, with characters that are none."""
    with Site() as site:
        site.answers |= {
            "/robots.txt": b"User-agent: *\nDisallow: /private/",
            "/sitemap.xml": sitemap(site, {"/private/one.xml": "", "/out.xml": "", "/no.xml": "", "/list.txt": "", "/good.xml": ""}, root="sitemapindex"),
            "/out.xml": to(OWN_MACHINE),
            "/no.xml": b"<html>no</html>",
            "/list.txt": f"{site.url}/datasets/\x00\n{site.url}/datasets/b".encode(),
            "/good.xml": sitemap(site, {"/datasets/a": "", "/private/p": ""}),
            "/datasets/a": page(DATASET),
            "/datasets/b": page({**DATASET, "name": "乙", "url": "https://w.example/b"}),
        }  # fmt: skip
        pages = read("schema_org", site.url)
    assert sorted(titles_of(pages)) == ["乙", "公園一覧"]
    assert sorted(codes_of(pages)) == ["bad-value", "unreadable-page", "unreadable-page", "unreadable-page"]
    assert pages[-1].coverage == "part"


# -- lists -------------------------------------------------------------------------------------------------------------


def of_list(body: bytes, **order: Any) -> Any:
    with Site({"/list.csv": Reply(body)}) as site, Visitor(hurried()) as visitor:
        return list(reader_of("list_table").read(visitor, ReadingOrder(url=f"{site.url}/list.csv", **order)))


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("column", ["データ名", "概要", "備考その他"])
def test_a_cell_of_more_than_a_million_characters_costs_itself_only(column: str, quoted: bool) -> None:
    """It is cut, the row stands, and the run says where."""
    names = ["データ名", "URL", "形式", "概要", "備考その他"]
    long = "長い説明文" * 300_000
    rows = [
        [f"題{n}", f"https://w.example/{n}", "CSV", "説明", "備考"] if n != 2 else [
            long if name == column else {"URL": "https://w.example/2", "形式": "CSV"}.get(name, "題2") for name in names
        ]
        for n in range(6)
    ]  # fmt: skip
    mark = '"' if quoted else ""
    body = "\n".join(",".join(f"{mark}{cell}{mark}" for cell in row) for row in [names, *rows]).encode()
    pages = of_list(body)
    assert len(records_of(pages)) == 6
    assert any("長すぎる値" in remark.ja for one in pages for remark in one.remarks)
    assert "too-long" in codes_of(pages)
    assert [record.stated.title for record in records_of(pages)][3:] == ["題3", "題4", "題5"]


def test_a_row_of_thousands_of_cells_costs_its_own_cells_only() -> None:
    rows = "".join(f"題{n},https://w.example/{n},CSV\n" for n in range(6))
    pages = of_list(f"データ名,URL,形式\n{rows}題9,https://w.example/9,CSV{',x' * 30_000}\n".encode())
    assert titles_of(pages) == [*(f"題{n}" for n in range(6)), "題9"]
    assert len(records_of(pages)[-1].stated.extras) <= 80


def test_a_site_that_is_not_public_is_refused_as_a_whole() -> None:
    with pytest.raises(AddressRefused), Visitor(hurried(allow_private=False)) as visitor:
        list(reader_of("csw").read(visitor, ReadingOrder(url=OWN_MACHINE)))

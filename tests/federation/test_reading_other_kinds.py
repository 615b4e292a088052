"""data.json, OGC API Records, CSW: as they are, in pages, and gone wrong."""

from __future__ import annotations

import json

import pytest
from federation_kinds import (
    PLATEAU_ROWS,
    US_1_1,
    US_3,
    codes_of,
    csw,
    feature,
    read,
    records_api,
    records_of,
    titles_of,
)
from federation_sites import Asked, Reply, Site, as_json, bomb, deep_json

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, KindUnknown
from tdpf.controlplane.federation.reading.registry import reader_of, source_kinds
from tdpf.kit.errors import Problem


def test_eight_kinds_are_found_by_being_there() -> None:
    """Each says what address it wants, in two languages; an unknown one is a clear problem."""
    kinds = source_kinds()
    assert [kind.kind for kind in kinds] == [
        "ckan", "csw", "data_json", "dcat", "list_table", "ogc_records", "plateau", "schema_org",
    ]  # fmt: skip
    assert all(kind.title.ja and kind.title.en and kind.address_hint.ja for kind in kinds)
    with pytest.raises(KindUnknown):
        reader_of("gopher")


def test_data_json_1_1() -> None:
    """What it states comes out; what is wrong is left out one by one."""
    with Site({"/data.json": as_json(US_1_1)}) as site:
        pages = read("data_json", site.url)
    assert titles_of(pages) == ["公衆トイレ"]
    stated = records_of(pages)[0].stated
    assert (stated.publisher_name, stated.contact_email, stated.frequency) == ("港区", "a@ward.example", "R/P1Y")
    assert (stated.period_start, stated.period_end, stated.bbox) == (
        "2024-04-01",
        "2025-03-31",
        (139.7, 35.6, 139.8, 35.7),
    )
    assert stated.licence_url.startswith("https://creativecommons.org")
    assert [(d.url, d.access_url) for d in stated.distributions] == [
        ("https://d.example/1.csv", ""),
        ("", "https://d.example/api"),
    ]
    assert sorted(codes_of(pages)) == ["malformed", "malformed", "no-key", "no-title", "not-public", "same-key"]
    assert (pages[-1].coverage, dict(pages[-1].mark)) == ("pages", {})  # one without a key may be any of before


def test_data_json_3() -> None:
    """Nodes with languages, identifiers as nodes, services."""
    with Site({"/data.json": as_json(US_3)}) as site:
        stated = records_of(read("data_json", f"{site.url}/data.json"))[0].stated
    assert (stated.title, stated.title_en, stated.spatial, stated.bbox) == (
        "避難所",
        "Shelters",
        ("港区",),
        (1, 2, 3, 4),
    )
    assert (stated.record_id, stated.identifier) == ("https://doi.example/10",) * 2
    assert (stated.distributions[0].access_url, stated.distributions[0].size) == ("https://api.example/", 12)


def test_a_large_data_json_is_given_in_pieces_and_resumed() -> None:
    """An unchanged one is not read again."""
    datasets = [{"identifier": f"d{n}", "title": f"題{n}"} for n in range(1700)]

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"1"':
            return Reply(status=304)
        return as_json({"dataset": datasets}, ETag='"1"')

    with Site({"/data.json": answer}) as site:
        pages = read("data_json", site.url)
        assert len(records_of(pages)) == 1700
        rest = read("data_json", site.url, cursor=pages[1].cursor)
        assert len(records_of(rest)) == 700
        assert [page.coverage for page in read("data_json", site.url, since=pages[-1].mark)] == ["changes"]


def test_a_broken_entry_of_data_json_costs_itself_only() -> None:
    """Its neighbours are taken; of a file that ends in the middle what came whole is, and nothing follows for the rest."""
    broken = '{"title": "目録", "dataset": [{"identifier": "a", "title": "甲 {]"}, {"identifier": "b" "title": 1}, 7,'
    rest = ' {"identifier": "c", "title": "丙"}], "more": {"dataset": [{"identifier": "no"}]}}'
    cut = Reply((broken + ' {"identifier": "d", "ti').encode())
    with Site({"/data.json": Reply((broken + rest).encode("cp932")), "/cut/data.json": cut}) as site:
        whole, part = read("data_json", site.url), read("data_json", f"{site.url}/cut/data.json")
    assert (titles_of(whole), codes_of(whole)) == (["甲 {]", "丙"], ["malformed", "malformed"])
    assert [fault.where.rpartition("#")[2] for page in whole for fault in page.left_out] == ["/dataset/1", "/dataset/2"]
    assert (titles_of(part), codes_of(part)[-1], part[-1].coverage) == (["甲 {]"], "paging", "part")


@pytest.mark.parametrize("spoiled", ["9" * 5000, '"x" "y"', "<b>"])
def test_one_broken_entry_of_a_list_costs_itself_only(spoiled: str) -> None:
    """A number of five thousand digits, a missing comma, a tag: the page's other records are read."""
    features = [json.dumps(feature(number)) for number in range(3)]
    rows = [json.dumps(PLATEAU_ROWS[at]) for at in (0, 2, 1)]
    features[1], rows[1] = (f'{one[:-1]}, "zz": {spoiled}}}' for one in (features[1], rows[1]))
    items = f'{{"features": [{", ".join(features)}], "numberMatched": 3, "links": []}}'
    with Site(
        {
            "/collections/c/items": lambda _: Reply(items.encode()),
            "/datacatalog/plateau-datasets": Reply(f'{{"citygml": [], "datasets": [{", ".join(rows)}]}}'.encode()),
        }
    ) as site:
        records = read("ogc_records", f"{site.url}/collections/c/items")
        models = read("plateau", site.url)
    assert (titles_of(records), codes_of(records)) == (["記録0", "記録2"], ["malformed"])
    assert (len(records_of(models)), codes_of(models)) == (1, ["malformed"])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>404</html>", 200),
        Reply(b'{"dataset": "none"}'),
        Reply(b'{"dataset": [{"title": "cut'),
        Reply(deep_json()),
        Reply(b""),
        Reply(bomb(1000), headers={"Content-Encoding": "gzip"}),
        Reply(b'{"a', claims=50),
    ],
)
@pytest.mark.parametrize("kind", ["data_json", "plateau"])
def test_what_is_no_list_is_a_clear_problem(kind: str, reply: Reply) -> None:
    """HTML, a wrong shape, half a file, depth, nothing, a bomb."""
    with Site({"/data.json": reply}) as site, pytest.raises(Problem):
        read(kind, f"{site.url}/data.json")


def test_ogc_records_page_by_page() -> None:
    """All pages, from the API's root or one collection's address, and on after a stop."""
    with Site(records_api(130)) as site:
        pages = read("ogc_records", site.url)
        assert len(records_of(pages)) == 130
        assert (pages[-1].coverage, pages[-1].announced) == ("pages", 130)
        assert len(records_of(read("ogc_records", f"{site.url}/collections/main/items?limit=5"))) == 130
        assert len(records_of(read("ogc_records", site.url, cursor=pages[0].cursor))) == 80
        assert "/collections/roads/items" not in site.paths()
    stated = records_of(pages)[0].stated
    assert (stated.title, stated.publisher_name, stated.contact_email) == ("記録0", "国土交通省", "x@y.example")
    assert (stated.bbox, stated.period_start, stated.period_end) == ((139, 35, 140, 36), "2020-01-01", "")
    assert (stated.themes, stated.licence) == (("水文",), "CC-BY-4.0")
    assert [(d.url, d.access_url) for d in stated.distributions] == [
        (f"{site.url}/files/1.zip", ""),
        ("", "https://wms.example/"),
    ]


def test_an_empty_page_in_the_middle_hides_nothing_and_empty_ones_for_ever_end() -> None:
    def items(asked: Asked) -> Reply:
        at = int(asked.query.get("offset", 0))
        found = [feature(at)] if at in (0, 2, 3) else []
        return as_json(
            {"features": found, "links": [{"rel": "next", "href": f"/collections/main/items?offset={at + 1}"}]}
        )

    with Site({**records_api(1), "/collections/main/items": items}) as site:
        pages = read("ogc_records", site.url)
        assert titles_of(pages) == ["記録0", "記録2", "記録3"]
        assert (site.paths().count("/collections/main/items"), pages[-1].coverage) == (7, "pages")


def test_ogc_records_gone_wrong() -> None:
    """A circle of pages, bad features, HTML in place of a page."""
    circle = as_json(
        {
            "features": [feature(999)],
            "numberMatched": 1,
            "links": [{"rel": "next", "href": "/collections/main/items?offset=50"}],
        }
    )
    with Site(records_api(500, after={100: circle})) as site:
        pages = read("ogc_records", site.url)
        assert codes_of(pages) == ["paging"]
        assert pages[-1].coverage == "part"
    bad = as_json({"features": [None, {"id": "x"}, feature(1, title=None), {**feature(2), "id": None}, feature(3)]})
    with Site(records_api(1, after={0: bad})) as site:
        pages = read("ogc_records", site.url)
        assert titles_of(pages) == ["記録3"]
        assert sorted(codes_of(pages)) == ["malformed", "malformed", "no-key", "no-title"]
    with Site(records_api(1, after={0: Reply(b"<html>")})) as site, pytest.raises(AnswerNotUnderstood):
        read("ogc_records", site.url)


def test_a_short_reading_of_records_is_not_the_whole() -> None:
    """600 of 1000 announced records, no next page: nothing follows for the other 400; nor when the next page is no address."""
    found = [feature(n) for n in range(600)]
    with Site(records_api(1, after={0: as_json({"features": found, "numberMatched": 1000})})) as site:
        pages = read("ogc_records", site.url)
        assert (len(records_of(pages)), pages[-1].coverage) == (600, "part")
    links = [{"rel": "next", "href": "http://[bad/"}]
    with Site(records_api(1, after={0: as_json({"features": found[:3], "links": links})})) as site:
        pages = read("ogc_records", site.url)
        assert (len(records_of(pages)), pages[-1].coverage) == (3, "part")
        assert codes_of(pages) == ["bad-value"]


def test_csw_with_iso_records() -> None:
    """Full ISO records, page by page, and on after a stop."""
    with Site({"/csw": csw(250, speaks_iso=True)}) as site:
        pages = read("csw", f"{site.url}/csw?map=/x.map")
        assert len(records_of(pages)) == 250
        assert pages[-1].coverage == "pages"
        assert all(asked.query["map"] == "/x.map" for asked in site.asked if asked.path == "/csw")
        assert len(records_of(read("csw", f"{site.url}/csw", cursor=pages[0].cursor))) == 150
    stated = records_of(pages)[0].stated
    assert (stated.record_id, stated.title, stated.publisher_name) == ("iso-1", "数値地図1", "国土地理院")
    assert (stated.keywords, stated.themes, stated.modified) == (("標高", "地形"), ("elevation",), "2024-01-02")
    assert (stated.bbox, stated.rights) == ((139, 35, 140, 36), "測量法による")
    assert [(d.url, d.title) for d in stated.distributions] == [("https://g.example/1.zip", "ZIP")]


def test_csw_with_dublin_core_only() -> None:
    """The next way of asking is tried when ISO is refused."""
    with Site({"/csw": csw(3, speaks_iso=False)}) as site:
        stated = records_of(read("csw", f"{site.url}/csw"))[0].stated
    assert (stated.title, stated.description, stated.bbox) == ("記録1", "説明", (139, 35, 140, 36))
    assert [(d.url, d.access_url) for d in stated.distributions] == [
        ("", "https://wms.example/"),
        ("https://f.example/1.csv", ""),
    ]


def test_csw_gone_wrong() -> None:
    """A broken record costs itself, a server that is stuck ends, entities are refused."""
    with Site(
        {"/csw": csw(30, speaks_iso=True, spoiled={7: "<gmd:MD_Metadata><broken", 9: "<gmd:MD_Metadata/>"})}
    ) as site:
        pages = read("csw", f"{site.url}/csw")
        assert len(records_of(pages)) >= 6
        assert "no-key" in codes_of(pages) or "malformed" in codes_of(pages)
        assert pages[-1].coverage == "part"
    with Site({"/csw": csw(900, speaks_iso=True, stuck=True)}) as site:
        assert codes_of(read("csw", f"{site.url}/csw")) == ["paging"]
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    for body in (evil, b"<html>no</html>", b""):
        with Site({"/csw": Reply(body)}) as site, pytest.raises(AnswerNotUnderstood):
            read("csw", f"{site.url}/csw")


def test_a_short_reading_of_csw_is_not_the_whole() -> None:
    """A server that announces 1000 and has an empty page after 600."""
    short = csw(600, speaks_iso=True)

    def answer(asked: Asked) -> Reply:
        reply = short(asked)
        return Reply(reply.body.replace(b'Matched="600"', b'Matched="1000"'), headers=reply.headers)

    with Site({"/csw": answer}) as site:
        pages = read("csw", f"{site.url}/csw")
    assert (len(records_of(pages)), pages[-1].announced, pages[-1].coverage) == (600, 1000, "part")

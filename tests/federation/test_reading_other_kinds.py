"""data.json, OGC API Records, CSW, schema.org by sitemap, PLATEAU: as they are, in pages, and gone wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from federation_sites import Asked, Reply, Site, as_json, bomb, deep_json, endless, hurried

from tdpf.controlplane.federation.errors import AnswerNotUnderstood, KindUnknown, SourceBusy
from tdpf.controlplane.federation.reading.registry import reader_of, source_kinds
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.fetching import TooLarge


def read(kind: str, url: str, **order: Any) -> list[ReadPage]:
    """Read a source to its end."""
    with Visitor(hurried(max_bytes=20_000_000)) as visitor:
        return list(reader_of(kind).read(visitor, ReadingOrder(url=url, **order)))


def records_of(pages: list[ReadPage]) -> list[ReadRecord]:
    """Return the records of all pages."""
    return [record for page in pages for record in page.records]


def titles_of(pages: list[ReadPage]) -> list[str]:
    """Return the titles of all records."""
    return [record.stated.title for record in records_of(pages)]


def codes_of(pages: list[ReadPage]) -> list[str]:
    """Return the codes of what was left out."""
    return [fault.code for page in pages for fault in page.left_out]


def test_eight_kinds_are_found_by_being_there() -> None:
    """Each says what address it wants, in two languages; an unknown one is a clear problem."""
    kinds = source_kinds()
    assert [kind.kind for kind in kinds] == [
        "ckan", "csw", "data_json", "dcat", "list_table", "ogc_records", "plateau", "schema_org",
    ]  # fmt: skip
    assert all(kind.title.ja and kind.title.en and kind.address_hint.ja for kind in kinds)
    with pytest.raises(KindUnknown):
        reader_of("gopher")


# -- data.json ---------------------------------------------------------------------------------------------------------

US_1_1 = {
    "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
    "@type": "dcat:Catalog",
    "dataset": [
        {
            "@type": "dcat:Dataset",
            "identifier": "toilet-1",
            "title": "公衆トイレ",
            "description": "説明",
            "keyword": ["トイレ", "福祉"],
            "modified": "2024-04-01",
            "publisher": {"@type": "org:Organization", "name": "港区", "subOrganizationOf": {"name": "東京都"}},
            "contactPoint": {"@type": "vcard:Contact", "fn": "環境課", "hasEmail": "mailto:a@ward.example"},
            "accessLevel": "public",
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "spatial": "139.7,35.6,139.8,35.7",
            "temporal": "2024-04-01/2025-03-31",
            "accrualPeriodicity": "R/P1Y",
            "distribution": [
                {"downloadURL": "https://d.example/1.csv", "mediaType": "text/csv", "title": "CSV"},
                {"accessURL": "https://d.example/api", "format": "API"},
            ],
        },
        {"identifier": "secret", "title": "非公開", "accessLevel": "non-public"},
        {"title": "鍵がない"},
        {"identifier": "no-title"},
        "これは違う",
        None,
        {"identifier": "toilet-1", "title": "同じ鍵"},
    ],
}
US_3 = {
    "@type": "Catalog",
    "dataset": [
        {
            "@id": "https://d.example/x",
            "@type": "Dataset",
            "title": {"ja": "避難所", "en": "Shelters"},
            "description": "説明",
            "identifier": [{"@id": "https://doi.example/10"}],
            "publisher": [{"@id": "https://ward.example", "name": {"ja": "港区"}}],
            "spatial": [{"prefLabel": {"ja": "港区"}, "bbox": "POLYGON((1 2,3 2,3 4,1 4,1 2))"}],
            "temporal": [{"startDate": "2024", "endDate": "2025"}],
            "distribution": [{"accessService": {"endpointURL": "https://api.example/"}, "byteSize": "12"}],
        }
    ],
}


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
    assert pages[-1].coverage == "all"


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


# -- OGC API Records ---------------------------------------------------------------------------------------------------


def feature(number: int, **said: Any) -> dict[str, Any]:
    """Return a record as OGC API Records has them."""
    return {
        "id": f"r{number}",
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[139, 35], [140, 35], [140, 36], [139, 36], [139, 35]]]},
        "time": {"interval": ["2020-01-01", ".."]},
        "properties": {
            "type": "dataset",
            "title": f"記録{number}",
            "description": "説明",
            "keywords": ["水", "川"],
            "created": "2024-01-01",
            "updated": "2024-02-01",
            "license": "CC-BY-4.0",
            "themes": [{"concepts": [{"id": "hydro", "title": "水文"}], "scheme": "x"}],
            "contacts": [
                {"organization": "国土交通省", "roles": ["publisher"]},
                {"name": "担当", "emails": [{"value": "x@y.example"}], "roles": ["pointOfContact"]},
            ],
            **said,
        },
        "links": [
            {"rel": "enclosure", "href": "/files/1.zip", "type": "application/zip", "length": 10},
            {"rel": "service", "href": "https://wms.example/", "title": "WMS"},
            {"rel": "self", "href": f"/collections/main/items/r{number}"},
        ],
    }


def records_api(total: int, *, at_once: int = 50, after: dict[int, Reply] | None = None) -> dict[str, Any]:
    """Return the answers of an API with one collection of records."""

    def items(asked: Asked) -> Reply:
        start = int(asked.query.get("offset", 0))
        if after and start in after:
            return after[start]
        found = [feature(n) for n in range(start, min(total, start + at_once))]
        links = (
            [{"rel": "next", "href": f"/collections/main/items?offset={start + at_once}"}]
            if start + at_once < total
            else []
        )
        return as_json({"type": "FeatureCollection", "features": found, "numberMatched": total, "links": links})

    return {
        "/collections": as_json(
            {"collections": [{"id": "main", "itemType": "record"}, {"id": "roads", "itemType": "feature"}]}
        ),
        "/collections/main/items": items,
    }


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


# -- CSW ---------------------------------------------------------------------------------------------------------------

_CSW = 'xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/" xmlns:ows="http://www.opengis.net/ows" xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" xmlns:gml="http://www.opengis.net/gml/3.2"'


def iso(number: int) -> str:
    """Return an ISO 19139 record."""

    def text(name: str, words: str) -> str:
        return f"<gmd:{name}><gco:CharacterString>{words}</gco:CharacterString></gmd:{name}>"

    def code(name: str, kind: str, value: str) -> str:
        return f'<gmd:{name}><gmd:{kind} codeList="x" codeListValue="{value}"/></gmd:{name}>'

    def number_of(name: str, value: float) -> str:
        return f"<gmd:{name}><gco:Decimal>{value}</gco:Decimal></gmd:{name}>"

    box = number_of("westBoundLongitude", 139) + number_of("eastBoundLongitude", 140)
    box += number_of("southBoundLatitude", 35) + number_of("northBoundLatitude", 36)
    date = f"<gmd:date><gmd:CI_Date><gmd:date><gco:Date>2024-01-02</gco:Date></gmd:date>{code('dateType', 'CI_DateTypeCode', 'revision')}</gmd:CI_Date></gmd:date>"
    party = f"<gmd:pointOfContact><gmd:CI_ResponsibleParty>{text('organisationName', '国土地理院')}{code('role', 'CI_RoleCode', 'owner')}</gmd:CI_ResponsibleParty></gmd:pointOfContact>"
    online = f"<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>https://g.example/{number}.zip</gmd:URL></gmd:linkage>{text('protocol', 'WWW:DOWNLOAD')}{text('name', 'ZIP')}</gmd:CI_OnlineResource></gmd:onLine>"
    return f"""<gmd:MD_Metadata>{text("fileIdentifier", f"iso-{number}")}{text("language", "jpn")}
<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>{text("title", f"数値地図{number}")}{date}</gmd:CI_Citation></gmd:citation>
{text("abstract", "標高のデータ")}{party}<gmd:descriptiveKeywords><gmd:MD_Keywords>{text("keyword", "標高")}{text("keyword", "地形")}</gmd:MD_Keywords></gmd:descriptiveKeywords>
<gmd:resourceConstraints><gmd:MD_Constraints>{text("useLimitation", "測量法による")}</gmd:MD_Constraints></gmd:resourceConstraints>
<gmd:topicCategory><gmd:MD_TopicCategoryCode>elevation</gmd:MD_TopicCategoryCode></gmd:topicCategory>
<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>{box}</gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>
</gmd:MD_DataIdentification></gmd:identificationInfo><gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions>{online}</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo></gmd:MD_Metadata>"""


def dublin(number: int) -> str:
    """Return a csw:Record."""
    return f"""<csw:Record><dc:identifier>dc-{number}</dc:identifier><dc:title>記録{number}</dc:title><dc:subject>水</dc:subject>
<dct:abstract>説明</dct:abstract><dc:publisher>国</dc:publisher><dct:modified>2024-01-01</dct:modified>
<dct:references scheme="OGC:WMS">https://wms.example/</dct:references><dct:references>https://f.example/{number}.csv</dct:references>
<ows:BoundingBox crs="urn:ogc:def:crs:EPSG::4326"><ows:LowerCorner>35 139</ows:LowerCorner><ows:UpperCorner>36 140</ows:UpperCorner></ows:BoundingBox></csw:Record>"""


def csw(total: int, *, speaks_iso: bool, spoiled: dict[int, str] | None = None, stuck: bool = False) -> Any:
    """Return the answer of a CSW end point."""

    def answer(asked: Asked) -> Reply:
        query = {name.lower(): value for name, value in asked.query.items()}
        if query.get("request") == "GetCapabilities":
            return Reply(b'<?xml version="1.0"?><csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>')
        wants_iso = "gmd" in query.get("outputschema", "")
        if wants_iso and not speaks_iso:
            return Reply(
                b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows"><ows:Exception>outputSchema</ows:Exception></ows:ExceptionReport>'
            )
        start, size = int(query["startposition"]), int(query["maxrecords"])
        numbers = range(1 if stuck else start, min(total, (1 if stuck else start) + size - 1) + 1)
        made = "".join((spoiled or {}).get(n) or (iso(n) if wants_iso else dublin(n)) for n in numbers)
        following = start + len(numbers) if start + len(numbers) <= total else 0
        body = f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecordsResponse {_CSW}><csw:SearchResults numberOfRecordsMatched="{total}" numberOfRecordsReturned="{len(numbers)}" nextRecord="{following}">{made}</csw:SearchResults></csw:GetRecordsResponse>'
        return Reply(body.encode(), headers={"Content-Type": "application/xml"})

    return answer


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


# -- schema.org --------------------------------------------------------------------------------------------------------


def page(*scripts: Any) -> Reply:
    """Return a page with JSON-LD in it."""
    inner = "".join(
        f'<script type="application/ld+json">{script if isinstance(script, str) else json.dumps(script, ensure_ascii=False)}</script>'
        for script in scripts
    )
    return Reply(
        f"<!doctype html><html><head><title>頁</title>{inner}</head><body>本文</body></html>".encode(),
        headers={"Content-Type": "text/html"},
    )


def sitemap(site: Site, paths: dict[str, str], *, root: str = "urlset") -> bytes:
    """Return a sitemap of the paths and their lastmod."""
    entry = "url" if root == "urlset" else "sitemap"
    inner = "".join(
        f"<{entry}><loc>{site.url}{path}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</{entry}>"
        for path, at in paths.items()
    )
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{root}>'.encode()


DATASET = {
    "@context": "https://schema.org/",
    "@type": "Dataset",
    "name": "公園一覧",
    "description": "区立公園",
    "url": "https://w.example/datasets/park",
    "keywords": ["公園", "緑地,遊具"],
    "license": {"@type": "CreativeWork", "url": "https://creativecommons.org/licenses/by/4.0/", "name": "CC BY 4.0"},
    "creator": {"@type": "Organization", "name": "文京区", "contactPoint": {"email": "p@w.example"}},
    "temporalCoverage": "2023-04-01/..",
    "spatialCoverage": {
        "@type": "Place",
        "name": "文京区",
        "geo": {"@type": "GeoShape", "box": "35.6 139.7 35.7 139.8"},
    },
    "distribution": [
        {"@type": "DataDownload", "contentUrl": "/park.csv", "encodingFormat": "text/csv", "contentSize": "12 KB"},
        "https://w.example/park.json",
    ],
}


def test_schema_org_by_sitemap_index_and_gzip() -> None:
    """Indexes, packed sitemaps, graphs with references; pages without datasets and dead ones do not matter."""
    with Site() as site:
        graph = {
            "@context": "https://schema.org",
            "@graph": [
                {"@id": "#c", "@type": "DataCatalog", "dataset": [{"@id": "#d"}]},
                {"@id": "#d", "@type": ["Dataset"], "name": "図書館", "publisher": {"@id": "#o"}},
                {"@id": "#o", "@type": "Organization", "name": "教育委員会"},
            ],
        }
        site.answers |= {
            "/robots.txt": f"Sitemap: {site.url}/index.xml".encode(),
            "/index.xml": sitemap(site, {"/one.xml": "", "/two.xml.gz": "", "/none.xml": "", "/index.xml": ""}, root="sitemapindex"),
            "/one.xml": sitemap(site, {"/datasets/a": "2024-01-01", "/datasets/b": "2024-02-01", "/about": ""}),
            "/two.xml.gz": gzip.compress(sitemap(site, {"/datasets/c": "", "/datasets/dead": ""})),
            "/datasets/a": page(DATASET),
            "/datasets/b": page("{broken", graph, '{"@type": "WebPage"}'),
            "/datasets/c": page(),
        }  # fmt: skip
        pages = read("schema_org", site.url)
        assert sorted(titles_of(pages)) == ["公園一覧", "図書館"]
        assert sorted(codes_of(pages)) == ["malformed", "unreadable-page", "unreadable-page"]
        assert "/about" not in site.paths()
        by_title = {record.stated.title: record for record in records_of(pages)}
        assert by_title["図書館"].stated.publisher_name == "教育委員会"
        assert by_title["図書館"].stated.record_id == f"{site.url}/datasets/b#d"
        stated = by_title["公園一覧"].stated
        assert (stated.publisher_name, stated.contact_email, stated.keywords) == (
            "文京区",
            "p@w.example",
            ("公園", "緑地", "遊具"),
        )
        assert (stated.bbox, stated.period_start, stated.period_end) == ((139.7, 35.6, 139.8, 35.7), "2023-04-01", "")
        assert [(d.url, d.media_type, d.size) for d in stated.distributions] == [
            (f"{site.url}/park.csv", "text/csv", 12000),
            ("https://w.example/park.json", "", None),
        ]
        assert by_title["公園一覧"].alias == f"{site.url}/datasets/a"


def test_schema_org_visits_only_what_changed_and_sees_what_left() -> None:
    """By lastmod; a page that is in no sitemap any more is not listed; a stopped run goes on."""
    with Site() as site:
        paths = {f"/datasets/{n:02d}": "2024-01-01" for n in range(30)}
        site.answers |= {path: page({**DATASET, "url": f"https://w.example{path}"}) for path in paths}
        site.answers["/sitemap.xml"] = sitemap(site, paths)
        first = read("schema_org", site.url)
        assert len(records_of(first)) == 30
        assert len(records_of(read("schema_org", site.url, cursor=first[0].cursor))) == 10
        del paths["/datasets/03"]
        paths["/datasets/04"] = "2024-03-01"
        site.answers["/sitemap.xml"] = sitemap(site, paths)
        before = len(site.asked)
        second = read("schema_org", site.url, since=first[-1].mark)
        assert len(site.asked) - before <= 3
        assert len(records_of(second)) == 1
        assert (second[-1].coverage, len(second[-1].listed or ())) == ("changes", 29)
        assert f"{site.url}/datasets/03" not in (second[-1].listed or ())


def _to_its_busy_end(kind: str, url: str, **order: Any) -> list[ReadPage]:
    """Return the pages of a reading that the site's overload ends."""
    taken: list[ReadPage] = []
    with Visitor(hurried()) as visitor, pytest.raises(SourceBusy) as busy:
        for one in reader_of(kind).read(visitor, ReadingOrder(url=url, **order)):
            taken.append(one)  # what comes before the end is wanted
    assert busy.value.data["retry_after_seconds"] >= 900
    return taken


def test_pages_of_an_overloaded_site_are_left_alone_and_gone_on_with_later() -> None:
    """What came is kept with the place to go on from; the run ends after two pages and says when it comes back."""
    with Site() as site:
        paths = {f"/datasets/{n:02d}": "2024-01-01" for n in range(30)}
        good = {path: page({**DATASET, "url": f"https://w.example{path}"}) for path in paths}
        site.answers |= {path: good[path] if path < "/datasets/10" else Reply(b"", 503) for path in paths}
        site.answers["/sitemap.xml"] = sitemap(site, paths)
        taken = _to_its_busy_end("schema_org", site.url)
        assert (len(records_of(taken)), codes_of(taken)) == (10, ["unreadable-page"])
        assert len(site.asked) < 25
        site.answers |= good
        assert len(records_of(read("schema_org", site.url, cursor=taken[-1].cursor))) == 19


def test_an_overloaded_csw_is_left_alone() -> None:
    """Whether it still gives its first record or nothing at all."""
    for first in (True, False):
        usual = csw(900, speaks_iso=True)
        with Site() as site:
            site.answers["/csw"] = lambda asked, usual=usual, first=first, site=site: (
                usual(asked)
                if len(site.asked) < 5 or (first and asked.query.get("startPosition") == "1")
                else Reply(b"busy", 503)
            )
            taken = _to_its_busy_end("csw", f"{site.url}/csw")
            assert records_of(taken)
            assert len(site.asked) < 40


def test_a_date_that_lies_ahead_hides_nothing() -> None:
    """Times are instants, whatever their zone; one in the future is no mark for what is read next time."""
    page = b'<script type="application/ld+json">{"@type":"Dataset","name":"A"}</script>'
    with Site({"/datasets/a": page, "/datasets/b": page, "/datasets/c": page}) as site:
        dates = {"/datasets/a": "2024-03-01T09:00:00+09:00", "/datasets/b": "2999-01-01"}
        site.answers["/sitemap.xml"] = sitemap(site, dates)
        mark = read("schema_org", site.url)[-1].mark
        assert str(mark["lastmod"]).startswith("2024-03-01T09:00:00+09:00")
        site.answers["/sitemap.xml"] = sitemap(site, {**dates, "/datasets/c": "2024-03-01T00:00:01Z"})
        before = len(site.asked)
        read("schema_org", site.url, since=mark)
        asked = {entry.path for entry in site.asked[before:]}
    assert "/datasets/c" in asked
    assert "/datasets/a" not in asked


def test_hostile_sitemaps() -> None:
    """A bomb, other people's pages, other schemes, a gigabyte, a page that never ends."""
    with Site({"/sitemap.xml": Reply(bomb(1000))}) as site, pytest.raises(TooLarge):
        read("schema_org", site.url)
    with (
        Site({"/sitemap.xml": lambda _: Reply(pieces=endless(b"<url><loc>x</loc></url>" * 3000))}) as site,
        pytest.raises(TooLarge),
    ):
        read("schema_org", site.url)
    with Site() as site:
        site.answers["/sitemap.xml"] = (
            b"<urlset><url><loc>http://other.example/a</loc></url><url><loc>file:///etc/passwd</loc></url><url><loc>http://[bad/</loc></url><url><loc>/datasets/b</loc></url></urlset>"
        )
        site.answers["/datasets/b"] = lambda _: Reply(pieces=endless(), headers={"Content-Type": "text/html"})
        pages = read("schema_org", site.url)
        assert set(site.paths()) == {"/sitemap.xml", "/datasets/b"}
        assert sorted(codes_of(pages)) == ["bad-value", "unreadable-page"]


def test_a_sitemap_that_moved_or_never_ends_is_told_and_nothing_is_taken_for_gone() -> None:
    """All pages at another host; an index whose every sitemap is an index of two more."""
    with Site({"/sitemap.xml": b"<urlset><url><loc>http://new.example/a</loc></url></urlset>"}) as site:
        pages = read("schema_org", site.url)
        assert (codes_of(pages), pages[-1].coverage, pages[-1].listed) == (["bad-value"], "part", None)

    def tree(asked: Asked) -> Reply:
        at = 2 * int(asked.query.get("k", 0))
        inner = "".join(f"<sitemap><loc>/sitemap.xml?k={at + more}</loc></sitemap>" for more in (1, 2))
        return Reply(f"<sitemapindex>{inner}</sitemapindex>".encode())

    with Site({"/sitemap.xml": tree}) as site:
        pages = read("schema_org", f"{site.url}/sitemap.xml")
        assert (codes_of(pages), pages[-1].listed) == (["too-long"], None)


# -- PLATEAU -----------------------------------------------------------------------------------------------------------

PLATEAU_ROWS = [
    {"id": f"13104_bldg_lod{lod}", "name": f"建築物モデル（新宿区）LOD{lod}", "pref": "東京都", "pref_code": "13", "city": "東京都23区", "city_code": "13100",
     "ward": "新宿区", "ward_code": "13104", "type": "建築物モデル", "type_en": "bldg", "year": 2023, "format": "3D Tiles", "lod": lod, "texture": lod == 2,
     "url": f"https://assets.example/13104_bldg_lod{lod}/tileset.json"}
    for lod in (1, 2)
] + [
    {"id": "13104_fld", "name": "洪水", "pref": "東京都", "pref_code": "13", "city": "東京都23区", "city_code": "13100", "ward": "新宿区", "ward_code": "13104",
     "type": "洪水浸水想定区域モデル", "type_en": "fld", "year": 2023, "format": "3D Tiles", "url": "https://assets.example/fld/tileset.json"},
    {"id": "broken"},
    "x",
]  # fmt: skip


def test_plateau_rows_of_one_model_are_one_record() -> None:
    """Levels of detail are distributions; a bad row costs itself."""
    with Site({"/datacatalog/plateau-datasets": as_json({"datasets": PLATEAU_ROWS})}) as site:
        pages = read("plateau", site.url)
    assert titles_of(pages) == [
        "3D都市モデル（Project PLATEAU） 建築物モデル（新宿区）2023年度",
        "3D都市モデル（Project PLATEAU） 洪水浸水想定区域モデル（新宿区）2023年度",
    ]
    stated = records_of(pages)[0].stated
    assert [(d.format, d.title) for d in stated.distributions] == [
        ("3D Tiles", "建築物モデル（新宿区）LOD1 LOD1 3D Tiles テクスチャなし"),
        ("3D Tiles", "建築物モデル（新宿区）LOD2 LOD2 3D Tiles テクスチャあり"),
    ]
    assert stated.spatial == ("東京都新宿区", "13104")
    assert "防災" in records_of(pages)[1].stated.keywords
    assert sorted(codes_of(pages)) == ["malformed", "no-key"]


def test_plateau_lists_whole_city_models_too() -> None:
    """The API names them beside the tiles; a designated city's ward is shown with its city."""
    city = {"pref": "神奈川県", "pref_code": "14", "city": "横浜市", "city_code": "14100", "year": 2024}
    answer = {
        "datasets": [],
        "latest_datasets": [{**city, "id": "14103_veg", "ward": "西区", "ward_code": "14103", "type_en": "veg", "type": "植生モデル", "url": "https://a.example/t.json", "format": "3D Tiles"}],
        "citygml": [{**city, "id": "14100_citygml", "url": "https://a.example/14100.zip", "spec": "4.1"}],
    }  # fmt: skip
    with Site({"/datacatalog/plateau-datasets": as_json(answer)}) as site:
        pages = read("plateau", site.url)
    assert titles_of(pages) == [
        "3D都市モデル（Project PLATEAU） CityGML一式（横浜市）2024年度",
        "3D都市モデル（Project PLATEAU） 植生モデル（横浜市西区）2024年度",
    ]
    assert records_of(pages)[0].stated.distributions[0].format == "CityGML"


def test_the_real_registry_of_plateau(corpus: Path) -> None:
    """Every entry of the registry is a record with its file."""
    body = (corpus / "catalog/plateau_bridge_catalog_registry.json").read_bytes()
    wanted = [entry for city in json.loads(body) for entry in city["entries"]]
    with Site({"/registry.json": Reply(body, headers={"Content-Type": "application/json"})}) as site:
        pages = read("plateau", f"{site.url}/registry.json")
    records = {record.stated.record_id: record.stated for record in records_of(pages)}
    assert len(records) == len({entry["dataset_id"] for entry in wanted}) > 50
    for entry in wanted:
        stated = records[entry["dataset_id"]]
        assert entry["url"] in [d.url for d in stated.distributions]
        assert "モデル" in stated.title
    assert not codes_of(pages)

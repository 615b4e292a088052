"""Answers of sources other than CKAN and DCAT, and what tests of reading them share."""

from __future__ import annotations

import json
from typing import Any

from federation_sites import Asked, Reply, Site, as_json, hurried

from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor


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


OWN_MACHINE = "http://169.254.169.254/latest/meta-data/"
DAY = "2025-01-01T00:00:00.000000"


def nested(depth: int) -> Any:
    value: Any = "底"
    for _ in range(depth):
        value = [value]
    return value


def packed(value: Any) -> bytes:
    """Return JSON of any depth."""
    return json.dumps(value, ensure_ascii=False).encode()


def to(address: str) -> Reply:
    return Reply(status=302, headers={"Location": address})

"""schema.org by sitemap and PLATEAU: as they are, in pieces, and gone wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from federation_kinds import (
    DATASET,
    PLATEAU_ROWS,
    codes_of,
    csw,
    page,
    read,
    records_of,
    sitemap,
    titles_of,
)
from federation_sites import Asked, Reply, Site, as_json, bomb, endless, hurried

from tdpf.controlplane.federation.errors import SourceBusy
from tdpf.controlplane.federation.reading.registry import reader_of
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.fetching import TooLarge


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

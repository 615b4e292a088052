"""Datasets of other sites in the open protocols: with their origin, counted as changed when they changed here."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, PROV, RDF, Namespace
from standards_scene import member

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog import services
from tdpf.controlplane.catalog.models import Dataset
from tdpf.controlplane.catalog.types import HarvestedDataset, Place, StatedDataset, StatedDistribution
from tdpf.controlplane.members import queries as members
from tdpf.controlplane.members import services as member_services
from tdpf.controlplane.members.types import PublisherFacts
from tdpf.djangokit.models import Job
from tdpf.faces.standards.mcp import finding
from tdpf.faces.standards.mcp.callers import Visitor
from tdpf.kit.text import Text

SEEN = datetime(2026, 11, 1, 9, tzinfo=UTC)
DQV, OA = Namespace("http://www.w3.org/ns/dqv#"), Namespace("http://www.w3.org/ns/oa#")
SHAPES = Path(__file__).with_name("dcat_ap.shapes.ttl")


def entry(title: str = "公園の一覧") -> HarvestedDataset:
    facts = PublisherFacts(name_ja="港区", municipality_code="131032")
    publisher = member_services.ensure_publishers(facts=[facts])[members.key_of_publisher(facts)]
    stated = StatedDataset(
        record_id="r 1/ä", title=title, description="港区の公園です。", publisher_name="港区", licence="CC BY 4.0", modified="2020-04-01",
        keywords=("公園", "緑・花"), creator_name="土木課",
        distributions=(
            StatedDistribution(record_id="f1", title="CSV", url="https://example.jp/公園.csv", format="csv", size=1200),
            StatedDistribution(record_id="f2", title="ページ", access_url="https://example.jp/koen.html", format="html"),
        ),
    )  # fmt: skip
    place = Place(
        site="metro", site_name=Text("都の目録", "Metro"), url="https://metro.example.jp/r1", record_id="r 1/ä",
        first_seen_at=SEEN, last_seen_at=SEEN, is_primary=True,
    )  # fmt: skip
    other = replace(
        place,
        site="nation",
        site_name=Text("国の目録", "Nation"),
        url="https://nation.example.jp/9",
        record_id="9",
        is_primary=False,
    )
    return HarvestedDataset(
        publisher_party_id=publisher, slug_hint="minato parks", stated=stated, places=(place, other)
    )


@pytest.fixture
def parks(db: None) -> str:
    (outcome,) = services.put_harvested(batch=[entry()])
    services.reindex()
    return outcome.slug


def ckan(client: Client, **parameters: Any) -> Any:
    return json.loads(client.get("/api/3/action/package_search", parameters).content)["result"]


def test_ckan_shows_them_with_their_origin(client: Client, parks: str) -> None:
    (package,) = ckan(client, fq="origin:harvested")["results"]
    extras = {extra["key"]: extra["value"] for extra in package["extras"]}
    assert (extras["harvest_source_title"], extras["guid"]) == ("都の目録", "r 1/ä")
    assert extras["listed_at"].split("\n") == ["https://metro.example.jp/r1", "https://nation.example.jp/9"]
    assert package["organization"]["title"] == "港区"
    assert package["resources"][0]["size"] == 1200
    assert ckan(client, fq="harvest_source_site:nation")["count"] == 1
    assert ckan(client, fq='guid:"9"')["count"] == 1
    assert ckan(client, fq="harvest_source_site:elsewhere")["count"] == 0
    assert ckan(client, q="公園")["count"] == 1


def test_what_changed_here_is_found_by_harvesters_whatever_its_source_says(client: Client, parks: str) -> None:
    """The source dates its change in 2020; who asks for changes since yesterday must see what was collected today."""
    page = catalog.dataset_page(parks)
    assert page.modified_at.year == 2020
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 1
    assert (
        json.loads(client.get("/catalog.jsonld?modified_since=2026-01-01").content)["hydra:totalItems"]["@value"] == "1"
    )
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    Dataset.objects.filter(slug=parks).update(recorded_at=long_ago)
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 0
    services.put_harvested(batch=[replace(entry(), dataset_uid=page.uid)])
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 0
    services.put_harvested(batch=[replace(entry("公園と遊具の一覧"), dataset_uid=page.uid)])
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 1
    recorded = catalog.dataset_page(parks).recorded_at
    assert recorded is not None
    assert datetime.now(UTC) - recorded < timedelta(minutes=5)


def told_as_inferred(graph: Graph) -> set[Any]:
    """The properties that annotations name as inferred, each with a reason in two languages."""
    found = set()
    for note in graph.objects(None, DQV.hasQualityAnnotation):
        body = graph.value(note, OA.hasBody)
        assert {words.language for words in graph.objects(body, RDF.value)} == {"ja", "en"}  # type: ignore[attr-defined]
        found.add(graph.value(graph.value(note, OA.hasTarget), RDF.predicate))
    return found


def test_what_was_inferred_is_told_as_such_until_somebody_puts_it_right(client: Client, parks: str) -> None:
    def as_told() -> tuple[set[Any], dict[str, Any], dict[str, Any]]:
        graph = Graph().parse(data=client.get(f"/dataset/{parks}.ttl").content, format="turtle")
        (package,) = ckan(client, fq="origin:harvested")["results"]
        extras = {extra["key"]: extra["value"] for extra in package["extras"]}
        [entry] = json.loads(b"".join(client.get("/data.json").streaming_content))["dataset"]  # type: ignore[arg-type]
        return told_as_inferred(graph), json.loads(extras["inferred"]), entry["inferred"]

    graph, in_ckan, in_us = as_told()
    assert DCAT.theme in graph
    assert in_ckan["themes"]["reason"]["ja"]
    assert in_ckan == in_us
    page = catalog.dataset_page(parks)
    assert any(
        one["about"]["@id"].endswith("spatialCoverage") for one in catalog.schema_org(page, base_url="")["comment"]
    )
    operator = member("operator", operator=True)
    services.correct_dataset(actor=operator, dataset_uid=page.uid, field="themes", value=list(page.themes))
    graph, in_ckan, in_us = as_told()
    assert DCAT.theme not in graph
    assert "themes" not in in_ckan | in_us


def test_the_api_names_what_was_inferred_until_somebody_puts_it_right(client: Client, parks: str) -> None:
    def as_told() -> tuple[list[str], list[str], dict[str, Any]]:
        [hit] = client.get("/api/v1/search", {"q": "公園"}).json()["items"]
        [card] = client.get("/api/v1/datasets").json()["items"]
        return hit["inferred_fields"], card["inferred_fields"], client.get(f"/api/v1/datasets/{parks}").json()

    found, listed, told = as_told()
    assert "themes" in found
    assert found == listed == told["inferred_fields"] == list(told["inferred"])
    assert told["inferred"] == catalog.inference_notes(catalog.dataset_page(parks))
    services.correct_dataset(
        actor=member("operator", operator=True), dataset_uid=told["uid"], field="themes", value=told["themes"]
    )
    services.index_datasets(dataset_uids=[told["uid"]])
    found, listed, told = as_told()
    assert told["themes"]
    assert "themes" not in {*found, *listed, *told["inferred_fields"], *told["inferred"]}


@pytest.mark.parametrize(("form", "parser"), [("ttl", "turtle"), ("xml", "xml"), ("jsonld", "json-ld")])
def test_dcat_says_where_they_come_from_and_conforms(client: Client, parks: str, form: str, parser: str) -> None:
    shapes = Graph().parse(SHAPES)
    for path in (f"/dataset/{parks}.{form}", f"/catalog.{form}"):
        graph = Graph().parse(data=client.get(path).content, format=parser)
        holds, _, text = validate(graph, shacl_graph=shapes)
        assert holds, text
        here = URIRef(f"http://localhost:8080/dataset/{parks}")
        assert (here, PROV.wasDerivedFrom, URIRef("https://metro.example.jp/r1")) in graph
        assert (here, PROV.wasDerivedFrom, URIRef("https://nation.example.jp/9")) in graph
        assert (here, URIRef("http://www.w3.org/ns/odrl/2/hasPolicy"), None) not in graph
        assert told_as_inferred(graph) >= {DCAT.theme, DCTERMS.spatial, DCTERMS.accessRights}
        assert DCTERMS.license not in told_as_inferred(graph)
        assert any(
            str(one).startswith("https://example.jp/") and " " not in str(one)
            for one in graph.objects(None, DCAT.downloadURL)
        )
    record = next(graph.subjects(FOAF.primaryTopic, here))
    assert record is not None
    assert (None, DCTERMS.source, URIRef("https://metro.example.jp/r1")) in graph


def test_the_other_forms_take_them_too(client: Client, parks: str) -> None:
    entries = json.loads(b"".join(client.get("/data.json").streaming_content))["dataset"]  # type: ignore[arg-type]
    assert [one["title"] for one in entries] == ["公園の一覧"]
    package = json.loads(client.get(f"/datasets/{parks}/datapackage.json").content)
    assert [source["title"] for source in package["sources"]] == ["都の目録", "国の目録"]
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "get_dataset", "arguments": {"dataset": parks}},
    }
    answer = client.post("/mcp", json.dumps(message), content_type="application/json")
    found = json.loads(answer.content)["result"]["structuredContent"]
    assert [place["site"] for place in found["listed_at"]] == ["都の目録", "国の目録"]


def test_every_face_shows_and_filters_by_japans_days(client: Client, parks: str) -> None:
    """Its source dates it 2020-04-01; in UTC that day began the evening before."""

    def total(**asked: str) -> int:
        return int(json.loads(client.get("/api/v1/search", asked).content)["total"])

    assert total(modified_from="2020-04-01", modified_to="2020-04-01") == 1
    assert total(modified_to="2020-03-31") == 0
    assert total(modified_from="0001-01-01", modified_to="9999-12-31") == 1
    asked = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "resources/read",
        "params": {"uri": f"{settings.PUBLIC_URL}/datasets/{parks}"},
    }
    answer = client.post(
        "/mcp", json.dumps(asked), content_type="application/json", headers={"Accept": "application/json"}
    )
    assert "最終更新: 2020-04-01" in json.loads(answer.content)["result"]["contents"][0]["text"]


def test_a_date_that_a_stranger_writes_is_never_the_date_of_our_record(client: Client, parks: str) -> None:
    """A source says 2030: who asks for what changed here since yesterday gets it today, and not for ever."""
    coming = replace(entry("先の日付の一覧"), slug_hint="to come", places=())
    coming = replace(coming, stated=replace(coming.stated, record_id="r2", modified="2030-01-01"))
    (outcome,) = services.put_harvested(batch=[coming])
    Dataset.objects.filter(slug=outcome.slug).update(recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert ckan(client, fq="metadata_modified:[NOW+1DAY TO *]")["count"] == 0
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 1
    listed = ckan(client, fq="origin:harvested", sort="metadata_modified desc")["results"]
    shown = [package["metadata_modified"] for package in listed]
    assert shown == sorted(shown, reverse=True), "it sorts by what it shows"
    assert [package["name"] for package in listed] == [parks, outcome.slug]
    services.reindex()
    for path in ("/feeds/datasets.atom", f"/feeds/publishers/{listed[0]['organization']['name']}.atom"):
        feed = ET.fromstring(client.get(path).content)
        moments = [one.text or "" for one in feed.iter("{http://www.w3.org/2005/Atom}updated")]
        assert len(moments) == 3
        assert max(moments) < "2030"
        assert moments[0] == moments[1], "what was collected now is first, though it is of 2020"
    found = ET.fromstring(client.get("/feeds/search.atom", {"q": "一覧"}).content)
    titles = [one.text for one in found.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == ["公園の一覧", "先の日付の一覧"]
    assert "2029-12-31" not in client.get("/sitemap-1.xml").content.decode()


def test_a_correction_reaches_those_who_collect_from_us_and_those_who_follow(client: Client, parks: str) -> None:
    operator = member("operator", operator=True)
    page = catalog.dataset_page(parks)
    Dataset.objects.filter(slug=parks).update(recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    services.correct_dataset(actor=operator, dataset_uid=page.uid, field="title_ja", value="みなとの公園")
    assert ckan(client, fq="metadata_modified:[NOW-1DAY TO *]")["count"] == 1
    assert Job.objects.filter(handler="community.tasks.tell_of_description").count() == 1


@pytest.mark.django_db
def test_agents_cite_the_source_itself() -> None:
    """The publisher's own entry, not ours; an English title only where there is one."""
    (outcome,) = services.put_harvested(batch=[entry()])
    visitor = Visitor(key="", caller=None, standing=members.anonymous_standing(), language="ja")
    told = finding.cite({"dataset": outcome.slug}, visitor)
    assert "https://metro.example.jp/r1" in str(told["citation"])
    described = finding.described(catalog.dataset_page(outcome.slug))
    assert (described["title"], described["title_en"]) == ("公園の一覧", "")

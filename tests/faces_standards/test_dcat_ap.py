"""DCAT-AP 3 as a validator and a harvester see it: shapes hold in every notation, pages follow, parameters narrow."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pyshacl import validate
from rdflib import Graph, Literal, URIRef
from rdflib.compare import isomorphic, to_isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF
from standards_scene import LINKED, Scene, add_table, described

from tdpf.controlplane.catalog import services
from tdpf.faces.standards import dcat
from tdpf.faces.standards.rdf import rdf_xml, turtle

PARSERS = {"jsonld": "json-ld", "ttl": "turtle", "xml": "xml"}
HYDRA = "http://www.w3.org/ns/hydra/core#"


@cache
def shapes() -> Graph:
    return Graph().parse(Path(__file__).with_name("dcat_ap.shapes.ttl"))


def read(client: Client, path: str, **headers: str) -> Graph:
    """Return an answer as a graph, read by rdflib."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content[:400]
    return Graph().parse(data=answer.content, format=PARSERS[path.partition("?")[0].rpartition(".")[2]])


def conforms(graph: Graph) -> None:
    """Check a graph against the shapes."""
    holds, _, text = validate(graph, shacl_graph=shapes(), advanced=False)
    assert holds, text


@pytest.fixture
def full(scene: Scene) -> Scene:
    """The library with a description that fills every field."""
    metadata = described(
        "全部入り", title_en="Everything", description_en="All of it", themes=("population", "transport"), licence="custom",
        licence_name="独自の条件", licence_text="個別に定めます。", attribution="見本区", languages=("ja", "en"),
        period_start=date(2026, 1, 1), period_end=date(2026, 3, 31), contact_url="https://example.jp/お問い合わせ?a=b",
        landing_url="https://example.jp/?x=[1]",
    )  # fmt: skip
    made = services.create_dataset(
        actor=scene.provider, provider_party_id=scene.provider.person_party_id, slug="everything", metadata=metadata
    )
    add_table(scene.provider, made)
    services.add_distribution(actor=scene.provider, dataset_uid=made.uid, details=replace(LINKED, name="link"))
    services.publish_dataset(actor=scene.provider, dataset_uid=made.uid)
    return scene


def test_the_shapes_would_notice(full: Scene, client: Client) -> None:
    """A graph without a title, with a literal for a format or an unknown right is refused."""
    for predicate in (DCTERMS.title, DCTERMS.publisher, DCTERMS.modified):
        graph = read(client, "/dataset/public-toilets.ttl")
        graph.remove((None, predicate, None))
        assert not validate(graph, shacl_graph=shapes())[0], predicate
    graph = read(client, "/dataset/public-toilets.ttl")
    graph.set((next(graph.subjects(RDF.type, DCAT.Distribution)), DCTERMS["format"], Literal("CSV")))
    assert not validate(graph, shacl_graph=shapes())[0]
    graph = read(client, "/dataset/public-toilets.ttl")
    graph.remove((None, DCAT.accessURL, None))
    assert not validate(graph, shacl_graph=shapes())[0]


@pytest.mark.parametrize("form", PARSERS)
def test_every_notation_conforms(client: Client, full: Scene, form: str) -> None:
    for path in (
        f"/catalog.{form}",
        "/dataset/public-toilets." + form,
        "/dataset/shelters." + form,
        "/dataset/everything." + form,
    ):
        conforms(read(client, path))


def test_the_notations_say_the_same(client: Client, scene: Scene) -> None:
    for path in ("/dataset/public-toilets", "/dataset/shelters"):
        graphs = [to_isomorphic(read(client, f"{path}.{form}")) for form in PARSERS]
        assert len(graphs[0]) > 40
        assert graphs[0] == graphs[1] == graphs[2]
    # The last link names the notation, so pages are compared without their own addresses.
    graphs = []
    for form in PARSERS:
        graph = read(client, f"/catalog.{form}")
        for view in list(graph.subjects(RDF.type, URIRef(f"{HYDRA}PartialCollectionView"))):
            graph.remove((view, None, None))
            graph.remove((None, None, view))
        graphs.append(graph)
    assert isomorphic(graphs[0], graphs[1])
    assert isomorphic(graphs[1], graphs[2])


def test_a_table_is_a_service_and_downloads(client: Client, scene: Scene) -> None:
    graph = read(client, "/dataset/public-toilets.ttl")
    base = "http://localhost:8080"
    csv = URIRef(f"{base}/dataset/public-toilets#main-csv")
    assert (csv, DCAT.accessURL, URIRef(f"{base}/data/collections/public-toilets/items")) in graph
    assert (csv, DCAT.downloadURL, URIRef(f"{base}/data/files/public-toilets/public-toilets.csv")) in graph
    assert (csv, DCAT.accessService, URIRef(f"{base}/data")) in graph
    assert (URIRef(f"{base}/data"), DCAT.endpointURL, URIRef(f"{base}/data")) in graph
    policy = URIRef("http://www.w3.org/ns/odrl/2/hasPolicy")
    assert (csv, policy, URIRef(f"{base}/datasets/public-toilets/terms.odrl.jsonld")) in graph
    rights = URIRef("http://publications.europa.eu/resource/authority/access-right/RESTRICTED")
    assert (None, DCTERMS.accessRights, rights) in read(client, "/dataset/people-flow.ttl")


def test_pages_follow_to_the_end(client: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dcat, "PAGE_SIZE", 2)
    seen: list[str] = []
    path = "/catalog.jsonld"
    for _ in range(5):
        answer = client.get(path)
        document = json.loads(answer.content)
        seen += [entry["dct:identifier"] for entry in document["dcat:dataset"]]
        assert document["hydra:totalItems"]["@value"] == "3"
        view = document["hydra:view"]
        if "hydra:next" not in view:
            assert 'rel="prev"' in answer["Link"]
            break
        assert 'rel="next"' in answer["Link"]
        path = view["hydra:next"]["@id"].removeprefix("http://localhost:8080")
    assert seen == sorted({scene.toilets.uid, scene.shelters.uid, scene.paid.uid})
    beyond = json.loads(client.get("/catalog.jsonld?page=99").content)
    assert beyond["dcat:dataset"] == []
    assert beyond["hydra:view"]["hydra:previous"]["@id"].endswith("page=2")


def test_parameters_narrow_and_stay_in_the_links(client: Client, scene: Scene) -> None:
    def slugs(query: str) -> set[str]:
        document = json.loads(client.get(f"/catalog.jsonld?{query}").content)
        assert query.partition("=")[0] in document["hydra:view"]["@id"]
        return {entry["@id"].rpartition("/")[2] for entry in document["dcat:dataset"]}

    assert slugs("q=トイレ") == {"public-toilets"}
    assert slugs("fq=license_id:CC0-1.0") == {"shelters"}
    assert slugs("modified_since=2020-01-01") == {"public-toilets", "shelters", "people-flow"}
    assert slugs("modified_since=2999-01-01T00:00:00Z") == set()


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=99999999999",
        "page=１",
        "modified_since=yesterday",
        "modified_since=2026-02-31",
        "fq=a:(",
        "q=" + "x" * 3000,
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(client: Client, scene: Scene, query: str) -> None:
    answer = client.get(f"/catalog.ttl?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert json.loads(answer.content)["type"] == "/problems/standards/parameter-invalid"


def test_identifiers_lead_to_what_is_asked_for(client: Client, scene: Scene) -> None:
    for accept, there in (
        ("text/turtle", "/dataset/shelters.ttl"), ("application/ld+json", "/dataset/shelters.jsonld"),
        ("application/rdf+xml;q=0.9, text/turtle", "/dataset/shelters.xml"), ("text/html", "/datasets/shelters"),
    ):  # fmt: skip
        answer = client.get("/dataset/shelters", headers={"Accept": accept})
        assert (answer.status_code, answer["Location"]) == (303, there)
        assert "Accept" in answer["Vary"]
    assert client.get("/catalog?page=2", headers={"Accept": "text/turtle"})["Location"] == "/catalog.ttl?page=2"


def test_a_withdrawn_dataset_is_in_no_notation(client: Client, scene: Scene) -> None:
    services.withdraw_dataset(actor_uid="system", dataset_uid=scene.shelters.uid, reason="終了")
    assert client.get("/dataset/shelters.ttl").status_code == 404
    assert "shelters" not in client.get("/catalog.ttl").content.decode()


def test_a_page_of_a_hundred_is_a_page_of_a_hundred(
    client: Client, scene: Scene, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        client.get("/catalog.xml")


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_a_text_holds_is_written_so_that_it_is_read_again(one: str, other: str, address: str) -> None:
    context = {"dct": str(DCTERMS), "dcat": str(DCAT), "xsd": "http://www.w3.org/2001/XMLSchema#"}
    node = {
        "@id": f"http://example.org/{address}",
        "@type": ["dcat:Dataset", "dcat:Resource"],
        "dct:title": [{"@value": one, "@language": "ja"}, {"@value": "x", "@language": "en"}],
        "dct:description": other,
        "dct:publisher": {
            "@type": "dct:Agent",
            "dct:title": other,
            "dct:source": {"@id": "http://example.org/b", "dct:title": one},
        },
        "dct:issued": {"@value": "2026-01-01", "@type": "xsd:date"},
    }
    first = Graph().parse(data=turtle(node, context), format="turtle")
    second = Graph().parse(data=rdf_xml(node, context).encode(), format="xml")
    assert len(first) == len(second)
    written = {str(text) for text in first.objects(None, DCTERMS.description)}
    assert other in written
    assert len({str(subject) for subject in first.subjects(RDF.type, DCAT.Dataset)}) == 1

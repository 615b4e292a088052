"""The catalogue in the words of other platforms: three serialisations that say the same, paged, drafts left out."""

from __future__ import annotations

from typing import Any

import pytest
from dcat_scene import published
from django.test import Client
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF

pytestmark = pytest.mark.django_db
HYDRA = "http://www.w3.org/ns/hydra/core#"


def graph(client: Client, path: str, form: str) -> Graph:
    """Read an answer with a parser that is not ours."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:300]
    names = {"jsonld": "json-ld", "ttl": "turtle", "xml": "xml"}
    return Graph().parse(data=answer.content, format=names[form])


def test_the_three_forms_say_the_same(client: Client) -> None:
    """Title, publisher and distributions are there in each, statement by statement."""
    published("dcat-first", "公衆トイレ一覧")
    found = [graph(client, f"/dataset/dcat-first.{form}", form) for form in ("jsonld", "ttl", "xml")]
    assert len(found[0]) == len(found[1]) == len(found[2]) > 10
    for one in found:
        (dataset,) = one.subjects(RDF.type, DCAT.Dataset)
        assert any(str(title) == "公衆トイレ一覧" for title in one.objects(dataset, DCTERMS.title))
        assert list(one.objects(dataset, DCTERMS.publisher))


def test_the_catalogue_is_paged_and_holds_no_drafts(client: Client) -> None:
    """A draft is in no serialisation; the view says where it ends."""
    published("dcat-second", "避難所一覧")
    published("dcat-draft", "まだ下書き", publish=False)
    for form in ("jsonld", "ttl", "xml"):
        answer = client.get(f"/catalog.{form}")
        assert answer["Access-Control-Allow-Origin"] == "*"
        text = answer.content.decode()
        assert "dcat-second" in text
        assert "dcat-draft" not in text
        assert "まだ下書き" not in text
    view = graph(client, "/catalog.jsonld", "jsonld")
    assert list(view.objects(None, URIRef(f"{HYDRA}totalItems")))
    assert client.get("/catalog.ttl?page=999999").status_code == 200
    assert client.get("/catalog.ttl?page=../../etc").status_code == 400


@pytest.mark.parametrize("path", ["/dataset/nothing-here.ttl", "/dataset/dcat-hidden.jsonld"])
def test_unknown_and_hidden_datasets_are_not_found(client: Client, path: str) -> None:
    """A draft looks exactly like something that is not there."""
    published("dcat-hidden", "かくれた下書き", publish=False)
    answer: Any = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "かくれた下書き" not in answer.content.decode()

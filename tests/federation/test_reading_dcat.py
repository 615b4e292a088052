"""DCAT in every notation: the same dataset comes out, pages are followed, and nothing hostile gets through."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from federation_sites import Asked, Reply, Site, as_json, deep_json, hurried
from rdflib import Graph

from tdpf.controlplane.federation.deadlines import at_most
from tdpf.controlplane.federation.errors import AnswerNotUnderstood, SourceBusy, SourceRefuses
from tdpf.controlplane.federation.reading.dcat_graph import read_dataset
from tdpf.controlplane.federation.reading.kinds import dcat
from tdpf.controlplane.federation.reading.kinds.dcat import READER
from tdpf.controlplane.federation.reading.rdf_text import read_graph
from tdpf.controlplane.federation.types import ReadingOrder, ReadPage, ReadRecord
from tdpf.controlplane.federation.visiting.visitor import Visitor
from tdpf.kit.errors import Problem
from tdpf.kit.sites import Answer

TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://data.example/catalog> a dcat:Catalog ; dcat:dataset <https://data.example/d/1>, <https://data.example/d/2> .

<https://data.example/d/1> a dcat:Dataset ;
  dct:title "公衆トイレ一覧"@ja, "Public toilets"@en ;
  dct:description "区が管理するトイレ"@ja ;
  dct:identifier "toilet-1" ;
  dcat:keyword "トイレ"@ja, "toilet"@en, "バリアフリー" ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
  dct:publisher <https://data.example/org/ward> ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
  dct:spatial [ a dct:Location ; skos:prefLabel "東京都港区"@ja ; dcat:bbox "POLYGON((139.7 35.6,139.8 35.6,139.8 35.7,139.7 35.7,139.7 35.6))" ] ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2024-04-01"^^xsd:date ; dcat:endDate "2025-03-31"^^xsd:date ] ;
  dct:issued "2024-04-01"^^xsd:date ; dct:modified "2024-10-02"^^xsd:date ;
  dcat:contactPoint [ a vcard:Organization ; vcard:fn "環境課" ; vcard:hasEmail <mailto:kankyo@ward.example> ] ;
  dcat:landingPage <https://data.example/page/1> ;
  dct:conformsTo <https://standard.example/toilet> ;
  dcat:distribution <https://data.example/d/1/csv>, [ a dcat:Distribution ; dcat:accessURL <https://api.example/toilets> ] .

<https://data.example/org/ward> a foaf:Agent ; foaf:name "港区"@ja, "Minato City"@en ; foaf:homepage <https://ward.example/> .
<https://data.example/d/1/csv> a dcat:Distribution ; dct:title "CSV" ; dcat:downloadURL <https://data.example/1.csv> ;
  dct:format "CSV" ; dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ; dcat:byteSize "1234"^^xsd:decimal .

<https://data.example/d/2> a dcat:Dataset ; dct:title "避難所一覧" ; dct:publisher "港区" ; dct:temporal "2020/2021" .
"""
TYPES = {
    "turtle": "text/turtle",
    "xml": "application/rdf+xml",
    "json-ld": "application/ld+json",
    "nt": "application/n-triples",
}


def read(site: Site, path: str = "/catalog", **order: Any) -> list[ReadPage]:
    """Read a site to its end."""
    with Visitor(hurried(max_bytes=30_000_000)) as visitor:
        return list(READER.read(visitor, ReadingOrder(url=site.url + path, **order)))


def records_of(pages: list[ReadPage]) -> list[ReadRecord]:
    """Return the records of all pages."""
    return [record for page in pages for record in page.records]


def codes_of(pages: list[ReadPage]) -> list[str]:
    """Return the codes of what was left out."""
    return [fault.code for page in pages for fault in page.left_out]


@pytest.mark.parametrize("notation", list(TYPES))
@pytest.mark.parametrize("typed", [True, False])
def test_every_notation_says_the_same(notation: str, typed: bool) -> None:
    """Also when the server calls it plain text."""
    spoiled = TURTLE.replace("2024-10-02", "いつか")
    body = Graph().parse(data=spoiled, format="turtle").serialize(format=notation, encoding="utf-8")
    with Site({"/catalog": Reply(body, headers={"Content-Type": TYPES[notation] if typed else "text/plain"})}) as site:
        pages = read(site)
    first, second = (record.stated for record in records_of(pages))
    assert (first.record_id, first.title, first.title_en) == (
        "https://data.example/d/1",
        "公衆トイレ一覧",
        "Public toilets",
    )
    assert (first.publisher_name, first.publisher_name_en, first.publisher_url) == (
        "港区",
        "Minato City",
        "https://ward.example/",
    )
    assert set(first.keywords) == {"トイレ", "バリアフリー"}
    assert first.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert first.frequency.endswith("/ANNUAL")
    assert (first.spatial, first.bbox) == (("東京都港区",), (139.7, 35.6, 139.8, 35.7))
    assert (first.period_start, first.period_end) == ("2024-04-01", "2025-03-31")
    assert (first.issued, first.modified) == ("2024-04-01", "いつか")
    assert (first.contact_name, first.contact_email) == ("環境課", "kankyo@ward.example")
    assert (first.landing_url, first.identifier) == ("https://data.example/page/1", "toilet-1")
    assert [(d.url, d.access_url, d.media_type, d.size) for d in first.distributions] == [
        ("", "https://api.example/toilets", "", None),
        ("https://data.example/1.csv", "", "text/csv", 1234),
    ]
    assert (second.title, second.publisher_name, second.period_start) == ("避難所一覧", "港区", "2020")
    assert pages[-1].coverage == "all"
    assert json.loads(records_of(pages)[0].original)["@id"] == "https://data.example/d/1"
    said = [(left.code, left.part, left.record_id, "いつか" in left.why.ja) for page in pages for left in page.left_out]
    assert said == [("bad-value", "modified", "https://data.example/d/1", True)]


def test_the_original_is_the_same_text_every_time() -> None:
    """Blank nodes have new names in every reading; the record must not look changed by that."""
    body = TURTLE.encode()
    with Site({"/catalog": Reply(body, headers={"Content-Type": "text/turtle"})}) as site:
        originals = {tuple(record.original for record in records_of(read(site))) for _ in range(3)}
    assert len(originals) == 1


def test_unchanged_catalogues_are_not_read_again() -> None:
    """The validators of the last time are sent, and 304 ends the run."""

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return Reply(TURTLE.encode(), headers={"Content-Type": "text/turtle", "ETag": '"v1"'})

    with Site({"/catalog": answer}) as site:
        mark = read(site)[-1].mark
        again = read(site, since=mark)
    assert len(again) == 1
    assert (again[0].is_last, again[0].coverage, again[0].listed) == (True, "changes", None)
    assert again[0].mark == mark


def hydra(pages: int, *, total: int | None = None, modern: bool = True, after: dict[int, Reply] | None = None) -> Any:
    """Return an answer that pages through `pages` pages of two datasets each."""

    def answer(asked: Asked) -> Reply:
        page = int(asked.query.get("page", 1))
        if after and page in after:
            return after[page]
        following = ""
        if page < pages:
            following = f"</catalog?page={page}> hydra:{'next' if modern else 'nextPage'} </catalog?page={page + 1}> ."
        count = f"</catalog?page={page}> hydra:totalItems {total or pages * 2} ."
        datasets = "".join(
            f'<https://d.example/{page}-{n}> a dcat:Dataset ; dct:title "題{page}-{n}" .\n' for n in range(2)
        )
        return Reply(
            f"""@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
{count} {following}
{datasets}""".encode(),
            headers={"Content-Type": "text/turtle"},
        )

    return answer


@pytest.mark.parametrize("modern", [True, False])
def test_hydra_pages_are_followed_and_resumed(modern: bool) -> None:
    """Both spellings; the cursor goes on behind a page."""
    with Site({"/catalog": hydra(5, modern=modern)}) as site:
        pages = read(site)
        assert len(records_of(pages)) == 10
        assert (pages[-1].announced, pages[-1].coverage) == (10, "pages")
        middle = next(page for page in pages if page.cursor.get("page") == 2)
        rest = read(site, cursor=json.loads(json.dumps(middle.cursor)))
        assert len(records_of(rest)) == 6


def test_a_link_header_is_a_next_page_too() -> None:
    """RFC 8288; a page without datasets is not yet the end."""
    head = '<https://d.example/{}> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "x" .'
    answers: dict[str, Any] = {
        "/catalog": Reply(
            head.format(1).encode(), headers={"Content-Type": "text/turtle", "Link": '</more>; rel="next"'}
        ),
        "/more": Reply(b"", headers={"Content-Type": "text/turtle", "Link": '</last>; rel="next"'}),
        "/last": Reply(head.format(2).encode(), headers={"Content-Type": "text/turtle"}),
    }
    with Site(answers) as site:
        assert len(records_of(read(site))) == 2


def test_a_page_that_cannot_be_read_is_passed_over() -> None:
    """Where the address shows its number; nothing is concluded from what was not seen."""
    broken = Reply(b"<html>error</html>", headers={"Content-Type": "text/html"})
    with Site({"/catalog": hydra(5, after={3: broken})}) as site:
        pages = read(site, "/catalog?page=1")
    assert len(records_of(pages)) == 8
    assert codes_of(pages) == ["unreadable-page"]
    assert pages[-1].coverage == "part"
    busy = Reply(status=503)
    with Site({"/catalog": hydra(9, after={3: busy, 4: busy})}) as site, pytest.raises(SourceBusy):
        read(site, "/catalog?page=1")
    assert len(site.asked) < 12


def test_wrong_totals_are_said_and_circles_seen() -> None:
    """A total that is not true; a next page that is an earlier one; pages without end."""
    with Site({"/catalog": hydra(3, total=500)}) as site:
        pages = read(site)
        assert len(records_of(pages)) == 6
        assert "500" in pages[-1].remarks[0].ja
        assert pages[-1].coverage == "part"
    with Site(
        {
            "/catalog": hydra(
                1, after={1: Reply(TURTLE.encode() + b"<x> <http://www.w3.org/ns/hydra/core#next> <http://[bad/> .")}
            )
        }
    ) as site:
        pages = read(site)
        assert records_of(pages)
        assert (codes_of(pages), pages[-1].coverage) == (["bad-value"], "part")
    circle = hydra(
        9, after={3: Reply(TURTLE.encode() + b"<x> <http://www.w3.org/ns/hydra/core#next> </catalog?page=2> .")}
    )
    with Site({"/catalog": circle}) as site:
        pages = read(site)
        assert codes_of(pages) == ["paging"]
        assert pages[-1].coverage == "part"
    with Site({"/catalog": hydra(100_000, total=10)}) as site:
        pages = read(site)
        assert codes_of(pages) == ["paging"]
        assert len(site.asked) < 600


def test_a_broken_statement_costs_only_itself() -> None:
    """Turtle is taken statement by statement when it is broken as a whole."""
    body = TURTLE.replace('dct:title "避難所一覧"', 'dct:title "避難所一覧" "二つ目').encode()
    with Site({"/catalog": Reply(body, headers={"Content-Type": "text/turtle"})}) as site:
        pages = read(site)
    assert "公衆トイレ一覧" in [record.stated.title for record in records_of(pages)]
    assert "malformed" in codes_of(pages)
    assert pages[-1].coverage == "part"


def test_blank_lines_cost_no_time() -> None:
    """A broken statement among very many of them costs only itself, too."""
    body = "@prefix d: <http://www.w3.org/ns/dcat#> .\n<a> <b> broken ;; .\n" + "\n" * 200_000
    body += '<http://d.example/1> a d:Dataset ; <http://purl.org/dc/terms/title> "題" .\n'
    with (
        Site({"/catalog": Reply(body.encode(), headers={"Content-Type": "text/turtle"})}) as site,
        at_most(20.0) as alarm,
    ):
        pages = read(site)
    assert not alarm.rang
    assert [record.stated.title for record in records_of(pages)] == ["題"]


def test_a_document_that_takes_too_long_is_given_up() -> None:
    """In a run's process and in a thread of the portal, where an operator only tries a site; the next one is read."""
    dense = b"<a> <http://purl.org/dc/terms/title> (" + b' "x"' * 40_000 + b") ."
    answer = Answer(url="u", status=200, headers={"content-type": "text/turtle"}, body=dense, chain=())

    def told() -> str:
        with pytest.raises(AnswerNotUnderstood) as slow:
            read_graph(answer, seconds=0.1)
        return slow.value.detail_in("en")

    with ThreadPoolExecutor(1) as threads:
        for said in (told(), threads.submit(told).result(), threads.submit(told).result()):
            assert "more than 0.1 seconds" in said
        small = replace(answer, body=b"<a> <b> <c> .")
        assert len(threads.submit(lambda: read_graph(small)[0]).result()) == 1


def test_a_record_that_takes_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that leads to the whole graph: it is said, and not thought gone."""

    def slow(graph: Any, node: Any, *, where: str) -> Any:
        while str(node).endswith("/1"):
            pass
        return read_dataset(graph, node, where=where)

    monkeypatch.setattr(dcat, "read_dataset", slow)
    monkeypatch.setattr(dcat, "_RECORD_SECONDS", 0.1)
    with Site({"/catalog": Reply(TURTLE.encode(), headers={"Content-Type": "text/turtle"})}) as site:
        pages = read(site)
    assert [record.stated.title for record in records_of(pages)] == ["避難所一覧"]
    assert [(left.code, left.record_id) for page in pages for left in page.left_out] == [
        ("took-too-long", "https://data.example/d/1")
    ]
    assert pages[-1].coverage == "part"


def test_broken_xml_is_read_up_to_its_break() -> None:
    """Whole records before the break stand; the break is said; nothing is thought gone."""
    body = Graph().parse(data=TURTLE, format="turtle").serialize(format="pretty-xml", encoding="utf-8")
    cut = body[: body.rindex(b"<dct:title", 0, body.rindex("避難所一覧".encode()))] + b"<dct:title>&broken;"
    with Site({"/catalog": Reply(cut, headers={"Content-Type": "application/rdf+xml"})}) as site:
        pages = read(site)
    assert [record.stated.title for record in records_of(pages)] == ["公衆トイレ一覧"]
    assert codes_of(pages) == ["malformed"]
    assert pages[-1].coverage == "part"


ENTITIES = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
HOSTILE = {
    "laughs": f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{ENTITIES}]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&l9;</rdf:RDF>',
    "outside": '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&x;</rdf:RDF>',
    "deep": "<?xml version='1.0'?>" + "<a>" * 100_000,
    "html": "<!DOCTYPE html><html><body>maintenance</body></html>",
    "nothing": "",
    "words": "ただの文章です。",
    "no datasets": "@prefix a: <http://a.example/> . a:b a:c a:d .",
}


@pytest.mark.parametrize("name", list(HOSTILE))
@pytest.mark.parametrize(
    "kind", ["application/rdf+xml", "text/turtle", "application/ld+json", "application/octet-stream"]
)
def test_hostile_and_wrong_answers_are_clear_problems(name: str, kind: str) -> None:
    """Entity bombs, outside entities, depth, HTML, nothing: whatever they call themselves."""
    with (
        Site({"/catalog": Reply(HOSTILE[name].encode(), headers={"Content-Type": kind})}) as site,
        pytest.raises(AnswerNotUnderstood),
    ):
        read(site)


@pytest.mark.parametrize("depth", [900, 200_000])
def test_deep_turtle_is_a_clear_problem(depth: int) -> None:
    """Brackets within brackets: the sound record beside them stands, or a problem says why not."""
    deep = (
        "<http://d.example/deep> <http://p.example/p> "
        + "[ <http://p.example/p> " * depth
        + '"x"'
        + " ]" * depth
        + " .\n"
    )
    sound = '<http://d.example/1> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> "題" .\n'
    with Site({"/catalog": Reply((sound + deep).encode(), headers={"Content-Type": "text/turtle"})}) as site:
        pages = read(site)
    assert [record.stated.title for record in records_of(pages)] == ["題"]


def test_deep_json_ld_is_a_clear_problem() -> None:
    """Not a crash."""
    with (
        Site({"/catalog": Reply(deep_json(5000), headers={"Content-Type": "application/ld+json"})}) as site,
        pytest.raises(AnswerNotUnderstood),
    ):
        read(site)


@pytest.mark.parametrize(
    "place", ["top", "list", "import", "nested", "term", "inner", "inner-list", "inner-term", "inner-import"]
)
def test_a_context_is_never_fetched(place: str) -> None:
    """Wherever it is named: no request goes out for it, nor a file opened; common terms are read all the same."""
    with Site() as site:
        evil = f"{site.url}/context.jsonld"
        context: Any = {
            "top": evil,
            "list": [evil, "file:///etc/passwd", {"x": "http://x.example/"}],
            "import": {"@import": evil, "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"},
            "nested": "https://www.w3.org/ns/dcat.jsonld",
            "term": {
                "Dataset": {"@id": "http://www.w3.org/ns/dcat#Dataset", "@context": evil},
                "title": {"@id": "http://purl.org/dc/terms/title", "@context": evil},
            },
            "inner": {"@context": evil},
            "inner-list": [{"@context": [{"@context": evil}, {"@context": "file:///etc/passwd"}]}],
            "inner-term": {
                "Dataset": {"@id": "http://www.w3.org/ns/dcat#Dataset", "@context": {"@context": {"@context": evil}}},
                "title": {
                    "@id": "http://purl.org/dc/terms/title",
                    "@context": [{"x": {"@context": {"@import": evil}}}],
                },
            },
            "inner-import": {
                "@context": {
                    "@import": evil,
                    "Dataset": "http://www.w3.org/ns/dcat#Dataset",
                    "title": "http://purl.org/dc/terms/title",
                }
            },
        }[place]
        title = "title" if place != "import" else "dct:title"
        kind = "Dataset" if place != "import" else "dcat:Dataset"
        node: dict[str, Any] = {"@id": "http://d.example/1", "@type": kind, title: "題"}
        if place == "nested":
            node["publisher"] = {"@context": evil, "name": "区"}
        site.answers["/catalog"] = as_json(
            {"@context": context, "@graph": [node]}, **{"Content-Type": "application/ld+json"}
        )
        pages = read(site)
        assert [record.stated.title for record in records_of(pages)] == ["題"]
        assert set(site.paths()) == {"/catalog"}


def test_the_parser_itself_has_no_way_out() -> None:
    """A context that slipped through would be no request all the same."""
    with Site() as site, pytest.raises(ValueError, match="not fetched"):
        Graph().parse(data=json.dumps({"@context": f"{site.url}/c.jsonld", "@id": "x:y"}), format="json-ld")
    assert site.asked == []


def test_small_entities_and_old_charsets_are_no_crime() -> None:
    """Real RDF/XML declares its namespaces as entities; some of it is Shift_JIS; stray control characters are dropped."""
    text = """<?xml version="1.0" encoding="Shift_JIS"?>
<!DOCTYPE rdf:RDF [<!ENTITY dcat "http://www.w3.org/ns/dcat#">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="&dcat;">
<dcat:Dataset rdf:about="http://d.example/1"><dct:title>防\x02災\x0bマップ&#x1;</dct:title></dcat:Dataset></rdf:RDF>"""
    with Site({"/catalog": Reply(text.encode("cp932"), headers={"Content-Type": "application/rdf+xml"})}) as site:
        assert [record.stated.title for record in records_of(read(site))] == ["防災マップ"]


def test_records_without_key_or_title_are_left_out() -> None:
    """Two nodes with one identifier, one without a title, one without anything."""
    body = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
[] a dcat:Dataset ; dct:title "甲" ; dct:identifier "same" .
[] a dcat:Dataset ; dct:title "乙" ; dct:identifier "same" .
[] a dcat:Dataset ; dct:title "丙" .
[] a dcat:Dataset .
<http://d.example/9> a dcat:Dataset .
"""
    with Site({"/catalog": Reply(body.encode(), headers={"Content-Type": "text/turtle"})}) as site:
        pages = read(site)
    titles = [record.stated.title for record in records_of(pages)]
    assert len(titles) == 2
    assert "丙" in titles
    assert sorted(codes_of(pages)) == ["no-key", "no-title", "same-key"]


def test_a_dead_address_is_a_clear_problem() -> None:
    """404 for the catalogue."""
    with Site() as site, pytest.raises(SourceRefuses):
        read(site)
    assert issubclass(SourceRefuses, Problem)

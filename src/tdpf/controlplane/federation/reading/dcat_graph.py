"""A DCAT graph (1, 2, 3, DCAT-AP, as CKAN and others write it) → what it states about each dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from tdpf.controlplane.catalog.types import StatedDataset, StatedDistribution
from tdpf.controlplane.federation.reading.boxes import Box, box_of
from tdpf.controlplane.federation.reading.taking import MALFORMED, NO_KEY, NO_TITLE, TITLE, Taking, short_key
from tdpf.controlplane.federation.types import LeftOut, ReadRecord

_NAMESPACES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "schemas": "https://schema.org/",
    "locn": "http://www.w3.org/ns/locn#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "time": "http://www.w3.org/2006/time#",
    "adms": "http://www.w3.org/ns/adms#",
}
_DISTRIBUTIONS = 2000
_RESOURCES = 5000
_ORIGINAL_DEPTH = 5


def _p(name: str) -> URIRef:
    prefix, _, local = name.partition(":")
    return URIRef(_NAMESPACES[prefix] + local)


_LABELS = tuple(
    _p(name)
    for name in (
        "skos:prefLabel", "rdfs:label", "foaf:name", "dct:title", "vcard:fn", "vcard:organization-name", "vcard:hasFN",
        "schema:name", "schemas:name", "locn:geographicName",
    )
)  # fmt: skip
DATASET = _p("dcat:Dataset")


def dataset_nodes(graph: Graph) -> list[Node]:
    """Return the nodes of all datasets, those a catalogue lists and those that only have the type, in a stable order."""
    found = dict.fromkeys(graph.subjects(RDF.type, DATASET))
    found |= dict.fromkeys(node for node in graph.objects(None, _p("dcat:dataset")) if (node, None, None) in graph)
    found |= dict.fromkeys(graph.subjects(RDF.type, _p("dcat:DatasetSeries")))
    return sorted(found, key=lambda node: (isinstance(node, BNode), str(node)))


def read_dataset(graph: Graph, node: Node, *, where: str) -> tuple[ReadRecord | None, list[LeftOut]]:
    """Return the record of a dataset node and what was left out of it; None when the whole record had to be."""
    said = _Said(graph, node)
    taking = Taking(where)
    identifier = taking.text(said.text("dct:identifier", "dc:identifier"), "identifier")
    title = taking.text(said.text("dct:title", "dc:title", "rdfs:label", "schema:name"), "title", limit=TITLE)
    landing = taking.address(said.value("dcat:landingPage", "foaf:page", "foaf:homepage"), "landing_url", at=where)
    taking.record_id = _key(node, identifier, landing, title)
    if not taking.record_id:
        return None, [taking.refusal("no-key", NO_KEY)]
    if not title:
        return None, [*taking.left_out, taking.refusal("no-title", NO_TITLE)]
    try:
        stated = _stated(said, taking, title, identifier, landing, where)
    except (TypeError, ValueError, RecursionError):
        return None, [*taking.left_out, taking.refusal("malformed", MALFORMED)]
    own = str(node) if isinstance(node, URIRef) and str(node).startswith(("http://", "https://")) else ""
    original = taking.original(_described(graph, node, set(), 0))
    return ReadRecord(stated=stated, url=landing or own or where, original=original, where=where), taking.left_out


class _Said:
    """What a graph says about one node."""

    def __init__(self, graph: Graph, node: Node) -> None:
        self.graph = graph
        self.node = node

    def all(self, *names: str) -> list[Node]:
        """Return the objects of the first property that has any, in a stable order."""
        for name in names:
            found = sorted(
                self.graph.objects(self.node, _p(name)), key=lambda node: (not isinstance(node, Literal), str(node))
            )
            if found:
                return found
        return []

    def text(self, *names: str, language: str = "ja") -> str:
        """Return the literal in the language, else without one, else any; for English only the English one."""
        return _in_language([node for node in self.all(*names) if isinstance(node, Literal)], language)

    def value(self, *names: str) -> str:
        """Return an address or text, as it stands."""
        return next((str(node) for node in self.all(*names) if not isinstance(node, BNode)), "")

    def label(self, *names: str, language: str = "ja") -> str:
        """Return what the node at the other end is called, the literal itself, or its address."""
        return next((word for node in self.all(*names) if (word := self.called(node, language))), "")

    def labels(self, *names: str) -> list[str]:
        """Return what every node at the other end is called."""
        return [word for node in self.all(*names) if (word := self.called(node))]

    def called(self, node: Node, language: str = "ja") -> str:
        """Return the name of a node: its label here, the literal, or its address."""
        if isinstance(node, Literal):
            return str(node)
        for label in _LABELS:
            words = [word for word in self.graph.objects(node, label) if isinstance(word, Literal)]
            if words:
                return _in_language(words, language)
        return str(node) if isinstance(node, URIRef) else ""

    def at(self, *names: str) -> Iterator[_Said]:
        """Yield the nodes at the other end, except literals."""
        for node in self.all(*names):
            if not isinstance(node, Literal):
                yield _Said(self.graph, node)


def _stated(said: _Said, taking: Taking, title: str, identifier: str, landing: str, where: str) -> StatedDataset:
    publisher = next(said.at("dct:publisher", "dc:publisher", "schema:publisher"), None)
    contact = next(said.at("dcat:contactPoint", "adms:contactPoint"), None)
    licence = said.value("dct:license", "dct:licence", "schema:license")
    licence_name = said.label("dct:license", "dct:licence", "schema:license")
    period = _period(said, taking)
    return StatedDataset(
        record_id=taking.record_id,
        title=title,
        title_en=taking.text(said.text("dct:title", language="en"), "title_en", limit=TITLE),
        description=taking.prose(said.text("dct:description", "dc:description", "rdfs:comment"), "description"),
        description_en=taking.prose(said.text("dct:description", language="en"), "description_en"),
        themes=taking.texts([*said.labels("dcat:theme"), *said.labels("dct:subject")], "themes", many=50),
        keywords=taking.texts(_keywords(said), "keywords", limit=200),
        publisher_name=taking.text(said.label("dct:publisher", "dc:publisher", "schema:publisher"), "publisher"),
        publisher_name_en=taking.text(_english(said, "dct:publisher"), "publisher"),
        publisher_id=taking.text(
            publisher.node if publisher and isinstance(publisher.node, URIRef) else "", "publisher_id"
        ),
        publisher_url=_publisher_url(taking, publisher),
        creator_name=taking.text(said.label("dct:creator", "dc:creator"), "creator"),
        licence=taking.text(licence or licence_name, "licence"),
        licence_name=taking.text("" if licence_name == licence else licence_name, "licence"),
        licence_url=licence if licence.startswith(("http://", "https://")) else "",
        rights=taking.prose(said.label("dct:rights", "dc:rights"), "rights"),
        access_rights=taking.text(said.label("dct:accessRights"), "access_rights"),
        languages=taking.texts(said.labels("dct:language", "dc:language"), "languages", many=50),
        frequency=taking.text(said.label("dct:accrualPeriodicity"), "frequency"),
        spatial=taking.texts(_places(said), "spatial", many=200),
        bbox=_box(said),
        period_start=period[0],
        period_end=period[1],
        period_text=period[2],
        issued=taking.moment(said.value("dct:issued", "schema:datePublished"), "issued"),
        modified=taking.moment(said.value("dct:modified", "dc:date", "schema:dateModified"), "modified"),
        contact_name=taking.text(
            said.label("dcat:contactPoint", "adms:contactPoint") if contact is None or _named(contact) else "",
            "contact",
        ),
        contact_email=taking.text(
            unquote(contact.value("vcard:hasEmail", "vcard:email", "foaf:mbox")) if contact else "", "contact"
        ).removeprefix("mailto:"),
        contact_url=taking.address(
            contact.value("vcard:hasURL", "vcard:url", "foaf:page") if contact else "", "contact", at=where
        ),
        landing_url=landing,
        identifier=identifier or (str(said.node) if isinstance(said.node, URIRef) else ""),
        provenance=taking.prose(said.label("dct:provenance"), "provenance"),
        conforms_to=taking.texts(said.labels("dct:conformsTo"), "conforms_to", many=50),
        distributions=_distributions(said, taking, where),
        extras=_extras(said, taking),
    )


def _distributions(said: _Said, taking: Taking, where: str) -> tuple[StatedDistribution, ...]:
    found = [
        _distribution(entry, taking, where)
        for entry in list(said.at("dcat:distribution", "schema:distribution"))[:_DISTRIBUTIONS]
    ]
    return tuple(
        sorted(
            (entry for entry in found if entry is not None), key=lambda entry: (entry.title, entry.url, entry.record_id)
        )
    )


def _distribution(entry: _Said, taking: Taking, where: str) -> StatedDistribution | None:
    if (entry.node, None, None) not in entry.graph:
        own = taking.address(str(entry.node) if isinstance(entry.node, URIRef) else "", "distribution", at=where)
        return StatedDistribution(access_url=own) if own else None
    service = next(entry.at("dcat:accessService"), None)
    media = entry.label("dcat:mediaType")
    form = entry.label("dct:format", "dc:format")
    return StatedDistribution(
        record_id=str(entry.node)
        if isinstance(entry.node, URIRef)
        else taking.text(entry.text("dct:identifier"), "distribution"),
        title=taking.text(entry.text("dct:title", "rdfs:label", "foaf:name"), "distribution.title", limit=TITLE),
        description=taking.prose(entry.text("dct:description"), "distribution.description"),
        url=taking.address(entry.value("dcat:downloadURL"), "distribution.url", at=where),
        access_url=taking.address(
            entry.value("dcat:accessURL") or (service.value("dcat:endpointURL") if service else ""),
            "distribution.access_url",
            at=where,
        ),
        format=taking.text(
            form.rsplit("/", 1)[-1] if form.startswith("http") else form, "distribution.format", limit=200
        ),
        media_type=taking.text(media.split("/media-types/", 1)[-1], "distribution.media_type", limit=200),
        size=taking.size(entry.value("dcat:byteSize", "schema:contentSize"), "distribution.size"),
        licence=taking.text(
            entry.value("dct:license", "dct:licence") or entry.label("dct:license", "dct:rights"),
            "distribution.licence",
        ),
        issued=taking.moment(entry.value("dct:issued"), "distribution.issued"),
        modified=taking.moment(entry.value("dct:modified"), "distribution.modified"),
        language=taking.text(entry.label("dct:language"), "distribution.language", limit=100),
        conforms_to=taking.texts(entry.labels("dct:conformsTo"), "distribution.conforms_to", many=20),
    )


def _key(node: Node, identifier: str, landing: str, title: str) -> str:
    """Return a key that stays between runs: the node's address, its identifier, its page, or what its title gives."""
    if isinstance(node, URIRef):
        return short_key(str(node))
    if identifier or landing:
        return short_key(identifier or landing)
    return f"title:{hashlib.sha256(title.encode()).hexdigest()[:24]}" if title else ""


def _in_language(words: list[Any], language: str) -> str:
    """Return the word in the language; for Japanese also one without language, then any."""
    for wanted in (language,) if language != "ja" else ("ja", "", "en"):
        for word in words:
            spoken = (word.language or "").lower().split("-")[0]
            if spoken == wanted:
                return str(word)
    return str(words[0]) if words and language == "ja" else ""


def _english(said: _Said, name: str) -> str:
    for entry in said.at(name):
        for label in _LABELS:
            words = [
                word for word in said.graph.objects(entry.node, label) if isinstance(word, Literal) and word.language
            ]
            if english := _in_language(words, "en"):
                return english
    return ""


def _named(said: _Said) -> bool:
    return any((said.node, label, None) in said.graph for label in _LABELS)


def _keywords(said: _Said) -> list[object]:
    words = [node for node in said.all("dcat:keyword") if isinstance(node, Literal)]
    ours = [str(word) for word in words if (word.language or "ja").lower().startswith("ja")]
    return list(ours or [str(word) for word in words])


def _publisher_url(taking: Taking, publisher: _Said | None) -> str:
    if publisher is None:
        return ""
    own = str(publisher.node) if isinstance(publisher.node, URIRef) and str(publisher.node).startswith("http") else ""
    return taking.address(publisher.value("foaf:homepage", "schema:url") or own, "publisher_url")


def _places(said: _Said) -> list[object]:
    found: list[object] = []
    for node in said.all("dct:spatial", "dc:coverage"):
        called = said.called(node)
        if called:
            found.append(called)
        if isinstance(node, URIRef) and called != str(node):
            found.append(str(node))
    return found


def _box(said: _Said) -> Box | None:
    for place in said.at("dct:spatial"):
        for node in place.all("dcat:bbox", "locn:geometry", "dcat:centroid", "schema:box"):
            if isinstance(node, Literal) and (box := box_of(str(node))):
                return box
    return next(
        (box for node in said.all("dct:spatial") if isinstance(node, Literal) and (box := box_of(str(node)))), None
    )


def _period(said: _Said, taking: Taking) -> tuple[str, str, str]:
    for period in said.at("dct:temporal"):
        start = period.value("dcat:startDate", "schema:startDate", "schemas:startDate") or _instant(
            period, "time:hasBeginning"
        )
        end = period.value("dcat:endDate", "schema:endDate", "schemas:endDate") or _instant(period, "time:hasEnd")
        if start or end:
            return taking.day(start, "period"), taking.day(end, "period"), ""
    words = said.label("dct:temporal")
    if words.count("/") == 1 and len(words) < 80:
        start, _, end = words.partition("/")
        return taking.day(start, "period"), taking.day(end, "period"), ""
    return "", "", taking.text("" if words.startswith("_:") else words, "period")


def _instant(period: _Said, name: str) -> str:
    return next(
        (
            found
            for entry in period.at(name)
            if (found := entry.value("time:inXSDDate", "time:inXSDDateTime", "time:inXSDDateTimeStamp"))
        ),
        "",
    )


def _extras(said: _Said, taking: Taking) -> dict[str, str]:
    found = {
        "version": said.value("dcat:version", "owl:versionInfo", "adms:version"),
        "version_notes": said.text("adms:versionNotes"),
        "type": said.label("dct:type"),
        "see_also": said.value("rdfs:seeAlso"),
    }
    return {key: taking.prose(value, f"extras.{key}", limit=4000) for key, value in found.items() if value}


def _described(graph: Graph, node: Node, seen: set[Node], depth: int) -> Any:
    """Return what the graph says about a node as expanded JSON-LD, with what it points at up to a few steps."""
    if isinstance(node, Literal):
        value: dict[str, Any] = {"@value": str(node)}
        if node.language:
            value["@language"] = node.language
        elif node.datatype:
            value["@type"] = str(node.datatype)
        return value
    own: dict[str, Any] = {"@id": str(node)} if isinstance(node, URIRef) else {}
    if node in seen or depth >= _ORIGINAL_DEPTH or len(seen) > _RESOURCES:
        return own
    seen.add(node)
    by_name: dict[str, list[Any]] = {}
    for name, target in sorted(graph.predicate_objects(node), key=lambda pair: (str(pair[0]), _sort_key(pair[1]))):
        by_name.setdefault(str(name), []).append(_described(graph, target, seen, depth + 1))
    return own | {name: _sorted(values) for name, values in by_name.items()}


def _sort_key(node: Node) -> tuple[bool, str]:
    return (isinstance(node, BNode), "" if isinstance(node, BNode) else str(node))


def _sorted(values: Iterable[Any]) -> list[Any]:
    """Order values by what they say, so that the same record is the same text every time (blank nodes have no order)."""
    return sorted(values, key=repr)

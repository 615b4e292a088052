"""JSON-LD contexts that catalogues name by address, built in: a stranger's context is never fetched."""

from __future__ import annotations

from typing import Any

_PREFIXES: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dcterms": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#",
    "prov": "http://www.w3.org/ns/prov#",
    "locn": "http://www.w3.org/ns/locn#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "schema": "http://schema.org/",
    "org": "http://www.w3.org/ns/org#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "dcatap": "http://data.europa.eu/r5r/",
    "pod": "https://project-open-data.cio.gov/v1.1/schema#",
}


def _link(address: str) -> dict[str, str]:
    return {"@id": address, "@type": "@id"}


# The terms under which DCAT is written without prefixes (DCAT-US, DCAT-AP's own context).
_DCAT: dict[str, Any] = {
    **_PREFIXES,
    "Catalog": "dcat:Catalog",
    "Dataset": "dcat:Dataset",
    "Distribution": "dcat:Distribution",
    "DataService": "dcat:DataService",
    "dataset": "dcat:dataset",
    "distribution": "dcat:distribution",
    "record": "dcat:record",
    "service": "dcat:service",
    "title": "dct:title",
    "name": "foaf:name",
    "description": "dct:description",
    "identifier": "dct:identifier",
    "issued": "dct:issued",
    "modified": "dct:modified",
    "language": "dct:language",
    "publisher": "dct:publisher",
    "creator": "dct:creator",
    "license": _link("dct:license"),
    "rights": "dct:rights",
    "accessRights": "dct:accessRights",
    "accrualPeriodicity": "dct:accrualPeriodicity",
    "spatial": "dct:spatial",
    "temporal": "dct:temporal",
    "startDate": "dcat:startDate",
    "endDate": "dcat:endDate",
    "bbox": "dcat:bbox",
    "conformsTo": _link("dct:conformsTo"),
    "provenance": "dct:provenance",
    "keyword": "dcat:keyword",
    "theme": "dcat:theme",
    "landingPage": _link("dcat:landingPage"),
    "contactPoint": "dcat:contactPoint",
    "fn": "vcard:fn",
    "hasEmail": "vcard:hasEmail",
    "hasURL": "vcard:hasURL",
    "downloadURL": _link("dcat:downloadURL"),
    "accessURL": _link("dcat:accessURL"),
    "accessService": "dcat:accessService",
    "endpointURL": _link("dcat:endpointURL"),
    "mediaType": "dcat:mediaType",
    "format": "dct:format",
    "byteSize": "dcat:byteSize",
    "prefLabel": "skos:prefLabel",
    "homepage": _link("foaf:homepage"),
    "version": "dcat:version",
}
_SCHEMA: dict[str, Any] = {**_PREFIXES, "@vocab": "http://schema.org/"}
_DEPTH = 200


def with_known_contexts(value: Any) -> tuple[Any, list[str]]:
    """Return the value with every context named by address replaced by a built-in one, and the addresses nobody knew."""
    unknown: list[str] = []
    return _replaced(value, unknown, 0), list(dict.fromkeys(unknown))


def _replaced(value: Any, unknown: list[str], depth: int) -> Any:
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [_replaced(entry, unknown, depth + 1) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _context(entry, unknown, depth + 1) if key == "@context" else _replaced(entry, unknown, depth + 1)
        for key, entry in value.items()
    }


def _context(value: Any, unknown: list[str], depth: int) -> Any:
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [_context(entry, unknown, depth + 1) for entry in value]
    if isinstance(value, str):
        lowered = value.lower()
        if "schema.org" in lowered:
            return _SCHEMA
        if not any(word in lowered for word in ("dcat", "project-open-data", "catalog.jsonld")):
            unknown.append(value)
        return _DCAT
    return _terms(value, unknown, depth) if isinstance(value, dict) else None


def _terms(value: Any, unknown: list[str], depth: int) -> Any:
    """Return what a context defines: at any depth in it another context may stand ("@context") or be named ("@import")."""
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [_terms(entry, unknown, depth + 1) for entry in value]
    if not isinstance(value, dict):
        return value
    # JSON-LD 1.1 §4.1.10: a second way to name a context by address.
    if isinstance(value.get("@import"), str):
        unknown.append(value["@import"])
    return {
        key: (_context if key == "@context" else _terms)(entry, unknown, depth + 1)
        for key, entry in value.items()
        if key != "@import"
    }

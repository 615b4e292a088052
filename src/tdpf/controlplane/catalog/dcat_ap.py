"""A dataset as DCAT-AP 3 (semiceu.github.io/DCAT-AP/releases/3.0.0), as JSON-LD; pure functions of its page.

The nodes use only prefixed names, `@id`, `@type`, `@value`, `@language` and lists, so that they can be written in every
notation without an RDF library.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

from tdpf.controlplane.catalog.addresses import collection_of, downloads, known_format, whole_files
from tdpf.controlplane.catalog.inferences import dqv_annotations
from tdpf.controlplane.catalog.quality.dqv import DQV_CONTEXT, dqv_measurements
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage, MadeBy, Place
from tdpf.controlplane.catalog.vocabularies.areas import area_label
from tdpf.controlplane.catalog.vocabularies.formats import EU_FILE_TYPE_ROOT, FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import EU_LANGUAGE_ROOT, EU_LANGUAGES
from tdpf.controlplane.catalog.vocabularies.licences import EU_LICENCE_ROOT, LICENCES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.text import Text

Json = dict[str, Any]
_EU = "http://publications.europa.eu/resource/authority/"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_IN_IRIS = "!#$%&'()*+,/:;=?@~-._"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0"
# The EU's categories of high-value datasets that a whole theme belongs to; themes that only touch one have none.
_HIGH_VALUE = {
    "population": "http://data.europa.eu/bna/c_e1da4e07",
    "transport": "http://data.europa.eu/bna/c_b79e35eb",
}
DCAT_CONTEXT: Json = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "oa": "http://www.w3.org/ns/oa#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    **DQV_CONTEXT,
}


def dcat(page: DatasetPage, *, base_url: str, with_quality: bool = True) -> Json:
    """Return dcat:Dataset, texts tagged with their language; `base_url` without slash at its end.

    What a harvested dataset was derived from is said by prov:wasDerivedFrom; its quality is measured in DQV,
    where every property that the platform inferred is named with the reason. A high-value category is never inferred.
    """
    address = f"{base_url}/dataset/{page.slug}"
    issued = page.source_issued_at or page.published_at
    version = page.main.latest if page.main else None
    found: Json = {
        "@context": DCAT_CONTEXT,
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": page.uid,
        "dct:title": tagged(page.title),
        "dct:description": tagged(page.description) or tagged(page.title),
        "dcat:keyword": [{"@value": word, "@language": "ja"} for word in page.keywords],
        "dcat:theme": [
            {"@id": THEMES[code].uri, "@type": "skos:Concept", "skos:prefLabel": tagged(THEMES[code].label)}
            for code in page.themes
            if code in THEMES
        ],
        "dcatap:hvdCategory": [_concept(_HIGH_VALUE[code]) for code in page.themes if code in _HIGH_VALUE]
        if "themes" not in page.inferred or "themes" in page.corrected
        else [],
        "dct:publisher": _agent(page, base_url),
        "dct:creator": _creator(page),
        "dcat:contactPoint": _contact(page),
        "dct:issued": moment(issued.isoformat()) if issued else None,
        "dct:modified": moment(page.modified_at.isoformat()),
        "dcat:version": str(version.number) if version else "",
        "dct:accrualPeriodicity": _of_kind(FREQUENCIES[page.update_frequency].uri, "dct:Frequency")
        if page.update_frequency in FREQUENCIES
        else None,
        "dct:language": [
            _of_kind(EU_LANGUAGE_ROOT + EU_LANGUAGES[code], "dct:LinguisticSystem")
            for code in page.languages
            if code in EU_LANGUAGES
        ],
        "dct:spatial": [
            {
                "@type": "dct:Location",
                "dct:identifier": code,
                "skos:prefLabel": tagged(area_label(code)),
            }
            for code in page.area_codes
        ],
        "dct:temporal": without_empty(
            {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _day(page.period_start),
                "dcat:endDate": _day(page.period_end),
            }
        )
        if page.period_start or page.period_end
        else None,
        "dct:accessRights": _access_rights(page),
        "odrl:hasPolicy": _policy(page, base_url),
        "dcat:landingPage": _document(_safe(page.landing_url) or f"{base_url}/datasets/{page.slug}"),
        "foaf:page": _pages(page, base_url),
        "dct:provenance": _provenance(page.places),
        "prov:wasDerivedFrom": [{"@id": _safe(place.url)} for place in page.places if _safe(place.url)],
        "dcat:distribution": [
            _distribution(page, distribution, code, url, base_url)
            for distribution in page.distributions
            for code, url in downloads(page, distribution, base_url)
        ],
        "dqv:hasQualityAnnotation": dqv_annotations(page, dataset_uri=address, base_url=base_url),
    }
    if with_quality and (page.mqa_points or page.stars):
        found["dqv:hasQualityMeasurement"] = dqv_measurements(page, dataset_uri=address, base_url=base_url)
    return without_empty(found)


def catalog_record(page: DatasetPage, *, base_url: str) -> Json:
    """Return dcat:CatalogRecord: since when a dataset is listed here, and the record elsewhere that it comes from."""
    first = page.places[0] if page.places else None
    source = _safe(first.url) if first else ""
    return without_empty(
        {
            "@id": f"{base_url}/catalog/records/{page.uid}",
            "@type": "dcat:CatalogRecord",
            "foaf:primaryTopic": {"@id": f"{base_url}/dataset/{page.slug}"},
            "dct:issued": moment(page.created_at.isoformat()),
            "dct:modified": moment((page.recorded_at or page.modified_at).isoformat()),
            "dct:source": {
                "@id": source,
                "@type": "dcat:CatalogRecord",
                "foaf:primaryTopic": {"@id": f"{base_url}/dataset/{page.slug}"},
                "dct:identifier": first.record_id,
                "dct:title": tagged(first.site_name),
                "dct:modified": moment(first.last_seen_at.isoformat()),
            }
            if first and source
            else None,
        }
    )


def data_service(base_url: str) -> Json:
    """Return dcat:DataService of `/data`: OGC API Features over every table."""
    return {
        "@id": f"{base_url}/data",
        "@type": "dcat:DataService",
        "dct:title": tagged(Text("TDPF データAPI", "TDPF data API")),
        "dct:description": tagged(
            Text("OGC API Features と CQL2 で行を問い合わせます。", "Rows by OGC API Features with CQL2 filters.")
        ),
        "dcat:endpointURL": {"@id": f"{base_url}/data", "@type": "rdfs:Resource"},
        "dcat:endpointDescription": {"@id": f"{base_url}/data/api", "@type": "rdfs:Resource"},
        "dct:conformsTo": _of_kind(_FEATURES, "dct:Standard"),
        "dct:accessRights": _of_kind(f"{_EU}access-right/PUBLIC", "dct:RightsStatement"),
    }


def _distribution(page: DatasetPage, distribution: DistributionPage, code: str, url: str, base_url: str) -> Json:
    link, latest = distribution.kind in ("link", "api", "stream"), distribution.latest
    is_file = distribution.kind == "file" and latest is not None
    is_table = distribution.kind == "table" and (distribution.holding == "held" or bool(distribution.place_mark))
    whole = dict(whole_files(page, distribution, base_url)).get(code, "") if is_table else url
    access = _safe(distribution.access_url) or _safe(url) or f"{base_url}/datasets/{page.slug}"
    if is_table:
        access = f"{base_url}/data/collections/{quote(collection_of(page, distribution))}/items"
    size = latest.original_bytes if is_file and latest else distribution.size if link else None
    modified = latest.published_at if latest else distribution.source_modified_at
    return without_empty(
        {
            "@id": f"{base_url}/dataset/{page.slug}#{distribution.name}-{code.lower()}",
            "@type": "dcat:Distribution",
            "dct:title": tagged(distribution.title),
            "dct:description": tagged(distribution.description) or tagged(distribution.title),
            "dcat:accessURL": {"@id": access, "@type": "rdfs:Resource"},
            "dcat:downloadURL": {"@id": _safe(whole), "@type": "rdfs:Resource"}
            if _safe(whole) and (not link or known_format(code) not in ("API", "HTML", "OTHER"))
            else None,
            "dcat:accessService": data_service(base_url) if is_table else None,
            "dct:format": _format(code),
            "dcat:mediaType": _of_kind(_MEDIA_TYPES + FORMATS[code].media_type, "dct:MediaType")
            if code != "OTHER"
            else None,
            "dct:license": _licence(page, distribution),
            "dct:rights": {
                "@type": "dct:RightsStatement",
                "rdfs:label": tagged(Text(page.attribution, page.attribution)),
            }
            if page.attribution
            else None,
            "odrl:hasPolicy": _policy(page, base_url),
            "dct:issued": moment(latest.published_at.isoformat()) if latest else None,
            "dct:modified": moment(modified.isoformat()) if modified else None,
            "dcatap:availability": _availability(distribution),
            "adms:status": _concept(f"{_EU}distribution-status/COMPLETED"),
            "dcat:byteSize": {"@value": str(size), "@type": "xsd:nonNegativeInteger"} if size else None,
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": _of_kind(_SHA256, "spdx:ChecksumAlgorithm"),
                "spdx:checksumValue": {"@value": latest.original_sha256, "@type": "xsd:hexBinary"},
            }
            if is_file and latest and latest.original_sha256
            else None,
            "prov:wasGeneratedBy": _made_by(latest.made_by) if latest and latest.made_by else None,
        }
    )


def _made_by(made: MadeBy) -> Json:
    """Return the run of the recipe that made a version (PROV-O 3.1, 3.3): its inputs, its plan, the program."""
    return {
        "@type": "prov:Activity",
        "prov:used": [{"@id": _named(sha256), "@type": "prov:Entity"} for sha256 in made.inputs],
        "prov:qualifiedAssociation": {
            "@type": "prov:Association",
            "prov:hadPlan": {"@id": _named(made.recipe_sha256), "@type": "prov:Plan"},
            "prov:agent": {"@type": "prov:SoftwareAgent", "rdfs:label": f"TDPF preparation engine {made.engine}"},
        },
    }


def _named(sha256: str) -> str:
    """Return the name of bytes by their hash (RFC 6920, 3)."""
    return f"ni:///sha-256;{urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip('=')}"


def _format(code: str) -> Json:
    entry = FORMATS[code]
    if entry.eu:
        return _of_kind(EU_FILE_TYPE_ROOT + entry.eu, "dct:MediaTypeOrExtent")
    return {"@type": "dct:MediaTypeOrExtent", "rdfs:label": entry.label.en}


def _availability(distribution: DistributionPage) -> Json | None:
    """Held data stay; a link is there as far as was seen, and a broken one is not said to be."""
    if distribution.link_state == "broken":
        return None
    return _concept(f"{_EU}planned-availability/{'STABLE' if distribution.holding == 'held' else 'AVAILABLE'}")


def _licence(page: DatasetPage, distribution: DistributionPage) -> Json | None:
    licence = LICENCES.get(distribution.licence) or LICENCES.get(page.licence)
    address = EU_LICENCE_ROOT + licence.eu if licence and licence.eu else _safe(page.licence_url)
    if address:
        return _of_kind(address, "dct:LicenseDocument")
    if page.licence == "not-stated" or not page.licence_name.ja:
        return None
    return {"@type": "dct:LicenseDocument", "dct:title": tagged(page.licence_name)}


def _access_rights(page: DatasetPage) -> Json:
    code = "PUBLIC" if page.access == "open" else "RESTRICTED"
    return _of_kind(f"{_EU}access-right/{code}", "dct:RightsStatement")


def _policy(page: DatasetPage, base_url: str) -> Json | None:
    if page.origin != "registered":
        return None
    return _of_kind(f"{base_url}/datasets/{page.slug}/terms.odrl.jsonld", "odrl:Policy")


def _pages(page: DatasetPage, base_url: str) -> list[Json]:
    own = f"{base_url}/datasets/{page.slug}"
    found = [own, *(place.url for place in page.places if place.gone_at is None)]
    return [_document(address) for address in dict.fromkeys(_safe(one) for one in found) if address]


def _provenance(places: tuple[Place, ...]) -> Json | None:
    if not places:
        return None
    names_ja = "、".join(place.site_name.ja for place in places)
    names_en = ", ".join(place.site_name.en for place in places)
    words = Text(f"{names_ja} から自動収集しました。", f"Harvested from {names_en}.")
    return {"@type": "dct:ProvenanceStatement", "rdfs:label": tagged(words)}


def _agent(page: DatasetPage, base_url: str) -> Json:
    kind = "foaf:Person" if page.provider.kind == "person" else "foaf:Organization"
    found = {
        "@id": f"{base_url}/publishers/{page.provider.slug}",
        "@type": ["foaf:Agent", kind],
        "foaf:name": tagged(page.provider.name),
        "dct:type": _concept("http://purl.org/adms/publishertype/PrivateIndividual(s)")
        if kind == "foaf:Person"
        else None,
    }
    return without_empty(found)


def _creator(page: DatasetPage) -> Json | None:
    name = page.stated.creator_name if page.stated else ""
    return {"@type": "foaf:Agent", "foaf:name": [{"@value": name, "@language": "ja"}]} if name else None


def _contact(page: DatasetPage) -> Json | None:
    if not (page.contact_name or page.contact_email or page.contact_url):
        return None
    return without_empty(
        {
            "@type": ["vcard:Kind", "vcard:Organization"],
            "vcard:fn": page.contact_name or page.provider.name.ja,
            "vcard:hasEmail": {"@id": f"mailto:{quote(page.contact_email, safe='@+.')}"}
            if page.contact_email
            else None,
            "vcard:hasURL": {"@id": _safe(page.contact_url)} if _safe(page.contact_url) else None,
        }
    )


def tagged(text: Text) -> list[Json]:
    """Return a text's words, each with its language; English only where it differs."""
    found = [{"@value": text.ja, "@language": "ja"}] if text.ja else []
    if text.en and text.en != text.ja:
        found.append({"@value": text.en, "@language": "en"})
    return found


def moment(text: str) -> Json:
    """Return an xsd:dateTime."""
    return {"@value": text, "@type": "xsd:dateTime"}


def without_empty(entry: Json) -> Json:
    """Return the entry without members that say nothing."""
    return {name: value for name, value in entry.items() if value not in (None, "", [], {})}


def _of_kind(address: str, kind: str) -> Json:
    return {"@id": address, "@type": kind}


def _concept(address: str) -> Json:
    return _of_kind(address, "skos:Concept")


def _document(address: str) -> Json:
    return _of_kind(address, "foaf:Document")


def _safe(address: str) -> str:
    """Return an address of the web with what no IRI may hold percent-encoded (RFC 3987), "" when it is none."""
    if not address.lower().startswith(("http://", "https://", "ftp://")):
        return ""
    return "".join(
        char if char > "~" and char.isprintable() else quote(char, safe=_IN_IRIS) for char in address.strip()
    )


def _day(day: Any) -> Json | None:
    return {"@value": day.isoformat(), "@type": "xsd:date"} if day else None

"""A dataset for machines: schema.org Dataset and DCAT 3 (DCAT-AP 3) as JSON-LD, pure functions of its page."""

from __future__ import annotations

from typing import Any

from tdpf.controlplane.catalog.addresses import downloads
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.controlplane.catalog.vocabularies.areas import area_label
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS
from tdpf.controlplane.catalog.vocabularies.frequencies import FREQUENCIES
from tdpf.controlplane.catalog.vocabularies.languages import EU_LANGUAGE_ROOT, EU_LANGUAGES
from tdpf.controlplane.catalog.vocabularies.themes import THEMES
from tdpf.kit.text import Text

Json = dict[str, Any]
_LICENCE_URI = {
    "CC0-1.0": "http://publications.europa.eu/resource/authority/licence/CC0",
    "CC-BY-4.0": "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
    "CC-BY-SA-4.0": "http://publications.europa.eu/resource/authority/licence/CC_BYSA_4_0",
}
_ACCESS_RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
_MAX_VARIABLES = 200
_CONTEXT: Json = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
}


def schema_org(page: DatasetPage, *, base_url: str) -> Json:
    """Return schema.org Dataset as JSON-LD for the dataset's page; `base_url` is the platform's address without slash."""
    address = f"{base_url}/datasets/{page.slug}"
    main = page.main.latest if page.main else None
    found: Json = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": address,
        "url": address,
        "identifier": page.uid,
        "name": page.title.ja,
        "alternateName": page.title.en if page.title.en != page.title.ja else "",
        "description": page.description.ja[:5000] or page.title.ja,
        "keywords": list(page.keywords),
        "inLanguage": list(page.languages),
        "license": page.licence_url or page.licence_name.ja,
        "isAccessibleForFree": page.access != "paid",
        "creator": _schema_agent(page),
        "publisher": _schema_agent(page),
        "creditText": page.attribution,
        "sameAs": page.landing_url,
        "dateCreated": page.created_at.isoformat(),
        "datePublished": page.published_at.isoformat() if page.published_at else "",
        "dateModified": page.modified_at.isoformat(),
        "version": str(main.number) if main else "",
        "temporalCoverage": _period(page),
        "spatialCoverage": [
            {"@type": "Place", "name": area_label(code).ja, "identifier": code} for code in page.area_codes
        ],
        "variableMeasured": [
            _without_empty(
                {
                    "@type": "PropertyValue",
                    "name": str(entry["name"]),
                    "description": entry.get("description") or entry.get("title") or "",
                    "unitText": entry.get("unit") or "",
                }
            )
            for entry in (main.dictionary[:_MAX_VARIABLES] if main else ())
        ],
        "distribution": [
            _without_empty(
                {
                    "@type": "DataDownload",
                    "name": f"{distribution.title.ja} ({FORMATS[code].label.ja})",
                    "contentUrl": download,
                    "encodingFormat": FORMATS[code].media_type,
                }
            )
            for distribution in page.distributions
            for code, download in downloads(page, distribution, base_url)
        ],
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": "TDPF（東京データプラットフォーム）",
            "url": base_url,
        },
    }
    return _without_empty(found)


def dcat(page: DatasetPage, *, base_url: str) -> Json:
    """Return dcat:Dataset as JSON-LD, texts tagged with their language; `base_url` without slash at its end."""
    address = f"{base_url}/dataset/{page.slug}"
    found: Json = {
        "@context": _CONTEXT,
        "@id": address,
        "@type": "dcat:Dataset",
        "dct:identifier": page.uid,
        "dct:title": _tagged(page.title),
        "dct:description": _tagged(page.description) or _tagged(page.title),
        "dcat:keyword": [{"@value": word, "@language": "ja"} for word in page.keywords],
        "dcat:theme": [{"@id": THEMES[code].uri} for code in page.themes if code in THEMES],
        "dct:publisher": _dcat_agent(page, base_url),
        "dcat:contactPoint": _contact(page),
        "dct:issued": _moment(page.published_at.isoformat()) if page.published_at else None,
        "dct:modified": _moment(page.modified_at.isoformat()),
        "dct:accrualPeriodicity": {"@id": FREQUENCIES[page.update_frequency].uri}
        if page.update_frequency in FREQUENCIES
        else None,
        "dct:language": [
            {"@id": EU_LANGUAGE_ROOT + EU_LANGUAGES[code]} for code in page.languages if code in EU_LANGUAGES
        ],
        "dct:spatial": [
            {"@type": "dct:Location", "dct:identifier": code, "dct:title": _tagged(area_label(code))}
            for code in page.area_codes
        ],
        "dct:temporal": _without_empty(
            {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _day(page.period_start),
                "dcat:endDate": _day(page.period_end),
            }
        )
        if page.period_start or page.period_end
        else None,
        "dct:accessRights": {"@id": _ACCESS_RIGHTS + ("PUBLIC" if page.access == "open" else "RESTRICTED")},
        "dcat:landingPage": {"@id": page.landing_url or f"{base_url}/datasets/{page.slug}"},
        "dcat:distribution": [
            _dcat_distribution(page, distribution, code, download, base_url)
            for distribution in page.distributions
            for code, download in downloads(page, distribution, base_url)
        ],
    }
    return _without_empty(found)


def _dcat_distribution(page: DatasetPage, distribution: DistributionPage, code: str, url: str, base_url: str) -> Json:
    link = distribution.kind == "link"
    size = distribution.latest.original_bytes if distribution.kind == "file" and distribution.latest else None
    sha = distribution.latest.original_sha256 if distribution.kind == "file" and distribution.latest else ""
    return _without_empty(
        {
            "@id": f"{base_url}/dataset/{page.slug}#{distribution.name}-{code.lower()}",
            "@type": "dcat:Distribution",
            "dct:title": _tagged(distribution.title),
            "dcat:accessURL": {"@id": url},
            "dcat:downloadURL": None if link else {"@id": url},
            "dct:format": FORMATS[code].label.en,
            "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{FORMATS[code].media_type}"},
            "dct:license": {"@id": _LICENCE_URI.get(page.licence) or page.licence_url}
            if page.licence in _LICENCE_URI or page.licence_url
            else {"@type": "dct:LicenseDocument", "dct:title": _tagged(page.licence_name)},
            "dcat:byteSize": {"@value": str(size), "@type": "xsd:nonNegativeInteger"} if size else None,
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": sha,
            }
            if sha
            else None,
        }
    )


def _schema_agent(page: DatasetPage) -> Json:
    kind = "Person" if page.provider.kind == "person" else "Organization"
    agent: Json = {"@type": kind, "name": page.provider.name.ja}
    if page.provider.name.en != page.provider.name.ja:
        agent["alternateName"] = page.provider.name.en
    return agent


def _dcat_agent(page: DatasetPage, base_url: str) -> Json:
    kind = "foaf:Person" if page.provider.kind == "person" else "foaf:Organization"
    return {
        "@id": f"{base_url}/publishers/{page.provider.slug}",
        "@type": [kind, "foaf:Agent"],
        "foaf:name": _tagged(page.provider.name),
    }


def _contact(page: DatasetPage) -> Json | None:
    if not (page.contact_name or page.contact_email or page.contact_url):
        return None
    return _without_empty(
        {
            "@type": "vcard:Kind",
            "vcard:fn": page.contact_name or page.provider.name.ja,
            "vcard:hasEmail": {"@id": f"mailto:{page.contact_email}"} if page.contact_email else None,
            "vcard:hasURL": {"@id": page.contact_url} if page.contact_url else None,
        }
    )


def _tagged(text: Text) -> list[Json]:
    found = [{"@value": text.ja, "@language": "ja"}] if text.ja else []
    if text.en and text.en != text.ja:
        found.append({"@value": text.en, "@language": "en"})
    return found


def _period(page: DatasetPage) -> str:
    if not page.period_start and not page.period_end:
        return ""
    start = page.period_start.isoformat() if page.period_start else ".."
    return f"{start}/{page.period_end.isoformat() if page.period_end else '..'}"


def _moment(text: str) -> Json:
    return {"@value": text, "@type": "xsd:dateTime"}


def _day(day: Any) -> Json | None:
    return {"@value": day.isoformat(), "@type": "xsd:date"} if day else None


def _without_empty(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if value not in (None, "", [], {})}

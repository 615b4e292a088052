"""A dataset as schema.org Dataset in JSON-LD; a pure function of its page."""

from __future__ import annotations

from typing import Any

from tdpf.controlplane.catalog.addresses import whole_files
from tdpf.controlplane.catalog.inferences import schema_org_comments
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.controlplane.catalog.vocabularies.areas import area_label
from tdpf.controlplane.catalog.vocabularies.formats import FORMATS

Json = dict[str, Any]
_MAX_VARIABLES = 200
_SHORTEST = 50


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
        "description": _description(page),
        "keywords": list(page.keywords),
        "inLanguage": list(page.languages),
        "license": page.licence_url or page.licence_name.ja,
        "isAccessibleForFree": page.access != "paid",
        "creator": _schema_agent(page),
        "publisher": _schema_agent(page),
        "creditText": page.attribution,
        "sameAs": page.landing_url,
        "isBasedOn": [place.url for place in page.places if place.url],
        "dateCreated": page.created_at.isoformat(),
        "datePublished": page.published_at.isoformat() if page.published_at else "",
        "dateModified": page.modified_at.isoformat(),
        "version": str(main.number) if main else "",
        "temporalCoverage": _period(page),
        "spatialCoverage": [
            {"@type": "Place", "name": area_label(code).ja, "identifier": code} for code in page.area_codes
        ],
        "comment": schema_org_comments(page),
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
            for code, download in whole_files(page, distribution, base_url)
        ],
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": "TDPF（東京データプラットフォーム）",
            "url": base_url,
        },
    }
    return _without_empty(found)


def _description(page: DatasetPage) -> str:
    """Return 50 to 5000 characters, as search engines ask: a short description is followed by what is known besides."""
    found = page.description.ja or page.title.ja
    if len(found) < _SHORTEST:
        places = "、".join(area_label(code).ja for code in page.area_codes[:3])
        formats = "、".join(FORMATS[code].label.ja for code in page.formats if code in FORMATS)
        found += f" {page.provider.name.ja}が提供する「{page.title.ja}」のデータです。"
        found += f"対象の地域は{places}です。" if places else ""
        found += f"{formats}の形式で入手できます。" if formats else ""
        found += f"利用条件は{page.licence_name.ja}です。"
        found += "東京データプラットフォームのデータライブラリに載っています。" if len(found) < _SHORTEST else ""
    return found[:5000]


def _schema_agent(page: DatasetPage) -> Json:
    kind = "Person" if page.provider.kind == "person" else "Organization"
    agent: Json = {"@type": kind, "name": page.provider.name.ja}
    if page.provider.name.en != page.provider.name.ja:
        agent["alternateName"] = page.provider.name.en
    return agent


def _period(page: DatasetPage) -> str:
    if not page.period_start and not page.period_end:
        return ""
    start = page.period_start.isoformat() if page.period_start else ".."
    return f"{start}/{page.period_end.isoformat() if page.period_end else '..'}"


def _without_empty(entry: Json) -> Json:
    return {name: value for name, value in entry.items() if value not in (None, "", [], {})}

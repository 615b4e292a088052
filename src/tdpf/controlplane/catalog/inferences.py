"""What of a description the platform worked out by itself, as open protocols tell it: which statements, and why.

The value stands where a stated one would, so that no consumer loses it; the note beside it says that nobody stated it.
A correction by the owner or the operator is a stated fact and has none.
"""

from __future__ import annotations

from typing import Any

from tdpf.controlplane.catalog.types import DatasetPage

Json = dict[str, Any]
_PROPERTIES = {
    "title_ja": "http://purl.org/dc/terms/title",
    "themes": "http://www.w3.org/ns/dcat#theme",
    "licence": "http://purl.org/dc/terms/license",
    "access": "http://purl.org/dc/terms/accessRights",
    "area_codes": "http://purl.org/dc/terms/spatial",
    "period": "http://purl.org/dc/terms/temporal",
    "update_frequency": "http://purl.org/dc/terms/accrualPeriodicity",
    "languages": "http://purl.org/dc/terms/language",
}
_SCHEMA_ORG = {
    "title_ja": "name", "licence": "license", "access": "isAccessibleForFree", "area_codes": "spatialCoverage",
    "period": "temporalCoverage", "languages": "inLanguage",
}  # fmt: skip


def inference_notes(page: DatasetPage) -> dict[str, Json]:
    """Return reason (ja, en) and method by the name of each field that was inferred and not put right since."""
    return {
        name: {"reason": {"ja": item.reason.ja, "en": item.reason.en}, "method": item.method}
        for name in page.inferred_fields
        for item in [page.inferred[name]]
    }


def dqv_annotations(page: DatasetPage, *, dataset_uri: str, base_url: str) -> list[Json]:
    """Return a `dqv:QualityAnnotation` (W3C DQV 4.6) for each inferred property, for `dqv:hasQualityAnnotation`.

    Its target is the statement (RDF reification: subject and predicate), its body the reason, its agent the platform.
    """
    return [
        {
            "@id": f"{dataset_uri}#inferred-{name.replace('_', '-')}",
            "@type": ["dqv:QualityAnnotation", "prov:Entity"],
            "oa:motivatedBy": {"@id": "http://www.w3.org/ns/dqv#qualityAssessment"},
            "oa:hasTarget": {
                "@type": "rdf:Statement",
                "rdf:subject": {"@id": dataset_uri},
                "rdf:predicate": {"@id": _PROPERTIES[name]},
            },
            "oa:hasBody": {
                "@type": "oa:TextualBody",
                "rdf:value": [{"@value": words, "@language": tongue} for tongue, words in note["reason"].items()],
            },
            "prov:wasAttributedTo": {
                "@id": f"{base_url}/#inferring",
                "@type": "prov:SoftwareAgent",
                "rdfs:label": "TDPF (inferred)",
            },
        }
        for name, note in inference_notes(page).items()
        if name in _PROPERTIES
    ]


def schema_org_comments(page: DatasetPage) -> list[Json]:
    """Return a schema.org `Comment` for each inferred property, for `comment`."""
    return [
        {
            "@type": "Comment",
            "about": {"@type": "Property", "@id": f"https://schema.org/{_SCHEMA_ORG[name]}"},
            "text": f"推定: {note['reason']['ja']}",
            "author": {"@type": "SoftwareApplication", "name": "TDPF"},
        }
        for name, note in inference_notes(page).items()
        if name in _SCHEMA_ORG
    ]

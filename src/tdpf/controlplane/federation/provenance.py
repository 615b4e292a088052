"""Where a dataset's words come from, as W3C PROV-O in JSON-LD: entity derived from original, activity run, agent site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tdpf.kit.text import Text

CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "spdx": "http://spdx.org/rdf/terms#",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One record of a dataset: the site, its record, the run that read it last, and what happened to it since."""

    site: str
    site_name: Text
    site_url: str
    record_id: str
    url: str
    original_sha256: str
    is_primary: bool
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime
    gone_at: datetime | None
    run_uid: str
    run_started_at: datetime | None
    run_ended_at: datetime | None


def provenance(*, dataset_url: str, base_url: str, sources: Sequence[Source]) -> dict[str, Any]:
    """Return the PROV document of a dataset; `base_url` is the platform's public address without a slash at its end."""
    platform = f"{base_url}/#platform"
    graph: list[dict[str, Any]] = [
        {"@id": platform, "@type": ["prov:Agent", "prov:SoftwareAgent"], "dcterms:title": "TDPF"}
    ]
    derived = [_original_iri(dataset_url, source) for source in sources]
    primary = next((source for source in sources if source.is_primary), None)
    entity: dict[str, Any] = {
        "@id": dataset_url,
        "@type": "prov:Entity",
        "prov:wasAttributedTo": {"@id": platform},
        "prov:wasDerivedFrom": [{"@id": iri} for iri in derived],
    }
    if primary is not None:
        entity["prov:hadPrimarySource"] = {"@id": _original_iri(dataset_url, primary)}
        if primary.run_uid:
            entity["prov:wasGeneratedBy"] = {"@id": _run_iri(base_url, primary.run_uid)}
    graph.append(entity)
    agents: dict[str, dict[str, Any]] = {}
    runs: dict[str, dict[str, Any]] = {}
    for source in sources:
        graph.append(_original(dataset_url, source))
        agents[source.site] = {
            "@id": _site_iri(source),
            "@type": ["prov:Agent", "prov:Organization"],
            "dcterms:title": _texts(source.site_name),
        }
        if source.run_uid:
            runs[source.run_uid] = _run(base_url, source, platform)
    return {"@context": CONTEXT, "@graph": [*graph, *agents.values(), *runs.values()]}


def _original(dataset_url: str, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": _original_iri(dataset_url, source),
        "@type": "prov:Entity",
        "dcterms:identifier": source.record_id,
        "prov:wasAttributedTo": {"@id": _site_iri(source)},
        "prov:generatedAtTime": _time(source.changed_at),
        "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": source.original_sha256},
    }
    if source.url:
        found["dcterms:source"] = {"@id": source.url}
    if source.gone_at:
        found["prov:invalidatedAtTime"] = _time(source.gone_at)
    return found


def _run(base_url: str, source: Source, platform: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": _run_iri(base_url, source.run_uid),
        "@type": "prov:Activity",
        "prov:wasAssociatedWith": [{"@id": platform}, {"@id": _site_iri(source)}],
    }
    if source.run_started_at:
        found["prov:startedAtTime"] = _time(source.run_started_at)
    if source.run_ended_at:
        found["prov:endedAtTime"] = _time(source.run_ended_at)
    return found


def _original_iri(dataset_url: str, source: Source) -> str:
    return f"{dataset_url}/source.json?{urlencode({'site': source.site, 'record': source.record_id})}"


def _run_iri(base_url: str, run_uid: str) -> str:
    return f"{base_url}/runs/{run_uid}"


def _site_iri(source: Source) -> str:
    return source.site_url


def _time(instant: datetime) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": instant.isoformat()}


def _texts(text: Text) -> list[dict[str, str]]:
    found = [{"@language": "ja", "@value": text.ja}]
    return [*found, {"@language": "en", "@value": text.en}] if text.en and text.en != text.ja else found

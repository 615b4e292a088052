"""The measure as W3C Data Quality Vocabulary (DQV): measurements of a dataset, and the definitions of metrics."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tdpf.controlplane.catalog.quality.indicators import DIMENSIONS, INDICATORS, METRIC_ROOT
from tdpf.controlplane.catalog.quality.scoring import page_points
from tdpf.controlplane.catalog.types import DatasetPage
from tdpf.kit.text import Text

Json = dict[str, Any]
DQV_CONTEXT: Json = {
    "dqv": "http://www.w3.org/ns/dqv#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
STARS = "stars"


def dqv_measurements(
    page: DatasetPage, *, dataset_uri: str, base_url: str, measured_at: datetime | None = None
) -> list[Json]:
    """Return `dqv:QualityMeasurement` nodes (JSON-LD) for the key `dqv:hasQualityMeasurement` of a dataset.

    Indicators are booleans under the metric names that European portals use, dimensions and the whole are points, stars 0–5.
    Give DQV_CONTEXT beside the document's own context. `base_url` is the platform's address without slash at its end.
    """
    points = page_points(page)
    found = [
        _measurement(METRIC_ROOT + entry.metric, _boolean(entry.code in points.met), dataset_uri, measured_at)
        for entry in INDICATORS
    ]
    found += [
        _measurement(f"{METRIC_ROOT}{dimension.code}Scoring", _integer(number), dataset_uri, measured_at)
        for dimension, number in zip(DIMENSIONS, points.dimensions, strict=True)
    ]
    found.append(_measurement(METRIC_ROOT + "scoring", _integer(points.points), dataset_uri, measured_at))
    found.append(_measurement(f"{base_url}/quality/metrics#{STARS}", _integer(points.stars), dataset_uri, measured_at))
    return found


def dqv_metrics(*, base_url: str) -> Json:
    """Return the definitions of all metrics and dimensions as one JSON-LD document; `base_url` without slash at its end."""
    graph: list[Json] = [
        {
            "@id": f"{base_url}/quality/metrics#{dimension.code}",
            "@type": "dqv:Dimension",
            "skos:prefLabel": _tagged(dimension.label),
        }
        for dimension in DIMENSIONS
    ]
    graph += [
        {
            "@id": METRIC_ROOT + entry.metric,
            "@type": "dqv:Metric",
            "skos:prefLabel": _tagged(entry.title),
            "skos:definition": _tagged(entry.why),
            "dqv:expectedDataType": {"@id": "xsd:boolean"},
            "dqv:inDimension": {"@id": f"{base_url}/quality/metrics#{entry.dimension}"},
        }
        for entry in INDICATORS
    ]
    graph += [
        {
            "@id": f"{METRIC_ROOT}{dimension.code}Scoring",
            "@type": "dqv:Metric",
            "skos:prefLabel": _tagged(Text(f"{dimension.label.ja}の点", f"{dimension.label.en}: points")),
            "dqv:expectedDataType": {"@id": "xsd:integer"},
            "dqv:inDimension": {"@id": f"{base_url}/quality/metrics#{dimension.code}"},
        }
        for dimension in DIMENSIONS
    ]
    graph.append(_own(METRIC_ROOT + "scoring", Text("MQAの点（0〜405）", "MQA points (0–405)")))
    stars = Text("オープンデータの5つ星", "Five stars of open data")
    graph.append(_own(f"{base_url}/quality/metrics#{STARS}", stars))
    return {"@context": DQV_CONTEXT, "@graph": graph}


def _own(address: str, label: Text) -> Json:
    return {
        "@id": address,
        "@type": "dqv:Metric",
        "skos:prefLabel": _tagged(label),
        "dqv:expectedDataType": {"@id": "xsd:integer"},
    }


def _measurement(metric: str, value: Json, dataset_uri: str, measured_at: datetime | None) -> Json:
    found: Json = {
        "@type": "dqv:QualityMeasurement",
        "dqv:isMeasurementOf": {"@id": metric},
        "dqv:computedOn": {"@id": dataset_uri},
        "dqv:value": value,
    }
    if measured_at is not None:
        found["prov:generatedAtTime"] = {"@value": measured_at.isoformat(), "@type": "xsd:dateTime"}
    return found


def _boolean(value: bool) -> Json:
    return {"@value": str(value).lower(), "@type": "xsd:boolean"}


def _integer(value: int) -> Json:
    return {"@value": str(value), "@type": "xsd:integer"}


def _tagged(text: Text) -> list[Json]:
    return [{"@value": text.ja, "@language": "ja"}, {"@value": text.en, "@language": "en"}]

"""Where a prepared table came from, for other programs: W3C PROV-JSON and OpenLineage."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from tdpf.controlplane.preparation.engine.recipes.preparing import Prepared

_NAMESPACE = "tdpf"
_PRODUCER = "urn:tdpf"
_FACETS = "https://openlineage.io/spec/facets/1-0-0"


def run_id(prepared: Prepared) -> str:
    """Return the run's UUID, made of its key: the same run has the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tdpf:run:{prepared.run.key}"))


def prov_document(prepared: Prepared, *, at: datetime) -> dict[str, Any]:
    """Return a PROV-JSON document (W3C Member Submission 2013-04-24): inputs, recipe, run, output."""
    files = {source.sha256: source.file for source in prepared.sources}
    output, activity, recipe = "tdpf:output", "tdpf:run", "tdpf:recipe"
    entities: dict[str, Any] = {
        output: {"prov:label": prepared.schema.title, "tdpf:key": prepared.run.key},
        recipe: {"prov:type": "prov:Plan", "tdpf:sha256": prepared.recipe.sha256},
    }
    used, derived = {}, {}
    for number, (sha256, name) in enumerate(files.items(), start=1):
        entities[f"tdpf:input{number}"] = {"prov:label": name, "tdpf:sha256": sha256}
        used[f"_:u{number}"] = {"prov:activity": activity, "prov:entity": f"tdpf:input{number}"}
        derived[f"_:d{number}"] = {"prov:generatedEntity": output, "prov:usedEntity": f"tdpf:input{number}"}
    return {
        "prefix": {"tdpf": f"{_PRODUCER}#", "prov": "http://www.w3.org/ns/prov#"},
        "entity": entities,
        "activity": {
            activity: {"prov:endTime": at.isoformat(), "tdpf:steps": [name for name, *_ in prepared.run.steps]}
        },
        "agent": {"tdpf:engine": {"prov:type": "prov:SoftwareAgent"}},
        "used": used,
        "wasGeneratedBy": {"_:g": {"prov:entity": output, "prov:activity": activity}},
        "wasDerivedFrom": derived,
        "wasAssociatedWith": {"_:a": {"prov:activity": activity, "prov:agent": "tdpf:engine", "prov:plan": recipe}},
    }


def openlineage_event(prepared: Prepared, *, at: datetime) -> dict[str, Any]:
    """Return an OpenLineage COMPLETE event (spec 1-0-5) with schema, column lineage and row counts."""
    files = {source.id: source.file for source in prepared.sources}
    frame = prepared.run.frame
    lineage = {
        name: {
            "inputFields": [
                {"namespace": _NAMESPACE, "name": files.get(source, source), "field": letter}
                for source, letters in frame.sources.get(name, {}).items()
                for letter in letters
            ]
        }
        for name in prepared.run.columns
        if frame.sources.get(name)
    }
    return {
        "eventType": "COMPLETE",
        "eventTime": at.isoformat(),
        "producer": _PRODUCER,
        "schemaURL": "https://openlineage.io/spec/1-0-5/OpenLineage.json",
        "run": {"runId": run_id(prepared)},
        "job": {"namespace": _NAMESPACE, "name": f"prepare/{prepared.schema.name}/{prepared.recipe.sha256[:12]}"},
        "inputs": [
            {"namespace": _NAMESPACE, "name": name, "inputFacets": {}} for name in dict.fromkeys(files.values())
        ],
        "outputs": [
            {
                "namespace": _NAMESPACE,
                "name": f"{prepared.schema.name}/{prepared.run.key}",
                "facets": {
                    "schema": {
                        "_producer": _PRODUCER,
                        "_schemaURL": f"{_FACETS}/SchemaDatasetFacet.json",
                        "fields": [{"name": field.name, "type": field.type} for field in prepared.schema.fields],
                    },
                    "columnLineage": {
                        "_producer": _PRODUCER,
                        "_schemaURL": f"{_FACETS}/ColumnLineageDatasetFacet.json",
                        "fields": lineage,
                    },
                },
                "outputFacets": {
                    "outputStatistics": {
                        "_producer": _PRODUCER,
                        "_schemaURL": f"{_FACETS}/OutputStatisticsOutputDatasetFacet.json",
                        "rowCount": frame.height,
                    }
                },
            }
        ],
    }

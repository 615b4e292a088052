"""The tools: what each is called, what it takes and gives, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tdpf.controlplane.catalog import queries as catalog
from tdpf.faces.standards.mcp import asking_for_data, finding, rows
from tdpf.faces.standards.mcp.callers import Visitor
from tdpf.faces.standards.mcp.shapes import (
    TEXT,
    TEXTS,
    TRUTH,
    WHOLE,
    Schema,
    faults,
    gives,
    number,
    rows_of,
    takes,
    text,
    whole,
)
from tdpf.kit.errors import Problem

Json = dict[str, Any]
_DATASET = text("The dataset's short name (slug) or uid, as search_datasets gives it", most=63)
_TABLE = text("The table's name where a dataset has several (default: main)", most=63, default="main")
_VERSION: Schema = {
    "type": "integer",
    "description": "The version that the answer before named beside next_offset, so that its rows and these belong together",
    "minimum": 1,
    "maximum": 2**31,
}
_MAYBE_WHOLE: Schema = {"type": ["integer", "null"]}
_OPEN: Schema = {"type": "object"}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool; `scope` is the permission that a key needs for it, "" for none."""

    name: str
    title: str
    description: str
    takes: Schema
    gives: Schema
    do: Callable[[Mapping[str, Any], Visitor], Json]
    scope: str = ""

    def listed(self) -> Json:
        """Return the tool as `tools/list` shows it."""
        writes = bool(self.scope)
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.takes,
            "outputSchema": self.gives,
            "annotations": {
                "title": self.title,
                "readOnlyHint": not writes,
                "destructiveHint": False,
                "idempotentHint": not writes,
                "openWorldHint": False,
            },
        }


def call(tool: Tool, given: Mapping[str, Any], visitor: Visitor) -> Json:
    """Return the result of `tools/call`; what the caller can mend is an answer with `isError`, in the Problem's words."""
    wrong = faults(tool.takes, given)
    if wrong:
        return refused("The arguments do not fit: " + "; ".join(wrong))
    known = {name: value for name, value in given.items() if value is not None}
    try:
        found = tool.do(known, visitor)
    except Problem as problem:
        words = problem.as_dict(visitor.language)
        return refused(f"{words['title']}: {words['detail']} {words['cure']} (/problems/{problem.code})")
    return {
        "content": [{"type": "text", "text": orjson.dumps(found).decode()}],
        "structuredContent": found,
        "isError": False,
    }


def refused(words: str) -> Json:
    """Return a tool's refusal."""
    return {"content": [{"type": "text", "text": words}], "isError": True}


def tools_for(visitor: Visitor) -> dict[str, Tool]:
    """Return the tools by name; one that writes is there only for a key with its scope."""
    scopes = visitor.caller.scopes if visitor.caller else ()
    return {tool.name: tool for tool in TOOLS if not tool.scope or tool.scope in scopes}


def _codes(name: Any) -> list[str]:
    return [code for code, _label in catalog.choices(name)]


TOOLS: tuple[Tool, ...] = (
    Tool(
        "search_datasets",
        "データを探す / Search datasets",
        "Search the data library of Tokyo by words in Japanese or English (place names are understood). Returns datasets with "
        "their short names for the other tools. Use the citizen's own words; try a broader word when nothing is found.",
        takes(
            {
                "query": text("Words, for example 新宿 トイレ; empty lists the newest"),
                "theme": text("A theme's code", most=40, enum=_codes("themes")),
                "area": text("A six-digit local government code, for example 131041", most=6),
                "format": text("A format's code", most=20, enum=_codes("formats")),
                "access": text("How the data may be had", most=12, enum=["open", "conditional", "paid"]),
                "located": {"type": "boolean", "description": "Only tables with coordinates (true) or without (false)"},
                "limit": whole("How many", 1, 50, 10),
                "offset": whole("How many to skip", 0, 1_000_000, 0),
            }
        ),
        gives(total=WHOLE, next_offset=_MAYBE_WHOLE, suggestion=TEXT, datasets=rows_of(_OPEN)),
        finding.search_datasets,
    ),
    Tool(
        "get_dataset",
        "データセットを見る / Get a dataset",
        "All that is known about one dataset: description, publisher, terms, tables with their columns, downloads, origin.",
        takes({"dataset": _DATASET}, "dataset"),
        gives(dataset=TEXT, title=TEXT, access=TEXT, licence=TEXT, tables=rows_of(_OPEN), downloads=rows_of(_OPEN), url=TEXT),
        finding.get_dataset,
    ),
    Tool(
        "describe_columns",
        "列を見る / Describe columns",
        "The columns of a table with type, meaning and unit. Call it before query_rows.",
        takes({"dataset": _DATASET, "table": _TABLE}, "dataset"),
        gives(dataset=TEXT, table=TEXT, rows=WHOLE, version=WHOLE, located=TRUTH, key_columns=TEXTS, columns=rows_of(_OPEN)),
        finding.describe_columns,
    ),
    Tool(
        "query_rows",
        "行を問い合わせる / Query rows",
        "Rows of a table. `where` compares columns with values; `filter` is CQL2 text, for example "
        "\"席数\" >= 4 AND \"名称\" LIKE '%公園%'. Name the source with `attribution` when you use the rows.",
        takes(
            {
                "dataset": _DATASET,
                "table": _TABLE,
                "where": {"type": "object", "description": "Column → value, all must be equal", "maxProperties": 20},
                "filter": text("A condition in CQL2 text", most=2_000),
                "columns": {"type": "array", "items": text("A column's name"), "maxItems": 50},
                "sort": {"type": "array", "items": text("A column's name, with - before it for descending"), "maxItems": 5},
                "limit": whole("How many rows", 1, 200, 20),
                "offset": whole("How many rows to skip", 0, 10_000_000, 0),
                "version": _VERSION,
            },
            "dataset",
        ),
        gives(
            dataset=TEXT, table=TEXT, total=WHOLE, next_offset=_MAYBE_WHOLE, version=_MAYBE_WHOLE, rows=rows_of(_OPEN), licence=TEXT,
            attribution=TEXT,
        ),
        rows.query_rows,
    ),
    Tool(
        "find_nearby",
        "近くを探す / Find nearby",
        "Rows around a place, nearest first: of one located dataset, or of the open located datasets that `query` finds.",
        takes(
            {
                "latitude": number("Latitude in degrees (WGS 84)", -90, 90),
                "longitude": number("Longitude in degrees (WGS 84)", -180, 180),
                "radius_m": number("Radius in metres (default 1000)", 1, 20_000),
                "dataset": _DATASET,
                "table": _TABLE,
                "query": text("Words for datasets when no dataset is named, for example トイレ"),
                "limit": whole("How many places", 1, 100, 20),
            },
            "latitude", "longitude",
        ),
        gives(total=WHOLE, looked_in=rows_of(_OPEN), places=rows_of(_OPEN)),
        rows.find_nearby,
    ),
    Tool(
        "get_quality",
        "品質を見る / Get quality",
        "How good a dataset's description is (European MQA, 405 points, and five stars), and what would mend it.",
        takes({"dataset": _DATASET}, "dataset"),
        gives(dataset=TEXT, points=WHOLE, of=WHOLE, band=TEXT, stars=WHOLE, dimensions=rows_of(_OPEN), missing=rows_of(_OPEN)),
        finding.get_quality,
    ),
    Tool(
        "get_terms",
        "利用条件を見る / Get terms",
        "Under which terms a dataset may be used, in plain words, with its licence. Read it before you pass data on.",
        takes({"dataset": _DATASET}, "dataset"),
        gives(dataset=TEXT, access=TEXT, licence=TEXT, licence_name=TEXT, attribution=TEXT, clauses=rows_of(_OPEN)),
        finding.get_terms,
    ),
    Tool(
        "cite",
        "出典を書く / Cite",
        "The words to put beside the data, in the form that the licence asks for, and BibTeX.",
        takes({"dataset": _DATASET}, "dataset"),
        gives(dataset=TEXT, citation=TEXT, citation_en=TEXT, when_edited=TEXT, when_edited_en=TEXT, bibtex=TEXT),
        finding.cite,
    ),
    Tool(
        "request_data",
        "データを求める / Request data",
        "Ask the holder for data that the library does not have, in public, as the member who issued the key. Search first.",
        takes(
            {
                "title": text("What is wanted, in one line", most=120),
                "text": text("What exactly, and in which form", most=4_000),
                "use": text("What it is for", most=2_000),
                "holder": text("Who holds it, as far as known", most=120),
            },
            "title", "text",
        ),
        gives(request=TEXT, url=TEXT),
        asking_for_data.request_data,
        scope=asking_for_data.SCOPE,
    ),
)  # fmt: skip

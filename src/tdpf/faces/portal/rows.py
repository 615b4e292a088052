"""Rows of a published table for pages, asked from the gateway as the application `portal`, like any caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings

from tdpf.controlplane.access import queries as access

ROWS_SHOWN = 20
_SECONDS = 5.0
_NUMBERS = ("integer", "number")
OPERATORS = ("contains", "eq", "gte", "lte")


@dataclass(frozen=True, slots=True)
class Question:
    """What the table form asks: a condition on one column, an order, a page."""

    column: str = ""
    operator: str = "contains"
    value: str = ""
    sort: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as they came, or why none came: `refused` holds the gateway's problem document, `silent` no answer at all."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    refused: Mapping[str, Any] | None = None
    silent: bool = False


def read_question(parameters: Mapping[str, str], columns: Mapping[str, str]) -> Question:
    """Take the form's fields from a query string; `columns` maps known column names to their types."""
    sort = parameters.get("sort", "")
    operator = parameters.get("op", "contains")
    try:
        offset = max(0, min(1_000_000, int(parameters.get("offset", "0"))))
    except ValueError:
        offset = 0
    column = parameters.get("column", "")
    return Question(
        column=column if column in columns else "",
        operator=operator if operator in OPERATORS else "contains",
        value=parameters.get("value", "").strip()[:200],
        sort=sort if sort.removeprefix("-") in columns else "",
        offset=offset,
    )


def likely_column(columns: Mapping[str, str]) -> str:
    """Return the column people look through first: one that names things, else the first text."""
    texts = [name for name, kind in columns.items() if kind == "string"]
    named = (name for name in texts if "名称" in name or name.lower() in ("name", "title"))
    return next(named, texts[0] if texts else next(iter(columns), ""))


def gateway_parameters(question: Question, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the query of `/data/collections/{slug}/items` that answers the question."""
    parameters = {"f": "json", "limit": str(ROWS_SHOWN), "offset": str(question.offset)}
    if question.sort:
        parameters["sortby"] = question.sort
    if question.column and question.value:
        parameters["filter"] = _condition(question, columns[question.column])
    return parameters


def _condition(question: Question, kind: str) -> str:
    """Return the condition as CQL2 text (OGC 21-065r2); names and texts are quoted so that neither can break out."""
    name = '"' + question.column.replace('"', '""') + '"'
    if kind in _NUMBERS and question.operator != "contains":
        try:
            literal = repr(float(question.value)) if "." in question.value else str(int(question.value))
        except ValueError:
            literal = _text(question.value)
    elif question.operator == "contains":
        escaped = question.value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{name} LIKE {_text(f'%{escaped}%')}"
    else:
        literal = _text(question.value)
    return f"{name} {({'eq': '=', 'gte': '>=', 'lte': '<='})[question.operator]} {literal}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def ask(slug: str, question: Question, columns: Mapping[str, str]) -> Answer:
    """Ask the gateway; a refusal or silence is an answer too, never an exception."""
    address = f"{settings.GATEWAY_URL}/data/collections/{quote(slug)}/items"
    try:
        headers = {"X-API-Key": access.portal_key(), "Accept": "application/json"}
        response = httpx.get(address, params=gateway_parameters(question, columns), headers=headers, timeout=_SECONDS)
        body = response.json()
    except (httpx.HTTPError, ValueError, OSError):
        return Answer(silent=True)
    if response.status_code != httpx.codes.OK or not isinstance(body, dict):
        return Answer(refused=body if isinstance(body, dict) else {})
    return Answer(rows=list(body.get("rows", [])), total=int(body.get("numberMatched") or 0))

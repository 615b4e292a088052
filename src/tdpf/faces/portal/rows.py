"""Rows of a published table for pages, asked from the gateway as the application `portal`, like any caller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import RowsAnswer
from tdpf.faces.portal.context import page_language
from tdpf.kit import cql2
from tdpf.kit.pages import Page

ROWS_SHOWN = 20
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


def types_of(dictionary: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return the columns of a table by name with their types."""
    return {str(entry["name"]): str(entry.get("type") or "string") for entry in dictionary}


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
    """Return the condition as CQL2 text."""
    if question.operator == "contains":
        return cql2.contains(question.column, question.value)
    operator = {"eq": "=", "gte": ">=", "lte": "<="}[question.operator]
    return cql2.compare(question.column, operator, question.value, number=kind in _NUMBERS)


def ask(slug: str, question: Question, columns: Mapping[str, str], *, version: str = "") -> RowsAnswer:
    """Ask the gateway in the page's language, for an older version by its number; a refusal or silence is an answer too, never an exception."""
    older = {"version": version} if version else {}
    return access.ask_rows(slug, {**gateway_parameters(question, columns), **older}, language=page_language())


def page_of(answer: RowsAnswer, question: Question) -> Page[dict[str, Any]]:
    """Return the page of rows; where they were not counted, as many as are known to be there."""
    total = answer.total or question.offset + len(answer.rows) + answer.more
    return Page(items=answer.rows, total=total, offset=question.offset, limit=ROWS_SHOWN)

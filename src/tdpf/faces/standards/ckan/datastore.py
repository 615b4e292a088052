"""Actions about rows: `datastore_search` and `datastore_info`, asked of the gateway like every caller asks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tdpf.controlplane.access import queries as access
from tdpf.controlplane.access.types import RowsAnswer
from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.types import DatasetPage, DistributionPage
from tdpf.faces.standards.ckan import parameters as reading
from tdpf.faces.standards.ckan.datastore_filters import Filters
from tdpf.faces.standards.ckan.parameters import Parameters
from tdpf.faces.standards.ckan.refusals import Invalid, NotAuthorized, NotFound, Refusal, SearchUnavailable
from tdpf.faces.standards.ckan.searching import resource_of
from tdpf.kit import cql2

Json = dict[str, Any]
MOST_ROWS = 32_000
_ONE_ANSWER = 10_000
_MOST_TEXT_COLUMNS = 30
_TYPES = {"string": "text", "code": "text", "integer": "int", "number": "numeric", "boolean": "bool", "date": "date",
          "datetime": "timestamp", "time": "time"}  # fmt: skip


class Unprocessable(Refusal):
    """The gateway refused for a reason of the caller's question."""

    status = 409
    kind = "Validation Error"


def datastore_search(given: Parameters, key: str = "") -> Json:
    """Return rows of a table.

    `resource_id`, `filters` (values, lists, ranges, `$and`, `$or`), `q` (words, or words by field), `limit` (100, at
    most 32000), `offset`, `fields`, `sort`, `include_total`, `records_format` (objects, lists, csv, tsv). `_id` counts
    rows in the order of the answer. `version`, ours, stands in the link to the rows that follow, so that they are of the same version.
    """
    page, distribution = _table(reading.text(given, "resource_id") or reading.needed(given, "id"))
    columns = _columns(distribution)
    if not key:
        _must_be_open(page)
    for name in ("plain", "include_total", "distinct"):
        reading.truth(given, name)
    limit = reading.whole(given, "limit", 100, most=MOST_ROWS)
    offset = reading.whole(given, "offset", 0)
    version = reading.whole(given, "version", 0)
    filters = Filters(columns)
    conditions = [filters.read(reading.document(given, "filters")), _words(given, columns)]
    offset += filters.after or 0
    wished = _fields(given, columns)
    names = [name for name in wished if name != "_id"]
    sort, form = _sort(given, columns), _format(given)
    asked = {
        "filter": " AND ".join(f"({part})" for part in conditions if part),
        "sortby": sort,
        "properties": ",".join(_listed(name) for name in names) if len(names) < len(columns) else "",
        "version": str(version) if version else "",
    }
    if limit == 0 and not asked["filter"]:
        # Clients ask so for the fields of every table: nothing is delivered, nothing is counted.
        rows: list[Json] = []
        total = distribution.latest.rows if distribution.latest else 0
    else:
        question = {name: value for name, value in asked.items() if value}
        rows, total, version = _rows(page, distribution, question, offset, limit, key)
    records = [
        {name: offset + at if name == "_id" else row.get(name) for name in wished}
        for at, row in enumerate(rows, start=1)
    ]
    answer: Json = {
        "resource_id": reading.text(given, "resource_id") or reading.text(given, "id"),
        "fields": [field for field in _described(distribution) if field["id"] in wished],
        "records_format": form,
        "records": _in_format(form, records, wished),
        "limit": limit,
        "offset": offset,
        "_links": _links(given, offset, limit, version),
    }
    if "sort" in given:
        answer["sort"] = reading.text(given, "sort")
    if reading.truth(given, "include_total", default=True):
        answer["total"] = total
        answer["total_was_estimated"] = False
    if not sort and offset + len(rows) < total and rows:
        answer["next_page"] = {"_id": {"gt": offset + len(rows)}}
    return answer


def datastore_info(given: Parameters, key: str = "") -> Json:
    """Return what is known of a table: its fields with their types and words, and how many rows it has."""
    del key
    _page, distribution = _table(reading.text(given, "id") or reading.needed(given, "resource_id"))
    assert distribution.latest is not None
    return {
        "fields": [field for field in _described(distribution) if field["id"] != "_id"],
        "meta": {
            "id": distribution.uid,
            "count": distribution.latest.rows,
            "table_type": "BASE TABLE",
            "aliases": [],
            "size": 0,
            "db_size": 0,
            "idx_size": 0,
        },
    }


def _table(resource_id: str) -> tuple[DatasetPage, DistributionPage]:
    page, found, _resource = resource_of(resource_id)
    if found.kind != "table" or found.latest is None:
        raise NotFound(f'Resource "{resource_id[:80]}" was not found.')
    return page, found


def _must_be_open(page: DatasetPage) -> None:
    """Without a key only open data are answered, and not even those when the operator wants an account for them."""
    if page.access != "open" or access.open_data_needs_account():
        raise NotAuthorized(f"an API key with an agreement is needed for {page.slug}")


def _columns(distribution: DistributionPage) -> dict[str, str]:
    assert distribution.latest is not None
    return {str(entry["name"]): str(entry.get("type") or "string") for entry in distribution.latest.dictionary}


def _described(distribution: DistributionPage) -> list[Json]:
    assert distribution.latest is not None
    found: list[Json] = [{"id": "_id", "type": "int"}]
    for entry in distribution.latest.dictionary:
        info = {
            "label": str(entry.get("title") or ""),
            "notes": str(entry.get("description") or ""),
            "unit": str(entry.get("unit") or ""),
        }
        field: Json = {"id": str(entry["name"]), "type": _TYPES.get(str(entry.get("type")), "text")}
        if any(info.values()):
            field["info"] = {name: value for name, value in info.items() if value}
        found.append(field)
    return found


def _fields(given: Parameters, columns: Mapping[str, str]) -> list[str]:
    wished = reading.several(given, "fields")
    if len(wished) == 1 and wished[0] not in columns:
        wished = [part.strip() for part in _parts("fields", wished[0])]
    for name in wished:
        if name not in columns and name != "_id":
            raise Invalid("fields", f'field "{name[:80]}" not in table')
    return list(dict.fromkeys(wished)) or ["_id", *columns]


def _parts(name: str, listed: str) -> list[str]:
    try:
        return next(csv.reader([listed], skipinitialspace=True), [])
    except csv.Error:
        raise Invalid(name, "one line of field names separated by commas is needed") from None


def _sort(given: Parameters, columns: Mapping[str, str]) -> str:
    parts = reading.several(given, "sort")
    if len(parts) == 1:
        parts = [part for part in _parts("sort", parts[0]) if part.strip()]
    found: list[str] = []
    for part in parts:
        name, direction = part.strip(), ""
        for word in ("asc", "desc"):
            if name.lower().endswith(f" {word}"):
                name, direction = name[: -len(word)].strip(), word
        name = name.strip('"')
        if name not in columns and name != "_id":
            raise Invalid("sort", f'field "{name[:80]}" not in table')
        if name == "_id":
            if direction == "desc":
                raise Invalid("sort", "_id can be sorted upwards only")
            continue
        found.append(_listed(("-" if direction == "desc" else "") + name))
    return ",".join(found)


def _words(given: Parameters, columns: Mapping[str, str]) -> str:
    """Every word stands in some text column; with words by field, in that one."""
    asked = reading.document(given, "q") if str(given.get("q", "")).lstrip().startswith("{") else given.get("q")
    if isinstance(asked, dict):
        by_field = {str(name): str(value) for name, value in asked.items()}
    else:
        words = reading.text(given, "q").strip()
        by_field = {"": words} if words else {}
    texts = [name for name, kind in columns.items() if kind in ("string", "code")][:_MOST_TEXT_COLUMNS]
    parts: list[str] = []
    for field, words in by_field.items():
        if field and field not in columns:
            raise Invalid("q", f'field "{field[:80]}" not in table')
        for word in words[:200].split()[:10]:
            places = [cql2.contains(name, word.removesuffix(":*")) for name in ([field] if field else texts)]
            parts.append("(" + " OR ".join(places) + ")" if places else "FALSE")
    return " AND ".join(parts)


def _rows(
    page: DatasetPage, distribution: DistributionPage, asked: dict[str, str], offset: int, limit: int, key: str
) -> tuple[list[Json], int, int]:
    """Return rows, how many there are in all, and their version, 0 where none is to be named for those that follow."""
    collection = catalog.collection_of(page, distribution)
    rows: list[Json] = []
    while True:
        want = max(1, min(_ONE_ANSWER, limit - len(rows)))
        answer = access.ask_rows(collection, {**asked, "limit": str(want), "offset": str(offset + len(rows))}, key=key)
        _must_have_come(answer)
        rows += answer.rows
        total = answer.total
        if len(rows) >= limit or len(answer.rows) < want:
            return rows[:limit], total, answer.version or 0
        if answer.version is not None:
            asked = {**asked, "version": str(answer.version)}


def _must_have_come(answer: RowsAnswer) -> None:
    if answer.silent:
        raise SearchUnavailable("the data do not answer now; try again in a moment")
    if answer.refused is None:
        return
    detail = str(answer.refused.get("detail") or answer.refused.get("title") or "refused")
    if answer.refused.get("status") in (401, 403, 429):
        raise NotAuthorized(detail)
    if answer.refused.get("status") == 404:
        raise NotFound(detail)
    raise Unprocessable(detail)


def _format(given: Parameters) -> str:
    found = reading.text(given, "records_format", "objects")
    if found not in ("objects", "lists", "csv", "tsv"):
        raise Invalid("records_format", "Value must be one of objects, lists, csv, tsv")
    return found


def _in_format(form: str, records: list[Json], names: list[str]) -> Any:
    if form == "objects":
        return records
    lists = [[record[name] for name in names] for record in records]
    if form == "lists":
        return lists
    out = io.StringIO()
    csv.writer(out, delimiter="," if form == "csv" else "\t").writerows(lists)
    return out.getvalue()


def _links(given: Parameters, offset: int, limit: int, version: int) -> Json:
    own = ("offset", "limit", "version")
    kept = {name: value for name, value in given.items() if isinstance(value, str) and name not in own}
    base = "/api/3/action/datastore_search?"
    pinned = {"version": version} if version else {}
    start = base + urlencode({**kept, "limit": limit})
    return {"start": start, "next": base + urlencode({**kept, "limit": limit, "offset": offset + limit, **pinned})}


def _listed(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name

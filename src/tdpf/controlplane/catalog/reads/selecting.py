"""Reads of the published datasets by conditions, in a stable order, page by page to the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import orjson
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Mod, StrIndex
from django.db.models.lookups import GreaterThan

from tdpf.controlplane.catalog.conditions import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    FieldIs,
    FieldWithin,
    Not,
)
from tdpf.controlplane.catalog.models import Dataset, Distribution, Place, Version
from tdpf.controlplane.catalog.reads.datasets import pages_of
from tdpf.controlplane.catalog.reads.finding import search
from tdpf.controlplane.catalog.types import DatasetPage, SearchFilters
from tdpf.controlplane.catalog.vocabularies.formats import CONNECTED_FORMATS, LOCATED_FORMATS, TABLE_FORMATS
from tdpf.kit.pages import Page

Order = Literal[
    "relevance",
    "uid",
    "-uid",
    "slug",
    "-slug",
    "title",
    "-title",
    "created",
    "-created",
    "modified",
    "-modified",
    "recorded",
    "-recorded",
]
Counted = Literal["provider", "theme", "keyword", "format", "licence", "access", "area", "frequency"]
MOST_MATCHES = 1_000
MOST_AT_ONCE = 1_000
MOST_COUNTED = 10_000
_BATCH = 2_000
_ORDERED = {
    "uid": "uid", "slug": "slug", "title": "title_ja", "created": "created_at", "modified": "modified_at",
    "recorded": "recorded_at",
}  # fmt: skip
_PLAIN = {"licence": "licence", "access": "access", "frequency": "update_frequency"}
_LISTS = {"theme": "themes", "keyword": "keywords", "area": "area_codes"}
_TEXTS = {
    "uid": "uid", "slug": "slug", "licence": "licence", "access": "access", "frequency": "update_frequency",
    "data_class": "data_class", "origin": "origin",
}  # fmt: skip
_OF_RESOURCES = {"resource_name": "title_ja", "resource_description": "description_ja", "resource_url": "url"}
_IS_CONNECTED = Q(kind=Distribution.Kind.TABLE) & ~Q(place_mark="")
_TO_SEARCH = {
    "theme": "themes", "area": "areas", "format": "formats", "access": "access", "licence": "licences",
    "frequency": "frequencies",
}  # fmt: skip


def select_datasets(
    *,
    condition: Condition = EVERYTHING,
    words: str = "",
    order: Sequence[Order] = (),
    offset: int = 0,
    limit: int = 20,
) -> Page[DatasetPage]:
    """Return published datasets for which the condition holds; `limit` ends at 1,000, `offset` has no end.

    Without `order` they come last modified first, or with `words` by relevance; the uid decides between equals. With
    words *and* a condition or an order, the thousand most relevant are looked through. Raises SearchNotReady.
    """
    offset, limit = max(0, min(offset, 2**31)), max(0, min(limit, MOST_AT_ONCE))
    if words and condition == EVERYTHING and (not order or order[0] == "relevance"):
        return _by_relevance(words, offset, limit)
    rows = _published().filter(_holds(condition))
    if not words:
        keys = rows.order_by(*_ordering(order)).values_list("pk", flat=True)[offset : offset + limit]
        return Page(items=_pages(list(keys)), total=rows.count(), offset=offset, limit=limit)
    matches = _best_matches(words, condition)
    rows = rows.filter(uid__in=matches)
    if order and order[0] != "relevance":
        chosen = list(rows.order_by(*_ordering(order)).values_list("pk", flat=True))
    else:
        rank = {uid: at for at, uid in enumerate(matches)}
        chosen = [pk for pk, uid in sorted(rows.values_list("pk", "uid"), key=lambda row: rank[row[1]])]
    return Page(items=_pages(chosen[offset : offset + limit]), total=len(chosen), offset=offset, limit=limit)


def count_datasets(
    fields: Iterable[Counted], *, condition: Condition = EVERYTHING, words: str = "", exact: bool = True
) -> dict[str, Counter[str]]:
    """Return how many of the chosen datasets have each value of each field; providers by their slug.

    Lists (themes, keywords, areas) are read dataset by dataset; where that would be very many and it need not be `exact`,
    every so manyth is read and the numbers are reckoned from those.
    """
    rows = _published().filter(_holds(condition))
    if words:
        rows = rows.filter(uid__in=_best_matches(words, condition))
    return {field: _count(rows, field, exact=exact) for field in fields}


def slugs_of_datasets(*, offset: int = 0, limit: int | None = None) -> list[str]:
    """Return the slugs of the published datasets in alphabetical order; all of them without `limit`."""
    rows = _published().order_by("slug").values_list("slug", flat=True)
    return list(rows[offset:] if limit is None else rows[offset : offset + limit])


def slugs_with_moments(*, offset: int = 0, limit: int = 10_000) -> list[tuple[str, datetime]]:
    """Return slugs and when each entry changed here, in the order of their identifiers."""
    rows = _published().order_by("uid").values_list("slug", "recorded_at")
    return list(rows[max(0, offset) : max(0, offset) + limit])


def recorded_last(*, limit: int) -> list[tuple[str, datetime]]:
    """Return uids of the published datasets that changed here last, and when, the latest first."""
    rows = _published().order_by("-recorded_at", "-pk").values_list("uid", "recorded_at")
    return list(rows[:limit])


def withdrawn_since(moment: datetime) -> bool:
    """Say whether a dataset was withdrawn after a moment."""
    return Dataset.objects.filter(withdrawn_at__gt=moment).exists()


def recorded_at(uids: Iterable[str]) -> dict[str, datetime]:
    """Return when entries changed here, by their uids."""
    return dict(Dataset.objects.filter(uid__in=list(uids)).values_list("uid", "recorded_at"))


def datasets_after(uid: str, *, limit: int = 500) -> list[DatasetPage]:
    """Return the published datasets whose identifiers come after one, in order: a whole catalogue, batch by batch."""
    keys = _published().filter(uid__gt=uid).order_by("uid").values_list("pk", flat=True)[:limit]
    return _pages(list(keys))


def _published() -> QuerySet[Dataset]:
    return Dataset.objects.filter(state=Dataset.State.PUBLISHED)


def _ordering(order: Sequence[Order]) -> list[str]:
    found = [part.startswith("-") * "-" + _ORDERED[part.lstrip("-")] for part in order if part != "relevance"]
    found = found or ["-modified_at"]
    return found if any(name.lstrip("-") == "uid" for name in found) else [*found, "uid"]


def _pages(keys: list[int]) -> list[DatasetPage]:
    rows = {row.pk: row for row in Dataset.objects.filter(pk__in=keys).select_related("provider")}
    return pages_of(rows[key] for key in keys if key in rows)


def _by_relevance(words: str, offset: int, limit: int) -> Page[DatasetPage]:
    uids: list[str] = []
    total = 0
    while True:
        found = search(words, offset=offset + len(uids), limit=max(1, min(100, limit - len(uids))))
        total = found.total
        uids += [hit.uid for hit in found.hits]
        if not found.hits or len(uids) >= min(limit, total - offset):
            break
    keys = dict(_published().filter(uid__in=uids).values_list("uid", "pk"))
    return Page(
        items=_pages([keys[uid] for uid in uids[:limit] if uid in keys]), total=total, offset=offset, limit=limit
    )


def _best_matches(words: str, condition: Condition) -> list[str]:
    """Return the uids of the most relevant datasets, narrowed beforehand by what the index knows of the condition."""
    filters = _search_filters(condition)
    uids: list[str] = []
    while len(uids) < MOST_MATCHES:
        found = search(words, filters=filters, offset=len(uids), limit=100)
        uids += [hit.uid for hit in found.hits]
        if not found.hits or len(uids) >= found.total:
            break
    return uids


def _search_filters(condition: Condition) -> SearchFilters:
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    chosen: dict[str, Any] = {}
    for part in parts:
        if isinstance(part, FieldIs) and not part.begins and part.field in _TO_SEARCH:
            value = part.value.upper() if part.field == "format" else part.value
            chosen.setdefault(_TO_SEARCH[part.field], (value,))
    return SearchFilters(**chosen)


def _holds(condition: Condition) -> Q:
    match condition:
        case AllOf(parts):
            found = Q()
            for part in parts:
                found &= _holds(part)
            return found
        case AnyOf(parts):
            found = Q(pk__in=[])
            for part in parts:
                found |= _holds(part)
            return found
        case Not(part):
            return ~_holds(part)
        case FieldWithin(field, low, high):
            return _between(_ORDERED[field], low, high)
        case FieldIs():
            return _field_is(condition)


def _between(column: str, low: datetime | None, high: datetime | None) -> Q:
    found = Q()
    if low is not None:
        found &= Q(**{f"{column}__gte": low})
    if high is not None:
        found &= Q(**{f"{column}__lte": high})
    return found


def _field_is(one: FieldIs) -> Q:
    look = "startswith" if one.begins else "exact"
    field, value = one.field, one.value
    if field in _TEXTS:
        return Q(**{f"{_TEXTS[field]}__{look}": value})
    if field in _LISTS:
        return _in_list(_LISTS[field], value, begins=one.begins)
    if field == "provider":
        return Q(**{f"provider__slug__{look}": value}) | Q(provider__uid=value)
    if field == "format":
        return _has_format(value, look)
    if field == "located":
        located = Q(Exists(_latest().filter(located=True))) | Q(Exists(_connected().filter(located=True)))
        return located if value.lower() == "true" else ~located
    if field == "distribution":
        return Q(Exists(_distributions().filter(**{f"uid__{look}": value})))
    if field == "site":
        return Q(Exists(_listed().filter(**{f"site__{look}": value}, gone_at__isnull=True)))
    if field == "record":
        return Q(Exists(_listed().filter(**{f"record_id__{look}": value})))
    if field in _OF_RESOURCES:
        return Q(Exists(_distributions().filter(**{f"{_OF_RESOURCES[field]}__icontains": value})))
    names = {"title": ("title_ja", "title_en"), "description": ("description_ja", "description_en")}[field]
    return Q(**{f"{names[0]}__icontains": value}) | Q(**{f"{names[1]}__icontains": value})


def _in_list(column: str, value: str, *, begins: bool) -> Q:
    """A list in JSON has the value. PostgreSQL keeps characters, SQLite's text the escapes that Python writes."""
    if connection.vendor == "postgresql" and not begins:
        return Q(**{f"{column}__contains": [value]})
    written = json.dumps(value, ensure_ascii=connection.vendor != "postgresql")
    wanted = written[:-1] if begins else written
    return Q(GreaterThan(StrIndex(Cast(F(column), TextField()), Value(wanted)), 0))


def _distributions() -> QuerySet[Distribution]:
    return Distribution.objects.filter(dataset=OuterRef("pk"), state=Distribution.State.ACTIVE)


def _listed() -> QuerySet[Place]:
    return Place.objects.filter(dataset=OuterRef("pk"))


def _latest() -> QuerySet[Version]:
    return Version.objects.filter(
        state=Version.State.LATEST,
        distribution__dataset=OuterRef("pk"),
        distribution__state=Distribution.State.ACTIVE,
    )


def _connected() -> QuerySet[Distribution]:
    return _distributions().filter(_IS_CONNECTED)


def _has_format(value: str, look: str) -> Q:
    code = value.upper()
    found = Q(Exists(_distributions().exclude(kind=Distribution.Kind.TABLE).filter(**{f"format__{look}": code})))
    made = _latest().filter(distribution__kind=Distribution.Kind.TABLE)
    matches = str.startswith if look == "startswith" else str.__eq__
    if any(matches(known, code) for known in TABLE_FORMATS):
        found |= Q(Exists(made))
    if any(matches(known, code) for known in CONNECTED_FORMATS):
        found |= Q(Exists(_connected()))
    if any(matches(known, code) for known in LOCATED_FORMATS):
        found |= Q(Exists(made.filter(located=True))) | Q(Exists(_connected().filter(located=True)))
    return found


def _count(rows: QuerySet[Dataset], field: Counted, *, exact: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    if field in _LISTS:
        times = 1 if exact else -(-rows.count() // MOST_COUNTED)
        if times > 1:
            rows = rows.annotate(part=Mod(F("pk"), Value(times))).filter(part=0)
        texts = rows.annotate(written=Cast(F(_LISTS[field]), TextField())).values_list("written", flat=True)
        for text in texts.iterator(chunk_size=_BATCH):
            if text != "[]":
                found.update(dict.fromkeys(orjson.loads(text), times))
    elif field == "format":
        _count_formats(found, rows)
    else:
        column = "provider__slug" if field == "provider" else _PLAIN[field]
        found.update(dict(rows.order_by().values_list(column).annotate(count=Count("pk"))))
    return found


def _count_formats(found: Counter[str], rows: QuerySet[Dataset]) -> None:
    """Count as a dataset's page names its formats: a file or link in its own, a table in those that are made of it."""
    active = Distribution.objects.filter(dataset__in=rows.order_by().values("pk"), state=Distribution.State.ACTIVE)
    own = active.exclude(kind=Distribution.Kind.TABLE).exclude(format="").order_by()
    made = Q(kind=Distribution.Kind.TABLE, versions__state=Version.State.LATEST)
    groups = (
        (CONNECTED_FORMATS, made | _IS_CONNECTED),
        (tuple(code for code in TABLE_FORMATS if code not in CONNECTED_FORMATS), made),
        (LOCATED_FORMATS, made & Q(versions__located=True) | _IS_CONNECTED & Q(located=True)),
    )
    for codes, tables in groups:
        with_table = active.filter(tables).order_by().values("dataset").distinct()
        several = with_table.count()
        own = own.exclude(Q(format__in=codes) & Q(dataset__in=with_table)) if several else own
        found.update({code: several for code in codes if several})
    for code, count in own.values_list("format").annotate(count=Count("dataset", distinct=True)):
        found[code] += count

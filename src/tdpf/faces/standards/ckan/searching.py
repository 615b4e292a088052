"""Actions about datasets and resources."""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache

from tdpf.controlplane.catalog import queries as catalog
from tdpf.controlplane.catalog.errors import DatasetUnknown
from tdpf.controlplane.catalog.types import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Condition,
    DatasetPage,
    DistributionPage,
    FieldIs,
    Not,
)
from tdpf.controlplane.members.queries import anonymous_standing
from tdpf.faces.standards.ckan import packages
from tdpf.faces.standards.ckan import parameters as reading
from tdpf.faces.standards.ckan.identifiers import distributions_meant
from tdpf.faces.standards.ckan.parameters import Parameters
from tdpf.faces.standards.ckan.refusals import Invalid, NotFound
from tdpf.faces.standards.ckan.solr import Asked, read_order, read_query
from tdpf.kit.ids import is_uid

Json = dict[str, Any]
DEFAULT_SORT = "score desc, metadata_modified desc"
MOST_ROWS = 1_000
_FACETS = {
    "organization": "provider", "groups": "theme", "tags": "keyword", "res_format": "format", "license_id": "licence",
    "access": "access", "area_codes": "area", "update_frequency": "frequency",
}  # fmt: skip
_RESOURCE_FIELDS = {
    "name": "resource_name", "description": "resource_description", "url": "resource_url", "format": "format", "id": "",
}  # fmt: skip
_FACETS_KEPT_SECONDS = 300
_LONG_SECONDS, _REST = 0.25, 20
"""Counting that takes long is done again after twenty times as long at the earliest."""


def package_search(given: Parameters) -> Json:
    """Search datasets.

    `q` (words, `field:value`, `*:*`), `fq` and `fq_list` (organization, groups, tags, res_format, license_id,
    metadata_modified:[… TO …], …; AND, OR, NOT, -, parentheses), `sort`, `rows` (10, at most 1000), `start`, `fl`,
    `facet`, `facet.field`, `facet.limit` (50), `facet.mincount` (1). The part of Solr's language that is understood is
    described in docs/reference/open-catalogue-apis.md.
    """
    for name in ("include_private", "include_drafts", "include_deleted", "use_default_schema"):
        reading.truth(given, name)
    sort = reading.text(given, "sort") or DEFAULT_SORT
    sort = DEFAULT_SORT if sort == "rank" else sort
    asked = read_query(reading.text(given, "q", "*:*"), [*_filters(given, "fq"), *reading.several(given, "fq_list")])
    asked = Asked(asked.words, _with_original_keywords(asked.condition))
    rows = reading.whole(given, "rows", 10, most=MOST_ROWS)
    start = reading.whole(given, "start", 0)
    page = catalog.select_datasets(
        condition=asked.condition, words=asked.words, order=cast(Any, read_order(sort)), offset=start, limit=rows
    )
    facets = _facets(given, asked, page.total)
    wished = reading.several(given, "fl")
    results = [packages.package(item, settings.PUBLIC_URL) for item in page.items]
    if wished:
        names = {name for part in wished for name in re.split(r"[\s,]+", part)}
        results = [{name: value for name, value in result.items() if name in names} for result in results]
    return {
        "count": page.total,
        "facets": {field: dict(counts) for field, counts in facets.items()},
        "results": results,
        "sort": sort,
        "search_facets": {field: _search_facet(field, counts) for field, counts in facets.items()},
    }


def package_show(given: Parameters) -> Json:
    """Return one dataset by `id`: its identifier, its name, or a name it had."""
    return packages.package(dataset_of(reading.needed(given, "id")), settings.PUBLIC_URL)


def package_list(given: Parameters) -> list[str]:
    """Return the names of all datasets in alphabetical order; `limit`, `offset`."""
    limit = reading.whole(given, "limit", -1) if given.get("limit") not in (None, "") else None
    return catalog.slugs_of_datasets(offset=reading.whole(given, "offset", 0), limit=limit)


def current_package_list_with_resources(given: Parameters) -> list[Json]:
    """Return datasets, last modified first; `limit` (100, at most 1000), `offset` or `page` (from 1)."""
    limit = reading.whole(given, "limit", 100, most=MOST_ROWS)
    offset = reading.whole(given, "offset", 0)
    if given.get("page") not in (None, ""):
        offset = max(0, reading.whole(given, "page", 1) - 1) * limit
    page = catalog.select_datasets(order=("-recorded",), offset=offset, limit=limit)
    return [packages.package(item, settings.PUBLIC_URL) for item in page.items]


def package_autocomplete(given: Parameters) -> list[Json]:
    """Return names and titles of datasets that fit the words `q` (or `incomplete`); `limit` (10)."""
    words = reading.text(given, "q") or reading.text(given, "incomplete")
    limit = reading.whole(given, "limit", 10, most=100)
    page = catalog.select_datasets(words=read_query(words, []).words, limit=limit)
    return [
        {"match_displayed": item.title.ja, "match_field": "title", "name": item.slug, "title": item.title.ja}
        for item in page.items
    ]


def resource_show(given: Parameters) -> Json:
    """Return one resource by `id`."""
    return resource_of(reading.needed(given, "id"))[2]


def resource_search(given: Parameters) -> Json:
    """Return resources by `query`: one or several `field:term` with the fields name, description, url, format, id.

    `limit`, `offset`; the resources of the first thousand datasets that have such a resource are looked through.
    """
    conditions: list[Condition] = []
    terms: list[tuple[str, str]] = []
    for written in _filters(given, "query") or [reading.needed(given, "query")]:
        field, colon, term = written.partition(":")
        if not colon:
            raise Invalid("query", "Must be <field>:<value> pair(s)")
        if field not in _RESOURCE_FIELDS:
            raise Invalid("query", f'Field "{field[:40]}" not recognised in resource_search.')
        if field == "id":
            conditions.append(_one_of_distributions(distributions_meant(term.strip())))
        else:
            conditions.append(FieldIs(cast(Any, _RESOURCE_FIELDS[field]), term.strip()))
        terms.append((field, term.strip().lower()))
    page = catalog.select_datasets(condition=AllOf(tuple(conditions)), order=("uid",), limit=MOST_ROWS)
    found = [
        resource
        for item in page.items
        for resource in packages.resources(item, settings.PUBLIC_URL)
        if all(term in str(resource[field]).lower() for field, term in terms)
    ]
    offset = reading.whole(given, "offset", 0)
    limit = reading.whole(given, "limit", MOST_ROWS, most=MOST_ROWS)
    return {"count": len(found), "results": found[offset : offset + limit]}


def dataset_of(name_or_id: str) -> DatasetPage:
    """Return a published dataset; raises NotFound."""
    try:
        page = catalog.dataset_page(name_or_id, anonymous_standing())
    except DatasetUnknown:
        raise NotFound from None
    if page.state != "published":
        raise NotFound
    return page


def resource_of(identifier: str) -> tuple[DatasetPage, DistributionPage, Json]:
    """Return a resource with its dataset and distribution; raises NotFound."""
    meant = distributions_meant(identifier)
    found = catalog.select_datasets(condition=_one_of_distributions(meant), limit=1).items if meant else ()
    for page in found:
        distribution = next(one for one in page.distributions if one.uid in meant)
        resources = packages.resources(page, settings.PUBLIC_URL)
        for resource in resources:
            if resource["id"] == identifier.lower():
                return page, distribution, resource
        for resource in resources:
            if distribution.uid in distributions_meant(resource["id"]) and is_uid(identifier):
                return page, distribution, resource
    raise NotFound("Resource was not found.")


def _one_of_distributions(uids: tuple[str, ...]) -> Condition:
    return AnyOf(tuple(FieldIs("distribution", uid) for uid in uids))


def counted(fields: Iterable[str], condition: Condition = EVERYTHING, words: str = "") -> dict[str, Counter[str]]:
    """Return how often each value of each field occurs, kept until a dataset changes.

    Over the whole catalogue every value is counted; under a condition that fits very many, lists are reckoned.
    """
    whole = condition == EVERYTHING and not words
    stamp = (catalog.select_datasets(limit=0).total, catalog.recorded_last(limit=1))
    found: dict[str, Counter[str]] = {}
    for field in fields:
        key = "ckan-" + hashlib.sha256(repr((field, condition, words, None if whole else stamp)).encode()).hexdigest()
        known = cache.get(key)
        if known is None or (known[0] != stamp and time.time() > known[1]):
            known = (stamp, *_timed(field, condition, words, exact=whole))
            cache.set(key, known, _FACETS_KEPT_SECONDS)
        found[field] = known[2]
    return found


def _timed(field: str, condition: Condition, words: str, *, exact: bool) -> tuple[float, Counter[str]]:
    """Count, and say until when the counts are good enough whatever changes: a harvest changes something every second."""
    begun = time.time()
    counts = catalog.count_datasets((cast(Any, field),), condition=condition, words=words, exact=exact)[field]
    ended = time.time()
    took = ended - begun
    return ended + (_REST * took if took > _LONG_SECONDS else 0.0), counts


def _filters(given: Parameters, name: str) -> list[str]:
    value = given.get(name)
    if isinstance(value, list):
        return reading.several(given, name)
    text = reading.text(given, name)
    return [text] if text else []


def _facets(given: Parameters, asked: Asked, total: int) -> dict[str, dict[str, int]]:
    wished = reading.several(given, "facet.field")
    if not wished or not reading.truth(given, "facet", default=True) or len(wished) > 20:
        return {}
    raw = given.get("facet.limit")
    limit = 1_000 if str(raw) == "-1" else reading.whole(given, "facet.limit", 50, most=1_000)
    least = reading.whole(given, "facet.mincount", 1)
    counts = (
        counted({_FACETS[name] for name in wished if name in _FACETS}, asked.condition, asked.words) if total else {}
    )
    found: dict[str, dict[str, int]] = {}
    for name in wished:
        values: Counter[str] = Counter()
        for value, count in counts.get(_FACETS.get(name, ""), Counter()).items():
            values[_facet_value(name, value)] += count
        values.pop("", None)
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
        found[name[:60]] = {value: count for value, count in ordered[:limit] if count >= least}
    return found


def _facet_value(name: str, value: str) -> str:
    if name == "tags":
        return packages.tag_name(value)
    return packages.format_name(value) if name == "res_format" else value


def _search_facet(field: str, counts: dict[str, int]) -> Json:
    titles: dict[str, str] = {}
    if field == "organization":
        titles = {card.provider.slug: card.provider.name.ja for card in catalog.all_publishers(list(counts))}
    vocabulary = {"groups": "themes", "license_id": "licences", "area_codes": "areas", "access": "access",
                  "update_frequency": "frequencies"}.get(field)  # fmt: skip
    items = [
        {
            "name": value,
            "display_name": titles.get(value) or (catalog.label_of(vocabulary, value).ja if vocabulary else value),
            "count": count,
        }
        for value, count in counts.items()
    ]
    return {"title": field, "items": sorted(items, key=lambda item: str(item["display_name"]), reverse=True)}


def _with_original_keywords(condition: Condition) -> Condition:
    """Let a tag stand for every keyword that is shown as it."""
    match condition:
        case AllOf(parts):
            return AllOf(tuple(_with_original_keywords(part) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_with_original_keywords(part) for part in parts))
        case Not(part):
            return Not(_with_original_keywords(part))
        case FieldIs("keyword", value, False) if "-" in value:
            known = [word for word in counted(("keyword",))["keyword"] if packages.tag_name(word) == value]
            return AnyOf(tuple(FieldIs("keyword", word) for word in dict.fromkeys([value, *known[:50]])))
    return condition

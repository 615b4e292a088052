"""Counts of each facet's values: exact for what people look through, reckoned from a sample for what fits very many.

Every dataset carries one of 64 sample numbers by chance of its identifier. Beyond `EXACT` results the counts are taken
from as many samples as hold about `SAMPLED` results, multiplied up, and told to be reckoned.
"""

from __future__ import annotations

from typing import Any

import tantivy

from tdpf.controlplane.catalog.search.building import FILTER_FIELDS, build_filters, narrowed
from tdpf.controlplane.catalog.search.schema import FACET_FIELDS, SAMPLES, build_schema
from tdpf.controlplane.catalog.search.types import SearchFilters

EXACT = 10_000
SAMPLED = 6_000
_SIZE = 40
"""How many values of a facet are counted at most, the most frequent first."""

Counts = dict[str, dict[str, int]]


def count_facets(
    searcher: tantivy.Searcher, query: tantivy.Query, filters: SearchFilters, total: int
) -> tuple[Counts, bool]:
    """Return the counts by field and code among what the words and the other filters leave, and whether they are exact.

    A facet with a chosen value is counted without its own filter, so that its other values stay to be chosen.
    """
    schema = build_schema()
    own = {field: name for name, field in FILTER_FIELDS.items() if getattr(filters, name)}
    if filters.located is not None:
        own["located"] = "located"
    plain = [field for field in FACET_FIELDS if field not in own]
    counts: Counts = {}
    exact = True
    for fields, without in ([plain, ""], *([[field], name] for field, name in own.items())):
        limits = build_filters(schema, filters, without=str(without))
        wanted = narrowed(query, limits)
        size = total if not without else _size(searcher, wanted)
        times = 1.0
        if size > EXACT:
            samples = max(1, round(SAMPLES * SAMPLED / size))
            times = SAMPLES / samples
            numbers = tantivy.Query.term_set_query(schema, "sample", list(range(samples)))
            wanted = narrowed(query, [*limits, numbers])
            exact = False
        aggregations: dict[str, Any] = {field: {"terms": {"field": field, "size": _SIZE}} for field in fields}
        answer = searcher.aggregate(wanted, aggregations)
        for field in fields:
            counts[field] = {str(row["key"]): round(int(row["doc_count"]) * times) for row in answer[field]["buckets"]}
    return counts, exact


def _size(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    answer = searcher.aggregate(query, {"number": {"value_count": {"field": "modified"}}})
    return int(answer["number"]["value"])

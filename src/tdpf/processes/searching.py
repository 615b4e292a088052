"""`tdpf search`: the data library from a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from tdpf.controlplane.catalog.types import Explanation, SearchPage

_MOST = 100


def print_search(query: str, *, limit: int, as_json: bool, explain: bool = False) -> int:
    """Print what the search page would show; return 0, or 1 when nothing was found."""
    from tdpf.controlplane.catalog import queries

    page = queries.search(query, limit=min(limit, _MOST))
    told = {hit.uid: queries.explain_hit(query, dataset_uid=hit.uid) for hit in page.hits} if explain else {}
    if as_json:
        sys.stdout.write(_document(page, told) + "\n")
        return 0 if page.hits else 1
    for hit in page.hits:
        print(f"{hit.slug:<32} {hit.title.ja}（{hit.provider_name.ja}）")
        reasons = told.get(hit.uid)
        if reasons is not None:
            for each in reasons.contributions:
                print(f"    {each.points:8.3f}  {each.way}: {each.word}")
            if reasons.missing:
                print(f"              missing: {', '.join(reasons.missing)}")
    if page.suggestion:
        print(f"もしかして / did you mean: {page.suggestion}", file=sys.stderr)
    if not page.hits:
        print("見つかりませんでした / nothing found", file=sys.stderr)
    return 0 if page.hits else 1


def _document(page: SearchPage, told: dict[str, Explanation | None]) -> str:
    hits = [
        {
            "slug": hit.slug,
            "uid": hit.uid,
            "title": hit.title.ja,
            "provider": hit.provider_name.ja,
            "score": hit.score,
            "matched_fields": hit.matched_fields,
            **({"why": told[hit.uid]} if told else {}),
        }
        for hit in page.hits
    ]
    document = {
        "query": page.query,
        "total": page.total,
        "relaxed": page.relaxed,
        "suggestion": page.suggestion,
        "understood_areas": page.understood_areas,
        "hits": hits,
        "facets": {facet.name: {value.code: value.count for value in facet.values} for facet in page.facets},
        "facets_exact": page.facets_exact,
        "milliseconds": round(page.milliseconds, 2),
    }
    return orjson.dumps(document).decode()

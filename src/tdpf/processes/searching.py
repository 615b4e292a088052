"""`tdpf search`: the data library from a terminal."""

from __future__ import annotations

import sys

import orjson


def print_search(query: str, *, limit: int, as_json: bool) -> int:
    """Print what the search page would show; return 0, or 1 when nothing was found."""
    from tdpf.controlplane.catalog import queries

    page = queries.search(query, limit=limit)
    if as_json:
        found = [
            {"slug": hit.slug, "title": hit.title.ja, "provider": hit.provider_name.ja, "score": hit.score}
            for hit in page.hits
        ]
        sys.stdout.write(orjson.dumps({"query": query, "total": page.total, "hits": found}).decode() + "\n")
    else:
        for hit in page.hits:
            print(f"{hit.slug:<32} {hit.title.ja}（{hit.provider_name.ja}）")
        if not page.hits:
            print("見つかりませんでした / nothing found", file=sys.stderr)
    return 0 if page.hits else 1

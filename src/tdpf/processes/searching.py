"""`tdpf search`: the data library from a terminal."""

from __future__ import annotations

import sys

_MOST = 100


def print_search(query: str, *, limit: int, as_json: bool, explain: bool = False) -> int:
    """Print what the search page would show, or what `/api/v1/search` answers; return 0, or 1 when nothing was found."""
    from tdpf.controlplane.catalog import queries

    limit = min(limit, _MOST)
    page = queries.search(query, limit=limit)
    if as_json:
        from tdpf.faces.api.v1.searching import search_json

        sys.stdout.write(search_json(query, limit=limit, explain=explain).decode() + "\n")
        return 0 if page.hits else 1
    for hit in page.hits:
        print(f"{hit.slug:<32} {hit.title.ja}（{hit.provider_name.ja}）")
        reasons = queries.explain_hit(query, dataset_uid=hit.uid) if explain else None
        if reasons is not None:
            for each in reasons.contributions:
                print(f"    {each.points:8.3f}  {each.way}: {each.word}")
            if reasons.missing:
                print(f"              missing: {', '.join(reasons.missing)}")
    if page.suggestion:
        print(f"もしかして / did you mean: {page.suggestion}", file=sys.stderr)
    if not page.understood:
        print("読み取れることばがありません / there is no word in it", file=sys.stderr)
    elif not page.hits:
        print("見つかりませんでした / nothing found", file=sys.stderr)
    return 0 if page.hits else 1

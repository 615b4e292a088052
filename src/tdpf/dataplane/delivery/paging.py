"""What of a query string goes on into the links of a page."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from tdpf.dataplane.delivery.requests import NOT_PART_OF_THE_QUESTION, plain_name

_NOT_REPEATED = frozenset({"limit", "offset", "version", *NOT_PART_OF_THE_QUESTION})


def rest_of(query: str, also_not: AbstractSet[str] = frozenset()) -> str:
    """Return the query as it came, without paging, form and key, ready for more to be added."""
    kept = []
    for piece in query.split("&"):
        name = piece.partition("=")[0]
        if "%" in name or "+" in name:
            name = plain_name(name)
        if piece and name not in _NOT_REPEATED and name not in also_not:
            kept.append(piece + "&")
    return "".join(kept)
